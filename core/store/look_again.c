/* Whether touches that were looked at are as they were: outbox.h. One statement, no facts. Called by delivery when its plugin asks. */
#include "store/outbox.h"

#include "store/op.h"
#include "store/row.h"

#include "store/look_again.sql.h"

struct again_op {
	struct op op;
	const char *channel;
	const int64_t *touches;
	bool *same;
	size_t count;
	moment_t since;
	store_same_fn *fn;
	void *arg;
};

static enum op_more again_segment(struct op *op, int number)
{
	struct again_op *self = (struct again_op *)op;
	struct params *p = op_params(op);
	struct param *array = param_array(p, PARAM_INT8);
	(void)number;
	for (size_t i = 0; i < self->count; i++)
		array_int8(array, self->touches[i]);
	param_text(p, str_of(self->channel));
	param_time(p, self->since);
	op_send(op, STATEMENT(look_again), 0);
	return OP_LAST;
}

static void again_rows(struct op *op, int tag, const PGresult *rows)
{
	struct again_op *self = (struct again_op *)op;
	(void)tag;
	for (int i = 0; i < PQntuples(rows); i++)
		self->same[row_int4(rows, i, 0)] = true;
}

static void again_done(struct op *op, const struct error *error)
{
	struct again_op *self = (struct again_op *)op;
	self->fn(self->arg, self->same, self->count, error);
}

void store_look_again(struct store *store, const char *channel, const int64_t *touches, size_t count, moment_t since, store_same_fn *fn, void *arg)
{
	static const struct op_class class = {.kind = OP_READ, .by_key = true, .segment = again_segment, .rows = again_rows, .done = again_done};
	struct again_op *self = op_new(store, &class, sizeof *self);
	int64_t *copy = arena_array(self->op.arena, count + 1, sizeof *copy);
	for (size_t i = 0; i < count; i++)
		copy[i] = touches[i];
	self->channel = arena_dup(self->op.arena, channel);
	self->touches = copy;
	self->same = arena_array(self->op.arena, count + 1, sizeof *self->same);
	self->count = count;
	self->since = since;
	self->fn = fn;
	self->arg = arg;
	op_submit(&self->op);
}
