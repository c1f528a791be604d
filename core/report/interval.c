/* Wilson's interval holds its level also near 0 and 1 and for few cases, where the textbook's p ± 1.96·√(pq/n) does not; Newcombe's is made of two of them. */
#include "report/interval.h"

#include <math.h>

const double interval_z95 = 1.959963984540054;

static const double PI = 3.14159265358979323846;

static double polynomial(const double *c, int n, double x)
{
	double v = c[0];
	for (int i = 1; i < n; i++)
		v = v * x + c[i];
	return v;
}

static double tail(double p)
{
	static const double c[] = {-7.784894002430293e-03, -3.223964580411365e-01, -2.400758277161838e+00, -2.549732539343734e+00, 4.374664141464968e+00, 2.938163982698783e+00};
	static const double d[] = {7.784695709041462e-03, 3.224671290700398e-01, 2.445134137142996e+00, 3.754408661907416e+00, 1.0};
	double q = sqrt(-2 * log(p));
	return polynomial(c, 6, q) / polynomial(d, 5, q);
}

static double middle(double p)
{
	static const double a[] = {-3.969683028665376e+01, 2.209460984245205e+02, -2.759285104469687e+02, 1.383577518672690e+02, -3.066479806614716e+01, 2.506628277459239e+00};
	static const double b[] = {-5.447609879822406e+01, 1.615858368580409e+02, -1.556989798598866e+02, 6.680131188771972e+01, -1.328068155288572e+01, 1.0};
	double q = p - 0.5, r = q * q;
	return polynomial(a, 6, r) * q / polynomial(b, 6, r);
}

double interval_normal(double p)
{
	double x = p < 0.02425 ? tail(p) : p > 1 - 0.02425 ? -tail(1 - p) : middle(p);
	double e = 0.5 * erfc(-x / sqrt(2)) - p, u = e * sqrt(2 * PI) * exp(x * x / 2);
	return x - u / (1 + x * u / 2);
}

struct interval interval_share_at(double hits, double cases, double z)
{
	double z2 = z * z;
	if (cases <= 0)
		return (struct interval){0};
	double p = hits / cases, centre = (p + z2 / (2 * cases)) / (1 + z2 / cases);
	double half = z / (1 + z2 / cases) * sqrt(p * (1 - p) / cases + z2 / (4 * cases * cases));
	return (struct interval){true, fmax(0, centre - half), fmin(1, centre + half)};
}

struct interval interval_share(double hits, double cases)
{
	return interval_share_at(hits, cases, interval_z95);
}

struct interval interval_shares(double hits_a, double cases_a, double hits_b, double cases_b)
{
	return interval_shares_at(hits_a, cases_a, hits_b, cases_b, interval_z95);
}

struct interval interval_shares_at(double hits_a, double cases_a, double hits_b, double cases_b, double z)
{
	struct interval a = interval_share_at(hits_a, cases_a, z), b = interval_share_at(hits_b, cases_b, z);
	if (!a.known || !b.known)
		return (struct interval){0};
	double pa = hits_a / cases_a, pb = hits_b / cases_b;
	return (struct interval){true, pa - pb - hypot(pa - a.low, b.high - pb), pa - pb + hypot(a.high - pa, pb - b.low)};
}
