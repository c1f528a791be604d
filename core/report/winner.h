/* Which of several ways is really the best? Pure. */
#ifndef NURTURE_REPORT_WINNER_H
#define NURTURE_REPORT_WINNER_H

#include "report/uplift.h"

#include <stddef.h>

/* The index of the way whose share is the highest, if it is told from that of each other one; -1 = that is not known. error: how often a difference may be seen
 * where there is none (0.05 = known at 95 %), shared out among the pairs (Bonferroni), as the best is picked after they are seen. */
int winner_of(const struct group *ways, size_t count, double error);
/* The error that look number `look` (from 0) may make when a test is looked at again and again: half of what is left each time, so that all
 * together stay below `error`. */
double winner_error(double error, int look);

#endif
