/* What a backtest says: rules that carry, rules that point the wrong way, what is not yet known; and how it looks. Datasets are made by hand. */
#include "report/backtest.h"

#include "base/mem.h"
#include "base/str.h"

#include "unit/check_main.h"

#include <math.h>
#include <string.h>

enum { ROWS = 4000 };

static uint32_t dice_state = 7;
static int dice(int sides)
{
	dice_state = dice_state * 1664525 + 1013904223;
	return (int)((dice_state >> 8) % (uint32_t)sides);
}

static void add_rule(struct dataset *d, const char *name)
{
	d->rules[d->rule_count++] = (struct dataset_rule){.name = mem_dup(name), .place = mem_dup("scoring.lua:3")};
}

/* Two models, two axes of grades, five rules of the first. */
static void shape(struct dataset *d)
{
	dataset_init(d);
	d->models = mem_array(2, sizeof *d->models);
	d->models[0] = (struct dataset_model){.name = mem_dup("fit"), .title = mem_dup("Who\x1b[31m they are"), .from = -1000, .to = 1000};
	d->models[1] = (struct dataset_model){.name = mem_dup("acts"), .title = mem_dup("What they do"), .from = 0, .to = 1000};
	d->model_count = 2;
	d->model = 0;
	d->rules = mem_array(8, sizeof *d->rules);
	add_rule(d, "a good sign");
	add_rule(d, "a bad sign taken for a good one");
	add_rule(d, "noise that is called by a very long name, which nobody would read to its end if it were shown");
	add_rule(d, "nobody");
	add_rule(d, "everybody\x1b[2J\n");
	d->tables = mem_array(1, sizeof *d->tables);
	d->tables[0] = (struct dataset_table){.name = mem_dup("main"), .model = -1, .letter_axis = 0, .digit_axis = 1, .grade_count = 2, .band_count = 1};
	d->tables[0].grades = mem_array(2, sizeof(char *));
	d->tables[0].bands = mem_array(1, sizeof(char *));
	d->tables[0].grades[0] = mem_dup("A1");
	d->tables[0].grades[1] = mem_dup("B1");
	d->tables[0].bands[0] = mem_dup("ready");
	d->table_count = 1;
	d->revision = mem_dup("0123456789abcdef0123");
	d->outcome_verb = mem_dup("opportunity.won");
	d->against_verb = mem_dup("opportunity.lost");
	d->from = INT64_MIN;
	d->to = INT64_C(1700000000) * MOMENT_SECOND;
}

static void add_row(struct dataset *d, bool outcome, const int points[5], int acts)
{
	size_t row = dataset_add(d, (int64_t)(d->count + 1) << 6, d->to, outcome, d->count % 3 == 0);
	int sum = 0;
	for (int r = 0; r < 5; r++) {
		dataset_put(&d->rules[r].points, row, points[r]);
		dataset_put_units(&d->rules[r], row, points[r] != 0);
		sum += points[r];
	}
	dataset_put(&d->models[0].points, row, sum);
	dataset_put(&d->models[1].points, row, acts);
	dataset_put(&d->tables[0].grade, row, sum > 10 ? 1 : 2);
	dataset_put(&d->tables[0].band, row, sum > 10);
}

/* The outcome hangs on the first rule, against the second, on what the lead does; not on the third. */
static void fill(struct dataset *d, int rows)
{
	for (int i = 0; i < rows; i++) {
		bool good = dice(2), bad = dice(2), noise = dice(2);
		int acts = dice(50), chance = 12 + (good ? 15 : 0) - (bad ? 8 : 0) + acts / 5;
		const int points[5] = {good ? 20 : 0, bad ? 10 : 0, noise ? 3 : 0, 0, 5};
		add_row(d, dice(100) < chance, points, acts);
	}
}

static const json_t *rule_of(const json_t *result, size_t i)
{
	return json_array_get(json_object_get(result, "rules"), i);
}

static const char *weight(const json_t *result, size_t i)
{
	return json_string_value(json_object_get(rule_of(result, i), "weight"));
}

static double number(const json_t *json, const char *key)
{
	return json_number_value(json_object_get(json, key));
}

