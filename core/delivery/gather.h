/* What a plugin asks one by one and the database is asked at once (look.c, look_again.c, offers.c): each question waits until the callbacks of this turn of
 * the loop are done; then the room's `flush` takes as many as go together. */
#ifndef NURTURE_DELIVERY_GATHER_H
#define NURTURE_DELIVERY_GATHER_H

#include "base/loop.h"

#include <sys/queue.h>

/* The first member of what is gathered. */
struct gathered {
	TAILQ_ENTRY(gathered) entry;
};
TAILQ_HEAD(gathered_list, gathered);

typedef void gather_fn(void *arg);
typedef void gather_end_fn(void *item);

struct gather {
	struct loop *loop;
	gather_fn *flush; /* takes what it can; called once for all that was put in one turn */
	void *arg;
	struct gathered_list waiting;
	bool scheduled;
};

void gather_init(struct gather *gather, struct loop *loop, gather_fn *flush, void *arg);
/* The item begins with a struct gathered; it is the gatherer's until it is taken. Flushes later, never inside. */
void gather_put(struct gather *gather, void *item);
/* The oldest, which stays; NULL = none waits. */
void *gather_first(const struct gather *gather);
/* The oldest, which is the caller's now; NULL = none waits. */
void *gather_take(struct gather *gather);
/* Gives all that wait to `end`, the oldest first, also what is put from inside it: it tells who asked that nothing will come, and frees the item. The loop has
 * stopped by then (loop_run does before it returns what was put off), or does not run again. */
void gather_fini(struct gather *gather, gather_end_fn *end);

#endif
