/* Two shares and what may be said of their difference. The interval decides; the sample is only advice. */
#include "report/uplift.h"

#include <math.h>

static const double POWER = 0.8, LEVEL = 0.975;

double uplift_cases(double share_a, double share_b, double ratio)
{
	double d = share_a - share_b, mean = (share_a + ratio * share_b) / (1 + ratio);
	double luck = interval_normal(LEVEL) * sqrt((1 + ratio) * mean * (1 - mean));
	double seen = interval_normal(POWER) * sqrt(ratio * share_a * (1 - share_a) + share_b * (1 - share_b));
	return ceil((luck + seen) * (luck + seen) / (ratio * d * d));
}

struct uplift uplift_of(struct group a, struct group b)
{
	struct uplift u = {.difference = NAN, .needed = NAN, .missing = NAN};
	if (a.cases <= 0 || b.cases <= 0)
		return u;
	double share_a = a.hits / a.cases, share_b = b.hits / b.cases, ratio = b.cases / a.cases;
	u.interval = interval_shares(a.hits, a.cases, b.hits, b.cases);
	u.difference = share_a - share_b;
	u.known = u.interval.known && (u.interval.low > 0 || u.interval.high < 0);
	if (fabs(u.difference) < 1e-12)
		return u;
	double of_a = uplift_cases(share_a, share_b, ratio);
	u.needed = of_a + ceil(of_a * ratio - 1e-9);
	u.missing = fmax(0, u.needed - a.cases - b.cases);
	return u;
}
