/* The statistics of backtests against figures worked out by hand, and against their definitions on small random data. */
#include "report/auc.h"
#include "report/lift.h"

#include "unit/check_main.h"

#include <math.h>
#include <stdlib.h>

static bool near(double a, double b)
{
	return fabs(a - b) < 1e-9;
}

/* 3 with, 4 without: pairs won 2+2+4 and ties ½+½ … by hand: 0.4 beats 0.1 0.2, ties 0.4, loses to 0.6 = 2.5; 0.5 beats 3 = 3; 0.9 beats 4 = 4; 9.5 of 12. */
START_TEST(the_auc_is_the_share_of_pairs_won_and_a_tie_is_half)
{
	const double scores[] = {0.1, 0.2, 0.4, 0.6, 0.4, 0.5, 0.9};
	const unsigned char outcome[] = {0, 0, 0, 0, 1, 1, 1};
	double placed[7];
	struct auc auc = auc_of(scores, outcome, 7, placed);
	ck_assert(near(auc.value, 9.5 / 12));
	ck_assert(near(placed[4], 2.5 / 4) && near(placed[5], 3.0 / 4) && near(placed[6], 1));
	ck_assert(near(placed[0], 1) && near(placed[1], 1) && near(placed[2], 2.5 / 3) && near(placed[3], 1.0 / 3));
	/* variances of (0.625 0.75 1) and (1 1 0.8333 0.3333): 0.0364583 / 3 + 0.0995370 / 4 */
	ck_assert(fabs(auc.variance - (0.036458333333 / 3 + 0.099537037037 / 4)) < 1e-9);
}
END_TEST

START_TEST(whole_scores_are_ranked_by_counting_and_give_the_same)
{
	double whole[7] = {1, 2, 4, 6, 4, 5, 9}, broken[7], placed[2][7];
	const unsigned char outcome[] = {0, 0, 0, 0, 1, 1, 1};
	for (int i = 0; i < 7; i++)
		broken[i] = whole[i] + 0.25;
	struct auc a = auc_of(whole, outcome, 7, placed[0]), b = auc_of(broken, outcome, 7, placed[1]);
	ck_assert(near(a.value, 9.5 / 12) && near(a.value, b.value) && near(a.variance, b.variance));
	for (int i = 0; i < 7; i++)
		ck_assert(near(placed[0][i], placed[1][i]));
	broken[0] = -1e300; /* far apart: nothing is counted into a table as long as that */
	ck_assert(near(auc_of(broken, outcome, 7, NULL).value, 9.5 / 12));
}
END_TEST

START_TEST(one_score_for_all_is_a_coin_and_one_kind_alone_is_nothing)
{
	const double scores[20] = {0};
	unsigned char outcome[20] = {0};
	for (int i = 0; i < 10; i++)
		outcome[i] = 1;
	struct auc auc = auc_of(scores, outcome, 20, NULL);
	struct interval range = auc_interval(&auc);
	ck_assert(near(auc.value, 0.5) && range.known && near(range.low, 0.5) && near(range.high, 0.5));
	struct auc none = auc_of(scores, outcome, 10, NULL), nobody = auc_of(scores, outcome, 0, NULL);
	ck_assert(isnan(none.value) && isnan(nobody.value) && !auc_interval(&none).known && !auc_interval(&nobody).known);
}
END_TEST

START_TEST(few_of_a_kind_have_no_interval_and_a_perfect_order_has_a_bound)
{
	double scores[40];
	unsigned char outcome[40];
	for (int i = 0; i < 40; i++) {
		scores[i] = i;
		outcome[i] = i >= 31;
	}
	struct auc few = auc_of(scores, outcome, 40, NULL); /* nine */
	ck_assert(near(few.value, 1) && !auc_interval(&few).known);
	outcome[30] = 1;
	struct auc ten = auc_of(scores, outcome, 40, NULL);
	struct interval range = auc_interval(&ten);
	ck_assert(range.known && near(range.high, 1) && near(range.low, pow(0.025, 0.1)));
}
END_TEST

/* Both scores placed the same but in one positive: the difference and its variance by hand. */
START_TEST(two_scores_of_the_same_rows_are_compared_pair_by_pair)
{
	const double a[] = {1, 2, 3, 4}, b[] = {1, 3, 2, 4};
	const unsigned char outcome[] = {0, 0, 1, 1};
	double placed[2][4];
	struct auc x = auc_of(a, outcome, 4, placed[0]), y = auc_of(b, outcome, 4, placed[1]);
	struct auc_difference d = auc_compare(placed[0], placed[1], outcome, 4);
	ck_assert(near(x.value, 1) && near(y.value, 0.75) && near(d.value, 0.25));
	/* positives differ by (½ 0), negatives by (0 ½): variance 0.125 each, over 2 each */
	ck_assert(near(d.variance, 0.125));
	d = auc_compare(placed[0], placed[0], outcome, 4);
	ck_assert(near(d.value, 0) && near(d.variance, 0));
}
END_TEST

