/* Migrations of plugins: what ran stands in plugin_migration with the hash of its text. Each runs in a transaction of its own, its search_path the plugin's schema. What
 * the plugin's queries may do is granted again after every run, as tables come and go. */
#include "store/plugin_migrate.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/mem.h"
#include "store/migrate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PATIENCE_S = 60, PAUSE_S = 2 };

/* %1$s: the plugin's name; small letters, digits and hyphens, so it can be quoted as it is. Where roles cannot be made the runtime's reaches the schema. */
static const char schema_sql[] =
	"create schema if not exists \"%1$s\";"
	"do $body$ begin"
	"  if not exists (select from pg_roles where rolname = 'nurture_plugin_%1$s') then create role \"nurture_plugin_%1$s\" nologin; end if;"
	"  if not pg_has_role(current_user, 'nurture_plugin_%1$s', 'member') then execute format('grant \"nurture_plugin_%1$s\" to %%I', current_user); end if;"
	"  if exists (select from pg_roles where rolname = 'nurture_runtime') and not pg_has_role('nurture_runtime', 'nurture_plugin_%1$s', 'member') then"
	"    grant \"nurture_plugin_%1$s\" to nurture_runtime; end if;"
	"exception when insufficient_privilege or duplicate_object or unique_violation then null; end $body$";
static const char grant_sql[] =
	"do $body$ declare who text; begin"
	"  for who in select rolname from pg_roles where rolname in ('nurture_plugin_%1$s', 'nurture_runtime') loop"
	"    if who = 'nurture_runtime' and exists (select from pg_roles where rolname = 'nurture_plugin_%1$s') then continue; end if;"
	"    execute format('grant usage on schema \"%1$s\" to %%I', who);"
	"    execute format('grant select, insert, update, delete on all tables in schema \"%1$s\" to %%I', who);"
	"    execute format('grant usage, select, update on all sequences in schema \"%1$s\" to %%I', who);"
	"    if who <> 'nurture_runtime' then" /* its commits are marked like any other (op.c) */
	"      execute format('grant usage on schema public to %%I', who); execute format('grant select, insert, update on public.commit_mark to %%I', who); end if;"
	"  end loop; end $body$";

static int run_for(PGconn *connection, const char *format, const char *plugin, struct error *error)
{
	char sql[4096];
	snprintf(sql, sizeof sql, format, plugin);
	return migrate_sql(connection, sql, plugin, error) ? -1 : 0;
}

static void hash_of(const char *sql, char out[HASH_HEX])
{
	unsigned char digest[HASH_SHA256];
	hash_sha256(str_of(sql), digest);
	hash_hex(digest, sizeof digest, out);
}

static const json_t *numbered(const json_t *migrations, int number)
{
	const json_t *row = NULL;
	size_t i = 0;
	json_array_foreach (migrations, i, row)
		if (json_integer_value(json_object_get(row, "number")) == number)
			return row;
	return NULL;
}

/* Every one that ran is there, as it was. *last: the highest. */
static int compare(const char *plugin, const PGresult *ran, const json_t *migrations, int *last, struct error *error)
{
	*last = 0;
	for (int i = 0; i < PQntuples(ran); i++) {
		int number = atoi(PQgetvalue(ran, i, 0)); /* NOLINT(cert-err34-c): an int of the database's */
		const json_t *row = numbered(migrations, number);
		char hash[HASH_HEX] = "";
		if (row)
			hash_of(json_string_value(json_object_get(row, "sql")), hash);
		if (strcmp(hash, PQgetvalue(ran, i, 1)) != 0)
			return error_set(error, ERROR_CONFLICT, plugin, "migration %d (%s) of plugin %s has run in this database and %s. What has run stays as it is: put the"
					 " plugin back that has it.", number, PQgetvalue(ran, i, 2), plugin, row ? "its text is another now" : "is missing in the plugin");
		*last = number > *last ? number : *last;
	}
	return 0;
}

static int look(PGconn *connection, const char *plugin, const json_t *migrations, int *last, struct error *error)
{
	const char *values[] = {plugin};
	PGresult *ran = PQexecParams(connection, "select number, hash, name from public.plugin_migration where plugin = $1 order by number", 1, NULL, values, NULL, NULL, 0);
	int result = PQresultStatus(ran) == PGRES_TUPLES_OK ? compare(plugin, ran, migrations, last, error) : migrate_fail(connection, "plugin_migration", error);
	PQclear(ran);
	return result;
}

