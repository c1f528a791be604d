/* Permission: the last look before the act that cannot be taken back.
 *
 * It never overtakes a withdrawal: those hold the locks of their shards alone, permissions hold them together, and both take them before they
 * look at anything. So what committed before is seen, and what comes after finds the touch permitted (it is on the wire). */
#include "store/outbox.h"

#include "store/event_write.h"
#include "store/ids.h"
#include "store/outbox_inside.h"

#include "store/permit.sql.h"

enum { TAG_NONE, TAG_JUDGED };

struct permit_op {
	struct op op;
	const char *owner, *token, *channel;
	const int64_t *touches;
	size_t count;
	moment_t now;
	bool *allowed;
	struct event_list overs;
	store_permit_fn *fn;
	void *arg;
};

static struct params *touches_param(struct permit_op *self)
{
	struct params *p = op_params(&self->op);
	struct param *array = param_array(p, PARAM_INT8);
	for (size_t i = 0; i < self->count; i++)
		array_int8(array, self->touches[i]);
	return p;
}

static void send_locks(struct permit_op *self)
{
	uint64_t shards = 0;
	for (size_t i = 0; i < self->count; i++)
		shards |= UINT64_C(1) << lead_shard(self->touches[i]);
	struct param *array = param_array(op_params(&self->op), PARAM_INT4);
	for (int i = 0; i < SHARD_COUNT; i++)
		if (shards >> i & 1)
			array_int4(array, i);
	op_send(&self->op, STATEMENT(permit_lock_shared), TAG_NONE);
}

static struct params *touches_token_now(struct permit_op *self)
{
	struct params *p = touches_param(self);
	param_text(p, str_of(self->token));
	param_time(p, self->now);
	return p;
}

static enum op_more permit_segment(struct op *op, int number)
{
	struct permit_op *self = (struct permit_op *)op;
	if (number == 0) {
		outbox_fence(op, self->channel, self->owner);
		send_locks(self);
		ids_ask(op, self->count);
		touches_token_now(self);
		op_send(op, STATEMENT(outbox_permit), TAG_JUDGED);
		return OP_MORE;
	}
	event_list_send(op, &self->overs, TAG_NONE);
	for (size_t i = 0; i < self->count; i++) {
		if (self->allowed[i])
			continue;
		touches_token_now(self);
		op_send(op, STATEMENT(outbox_attempt_over), TAG_NONE);
		break;
	}
	return OP_LAST;
}

static void judged_rows(struct permit_op *self, const PGresult *rows)
{
	struct arena *arena = self->op.arena;
	for (int i = 0; i < PQntuples(rows); i++) {
		struct str stop = row_text(rows, i, 1, arena);
		self->allowed[row_int4(rows, i, 0)] = !stop.n;
		if (!stop.n)
			continue;
		struct over_touch over = {
			.outcome = STR("cancelled"), .reason = stop, .touch_id = row_int8(rows, i, 2), .lead_id = row_int8(rows, i, 3),
			.channel = row_text(rows, i, 4, arena), .campaign = row_text(rows, i, 5, arena), .step = row_text(rows, i, 6, arena)};
		event_list_add_over(&self->overs, &self->op, &over, self->now);
	}
}

static void permit_rows(struct op *op, int tag, const PGresult *rows)
{
	struct permit_op *self = (struct permit_op *)op;
	if (tag == TAG_FENCE)
		fence_rows(op, rows);
	else if (tag == TAG_IDS)
		ids_rows(op, rows);
	else if (tag == TAG_JUDGED)
		judged_rows(self, rows);
}

static void permit_done(struct op *op, const struct error *error)
{
	struct permit_op *self = (struct permit_op *)op;
	self->fn(self->arg, error ? NULL : self->allowed, self->count, error);
}

void store_permit(struct store *store, const char *owner, const char *channel, const char *token, const int64_t *touches, size_t count,
		  moment_t now, store_permit_fn *fn, void *arg)
{
	static const struct op_class class = {.kind = OP_WRITE, .by_key = true, .segment = permit_segment, .rows = permit_rows, .done = permit_done};
	struct permit_op *self = op_new(store, &class, sizeof *self);
	int64_t *ids = arena_array(self->op.arena, count + 1, sizeof *ids);
	for (size_t i = 0; i < count; i++)
		ids[i] = touches[i];
	self->owner = arena_dup(self->op.arena, owner);
	self->token = arena_dup(self->op.arena, token);
	self->channel = arena_dup(self->op.arena, channel);
	self->touches = ids;
	self->count = count;
	self->now = now;
	self->allowed = arena_array(self->op.arena, count + 1, sizeof *self->allowed);
	self->fn = fn;
	self->arg = arg;
	op_submit(&self->op);
}
