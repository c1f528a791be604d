/* The best against each other way, by Newcombe's interval of the difference. */
#include "report/winner.h"

#include <math.h>

static double share_of(struct group g)
{
	return g.cases > 0 ? g.hits / g.cases : -1;
}

int winner_of(const struct group *ways, size_t count, double error)
{
	size_t best = 0;
	double pairs = (double)count * ((double)count - 1) / 2;
	if (count < 2)
		return -1;
	for (size_t i = 1; i < count; i++)
		if (share_of(ways[i]) > share_of(ways[best]))
			best = i;
	double z = interval_normal(1 - error / 2 / pairs);
	for (size_t i = 0; i < count; i++) {
		struct interval d = interval_shares_at(ways[best].hits, ways[best].cases, ways[i].hits, ways[i].cases, z);
		if (i != best && (!d.known || d.low <= 0))
			return -1;
	}
	return (int)best;
}

double winner_error(double error, int look)
{
	return error / pow(2, look + 1);
}
