/* Answers of whom only an address names: so many a day. */
#include "delivery/strangers.h"

#include "unit/check_main.h"

#include <stdio.h>

static struct strangers strangers;

START_TEST(one_address_has_so_many_a_day_and_others_have_theirs)
{
	moment_t now = 20000 * MOMENT_DAY;
	strangers = (struct strangers){0};
	for (int i = 0; i < STRANGERS_ONE; i++)
		ck_assert(strangers_let(&strangers, STR("a@example.com"), now + i));
	ck_assert(!strangers_let(&strangers, STR("a@example.com"), now + MOMENT_HOUR));
	ck_assert(strangers_let(&strangers, STR("b@example.com"), now + MOMENT_HOUR));
	ck_assert(strangers_let(&strangers, STR("a@example.com"), now + MOMENT_DAY));
}
END_TEST

START_TEST(all_together_have_so_many_a_day)
{
	int let = 0;
	char address[40];
	strangers = (struct strangers){0};
	for (int i = 0; i < 3 * STRANGERS_ALL; i++) {
		int n = snprintf(address, sizeof address, "%d@example.com", i);
		let += strangers_let(&strangers, (struct str){address, (size_t)n}, MOMENT_DAY);
	}
	ck_assert_int_eq(let, STRANGERS_ALL);
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(one_address_has_so_many_a_day_and_others_have_theirs),
	UNIT(all_together_have_so_many_a_day),
};
UNIT_MAIN("delivery/strangers", cases)
