/* Leases: an even share of the shards of a role for each living owner, one channel for one.
 *
 * A tick is one implicit transaction: be present, renew, take what is free, give back what is over the share, read what is held.
 * Renewal is a plain update and passes by the turns that hold the row by key share; take-over locks for update and skips them. */
#include "store/lease.h"

#include "store/fence.h"

#include "store/lease.sql.h"

struct lease_op {
	struct op op;
	store_lease_fn *fn;
	store_done_fn *done;
	void *arg;
	const char *role, *owner;
	int want;
	uint64_t shards;
	bool leaves;
	int owners;
};

enum { TAG_NONE, TAG_HELD };

static struct params *who(struct lease_op *self)
{
	struct params *p = op_params(&self->op);
	param_text(p, str_of(self->role));
	param_text(p, str_of(self->owner));
	return p;
}

static enum op_more tick_segment(struct op *op, int number)
{
	struct lease_op *self = (struct lease_op *)op;
	(void)number;
	who(self);
	op_send(op, STATEMENT(lease_present), TAG_NONE);
	param_text(op_params(op), str_of(self->role));
	op_send(op, STATEMENT(lease_forget), TAG_NONE);
	struct params *rows = op_params(op);
	param_text(rows, str_of(self->role));
	param_int4(rows, self->want);
	op_send(op, STATEMENT(lease_rows), TAG_NONE);
	who(self);
	op_send(op, STATEMENT(lease_renew), TAG_NONE);
	param_int4(who(self), self->want);
	op_send(op, STATEMENT(lease_take), TAG_NONE);
	param_float8(who(self), self->want);
	op_send(op, STATEMENT(lease_give), TAG_NONE);
	who(self);
	op_send(op, STATEMENT(lease_held), TAG_HELD);
	return OP_LAST;
}

static void tick_rows(struct op *op, int tag, const PGresult *rows)
{
	struct lease_op *self = (struct lease_op *)op;
	if (tag != TAG_HELD)
		return;
	self->shards = (uint64_t)row_int8(rows, 0, 0);
	self->owners = (int)row_int8(rows, 0, 1);
}

static void tick_done(struct op *op, const struct error *error)
{
	struct lease_op *self = (struct lease_op *)op;
	self->fn(self->arg, error ? 0 : self->shards, self->owners, error);
}

static enum op_more release_segment(struct op *op, int number)
{
	struct lease_op *self = (struct lease_op *)op;
	(void)number;
	param_int8(who(self), (int64_t)self->shards);
	op_send(op, STATEMENT(lease_release), TAG_NONE);
	if (self->leaves) {
		who(self);
		op_send(op, STATEMENT(lease_leave), TAG_NONE);
	}
	return OP_LAST;
}

static enum op_more orphan_segment(struct op *op, int number)
{
	struct lease_op *self = (struct lease_op *)op;
	(void)number;
	param_text(op_params(op), str_of(self->owner));
	op_send(op, STATEMENT(lease_orphan), TAG_NONE);
	param_text(op_params(op), str_of(self->owner));
	op_send(op, STATEMENT(lease_bury), TAG_NONE);
	return OP_LAST;
}

static enum op_more present_segment(struct op *op, int number)
{
	(void)number;
	who((struct lease_op *)op);
	op_send(op, STATEMENT(lease_present), TAG_NONE);
	return OP_LAST;
}

static void release_done(struct op *op, const struct error *error)
{
	struct lease_op *self = (struct lease_op *)op;
	if (self->done)
		self->done(self->arg, error);
}

static const struct op_class tick_class = {.kind = OP_PLAIN, .segment = tick_segment, .rows = tick_rows, .done = tick_done};
static const struct op_class release_class = {.kind = OP_PLAIN, .segment = release_segment, .done = release_done};
static const struct op_class present_class = {.kind = OP_PLAIN, .segment = present_segment, .done = release_done};
static const struct op_class orphan_class = {.kind = OP_PLAIN, .segment = orphan_segment, .done = release_done};

static struct lease_op *lease_new(struct store *store, const struct op_class *class, const char *role, const char *owner, void *arg)
{
	struct lease_op *self = op_new(store, class, sizeof *self);
	self->role = arena_dup(self->op.arena, role);
	self->owner = arena_dup(self->op.arena, owner);
	self->arg = arg;
	return self;
}

void store_lease_tick(struct store *store, const char *role, const char *owner, int want, store_lease_fn *fn, void *arg)
{
	struct lease_op *self = lease_new(store, &tick_class, role, owner, arg);
	self->fn = fn;
	self->want = want;
	if (want < 1 || want > SHARD_COUNT || !*owner)
		op_fail(&self->op, ERROR_INVALID, "lease", "a lease is of 1 to %d shards, for an owner.", SHARD_COUNT);
	op_submit(&self->op);
}

void store_lease_release(struct store *store, const char *role, const char *owner, uint64_t shards, store_done_fn *fn, void *arg)
{
	struct lease_op *self = lease_new(store, &release_class, role, owner, arg);
	self->done = fn;
	self->shards = shards;
	self->leaves = shards == UINT64_MAX;
	op_submit(&self->op);
}

void store_lease_present(struct store *store, const char *role, const char *owner, store_done_fn *fn, void *arg)
{
	struct lease_op *self = lease_new(store, &present_class, role, owner, arg);
	self->done = fn;
	op_submit(&self->op);
}

void store_lease_retire(struct store *store, const char *role, const char *owner, uint64_t keep, store_done_fn *fn, void *arg)
{
	struct lease_op *self = lease_new(store, &release_class, role, owner, arg);
	self->done = fn;
	self->shards = ~keep;
	self->leaves = true;
	op_submit(&self->op);
}

void store_lease_orphan(struct store *store, const char *owner, store_done_fn *fn, void *arg)
{
	struct lease_op *self = lease_new(store, &orphan_class, "", owner, arg);
	self->done = fn;
	if (!*owner)
		op_fail(&self->op, ERROR_INVALID, "lease", "leases of nobody cannot be given back.");
	op_submit(&self->op);
}

void fence_send_epoch(struct op *op, const char *role, int shard, const char *owner, int64_t epoch)
{
	struct params *p = op_params(op);
	param_text(p, str_of(role));
	param_int4(p, shard);
	param_text(p, str_of(owner));
	param_int8(p, epoch);
	op_send(op, STATEMENT(lease_fence), TAG_FENCE);
}

void fence_send(struct op *op, const char *role, int shard, const char *owner)
{
	fence_send_epoch(op, role, shard, owner, 0);
}

void fence_rows(struct op *op, const PGresult *rows)
{
	if (PQntuples(rows) != 1)
		op_fail(op, ERROR_DENIED, "lease", "the lease is another's now, or what was read under it has been built anew: nothing was written.");
}
