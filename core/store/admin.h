/* What commands, the jobs role and the master ask of the database beside the product's own path: tokens, jobs,
 * upkeep. Each is one short transaction; each change of a person's doing leaves a row in `audit`. */
#ifndef NURTURE_STORE_ADMIN_H
#define NURTURE_STORE_ADMIN_H

#include "base/hash.h"
#include "store/store.h"

typedef void store_id_fn(void *arg, int64_t id, const struct error *error);

/* API tokens: only the SHA-256 of the token's text is kept. Lists come from store_query: `tokens`, `token_find`. */
/* life: microseconds of machine time until it ends by itself, 0 = never. */
void store_token_create(struct store *store, const unsigned char hash[HASH_SHA256], const char *name, const char *scope, int64_t life,
			store_id_fn *fn, void *arg);
void store_token_revoke(struct store *store, int64_t token_id, store_done_fn *fn, void *arg); /* ERROR_NOT_FOUND */

/* Rows of table `job`. A running job belongs to `owner` until its `until` (30 s of machine time, renewed by progress). One whose time is over, or
 * whose owner's connection (store_new with the name "nurture job OWNER") is gone, may be taken again. Lists: store_query `jobs`, `job_find` ($1 kind, $2 arguments->>'key': the newest such job). */
enum { JOB_SECONDS = 30 };
/* owner NULL = waiting for the jobs role; else running at once. arguments: object, borrowed. */
void store_job_create(struct store *store, const char *kind, const json_t *arguments, const char *owner, moment_t now, store_id_fn *fn, void *arg);
/* The same for what somebody asks for again and again: arguments.by says who. Gives the job that is like it and not over yet, where there is one; the number
 * of one that waits, negative, when three of that kind do. */
void store_job_ask(struct store *store, const char *kind, const json_t *arguments, moment_t now, store_id_fn *fn, void *arg);
/* Takes job `id` for owner, or with id 0 the oldest waiting or abandoned one of `kind` (several: "a,b"); rows: the job, or none. */
void store_job_take(struct store *store, int64_t id, const char *kind, const char *owner, store_rows_fn *fn, void *arg);
/* Where it stands, and renews. cancel: somebody asked to stop it. ERROR_DENIED: it is another owner's now. progress, total < 0 = as they were. */
typedef void store_job_fn(void *arg, bool cancel, const struct error *error);
void store_job_progress(struct store *store, int64_t id, const char *owner, int64_t progress, int64_t total, const json_t *result, store_job_fn *fn, void *arg);
/* A job that its owner cannot do now waits again. */
void store_job_put_back(struct store *store, int64_t id, const char *owner, store_done_fn *fn, void *arg);
/* state: "done", "failed", "cancelled". result may be NULL; error NULL = none. */
void store_job_end(struct store *store, int64_t id, const char *owner, const char *state, const json_t *result, const char *error, moment_t now,
		   store_done_fn *fn, void *arg);
/* by: who asks, for the audit; NULL = the connection. ERROR_NOT_FOUND, ERROR_CONFLICT when it is over. */
void store_job_cancel(struct store *store, int64_t id, const char *by, store_done_fn *fn, void *arg);

/* A waiting job of this kind, unless there is one with the same arguments->>'key' that was made in the last day of domain time, or is not over: *id is 0
 * then. Two nodes at the same moment may make two: the work of such a kind must be one that may be done twice. */
void store_job_daily(struct store *store, const char *kind, const json_t *arguments, moment_t now, store_id_fn *fn, void *arg);

/* What sales says. Upsert of the row, and event opportunity.{open,won,lost} (value = amount, by us) with its inbox row, in one transaction.
 * ERROR_NOT_FOUND for an unknown lead or opportunity. */
struct store_opportunity {
	int64_t opportunity_id; /* 0 = new */
	int64_t lead_id;
	struct str state;       /* open, won, lost */
	struct str amount;      /* decimal text, or "" */
	struct str currency, reason;
	moment_t at;
};
void store_opportunity_put(struct store *store, const struct store_opportunity *opportunity, store_id_fn *fn, void *arg);
/* data: {"set": {…}}: a row of account_inbox. ERROR_NOT_FOUND for an unknown account. */
void store_account_update(struct store *store, int64_t account_id, struct str data, store_done_fn *fn, void *arg);

/* Upkeep by the jobs role. Partitions of `event` three months ahead of now (a security-definer function: the runtime role has no DDL);
 * event_key rows older than 90 days, at most `limit` a call: *id is how many went. */
/* Ends a job as store_job_end, now, and takes one key, which is large, out of its arguments. "failed": why is the result's `detail`. "done": all of its total. */
void store_job_slim(struct store *store, int64_t id, const char *owner, const char *state, const json_t *result, const char *without, store_done_fn *fn, void *arg);
void store_partitions(struct store *store, moment_t now, store_done_fn *fn, void *arg);
void store_keys_purge(struct store *store, moment_t now, int limit, store_id_fn *fn, void *arg);
/* The same of what imports left that ended 90 days before: errors of refused rows, and their groups. */
void store_imports_purge(struct store *store, moment_t now, int limit, store_id_fn *fn, void *arg);
/* Anonymous visitors without an event since then, with all of them: looks at the next `limit` behind `after` (0 = from the first); *id is where the
 * next call goes on, 0 = there are no more. */
void store_visitors_purge(struct store *store, moment_t since, int64_t after, int limit, store_id_fn *fn, void *arg);
/* What undoing a merge needs, after 90 days; *id is how many merges became final. */
void store_merges_purge(struct store *store, moment_t now, store_id_fn *fn, void *arg);
/* A worker died in this lead's turn: turn_failure.deaths + 1, tried again after a minute, parked at the third. */
/* A lead that was parked is looked at again; ERROR_NOT_FOUND when it is not parked. */
void store_lead_release(struct store *store, int64_t lead_id, store_done_fn *fn, void *arg);
void store_lead_failed(struct store *store, int64_t lead_id, const char *note, store_done_fn *fn, void *arg);
/* What an engine cannot do, as its log says (table engine_trouble, 0034): shown while it lasts by the queries engine_troubles and engine_figures. */
void store_engine_trouble(struct store *store, const char *what, const struct error *why, store_done_fn *fn, void *arg);

/* How far the walk of a rescore job is (migrations 0022, 0041): sums over the shards, and how many of them are through. ERROR_DENIED: another walk began. */
struct store_walk {
	int over, accounts_over;
	int64_t leads, changed, graded, handed, errors;
	int64_t accounts, accounts_total, accounts_changed, accounts_graded; /* that other words had summed up */
	int64_t newest;       /* message to an account; 0 = none */
	bool behind;          /* accounts have not taken all messages up to `heard` */
};
typedef void store_walk_fn(void *arg, const struct store_walk *walk, const struct error *error);
/* heard: `newest` of a look at which all leads were through; -1 = there was none. */
void store_walk_look(struct store *store, int64_t job, int64_t heard, store_walk_fn *fn, void *arg);
/* The summary of an account is counted again from what its people add, in its next turn; ERROR_NOT_FOUND when there is no such account. */
void store_account_recount(struct store *store, int64_t account_id, store_done_fn *fn, void *arg);
/* Leads that are somebody. */
void store_leads_count(struct store *store, store_id_fn *fn, void *arg);

#endif
