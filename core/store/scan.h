/* Leads in bulk: pages of one shard, in the order of their ids, with what scores need and nothing else.
 *
 * For whoever looks at very many leads: the engine's walk after an activation, previews, backtests. A page is a short read-only transaction, so no
 * snapshot stands in the way of those who write, and is bounded, so is the memory. It holds leads that are somebody: no visitors, nobody merged into
 * another or erased. Of each come id, stage, account, segments and what `wants` asks for; never touches, nor enrollments (only whether
 * there is an open one). facts.twin says what the stored quality says. turn_facts_read makes a turn's facts of them; whoever decides by them
 * must not write fields that were not read. */
#ifndef NURTURE_STORE_SCAN_H
#define NURTURE_STORE_SCAN_H

#include "store/batch.h"

enum { SCAN_LEADS = 1000 };

struct scan_request {
	const struct schema *schema; /* borrowed until the callback */
	struct lead_wants wants;     /* its arrays too */
	int shard;
	int64_t after;               /* 0 = from the first lead; else `next` of the page before */
	size_t limit;                /* at most SCAN_LEADS; 0 = that */
	moment_t now;                /* for the page's `now` */
	const char *owner;           /* must hold the lease engine/shard, else ERROR_DENIED: for who writes by what it reads; NULL = a reader. Only
	                              * then wakes, `in_line` and `failing` are read */
};
/* The page is the callee's now (store_batch_free); count may be 0. NULL on error. */
void store_scan_page(struct store *store, const struct scan_request *request, store_batch_fn *fn, void *arg);

/* All leads, page after page, the next page being read while fn looks at one; blocks, for commands and jobs. The pages of the shards take turns, for their
 * leads lie side by side. The page is freed after fn, which returns 0 to go on, or -1 with its error to end. request's shard and after are
 * not looked at. */
typedef int store_scan_fn(void *arg, struct batch *page, struct error *error);
int store_scan(struct loop *loop, struct store *store, const struct scan_request *request, store_scan_fn *fn, void *arg, struct error *error) MUST_USE;

/* The same of all accounts: of each row `account` alone is read, with its summary (store/accounts.h). */
struct account_batch;
typedef int store_scan_accounts_fn(void *arg, const struct account_batch *page, struct error *error);
int store_scan_accounts(struct loop *loop, struct store *store, const struct schema *schema, store_scan_accounts_fn *fn, void *arg, struct error *error) MUST_USE;

#endif
