/* Turns of touches: see turns.h. Each row is changed only as it was looked at, so a claim, a withdrawal, a stop in between wins. */
#include "store/turns.h"

#include "store/outbox_inside.h"

#include "store/turns.sql.h"

#include <stdlib.h>

enum { TAG_NONE, TAG_DUE, TAG_PAGE };

struct turns_op {
	struct op op;
	const char *owner, *channel;
	moment_t now, after;
	int16_t shard; /* and touch: the last of the page */
	int64_t touch;
	size_t limit, count;
	struct turn_due *due;
	bool more;
	void *fn, *arg;
};

static struct turns_op *turns_new(struct store *store, const struct op_class *class, const char *owner, const char *channel, void *fn, void *arg)
{
	struct turns_op *self = op_new(store, class, sizeof *self);
	self->owner = owner ? arena_dup(self->op.arena, owner) : NULL;
	self->channel = arena_dup(self->op.arena, channel);
	self->fn = fn;
	self->arg = arg;
	return self;
}

static void turns_done(struct op *op, const struct error *error)
{
	struct turns_op *self = (struct turns_op *)op;
	((store_done_fn *)self->fn)(self->arg, error);
}

/* ---- what is due ---- */

static enum op_more due_segment(struct op *op, int number)
{
	struct turns_op *self = (struct turns_op *)op;
	struct params *p = op_params(op);
	(void)number;
	param_text(p, str_of(self->channel));
	param_time(p, self->now);
	param_int8(p, (int64_t)self->limit);
	op_send(op, STATEMENT(turns_due), TAG_DUE);
	return OP_LAST;
}

static void due_rows(struct op *op, int tag, const PGresult *rows)
{
	struct turns_op *self = (struct turns_op *)op;
	if (tag != TAG_DUE)
		return;
	self->count = (size_t)PQntuples(rows);
	self->due = arena_array(op->arena, self->count + 1, sizeof *self->due);
	for (size_t i = 0; i < self->count; i++)
		self->due[i] = (struct turn_due){
			.touch_id = row_int8(rows, (int)i, 0), .due_at = row_time(rows, (int)i, 1), .promised = row_bool(rows, (int)i, 2),
			.expires_at = row_time(rows, (int)i, 3), .purpose = row_text(rows, (int)i, 4, op->arena), .ours = row_bool(rows, (int)i, 5),
			.address = row_text(rows, (int)i, 6, op->arena)};
}

static void due_done(struct op *op, const struct error *error)
{
	struct turns_op *self = (struct turns_op *)op;
	((store_turns_fn *)self->fn)(self->arg, error ? NULL : self->due, error ? 0 : self->count, error);
}

void store_turns_due(struct store *store, const char *channel, moment_t now, size_t limit, store_turns_fn *fn, void *arg)
{
	static const struct op_class class = {.kind = OP_READ, .by_key = true, .segment = due_segment, .rows = due_rows, .done = due_done};
	struct turns_op *self = turns_new(store, &class, NULL, channel, (void *)fn, arg);
	self->now = now;
	self->limit = limit;
	op_submit(&self->op);
}

/* ---- put off ---- */

static enum op_more put_off_segment(struct op *op, int number)
{
	struct turns_op *self = (struct turns_op *)op;
	(void)number;
	outbox_fence(op, self->channel, self->owner);
	struct params *p = op_params(op);
	param_text(p, str_of(self->channel));
	struct param *ids = param_array(p, PARAM_INT8), *was = param_array(p, PARAM_TIME), *turns = param_array(p, PARAM_TIME), *reasons = param_array(p, PARAM_TEXT);
	for (size_t i = 0; i < self->count; i++) {
		array_int8(ids, self->due[i].touch_id);
		array_time_or_null(was, self->due[i].due_at);
		array_time_or_null(turns, self->due[i].turn);
		array_text(reasons, self->due[i].reason);
	}
	op_send(op, STATEMENT(turns_put_off), TAG_NONE);
	return OP_LAST;
}

static void fenced_rows(struct op *op, int tag, const PGresult *rows)
{
	if (tag == TAG_FENCE)
		fence_rows(op, rows);
}

static int by_row(const void *left, const void *right)
{
	int64_t a = ((const struct turn_due *)left)->touch_id, b = ((const struct turn_due *)right)->touch_id;
	int shards = lead_shard(a) - lead_shard(b);
	return shards ? shards : (a > b) - (a < b);
}

