/* Hauls that are over: the rows that lead to what is in hand (claim.c writes them, recover.c and unclaim.c follow them). Called by delivery now and then; a row
 * that stays costs a look and says nothing. */
#include "store/outbox.h"

#include "store/op.h"

#include <string.h>

#include "store/haul.sql.h"

struct hauls_op {
	struct op op;
	const char *channel;
	int64_t *hauls;
	size_t count;
	store_done_fn *fn;
	void *arg;
};

static enum op_more hauls_segment(struct op *op, int number)
{
	struct hauls_op *self = (struct hauls_op *)op;
	struct params *p = op_params(op);
	(void)number;
	param_text(p, str_of(self->channel));
	struct param *hauls = param_array(p, PARAM_INT8);
	for (size_t i = 0; i < self->count; i++)
		array_int8(hauls, self->hauls[i]);
	op_send(op, STATEMENT(hauls_over), 0);
	return OP_LAST;
}

static void hauls_done(struct op *op, const struct error *error)
{
	struct hauls_op *self = (struct hauls_op *)op;
	self->fn(self->arg, error);
}

void store_hauls_over(struct store *store, const char *channel, const int64_t *hauls, size_t count, store_done_fn *fn, void *arg)
{
	static const struct op_class class = {.kind = OP_PLAIN, .segment = hauls_segment, .done = hauls_done};
	struct hauls_op *self = op_new(store, &class, sizeof *self);
	self->channel = arena_dup(self->op.arena, channel);
	self->hauls = arena_array(self->op.arena, count + 1, sizeof *self->hauls);
	memcpy(self->hauls, hauls, count * sizeof *hauls);
	self->count = count;
	self->fn = fn;
	self->arg = arg;
	op_submit(&self->op);
}
