/* Two scores as one: a logistic regression of two variables, by Newton's steps, with a trace of ridge so that a perfect order ends too. Learned on other
 * leads than those that it scores, so that joining can lose as well as win: what it says is no flattery. */
#include "report/backtest_parts.h"

#include <math.h>

enum { FOLDS = 5, STEPS = 25, SHARD_BITS = 6 };
static const double RIDGE = 1e-4;

struct scale {
	double mean, spread;
};

static struct scale scale_of(const double *x, size_t count)
{
	struct scale s = {0, 0};
	for (size_t i = 0; i < count; i++)
		s.mean += x[i] / (double)count;
	for (size_t i = 0; i < count; i++)
		s.spread += (x[i] - s.mean) * (x[i] - s.mean) / (double)count;
	s.spread = s.spread > 0 ? sqrt(s.spread) : 1;
	return s;
}

static int fold_of(int64_t lead)
{
	return (int)((((uint64_t)lead >> SHARD_BITS) * UINT64_C(0x9e3779b97f4a7c15) >> 32) % FOLDS);
}

/* Solves the 3 × 3 system by elimination; the matrix is positive definite. */
static void solve(double m[3][4])
{
	for (int i = 0; i < 3; i++)
		for (int k = 0; k < 3; k++) {
			double factor = k == i ? 0 : m[k][i] / m[i][i];
			for (int c = i; c < 4; c++)
				m[k][c] -= factor * m[i][c];
		}
	for (int i = 0; i < 3; i++)
		m[i][3] /= m[i][i];
}

struct pair {
	const double *a, *b;
	struct scale sa, sb;
	const struct dataset *dataset;
};

static double learn_step(const struct pair *p, int fold, double w[3])
{
	double m[3][4] = {{0}}, n = 0;
	for (size_t i = 0; i < p->dataset->count; i++) {
		if (fold_of(p->dataset->lead[i]) == fold)
			continue;
		double x[3] = {1, (p->a[i] - p->sa.mean) / p->sa.spread, (p->b[i] - p->sb.mean) / p->sb.spread};
		double chance = 1 / (1 + exp(-(w[0] + w[1] * x[1] + w[2] * x[2]))), weight = chance * (1 - chance);
		for (int r = 0; r < 3; r++) {
			for (int c = 0; c < 3; c++)
				m[r][c] += weight * x[r] * x[c];
			m[r][3] += (p->dataset->outcome[i] - chance) * x[r];
		}
		n++;
	}
	for (int r = 0; r < 3; r++) {
		m[r][r] += RIDGE * n;
		m[r][3] -= r ? RIDGE * n * w[r] : 0;
	}
	solve(m);
	double moved = 0;
	for (int r = 0; r < 3; r++) {
		w[r] += m[r][3];
		moved += fabs(m[r][3]);
	}
	return moved;
}

bool backtest_together(const double *a, const double *b, const struct dataset *dataset, double *out)
{
	struct pair p = {a, b, scale_of(a, dataset->count), scale_of(b, dataset->count), dataset};
	size_t negatives = dataset->count - dataset->positives;
	if (dataset->positives < 2 * AUC_FEW || negatives < 2 * AUC_FEW)
		return false;
	for (int fold = 0; fold < FOLDS; fold++) {
		double w[3] = {log((double)dataset->positives / (double)negatives), 0, 0};
		for (int i = 0; i < STEPS && learn_step(&p, fold, w) > 1e-8; i++)
			;
		for (size_t i = 0; i < dataset->count; i++)
			if (fold_of(dataset->lead[i]) == fold) /* the constant is not asked: folds are laid beside each other */
				out[i] = w[1] * (a[i] - p.sa.mean) / p.sa.spread + w[2] * (b[i] - p.sb.mean) / p.sb.spread;
	}
	return true;
}
