/* Each is one statement with parameters as text. */
#include "store/imports.h"

#include "store/op.h"

#include <stdlib.h>

#include "store/imports.sql.h"

struct import_op {
	struct op op;
	struct statement statement;
	const char *params[3];
	size_t count;
	const char *missing; /* message when no row comes back; NULL = that is fine */
	store_done_fn *fn;
	void *arg;
};

static enum op_more import_segment(struct op *op, int number)
{
	struct import_op *self = (struct import_op *)op;
	struct params *params = op_params(op);
	(void)number;
	for (size_t i = 0; i < self->count; i++)
		param_text(params, str_of(self->params[i]));
	op_send(op, self->statement, 0);
	return OP_LAST;
}

static void import_rows(struct op *op, int tag, const PGresult *rows)
{
	const struct import_op *self = (struct import_op *)op;
	(void)tag;
	if (self->missing && PQntuples(rows) == 0)
		op_fail(op, ERROR_NOT_FOUND, NULL, "%s", self->missing);
}

static void import_done(struct op *op, const struct error *error)
{
	const struct import_op *self = (struct import_op *)op;
	self->fn(self->arg, error);
}

static const struct op_class import_class = {.kind = OP_WRITE, .text_rows = true, .segment = import_segment, .rows = import_rows, .done = import_done};

static struct import_op *begin(struct store *store, struct statement statement, const char *first, store_done_fn *fn, void *arg)
{
	struct import_op *self = op_new(store, &import_class, sizeof *self);
	self->statement = statement;
	self->params[self->count++] = arena_dup(self->op.arena, first);
	self->fn = fn;
	self->arg = arg;
	return self;
}

static void add_json(struct import_op *self, const json_t *json)
{
	char *text = json_dumps(json, JSON_COMPACT);
	self->params[self->count++] = arena_dup(self->op.arena, text);
	free(text);
}

void store_import_map_put(struct store *store, const char *name, const json_t *map, moment_t now, store_done_fn *fn, void *arg)
{
	char text[MOMENT_TEXT];
	struct import_op *self = begin(store, STATEMENT(import_map_put), name, fn, arg);
	add_json(self, map);
	self->params[self->count++] = arena_dup(self->op.arena, moment_format(now, text));
	op_submit(&self->op);
}

void store_import_map_drop(struct store *store, const char *name, store_done_fn *fn, void *arg)
{
	struct import_op *self = begin(store, STATEMENT(import_map_drop), name, fn, arg);
	self->missing = "there is no map of this name.";
	op_submit(&self->op);
}

void store_import_errors_add(struct store *store, int64_t job_id, const json_t *errors, store_done_fn *fn, void *arg)
{
	char number[24];
	snprintf(number, sizeof number, "%lld", (long long)job_id);
	struct import_op *self = begin(store, STATEMENT(import_errors_add), number, fn, arg);
	add_json(self, errors);
	op_submit(&self->op);
}