/* Textbook: Wilson for 8 of 10 is 0.4902 to 0.9433; Newcombe's own example, 56/70 against 48/80: 0.0524 to 0.3339. */
START_TEST(intervals_of_shares_are_those_of_the_books)
{
	struct interval w = interval_share(8, 10), none = interval_share(0, 10), n = interval_shares(56, 70, 48, 80);
	ck_assert(w.known && fabs(w.low - 0.4901625) < 1e-6 && fabs(w.high - 0.9433178) < 1e-6);
	ck_assert(near(none.low, 0) && fabs(none.high - 0.2775328) < 1e-6);
	ck_assert(fabs(n.low - 0.0524) < 5e-5 && fabs(n.high - 0.3339) < 5e-5);
	ck_assert(!interval_share(0, 0).known && !interval_shares(1, 2, 0, 0).known);
	ck_assert(fabs(interval_normal(0.975) - interval_z95) < 1e-12 && fabs(interval_normal(0.5)) < 1e-12);
	ck_assert(fabs(interval_normal(1e-6) + 4.753424308822899) < 1e-9 && fabs(interval_normal(0.9995) - 3.290526731491926) < 1e-9);
}
END_TEST

/* Ten leads: 9 9 8 8 8 8 1 1 1 1, outcomes at 9 9, one of the 8, one of the 1. The best half cuts the four of score 8 after three: 2 + ¾ of 4. */
START_TEST(a_cut_through_equal_scores_takes_the_same_share_of_their_outcomes)
{
	const double scores[] = {8, 9, 1, 8, 1, 9, 8, 1, 8, 1};
	const unsigned char outcome[] = {1, 1, 0, 0, 0, 1, 0, 1, 0, 0};
	struct lift lift;
	struct lift_bin bins[10];
	lift_init(&lift, scores, outcome, 10);
	ck_assert(lift.count == 3 && lift.leads == 10 && lift.outcomes == 4);
	ck_assert(near(lift_reached(&lift, 0.5), 2.75) && near(lift_reached(&lift, 0.1), 1) && near(lift_reached(&lift, 1), 4) && near(lift_reached(&lift, 0), 0));
	ck_assert(lift_bins(&lift, bins, 10) == 3);
	ck_assert(near(bins[0].low, 1) && bins[0].leads == 4 && bins[2].outcomes == 2);
	/* shares ¼ ¼ 1: risen already */
	ck_assert(near(bins[0].fitted, 0.25) && near(bins[1].fitted, 0.25) && near(bins[2].fitted, 1));
	lift_fini(&lift);
}
END_TEST

START_TEST(bins_hold_whole_scores_and_what_falls_is_pooled)
{
	double scores[100];
	unsigned char outcome[100];
	struct lift lift;
	struct lift_bin bins[4];
	for (int i = 0; i < 100; i++) {
		int quarter = i / 25;
		scores[i] = quarter;                                      /* four scores */
		outcome[i] = i % 25 < (int[]){5, 15, 10, 20}[quarter];    /* 0.2 0.6 0.4 0.8 */
	}
	lift_init(&lift, scores, outcome, 100);
	ck_assert(lift_bins(&lift, bins, 4) == 4);
	ck_assert(near(bins[0].fitted, 0.2) && near(bins[1].fitted, 0.5) && near(bins[2].fitted, 0.5) && near(bins[3].fitted, 0.8));
	ck_assert(lift_bins(&lift, bins, 2) == 2 && bins[0].leads == 50 && bins[1].leads == 50);
	lift_fini(&lift);
	for (int i = 0; i < 100; i++)
		scores[i] = i < 3 ? 0 : 7; /* nearly all the same */
	lift_init(&lift, scores, outcome, 100);
	ck_assert(lift_bins(&lift, bins, 4) == 1 && bins[0].leads == 100 && near(bins[0].low, 0) && near(bins[0].high, 7));
	lift_fini(&lift);
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(the_auc_is_the_share_of_pairs_won_and_a_tie_is_half),
	UNIT(whole_scores_are_ranked_by_counting_and_give_the_same),
	UNIT(one_score_for_all_is_a_coin_and_one_kind_alone_is_nothing),
	UNIT(few_of_a_kind_have_no_interval_and_a_perfect_order_has_a_bound),
	UNIT(two_scores_of_the_same_rows_are_compared_pair_by_pair),
	UNIT(intervals_of_shares_are_those_of_the_books),
	UNIT(a_cut_through_equal_scores_takes_the_same_share_of_their_outcomes),
	UNIT(bins_hold_whole_scores_and_what_falls_is_pooled),
};
UNIT_MAIN("report/auc", cases)
