/* Tickets: a handle that is over finds nothing, for ever. */
#include "channel/tickets.h"
#include "unit/check_main.h"

START_TEST(a_handle_that_is_over_finds_nothing_even_when_its_slot_is_used_again)
{
	struct tickets tickets = {0};
	int a = 1, b = 2;
	struct nurture_handle first = tickets_take(&tickets, &a);
	ck_assert_ptr_eq(tickets_get(&tickets, first)->cookie, &a);
	tickets_give_back(&tickets, first);
	ck_assert_ptr_null(tickets_get(&tickets, first));
	struct nurture_handle second = tickets_take(&tickets, &b);
	ck_assert_uint_eq(second.id, first.id);
	ck_assert_ptr_null(tickets_get(&tickets, first));
	ck_assert_ptr_eq(tickets_get(&tickets, second)->cookie, &b);
	tickets_fini(&tickets);
}
END_TEST

START_TEST(a_handle_that_never_was_finds_nothing)
{
	struct tickets tickets = {0};
	ck_assert_ptr_null(tickets_get(&tickets, (struct nurture_handle){0}));
	(void)tickets_take(&tickets, NULL);
	ck_assert_ptr_null(tickets_get(&tickets, (struct nurture_handle){.id = 1000000, .generation = 1}));
	ck_assert_ptr_null(tickets_get(&tickets, (struct nurture_handle){.id = 2, .generation = 0}));
	tickets_fini(&tickets);
}
END_TEST

START_TEST(every_living_ticket_is_walked_once)
{
	struct tickets tickets = {0};
	struct nurture_handle handles[100], found;
	int seen = 0;
	for (int i = 0; i < 100; i++)
		handles[i] = tickets_take(&tickets, NULL);
	for (int i = 0; i < 100; i += 3)
		tickets_give_back(&tickets, handles[i]);
	for (uint32_t at = 0; tickets_next(&tickets, &at, &found); seen++)
		tickets_give_back(&tickets, found);
	ck_assert_int_eq(seen, 66);
	ck_assert_uint_eq(tickets.live, 0);
	tickets_fini(&tickets);
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(a_handle_that_is_over_finds_nothing_even_when_its_slot_is_used_again),
	UNIT(a_handle_that_never_was_finds_nothing),
	UNIT(every_living_ticket_is_walked_once),
};
UNIT_MAIN("channel/tickets", cases)
