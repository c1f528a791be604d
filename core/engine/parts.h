/* What the files of this room share. Nobody else includes it. */
#ifndef NURTURE_ENGINE_PARTS_H
#define NURTURE_ENGINE_PARTS_H

#include "base/metrics.h"
#include "base/worker.h"
#include "model/phone.h"
#include "playbook/current.h"
#include "store/batch.h"
#include "store/poll.h"
#include "turn/turn.h"

#include <sys/queue.h>

/* Raw ids taken from the sequence ahead of need: a turn's own events need theirs before they are saved. */
struct ids {
	int64_t next, end;
	bool asking;
};

/* One batch on its way: turned at once when it is loaded, saved when the one before is. */
struct round {
	struct engine *engine;
	struct edition *edition;
	struct batch *batch;
	struct arena *arena;          /* what the turns decided */
	struct save_lead *saves;
	size_t count;                 /* turned; fewer than batch->count when ids or time ran out */
	struct line *line;            /* that saves it; NULL = it waits for one */
	TAILQ_ENTRY(round) entry;     /* while it waits */
	struct batch_save save;       /* the part that is being saved */
	int64_t aside[BATCH_LEADS]; size_t aside_count; /* of the part that is being saved: they came too late (taken.c), and are loaded again */
	bool again;                   /* some were set aside */
	struct { size_t from, count; } parts[16]; /* still to be saved: halves of what failed, at most one for each halving of 500 */
	size_t part_count, saving_from, saving_count;
};

TAILQ_HEAD(round_queue, round);

/* A connection on which one shard after the other is turned: lines.c. */
struct line {
	struct engine *engine;
	struct store *store;
	int shard;                    /* that is being loaded, or whose round is being saved */
	bool loading, deep;           /* deep: it loads for itself; else the round came by a sweep */
	struct round *round;          /* being saved */
	mono_t since;
};
enum { LINES = 3, DEEP_LINES = 2 /* the first; the last is for what was swept alone */ };

struct keeper;
struct rescore;

struct sales {
	struct arena *arena;          /* NULL until the first poll */
	struct sales_load *loads; size_t count, room;
};

/* A place of an account in a campaign that a lead found taken when it was saved, as long as the lead does not know it by its own account. */
struct taken {
	int64_t lead_id;
	mono_t since;
	bool gone; /* it is of no use any more */
	struct campaign_claim claim;
};

struct engine {
	struct worker *worker;
	struct store *reads, *writes; /* sweeps, polls and questions; leases, ids and all that is told. lines[0] shares the second */
	struct arena *arena;          /* the site */
	struct playbook_current *current;
	struct edition *edition;      /* to decide by; NULL = none, or the newest did not load: no turns */
	bool loading_edition;
	struct place failing[16];     /* rules and steps of this edition whose failure is in the log already */
	size_t failing_count;
	struct clock clock;
	bool clock_known;
	struct ids ids;

	uint64_t held;                /* shards by lease */
	uint64_t ready;               /* of those: shards that have work, as far as known */
	uint64_t live;                /* of those: something live waits, by the last poll */
	uint64_t timely;              /* of those: a wake is due, by the last poll */
	uint64_t deep;                /* of those: with more to do than a sweep takes */
	uint64_t in_hand;             /* being loaded, or in a round that is not saved: no other batch of them may be loaded */
	uint64_t sweeping;            /* of those: by the sweep that is being loaded; 0 = none */
	uint64_t polled;              /* what was in hand when the poll was asked */
	uint64_t doubtful;            /* ready as a poll saw them while they were in hand: it may be done by now */
	struct line lines[LINES];
	struct round_queue waiting;   /* turned by a sweep, wait for a line */
	size_t live_rows;             /* that the next sweep takes of each shard */
	int64_t owed;                 /* microseconds that the deep shards have stood back for the others */
	uint64_t accounts;            /* of those: shards whose accounts have something new */
	uint64_t alike;               /* of those: shards with leads to look at by the rule of who is one person */
	bool looking_alike;
	uint64_t stale;               /* of those: shards with accounts that may have been summed up by other words of the playbook */
	struct account_turn *turn;    /* accounts.c: the accounts whose turn it is; kept from one to the next */
	int64_t walked;               /* accounts.c: the job of the walk that is over in the shard whose turn it is; 0 = none */
	bool turning;
	int last_accounts;            /* round robin goes on after this shard */
	mono_t quiet_until[SHARD_COUNT];
	int last_swept, last_deep;    /* round robin goes on after these */

