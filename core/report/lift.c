/* Steps of equal scores, cut by shares, and gathered into bins. See lift.h. */
#include "report/lift.h"

#include "base/mem.h"

#include <math.h>
#include <stdlib.h>

static int best_first(const void *a, const void *b)
{
	const struct lift_step *x = a, *y = b;
	return x->score > y->score ? -1 : x->score < y->score;
}

void lift_init(struct lift *lift, const double *scores, const unsigned char *outcome, size_t count)
{
	size_t n = 0;
	struct lift_step *steps = mem_array(count + 1, sizeof *steps);
	*lift = (struct lift){.steps = steps, .leads = count};
	for (size_t i = 0; i < count; i++) {
		steps[i] = (struct lift_step){scores[i], 1, outcome[i] != 0};
		lift->outcomes += outcome[i] != 0;
	}
	qsort(steps, count, sizeof *steps, best_first);
	for (size_t i = 0; i < count; i++) {
		if (n && !(steps[n - 1].score > steps[i].score)) {
			steps[n - 1].leads += steps[i].leads;
			steps[n - 1].outcomes += steps[i].outcomes;
		} else {
			steps[n++] = steps[i];
		}
	}
	lift->count = n;
}

void lift_fini(struct lift *lift)
{
	free(lift->steps);
	*lift = (struct lift){0};
}

double lift_reached(const struct lift *lift, double share)
{
	double left = share * (double)lift->leads, reached = 0;
	for (size_t i = 0; i < lift->count && left > 0; i++) {
		const struct lift_step *step = &lift->steps[i];
		double taken = fmin(left, (double)step->leads);
		reached += (double)step->outcomes * taken / (double)step->leads;
		left -= taken;
	}
	return reached;
}

/* Neighbours whose shares fall are pooled until all rise. */
static void make_rising(struct lift_bin *bins, size_t n)
{
	struct { double leads, outcomes; size_t bins; } *pools = mem_array(n + 1, sizeof *pools);
	size_t count = 0;
	for (size_t i = 0; i < n; i++) {
		pools[count].leads = (double)bins[i].leads;
		pools[count].outcomes = (double)bins[i].outcomes;
		pools[count++].bins = 1;
		while (count > 1 && pools[count - 2].outcomes * pools[count - 1].leads >= pools[count - 1].outcomes * pools[count - 2].leads) {
			pools[count - 2].leads += pools[count - 1].leads;
			pools[count - 2].outcomes += pools[count - 1].outcomes;
			pools[count - 2].bins += pools[count - 1].bins;
			count--;
		}
	}
	for (size_t p = 0, i = 0; p < count; p++)
		for (size_t k = 0; k < pools[p].bins; k++)
			bins[i++].fitted = pools[p].outcomes / pools[p].leads;
	free(pools);
}

size_t lift_bins(const struct lift *lift, struct lift_bin *bins, size_t most)
{
	size_t n = 0, seen = 0;
	for (size_t i = lift->count; i-- > 0;) {
		const struct lift_step *step = &lift->steps[i];
		if (!n || (n < most && seen * most >= n * lift->leads)) /* the bins before have their share */
			bins[n++] = (struct lift_bin){.low = step->score};
		bins[n - 1].high = step->score;
		bins[n - 1].leads += step->leads;
		bins[n - 1].outcomes += step->outcomes;
		seen += step->leads;
	}
	make_rising(bins, n);
	return n;
}
