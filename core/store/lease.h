/* Leases of shards and channels (DESIGN section 5): who may act for whom, fenced by row locks. Machine time. */
#ifndef NURTURE_STORE_LEASE_H
#define NURTURE_STORE_LEASE_H

#include "store/store.h"

enum { LEASE_SECONDS = 10, LEASE_RENEW_SECONDS = 3 };

/* shards: bit set of the shards of `role` that `owner` holds after the call. `others` = how many owners of that role are alive (this one included). */
typedef void store_lease_fn(void *arg, uint64_t shards, int owners, const struct error *error);
/* Renews what owner holds and takes free or expired ones up to its even share of 64 (want = 64), or exactly shard 0 (want = 1: channels, singletons).
 * Gives back what is over its share. */
void store_lease_tick(struct store *store, const char *role, const char *owner, int want, store_lease_fn *fn, void *arg);
/* Gives back `shards` (bits), or all with ~0. */
void store_lease_release(struct store *store, const char *role, const char *owner, uint64_t shards, store_done_fn *fn, void *arg);
/* Says that owner lives, and takes nothing: for a process that has given its lease back and still has something in hand. */
void store_lease_present(struct store *store, const char *role, const char *owner, store_done_fn *fn, void *arg);
/* Is not counted any more when shares are reckoned, and gives back all but the shards `keep` (bits), where it has something in hand: release
 * them when that is done. Passes by open transactions, which hold their shards as long as they live. */
void store_lease_retire(struct store *store, const char *role, const char *owner, uint64_t keep, store_done_fn *fn, void *arg);
/* Gives back whatever `owner` held, in all roles: for the master, when it has seen that process die. Waits for its open transactions. ERROR_INVALID without an owner. */
void store_lease_orphan(struct store *store, const char *owner, store_done_fn *fn, void *arg);

#endif