START_TEST(rules_that_carry_and_rules_that_point_the_wrong_way_are_told_apart)
{
	struct dataset d;
	shape(&d);
	fill(&d, ROWS);
	json_t *r = backtest_json(&d, NULL);
	ck_assert_str_eq(json_string_value(json_object_get(r, "verdict")), "known");
	ck_assert_str_eq(weight(r, 0), "carries");
	ck_assert_str_eq(weight(r, 1), "wrong way");
	ck_assert_str_eq(weight(r, 2), "not yet known");
	ck_assert_str_eq(weight(r, 3), "never");
	ck_assert_str_eq(weight(r, 4), "always");
	ck_assert(number(rule_of(r, 0), "rate") > number(rule_of(r, 0), "rate_without") && number(rule_of(r, 0), "drop") > 0.03);
	ck_assert(number(rule_of(r, 1), "drop") < 0 && json_is_null(json_object_get(rule_of(r, 4), "rate_without")));
	const json_t *axes = json_object_get(r, "axes");
	double both = number(json_object_get(axes, "together"), "auc");
	ck_assert(both > number(json_object_get(axes, "letter"), "auc") && both > number(json_object_get(axes, "digit"), "auc"));
	ck_assert_str_eq(json_string_value(json_object_get(axes, "words")), "acts adds to fit; fit adds to acts.");
	ck_assert(json_is_null(json_object_get(r, "compare")));
	json_decref(r);
	dataset_fini(&d);
}
END_TEST

START_TEST(few_outcomes_give_not_yet_known_and_no_noise)
{
	struct dataset d;
	const int points[2][5] = {{20, 0, 3, 0, 5}, {0, 10, 0, 0, 5}};
	shape(&d);
	for (int i = 0; i < 300; i++)
		add_row(&d, i % 40 == 0, points[i % 40 != 0], i % 7); /* eight, and the first rule knows them all */
	json_t *r = backtest_json(&d, NULL);
	ck_assert_str_eq(json_string_value(json_object_get(r, "verdict")), "few");
	ck_assert(json_is_null(json_object_get(json_object_get(r, "auc"), "interval")) && json_is_null(json_object_get(r, "rises")));
	for (size_t i = 0; i < 3; i++)
		ck_assert_str_eq(weight(r, i), "not yet known");
	ck_assert(json_is_null(json_object_get(json_object_get(r, "axes"), "together")));
	json_decref(r);
	dataset_fini(&d);
}
END_TEST

START_TEST(of_a_lottery_nothing_is_certain)
{
	struct dataset d;
	shape(&d);
	dice_state = 11;
	for (int i = 0; i < ROWS; i++) {
		const int points[5] = {dice(2) ? 20 : 0, dice(2) ? 10 : 0, dice(2) ? 3 : 0, 0, 5};
		add_row(&d, dice(100) < 10, points, dice(50));
	}
	json_t *r = backtest_json(&d, NULL), *axes = json_object_get(r, "axes");
	ck_assert_str_eq(json_string_value(json_object_get(r, "verdict")), "known");
	ck_assert(json_is_null(json_object_get(r, "rises")));
	ck_assert(json_is_null(json_object_get(axes, "together")));
	ck_assert_ptr_nonnull(strstr(json_string_value(json_object_get(axes, "words")), "not yet known"));
	json_decref(r);
	dataset_fini(&d);
}
END_TEST

START_TEST(no_outcomes_all_outcomes_one_score_and_nobody_are_said_in_words)
{
	static const struct { int rows; bool outcome; bool both; const char *verdict, *words; } cases[] = {
		{30, false, false, "no outcomes", "None of the 30 leads"}, {30, true, false, "all outcomes", "Each of the 30 leads"},
		{30, false, true, "one score", "All 30 leads have the same score, 5"}, {0, false, false, "no outcomes", "None of the 0 leads"}};
	const int points[5] = {0, 0, 0, 0, 5};
	for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
		struct dataset d;
		struct buf text = {0};
		shape(&d);
		for (int i = 0; i < cases[c].rows; i++)
			add_row(&d, cases[c].both ? i % 2 : cases[c].outcome, points, 0);
		json_t *r = backtest_json(&d, NULL);
		ck_assert_str_eq(json_string_value(json_object_get(r, "verdict")), cases[c].verdict);
		ck_assert_ptr_nonnull(strstr(json_string_value(json_array_get(json_object_get(r, "words"), 0)), cases[c].words));
		ck_assert(json_is_null(json_object_get(r, "auc")) == !cases[c].both);
		backtest_text(r, true, 100, &text);
		ck_assert_ptr_nonnull(strstr(text.p, cases[c].words));
		buf_fini(&text);
		json_decref(r);
		dataset_fini(&d);
	}
}
END_TEST

