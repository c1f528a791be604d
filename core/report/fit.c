/* Who is learned from and who is judged. Every judgement is of leads that had no part in the points, in how cautious they were chosen, or in the
 * number that made weights into points. Lots are drawn by seed and lead, so that the order of rows says nothing. */
#include "report/fit.h"

#include "base/mem.h"
#include "report/fit_parts.h"
#include "report/lift.h"

#include <math.h>
#include <stdlib.h>

enum purpose { LOT_DRAWN, LOT_FOLD, LOT_INNER, LOT_INNER_DRAWN, LOT_SPLIT };
enum { INNER_FOLDS = 3, INNER_MOST = 20000, HELD_LEAST = AUC_FEW };
static const double COSTS[] = {0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1};
enum { COST_COUNT = sizeof COSTS / sizeof *COSTS };

static const char *const split_names[] = {[FIT_BY_FOLDS] = "folds", [FIT_RANDOM] = "random", [FIT_TIME] = "time"};

const char *fit_split_name(enum fit_split split)
{
	return split_names[split];
}

bool fit_split_from(struct str name, enum fit_split *out)
{
	for (int i = FIT_BY_FOLDS; i <= FIT_TIME; i++) {
		if (!str_is(name, split_names[i]))
			continue;
		*out = (enum fit_split)i;
		return true;
	}
	return false;
}

/* ---- rows ---- */

static struct fit_rows rows_new(size_t room)
{
	return (struct fit_rows){.items = mem_array(room + 1, sizeof(size_t))};
}

static void rows_add(struct fit_rows *rows, size_t item)
{
	rows->items[rows->count++] = item;
}

static int64_t lead_at(const struct fit_table *table, size_t row)
{
	return table->dataset->lead[table->drawn[row]];
}

static size_t outcomes_of(const struct fit_table *table, const struct fit_rows *rows)
{
	size_t n = 0;
	for (size_t i = 0; i < rows->count; i++)
		n += logistic_outcome(table->logistic, rows->items[i]);
	return n;
}

/* About `most` of so many. */
static bool is_drawn(uint64_t dice, size_t most, size_t count)
{
	return count <= most || (double)dice < (double)most / (double)count * 18446744073709551616.0;
}

/* Those of `from` in the fold into `in`, the others into `out`. */
static void part(const struct fit_table *table, const struct fit_rows *from, uint64_t seed, enum purpose purpose, int folds, int fold, struct fit_rows *in, struct fit_rows *out)
{
	in->count = out->count = 0;
	for (size_t i = 0; i < from->count; i++) {
		bool inside = (int)(fit_dice(seed, lead_at(table, from->items[i]), purpose) % (uint64_t)folds) == fold;
		rows_add(inside ? in : out, from->items[i]);
	}
}

/* ---- judging ---- */

typedef double score_fn(const struct fit_table *table, const void *by, size_t row);

static double by_fresh(const struct fit_table *table, const void *by, size_t row)
{
	return fit_score(table->dataset, by, table->drawn[row]);
}
static double by_old(const struct fit_table *table, const void *by, size_t row)
{
	(void)by;
	return (double)dataset_cell(&table->dataset->models[table->dataset->model].points, table->drawn[row]);
}
static double by_weights(const struct fit_table *table, const void *by, size_t row)
{
	return logistic_sum(table->logistic, row, by);
}

/* placed: as auc_of has it, or NULL. */
static struct fit_figures judge(const struct fit_table *table, const struct fit_rows *rows, score_fn *score, const void *by, double *placed)
{
	double *scores = mem_array(rows->count + 1, sizeof *scores);
	unsigned char *outcome = mem_array(rows->count + 1, 1);
	struct lift lift;
	for (size_t i = 0; i < rows->count; i++) {
		scores[i] = score(table, by, rows->items[i]);
		outcome[i] = logistic_outcome(table->logistic, rows->items[i]);
	}
	struct fit_figures figures = {.auc = auc_of(scores, outcome, rows->count, placed)};
	lift_init(&lift, scores, outcome, rows->count);
	figures.half = lift.outcomes ? lift_reached(&lift, 0.5) / (double)lift.outcomes : NAN;
	lift_fini(&lift);
	free(scores);
	free(outcome);
	return figures;
}

