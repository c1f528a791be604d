/* Learning points: invented leads whose outcomes follow known weights. The dice are our own, so that every run sees the same leads. */
#include "base/mem.h"
#include "report/fit.h"
#include "unit/check_main.h"

#include <math.h>

enum { RULES = 8 };
static struct dataset data;
static struct fit fit;
static struct error error;
static uint64_t state;

static double dice(void) /* 0 … 1 */
{
	state += UINT64_C(0x9e3779b97f4a7c15);
	uint64_t x = state;
	x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
	return (double)((x ^ (x >> 31)) >> 11) / 9007199254740992.0;
}

static char *choices[] = {(char *)"now", (char *)"soon"};

/* two good rules, a bad one, one that says nothing, one never, one always, one that counts to 5, one that chooses. */
static const struct {
	const char *name;
	enum dataset_rule_kind kind;
	double share, weight;
} rules[RULES] = {
	{"strong", DATASET_ONCE, 0.3, 2},   {"weak", DATASET_ONCE, 0.5, 0.7},   {"wrong way", DATASET_ONCE, 0.4, -1.2}, {"noise", DATASET_ONCE, 0.5, 0},
	{"never", DATASET_ONCE, 0, 0},      {"always", DATASET_ONCE, 1, 0},     {"counts", DATASET_COUNTED, 0.5, 0.4},   {"chooses", DATASET_CHOSEN, 1, 1.5},
};

static void begin(int from, int to, size_t first, size_t count)
{
	dataset_init(&data);
	data.models = mem_array(1, sizeof *data.models);
	data.models[0] = (struct dataset_model){.name = mem_dup("m"), .title = mem_dup("M"), .from = from, .to = to};
	data.model_count = 1;
	data.model = 0;
	data.rules = mem_array(count, sizeof *data.rules);
	data.rule_count = count;
	data.outcome_verb = mem_dup("opportunity.won");
	data.against_verb = mem_dup("opportunity.lost");
	data.revision = mem_dup("r");
	for (size_t i = 0; i < count; i++) {
		data.rules[i] = (struct dataset_rule){.name = mem_dup(rules[first + i].name), .place = mem_dup("m.lua:1"), .kind = rules[first + i].kind};
		if (rules[first + i].kind != DATASET_CHOSEN)
			continue;
		data.rules[i].choices = mem_array(2, sizeof(char *));
		data.rules[i].choices[0] = mem_dup(choices[0]);
		data.rules[i].choices[1] = mem_dup(choices[1]);
		data.rules[i].choice_count = 2;
	}
	state = 42;
}

/* What the rule says of a new lead, as the weighted value. */
static double put_rule(size_t row, size_t at, size_t which)
{
	struct dataset_rule *rule = &data.rules[at];
	if (rule->kind == DATASET_CHOSEN) {
		int choice = (int)(dice() * 3) - 1; /* otherwise, now, soon */
		dataset_put(&rule->chosen, row, choice);
		dataset_put_units(rule, row, 1);
		return rules[which].weight * (choice == 0 ? 1 : choice == 1 ? 0.5 : 0);
	}
	double units = dice() < rules[which].share ? rule->kind == DATASET_COUNTED ? floor(dice() * 5) + 1 : 1 : 0;
	dataset_put_units(rule, row, units);
	return units * rules[which].weight;
}

/* old: points of the model as it is. late: weights of the newest fifth are turned around. */
static void fill(size_t first, size_t leads, double base, bool noise, bool late)
{
	for (size_t i = 0; i < leads; i++) {
		size_t row = dataset_add(&data, (int64_t)i << 6, (moment_t)i * MOMENT_DAY, false, true);
		double sum = 0;
		for (size_t k = 0; k < data.rule_count; k++)
			sum += put_rule(row, k, first + k);
		if (late && i >= leads * 4 / 5)
			sum = -sum;
		data.outcome[row] = dice() < (noise ? 0.3 : 1 / (1 + exp(-base - sum)));
		data.positives += data.outcome[row];
		dataset_put(&data.models[0].points, row, 7); /* all alike */
	}
}

static void end(void)
{
	fit_fini(&fit);
	dataset_fini(&data);
}

