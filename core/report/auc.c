/* Everything from ranks: among all rows, and among those of its own kind, a row's midrank says on how many of the other kind it stands on the right side of.
 * Scores that are whole numbers within a small range are ranked by counting, others by sorting. */
#include "report/auc.h"

#include "base/mem.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static const double RANGE_MOST = 1 << 20;

/* Of one distinct score, or a value of it: how many rows of each kind. */
struct pile {
	double score;
	size_t positives, negatives;
};

static int compare_piles(const void *a, const void *b)
{
	const struct pile *x = a, *y = b;
	return x->score < y->score ? -1 : x->score > y->score;
}

static bool range_of(const double *scores, size_t count, double *low, double *high)
{
	*low = *high = count ? scores[0] : 0;
	bool whole = true;
	for (size_t i = 0; i < count; i++) {
		*low = fmin(*low, scores[i]);
		*high = fmax(*high, scores[i]);
		whole &= fabs(scores[i]) < 1e15 && scores[i] <= floor(scores[i]);
	}
	return whole && *high - *low < RANGE_MOST;
}

static size_t piles_by_counting(const double *scores, const unsigned char *outcome, size_t count, double low, double high, struct pile **out)
{
	size_t n = (size_t)(high - low) + 1;
	*out = mem_array(n, sizeof **out);
	for (size_t i = 0; i < n; i++)
		(*out)[i].score = low + (double)i;
	for (size_t i = 0; i < count; i++) {
		struct pile *pile = &(*out)[(size_t)(scores[i] - low)];
		pile->positives += outcome[i] != 0;
		pile->negatives += outcome[i] == 0;
	}
	return n;
}

static size_t piles_by_sorting(const double *scores, const unsigned char *outcome, size_t count, struct pile **out)
{
	struct pile *piles = mem_array(count + 1, sizeof *piles);
	size_t n = 0;
	for (size_t i = 0; i < count; i++)
		piles[i] = (struct pile){scores[i], outcome[i] != 0, outcome[i] == 0};
	qsort(piles, count, sizeof *piles, compare_piles);
	for (size_t i = 0; i < count; i++) {
		if (n && !(piles[n - 1].score < piles[i].score)) {
			piles[n - 1].positives += piles[i].positives;
			piles[n - 1].negatives += piles[i].negatives;
		} else {
			piles[n++] = piles[i];
		}
	}
	*out = piles;
	return n;
}

/* Sum of squares of the deviations of placements, by kind: what DeLong's variance is made of. */
struct spread {
	double mean[2], squares[2];
	size_t count[2];
};

static void spread_add(struct spread *s, int kind, double value, size_t times)
{
	if (!times)
		return;
	size_t total = s->count[kind] + times;
	double delta = value - s->mean[kind];
	s->mean[kind] += delta * (double)times / (double)total;
	s->squares[kind] += delta * delta * (double)times * (double)s->count[kind] / (double)total;
	s->count[kind] = total;
}

static double spread_variance(const struct spread *s)
{
	double v = 0;
	for (int kind = 0; kind < 2; kind++)
		if (s->count[kind] > 1)
			v += s->squares[kind] / (double)(s->count[kind] - 1) / (double)s->count[kind];
	return v;
}

/* What rows of each pile stand on the right side of: a positive of the negatives below, a negative of the positives above. */
struct place {
	double score, positive, negative;
};

static struct spread place_piles(const struct pile *piles, size_t n, size_t positives, size_t negatives, struct place *places)
{
	struct spread s = {0};
	size_t below[2] = {0};
	for (size_t i = 0; i < n; i++) {
		const struct pile *pile = &piles[i];
		double lower = ((double)below[0] + (double)pile->negatives / 2) / (double)negatives;
		double higher = ((double)(positives - below[1] - pile->positives) + (double)pile->positives / 2) / (double)positives;
		places[i] = (struct place){pile->score, lower, higher};
		spread_add(&s, 1, lower, pile->positives);
		spread_add(&s, 0, higher, pile->negatives);
		below[0] += pile->negatives;
		below[1] += pile->positives;
	}
	return s;
}

static int compare_place(const void *key, const void *b)
{
	double score = *(const double *)key, other = ((const struct place *)b)->score;
	return score < other ? -1 : score > other;
}

static void place_rows(const double *scores, const unsigned char *outcome, size_t count, const struct place *places, size_t n, bool counted, double *placed)
{
	for (size_t i = 0; i < count; i++) {
		const struct place *p = counted ? &places[(size_t)(scores[i] - places[0].score)] : bsearch(&scores[i], places, n, sizeof *places, compare_place);
		placed[i] = outcome[i] ? p->positive : p->negative;
	}
}

struct auc auc_of(const double *scores, const unsigned char *outcome, size_t count, double *placed)
{
	struct auc auc = {.value = NAN};
	double low, high;
	struct pile *piles = NULL;
	for (size_t i = 0; i < count; i++)
		auc.positives += outcome[i] != 0;
	auc.negatives = count - auc.positives;
	if (!auc.positives || !auc.negatives) {
		if (placed && count)
			memset(placed, 0, count * sizeof *placed);
		return auc;
	}
	bool counted = range_of(scores, count, &low, &high);
	size_t n = counted ? piles_by_counting(scores, outcome, count, low, high, &piles) : piles_by_sorting(scores, outcome, count, &piles);
	struct place *places = mem_array(n, sizeof *places);
	struct spread s = place_piles(piles, n, auc.positives, auc.negatives, places);
	auc.value = s.mean[1];
	auc.variance = spread_variance(&s);
	if (placed)
		place_rows(scores, outcome, count, places, n, counted, placed);
	free(places);
	free(piles);
	return auc;
}

struct interval auc_interval(const struct auc *auc)
{
	size_t fewer = auc->positives < auc->negatives ? auc->positives : auc->negatives;
	double a = auc->value;
	if (fewer < AUC_FEW)
		return (struct interval){0};
	if (auc->variance <= 0) {
		double bound = pow(0.025, 1 / (double)fewer);
		return a >= 1 ? (struct interval){true, bound, 1} : a <= 0 ? (struct interval){true, 0, 1 - bound} : (struct interval){true, a, a};
	}
	double middle = log(a / (1 - a)), half = interval_z95 * sqrt(auc->variance) / (a * (1 - a));
	return (struct interval){true, 1 / (1 + exp(half - middle)), 1 / (1 + exp(-half - middle))};
}

struct auc_difference auc_compare(const double *placed_a, const double *placed_b, const unsigned char *outcome, size_t count)
{
	struct spread s = {0};
	for (size_t i = 0; i < count; i++)
		spread_add(&s, outcome[i] ? 1 : 0, placed_a[i] - placed_b[i], 1);
	return (struct auc_difference){s.count[1] ? s.mean[1] : NAN, spread_variance(&s)};
}

struct interval auc_difference_interval(const struct auc_difference *difference, const struct auc *of, double z)
{
	double half = z * sqrt(difference->variance);
	if (of->positives < AUC_FEW || of->negatives < AUC_FEW)
		return (struct interval){0};
	return (struct interval){true, difference->value - half, difference->value + half};
}
