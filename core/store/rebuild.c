/* One page of histories: the shard held still, its leads with what is stored, their events; then what differs is written.
 *
 *   segment 0   the lock; a hundred leads and their histories
 *   segment 1   their events
 *   segment 2   the histories that differ, and their leads into lane 2 (bulk), so that scores follow; a turn that was loaded before and is saved
 *               after finds another epoch, writes nothing, and is done again with the new history */
#include "store/rebuild.h"

#include "model/history.h"
#include "store/op.h"

#include "store/rebuild.sql.h"

enum { TAG_LOCK = 1, TAG_LEADS, TAG_EVENTS, TAG_WRITTEN, PAGE = 100 };

struct rebuilt {
	int64_t lead_id;
	struct str stored, packed; /* packed "" = as stored */
	struct history history;
};
struct rebuild_op {
	struct op op;
	int shard;
	int64_t after;
	bool check;
	struct rebuilt *leads;
	size_t count;
	struct rebuild_page page;
	store_rebuild_fn *fn;
	void *arg;
};

/* ---- asking ---- */

static void ask_leads(struct rebuild_op *self)
{
	param_int4(op_params(&self->op), self->shard);
	op_send(&self->op, STATEMENT(rebuild_lock), TAG_LOCK);
	struct params *p = op_params(&self->op);
	param_int4(p, self->shard);
	param_int8(p, self->after);
	op_send(&self->op, STATEMENT(rebuild_leads), TAG_LEADS);
}

static void ask_events(struct rebuild_op *self)
{
	struct param *ids = param_array(op_params(&self->op), PARAM_INT8);
	for (size_t i = 0; i < self->count; i++)
		array_int8(ids, self->leads[i].lead_id);
	op_send(&self->op, STATEMENT(rebuild_events), TAG_EVENTS);
}

static void send_changed(struct rebuild_op *self, struct statement statement, bool bytes)
{
	struct params *p = op_params(&self->op);
	param_int4(p, self->shard);
	struct param *id = param_array(p, PARAM_INT8), *packed = bytes ? param_array(p, PARAM_BYTEA) : NULL;
	for (size_t i = 0; i < self->count; i++) {
		if (!self->leads[i].packed.n)
			continue;
		array_int8(id, self->leads[i].lead_id);
		if (packed)
			array_text(packed, self->leads[i].packed);
	}
	op_send(&self->op, statement, TAG_WRITTEN);
}

/* ---- comparing ---- */

static bool is_empty(const struct history *history)
{
	return history->count == 0 && history->fold_count == 0;
}

static void compare(struct rebuild_op *self, struct rebuilt *lead)
{
	struct arena *arena = self->op.arena;
	struct history stored = {0};
	struct error error = {0};
	bool damaged = history_read(&stored, lead->stored, arena, &error) != 0;
	self->page.unreadable += damaged;
	if (!damaged && (history_same(&stored, &lead->history) || (lead->stored.n == 0 && is_empty(&lead->history))))
		return;
	self->page.differ++;
	lead->history.seen_at = stored.seen_at;
	lead->history.seen_by = stored.seen_by;
	lead->history.held = stored.held;
	lead->history.held_count = stored.held_count;
	lead->packed = history_write(&lead->history, arena);
}

static enum op_more rebuild_segment(struct op *op, int number)
{
	struct rebuild_op *self = (struct rebuild_op *)op;
	if (number == 0) {
		ask_leads(self);
		return OP_MORE;
	}
	if (number == 1) {
		if (self->count)
			ask_events(self);
		return self->count ? OP_MORE : OP_LAST;
	}
	for (size_t i = 0; i < self->count; i++)
		compare(self, &self->leads[i]);
	if (self->page.differ && !self->check) {
		param_int4(op_params(op), self->shard);
		op_send(op, STATEMENT(rebuild_epoch), TAG_WRITTEN);
		send_changed(self, STATEMENT(rebuild_write), true);
		send_changed(self, STATEMENT(rebuild_wake), false);
	}
	return OP_LAST;
}

/* ---- answers ---- */

static void lead_rows(struct rebuild_op *self, const PGresult *rows)
{
	struct arena *arena = self->op.arena;
	self->count = (size_t)PQntuples(rows);
	self->leads = arena_array(arena, self->count + 1, sizeof *self->leads);
	for (size_t i = 0; i < self->count; i++)
		self->leads[i] = (struct rebuilt){.lead_id = row_int8(rows, (int)i, 0), .stored = row_text(rows, (int)i, 1, arena)};
	self->page.looked = (int)self->count;
	self->page.next = self->count == PAGE ? self->leads[self->count - 1].lead_id : 0;
}

static void event_rows(struct rebuild_op *self, const PGresult *rows)
{
	struct arena *arena = self->op.arena;
	size_t at = 0;
	for (int row = 0; row < PQntuples(rows); row++) {
		struct event event = {
			.lead_id = row_int8(rows, row, 0), .id = row_int8(rows, row, 1), .at = row_time(rows, row, 2), .verb = row_text(rows, row, 3, arena),
			.subject = row_text(rows, row, 4, arena), .value = row_float8(rows, row, 5), .has_value = !row_is_null(rows, row, 5),
			.machine = row_bool(rows, row, 6), .data = row_json(rows, row, 7, arena)};
		while (at < self->count && self->leads[at].lead_id < event.lead_id)
			at++;
		if (at < self->count && self->leads[at].lead_id == event.lead_id && history_keeps(&event))
			(void)history_add(&self->leads[at].history, &event, arena);
	}
}

static void rebuild_rows(struct op *op, int tag, const PGresult *rows)
{
	struct rebuild_op *self = (struct rebuild_op *)op;
	if (tag == TAG_LEADS)
		lead_rows(self, rows);
	else if (tag == TAG_EVENTS)
		event_rows(self, rows);
}

static void rebuild_done(struct op *op, const struct error *error)
{
	struct rebuild_op *self = (struct rebuild_op *)op;
	self->fn(self->arg, &self->page, error);
}

void store_history_rebuild(struct store *store, int shard, int64_t after, bool check, store_rebuild_fn *fn, void *arg)
{
	static const struct op_class class = {.kind = OP_WRITE, .by_key = true, .segment = rebuild_segment, .rows = rebuild_rows, .done = rebuild_done};
	struct rebuild_op *self = op_new(store, &class, sizeof *self);
	self->shard = shard;
	self->after = after;
	self->check = check;
	self->fn = fn;
	self->arg = arg;
	op_submit(&self->op);
}
