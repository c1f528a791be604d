/* Polls, and the keeper's move of scaled time. Each is one round trip. */
#include "store/poll.h"

#include "store/cluster.h"
#include "store/fence.h"

#include "store/poll.sql.h"

enum { TAG_SITE, TAG_LEASES, TAG_SHARDS, TAG_TOUCHES, TAG_WALKS, TAG_SALES, TAG_ACCOUNT_WALKS, TAG_MOVED };

struct poll_op {
	struct op op;
	store_poll_fn *fn;
	void *arg;
	struct poll poll;
	uint64_t shards;
	moment_t now;
	const char *role;    /* of the leases */
	const char *channel; /* NULL = turns */
};

static enum op_more poll_segment(struct op *op, int number)
{
	struct poll_op *self = (struct poll_op *)op;
	(void)number;
	op_params(op);
	op_send(op, STATEMENT(poll_site), TAG_SITE);
	param_text(op_params(op), str_of(self->role));
	op_send(op, STATEMENT(poll_leases), TAG_LEASES);
	struct params *p = op_params(op);
	if (self->channel) {
		param_text(p, str_of(self->channel));
		op_send(op, STATEMENT(poll_touches), TAG_TOUCHES);
	} else {
		param_int8(p, (int64_t)self->shards);
		param_time(p, self->now);
		op_send(op, STATEMENT(poll_turns), TAG_SHARDS);
		op_params(op);
		op_send(op, STATEMENT(poll_walks), TAG_WALKS);
		op_params(op);
		op_send(op, STATEMENT(poll_sales), TAG_SALES);
		op_params(op);
		op_send(op, STATEMENT(poll_account_walks), TAG_ACCOUNT_WALKS);
	}
	return OP_LAST;
}

static void read_site(struct poll_op *self, const PGresult *rows)
{
	if (PQntuples(rows) != 1) {
		op_fail(&self->op, ERROR_UNAVAILABLE, "clock", "the clock's row is not there yet: nurture serve makes it.");
		return;
	}
	self->poll.clock = (struct clock){row_time(rows, 0, 0), row_time(rows, 0, 1), row_float8(rows, 0, 2)};
	self->poll.activation = row_int8(rows, 0, 3);
	if (row_int4(rows, 0, 4) > migrate_known())
		op_fail(&self->op, ERROR_CONFLICT, "database", "the database is newer than this program: it has migration %d, this program knows %d. Install the newer nurture.",
			row_int4(rows, 0, 4), migrate_known());
}

static void read_shards(struct poll *poll, const PGresult *rows)
{
	for (int i = 0; i < PQntuples(rows); i++) {
		int shard = row_int4(rows, i, 0) & (SHARD_COUNT - 1);
		uint64_t some = !row_is_null(rows, i, 1);
		poll->inbox |= some << shard;
		poll->live |= (some && row_int2(rows, i, 1) == 0 ? UINT64_C(1) : 0) << shard;
		poll->wakes[shard] = row_time(rows, i, 2);
		poll->accounts |= (uint64_t)row_bool(rows, i, 3) << shard;
		poll->alike |= (uint64_t)row_bool(rows, i, 4) << shard;
	}
}

static void read_walks(struct poll *poll, const PGresult *rows)
{
	for (int i = 0; i < PQntuples(rows); i++) {
		int shard = row_int4(rows, i, 0) & (SHARD_COUNT - 1);
		poll->walks |= UINT64_C(1) << shard;
		poll->walk_job[shard] = row_int8(rows, i, 1);
		poll->walk_after[shard] = row_int8(rows, i, 2);
	}
}

static void read_sales(struct poll_op *self, const PGresult *rows)
{
	struct arena *arena = self->op.arena;
	struct sales_load *loads = arena_array(arena, (size_t)PQntuples(rows) + 1, sizeof *loads);
	for (int i = 0; i < PQntuples(rows); i++)
		loads[i] = (struct sales_load){row_text(rows, i, 0, arena), row_int4(rows, i, 1), row_time(rows, i, 2)};
	self->poll.loads = loads;
	self->poll.load_count = (size_t)PQntuples(rows);
}

static void read_account_walks(struct poll *poll, const PGresult *rows)
{
	for (int i = 0; i < PQntuples(rows); i++)
		poll->account_walks |= UINT64_C(1) << (row_int4(rows, i, 0) & (SHARD_COUNT - 1));
}

