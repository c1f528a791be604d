/* Is one share really larger than another? Of those who were written to against the holdout, of one variant of a split against another. Pure. */
#ifndef NURTURE_REPORT_UPLIFT_H
#define NURTURE_REPORT_UPLIFT_H

#include "report/interval.h"

struct group {
	double cases, hits; /* leads, and those of them who reached the goal */
};
struct uplift {
	struct interval interval; /* of the difference of the shares, a - b; not known while one side is empty */
	double difference;        /* NAN while one side is empty */
	bool known;               /* the interval does not hold nought: the difference is told from luck */
	double needed;            /* leads of both sides together that tell a difference as large as the one seen, in eight of ten tries, at the 95 % of
				   * the interval, shared out as they are now; NAN when none is seen */
	double missing;           /* of these, how many are still to come; 0 = there are enough; NAN as needed */
};
struct uplift uplift_of(struct group a, struct group b);
/* How many cases each side needs (J. L. Fleiss 1981, formula 3.18, without correction for continuity): of a, with `ratio` times as many of b; power 80 %. */
double uplift_cases(double share_a, double share_b, double ratio);

#endif
