/* One statement; see splits.h. */
#include "store/splits.h"

#include "store/op.h"

#include "store/splits.sql.h"

#include <stdlib.h>

struct look_op {
	struct op op;
	struct store_split split;
	struct str numbers;
	moment_t now;
	store_done_fn *fn;
	void *arg;
};

static enum op_more look_segment(struct op *op, int segment)
{
	struct look_op *self = (struct look_op *)op;
	const struct store_split *s = &self->split;
	struct params *p = op_params(op);
	(void)segment;
	param_text(p, s->campaign);
	param_text(p, s->step);
	param_text(p, s->words);
	param_int4(p, s->looks);
	param_text(p, s->winner);
	param_time(p, s->look_at);
	param_json(p, self->numbers);
	param_time(p, self->now);
	param_bool(p, s->decided);
	op_send(op, STATEMENT(split_look), 0);
	return OP_LAST;
}

static void look_done(struct op *op, const struct error *error)
{
	struct look_op *self = (struct look_op *)op;
	self->fn(self->arg, error);
}

void store_split_look(struct store *store, const struct store_split *split, moment_t now, store_done_fn *fn, void *arg)
{
	static const struct op_class class = {.kind = OP_WRITE, .segment = look_segment, .done = look_done};
	struct look_op *self = op_new(store, &class, sizeof *self);
	char *text = json_dumps(split->numbers, JSON_COMPACT);
	self->split = *split;
	self->split.campaign = arena_str(self->op.arena, split->campaign);
	self->split.step = arena_str(self->op.arena, split->step);
	self->split.words = arena_str(self->op.arena, split->words);
	self->split.winner = arena_str(self->op.arena, split->winner);
	self->numbers = str_of(arena_dup(self->op.arena, text ? text : "{}"));
	self->now = now;
	self->fn = fn;
	self->arg = arg;
	free(text);
	op_submit(&self->op);
}
