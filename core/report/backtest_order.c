/* How well the score orders: its AUC, what calling the best first reaches, and whether more points really mean more outcomes. Called by backtest.c. */
#include "report/backtest_parts.h"

#include <math.h>

enum { TENTHS = 10, BINS = 10, CURVE = 200 };

static json_t *decile(const struct lift *lift, int tenth)
{
	double leads = (double)lift->leads / TENTHS, all = (double)lift->outcomes;
	double reached = lift_reached(lift, (double)tenth / TENTHS), outcomes = reached - lift_reached(lift, (double)(tenth - 1) / TENTHS);
	return json_pack("{s:f, s:f, s:f, s:f, s:o, s:f, s:f}", "share", (double)tenth / TENTHS, "leads", leads, "outcomes", outcomes, "rate", outcomes / leads,
			 "rate_interval", backtest_interval(interval_share(outcomes, leads)), "reached", reached / all, "lift",
			 outcomes / leads / (all / (double)lift->leads));
}

/* Both curves turn only at scores; of very many each so many-th is kept, the last always. */
static void put_curves(const struct lift *lift, json_t *result)
{
	json_t *capture = json_pack("[[f, f]]", 0.0, 0.0), *roc = json_pack("[[f, f]]", 0.0, 0.0);
	double leads = 0, hits = 0, all = (double)lift->leads, good = (double)lift->outcomes;
	size_t each = lift->count / CURVE + 1;
	for (size_t i = 0; i < lift->count; i++) {
		leads += (double)lift->steps[i].leads;
		hits += (double)lift->steps[i].outcomes;
		if ((i + 1) % each && i + 1 < lift->count)
			continue;
		json_array_append_new(capture, json_pack("[f, f]", leads / all, hits / good));
		json_array_append_new(roc, json_pack("[f, f]", (leads - hits) / (all - good), hits / good));
	}
	json_object_set_new(result, "capture", capture);
	json_object_set_new(result, "roc", roc);
}

/* A fall between neighbours that cannot be chance says no; too few outcomes to say anything: null. */
static json_t *rises(const struct lift_bin *bins, size_t n, const struct auc *auc)
{
	struct interval order = auc_interval(auc);
	if (auc->positives < AUC_FEW || auc->negatives < AUC_FEW || n < 2 || !order.known || (order.low <= 0.5 && order.high >= 0.5))
		return json_null(); /* the order of a lottery, as far as is known */
	if (order.high < 0.5)
		return json_false();
	for (size_t i = 1; i < n; i++)
		if (interval_shares((double)bins[i].outcomes, (double)bins[i].leads, (double)bins[i - 1].outcomes, (double)bins[i - 1].leads).high < 0)
			return json_false();
	return json_true();
}

static void put_calibration(const struct measured *m, const struct lift *lift, json_t *result)
{
	struct lift_bin bins[BINS];
	json_t *list = json_array();
	size_t n = lift_bins(lift, bins, BINS);
	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, json_pack("{s:f, s:f, s:I, s:I, s:f, s:o, s:f}", "low", bins[i].low, "high", bins[i].high, "leads", (json_int_t)bins[i].leads,
						      "outcomes", (json_int_t)bins[i].outcomes, "rate", (double)bins[i].outcomes / (double)bins[i].leads, "interval",
						      backtest_interval(interval_share((double)bins[i].outcomes, (double)bins[i].leads)), "fitted", bins[i].fitted));
	json_object_set_new(result, "calibration", list);
	json_object_set_new(result, "rises", rises(bins, n, &m->auc));
}

void backtest_order(const struct measured *m, json_t *result)
{
	struct lift lift;
	json_t *deciles = json_array();
	lift_init(&lift, m->scores, m->dataset->outcome, m->dataset->count);
	json_object_set_new(result, "auc", json_pack("{s:f, s:o}", "value", m->auc.value, "interval", backtest_interval(auc_interval(&m->auc))));
	json_object_set_new(result, "half", json_real(lift_reached(&lift, 0.5) / (double)lift.outcomes));
	for (int i = 1; i <= TENTHS; i++)
		json_array_append_new(deciles, decile(&lift, i));
	json_object_set_new(result, "deciles", deciles);
	put_curves(&lift, result);
	put_calibration(m, &lift, result);
	lift_fini(&lift);
}
