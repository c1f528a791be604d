/* Calling the best first: how many of the outcomes a share of the leads reaches, and what share of each score really had the outcome. Leads of one score
 * cannot be told apart, so a cut through them takes the same share of their outcomes (not whoever happens to stand first). Pure. */
#ifndef NURTURE_REPORT_LIFT_H
#define NURTURE_REPORT_LIFT_H

#include <stddef.h>

/* All leads of one score. */
struct lift_step {
	double score;
	size_t leads, outcomes;
};
struct lift {
	struct lift_step *steps; /* highest score first */
	size_t count;
	size_t leads, outcomes;
};
void lift_init(struct lift *lift, const double *scores, const unsigned char *outcome, size_t count);
void lift_fini(struct lift *lift);
/* Outcomes among the best `share` (0 to 1) of the leads; a fraction where the cut goes through leads of one score. */
double lift_reached(const struct lift *lift, double share);

/* Bins of about equal size, of whole scores: lowest first. */
struct lift_bin {
	double low, high; /* scores */
	size_t leads, outcomes;
	double fitted;    /* the observed shares made rising by pooling neighbours (isotonic regression, PAV: Ayer and others 1955) */
};
/* At most `most` of them; how many. */
size_t lift_bins(const struct lift *lift, struct lift_bin *bins, size_t most);

#endif
