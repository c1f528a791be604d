/* The past of leads as it is stored, in pages of one shard: for replaying history (jobs/backtest). Each page is a short read-only transaction, so that
 * nothing waits for a backtest and vacuum goes on; leads come in the order of their ids. Leads that are another's, erased or anonymous are not in it. */
#ifndef NURTURE_STORE_PAST_H
#define NURTURE_STORE_PAST_H

#include "model/past.h"
#include "store/store.h"

/* What `history`, `events` and `twin` of a past_lead hold is the caller's to fill. */
struct past_ask {
	const struct schema *schema;                    /* for accounts; NULL = nobody asks for them */
	bool consents;
};
struct past_page {
	struct past_lead *leads; size_t count;          /* live as long as the arena given */
	int64_t next;                                   /* where the next page of the shard begins; 0 = the shard is through */
};
typedef void store_past_fn(void *arg, const struct past_page *page, const struct error *error);
void store_past(struct store *store, int shard, int64_t after, const struct past_ask *ask, struct arena *arena, store_past_fn *fn, void *arg);

/* All events of some leads, for those whose history is folded: told by lead, by moment. ids are sorted, and live until fn. */
typedef void store_past_events_fn(void *arg, const struct event *events, size_t count, const struct error *error);
void store_past_events(struct store *store, const int64_t *ids, size_t count, struct arena *arena, store_past_events_fn *fn, void *arg);

/* How many leads there are to be looked at, and how many events wait for their turns and are in no history yet. */
typedef void store_past_count_fn(void *arg, int64_t leads, int64_t waiting, const struct error *error);
void store_past_count(struct store *store, store_past_count_fn *fn, void *arg);

#endif
