/* Nature against nurture: how much each axis of the grades tells alone, and what it adds to the other; and one playbook against another, on the same
 * leads. Both are differences of AUCs of the same rows, after DeLong. Called by backtest.c. */
#include "report/backtest_parts.h"

#include "base/mem.h"

#include <stdlib.h>

void measured_init(struct measured *m, const struct dataset *dataset, int model)
{
	*m = (struct measured){.dataset = dataset, .scores = dataset_scores(dataset, model), .placed = mem_array(dataset->count + 1, sizeof *m->placed)};
	m->auc = auc_of(m->scores, dataset->outcome, dataset->count, m->placed);
}

void measured_fini(struct measured *m)
{
	free(m->scores);
	free(m->placed);
}

static json_t *axis(const struct measured *m, int model)
{
	return json_pack("{s:s, s:f, s:o}", "model", m->dataset->models[model].name, "auc", m->auc.value, "interval", backtest_interval(auc_interval(&m->auc)));
}

static json_t *gain(const double *placed, const struct measured *over, struct interval *interval)
{
	struct auc_difference d = auc_compare(placed, over->placed, over->dataset->outcome, over->dataset->count);
	*interval = auc_difference_interval(&d, &over->auc, interval_z95);
	return json_pack("{s:f, s:o}", "value", d.value, "interval", backtest_interval(*interval));
}

/* "nurture adds to nature" */
static const char *verdict(struct interval gain)
{
	return !gain.known ? "it is not yet known whether %s adds to %s" : gain.low > 0 ? "%s adds to %s" : gain.high < 0 ? "%s takes away from %s"
		: "that %s adds to %s is not yet known";
}

static char *sentence(struct interval gain, const char *adds, const char *to)
{
	return mem_printf(verdict(gain), adds, to);
}

/* Weights learned where there is nothing to learn lean against the leads that were kept away: such a sum would look certain, and tell nothing. */
static bool is_known_to_tell(const struct measured *m)
{
	struct interval order = auc_interval(&m->auc);
	return order.known && (order.low > 0.5 || order.high < 0.5);
}

static json_t *axes_json(const struct dataset_table *table, const struct measured *letter, const struct measured *digit, double *together, double *placed)
{
	const struct dataset *d = letter->dataset;
	const char *names[2] = {d->models[table->letter_axis].name, d->models[table->digit_axis].name};
	struct interval gains[2];
	json_t *json = json_pack("{s:s, s:o, s:o}", "table", table->name, "letter", axis(letter, table->letter_axis), "digit", axis(digit, table->digit_axis));
	bool tell = is_known_to_tell(letter) || is_known_to_tell(digit);
	if (!tell || !backtest_together(letter->scores, digit->scores, d, together)) {
		json_object_set_new(json, "together", json_null());
		json_object_set_new(json, "gain_letter", json_null());
		json_object_set_new(json, "gain_digit", json_null());
		json_object_set_new(json, "words", json_string(tell ? "what both tell together is not yet known: there are too few outcomes."
								      : "what both tell together is not yet known: neither is known to order leads otherwise than lots would."));
		return json;
	}
	struct auc both = auc_of(together, d->outcome, d->count, placed);
	json_object_set_new(json, "together", json_pack("{s:f, s:o, s:s}", "auc", both.value, "interval", backtest_interval(auc_interval(&both)), "how",
							"weights of both learned on four fifths of the leads, the rest scored by them, five times"));
	json_object_set_new(json, "gain_letter", gain(placed, letter, &gains[0]));
	json_object_set_new(json, "gain_digit", gain(placed, digit, &gains[1]));
	char *first = sentence(gains[0], names[1], names[0]), *second = sentence(gains[1], names[0], names[1]), *words = mem_printf("%s; %s.", first, second);
	json_object_set_new(json, "words", json_string(words));
	free(first);
	free(second);
	free(words);
	return json;
}

static const struct dataset_table *two_axes(const struct dataset *dataset)
{
	for (size_t i = 0; i < dataset->table_count; i++)
		if (dataset->tables[i].letter_axis >= 0 && dataset->tables[i].digit_axis >= 0)
			return &dataset->tables[i];
	return NULL;
}

void backtest_axes(const struct measured *m, json_t *result)
{
	const struct dataset *d = m->dataset;
	const struct dataset_table *table = two_axes(d);
	if (!table) {
		json_object_set_new(result, "axes", json_null());
		return;
	}
	struct measured letter, digit;
	measured_init(&letter, d, table->letter_axis);
	measured_init(&digit, d, table->digit_axis);
	double *together = mem_array(d->count + 1, sizeof *together), *placed = mem_array(d->count + 1, sizeof *placed);
	json_object_set_new(result, "axes", axes_json(table, &letter, &digit, together, placed));
	free(together);
	free(placed);
	measured_fini(&letter);
	measured_fini(&digit);
}

void backtest_compare(const struct measured *m, const struct dataset *rival, json_t *result)
{
	struct measured other;
	struct lift lift;
	struct interval interval;
	measured_init(&other, rival, rival->model);
	lift_init(&lift, other.scores, rival->outcome, rival->count);
	json_t *difference = gain(m->placed, &other, &interval);
	const char *words = !interval.known ? "not yet known: there are too few outcomes." : interval.low > 0 ? "the change helps: the leads are ordered better than by the active playbook."
		: interval.high < 0 ? "the change hurts: the leads are ordered worse than by the active playbook." : "not yet known: the difference may be chance.";
	json_object_set_new(result, "compare", json_pack("{s:s, s:{s:f, s:o}, s:o, s:f, s:s}", "revision", rival->revision, "auc", "value", other.auc.value, "interval",
		backtest_interval(auc_interval(&other.auc)), "difference", difference, "half", lift_reached(&lift, 0.5) / (double)lift.outcomes, "words", words));
	lift_fini(&lift);
	measured_fini(&other);
}