	struct { struct arena *arena; struct taken *items; size_t count, room; } taken; /* taken.c */
	struct sales sales;           /* what the people of sales have in hand */
	struct rescore *rescore;      /* the walk over all leads, beside the rounds */
	struct loop_timer *lease_timer, *poll_timer;
	bool polling, leasing, draining, stopping;
	mono_t leased_at;             /* when leases were asked for last */
	mono_t pause_until;           /* after trouble with the database */
	const char *trouble;          /* the last that was told */
	mono_t trouble_told;
	worker_drained_fn *drained;
	void *drained_arg;
	bool released;
	bool gave_way; /* it is drained, and nobody asked for that yet (engine.c) */
	struct keeper *keeper;        /* NULL at scale 1 */
};

/* engine.c */
void engine_pump(struct engine *engine);         /* starts what can be started */
void engine_trouble(struct engine *engine, const char *what, const struct error *error); /* logs, tells the database, pauses a second */
moment_t engine_now(const struct engine *engine);

/* round.c: batch is the round's; NULL when nothing of it could be turned. */
struct round *round_new(struct engine *engine, struct batch *batch);
void round_save(struct round *round);            /* on its line; calls engine_saved at the end */
void round_free(struct round *round);
void engine_saved(struct engine *engine, struct round *round);

/* lines.c: the pipeline of rounds */
void lines_init(struct engine *engine);
void lines_fini(struct engine *engine);
void lines_look(struct engine *engine, const struct poll *poll);
void lines_save(struct engine *engine);          /* what waits, as far as lines are free; deep shards are not begun */
void lines_load(struct engine *engine);          /* sweeps and deep shards, where something is to be done */

/* sales.c */
void sales_look(struct engine *engine, const struct poll *poll);
void sales_note(struct engine *engine, const struct turn_changes *changes, moment_t now); /* a turn gave some */
void sales_fini(struct engine *engine);

/* accounts.c: the next shard's accounts, when none is on its way */
void engine_accounts(struct engine *engine);
void engine_accounts_free(struct engine *engine);

/* Counts, and logs the first failure of each place, of what one lead's turn decided. */
void round_tell(struct engine *engine, const struct turn_changes *changes, struct arena *arena);
/* The worker's note: this lead, and behind it what the turn writes there of rules and steps. */
struct turn_watch round_note(struct engine *engine, int64_t lead_id, const struct playbook *playbook);
bool round_is_about_data(const struct error *error); /* why a save failed: not the database's state */

/* rescore.c */
struct rescore *rescore_new(struct engine *engine);
void rescore_free(struct rescore *rescore);      /* takes NULL */
void rescore_look(struct rescore *rescore, const struct poll *poll);
void rescore_pump(struct rescore *rescore);      /* begins a page when nothing urgent waits, or none was begun for a while */
void rescore_drain(struct rescore *rescore);     /* lets go what is not decided yet */
uint64_t rescore_shards(const struct rescore *rescore); /* in hand just now: no batch of them may be loaded */

/* translate.c */
struct save_score_change *translate_changes(const struct turn_score_change *changes, size_t count, struct arena *arena);
/* Gives the turn's own events their ids and writes the save; false when there were not ids enough (nothing was written). */
bool translate(struct ids *ids, const struct batch_lead *before, struct turn_facts *facts, const struct turn_changes *changes,
	       struct arena *arena, struct save_lead *out);
void translate_failure(const struct batch_lead *before, const struct error *error, struct arena *arena, struct save_lead *out);

/* taken.c: what a save told; the facts of a turn with it; the part's leads without those that came too late: how many are left of it */
void taken_note(struct round *round, int64_t lead_id, const struct campaign_claim *claim);
void taken_add(const struct engine *engine, struct turn_facts *facts, struct arena *arena);
size_t taken_set_aside(struct round *round);
void taken_forget(struct round *round);          /* the part is saved: they know it */
void taken_fini(struct engine *engine);

/* move.c: true when the lead is, was or will be merged: *out says what is done with it instead of a turn. */
bool engine_moves(const struct batch_lead *before, struct save_lead *out);

/* same.c: leads that are one person by the playbook's rule, one shard at a time, beside the rounds */
void engine_turn_same(struct engine *engine);

/* edition.c */
bool engine_edition_is(const struct engine *engine, int64_t activation); /* that one was loaded, or refused, here */
void engine_load_edition(struct engine *engine);

/* keeper.c */
struct keeper *keeper_new(struct worker *worker);
void keeper_free(struct keeper *keeper);         /* takes NULL; the lease is the caller's to give back */

#endif
