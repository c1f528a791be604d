/* Wakes whom a resume of a large campaign left to be woken, page by page: a statement of a million rows would hold up the web worker that was asked. */
#ifndef NURTURE_JOBS_WAKING_H
#define NURTURE_JOBS_WAKING_H

#include "base/worker.h"
#include "store/store.h"

struct waking;

struct waking *waking_new(struct worker *worker, struct store *store);
void waking_stop(struct waking *waking); /* begins no page any more; who is left is woken by whoever comes next */
bool waking_is_busy(const struct waking *waking);
void waking_free(struct waking *waking); /* takes NULL */

#endif
