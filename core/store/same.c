/* Who is one person by the playbook's rules: one shard's turn, fenced. What is decided, and in which order, stands in migrations/0027. */
#include "store/merge.h"

#include "store/fence.h"

#include "store/same.sql.h"

enum { TAG_PAIRS };

struct same_op {
	struct op op;
	const char *owner;
	int shard;
	const char **rules;
	size_t rule_count;
	moment_t now;
	struct same_person *pairs;
	size_t count;
	store_same_fn *fn;
	void *arg;
};

static enum op_more same_segment(struct op *op, int number)
{
	struct same_op *self = (struct same_op *)op;
	(void)number;
	fence_send(op, "engine", self->shard, self->owner);
	struct params *p = op_params(op);
	param_int4(p, self->shard);
	struct param *rules = param_array(p, PARAM_TEXT);
	for (size_t i = 0; i < self->rule_count; i++)
		array_text(rules, str_of(self->rules[i]));
	param_int4(p, SAME_PERSON_MOST);
	param_time(p, self->now);
	op_send(op, STATEMENT(same_person_turn), TAG_PAIRS);
	return OP_LAST;
}

static void same_rows(struct op *op, int tag, const PGresult *rows)
{
	struct same_op *self = (struct same_op *)op;
	if (tag == TAG_FENCE) {
		fence_rows(op, rows);
		return;
	}
	self->count = (size_t)PQntuples(rows);
	self->pairs = arena_array(op->arena, self->count + 1, sizeof *self->pairs);
	for (size_t i = 0; i < self->count; i++)
		self->pairs[i] = (struct same_person){row_int8(rows, (int)i, 0), row_int8(rows, (int)i, 1), row_text(rows, (int)i, 2, op->arena),
						      row_text(rows, (int)i, 3, op->arena)};
}

static void same_done(struct op *op, const struct error *error)
{
	struct same_op *self = (struct same_op *)op;
	self->fn(self->arg, error ? NULL : self->pairs, error ? 0 : self->count, error);
}

void store_same_turn(struct store *store, const char *owner, int shard, const char *const *rules, size_t rule_count, moment_t now, store_same_fn *fn, void *arg)
{
	static const struct op_class class = {.kind = OP_WRITE, .by_key = true, .segment = same_segment, .rows = same_rows, .done = same_done};
	struct same_op *self = op_new(store, &class, sizeof *self);
	self->owner = arena_dup(self->op.arena, owner);
	self->shard = shard;
	self->rules = arena_array(self->op.arena, rule_count + 1, sizeof *self->rules);
	self->rule_count = rule_count;
	for (size_t i = 0; i < rule_count; i++)
		self->rules[i] = arena_dup(self->op.arena, rules[i]);
	self->now = now;
	self->fn = fn;
	self->arg = arg;
	op_submit(&self->op);
}
