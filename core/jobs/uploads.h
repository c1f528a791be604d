/* Files that were posted to /v1/imports: web leaves them in a folder, here they are imported, one after the other. */
#ifndef NURTURE_JOBS_UPLOADS_H
#define NURTURE_JOBS_UPLOADS_H

#include "base/worker.h"
#include "store/store.h"

struct uploads;

struct uploads *uploads_new(struct worker *worker, struct store *store);
void uploads_stop(struct uploads *uploads); /* ends the import that runs: whoever looks next goes on with it */
bool uploads_is_busy(const struct uploads *uploads);
void uploads_free(struct uploads *uploads); /* takes NULL */

#endif
