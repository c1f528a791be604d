/* A node's row: said again every few seconds, taken away when the node stops (node.h). */
#include "store/node.h"

#include "store/op.h"

#include <stdlib.h>

#include "store/node.sql.h"

enum { TAG_NONE, TAG_COUNT };

struct node_op {
	struct op op;
	const char *token, *before, *host, *listen, *version, *trouble, *options;
	moment_t started_at;
	int living, differences;
	store_node_fn *fn;
	store_done_fn *done;
	void *arg;
};

static enum op_more beat_segment(struct op *op, int number)
{
	struct node_op *self = (struct node_op *)op;
	(void)number;
	param_text(op_params(op), str_of(self->before));
	op_send(op, STATEMENT(node_forget), TAG_NONE);
	struct params *p = op_params(op);
	param_text(p, str_of(self->token));
	param_text(p, str_of(self->host));
	param_text(p, str_of(self->listen));
	param_text(p, str_of(self->version));
	param_time(p, self->started_at);
	param_json(p, str_of(self->options));
	param_text(p, *self->trouble ? str_of(self->trouble) : (struct str){0});
	op_send(op, STATEMENT(node_say), TAG_NONE);
	op_params(op);
	op_send(op, STATEMENT(node_count), TAG_COUNT);
	return OP_LAST;
}

static void beat_rows(struct op *op, int tag, const PGresult *rows)
{
	struct node_op *self = (struct node_op *)op;
	if (tag != TAG_COUNT)
		return;
	self->living = (int)row_int8(rows, 0, 0);
	self->differences = (int)row_int8(rows, 0, 1);
}

static void beat_done(struct op *op, const struct error *error)
{
	struct node_op *self = (struct node_op *)op;
	self->fn(self->arg, self->living, self->differences, error);
}

static enum op_more leave_segment(struct op *op, int number)
{
	struct node_op *self = (struct node_op *)op;
	(void)number;
	param_text(op_params(op), str_of(self->token));
	op_send(op, STATEMENT(node_leave), TAG_NONE);
	return OP_LAST;
}

static void leave_done(struct op *op, const struct error *error)
{
	struct node_op *self = (struct node_op *)op;
	self->done(self->arg, error);
}

static const struct op_class beat_class = {.kind = OP_PLAIN, .segment = beat_segment, .rows = beat_rows, .done = beat_done};
static const struct op_class leave_class = {.kind = OP_PLAIN, .segment = leave_segment, .done = leave_done};

void store_node_beat(struct store *store, const struct node_beat *beat, store_node_fn *fn, void *arg)
{
	struct node_op *self = op_new(store, &beat_class, sizeof *self);
	struct arena *arena = self->op.arena;
	char *options = json_dumps(beat->options, JSON_COMPACT | JSON_SORT_KEYS);
	self->token = arena_dup(arena, beat->token);
	self->before = arena_dup(arena, beat->before);
	self->host = arena_dup(arena, beat->host);
	self->listen = arena_dup(arena, beat->listen);
	self->version = arena_dup(arena, beat->version);
	self->trouble = arena_dup(arena, beat->trouble);
	self->options = arena_dup(arena, options ? options : "{}");
	self->started_at = beat->started_at;
	self->fn = fn;
	self->arg = arg;
	free(options);
	op_submit(&self->op);
}

void store_node_leave(struct store *store, const char *token, store_done_fn *fn, void *arg)
{
	struct node_op *self = op_new(store, &leave_class, sizeof *self);
	self->token = arena_dup(self->op.arena, token);
	self->done = fn;
	self->arg = arg;
	op_submit(&self->op);
}
