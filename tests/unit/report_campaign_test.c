/* What is said of a campaign's goal, against figures worked out by hand and those of the books. */
#include "report/campaign.h"
#include "report/winner.h"

#include "unit/check_main.h"

#include <math.h>
#include <string.h>

/* Fleiss: 1.959964 · √(2 · 0.55 · 0.45) + 0.841621 · √(0.24 + 0.25) = 1.968092; its square by 0.1² = 387.3. Of 0.10 and 0.05: 1.042152² / 0.05² = 434.4. */
START_TEST(the_sample_is_that_of_the_books)
{
	ck_assert(uplift_cases(0.6, 0.5, 1) == 388 && uplift_cases(0.5, 0.6, 1) == 388);
	ck_assert(uplift_cases(0.10, 0.05, 1) == 435);
	/* nine to one: mean (0.2 + 9 · 0.1) / 10 = 0.11; 1.959964 · √(10 · 0.11 · 0.89) + 0.841621 · √(9 · 0.16 + 0.09) = 2.980303; its square by 9 · 0.1² = 98.7 */
	ck_assert(uplift_cases(0.2, 0.1, 9) == 99);
}
END_TEST

/* Newcombe 1998, table II (a): 56 of 70 and 48 of 80: 0.2, 0.0524 to 0.3339. */
START_TEST(a_difference_is_known_when_its_interval_does_not_hold_nought)
{
	struct uplift u = uplift_of((struct group){70, 56}, (struct group){80, 48}), back = uplift_of((struct group){80, 48}, (struct group){70, 56});
	ck_assert(u.known && fabs(u.difference - 0.2) < 1e-12 && fabs(u.interval.low - 0.0524) < 5e-5 && fabs(u.interval.high - 0.3339) < 5e-5);
	ck_assert(back.known && back.difference < 0 && fabs(back.interval.high + 0.0524) < 5e-5);
	u = uplift_of((struct group){100, 60}, (struct group){100, 50});
	ck_assert(!u.known && u.interval.low < 0 && u.interval.high > 0 && u.needed == 776 && u.missing == 576);
}
END_TEST

START_TEST(nothing_is_known_of_nobody_and_no_sample_tells_a_difference_of_nothing)
{
	struct uplift u = uplift_of((struct group){0, 0}, (struct group){10, 3});
	ck_assert(!u.known && !u.interval.known && isnan(u.difference) && isnan(u.needed));
	u = uplift_of((struct group){50, 5}, (struct group){10, 1});
	ck_assert(!u.known && u.interval.known && isnan(u.needed) && isnan(u.missing));
	u = uplift_of((struct group){5, 0}, (struct group){5, 0});
	ck_assert(!u.known && u.interval.known && isnan(u.missing));
}
END_TEST

static json_t *row_of(int assigned, int won, int held_out, int won_without)
{
	return json_pack("{s:s, s:i, s:i, s:i, s:s, s:s, s:s, s:{s:{s:i, s:i}, s:{s:i, s:i}, s:{s:i, s:i}, s:{s:i, s:i}}, s:[{s:s, s:i}, {s:s, s:i}], s:[], s:[]}", "campaign", "drip",
			 "leads", assigned + held_out, "inside", 3, "parked", 0, "first_entered_at", "2027-01-02T00:00:00Z", "last_entered_at", "2027-02-03T00:00:00Z", "revision",
			 "0123456789abcdef", "goal", "all", "leads", assigned + held_out, "converted", won + won_without, "assigned", "leads", assigned, "converted", won,
			 "held_out", "leads", held_out, "converted", won_without, "touched", "leads", assigned / 2, "converted", won / 2, "steps", "step", "old", "reached", 4, "step",
			 "second", "reached", 9, "splits", "revisions");
}

static char *told(json_t *report)
{
	static char text[8192];
	struct buf out = {0};
	report_campaign_text(report, &out);
	snprintf(text, sizeof text, "%s", out.p);
	buf_fini(&out);
	json_decref(report);
	return text;
}

START_TEST(uplift_is_told_only_when_it_is_known)
{
	struct report_campaign_of of = {.name = "drip", .title = "Drip"};
	const char *text = told(report_campaign(row_of(70, 56, 80, 48), &of));
	ck_assert_ptr_nonnull(strstr(text, "Meant to be contacted against held out: +20.0 percentage points (95 %: +5.2 to +33.4).\n"));
	ck_assert_ptr_null(strstr(text, "not yet known"));
	text = told(report_campaign(row_of(100, 60, 100, 50), &of));
	ck_assert_ptr_nonnull(strstr(text, "held out: not yet known. +10.0 percentage points"));
	ck_assert_ptr_nonnull(strstr(text, "776 leads are needed in all: 576 more."));
	text = told(report_campaign(row_of(100, 60, 0, 0), &of));
	ck_assert_ptr_nonnull(strstr(text, "Nobody was held out: what would have happened without the campaign is not yet known."));
	ck_assert_ptr_nonnull(strstr(text, "meant to be contacted"));
}
END_TEST