START_TEST(a_change_that_helps_is_told_from_one_that_hurts_and_from_chance)
{
	struct dataset d, other;
	shape(&d);
	dice_state = 7;
	fill(&d, ROWS);
	shape(&other);
	dice_state = 7;
	fill(&other, ROWS);
	for (size_t i = 0; i < other.count; i++) /* the other forgot its best rule */
		dataset_put(&other.models[0].points, i, dataset_cell(&other.models[0].points, i) - dataset_cell(&other.rules[0].points, i));
	json_t *better = backtest_json(&d, &other), *worse = backtest_json(&other, &d), *same = backtest_json(&d, &d);
	ck_assert_ptr_nonnull(strstr(json_string_value(json_object_get(json_object_get(better, "compare"), "words")), "the change helps"));
	ck_assert_ptr_nonnull(strstr(json_string_value(json_object_get(json_object_get(worse, "compare"), "words")), "the change hurts"));
	ck_assert_ptr_nonnull(strstr(json_string_value(json_object_get(json_object_get(same, "compare"), "words")), "may be chance"));
	json_decref(better);
	json_decref(worse);
	json_decref(same);
	dataset_fini(&d);
	dataset_fini(&other);
}
END_TEST

/* Columns, not bytes. */
static size_t longest_line(const char *text)
{
	size_t longest = 0;
	for (const char *s = text; *s;) {
		size_t n = strcspn(s, "\n"), columns = str_utf8_length((struct str){s, n});
		longest = columns > longest ? columns : longest;
		s += n + (s[n] == '\n');
	}
	return longest;
}

START_TEST(the_text_keeps_its_width_and_steers_no_terminal)
{
	struct dataset d, other;
	shape(&d);
	dice_state = 7;
	fill(&d, ROWS);
	shape(&other);
	dice_state = 7;
	fill(&other, ROWS);
	d.left = (struct dataset_left){.before = 1234567, .later = 3, .unknown = 40000, .failed = 5, .failed_lead = 64, .failed_where = "x.lua:3", .failed_message = "\x1b]0;boo"};
	d.waiting = 99999;
	d.account_today = true;
	json_t *r = backtest_json(&d, &other);
	for (int utf8 = 0; utf8 < 2; utf8++) {
		struct buf text = {0};
		backtest_text(r, utf8, 100, &text);
		ck_assert_uint_le(longest_line(text.p), 100);
		ck_assert(!strchr(text.p, '\x1b') && strstr(text.p, "POINTS THE WRONG WAY") && strstr(text.p, "1,234,567"));
		ck_assert(utf8 == (strstr(text.p, "\u2588") != NULL) && utf8 != (strstr(text.p, "###") != NULL));
		if (getenv("SHOW"))
			puts(text.p);
		buf_fini(&text);
	}
	json_decref(r);
	dataset_fini(&d);
	dataset_fini(&other);
}
END_TEST

START_TEST(columns_widen_and_keep_what_they_hold)
{
	struct dataset_column c = {0};
	ck_assert_int_eq(dataset_cell(&c, 5), 0);
	for (size_t i = 0; i < 5000; i++)
		dataset_put(&c, i, i % 2 ? (int64_t)i % 100 : -(int64_t)i % 100);
	ck_assert_int_eq(c.width, 1);
	dataset_put(&c, 4999, 40000);
	dataset_put(&c, 10, INT64_MIN);
	ck_assert_int_eq(c.width, 8);
	ck_assert(dataset_cell(&c, 10) == INT64_MIN && dataset_cell(&c, 4999) == 40000 && dataset_cell(&c, 99) == 99 && dataset_cell(&c, 98) == -98 && dataset_cell(&c, 900000) == 0);
	free(c.cells);
	struct dataset_rule rule = {.kind = DATASET_COUNTED};
	dataset_put_units(&rule, 3, 2.567);
	ck_assert(fabs(dataset_units(&rule, 3) - 2.57) < 1e-9 && fabs(dataset_units(&rule, 2)) < 1e-9);
	free(rule.units.cells);
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(rules_that_carry_and_rules_that_point_the_wrong_way_are_told_apart),
	UNIT(few_outcomes_give_not_yet_known_and_no_noise),
	UNIT(of_a_lottery_nothing_is_certain),
	UNIT(no_outcomes_all_outcomes_one_score_and_nobody_are_said_in_words),
	UNIT(a_change_that_helps_is_told_from_one_that_hurts_and_from_chance),
	UNIT(the_text_keeps_its_width_and_steers_no_terminal),
	UNIT(columns_widen_and_keep_what_they_hold),
};
UNIT_MAIN("report/backtest", cases)
