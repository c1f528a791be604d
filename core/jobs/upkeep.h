/* What the jobs worker does by the clock: partitions of `event` ahead of time, old event keys and anonymous visitors away, waiting jobs. */
#ifndef NURTURE_JOBS_UPKEEP_H
#define NURTURE_JOBS_UPKEEP_H

#include "base/worker.h"
#include "store/store.h"

struct upkeep;

struct upkeep *upkeep_new(struct worker *worker, struct store *store);
void upkeep_stop(struct upkeep *upkeep); /* begins nothing new */
bool upkeep_is_busy(const struct upkeep *upkeep);
void upkeep_free(struct upkeep *upkeep); /* takes NULL */

#endif