static void learned(enum fit_split split, uint64_t seed)
{
	ck_assert_msg(fit_learn(&data, split, seed, &fit, &error) == 0, "%s", error.message);
}

START_TEST(points_follow_the_weights_that_made_the_outcomes)
{
	begin(0, 100, 0, RULES);
	fill(0, 4000, -2.5, false, false);
	learned(FIT_BY_FOLDS, 1);
	const struct fit_rule *r = fit.rules;
	double unit = r[0].points / 2;
	ck_assert_double_gt(r[0].points, 10);
	ck_assert_double_eq_tol(r[1].points / unit, 0.7, 0.25);
	ck_assert_double_eq_tol(r[2].points / unit, -1.2, 0.3);
	ck_assert_double_eq_tol(r[3].points / unit, 0, 0.2);
	ck_assert_double_eq_tol(r[6].points / unit, 0.4, 0.1); /* each time */
	ck_assert_double_eq_tol((r[7].cases[0] - r[7].cases[2]) / unit, 1.5, 0.3);
	ck_assert_double_eq_tol((r[7].cases[1] - r[7].cases[2]) / unit, 0.75, 0.3);
	ck_assert_int_eq(r[0].folds, FIT_FOLDS);
	ck_assert_int_eq(r[4].word, FIT_NEVER);
	ck_assert_double_eq(r[4].points, 0);
	ck_assert_int_eq(r[5].word, FIT_ALWAYS);
	ck_assert(fit.can_shift && fit.at_from * 100 < fit.leads);
	end();
}
END_TEST

START_TEST(scores_stay_in_the_models_range_and_use_it)
{
	static const int ranges[][2] = {{0, 100}, {0, 12}, {-50, 50}, {100, 1000}, {-20, 0}};
	for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
		double low = INFINITY, high = -INFINITY;
		begin(ranges[i][0], ranges[i][1], 0, RULES);
		fill(0, 1500, -2.5, false, false);
		learned(FIT_BY_FOLDS, 1);
		for (size_t row = 0; row < data.count; row++) {
			double score = fit_score(&data, fit.rules, row);
			low = fmin(low, score), high = fmax(high, score);
		}
		ck_assert_double_ge(low, ranges[i][0]);
		ck_assert_double_le(high, ranges[i][1]);
		ck_assert_double_ge(high - low, 0.8 * (ranges[i][1] - ranges[i][0]));
		ck_assert_double_gt(fit.fresh.auc.value, ranges[i][1] == 12 ? 0.75 : 0.8);
		end();
	}
}
END_TEST

static double auc_of_all(void)
{
	double *scores = mem_array(data.count, sizeof *scores);
	for (size_t i = 0; i < data.count; i++)
		scores[i] = fit_score(&data, fit.rules, i);
	double auc = auc_of(scores, data.outcome, data.count, NULL).value;
	free(scores);
	return auc;
}

START_TEST(what_is_said_of_noise_is_that_it_is_noise)
{
	double sum = 0, learned_from = 0;
	for (uint64_t seed = 1; seed <= 4; seed++) {
		begin(0, 100, 0, RULES);
		state = seed * 1000;
		fill(0, 600, 0, true, false);
		learned(FIT_BY_FOLDS, seed);
		sum += fit.fresh.auc.value / 4;
		learned_from += auc_of_all() / 4;
		for (size_t i = 0; i < fit.rule_count; i++)
			fit.rules[i].weight = i % 2 ? 0.049 : -0.049; /* the whole scale would be made of such weights */
		ck_assert(fit_tells_nothing(&fit));
		fit.rules[1].weight = -0.06;
		ck_assert(!fit_tells_nothing(&fit));
		end();
	}
	ck_assert_double_eq_tol(sum, 0.5, 0.03);
	ck_assert_double_gt(learned_from, 0.54); /* what would be said without keeping leads away */
}
END_TEST

