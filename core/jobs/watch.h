/* The playbook folder of a running server: published once at the first start, and whenever a file is saved with --watch. */
#ifndef NURTURE_JOBS_WATCH_H
#define NURTURE_JOBS_WATCH_H

#include "base/worker.h"
#include "store/store.h"

struct watch;

/* Begins: looks at the active revision; publishes the folder when there is none yet, or in any case with config->watch and when no other
 * node watches. */
struct watch *watch_new(struct worker *worker, struct store *store, struct error *error) MUST_USE;
void watch_free(struct watch *watch); /* takes NULL */
void watch_stop(struct watch *watch); /* takes NULL; looks no more, and lets another node watch */
bool watch_is_busy(const struct watch *watch); /* a publish, or an answer, is on its way */

#endif