static struct auc_difference gain(const struct fit_table *table, const struct fit_rows *rows, const double *fresh, const double *old)
{
	unsigned char *outcome = mem_array(rows->count + 1, 1);
	for (size_t i = 0; i < rows->count; i++)
		outcome[i] = logistic_outcome(table->logistic, rows->items[i]);
	struct auc_difference d = auc_compare(fresh, old, outcome, rows->count);
	free(outcome);
	return d;
}

static void judge_all(const struct fit_table *table, const struct fit_rows *held, const struct fit_rule *rules, const double *weights, struct fit *out)
{
	double *fresh = mem_array(held->count + 1, sizeof *fresh), *old = mem_array(held->count + 1, sizeof *old);
	out->fresh = judge(table, held, by_fresh, rules, fresh);
	out->old = judge(table, held, by_old, NULL, old);
	out->raw = judge(table, held, by_weights, weights, NULL);
	out->gain = gain(table, held, fresh, old);
	free(fresh);
	free(old);
}

/* ---- learning ---- */

/* How cautious: what judges best when the rows judge themselves by folds. Of equals the more cautious. */
static double choose_cost(const struct fit_table *table, const struct fit_rows *rows, uint64_t seed, double *weights)
{
	struct fit_rows some = rows_new(rows->count), in = rows_new(rows->count), out = rows_new(rows->count);
	double best = COSTS[0], best_auc = 0;
	for (size_t i = 0; i < rows->count; i++)
		if (is_drawn(fit_dice(seed, lead_at(table, rows->items[i]), LOT_INNER_DRAWN), INNER_MOST, rows->count))
			rows_add(&some, rows->items[i]);
	for (size_t c = 0; c < COST_COUNT; c++) {
		double sum = 0;
		struct error not_used;
		for (int fold = 0; fold < INNER_FOLDS; fold++) {
			part(table, &some, seed, LOT_INNER, INNER_FOLDS, fold, &in, &out);
			double auc = logistic_train(table->logistic, out.items, out.count, COSTS[c], weights, &not_used) == 0 ? judge(table, &in, by_weights, weights, NULL).auc.value : 0.5;
			sum += isnan(auc) ? 0.5 : auc;
		}
		if (sum > best_auc + 1e-9)
			best = COSTS[c], best_auc = sum;
	}
	free(some.items);
	free(in.items);
	free(out.items);
	return best;
}

static int learn(const struct fit_table *table, const struct fit_rows *rows, uint64_t seed, double *weights, struct fit *out, struct error *error)
{
	out->cost = choose_cost(table, rows, seed, weights);
	if (logistic_train(table->logistic, rows->items, rows->count, out->cost, weights, error))
		return -1;
	fit_points(table, rows, weights, out);
	return 0;
}

/* ---- folds ---- */

static void rules_new(const struct dataset *dataset, struct fit *fit)
{
	fit->rule_count = dataset->rule_count;
	fit->rules = mem_array(dataset->rule_count + 1, sizeof *fit->rules);
	fit->from = dataset->models[dataset->model].from;
	fit->to = dataset->models[dataset->model].to;
	for (size_t i = 0; i < dataset->rule_count; i++) {
		const struct dataset_rule *rule = &dataset->rules[i];
		fit->rules[i].name = rule->name;
		fit->rules[i].case_count = rule->kind == DATASET_CHOSEN ? rule->choice_count + 1 : 0;
		fit->rules[i].cases = mem_array(rule->choice_count + 1, sizeof(double));
	}
}

void fit_fini(struct fit *fit)
{
	for (size_t i = 0; i < fit->rule_count; i++)
		free(fit->rules[i].cases);
	free(fit->rules);
	*fit = (struct fit){0};
}

