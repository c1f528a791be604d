/* How well a score puts those with the outcome before those without: the area under the ROC curve, which is the chance that of one of each the one with
 * the outcome has the higher score, a tie counting half (Mann and Whitney). Its variance after DeLong, DeLong and Clarke-Pearson 1988, by ranks (Sun and
 * Xu 2014), so that a million leads take a second. Pure; no memory of its own outlives a call. */
#ifndef NURTURE_REPORT_AUC_H
#define NURTURE_REPORT_AUC_H

#include "report/interval.h"

#include <stddef.h>

enum { AUC_FEW = 10 /* of either kind: fewer are too few to say how sure a figure is */ };

struct auc {
	double value;            /* 0.5 = no order; NAN when there are not both kinds */
	double variance;
	size_t positives, negatives;
};
/* outcome: 1 or 0. placed (room for count, or NULL) gets for each row the share of the other kind that it stands on the right side of, ties half: for differences. */
struct auc auc_of(const double *scores, const unsigned char *outcome, size_t count, double *placed);
/* On the logit scale, so that it stays inside 0 and 1. A perfect order has no variance: then the bound of Clopper and Pearson for as many cases as the rarer kind. */
struct interval auc_interval(const struct auc *auc);
/* a - b of two scores of the same rows, by what each placed. */
struct auc_difference {
	double value, variance;
};
struct auc_difference auc_compare(const double *placed_a, const double *placed_b, const unsigned char *outcome, size_t count);
/* z: interval_z95, or wider when many differences shall hold together. Not known below AUC_FEW of either kind. */
struct interval auc_difference_interval(const struct auc_difference *difference, const struct auc *of, double z);

#endif
