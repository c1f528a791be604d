/* What rows of an import would meet: the leads that they name, as they are now. */
#include "store/bulk.h"

#include "store/op.h"

#include "store/bulk_look.sql.h"

struct look_op {
	struct op op;
	const struct bulk_row *rows;
	size_t count;
	bulk_look_fn *each;
	store_done_fn *fn;
	void *arg;
};

static enum op_more look_segment(struct op *op, int number)
{
	const struct look_op *self = (struct look_op *)op;
	struct params *p = op_params(op);
	struct param *kind = param_array(p, PARAM_TEXT), *value = param_array(p, PARAM_TEXT);
	(void)number;
	for (size_t i = 0; i < self->count; i++) {
		struct bulk_name name = bulk_name_of(&self->rows[i]);
		array_text(kind, str_of(name.kind));
		array_text(value, name.value);
	}
	op_send(op, STATEMENT(bulk_look), 0);
	return OP_LAST;
}

static void look_rows(struct op *op, int tag, const PGresult *rows)
{
	const struct look_op *self = (struct look_op *)op;
	if (tag != 0 || PQnfields(rows) != 2)
		return;
	for (int i = 0; i < PQntuples(rows); i++) {
		struct str text = row_json_peek(rows, i, 1);
		json_t *lead = json_loadb(text.p, text.n, 0, NULL);
		self->each(self->arg, (size_t)row_int4(rows, i, 0), lead);
		json_decref(lead);
	}
}

static void look_done(struct op *op, const struct error *error)
{
	const struct look_op *self = (struct look_op *)op;
	self->fn(self->arg, error);
}

void store_bulk_look(struct store *store, const struct bulk_row *rows, size_t count, bulk_look_fn *each, store_done_fn *fn, void *arg)
{
	static const struct op_class class = {.kind = OP_READ, .by_key = true, .segment = look_segment, .rows = look_rows, .done = look_done};
	struct look_op *self = op_new(store, &class, sizeof *self);
	self->rows = rows;
	self->count = count;
	self->each = each;
	self->fn = fn;
	self->arg = arg;
	op_submit(&self->op);
}
