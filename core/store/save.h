/* The save of a batch, in files: save.c leads, scores and the transaction; save_walk.c, save_pause.c, save_split.c, save_claim.c enrollments and touches; save_merge.c leads that are
 * merged. Inside the room. */
#ifndef NURTURE_STORE_SAVE_H
#define NURTURE_STORE_SAVE_H

#include "store/batch.h"
#include "store/event_write.h"
#include "store/op.h"
#include "store/rebuild_events.h"

struct save_op {
	struct op op;
	const struct batch_save *save;
	int64_t **enrollment_ids, **touch_ids; /* by lead, by index: new ones get theirs */
	struct event_list events, overs;
	bool suppresses;
	size_t inbox_count, woken_count;
	struct rebuilt *rebuilt; size_t rebuilt_count; /* histories that are built again */
	store_done_fn *fn;
	void *arg;
};

enum { SAVE_TAG_NONE, SAVE_TAG_INBOX, SAVE_TAG_WOKEN, SAVE_TAG_SUPPRESSED, SAVE_TAG_STOPPED, SAVE_TAG_EVENTS, SAVE_TAG_PAGE, SAVE_TAG_TAKEN, SAVE_TAG_LATER, SAVE_TAG_SPOKEN };

/* The leads whose turn did not fail; `i` is the index. */
#define EACH_SAVED(self, i, l)                                            \
	for (size_t i = 0; i < (self)->save->count; i++)                  \
		for (const struct save_lead *l = &(self)->save->leads[i]; l && !l->failure; l = NULL)

/* How many new ids save_walk_ids takes. */
size_t save_walk_needs(const struct save_op *self);
void save_walk_ids(struct save_op *self);
/* First of all, once and in their order: the shards of suppressions and merges, which wait for permissions (intake_consents.sql, permit_lock_alone). */
void save_walk_locks(struct save_op *self);
/* Cancelled touches, those that are put off, and suppressions. */
void save_walk_stops(struct save_op *self);
void save_later_rows(struct save_op *self, const PGresult *rows);
void save_spoken_rows(struct save_op *self, const PGresult *rows);
void save_walk(struct save_op *self);
/* New enrollments of campaigns that were paused when they were loaded (save_pause.c). */
void save_pause(struct save_op *self);
/* Tests that leads drew in and no row tells of (save_split.c). */
void save_split(struct save_op *self);
/* One of an account at a time (save_claim.c). */
void save_claims(struct save_op *self);
void save_taken_rows(struct save_op *self, const PGresult *rows);
void save_walk_suppressed_rows(struct save_op *self, const PGresult *rows);

/* Leads that are merged (save_merge.c); before the inbox rows are taken. */
void save_moves(struct save_op *self);
void save_moves_stopped_rows(struct save_op *self, const PGresult *rows);
/* Last of what is asked, and what comes of it. */
void save_moves_ask(struct save_op *self);
void save_moves_write(struct save_op *self);

/* A page of a walk (save_page.c): what is not written for turns, and where the walk stands now. */
void save_page(struct save_op *self);
void save_page_rows(struct save_op *self, const PGresult *rows);

/* Names beside each other, for an array of them in one text. */
struct str save_joined(struct buf *buf, const struct str *names, size_t count);

/* Starts a statement with the shard, and as asked `now` and the revision. */
struct params *save_params(struct save_op *self, bool now, bool revision);
void save_columns(struct params *p, const enum param_type *types, size_t count, struct param **columns);

#endif
