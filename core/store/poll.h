/* Is there anything to do? Cheap questions that idle workers ask often, and the keeper's move of scaled time.
 *
 * A poll was preferred to NOTIFY: a transaction that notifies takes a lock of the whole database until it is committed, so
 * intake, turns and outcomes would commit one after the other. */
#ifndef NURTURE_STORE_POLL_H
#define NURTURE_STORE_POLL_H

#include "model/facts.h"
#include "store/store.h"

struct poll {
	struct clock clock;
	int64_t activation;              /* newest activation number; 0 = nothing was published */
	uint64_t inbox;                  /* turns: shards whose inbox has rows that may be taken at `now` */
	uint64_t live;                   /* of those: with rows in lane 0 */
	uint64_t accounts;               /* turns: shards whose accounts have something new */
	uint64_t alike;                  /* turns: shards with leads that may be somebody else by the playbook's rule (merge.h) */
	moment_t wakes[SHARD_COUNT];     /* turns: earliest wake_at of each shard asked for; MOMENT_NEVER */
	uint64_t walks;                  /* turns: shards that are to be walked (migration 0022), of all, */
	int64_t walk_job[SHARD_COUNT], walk_after[SHARD_COUNT]; /* for which job, and behind which lead */
	const struct sales_load *loads; size_t load_count; /* turns: what the people of sales have in hand */
	uint64_t account_walks;          /* turns: shards whose accounts are to be summed up again (migration 0041), of all */
	bool free;                       /* a lease of this role is free: given back, or run out. Ask for it at once (store/lease.h) */
	const char *paused;              /* touches: the campaigns that are paused, \x1f between them; "" = none */
	const char *stopped_by, *held;   /* touches: who stopped the channel, why it is held (standing.h); NULL = it is not */
	moment_t due;                    /* touches: earliest due_at of a planned or deferred touch of the channel; MOMENT_NEVER */
};
/* Borrowed. ERROR_CONFLICT: the database has migrations that this program does not know. What it would do there is not known either: it gives its leases back
 * and does nothing more. */
typedef void store_poll_fn(void *arg, const struct poll *poll, const struct error *error);

/* For the engine: `shards` (bits). `now` decides which failed turns may be tried again. */
void store_poll_turns(struct store *store, uint64_t shards, moment_t now, store_poll_fn *fn, void *arg);
/* For delivery: one channel. */
void store_poll_touches(struct store *store, const char *channel, store_poll_fn *fn, void *arg);

/* Moves scaled time on by at most `step` microseconds, and not at all while something is open: inbox rows or wakes that are
 * due, touches that are due or in hand in one of `channels` (others wait for ever), and never past the next moment at which
 * something falls due. The owner must hold the lease clock/0 (else ERROR_DENIED). clock is NULL when it was not moved. */
typedef void store_advance_fn(void *arg, const struct clock *clock, bool moved, const struct error *error);
void store_clock_advance(struct store *store, const char *owner, int64_t step, const char *const *channels, size_t channel_count,
			 store_advance_fn *fn, void *arg);

#endif
