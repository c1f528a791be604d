/* The loop of one channel (DESIGN section 5, TRUST section 2): the only process where the channel's plugin is loaded.
 *
 * server runs the role, once for each channel of the configuration. Its note is "touch ID" while the plugin is handed a touch. */
#ifndef NURTURE_DELIVERY_DELIVERY_H
#define NURTURE_DELIVERY_DELIVERY_H

#include "base/worker.h"
#include "store/store.h"

extern const struct worker_role delivery_role;

/* Records the answers that dead delivery processes of the channel kept in data_dir/delivery on this machine: those of `dead`, or (NULL) of all whose
 * file nobody holds, but `living`. Needs no lease. Then fn, at once when there are none; error: the rest is still there, try again later. */
struct delivery_left {
	const char *data_dir; /* NULL: there are none */
	const char *channel, *dead, *living;
	moment_t now;         /* domain time */
};
void delivery_record_left(struct store *store, const struct delivery_left *want, store_done_fn *fn, void *arg);

#endif
