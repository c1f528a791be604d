/* Named statements for reading (query.sql): parameters as people write them, rows as JSON objects. For web, report and the commands,
 * which show what they get and decide nothing by it. */
#include "store/query.h"

#include <stdlib.h>
#include <string.h>

#include "store/query.sql.h"

/* Types by their OIDs in pg_type. */
enum { TYPE_BOOL = 16, TYPE_INT8 = 20, TYPE_INT2 = 21, TYPE_INT4 = 23, TYPE_JSON = 114, TYPE_FLOAT4 = 700, TYPE_FLOAT8 = 701, TYPE_MOMENT = 1184,
       TYPE_NUMERIC = 1700, TYPE_JSONB = 3802 };

#define ROW(n) {#n, sql_##n},
static const struct statement queries[] = {SQL_OF_QUERY(ROW)};
#undef ROW

struct query_op {
	struct op op;
	const struct statement *query;
	const char **params;
	size_t count;
	json_t *rows;
	store_rows_fn *fn;
	void *arg;
};

/* "2027-03-18 15:00:00.5+00" → "2027-03-18T15:00:00.5Z": the session's zone is UTC. */
static json_t *moment_value(const char *text)
{
	char out[64];
	size_t n = strlen(text);
	if (n < 22 || n >= sizeof out || strcmp(text + n - 3, "+00") != 0)
		return json_null(); /* infinity */
	memcpy(out, text, n - 3);
	out[10] = 'T';
	out[n - 3] = 'Z';
	out[n - 2] = '\0';
	return json_string(out);
}

static json_t *cell_value(const PGresult *rows, int row, int column)
{
	const char *text = PQgetvalue(rows, row, column);
	if (PQgetisnull(rows, row, column))
		return json_null();
	switch (PQftype(rows, column)) {
	case TYPE_BOOL:
		return json_boolean(*text == 't');
	case TYPE_INT8:
	case TYPE_INT2:
	case TYPE_INT4:
		return json_integer(strtoll(text, NULL, 10));
	case TYPE_FLOAT4:
	case TYPE_FLOAT8:
	case TYPE_NUMERIC:
		return json_real(strtod(text, NULL));
	case TYPE_JSON:
	case TYPE_JSONB:
		return json_loads(text, JSON_DECODE_ANY, NULL);
	case TYPE_MOMENT:
		return moment_value(text);
	default:
		return json_stringn(text, (size_t)PQgetlength(rows, row, column));
	}
}

json_t *query_row(const PGresult *rows, int row)
{
	json_t *object = json_object();
	for (int column = 0; column < PQnfields(rows); column++) {
		json_t *value = cell_value(rows, row, column);
		const char *name = PQfname(rows, column);
		if (strcmp(name, "*") == 0) {
			json_object_update_missing(object, value);
			json_decref(value);
		} else {
			json_object_set_new(object, name, value ? value : json_null());
		}
	}
	return object;
}

static void query_rows(struct op *op, int tag, const PGresult *rows)
{
	struct query_op *self = (struct query_op *)op;
	(void)tag;
	for (int i = 0; i < PQntuples(rows); i++)
		json_array_append_new(self->rows, query_row(rows, i));
}

/* How many parameters a statement has: the highest $n in it. */
static size_t params_of(const char *sql)
{
	size_t most = 0;
	for (const char *p = strchr(sql, '$'); p; p = strchr(p + 1, '$')) {
		size_t n = strtoul(p + 1, NULL, 10);
		most = n > most ? n : most;
	}
	return most;
}

static enum op_more query_segment(struct op *op, int number)
{
	struct query_op *self = (struct query_op *)op;
	struct params *p = op_params(op);
	size_t wanted = params_of(self->query->sql);
	(void)number;
	for (size_t i = 0; i < wanted; i++) /* a parameter not given is null; one too many is not looked at */
		param_written(p, i < self->count ? self->params[i] : NULL);
	op_send(op, *self->query, 0);
	return OP_LAST;
}

static void query_done(struct op *op, const struct error *error)
{
	struct query_op *self = (struct query_op *)op;
	self->fn(self->arg, error ? NULL : self->rows, error);
	json_decref(self->rows);
}

static const struct statement *find(const char *name)
{
	for (size_t i = 0; i < sizeof queries / sizeof *queries; i++)
		if (strcmp(queries[i].name, name) == 0)
			return &queries[i];
	return NULL;
}

void store_query(struct store *store, const char *name, const char *const *params, size_t count, store_rows_fn *fn, void *arg)
{
	static const struct op_class class = {.kind = OP_PLAIN, .text_rows = true, .segment = query_segment, .rows = query_rows, .done = query_done};
	struct query_op *self = op_new(store, &class, sizeof *self);
	self->query = find(name);
	self->rows = json_array();
	self->fn = fn;
	self->arg = arg;
	self->count = count;
	self->params = arena_array(self->op.arena, count + 1, sizeof *self->params);
	for (size_t i = 0; i < count; i++)
		self->params[i] = arena_dup(self->op.arena, params[i]);
	if (!self->query)
		op_fail(&self->op, ERROR_NOT_FOUND, "query", "there is no query \"%s\".", name);
	op_submit(&self->op);
}
