/* The engine's two operations: load a batch of leads of one shard, save what their turns decided, each a fixed handful of round trips
 * in one pipeline. */
#ifndef NURTURE_STORE_BATCH_H
#define NURTURE_STORE_BATCH_H

#include "model/facts.h"
#include "model/history.h"
#include "store/store.h"

enum { BATCH_LEADS = 500, BATCH_INBOX_PER_LEAD = 1000 };

/* A row of the inbox, and where it lies. */
struct inbox_row {
	int64_t id;
	uint32_t block;
	uint16_t item;
};
/* One lead as loaded; texts and arrays live in the batch's arena. Fields by the schema given. */
struct batch_lead {
	struct lead_facts facts;
	const struct inbox_row *inbox; size_t inbox_count; /* that this turn consumes */
	moment_t wake_at;                /* as stored; MOMENT_NEVER = none */
	int lane;                        /* best of what woke it */
	bool rescore;
	const struct value *stored;      /* store's own: the fields as they were loaded (a turn changes facts.lead.fields in place) */
	bool enrolled, in_line, failing; /* of a page (scan.h): it stands in a campaign; its inbox has rows; its last turn failed */
};
struct batch {
	struct arena *arena;             /* store_batch_free frees it, */
	size_t *sharers;                 /* or the last one that shares it (struct sweep); NULL = its own */
	int shard;
	int64_t activation;              /* newest activation number, read in the same transaction */
	int64_t epoch;                   /* of the lease: another one when what was read may not be true any more (rebuild.h) */
	struct clock clock;
	moment_t now;                    /* domain time used for what is due */
	struct batch_lead *leads;
	size_t count;
	const struct campaign_pause *pauses; size_t pause_count; /* of store_lead_facts: what holds for everybody, also when there is no such lead */
	const struct split_test *splits; size_t split_count;
	bool more;                       /* there is more to do in this shard */
	int64_t next;                    /* of a page (scan.h): behind which lead the next one begins; 0 = this was the shard's last */
};

typedef void store_batch_fn(void *arg, struct batch *batch, const struct error *error); /* batch is the callee's now; NULL on error */

struct batch_request {
	const char *owner;               /* must hold the lease engine/shard; else ERROR_DENIED */
	int shard;
	moment_t now;
	size_t limit;                    /* at most BATCH_LEADS */
	const int64_t *without; size_t without_count; /* leads to leave out (in hand of the batch that commits just now, or failed) */
	int64_t longest_cap;             /* microseconds: how far back touches are read */
	bool without_summaries;          /* the playbook asks nothing of accounts' people and has no models of accounts: their summaries are not read */
};
/* Schema may be replaced between batches. Borrowed until the callback. */
void store_batch_load(struct store *store, const struct schema *schema, const struct batch_request *request, store_batch_fn *fn, void *arg);
void store_batch_free(struct batch *batch); /* takes NULL */

/* A little of many shards, read at once: what came in live should not wait until each shard has been asked for itself. */
enum { SWEEP_LIVE_MOST = BATCH_LEADS - 4 * 8, SWEEP_OTHERS = 8 };
struct sweep_request {
	const char *owner;
	uint64_t shards;                 /* bits, at least one; those whose lease is not the owner's are told of */
	moment_t now;
	size_t live;                     /* inbox rows of lane 0 of each shard, at most SWEEP_LIVE_MOST; of each other lane SWEEP_OTHERS */
	int64_t longest_cap;
	bool without_summaries;          /* as in batch_request */
};
struct sweep {
	int64_t activation;
	struct clock clock;
	uint64_t lost;                   /* shards that are not the owner's */
	uint64_t crowded;                /* shards with more live rows than were asked for */
	struct batch *batches[SHARD_COUNT]; size_t count; /* one of each shard that has something to do; the callee's now */
	size_t sharers;                  /* store's own */
};
typedef void store_sweep_fn(void *arg, struct sweep *sweep, const struct error *error); /* sweep itself is borrowed, and lives as long as one of its batches */
void store_batch_sweep(struct store *store, const struct schema *schema, const struct sweep_request *request, store_sweep_fn *fn, void *arg);

/* One lead outside any turn (explain, gate, simulation): no lease, no inbox, nothing is consumed. batch->count is 0 when there is none; 0 asks for nobody. */
void store_lead_facts(struct store *store, const struct schema *schema, int64_t lead_id, moment_t now, int64_t longest_cap, store_batch_fn *fn,
		      void *arg);

/* What one turn decided; ids of new rows are given by store. The structs are those of turn/turn.h, which store cannot
 * see: engine translates (core/engine/save.c). Texts are borrowed until the callback. */
