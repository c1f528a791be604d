/* See forget.h. Each is one statement. */
#include "store/forget.h"

#include "store/op.h"

#include <stdlib.h>

#include "store/forget.sql.h"

struct forget_op {
	struct op op;
	const char *channel, *kind, *plugin, *reason;
	int64_t id;
	struct store_forget_wish wish;
	struct store_forget rows[FORGET_MOST];
	size_t count;
	store_forget_fn *took;
	store_done_fn *fn;
	void *arg;
};

static enum op_more wanted_segment(struct op *op, int number)
{
	struct forget_op *self = (struct forget_op *)op;
	struct params *p = op_params(op);
	(void)number;
	param_text(p, str_of(self->channel));
	param_text(p, str_of(self->kind));
	param_text(p, str_of(self->plugin));
	param_bool(p, self->wish.forgets);
	param_bool(p, self->wish.parts);
	op_send(op, STATEMENT(forget_wanted), 0);
	return OP_LAST;
}

static enum op_more take_segment(struct op *op, int number)
{
	struct forget_op *self = (struct forget_op *)op;
	struct params *p = op_params(op);
	(void)number;
	param_text(p, str_of(self->channel));
	param_int4(p, FORGET_MOST);
	op_send(op, STATEMENT(forget_take), 0);
	return OP_LAST;
}

static enum op_more over_segment(struct op *op, int number)
{
	struct forget_op *self = (struct forget_op *)op;
	struct params *p = op_params(op);
	(void)number;
	param_text(p, str_of(self->channel));
	param_int8(p, self->id);
	if (self->reason)
		param_text(p, str_of(self->reason));
	if (self->reason)
		op_send(op, STATEMENT(forget_failed), 0);
	else
		op_send(op, STATEMENT(forget_done), 0);
	return OP_LAST;
}

static int oldest_first(const void *a, const void *b)
{
	const struct store_forget *x = a, *y = b;
	return x->id < y->id ? -1 : x->id > y->id;
}

static void take_rows(struct op *op, int tag, const PGresult *rows)
{
	struct forget_op *self = (struct forget_op *)op;
	(void)tag;
	for (int i = 0; i < PQntuples(rows) && self->count < FORGET_MOST; i++)
		self->rows[self->count++] = (struct store_forget){row_int8(rows, i, 0), row_int8(rows, i, 1), row_int8(rows, i, 2), row_bool(rows, i, 3)};
	qsort(self->rows, self->count, sizeof *self->rows, oldest_first);
}

static void take_done(struct op *op, const struct error *error)
{
	struct forget_op *self = (struct forget_op *)op;
	self->took(self->arg, self->rows, error ? 0 : self->count, error);
}

static void plain_done(struct op *op, const struct error *error)
{
	struct forget_op *self = (struct forget_op *)op;
	self->fn(self->arg, error);
}

void store_forget_wanted(struct store *store, const char *channel, const char *kind, const char *plugin, struct store_forget_wish wish, store_done_fn *fn, void *arg)
{
	static const struct op_class class = {.kind = OP_PLAIN, .segment = wanted_segment, .done = plain_done};
	struct forget_op *self = op_new(store, &class, sizeof *self);
	self->channel = arena_dup(self->op.arena, channel);
	self->kind = arena_dup(self->op.arena, kind);
	self->plugin = arena_dup(self->op.arena, plugin);
	self->wish = wish;
	self->fn = fn, self->arg = arg;
	op_submit(&self->op);
}

void store_forget_take(struct store *store, const char *channel, store_forget_fn *fn, void *arg)
{
	static const struct op_class class = {.kind = OP_PLAIN, .segment = take_segment, .rows = take_rows, .done = take_done};
	struct forget_op *self = op_new(store, &class, sizeof *self);
	self->channel = arena_dup(self->op.arena, channel);
	self->took = fn, self->arg = arg;
	op_submit(&self->op);
}

void store_forget_over(struct store *store, const char *channel, int64_t id, const char *reason, store_done_fn *fn, void *arg)
{
	static const struct op_class class = {.kind = OP_PLAIN, .segment = over_segment, .done = plain_done};
	struct forget_op *self = op_new(store, &class, sizeof *self);
	self->channel = arena_dup(self->op.arena, channel);
	self->reason = reason ? arena_dup(self->op.arena, reason) : NULL;
	self->id = id;
	self->fn = fn, self->arg = arg;
	op_submit(&self->op);
}
