/* See loads.h: one transaction, whose last statement sees all that was written before the rows were locked. */
#include "store/loads.h"

#include "store/op.h"

#include "store/loads.sql.h"

struct loads_op {
	struct op op;
	store_done_fn *fn;
	void *arg;
};

static enum op_more loads_segment(struct op *op, int number)
{
	(void)number;
	op_params(op);
	op_send(op, STATEMENT(loads_gone), 0);
	op_params(op);
	op_send(op, STATEMENT(loads_missing), 0);
	op_params(op);
	op_send(op, STATEMENT(loads_lock), 0);
	op_params(op);
	op_send(op, STATEMENT(loads_reckon), 0);
	return OP_LAST;
}

static void loads_done(struct op *op, const struct error *error)
{
	struct loads_op *self = (struct loads_op *)op;
	self->fn(self->arg, error);
}

void store_loads_reckon(struct store *store, store_done_fn *fn, void *arg)
{
	static const struct op_class class = {.kind = OP_WRITE, .segment = loads_segment, .done = loads_done};
	struct loads_op *self = op_new(store, &class, sizeof *self);
	self->fn = fn;
	self->arg = arg;
	op_submit(&self->op);
}