START_TEST(steps_stand_as_in_the_playbook_and_those_that_are_gone_behind_them)
{
	const char *const steps[] = {"first", "second"};
	struct report_campaign_of of = {"drip", "Drip", steps, 2};
	json_t *report = report_campaign(row_of(10, 1, 1, 0), &of), *rows = json_object_get(report, "steps");
	ck_assert(json_array_size(rows) == 3);
	ck_assert_str_eq(json_string_value(json_object_get(json_array_get(rows, 0), "step")), "first");
	ck_assert(json_integer_value(json_object_get(json_array_get(rows, 0), "reached")) == 0);
	ck_assert(json_integer_value(json_object_get(json_array_get(rows, 1), "reached")) == 9);
	ck_assert_str_eq(json_string_value(json_object_get(json_array_get(rows, 2), "step")), "old");
	json_decref(report);
}
END_TEST

START_TEST(of_a_campaign_that_nobody_entered_just_that_is_said)
{
	struct report_campaign_of of = {.name = "drip", .title = "Drip"};
	json_t *report = report_campaign(NULL, &of), *uplift = json_object_get(json_object_get(report, "goal"), "uplift");
	ck_assert(json_is_null(json_object_get(uplift, "difference")) && json_is_null(json_object_get(uplift, "interval")) && json_is_false(json_object_get(uplift, "known")));
	ck_assert_str_eq(json_string_value(json_object_get(uplift, "verdict")), "not yet known");
	ck_assert_str_eq(told(report), "drip: Drip\nNobody has entered it yet.\n");
}
END_TEST

START_TEST(variants_of_a_split_are_compared_pair_by_pair)
{
	struct report_campaign_of of = {.name = "drip", .title = "Drip"};
	json_t *row = row_of(150, 104, 0, 0);
	json_object_set_new(row, "splits", json_pack("[{s:s, s:[{s:s, s:i, s:i}, {s:s, s:i, s:i}, {s:s, s:i, s:i}]}]", "step", "offer", "variants", "variant", "long", "leads", 70,
						     "converted", 56, "variant", "short", "leads", 80, "converted", 48, "variant", "none", "leads", 0, "converted", 0));
	json_t *report = report_campaign(row, &of), *split = json_array_get(json_object_get(report, "splits"), 0), *pairs = json_object_get(split, "comparisons");
	ck_assert(json_array_size(pairs) == 3);
	ck_assert_str_eq(json_string_value(json_object_get(json_array_get(pairs, 0), "verdict")), "more");
	ck_assert_str_eq(json_string_value(json_object_get(json_array_get(pairs, 1), "verdict")), "not yet known");
	const char *text = told(report);
	ck_assert_ptr_nonnull(strstr(text, "Split of step offer\n"));
	ck_assert_ptr_nonnull(strstr(text, "long against short: +20.0 percentage points (95 %: +5.2 to +33.4).\n"));
	ck_assert_ptr_nonnull(strstr(text, "long against none: not yet known; one of them has no leads.\n"));
}
END_TEST

/* Two ways as in Newcombe's table; a third that is as good as the best makes it unknown, and three ways ask for more than two. */
START_TEST(a_winner_is_the_best_of_all_and_known_to_be)
{
	const struct group clear[] = {{80, 48}, {70, 56}}, tied[] = {{80, 48}, {70, 56}, {70, 56}}, three[] = {{80, 48}, {70, 56}, {80, 48}};
	ck_assert_int_eq(winner_of(clear, 2, 0.05), 1);
	ck_assert_int_eq(winner_of(clear, 2, 0.001), -1);
	ck_assert_int_eq(winner_of(tied, 3, 0.05), -1);
	ck_assert_int_eq(winner_of(three, 3, 0.05), 1);
	ck_assert_int_eq(winner_of(three, 3, 0.02), -1);
	ck_assert_int_eq(winner_of((const struct group[]){{0, 0}, {70, 56}}, 2, 0.05), -1);
	ck_assert_int_eq(winner_of(clear, 1, 0.05), -1);
	double all = 0;
	for (int look = 0; look < 30; look++)
		all += winner_error(0.05, look);
	ck_assert(all <= 0.05 && winner_error(0.05, 0) == 0.025);
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(a_winner_is_the_best_of_all_and_known_to_be),
	UNIT(the_sample_is_that_of_the_books),
	UNIT(a_difference_is_known_when_its_interval_does_not_hold_nought),
	UNIT(nothing_is_known_of_nobody_and_no_sample_tells_a_difference_of_nothing),
	UNIT(uplift_is_told_only_when_it_is_known),
	UNIT(steps_stand_as_in_the_playbook_and_those_that_are_gone_behind_them),
	UNIT(of_a_campaign_that_nobody_entered_just_that_is_said),
	UNIT(variants_of_a_split_are_compared_pair_by_pair),
};
UNIT_MAIN("report/campaign", cases)
