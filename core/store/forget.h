/* What the plugin of a channel must still forget (table channel_forget, migration 0036). Called by the delivery process that holds the channel. */
#ifndef NURTURE_STORE_FORGET_H
#define NURTURE_STORE_FORGET_H

#include "store/store.h"

enum { FORGET_MOST = 20 };
struct store_forget {
	int64_t id, lead_id, into; /* into 0: erased */
	bool apart;                /* lead_id is itself again: it was into's */
};
/* Of what the channel's plugin wants to hear from now on. */
struct store_forget_wish {
	bool forgets, parts;
};
void store_forget_wanted(struct store *store, const char *channel, const char *kind, const char *plugin, struct store_forget_wish wish, store_done_fn *fn, void *arg);
/* The oldest that are due; borrowed for the call. They come again after a minute, doubling to an hour, until they are done. Of one lead only the oldest. */
typedef void store_forget_fn(void *arg, const struct store_forget *rows, size_t count, const struct error *error);
void store_forget_take(struct store *store, const char *channel, store_forget_fn *fn, void *arg);
/* reason NULL: done, and gone; else it stays, with that. */
void store_forget_over(struct store *store, const char *channel, int64_t id, const char *reason, store_done_fn *fn, void *arg);

#endif