static int record(PGconn *connection, const char *plugin, const json_t *migration, struct error *error)
{
	char number[16], hash[HASH_HEX];
	const char *values[] = {plugin, number, json_string_value(json_object_get(migration, "name")), hash};
	snprintf(number, sizeof number, "%d", (int)json_integer_value(json_object_get(migration, "number")));
	hash_of(json_string_value(json_object_get(migration, "sql")), hash);
	PGresult *result = PQexecParams(connection, "insert into public.plugin_migration (plugin, number, name, hash, applied_at)"
					" values ($1, $2::int, $3, $4, clock_timestamp())", 4, NULL, values, NULL, NULL, 0);
	bool good = PQresultStatus(result) == PGRES_COMMAND_OK;
	PQclear(result);
	return good ? 0 : migrate_fail(connection, plugin, error);
}

static int try_apply(PGconn *connection, const char *plugin, const json_t *migration, struct error *error)
{
	char where[200], path[200];
	snprintf(where, sizeof where, "plugin %.64s, migration %d (%.60s)", plugin, (int)json_integer_value(json_object_get(migration, "number")),
		 json_string_value(json_object_get(migration, "name")));
	snprintf(path, sizeof path, "set local search_path = \"%.64s\"", plugin);
	const char *const steps[] = {"begin", MIGRATE_LOCK_TIMEOUT, path, json_string_value(json_object_get(migration, "sql"))};
	int failed = 0;
	for (size_t i = 0; i < sizeof steps / sizeof *steps && !failed; i++)
		failed = migrate_sql(connection, steps[i], where, error);
	if (!failed)
		failed = record(connection, plugin, migration, error);
	if (!failed)
		failed = migrate_sql(connection, "commit", where, error);
	if (failed)
		(void)migrate_sql(connection, "rollback", where, NULL);
	return failed;
}

static int apply(PGconn *connection, const char *plugin, const json_t *migration, struct error *error)
{
	mono_t until = mono_now() + PATIENCE_S * MOMENT_SECOND;
	for (;;) {
		int failed = try_apply(connection, plugin, migration, error);
		if (failed != MIGRATE_HELD || mono_now() >= until)
			return failed ? -1 : 0;
		sleep(PAUSE_S);
	}
}

static int apply_all(PGconn *connection, const char *plugin, const json_t *migrations, int *applied, struct error *error)
{
	const json_t *row = NULL;
	size_t i = 0;
	int last = 0;
	if (look(connection, plugin, migrations, &last, error) || run_for(connection, schema_sql, plugin, error))
		return -1;
	json_array_foreach (migrations, i, row) {
		if (json_integer_value(json_object_get(row, "number")) <= last)
			continue;
		if (apply(connection, plugin, row, error))
			return -1;
		++*applied;
	}
	return run_for(connection, grant_sql, plugin, error);
}

/* What is there below the last one and did not run came too late. */
static int refuse_late(PGconn *connection, const char *plugin, const json_t *migrations, struct error *error)
{
	const char *values[] = {plugin};
	size_t ran = 0, i = 0, below = 0;
	const json_t *row = NULL;
	int last = 0;
	if (look(connection, plugin, migrations, &last, error))
		return -1;
	PGresult *count = PQexecParams(connection, "select count(*) from public.plugin_migration where plugin = $1", 1, NULL, values, NULL, NULL, 0);
	if (PQresultStatus(count) == PGRES_TUPLES_OK)
		ran = (size_t)strtoull(PQgetvalue(count, 0, 0), NULL, 10);
	PQclear(count);
	json_array_foreach (migrations, i, row)
		below += json_integer_value(json_object_get(row, "number")) <= last;
	return below == ran ? 0 : error_set(error, ERROR_CONFLICT, plugin, "plugin %s has a migration whose number is below %d, which has run: give it a higher one.", plugin, last);
}

int plugin_migrate(const char *owner_conninfo, const char *plugin, const json_t *migrations, int *applied, struct error *error)
{
	PGconn *connection = migrate_open(owner_conninfo, error);
	*applied = 0;
	if (!connection)
		return -1;
	int result = migrate_sql(connection, MIGRATE_LOCK, "database", error) ? -1 : refuse_late(connection, plugin, migrations, error);
	if (!result)
		result = apply_all(connection, plugin, migrations, applied, error);
	PQfinish(connection);
	return result;
}

int plugin_migrate_missing(const char *conninfo, const char *plugin, const json_t *migrations, int *missing, struct error *error)
{
	PGconn *connection = migrate_open(conninfo, error);
	const json_t *row = NULL;
	size_t i = 0;
	int last = 0;
	*missing = 0;
	if (!connection)
		return -1;
	int result = refuse_late(connection, plugin, migrations, error) ? -1 : look(connection, plugin, migrations, &last, error);
	json_array_foreach (migrations, i, row)
		*missing += json_integer_value(json_object_get(row, "number")) > last;
	PQfinish(connection);
	return result;
}
