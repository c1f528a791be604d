/* Asking for leads to be erased: see erase.h. Called by the commands erase and purge, and by web. */
#include "store/erase.h"

#include "store/op.h"

#include "store/erase.sql.h"

enum { TAG_NONE, TAG_WHO };

struct erase_op {
	struct op op;
	const int64_t *asked;
	size_t asked_count;
	int64_t *leads;
	size_t count;
	bool bulk;
	const char *by;
	moment_t now;
	store_id_fn *fn;
	void *arg;
};

static struct params *leads_param(struct erase_op *self, const int64_t *leads, size_t count)
{
	struct params *p = op_params(&self->op);
	struct param *array = param_array(p, PARAM_INT8);
	for (size_t i = 0; i < count; i++)
		array_int8(array, leads[i]);
	return p;
}

static void send_locks(struct erase_op *self)
{
	uint64_t shards = 0;
	for (size_t i = 0; i < self->count; i++)
		shards |= UINT64_C(1) << lead_shard(self->leads[i]);
	struct param *array = param_array(op_params(&self->op), PARAM_INT4);
	for (int i = 0; i < SHARD_COUNT; i++)
		if (shards >> i & 1)
			array_int4(array, i);
	op_send(&self->op, STATEMENT(erase_lock), TAG_NONE);
}

static void send_all(struct erase_op *self)
{
	const struct { struct statement statement; bool now, lane, by; } steps[] = {
		{STATEMENT(erase_stop), true, false, false}, {STATEMENT(erase_cancel), true, false, false}, {STATEMENT(erase_refused), false, false, false},
		{STATEMENT(erase_unpark), false, false, false},
		{STATEMENT(erase_tell), true, true, false},  {STATEMENT(erase_audit), false, false, true},
	};
	send_locks(self);
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		struct params *p = leads_param(self, self->leads, self->count);
		if (steps[i].now)
			param_time(p, self->now);
		if (steps[i].lane)
			param_int4(p, self->bulk ? 2 : 0);
		if (steps[i].by)
			param_text(p, str_of(self->by));
		op_send(&self->op, steps[i].statement, TAG_NONE);
	}
}

static enum op_more erase_segment(struct op *op, int number)
{
	struct erase_op *self = (struct erase_op *)op;
	if (number == 0) {
		leads_param(self, self->asked, self->asked_count);
		op_send(op, STATEMENT(erase_who), TAG_WHO);
		return OP_MORE;
	}
	if (self->count)
		send_all(self);
	return OP_LAST;
}

static void erase_rows(struct op *op, int tag, const PGresult *rows)
{
	struct erase_op *self = (struct erase_op *)op;
	if (tag != TAG_WHO)
		return;
	self->leads = arena_array(op->arena, (size_t)PQntuples(rows) + 1, sizeof *self->leads);
	for (int i = 0; i < PQntuples(rows); i++)
		self->leads[self->count++] = row_int8(rows, i, 0);
}

static void erase_done(struct op *op, const struct error *error)
{
	struct erase_op *self = (struct erase_op *)op;
	self->fn(self->arg, error ? 0 : (int64_t)self->count, error);
}

void store_erase(struct store *store, const int64_t *leads, size_t count, bool bulk, const char *by, moment_t now, store_id_fn *fn, void *arg)
{
	static const struct op_class class = {.kind = OP_WRITE, .by_key = true, .segment = erase_segment, .rows = erase_rows, .done = erase_done};
	struct erase_op *self = op_new(store, &class, sizeof *self);
	int64_t *asked = arena_array(self->op.arena, count + 1, sizeof *asked);
	for (size_t i = 0; i < count; i++)
		asked[i] = leads[i];
	self->asked = asked;
	self->asked_count = count;
	self->bulk = bulk;
	self->by = by ? arena_dup(self->op.arena, by) : NULL;
	self->now = now;
	self->fn = fn;
	self->arg = arg;
	op_submit(&self->op);
}
