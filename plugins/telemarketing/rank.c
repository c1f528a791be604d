/* See rank.h. */
#include "rank.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const int64_t DAY = INT64_C(86400000000), CALLBACKS = INT64_MIN / 2;

int64_t rank_key(const struct rank_of *of)
{
	int64_t key = of->queued_at - of->points * of->point_us, late = of->latest_at - DAY;
	if (of->latest_at && late < key)
		key = late;
	return key - (int64_t)of->priority * RANK_CLASS_POINTS * of->point_us;
}

int64_t rank_callback(int64_t callback_at)
{
	return CALLBACKS + callback_at;
}

bool rank_priority_read(const char *text, enum rank_priority *out)
{
	static const struct { const char *name; enum rank_priority priority; } all[] = {{"", RANK_NORMAL}, {"high", RANK_HIGH}, {"normal", RANK_NORMAL}, {"low", RANK_LOW}};
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if (strcmp(text, all[i].name) == 0) {
			*out = all[i].priority;
			return true;
		}
	return false;
}

bool rank_points_read(const char *text, int64_t *out)
{
	char *end;
	double points;
	text += strspn(text, " \t\n");
	*out = 0;
	if (!*text)
		return true;
	if (!strchr("+-.0123456789", *text))
		return false; /* strtod knows words, too */
	points = strtod(text, &end);
	if (end == text || end[strspn(end, " \t\n")] || !isfinite(points))
		return false;
	*out = (int64_t)llround(fmax(-RANK_POINTS_MOST, fmin(RANK_POINTS_MOST, points)));
	return true;
}