static void read_channel(struct poll_op *self, const PGresult *rows)
{
	struct arena *arena = self->op.arena;
	self->poll.due = row_time(rows, 0, 0);
	self->poll.stopped_by = row_is_null(rows, 0, 1) ? NULL : arena_dup_n(arena, row_peek(rows, 0, 1).p, row_peek(rows, 0, 1).n);
	self->poll.held = row_is_null(rows, 0, 2) ? NULL : arena_dup_n(arena, row_peek(rows, 0, 2).p, row_peek(rows, 0, 2).n);
	self->poll.paused = arena_dup_n(arena, row_peek(rows, 0, 3).p, row_peek(rows, 0, 3).n);
}

static void poll_rows(struct op *op, int tag, const PGresult *rows)
{
	struct poll_op *self = (struct poll_op *)op;
	if (tag == TAG_SITE)
		read_site(self, rows);
	else if (tag == TAG_LEASES)
		self->poll.free = row_bool(rows, 0, 0);
	else if (tag == TAG_SHARDS)
		read_shards(&self->poll, rows);
	else if (tag == TAG_WALKS)
		read_walks(&self->poll, rows);
	else if (tag == TAG_SALES)
		read_sales(self, rows);
	else if (tag == TAG_ACCOUNT_WALKS)
		read_account_walks(&self->poll, rows);
	else
		read_channel(self, rows);
}

static void poll_done(struct op *op, const struct error *error)
{
	struct poll_op *self = (struct poll_op *)op;
	self->fn(self->arg, error ? NULL : &self->poll, error);
}

static const struct op_class poll_class = {.kind = OP_PLAIN, .segment = poll_segment, .rows = poll_rows, .done = poll_done};

static struct poll_op *poll_new(struct store *store, store_poll_fn *fn, void *arg)
{
	struct poll_op *self = op_new(store, &poll_class, sizeof *self);
	self->fn = fn;
	self->arg = arg;
	self->poll.due = MOMENT_NEVER;
	for (int i = 0; i < SHARD_COUNT; i++)
		self->poll.wakes[i] = MOMENT_NEVER;
	return self;
}

void store_poll_turns(struct store *store, uint64_t shards, moment_t now, store_poll_fn *fn, void *arg)
{
	struct poll_op *self = poll_new(store, fn, arg);
	self->role = "engine";
	self->shards = shards;
	self->now = now;
	op_submit(&self->op);
}

void store_poll_touches(struct store *store, const char *channel, store_poll_fn *fn, void *arg)
{
	struct poll_op *self = poll_new(store, fn, arg);
	self->channel = arena_dup(self->op.arena, channel);
	self->role = arena_printf(self->op.arena, "channel:%s", channel);
	op_submit(&self->op);
}

/* ---- the keeper's move ---- */

struct advance_op {
	struct op op;
	store_advance_fn *fn;
	void *arg;
	const char *owner;
	int64_t step;
	const char **channels;
	size_t channel_count;
	struct clock clock;
	bool moved;
};

static enum op_more advance_segment(struct op *op, int number)
{
	struct advance_op *self = (struct advance_op *)op;
	(void)number;
	fence_send(op, "clock", 0, self->owner);
	struct params *p = op_params(op);
	param_int8(p, self->step);
	struct param *names = param_array(p, PARAM_TEXT);
	for (size_t i = 0; i < self->channel_count; i++)
		array_text(names, str_of(self->channels[i]));
	param_time(p, real_now());
	op_send(op, STATEMENT(clock_advance), TAG_MOVED);
	return OP_LAST;
}

static void advance_rows(struct op *op, int tag, const PGresult *rows)
{
	struct advance_op *self = (struct advance_op *)op;
	if (tag == TAG_FENCE)
		fence_rows(op, rows);
	if (tag != TAG_MOVED || PQntuples(rows) != 1)
		return;
	self->moved = true;
	self->clock = (struct clock){row_time(rows, 0, 0), row_time(rows, 0, 1), row_float8(rows, 0, 2)};
}

static void advance_done(struct op *op, const struct error *error)
{
	struct advance_op *self = (struct advance_op *)op;
	bool moved = !error && self->moved;
	self->fn(self->arg, moved ? &self->clock : NULL, moved, error);
}

static const struct op_class advance_class = {.kind = OP_WRITE, .segment = advance_segment, .rows = advance_rows, .done = advance_done};

void store_clock_advance(struct store *store, const char *owner, int64_t step, const char *const *channels, size_t channel_count,
			 store_advance_fn *fn, void *arg)
{
	struct advance_op *self = op_new(store, &advance_class, sizeof *self);
	self->fn = fn;
	self->arg = arg;
	self->owner = arena_dup(self->op.arena, owner);
	self->step = step;
	self->channels = arena_array(self->op.arena, channel_count + 1, sizeof *self->channels);
	self->channel_count = channel_count;
	for (size_t i = 0; i < channel_count; i++)
		self->channels[i] = arena_dup(self->op.arena, channels[i]);
	op_submit(&self->op);
}
