/* Weights into points: fit.h says how. */
#include "report/fit_parts.h"

#include "base/mem.h"

#include <math.h>
#include <stdlib.h>

/* ---- what a rule showed on the rows learned from ---- */

static bool holds(const struct dataset_rule *rule, size_t row)
{
	return rule->kind == DATASET_CHOSEN ? dataset_cell(&rule->chosen, row) >= -1 : dataset_units(rule, row) != 0;
}

static void look_at(const struct fit_table *table, const struct fit_rows *rows, struct fit_rule *out, size_t index)
{
	const struct dataset_rule *rule = &table->dataset->rules[index];
	out->leads = 0;
	for (size_t i = 0; i < rows->count; i++)
		out->leads += holds(rule, table->drawn[rows->items[i]]);
	bool kept = rule->kind == DATASET_FUNCTION || (rule->kind == DATASET_COUNTED && rule->choice_count);
	bool always = rule->kind == DATASET_ONCE && out->leads == rows->count;
	out->word = kept ? FIT_KEPT : !out->leads ? FIT_NEVER : always ? FIT_ALWAYS : FIT_LEARNED;
}

/* ---- weights by rule and choice, the least choice of a choose that always holds at 0 ---- */

static size_t column_of(const struct fit_column *c, const struct dataset_rule *rule, size_t row)
{
	int64_t choice = rule->kind == DATASET_CHOSEN ? dataset_cell(&rule->chosen, row) : 0;
	return c->first + (choice < 0 ? c->count - 1 : (size_t)choice);
}

/* Best and worst choice that some of the rows have. */
static void span_of(const struct fit_table *table, const struct fit_rows *rows, const double *weights, size_t index, double *low, double *high)
{
	const struct fit_column *c = &table->columns[index];
	const struct dataset_rule *rule = &table->dataset->rules[index];
	*low = INFINITY, *high = -INFINITY;
	for (size_t i = 0; i < rows->count; i++) {
		size_t row = table->drawn[rows->items[i]];
		if (!holds(rule, row))
			continue;
		*low = fmin(*low, weights[column_of(c, rule, row)]);
		*high = fmax(*high, weights[column_of(c, rule, row)]);
	}
}

static void settle_weights(const struct fit_table *table, const struct fit_rows *rows, const struct fit *fit, double *weights)
{
	for (size_t i = 0; i < fit->rule_count; i++) {
		const struct fit_column *c = &table->columns[i];
		struct fit_rule *rule = &fit->rules[i];
		double low = 0, high = 0, one = weights[c->first];
		if (rule->word == FIT_LEARNED && rule->case_count) {
			span_of(table, rows, weights, i, &low, &high);
			for (size_t k = 0; k < c->count && rule->leads == rows->count; k++)
				weights[c->first + k] = fmax(0, weights[c->first + k] - low);
		} else if (rule->word != FIT_LEARNED) {
			for (size_t k = 0; k < c->count; k++)
				weights[c->first + k] = 0;
		}
		rule->weight = rule->case_count ? high - low : rule->word == FIT_NEVER || rule->word == FIT_ALWAYS ? 0 : one;
	}
}

/* ---- one number for all ---- */

struct scale {
	double factor, shift;
	size_t carrier; /* the rule that takes the shift up; rule_count = none */
};

static size_t find_carrier(const struct fit *fit, size_t rows)
{
	for (size_t i = 0; i < fit->rule_count; i++)
		if (fit->rules[i].word == FIT_ALWAYS)
			return i;
	for (size_t i = 0; i < fit->rule_count; i++)
		if (fit->rules[i].word == FIT_LEARNED && fit->rules[i].case_count && fit->rules[i].leads == rows)
			return i;
	return fit->rule_count;
}

static double kept_points(const struct fit_table *table, const struct fit *fit, size_t row)
{
	double sum = 0;
	for (size_t i = 0; i < fit->rule_count; i++)
		if (fit->rules[i].word == FIT_KEPT)
			sum += (double)dataset_cell(&table->dataset->rules[i].points, row);
	return sum;
}

static double clamped(double value, double low, double high)
{
	return value < low ? low : value > high ? high : value;
}

