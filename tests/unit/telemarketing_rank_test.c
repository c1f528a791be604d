/* In which order calls are offered (plugins/telemarketing/rank.h). */
#include "rank.h"

#include "unit/check_main.h"

static const int64_t MINUTE = INT64_C(60000000), HOUR = INT64_C(3600000000), DAY = INT64_C(86400000000), NOW = INT64_C(1800000000000000);

static int64_t key(enum rank_priority priority, int64_t points, int64_t queued_at, int64_t latest_at)
{
	return rank_key(&(struct rank_of){.priority = priority, .points = points, .queued_at = queued_at, .latest_at = latest_at, .point_us = 10 * MINUTE});
}

START_TEST(priority_comes_first_then_points_then_age)
{
	ck_assert(key(RANK_HIGH, 0, NOW, 0) < key(RANK_NORMAL, RANK_POINTS_MOST, NOW - 30 * DAY, 0));
	ck_assert(key(RANK_NORMAL, 0, NOW, 0) < key(RANK_LOW, RANK_POINTS_MOST, NOW, 0));
	ck_assert(key(RANK_NORMAL, 80, NOW, 0) < key(RANK_NORMAL, 20, NOW, 0));
	ck_assert(key(RANK_NORMAL, 20, NOW - DAY, 0) < key(RANK_NORMAL, 20, NOW, 0));
}
END_TEST

START_TEST(a_point_is_worth_so_many_minutes_of_waiting_and_no_call_starves)
{
	ck_assert(key(RANK_NORMAL, 6, NOW, 0) == key(RANK_NORMAL, 0, NOW - HOUR, 0));
	ck_assert(key(RANK_NORMAL, 0, NOW - 2 * HOUR, 0) < key(RANK_NORMAL, 6, NOW, 0));
	/* what waited long enough comes before every new one of its priority */
	ck_assert(key(RANK_NORMAL, 0, NOW - RANK_POINTS_MOST * 10 * MINUTE - 1, 0) < key(RANK_NORMAL, RANK_POINTS_MOST, NOW, 0));
}
END_TEST

START_TEST(what_must_be_done_soon_comes_before_what_has_time)
{
	ck_assert(key(RANK_NORMAL, 0, NOW, NOW + HOUR) < key(RANK_NORMAL, 0, NOW, NOW + 2 * HOUR));
	ck_assert(key(RANK_NORMAL, 0, NOW, NOW + HOUR) < key(RANK_NORMAL, 0, NOW, 0));
	ck_assert(key(RANK_NORMAL, 0, NOW, NOW + 9 * DAY) == key(RANK_NORMAL, 0, NOW, 0));
	ck_assert(key(RANK_HIGH, 0, NOW, 0) < key(RANK_NORMAL, 0, NOW, NOW + MINUTE));
}
END_TEST

START_TEST(callbacks_come_before_all_in_their_order)
{
	ck_assert(rank_callback(NOW + DAY) < key(RANK_HIGH, RANK_POINTS_MOST, NOW - 1000 * DAY, NOW));
	ck_assert(rank_callback(NOW) < rank_callback(NOW + 1));
}
END_TEST

START_TEST(points_are_numbers)
{
	static const struct { const char *text; bool good; int64_t points; } all[] = {
		{"", true, 0}, {" 12\n", true, 12}, {"12.6", true, 13}, {"-3", true, -3}, {"1e9", true, RANK_POINTS_MOST}, {"-1e300", true, -RANK_POINTS_MOST},
		{"twelve", false, 0}, {"12 13", false, 0}, {"nan", false, 0}, {"inf", false, 0}, {"1e999", false, 0}, {"0x10", true, 16}, {"12,5", false, 0}};
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		int64_t points = 7;
		ck_assert_msg(rank_points_read(all[i].text, &points) == all[i].good, "%s", all[i].text);
		if (all[i].good)
			ck_assert_msg(points == all[i].points, "%s", all[i].text);
	}
	enum rank_priority priority;
	ck_assert(rank_priority_read("high", &priority) && priority == RANK_HIGH);
	ck_assert(!rank_priority_read("1", &priority));
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(priority_comes_first_then_points_then_age),
	UNIT(a_point_is_worth_so_many_minutes_of_waiting_and_no_call_starves),
	UNIT(what_must_be_done_soon_comes_before_what_has_time),
	UNIT(callbacks_come_before_all_in_their_order),
	UNIT(points_are_numbers),
};
UNIT_MAIN("telemarketing/rank", cases)
