/* Touches that are due, and whose turn it is not: a limit of their channel's plugin (so many a minute, so many a day) puts them off before anybody claims them, so
 * that a long queue costs nothing while it waits. And touches that no message could be made of: held until the next publish. Called by delivery, which holds the
 * channel's lease. */
#ifndef NURTURE_STORE_TURNS_H
#define NURTURE_STORE_TURNS_H

#include "store/store.h"

enum { TURNS_MOST = 1000 }; /* that are looked at together */

struct turn_due {
	int64_t touch_id;
	moment_t due_at, expires_at;
	bool promised;          /* due_at is a turn that it was promised before */
	bool ours;              /* it goes to one of us */
	struct str purpose, address; /* address as the lead has it; "" = none, or of a letter */
	/* For store_turns_put_off: */
	moment_t turn;
	struct str reason;
};

/* The first so many that are due at `now`, in the order of a claim. Borrowed. */
typedef void store_turns_fn(void *arg, struct turn_due *due, size_t count, const struct error *error);
void store_turns_due(struct store *store, const char *channel, moment_t now, size_t limit, store_turns_fn *fn, void *arg);
/* Each becomes due at its `turn`, with `reason`. What somebody else changed meanwhile stays as it is. */
void store_turns_put_off(struct store *store, const char *owner, const char *channel, const struct turn_due *due, size_t count, store_done_fn *fn, void *arg);
/* What waits for a turn is due as it was before, all of it, in pages. ERROR_DENIED: the lease is gone. */
void store_turns_anew(struct store *store, const char *owner, const char *channel, moment_t now, store_done_fn *fn, void *arg);
/* What was held as no message could be made of it is planned again, in pages: where one fails, those before it are done, and who asks again gets the rest. */
void store_turns_unpark(struct store *store, const char *owner, const char *channel, moment_t now, store_done_fn *fn, void *arg);

#endif
