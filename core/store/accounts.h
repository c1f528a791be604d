/* The accounts' own turns: what is new for accounts of a shard, what their turns decided, and waking their people. Called by the engine that holds
 * the shard's lease; each of the two that write is one transaction, fenced by it. */
#ifndef NURTURE_STORE_ACCOUNTS_H
#define NURTURE_STORE_ACCOUNTS_H

#include "model/account.h"
#include "store/batch.h"

enum { ACCOUNTS_MESSAGES = 2000, ACCOUNTS_STALE = 500, ACCOUNTS_WAKE = 5000 };

/* A row of the account's inbox (0021_accounts.sql). */
struct account_message {
	int64_t id, lead_id;
	struct str was, now, seen, cause, set;
};
struct account_row {
	struct account *account;         /* summary: as stored; empty when there is none */
	struct account_summary *summary; /* the same, to be changed */
	const struct account_summary *counted; /* somebody asked to count its people again: these they are, messages and all; NULL = nobody did */
	bool is_new;                     /* has no summary yet */
	bool failing;                    /* its last turn was refused */
	bool stale;                      /* was summed up by other words */
	const struct account_message *messages; size_t message_count; /* in order */
};
struct account_batch {
	struct arena *arena;             /* store_accounts_free frees it */
	int shard;
	int64_t activation, epoch;
	moment_t now;
	const int64_t *ids; size_t id_count; /* the inbox rows that this turn takes */
	struct account_row *rows; size_t count;
	bool more;                       /* there are more messages */
	bool stale_over;                 /* no account of this shard was summed up by other words, as far as was asked */
	int64_t walk;                    /* the job of this shard's walk over accounts (migration 0041); 0 = none, or it is over */
};
struct account_request {
	const char *owner;
	int shard;
	moment_t now;
	const char *words;               /* what the playbook says of accounts */
	bool stale;                      /* also those that were summed up by other words */
};
typedef void store_accounts_fn(void *arg, struct account_batch *batch, const struct error *error); /* batch is the callee's now; NULL on error */
void store_accounts_load(struct store *store, const struct schema *schema, const struct account_request *request, store_accounts_fn *fn, void *arg);
/* One account outside any turn (explain): no lease, no messages. batch->count is 0 when there is none. */
void store_account_facts(struct store *store, const struct schema *schema, int64_t account_id, store_accounts_fn *fn, void *arg);
void store_accounts_free(struct account_batch *batch); /* takes NULL */

struct save_account {
	const struct account_row *row;
	struct str patch;                /* "" = no field changed */
	struct str packed;               /* the summary */
	const struct save_score_change *changes; size_t change_count;
	unsigned wake;                   /* roles */
	const int64_t *senders; size_t sender_count;
};
struct accounts_save {
	const char *owner, *revision, *words;
	const struct account_batch *batch;
	const struct save_account *accounts; size_t count;
	bool part;                       /* of what was loaded: only these accounts' messages are taken, else all of the batch */
};
/* ERROR_DENIED: the lease is lost, or a message was taken elsewhere: nothing was written. Borrowed until the callback. */
void store_accounts_save(struct store *store, const struct accounts_save *save, store_done_fn *fn, void *arg);

/* The database refuses this account's turn: its messages stay, and it is left alone for a minute, doubling to an hour (table account_failure). */
void store_accounts_refuse(struct store *store, const char *owner, const struct account_batch *batch, const struct account_row *row,
			   const struct error *why, store_done_fn *fn, void *arg);

/* One page of people of one account of the shard whose wake is due looks again (lane 2). walked: the job of the walk that is over in this shard; 0 = none. */
void store_accounts_wake(struct store *store, const char *owner, int shard, int64_t walked, store_done_fn *fn, void *arg);

#endif
