/* Operations of one statement: parameters as text, one row back at most. What is asked and what its answer means is the callers'. */
#include "store/admin_op.h"

#include <stdlib.h>
#include <string.h>

static enum op_more admin_segment(struct op *op, int number)
{
	struct admin_op *self = (struct admin_op *)op;
	struct params *params = op_params(op);
	(void)number;
	for (size_t i = 0; i < self->count; i++)
		param_text(params, str_of(self->params[i]));
	op_send(op, self->statement, 0);
	return OP_LAST;
}

static void admin_rows(struct op *op, int tag, const PGresult *rows)
{
	struct admin_op *self = (struct admin_op *)op;
	(void)tag;
	self->found = PQntuples(rows) > 0;
	if (!self->found && self->missing)
		op_fail(op, self->missing_code, NULL, "%s", self->missing);
	if (!self->found)
		return;
	json_decref(self->rows); /* of a try that was undone */
	self->rows = self->is_json ? json_loads(PQgetvalue(rows, 0, 0), 0, NULL) : NULL;
	self->number = strtoll(PQgetvalue(rows, 0, 0), NULL, 10);
}

static void admin_done(struct op *op, const struct error *error)
{
	struct admin_op *self = (struct admin_op *)op;
	self->answer(self, error);
	json_decref(self->rows);
}

static void answer_done(struct admin_op *self, const struct error *error)
{
	self->fn.done(self->arg, error);
}

static void answer_id(struct admin_op *self, const struct error *error)
{
	self->fn.id(self->arg, error ? 0 : self->number, error);
}

static void answer_rows(struct admin_op *self, const struct error *error)
{
	self->fn.rows(self->arg, error ? NULL : self->rows, error);
}

static const struct op_class admin_class = {.kind = OP_WRITE, .text_rows = true, .segment = admin_segment, .rows = admin_rows, .done = admin_done};

struct admin_op *admin_op_new(struct store *store, struct statement statement, void *arg)
{
	struct admin_op *self = op_new(store, &admin_class, sizeof *self);
	self->statement = statement;
	self->arg = arg;
	return self;
}

struct admin_op *admin_op_done(struct store *store, struct statement statement, store_done_fn *fn, void *arg)
{
	struct admin_op *self = admin_op_new(store, statement, arg);
	self->answer = answer_done;
	self->fn.done = fn;
	return self;
}

struct admin_op *admin_op_id(struct store *store, struct statement statement, store_id_fn *fn, void *arg)
{
	struct admin_op *self = admin_op_new(store, statement, arg);
	self->answer = answer_id;
	self->fn.id = fn;
	return self;
}

struct admin_op *admin_op_rows(struct store *store, struct statement statement, store_rows_fn *fn, void *arg)
{
	struct admin_op *self = admin_op_new(store, statement, arg);
	self->answer = answer_rows;
	self->fn.rows = fn;
	self->is_json = true;
	return self;
}

void admin_op_text(struct admin_op *self, const char *text)
{
	self->params[self->count++] = arena_dup(self->op.arena, text);
}

void admin_op_number(struct admin_op *self, int64_t number)
{
	self->params[self->count++] = arena_printf(self->op.arena, "%lld", (long long)number);
}

void admin_op_moment(struct admin_op *self, moment_t moment)
{
	char text[MOMENT_TEXT];
	admin_op_text(self, moment_format(moment, text));
}

void admin_op_json(struct admin_op *self, const json_t *json)
{
	char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;
	admin_op_text(self, text);
	free(text);
}

void admin_op_must_find(struct admin_op *self, enum error_code code, const char *message)
{
	self->missing = message;
	self->missing_code = code;
}
