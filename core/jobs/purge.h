/* A purge: everybody of turn_purge is asked to go (store/erase.h), in pages, and it is over when their turns have forgotten them. Blocks; it works for the
 * command and for the jobs worker's child (purge_job.c) alike. Begun again it goes on with who is still there: to ask twice does no harm. */
#ifndef NURTURE_JOBS_PURGE_H
#define NURTURE_JOBS_PURGE_H

#include "store/store.h"
#include "turn/purge.h"

/* How far it is: leads that were asked to go. true = stop behind the page at hand. */
typedef bool purge_told_fn(void *arg, int64_t count, int64_t after);

struct purge {
	struct loop *loop;
	struct store *store;
	struct turn_purge who;
	const char *by;      /* for the audit; NULL = the connection */
	int64_t after;       /* where it goes on: the last lead of the page before; 0 = from the first */
	int64_t count;       /* asked so far */
	bool engine;         /* set by purge_count: engines are there to do it. Without, nobody is waited for: it is done when the server runs */
	bool cancelled;
	purge_told_fn *told; /* called behind each page, and while turns are waited for */
	void *arg;
};
/* How many it would be, and purge.engine. */
int purge_count(struct purge *purge, int64_t *leads, struct error *error) MUST_USE;
int purge_run(struct purge *purge, struct error *error) MUST_USE;

#endif
