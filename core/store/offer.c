/* Touches that somebody has in hand while they stand in their channel's queue: one statement, many touches. Said again it changes nothing. */
#include "store/outbox.h"

#include "store/op.h"
#include "store/row.h"

#include "store/offer.sql.h"

enum { TAG_NONE, TAG_HELD };

struct offer_op {
	struct op op;
	const char *channel;
	const struct offer *offers; /* borrowed until fn */
	size_t count;
	moment_t now;
	bool *held;
	store_moved_fn *fn;
	void *arg;
};

static enum op_more offer_segment(struct op *op, int number)
{
	struct offer_op *self = (struct offer_op *)op;
	struct params *p = op_params(op);
	struct param *touch = param_array(p, PARAM_INT8), *until = param_array(p, PARAM_TIME), *needed = param_array(p, PARAM_TIME);
	(void)number;
	for (size_t i = 0; i < self->count; i++) {
		array_int8(touch, self->offers[i].touch_id);
		array_time_or_null(until, self->offers[i].until);
		array_time_or_null(needed, self->offers[i].needed);
	}
	param_text(p, str_of(self->channel));
	param_time(p, self->now);
	op_send(op, STATEMENT(offer_hold), TAG_HELD);
	return OP_LAST;
}

static void offer_rows(struct op *op, int tag, const PGresult *rows)
{
	struct offer_op *self = (struct offer_op *)op;
	for (int i = 0; tag == TAG_HELD && i < PQntuples(rows); i++)
		self->held[row_int4(rows, i, 0)] = true;
}

static void offer_done(struct op *op, const struct error *error)
{
	struct offer_op *self = (struct offer_op *)op;
	self->fn(self->arg, error ? NULL : self->held, self->count, error);
}

void store_offers(struct store *store, const char *channel, const struct offer *offers, size_t count, moment_t now, store_moved_fn *fn, void *arg)
{
	static const struct op_class class = {.kind = OP_WRITE, .by_key = true, .segment = offer_segment, .rows = offer_rows, .done = offer_done};
	struct offer_op *self = op_new(store, &class, sizeof *self);
	self->channel = arena_dup(self->op.arena, channel);
	self->offers = offers;
	self->count = count;
	self->now = now;
	self->held = arena_array(self->op.arena, count + 1, sizeof *self->held);
	self->fn = fn;
	self->arg = arg;
	op_submit(&self->op);
}
