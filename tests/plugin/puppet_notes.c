/* The puppet's schema, as puppet-rude has it: two tables, and routes that ask for them. What a query answers comes back as JSON. */
#include "puppet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct nurture_migration migrations[] = {
	{1, "notes", "create table note (id bigint generated always as identity primary key, text text not null unique);"
		     "create table sum (notes bigint not null); insert into sum values (0)"},
	{2, "blobs", "alter table note add blob bytea; create function lengths() returns bigint language sql stable as $$ select coalesce(sum(length(text)), 0) from note $$"},
#ifdef PUPPET_THIRD
	{3, "third", PUPPET_THIRD},
#endif
};
const struct nurture_migrations puppet_migrations = {
	.size = sizeof puppet_migrations, .migration_size = sizeof *migrations, .count = sizeof migrations / sizeof *migrations, .migrations = migrations};

static const struct nurture_statement
	insert = {sizeof insert, "note_insert", "insert into note (text, blob) values ($1, $2) returning id, text, blob"},
	add = {sizeof add, "sum_add", "update sum set notes = notes + 1"},
	list = {sizeof list, "note_list", "select id, text, octet_length(blob), null::text, lengths() from note order by id"},
	look = {sizeof look, "sum_look", "select notes from sum"},
	leads = {sizeof leads, "leads", "select count(*) from public.lead"},
	ddl = {sizeof ddl, "ddl", "create table other (id int)"},
	wait = {sizeof wait, "wait", "select pg_sleep($1::float8)"};

struct asking {
	struct puppet *puppet;
	struct nurture_handle handle;
};

static json_t *cell(const struct nurture_value *value)
{
	if (!value->value)
		return json_null();
	return value->bytes ? json_pack("{s:i, s:i}", "bytes", (int)value->length, "first", value->length ? *(const unsigned char *)value->value : -1)
			    : json_stringn(value->value, value->length);
}

static json_t *told(const struct nurture_answer *answer)
{
	json_t *steps = json_array();
	for (size_t s = 0; s < answer->count; s++) {
		const struct nurture_rows *rows = &answer->steps[s];
		json_t *cells = json_array();
		for (size_t i = 0; i < rows->rows * rows->columns; i++)
			json_array_append_new(cells, cell(&rows->values[i]));
		json_array_append_new(steps, json_pack("{s:i, s:i, s:i, s:o}", "rows", (int)rows->rows, "columns", (int)rows->columns, "changed", (int)rows->changed, "values", cells));
	}
	return json_pack("{s:s?, s:s, s:b, s:o}", "error", answer->error, "sqlstate", answer->sqlstate, "again", answer->again, "steps", steps);
}

static void on_answer(void *arg, const struct nurture_answer *answer)
{
	struct asking *asking = arg;
	json_t *all = told(answer);
	char *text = json_dumps(all, 0);
	struct nurture_reply reply = {.size = sizeof reply, .status = answer->error ? 409 : 200, .body = text, .body_length = strlen(text)};
	asking->puppet->host->reply(asking->puppet->host->data, asking->handle, &reply);
	json_decref(all);
	free(text);
	free(asking);
}

static void ask(struct puppet *puppet, const struct nurture_request *request, const struct nurture_query *query)
{
	struct asking *asking = calloc(1, sizeof *asking);
	if (!asking)
		abort();
	*asking = (struct asking){puppet, request->handle};
	puppet->host->query(puppet->host->data, query, on_answer, asking);
}

/* The body as text and as bytes, and one more in the sum: both or none. */
void puppet_note_post(void *self, const struct nurture_request *request)
{
	const struct nurture_value values[] = {{request->body, 0, false}, {request->body, request->body_length, true}};
	const struct nurture_step steps[] = {{&add, NULL, 0}, {&insert, values, 2}};
	ask(self, request, &(struct nurture_query){.size = sizeof(struct nurture_query), .steps = steps, .count = 2, .bytes = request->query_count > 0});
}

void puppet_note_list(void *self, const struct nurture_request *request)
{
	const struct nurture_step steps[] = {{&list, NULL, 0}, {&look, NULL, 0}};
	ask(self, request, &(struct nurture_query){.size = sizeof(struct nurture_query), .steps = steps, .count = 2, .read_only = true});
}

/* What no plugin may, or should: by the name of what it asks for. */
void puppet_note_odd(void *self, const struct nurture_request *request)
{
	static const struct nurture_statement renamed = {sizeof renamed, "sum_look", "select 1"}, unnamed = {sizeof unnamed, "a b", "select 1"};
	const char *what = request->parameters[0].value;
	const struct nurture_value seconds = {"0.5", 0, false};
	const struct nurture_step leads_step = {&leads, NULL, 0}, ddl_step = {&ddl, NULL, 0}, wait_step = {&wait, &seconds, 1}, renamed_step = {&renamed, NULL, 0},
				  unnamed_step = {&unnamed, NULL, 0}, write_step = {&add, NULL, 0}, look_step = {&look, NULL, 0};
	const struct nurture_step two[] = {look_step, renamed_step};
	struct nurture_query query = {.size = sizeof query, .count = 1};
	query.steps = strcmp(what, "leads") == 0 ? &leads_step : strcmp(what, "ddl") == 0 ? &ddl_step : strcmp(what, "wait") == 0 ? &wait_step
		    : strcmp(what, "unnamed") == 0 ? &unnamed_step : strcmp(what, "write") == 0 ? &write_step : NULL;
	query.read_only = strcmp(what, "write") == 0;
	if (strcmp(what, "renamed") == 0)
		query.steps = two, query.count = 2;
	ask(self, request, &query);
}