struct save_touch { struct touch touch; struct str to; int enrollment; /* index in enrollments, or -1 */ };
struct save_log { int enrollment; int64_t enrollment_id; struct str campaign, step, what, cause, where; int touch; int64_t touch_id; };
struct save_score_change { struct str name; bool is_grade; int old_points, new_points; struct str old_grade, new_grade, old_band, new_band, cause; int64_t event_id; };
struct save_event { struct str verb, subject, data; int64_t id; /* filled before: it stands in the packed history too (store_event_ids) */ };
struct save_cancel { int64_t touch_id; struct str reason; };
/* A planned touch is put off. Claimed meanwhile, the lead came too late (batch_save.taken). */
struct save_later { int64_t touch_id; moment_t due_at, expires_at; };
struct save_suppression { struct str kind, value, channel, reason, ends; };
struct save_handoff { struct str person, campaign, step, reasons; moment_t due_at; int enrollment; };
/* What became of its handoffs: "accepted", "returned" or "late"; of one campaign, or "" = all of them. */
struct save_sales { struct str state, campaign; };
/* What the lead adds to its account: its row of account_member, and the account is told. The account itself is store's to know (account.c). */
struct save_member { bool belongs, changed; struct str packed, seen, cause; int role; moment_t acted; };
struct save_error { struct str where, context, message; };

struct save_split {      /* a test began */
	struct str campaign, step, words, ways;
	double first;
	moment_t look_at;
};

/* It entered a campaign for its account (turn_claim). */
struct save_claim { struct str campaign; int enrollment; int64_t instead; bool late; };

/* What is done with a lead that is, was or will be merged, instead of deciding about it: its inbox rows of this turn are passed on to the lead that it
 * is in the end (perhaps itself), in the same transaction. */
enum save_move {
	MOVE_NONE,
	MOVE_FORWARD,  /* it is another lead */
	MOVE_MERGE,    /* merge_id: becomes `winner` */
	MOVE_UNMERGE,  /* merge_id: is itself again; its history and its winner's are built again from the events */
	MOVE_REBUILD,  /* its history is built again from the events */
};

struct save_lead {
	const struct batch_lead *before;
	enum save_move move;             /* if not NONE: all below but wake_at is empty */
	int64_t merge_id, winner;
	const struct lead *lead;         /* NULL = unchanged */
	int64_t account_id;              /* as loaded; which account a lead belongs to is store's to know (core/store/account.c) */
	struct str packed;               /* "" = unchanged */
	const struct enrollment *enrollments; size_t enrollment_count; /* touch_id -1-N = touches[N] */
	const struct save_touch *touches; size_t touch_count;
	const struct save_cancel *cancels; size_t cancel_count;
	const struct save_later *later; size_t later_count;
	const struct score *scores; size_t score_count;
	const struct save_score_change *score_changes; size_t score_change_count;
	const struct save_log *logs; size_t log_count;
	const struct save_event *events; size_t event_count;
	const struct save_suppression *suppressions; size_t suppression_count;
	const struct save_handoff *handoffs; size_t handoff_count;
	const struct save_sales *sales; size_t sales_count;
	const struct save_split *splits; size_t split_count;
	const struct save_claim *claims; size_t claim_count;
	const struct save_error *errors; size_t error_count;
	struct save_member member;
	moment_t wake_at;                /* MOMENT_NEVER = none */
	bool erase;                      /* erase.h: nothing else is said */
	/* a turn that failed: nothing else is written, the inbox rows stay, turn_failure is raised */
	const struct save_error *failure;
};
/* A page of a walk (scan.h) that is saved: where the walk stood and stands, and whose turn must do the rest. */
struct save_page {
	int64_t job_id;                  /* ERROR_CONFLICT when the walk is another one's by now, was stopped, or does not stand at `after` */
	int64_t after, next;             /* next 0: the shard is through */
	const int64_t *handed; size_t handed_count; /* put in line, lane 2 */
	int64_t leads, changed, graded, errors;
};
struct batch_save {
	const char *owner;
	const char *revision;
	const struct batch *batch;
	const struct schema *schema;
	const struct save_lead *leads; size_t count;
	bool same_person;                /* the playbook has rules of who is one person: leads whose names changed are looked at (merge.h) */
	/* What this lead's turn decided by is not so any more, and it must be decided again: told before the callback's ERROR_CONFLICT. It entered a campaign for its
	 * account, and somebody else of it was faster (enrollment_id 0: another of these leads, which is not saved either; texts are borrowed); or, claim NULL, a
	 * channel has a touch in hand that it puts off. */
	void (*taken)(void *arg, int64_t lead_id, const struct campaign_claim *claim);
	const struct save_page *page;    /* NULL = turns. Else the leads were read in part: of table lead only stage and segments are written */
};
/* One transaction, fenced by the lease and its epoch. ERROR_DENIED: the lease is lost, histories were built anew, or a lead had this turn
 * already: nothing was written. A lost COMMIT answer is resolved before the callback. */
void store_batch_save(struct store *store, const struct batch_save *save, store_done_fn *fn, void *arg);

/* Ids from the sequence in blocks, so that a turn's own events have ids before they are saved: reserves `count`; gives the first
 * (raw sequence numbers; ids are (n << 6) | shard). */
typedef void store_ids_fn(void *arg, int64_t first, const struct error *error);
void store_ids(struct store *store, int count, store_ids_fn *fn, void *arg);

#endif
