/* A plugin's queries as operations of the store: all steps one transaction, OP_READ or OP_WRITE (op.h), so that a lost COMMIT is resolved like ours. Names of
 * statements are kept apart from our own, and one name has one text. Everything a plugin gives is looked at here and copied. */
#include "store/plugin_query.h"

#include "base/map.h"
#include "base/mem.h"
#include "store/private.h"

#include <stdlib.h>
#include <string.h>

enum { CONNECTIONS = 3, FLYING_MOST = 1000, NAME_MOST = 50 };

struct plugin_store {
	struct store *stores[CONNECTIONS];
	size_t waiting[CONNECTIONS]; /* queries that each has in hand: a long one keeps those behind it waiting */
	size_t next;              /* in turns, where they are equal */
	size_t flying;
	struct map *statements;   /* the plugin's name of each → struct statement, for as long as we live */
};

struct step {
	struct statement statement;
	struct nurture_value *values;
	size_t count;
};

struct query_op {
	struct op op;
	struct plugin_store *plugins;
	size_t connection;
	struct step *steps;
	struct nurture_rows *rows;
	size_t count;
	nurture_query_fn *fn;
	void *arg;
};

struct plugin_store *plugin_store_new(struct loop *loop, const char *conninfo, const char *plugin)
{
	struct plugin_store *plugins = mem_alloc(sizeof *plugins);
	char *name = mem_printf("plugin.%s", plugin);
	plugins->statements = map_new();
	for (size_t i = 0; i < CONNECTIONS; i++) {
		plugins->stores[i] = store_new(loop, conninfo, name);
		plugins->stores[i]->schema = mem_dup(plugin);
	}
	free(name);
	return plugins;
}

void plugin_store_free(struct plugin_store *plugins)
{
	size_t cursor = 0;
	struct str name;
	void *statement;
	if (!plugins)
		return;
	for (size_t i = 0; i < CONNECTIONS; i++)
		store_free(plugins->stores[i]);
	while (map_next(plugins->statements, &cursor, &name, &statement)) {
		free((char *)((struct statement *)statement)->name);
		free((char *)((struct statement *)statement)->sql);
		free(statement);
	}
	map_free(plugins->statements);
	free(plugins);
}

/* ---- what was given ---- */

/* The statement under a name of ours; false: it is none, or the name has another text. */
static bool find_statement(struct plugin_store *plugins, const struct nurture_statement *given, struct statement *out)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
	if (!given || !NURTURE_HAS(given, sql) || !given->name || !given->sql)
		return false;
	size_t n = strlen(given->name);
	if (!n || n > NAME_MOST || strspn(given->name, plain) != n)
		return false;
	struct statement *known = map_get(plugins->statements, str_of(given->name));
	if (!known) {
		known = mem_alloc(sizeof *known);
		*known = (struct statement){.name = mem_printf("plugin.%s", given->name), .sql = mem_dup(given->sql)};
		map_put(plugins->statements, str_of(known->name + strlen("plugin.")), known);
	}
	*out = *known;
	return strcmp(known->sql, given->sql) == 0;
}

static void copy_value(struct arena *arena, const struct nurture_value *given, struct nurture_value *out)
{
	size_t n = !given->value ? 0 : given->length || given->bytes ? given->length : strlen(given->value);
	*out = (struct nurture_value){.value = given->value ? arena_dup_n(arena, given->value, n) : NULL, .length = n, .bytes = given->bytes};
}

static bool copy_step(struct query_op *q, const struct nurture_step *given, struct step *out)
{
	if (given->count > NURTURE_VALUES_MOST || (given->count && !given->values) || !find_statement(q->plugins, given->statement, &out->statement))
		return false;
	out->values = arena_array(q->op.arena, given->count + 1, sizeof *out->values);
	out->count = given->count;
	for (size_t i = 0; i < given->count; i++)
		copy_value(q->op.arena, &given->values[i], &out->values[i]);
	return true;
}

