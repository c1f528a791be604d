/* What stands of a channel beside its touches: standing.h. One statement each. */
#include "store/standing.h"

#include "store/outbox_inside.h"
#include "store/query.h"
#include "store/row.h"

#include "store/standing.sql.h"

struct standing_op {
	struct op op;
	const char *owner, *channel, *kind, *plugin, *reason;
	struct str standing, notes;
	json_t *found;
	bool resume;
	void *fn, *arg;
};

static struct standing_op *standing_new(struct store *store, const struct op_class *class, const char *channel, void *fn, void *arg)
{
	struct standing_op *self = op_new(store, class, sizeof *self);
	self->channel = arena_dup(self->op.arena, channel);
	self->fn = fn;
	self->arg = arg;
	return self;
}

static void written(struct op *op, const struct error *error)
{
	struct standing_op *self = (struct standing_op *)op;
	if (self->fn)
		((store_done_fn *)self->fn)(self->arg, error);
}

static struct params *name(struct standing_op *self)
{
	struct params *p = op_params(&self->op);
	param_text(p, str_of(self->channel));
	return p;
}

/* ---- as delivery begins ---- */

static enum op_more get_segment(struct op *op, int number)
{
	(void)number;
	name((struct standing_op *)op);
	op_send(op, STATEMENT(standing_get), 0);
	return OP_LAST;
}

static void get_rows(struct op *op, int tag, const PGresult *rows)
{
	struct standing_op *self = (struct standing_op *)op;
	(void)tag;
	if (!PQntuples(rows))
		return;
	struct str notes = row_json_peek(rows, 0, 0);
	if (!row_is_null(rows, 0, 0))
		self->found = json_loadb(notes.p, notes.n, 0, NULL);
}

static void get_done(struct op *op, const struct error *error)
{
	struct standing_op *self = (struct standing_op *)op;
	((store_notes_fn *)self->fn)(self->arg, error ? NULL : self->found, error);
	json_decref(self->found);
}

void store_standing(struct store *store, const char *channel, store_notes_fn *fn, void *arg)
{
	static const struct op_class class = {.kind = OP_PLAIN, .segment = get_segment, .rows = get_rows, .done = get_done};
	op_submit(&standing_new(store, &class, channel, (void *)fn, arg)->op);
}

/* ---- what the plugin says ---- */

static struct params *names(struct standing_op *self)
{
	struct params *p = name(self);
	param_text(p, str_of(self->kind));
	param_text(p, str_of(self->plugin));
	return p;
}

static enum op_more hold_segment(struct op *op, int number)
{
	struct standing_op *self = (struct standing_op *)op;
	(void)number;
	param_text(names(self), str_of(self->reason));
	op_send(op, STATEMENT(standing_hold), 0);
	return OP_LAST;
}

void store_standing_hold(struct store *store, const char *channel, const char *kind, const char *plugin, const char *reason, store_done_fn *fn, void *arg)
{
	static const struct op_class class = {.kind = OP_PLAIN, .segment = hold_segment, .done = written};
	struct standing_op *self = standing_new(store, &class, channel, (void *)fn, arg);
	self->kind = arena_dup(self->op.arena, kind);
	self->plugin = arena_dup(self->op.arena, plugin);
	self->reason = arena_dup(self->op.arena, reason);
	op_submit(&self->op);
}

static enum op_more put_segment(struct op *op, int number)
{
	struct standing_op *self = (struct standing_op *)op;
	(void)number;
	outbox_fence(op, self->channel, self->owner);
	struct params *p = names(self);
	param_json(p, self->standing);
	param_json(p, self->notes);
	op_send(op, STATEMENT(standing_put), 0);
	return OP_LAST;
}

static void put_rows(struct op *op, int tag, const PGresult *rows)
{
	if (tag == TAG_FENCE)
		fence_rows(op, rows);
}

void store_standing_put(struct store *store, const char *owner, const char *channel, const char *kind, const char *plugin, struct str standing,
			struct str notes, store_done_fn *fn, void *arg)
{
	static const struct op_class class = {.kind = OP_WRITE, .segment = put_segment, .rows = put_rows, .done = written};
	struct standing_op *self = standing_new(store, &class, channel, (void *)fn, arg);
	self->owner = arena_dup(self->op.arena, owner);
	self->kind = arena_dup(self->op.arena, kind);
	self->plugin = arena_dup(self->op.arena, plugin);
	self->standing = standing.n ? arena_str(self->op.arena, standing) : (struct str){NULL, 0};
	self->notes = notes.n ? arena_str(self->op.arena, notes) : (struct str){NULL, 0};
	op_submit(&self->op);
}

/* ---- by a person ---- */

static enum op_more stop_segment(struct op *op, int number)
{
	struct standing_op *self = (struct standing_op *)op;
	struct params *p = name(self);
	(void)number;
	param_text(p, str_of(self->reason));
	op_send(op, self->resume ? STATEMENT(standing_resume) : STATEMENT(standing_stop), 0);
	return OP_LAST;
}

static void stop_rows(struct op *op, int tag, const PGresult *rows)
{
	struct standing_op *self = (struct standing_op *)op;
	(void)tag;
	if (PQntuples(rows) && !self->found)
		self->found = query_row(rows, 0);
}

static void stop_done(struct op *op, const struct error *error)
{
	struct standing_op *self = (struct standing_op *)op;
	((store_standing_fn *)self->fn)(self->arg, error ? NULL : self->found, error);
	json_decref(self->found);
}

void store_channel_stop(struct store *store, const char *channel, bool resume, const char *actor, store_standing_fn *fn, void *arg)
{
	static const struct op_class class = {.kind = OP_WRITE, .text_rows = true, .segment = stop_segment, .rows = stop_rows, .done = stop_done};
	struct standing_op *self = standing_new(store, &class, channel, (void *)fn, arg);
	self->resume = resume;
	self->reason = actor ? arena_dup(self->op.arena, actor) : NULL;
	op_submit(&self->op);
}
