/* Intervals of 95 %: what a figure from so many cases may really be. Pure. */
#ifndef NURTURE_REPORT_INTERVAL_H
#define NURTURE_REPORT_INTERVAL_H

#include <stdbool.h>

struct interval {
	bool known; /* false: not to be told from so few */
	double low, high;
};

extern const double interval_z95; /* 1.959963984540054 */
/* The quantile of the standard normal distribution, 0 < p < 1 (P. J. Acklam's rational approximation, refined by one step of Halley: error below 1e-14). */
double interval_normal(double p);
/* A share of `hits` among `cases` (both may be fractions: ties shared out), after E. B. Wilson 1927. Not known without cases. */
struct interval interval_share(double hits, double cases);
struct interval interval_share_at(double hits, double cases, double z); /* z: half its width in standard errors; interval_z95 is 95 % */
/* Of the difference of two shares, a - b (R. G. Newcombe 1998, method 10: from the two Wilson intervals). */
struct interval interval_shares(double hits_a, double cases_a, double hits_b, double cases_b);
struct interval interval_shares_at(double hits_a, double cases_a, double hits_b, double cases_b, double z);

#endif
