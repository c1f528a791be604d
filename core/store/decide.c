/* What a person decides about touches in doubt: send them once more, or give them up. Those in any other state are left alone and told. */
#include "store/outbox.h"

#include "store/event_write.h"
#include "store/ids.h"
#include "store/outbox_inside.h"

#include "store/decide.sql.h"

enum { TAG_NONE, TAG_DECIDED };

struct decide_op {
	struct op op;
	const int64_t *touches;
	size_t count;
	bool resend;
	moment_t now;
	enum touch_state *was;
	struct over_touch *overs;
	size_t over_count;
	struct event_list events;
	store_decide_fn *fn;
	void *arg;
};

static enum op_more decide_segment(struct op *op, int number)
{
	struct decide_op *self = (struct decide_op *)op;
	if (number == 0) {
		struct params *p = op_params(op);
		struct param *ids = param_array(p, PARAM_INT8);
		for (size_t i = 0; i < self->count; i++)
			array_int8(ids, self->touches[i]);
		param_bool(p, self->resend);
		param_time(p, self->now);
		op_send(op, STATEMENT(outbox_decide), TAG_DECIDED);
		ids_ask(op, self->count);
		return OP_MORE;
	}
	for (size_t i = 0; i < self->over_count; i++)
		event_list_add_over(&self->events, op, &self->overs[i], self->now);
	event_list_send(op, &self->events, TAG_NONE);
	return OP_LAST;
}

static void decided_row(struct decide_op *self, const PGresult *rows, int i)
{
	struct arena *arena = self->op.arena;
	int n = row_int4(rows, i, 0);
	if (!touch_state_from(row_peek(rows, i, 1), &self->was[n]) || self->was[n] != TOUCH_IN_DOUBT || self->resend)
		return;
	self->overs[self->over_count++] = (struct over_touch){
		.touch_id = self->touches[n], .lead_id = row_int8(rows, i, 2), .channel = row_text(rows, i, 3, arena), .outcome = STR("dropped"),
		.campaign = row_text(rows, i, 4, arena), .step = row_text(rows, i, 5, arena), .reason = STR("dropped")};
}

static void decide_rows(struct op *op, int tag, const PGresult *rows)
{
	if (tag == TAG_IDS)
		ids_rows(op, rows);
	else if (tag == TAG_DECIDED)
		for (int i = 0; i < PQntuples(rows); i++)
			decided_row((struct decide_op *)op, rows, i);
}

static void decide_done(struct op *op, const struct error *error)
{
	struct decide_op *self = (struct decide_op *)op;
	self->fn(self->arg, error ? NULL : self->was, self->count, error);
}

void store_touch_decide(struct store *store, const int64_t *touches, size_t count, bool resend, moment_t now,
			store_decide_fn *fn, void *arg)
{
	static const struct op_class class = {.kind = OP_WRITE, .by_key = true, .segment = decide_segment, .rows = decide_rows, .done = decide_done};
	struct decide_op *self = op_new(store, &class, sizeof *self);
	int64_t *ids = arena_array(self->op.arena, count + 1, sizeof *ids);
	self->was = arena_array(self->op.arena, count + 1, sizeof *self->was);
	self->overs = arena_array(self->op.arena, count + 1, sizeof *self->overs);
	for (size_t i = 0; i < count; i++) {
		ids[i] = touches[i];
		self->was[i] = TOUCH_STATE_COUNT;
	}
	self->touches = ids;
	self->count = count;
	self->resend = resend;
	self->now = now;
	self->fn = fn;
	self->arg = arg;
	op_submit(&self->op);
}
