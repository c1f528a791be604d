/* One page of histories: the shard held still, its leads with what is stored, their events; then what differs is written.
 *
 *   segment 0   the lock; a hundred leads and their histories
 *   segment 1   their events
 *   segment 2   the histories that differ, and their leads into lane 2 (bulk), so that scores follow; a turn that was loaded before and is saved
 *               after finds another epoch, writes nothing, and is done again with the new history */
#include "store/rebuild.h"

#include "store/rebuild_events.h"

#include "store/rebuild.sql.h"

enum { TAG_LOCK = 1, TAG_LEADS, TAG_EVENTS, TAG_WRITTEN, PAGE = 100 };

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
	rebuilt_ask(&self->op, self->leads, self->count, TAG_EVENTS);
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

static void compare(struct rebuild_op *self, struct rebuilt *lead)
{
	bool damaged;
	if (!rebuilt_differs(lead, self->op.arena, &damaged))
		return;
	self->page.unreadable += damaged;
	self->page.differ++;
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

static void rebuild_rows(struct op *op, int tag, const PGresult *rows)
{
	struct rebuild_op *self = (struct rebuild_op *)op;
	if (tag == TAG_LEADS)
		lead_rows(self, rows);
	else if (tag == TAG_EVENTS)
		rebuilt_events(self->leads, self->count, rows, op->arena);
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
