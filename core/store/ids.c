/* Blocks of ids. */
#include "store/ids.h"

#include "store/batch.h"
#include "store/private.h"

#include "store/ids.sql.h"

bool ids_ask(struct op *op, size_t count)
{
	struct store *store = op->store;
	if (store->id_end - store->id_next >= (int64_t)count)
		return true;
	if (count > IDS_BLOCK) {
		op_fail(op, ERROR_LIMIT, NULL, "more than %d new rows at once.", IDS_BLOCK);
		return false;
	}
	op_params(op);
	op_send(op, STATEMENT(id_block), TAG_IDS);
	return false;
}

void ids_rows(struct op *op, const PGresult *rows)
{
	op->store->id_next = row_int8(rows, 0, 0);
	op->store->id_end = op->store->id_next + IDS_BLOCK;
}

int64_t ids_take(struct op *op, int shard)
{
	if (op->store->id_next >= op->store->id_end)
		op_fail(op, ERROR_LIMIT, NULL, "more new rows at once than were asked for.");
	return op->store->id_next++ << 6 | shard;
}

/* ---- for the engine ---- */

struct ids_op {
	struct op op;
	size_t count;
	int64_t first;
	store_ids_fn *fn;
	void *arg;
};

static void take(struct ids_op *self)
{
	self->first = self->op.store->id_next;
	self->op.store->id_next += (int64_t)self->count;
}

static enum op_more ids_segment(struct op *op, int number)
{
	struct ids_op *self = (struct ids_op *)op;
	if (number == 0 && !ids_ask(op, self->count))
		return OP_MORE;
	take(self);
	return OP_LAST;
}

static void block_rows(struct op *op, int tag, const PGresult *rows)
{
	(void)tag;
	ids_rows(op, rows);
}

static void ids_done(struct op *op, const struct error *error)
{
	struct ids_op *self = (struct ids_op *)op;
	self->fn(self->arg, error ? 0 : self->first, error);
}

void store_ids(struct store *store, int count, store_ids_fn *fn, void *arg)
{
	static const struct op_class class = {.kind = OP_PLAIN, .segment = ids_segment, .rows = block_rows, .done = ids_done};
	struct ids_op *self = op_new(store, &class, sizeof *self);
	self->count = (size_t)count;
	self->fn = fn;
	self->arg = arg;
	op_submit(&self->op);
}
