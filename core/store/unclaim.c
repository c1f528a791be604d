/* Claims that nobody knows of: the answer to a claim's COMMIT was lost and the database could not say what became of it. They stand under
 * this process's own token, so recovery, which looks for other tokens, would find them only after its end: also recovery of who has the
 * channel by now, for it leaves alone what is a living process's. So no lease is asked for: what is under our token is ours to give back. */
#include "store/outbox.h"

#include "store/outbox_inside.h"

#include "store/unclaim.sql.h"

enum { TAG_NONE, TAG_GIVEN_BACK };

struct unclaim_op {
	struct op op;
	const char *token, *channel;
	const int64_t *held;
	size_t count;
	int given_back;
	store_unclaim_fn *fn;
	void *arg;
};

static enum op_more unclaim_segment(struct op *op, int number)
{
	struct unclaim_op *self = (struct unclaim_op *)op;
	(void)number;
	struct params *p = op_params(op);
	param_text(p, str_of(self->channel));
	param_text(p, str_of(self->token));
	struct param *held = param_array(p, PARAM_INT8);
	for (size_t i = 0; i < self->count; i++)
		array_int8(held, self->held[i]);
	op_send(op, STATEMENT(outbox_unclaim), TAG_GIVEN_BACK);
	return OP_LAST;
}

static void unclaim_rows(struct op *op, int tag, const PGresult *rows)
{
	if (tag == TAG_GIVEN_BACK)
		((struct unclaim_op *)op)->given_back = PQntuples(rows);
}

static void unclaim_done(struct op *op, const struct error *error)
{
	struct unclaim_op *self = (struct unclaim_op *)op;
	self->fn(self->arg, error ? 0 : self->given_back, error);
}

void store_unclaim(struct store *store, const char *channel, const char *token, const int64_t *held, size_t count, store_unclaim_fn *fn, void *arg)
{
	static const struct op_class class = {.kind = OP_WRITE, .by_key = true, .segment = unclaim_segment, .rows = unclaim_rows, .done = unclaim_done};
	struct unclaim_op *self = op_new(store, &class, sizeof *self);
	int64_t *ids = arena_array(self->op.arena, count + 1, sizeof *ids);
	for (size_t i = 0; i < count; i++)
		ids[i] = held[i];
	self->token = arena_dup(self->op.arena, token);
	self->channel = arena_dup(self->op.arena, channel);
	self->held = ids;
	self->count = count;
	self->fn = fn;
	self->arg = arg;
	op_submit(&self->op);
}