/* The best choice of the whole is above its worst one here too. */
static bool agrees_choice(const struct fit_rule *whole, const struct fit_rule *here)
{
	size_t best = 0, worst = 0;
	for (size_t k = 1; k < whole->case_count; k++) {
		best = whole->cases[k] > whole->cases[best] ? k : best;
		worst = whole->cases[k] < whole->cases[worst] ? k : worst;
	}
	return here->cases[best] > here->cases[worst];
}

static void count_signs(struct fit *whole, const struct fit *here)
{
	for (size_t i = 0; i < whole->rule_count; i++) {
		struct fit_rule *rule = &whole->rules[i];
		rule->folds += rule->case_count ? agrees_choice(rule, &here->rules[i]) : rule->weight * here->rules[i].weight > 0;
	}
}

static void add_figures(struct fit_figures *sum, const struct fit_figures *one)
{
	sum->auc.value += one->auc.value / FIT_FOLDS;
	sum->auc.variance += one->auc.variance / FIT_FOLDS / FIT_FOLDS;
	sum->auc.positives += one->auc.positives;
	sum->auc.negatives += one->auc.negatives;
	sum->half += one->half / FIT_FOLDS;
}

/* Signs of all folds; their figures into *mean. */
static int run_folds(const struct fit_table *table, const struct fit_rows *rows, struct fit *fit, struct fit *mean, struct error *error)
{
	struct fit_rows held = rows_new(rows->count), kept = rows_new(rows->count);
	double *weights = mem_array(table->width + 1, sizeof *weights);
	struct fit here = {0};
	int result = 0;
	rules_new(table->dataset, &here);
	for (int fold = 0; fold < FIT_FOLDS && result == 0; fold++) {
		part(table, rows, fit->seed, LOT_FOLD, FIT_FOLDS, fold, &held, &kept);
		result = learn(table, &kept, fit->seed, weights, &here, error);
		if (result)
			break;
		judge_all(table, &held, here.rules, weights, &here);
		count_signs(fit, &here);
		add_figures(&mean->fresh, &here.fresh);
		add_figures(&mean->old, &here.old);
		add_figures(&mean->raw, &here.raw);
		mean->gain.value += here.gain.value / FIT_FOLDS;
		mean->gain.variance += here.gain.variance / FIT_FOLDS / FIT_FOLDS;
	}
	fit_fini(&here);
	free(weights);
	free(held.items);
	free(kept.items);
	return result;
}

/* ---- all of it ---- */

static int by_moment(const void *a, const void *b, void *arg)
{
	const struct dataset *sorted = arg;
	size_t x = *(const size_t *)a, y = *(const size_t *)b;
	if (sorted->at[x] != sorted->at[y])
		return sorted->at[x] < sorted->at[y] ? -1 : 1;
	int64_t m = sorted->lead[x] >> 6, n = sorted->lead[y] >> 6;
	return m < n ? -1 : m > n;
}

/* Rows of the table that are learned from, and those that are kept away. */
static void split_rows(const struct fit_table *table, const struct fit *fit, struct fit_rows *rows, struct fit_rows *held)
{
	for (size_t i = 0; i < table->count; i++) {
		bool away = fit->split == FIT_TIME ? i >= table->count * 4 / 5
						   : fit->split == FIT_RANDOM && fit_dice(fit->seed, lead_at(table, i), LOT_SPLIT) % 5 == 0;
		rows_add(away ? held : rows, i);
	}
}

static int check_enough(const struct fit *fit, const struct dataset *dataset, struct error *error)
{
	size_t without = fit->leads - fit->outcomes, held_without = fit->held_leads - fit->held_outcomes;
	if (fit->outcomes < FIT_LEAST || without < FIT_LEAST)
		return error_set(error, ERROR_INVALID, NULL,
				 "there is too little to learn from: %zu leads with %s and %zu without; %d of each are needed%s.", fit->outcomes,
				 dataset->outcome_verb, without, FIT_LEAST, fit->split == FIT_BY_FOLDS ? "" : " in the part that is learned from");
	if (fit->split != FIT_BY_FOLDS && (fit->held_outcomes < HELD_LEAST || held_without < HELD_LEAST))
		return error_set(error, ERROR_INVALID, NULL,
				 "there are too few leads to judge by: %zu with %s and %zu without were kept away; %d of each are needed.", fit->held_outcomes,
				 dataset->outcome_verb, held_without, HELD_LEAST);
	return 0;
}