/* So that the least sum comes to `from`, or above it, and the largest to `to`. */
static struct scale scale_of(const struct fit_table *table, const struct fit_rows *rows, const struct fit *fit, const double *weights)
{
	struct scale s = {.carrier = find_carrier(fit, rows->count)};
	double low = INFINITY, high = -INFINITY, kept_low = INFINITY, kept_high = -INFINITY;
	for (size_t i = 0; i < rows->count; i++) {
		double sum = logistic_sum(table->logistic, rows->items[i], weights), kept = kept_points(table, fit, table->drawn[rows->items[i]]);
		low = fmin(low, sum), high = fmax(high, sum);
		kept_low = fmin(kept_low, kept), kept_high = fmax(kept_high, kept);
	}
	double from = fit->from - kept_low, to = fit->to - kept_high;
	if (to - from < (fit->to - fit->from) / 4.0) /* functions take nearly all: the rules keep a quarter */
		from = fit->from, to = fit->from + (fit->to - fit->from) / 4.0;
	bool carried = s.carrier < fit->rule_count;
	if (high <= low)
		return s;
	s.factor = (to - from) / (high - (carried ? fmin(low, 0) : low));
	if (carried)
		s.shift = round(clamped(0, from - s.factor * low, fmax(from - s.factor * low, to - s.factor * high)));
	else if (high > 0 && to > 0)
		s.factor = low < 0 && from < 0 ? fmin(to / high, from / low) : to / high;
	return s;
}

/* ---- points ---- */

static double rounded(double points, bool counted)
{
	points = clamped(points, -1e6, 1e6);
	return counted && fabs(points) < 3 ? round(points * 10) / 10 : round(points);
}

static void put_points(const struct fit_table *table, struct fit *fit, const double *weights, const struct scale *s)
{
	for (size_t i = 0; i < fit->rule_count; i++) {
		const struct fit_column *c = &table->columns[i];
		struct fit_rule *rule = &fit->rules[i];
		double shift = i == s->carrier ? s->shift : 0;
		bool counted = table->dataset->rules[i].kind == DATASET_COUNTED;
		rule->points = rule->word == FIT_KEPT ? 0 : rounded(s->factor * weights[c->first] / c->scale + shift, counted);
		for (size_t k = 0; k < rule->case_count; k++)
			rule->cases[k] = rounded(s->factor * weights[c->first + k] + shift, false);
	}
}

static double sum_points(const struct dataset *dataset, const struct fit_rule *rules, size_t row)
{
	double sum = 0;
	for (size_t i = 0; i < dataset->rule_count; i++) {
		const struct dataset_rule *rule = &dataset->rules[i];
		if (rules[i].word == FIT_KEPT)
			sum += (double)dataset_cell(&rule->points, row);
		else if (rule->kind == DATASET_CHOSEN && holds(rule, row))
			sum += rules[i].cases[column_of(&(struct fit_column){.count = rules[i].case_count}, rule, row)];
		else if (rule->kind != DATASET_CHOSEN)
			sum += round(rules[i].points * dataset_units(rule, row));
	}
	return sum;
}

double fit_score(const struct dataset *dataset, const struct fit_rule *rules, size_t row)
{
	const struct dataset_model *model = &dataset->models[dataset->model];
	return clamped(sum_points(dataset, rules, row), model->from, model->to);
}

bool fit_tells_nothing(const struct fit *fit)
{
	static const double TWENTIETH = 0.05; /* of the logarithm of the odds, for all that a rule can give */
	for (size_t i = 0; i < fit->rule_count; i++)
		if (fit->rules[i].word == FIT_LEARNED && fabs(fit->rules[i].weight) >= TWENTIETH)
			return false;
	return true;
}

void fit_points(const struct fit_table *table, const struct fit_rows *rows, const double *weights, struct fit *fit)
{
	double *settled = mem_array(table->width + 1, sizeof *settled);
	memcpy(settled, weights, table->width * sizeof *settled);
	for (size_t i = 0; i < fit->rule_count; i++)
		look_at(table, rows, &fit->rules[i], i);
	settle_weights(table, rows, fit, settled);
	struct scale s = scale_of(table, rows, fit, settled);
	put_points(table, fit, settled, &s);
	fit->can_shift = s.carrier < fit->rule_count;
	fit->at_from = 0;
	for (size_t i = 0; i < rows->count; i++)
		fit->at_from += sum_points(table->dataset, fit->rules, table->drawn[rows->items[i]]) < fit->from;
	free(settled);
}
