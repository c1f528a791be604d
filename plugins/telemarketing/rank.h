/* In which order calls are offered. Pure. The order is one number that never has to be changed by time alone, so that an index keeps it: a call that waits does not gain
 * on others that wait as well, and a point is worth so many minutes of waiting. Smaller comes first. */
#ifndef TELEMARKETING_RANK_H
#define TELEMARKETING_RANK_H

#include <stdbool.h>
#include <stdint.h>

enum rank_priority { RANK_LOW = -1, RANK_NORMAL, RANK_HIGH };
enum { RANK_CLASS_POINTS = 100000 /* high is worth more points than any formula gives */, RANK_POINTS_MOST = 10000 };

struct rank_of {
	enum rank_priority priority;
	int64_t points;        /* the playbook's formula: of grade, score, freshness */
	int64_t queued_at;     /* microseconds */
	int64_t latest_at;     /* 0 = none: what must be done within a day is as old as if it had waited for the rest of it */
	int64_t point_us;      /* what a point is worth */
};
int64_t rank_key(const struct rank_of *of);
/* Of a call that was promised for a moment: before all others, in the order of their moments. */
int64_t rank_callback(int64_t callback_at);
/* "high", "normal", "low" ("" = normal); false: none of them. */
bool rank_priority_read(const char *text, enum rank_priority *out);
/* What the formula printed: a number, perhaps with a fraction, blanks around; false: it is none. Cut to ±RANK_POINTS_MOST. "" = 0. */
bool rank_points_read(const char *text, int64_t *out);

#endif