static bool tells_apart(const struct fit *fit)
{
	bool any = false;
	for (size_t i = 0; i < fit->rule_count; i++)
		any |= (fit->rules[i].word == FIT_LEARNED && fit->rules[i].weight != 0) || fit->rules[i].word == FIT_KEPT;
	return any;
}

/* A rule that by itself puts nearly all in order is asked about: it may come after the outcome. */
struct alone {
	const struct dataset_rule *rule;
	const struct fit_rule *fitted;
};
static double by_alone(const struct fit_table *table, const void *by, size_t row)
{
	const struct alone *alone = by;
	size_t at = table->drawn[row];
	int64_t choice = dataset_cell(&alone->rule->chosen, at);
	if (!alone->fitted->case_count)
		return dataset_units(alone->rule, at) * (alone->fitted->weight < 0 ? -1 : 1);
	return choice < -1 ? 0 : alone->fitted->cases[choice < 0 ? alone->fitted->case_count - 1 : (size_t)choice];
}

static void look_alone(const struct fit_table *table, const struct fit_rows *rows, struct fit *fit)
{
	for (size_t i = 0; i < fit->rule_count; i++) {
		struct alone alone = {&table->dataset->rules[i], &fit->rules[i]};
		if (fit->rules[i].word == FIT_LEARNED)
			fit->rules[i].alone = judge(table, rows, by_alone, &alone, NULL).auc.value >= 0.98;
	}
}

static int fit_rows(const struct fit_table *table, struct fit *fit, struct fit_rows *rows, struct fit_rows *held, struct error *error)
{
	struct fit mean = {0};
	double *weights = mem_array(table->width + 1, sizeof *weights);
	split_rows(table, fit, rows, held);
	fit->leads = rows->count, fit->outcomes = outcomes_of(table, rows);
	fit->held_leads = held->count, fit->held_outcomes = outcomes_of(table, held);
	int result = check_enough(fit, table->dataset, error);
	if (result == 0)
		result = learn(table, rows, fit->seed, weights, fit, error);
	if (result == 0 && !tells_apart(fit))
		result = error_set(error, ERROR_INVALID, NULL, "no rule of the model tells these leads apart: each holds for all of them, or for none.");
	if (result == 0)
		result = run_folds(table, rows, fit, &mean, error);
	if (result == 0 && fit->split == FIT_BY_FOLDS) {
		fit->fresh = mean.fresh, fit->old = mean.old, fit->raw = mean.raw, fit->gain = mean.gain;
		fit->held_leads = fit->leads, fit->held_outcomes = fit->outcomes;
	} else if (result == 0) {
		judge_all(table, held, fit->rules, weights, fit);
	}
	if (result == 0)
		look_alone(table, rows, fit);
	free(weights);
	return result;
}

int fit_learn(const struct dataset *dataset, enum fit_split split, uint64_t seed, struct fit *fit, struct error *error)
{
	struct fit_table table;
	size_t *drawn = mem_array(dataset->count + 1, sizeof *drawn), count = 0;
	*fit = (struct fit){.split = split, .seed = seed};
	rules_new(dataset, fit);
	for (size_t i = 0; i < dataset->count; i++)
		if (is_drawn(fit_dice(seed, dataset->lead[i], LOT_DRAWN), FIT_MOST, dataset->count))
			drawn[count++] = i;
	fit->left_away = dataset->count - count;
	qsort_r(drawn, count, sizeof *drawn, by_moment, (void *)(uintptr_t)dataset);
	fit_table_init(&table, dataset, drawn, count);
	struct fit_rows rows = rows_new(count), held = rows_new(count);
	int result = fit_rows(&table, fit, &rows, &held, error);
	free(rows.items);
	free(held.items);
	fit_table_fini(&table);
	free(drawn);
	return result;
}
