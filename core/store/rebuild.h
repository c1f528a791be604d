/* Building the histories of leads again from table event: after damage, or to see whether they say what the events say. The one writer of
 * lead_history besides the turns, so it holds their shard still for the time of a page. What a turn remembers of its last look is kept. */
#ifndef NURTURE_STORE_REBUILD_H
#define NURTURE_STORE_REBUILD_H

#include "store/store.h"

struct rebuild_page {
	int64_t next;    /* where the next page of the shard begins; 0 = the shard is through */
	int looked;      /* leads */
	int differ;      /* whose history said something else, or could not be read */
	int unreadable;  /* of those */
};
typedef void store_rebuild_fn(void *arg, const struct rebuild_page *page, const struct error *error);
/* The next hundred leads of a shard behind `after`, in one transaction. check: nothing is written. Doing it twice changes nothing more. */
void store_history_rebuild(struct store *store, int shard, int64_t after, bool check, store_rebuild_fn *fn, void *arg);

#endif
