/* Which rules carry weight, and which point the wrong way. Called by backtest.c.
 *
 * A rule alone: does the outcome come more often with more of its points? (AUC of its points; below ½ it points the wrong way.) A rule among the others: how
 * much worse is the order without its points? With many rules some look good or bad by chance, so their intervals are as wide as makes all of them
 * hold together in 95 of 100 (Bonferroni). What such an interval does not exclude is not yet known. */
#include "report/backtest_parts.h"

#include "base/mem.h"

#include <math.h>
#include <stdlib.h>

struct judged {
	double *points;                  /* that it gave */
	size_t leads, outcomes;          /* it gave points to */
	double least, most;
	struct auc alone;
	struct interval alone_interval, drop_interval;
	double drop;
};

static double *column(const struct measured *m, const struct dataset_rule *rule)
{
	double *points = mem_array(m->dataset->count + 1, sizeof *points);
	for (size_t i = 0; i < m->dataset->count; i++)
		points[i] = (double)dataset_cell(&rule->points, i);
	return points;
}

static void count(const struct measured *m, struct judged *j)
{
	j->least = j->most = m->dataset->count ? j->points[0] : 0;
	for (size_t i = 0; i < m->dataset->count; i++) {
		bool gave = fabs(j->points[i]) > 0;
		j->leads += gave;
		j->outcomes += gave && m->dataset->outcome[i];
		j->least = fmin(j->least, j->points[i]);
		j->most = fmax(j->most, j->points[i]);
	}
}

/* The order by the rule alone, and by all others; sums holds each row's points of all rules, before the model's bounds. */
static void judge(const struct measured *m, const double *sums, double z, struct judged *j)
{
	const struct dataset *d = m->dataset;
	const struct dataset_model *model = &d->models[d->model];
	double *without = mem_array(d->count + 1, sizeof *without), *placed = mem_array(d->count + 1, sizeof *placed);
	j->alone = auc_of(j->points, d->outcome, d->count, NULL);
	j->alone_interval = auc_difference_interval(&(struct auc_difference){j->alone.value, j->alone.variance}, &j->alone, z);
	for (size_t i = 0; i < d->count; i++)
		without[i] = fmax(model->from, fmin(model->to, sums[i] - j->points[i]));
	(void)auc_of(without, d->outcome, d->count, placed);
	struct auc_difference drop = auc_compare(m->placed, placed, d->outcome, d->count);
	j->drop = drop.value;
	j->drop_interval = auc_difference_interval(&drop, &m->auc, z);
	free(without);
	free(placed);
}

/* Rules that gave hardly anybody points, or hardly anybody none, say nothing however the few went. */
static bool is_told(const struct measured *m, const struct judged *j)
{
	size_t others = m->dataset->count - j->leads;
	return j->alone_interval.known && j->drop_interval.known && j->leads >= AUC_FEW && (others >= AUC_FEW || j->least < j->most);
}

static const char *weight(const struct measured *m, const struct judged *j)
{
	if (!j->leads)
		return "never";
	if (!(j->least < j->most))
		return "always";
	if (!is_told(m, j))
		return "not yet known";
	if (j->alone_interval.high < 0.5)
		return "wrong way";
	if (j->drop_interval.low > 0)
		return "carries";
	return j->drop_interval.high < 0 ? "too much" : "not yet known";
}

static json_t *share(size_t hits, size_t cases)
{
	return cases ? json_real((double)hits / (double)cases) : json_null();
}

static json_t *rule_json(const struct measured *m, const struct dataset_rule *rule, const struct judged *j)
{
	size_t others = m->dataset->count - j->leads, rest = m->dataset->positives - j->outcomes;
	json_t *json = json_pack("{s:s, s:s, s:[f, f], s:I, s:I, s:o, s:o, s:o, s:o, s:b}", "rule", rule->name, "place", rule->place, "points", j->least, j->most, "leads",
		(json_int_t)j->leads, "outcomes", (json_int_t)j->outcomes, "rate", share(j->outcomes, j->leads), "interval",
		backtest_interval(interval_share((double)j->outcomes, (double)j->leads)), "rate_without", share(rest, others), "interval_without",
		backtest_interval(interval_share((double)rest, (double)others)), "account", rule->account);
	double all = (double)m->dataset->positives / (double)m->dataset->count;
	json_object_set_new(json, "lift", j->leads ? json_real((double)j->outcomes / (double)j->leads / all) : json_null());
	json_object_set_new(json, "alone", backtest_number(j->alone.value));
	json_object_set_new(json, "alone_interval", backtest_interval(j->alone_interval));
	json_object_set_new(json, "drop", backtest_number(j->drop));
	json_object_set_new(json, "drop_interval", backtest_interval(j->drop_interval));
	json_object_set_new(json, "weight", json_string(weight(m, j)));
	return json;
}

void backtest_rules(const struct measured *m, json_t *result)
{
	const struct dataset *d = m->dataset;
	json_t *list = json_array();
	double *sums = mem_array(d->count + 1, sizeof *sums), z = d->rule_count ? interval_normal(1 - 0.025 / (double)d->rule_count) : interval_z95;
	for (size_t r = 0; r < d->rule_count; r++)
		for (size_t i = 0; i < d->count; i++)
			sums[i] += (double)dataset_cell(&d->rules[r].points, i);
	for (size_t r = 0; r < d->rule_count; r++) {
		struct judged j = {.points = column(m, &d->rules[r])};
		count(m, &j);
		judge(m, sums, z, &j);
		json_array_append_new(list, rule_json(m, &d->rules[r], &j));
		free(j.points);
	}
	free(sums);
	json_object_set_new(result, "rules", list);
}
