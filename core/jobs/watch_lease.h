/* Which node watches its playbook's folder: the one that holds the lease watch/0. Another one with --watch says so and takes over when the first
 * has stopped; two folders that take turns in being right would help nobody. */
#ifndef NURTURE_JOBS_WATCH_LEASE_H
#define NURTURE_JOBS_WATCH_LEASE_H

#include "base/loop.h"
#include "base/worker.h"
#include "store/store.h"

struct watch_lease;

/* Asks from now on; calls fn each time that this node begins to watch. */
struct watch_lease *watch_lease_new(struct worker *worker, struct store *store, loop_fn *fn, void *arg);
void watch_lease_free(struct watch_lease *lease); /* takes NULL; no call of fn comes after it */
bool watch_lease_is_mine(const struct watch_lease *lease);
bool watch_lease_is_busy(const struct watch_lease *lease); /* an answer is on its way */
void watch_lease_stop(struct watch_lease *lease); /* gives it back: another node may have it */

#endif
