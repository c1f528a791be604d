/* What nodes say of themselves (table node). Machine time. Lists: store_query `nodes`, `node_differences`. */
#ifndef NURTURE_STORE_NODE_H
#define NURTURE_STORE_NODE_H

#include "store/store.h"

/* A node that was not heard of for so long is not counted any more; after an hour its row goes. */
enum { NODE_BEAT_SECONDS = 3, NODE_GONE_SECONDS = 30 };

struct node_beat {
	const char *token;      /* of the start of its master */
	const char *before;     /* token of the start before on the same data directory: its row goes; "" = none */
	const char *host, *listen, *version;
	moment_t started_at;
	const json_t *options;  /* option → salted hash */
	const char *trouble;    /* "" = none */
};
/* living: nodes heard of lately, this one included. differences: options in which one of them differs from the oldest. */
typedef void store_node_fn(void *arg, int living, int differences, const struct error *error);
/* Borrows the beat for the call. */
void store_node_beat(struct store *store, const struct node_beat *beat, store_node_fn *fn, void *arg);
/* The node has stopped: nobody need wait until it is not heard of. */
void store_node_leave(struct store *store, const char *token, store_done_fn *fn, void *arg);

#endif
