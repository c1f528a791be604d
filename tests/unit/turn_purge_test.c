/* How long is "24 months": nobody is erased before that, counted by the calendar. */
#include "turn/purge.h"
#include "unit/check_main.h"

START_TEST(months_and_years_are_those_of_the_calendar)
{
	static const struct { const char *older, *since; } all[] = {{"6mo", "2026-05-23T"}, {"24 months", "2024-11-23T"}, {"2 years", "2024-11-23T"}, {"1y", "2025-11-23T"}, {"30 days", "2026-10-24T"}};
	struct arena *arena = arena_new();
	struct error error = {0};
	moment_t now = 0;
	ck_assert_int_eq(moment_parse(STR("2026-11-23T12:00:00Z"), &now, &error), 0);
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		struct turn_purge who;
		ck_assert_msg(turn_purge_who(NULL, str_of(all[i].older), (struct str){0}, now, arena, &who, &error) == 0, "%s", error.message);
		ck_assert_msg(str_starts(str_of(who.since), str_of(all[i].since)), "%s: %s", all[i].older, who.since);
	}
	arena_free(arena);
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(months_and_years_are_those_of_the_calendar),
};
UNIT_MAIN("turn/purge", cases)