static void copy_steps(struct query_op *q, const struct nurture_query *query)
{
	bool good = query && NURTURE_HAS(query, read_only) && query->steps && query->count && query->count <= NURTURE_STEPS_MOST;
	q->count = good ? query->count : 0;
	q->steps = arena_array(q->op.arena, q->count + 1, sizeof *q->steps);
	q->rows = arena_array(q->op.arena, q->count + 1, sizeof *q->rows);
	for (size_t i = 0; good && i < q->count; i++)
		good = copy_step(q, &query->steps[i], &q->steps[i]);
	if (!good)
		op_fail(&q->op, ERROR_INVALID, NULL, "this is no query: a statement has a size, a name of letters, digits and _ (one text for each name) and SQL; a query 1 to %d"
			" steps of at most %d values.", NURTURE_STEPS_MOST, NURTURE_VALUES_MOST);
}

/* ---- the operation ---- */

static enum op_more segment(struct op *op, int number)
{
	struct query_op *q = (struct query_op *)op;
	(void)number;
	for (size_t i = 0; i < q->count; i++) {
		struct params *params = op_params(op);
		for (size_t v = 0; v < q->steps[i].count; v++) {
			const struct nurture_value *value = &q->steps[i].values[v];
			if (value->bytes)
				param_text(params, (struct str){value->value, value->length});
			else
				param_written(params, value->value);
		}
		op_send(op, q->steps[i].statement, (int)i);
	}
	return OP_LAST;
}

static void rows(struct op *op, int tag, const PGresult *result)
{
	struct query_op *q = (struct query_op *)op;
	size_t count = (size_t)PQntuples(result), columns = (size_t)PQnfields(result);
	struct nurture_value *values = arena_array(op->arena, count * columns + 1, sizeof *values);
	for (size_t i = 0; i < count * columns; i++) {
		int row = (int)(i / columns), column = (int)(i % columns);
		size_t n = (size_t)PQgetlength(result, row, column);
		if (!PQgetisnull(result, row, column))
			values[i] = (struct nurture_value){arena_dup_n(op->arena, PQgetvalue(result, row, column), n), n, PQfformat(result, column) == 1};
	}
	q->rows[tag] = (struct nurture_rows){.rows = count, .columns = columns, .values = values,
					     .changed = (size_t)strtoull(PQcmdTuples((PGresult *)(uintptr_t)result), NULL, 10)};
	if (strncmp(PQcmdStatus((PGresult *)(uintptr_t)result), "SELECT", 6) == 0)
		q->rows[tag].changed = 0;
}

static void done(struct op *op, const struct error *error)
{
	struct query_op *q = (struct query_op *)op;
	struct nurture_answer answer = {.size = sizeof answer, .error = error ? error->message : NULL, .sqlstate = error ? op->sqlstate : "",
					.again = error && (op->again || error->code == ERROR_UNAVAILABLE), .steps = error ? NULL : q->rows,
					.count = error ? 0 : q->count};
	q->plugins->flying--;
	q->plugins->waiting[q->connection]--;
	q->fn(q->arg, &answer);
}

static size_t least_busy(struct plugin_store *plugins)
{
	size_t best = plugins->next++ % CONNECTIONS;
	for (size_t i = 0; i < CONNECTIONS; i++)
		if (plugins->waiting[i] < plugins->waiting[best])
			best = i;
	return best;
}

void plugin_store_ask(struct plugin_store *plugins, const struct nurture_query *query, nurture_query_fn *fn, void *arg)
{
	static const struct op_class classes[2][2] = {
		{{.kind = OP_WRITE, .text_rows = true, .segment = segment, .rows = rows, .done = done}, {.kind = OP_WRITE, .segment = segment, .rows = rows, .done = done}},
		{{.kind = OP_READ, .text_rows = true, .segment = segment, .rows = rows, .done = done}, {.kind = OP_READ, .segment = segment, .rows = rows, .done = done}}};
	bool known = query && NURTURE_HAS(query, read_only);
	size_t connection = least_busy(plugins);
	struct query_op *q = op_new(plugins->stores[connection], &classes[known && query->read_only][known && query->bytes], sizeof *q);
	q->plugins = plugins;
	q->connection = connection;
	plugins->waiting[connection]++;
	q->fn = fn;
	q->arg = arg;
	if (plugins->flying++ >= FLYING_MOST)
		op_fail(&q->op, ERROR_UNAVAILABLE, NULL, "%d queries of this plugin are on their way already.", FLYING_MOST);
	else
		copy_steps(q, query);
	op_submit(&q->op);
}