void store_turns_put_off(struct store *store, const char *owner, const char *channel, const struct turn_due *due, size_t count, store_done_fn *fn, void *arg)
{
	static const struct op_class class = {.kind = OP_WRITE, .by_key = true, .segment = put_off_segment, .rows = fenced_rows, .done = turns_done};
	struct turns_op *self = turns_new(store, &class, owner, channel, (void *)fn, arg);
	self->due = arena_array(self->op.arena, count + 1, sizeof *self->due);
	self->count = count;
	for (size_t i = 0; i < count; i++) {
		self->due[i] = due[i];
		self->due[i].reason = arena_str(self->op.arena, due[i].reason);
	}
	qsort(self->due, count, sizeof *self->due, by_row);
	op_submit(&self->op);
}

/* ---- anew ---- */

static enum op_more anew_segment(struct op *op, int number)
{
	struct turns_op *self = (struct turns_op *)op;
	(void)number;
	outbox_fence(op, self->channel, self->owner);
	struct params *p = op_params(op);
	param_text(p, str_of(self->channel));
	param_time(p, self->after);
	op_send(op, STATEMENT(turns_anew), TAG_PAGE);
	return OP_LAST;
}

static void anew_rows(struct op *op, int tag, const PGresult *rows)
{
	struct turns_op *self = (struct turns_op *)op;
	fenced_rows(op, tag, rows);
	if (tag != TAG_PAGE || row_is_null(rows, 0, 0))
		return;
	self->after = row_time(rows, 0, 0);
	self->more = true;
}

static void anew_done(struct op *op, const struct error *error);
static const struct op_class anew_class = {.kind = OP_WRITE, .segment = anew_segment, .rows = anew_rows, .done = anew_done};

static void anew_page(struct store *store, const char *owner, const char *channel, moment_t after, void *fn, void *arg)
{
	struct turns_op *self = turns_new(store, &anew_class, owner, channel, fn, arg);
	self->after = after;
	op_submit(&self->op);
}

static void anew_done(struct op *op, const struct error *error)
{
	struct turns_op *self = (struct turns_op *)op;
	if (!error && self->more)
		anew_page(op->store, self->owner, self->channel, self->after, self->fn, self->arg);
	else
		turns_done(op, error);
}

void store_turns_anew(struct store *store, const char *owner, const char *channel, moment_t now, store_done_fn *fn, void *arg)
{
	anew_page(store, owner, channel, now, (void *)fn, arg);
}

/* ---- after a publish ---- */

static enum op_more unpark_segment(struct op *op, int number)
{
	struct turns_op *self = (struct turns_op *)op;
	(void)number;
	outbox_fence(op, self->channel, self->owner);
	struct params *p = op_params(op);
	param_text(p, str_of(self->channel));
	param_time(p, self->now);
	param_int2(p, self->shard);
	param_int8(p, self->touch);
	op_send(op, STATEMENT(turns_unpark), TAG_PAGE);
	return OP_LAST;
}

static void unpark_rows(struct op *op, int tag, const PGresult *rows)
{
	struct turns_op *self = (struct turns_op *)op;
	fenced_rows(op, tag, rows);
	if (tag != TAG_PAGE || !PQntuples(rows))
		return;
	self->shard = (int16_t)row_int2(rows, 0, 0);
	self->touch = row_int8(rows, 0, 1);
	self->more = true;
}

static void unpark_done(struct op *op, const struct error *error);
static const struct op_class unpark_class = {.kind = OP_WRITE, .segment = unpark_segment, .rows = unpark_rows, .done = unpark_done};

static void unpark_done(struct op *op, const struct error *error)
{
	const struct turns_op *self = (struct turns_op *)op;
	if (error || !self->more) {
		turns_done(op, error);
		return;
	}
	struct turns_op *next = turns_new(op->store, &unpark_class, self->owner, self->channel, self->fn, self->arg);
	next->now = self->now;
	next->shard = self->shard;
	next->touch = self->touch;
	op_submit(&next->op);
}

void store_turns_unpark(struct store *store, const char *owner, const char *channel, moment_t now, store_done_fn *fn, void *arg)
{
	struct turns_op *self = turns_new(store, &unpark_class, owner, channel, (void *)fn, arg);
	self->now = now;
	self->shard = -1;
	op_submit(&self->op);
}