START_TEST(a_split_by_time_judges_by_the_newest_fifth)
{
	begin(0, 100, 0, RULES);
	fill(0, 3000, 0, false, true);
	learned(FIT_TIME, 1);
	ck_assert_uint_eq(fit.held_leads, 600);
	ck_assert_double_lt(fit.fresh.auc.value, 0.3); /* the world turned around */
	fit_fini(&fit);
	learned(FIT_RANDOM, 1);
	ck_assert_double_gt(fit.fresh.auc.value, 0.55);
	ck_assert_double_gt((double)fit.held_leads, 500);
	ck_assert_double_eq(fit.old.auc.value, 0.5); /* all alike */
	ck_assert_uint_eq(fit.held_leads + fit.leads, 3000);
	end();
}
END_TEST

START_TEST(the_same_seed_gives_the_same_points_and_another_seed_another_split)
{
	struct fit first;
	begin(0, 100, 0, RULES);
	fill(0, 1500, -2, false, false);
	learned(FIT_RANDOM, 5);
	first = fit;
	learned(FIT_RANDOM, 5);
	for (size_t i = 0; i < RULES; i++)
		ck_assert_double_eq(first.rules[i].points, fit.rules[i].points);
	ck_assert_double_eq(first.fresh.auc.value, fit.fresh.auc.value);
	fit_fini(&fit);
	learned(FIT_RANDOM, 6);
	ck_assert(first.fresh.auc.value != fit.fresh.auc.value);
	fit_fini(&first);
	end();
}
END_TEST

START_TEST(without_a_rule_that_always_holds_nothing_can_lift_who_is_below)
{
	begin(0, 100, 0, 3);
	fill(0, 2000, 0, false, false);
	learned(FIT_BY_FOLDS, 1);
	ck_assert(!fit.can_shift);
	ck_assert_uint_gt(fit.at_from, 0);
	ck_assert_double_lt(fit.rules[2].points, 0);
	end();
}
END_TEST

START_TEST(a_rule_that_knows_the_outcome_is_asked_about)
{
	begin(0, 100, 0, RULES);
	fill(0, 1000, 0, false, false);
	for (size_t row = 0; row < data.count; row++)
		dataset_put_units(&data.rules[3], row, data.outcome[row]);
	learned(FIT_BY_FOLDS, 1);
	ck_assert(fit.rules[3].alone);
	ck_assert(!fit.rules[0].alone);
	ck_assert_double_gt(fit.fresh.auc.value, 0.99);
	json_t *json = fit_json(&data, &fit);
	char *text = json_dumps(json, 0);
	ck_assert_ptr_nonnull(strstr(text, "consequence"));
	free(text);
	json_decref(json);
	end();
}
END_TEST

static void refused(enum fit_split split, const char *part)
{
	ck_assert_int_eq(fit_learn(&data, split, 1, &fit, &error), -1);
	ck_assert_msg(strstr(error.message, part) != NULL, "“%s” does not say “%s”", error.message, part);
	end();
}

START_TEST(too_little_is_refused_with_the_number_that_is_needed)
{
	begin(0, 100, 0, RULES);
	refused(FIT_BY_FOLDS, "0 leads with opportunity.won and 0 without; 50 of each are needed");
	begin(0, 100, 0, RULES);
	fill(0, 500, -12, false, false);
	refused(FIT_BY_FOLDS, "50 of each are needed");
	begin(0, 100, 0, RULES);
	fill(0, 500, 20, false, false);
	refused(FIT_RANDOM, "too little to learn from");
	begin(0, 100, 4, 2); /* never, always */
	fill(4, 500, 0, false, false);
	refused(FIT_BY_FOLDS, "no rule of the model tells these leads apart");
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(points_follow_the_weights_that_made_the_outcomes),
	UNIT(scores_stay_in_the_models_range_and_use_it),
	UNIT(what_is_said_of_noise_is_that_it_is_noise),
	UNIT(a_split_by_time_judges_by_the_newest_fifth),
	UNIT(the_same_seed_gives_the_same_points_and_another_seed_another_split),
	UNIT(without_a_rule_that_always_holds_nothing_can_lift_who_is_below),
	UNIT(a_rule_that_knows_the_outcome_is_asked_about),
	UNIT(too_little_is_refused_with_the_number_that_is_needed),
};
UNIT_MAIN("report: points learned from outcomes", cases)
