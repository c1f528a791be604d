/* Migrations: numbered, forward only, each in a transaction, all under one advisory lock, so that many nodes may start at once.
 *
 * A migration waits a few seconds for a table and lets go again, for behind one that waits everybody waits; then once more, for some minutes.
 *
 * Called by the master's start and by `nurture db migrate`; blocking, with the owner's connection. Never called from a worker's loop. */
#include "base/clock.h"
#include "base/log.h"
#include "store/cluster.h"
#include "store/migrate.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct migration {
	int number;
	const char *name;
	const char *sql;
};
#include "store/migrations.h"

enum { MIGRATIONS = sizeof migrations / sizeof *migrations };
#define KNOWN (migrations[MIGRATIONS - 1].number)

int migrate_fail(PGconn *connection, const char *where, struct error *error)
{
	char text[512];
	snprintf(text, sizeof text, "%s", PQerrorMessage(connection));
	for (char *p = text; *p; p++)
		if (*p == '\n')
			*p = p[1] ? ' ' : '\0';
	return error_set(error, PQstatus(connection) == CONNECTION_BAD ? ERROR_UNAVAILABLE : ERROR_SYSTEM, where, "%s", text);
}

enum { PATIENCE_S = 300, PAUSE_S = 2 };

int migrate_sql(PGconn *connection, const char *sql, const char *where, struct error *error)
{
	PGresult *result = PQexec(connection, sql);
	ExecStatusType status = PQresultStatus(result);
	const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	bool held = state && (strcmp(state, "55P03") == 0 || strcmp(state, "40P01") == 0); /* lock_not_available, deadlock_detected */
	PQclear(result);
	if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK)
		return 0;
	(void)migrate_fail(connection, where, error);
	return held ? MIGRATE_HELD : -1;
}

static void ignore_notice(void *arg, const PGresult *result)
{
	(void)arg, (void)result;
}

PGconn *migrate_open(const char *conninfo, struct error *error)
{
	static const char *const keys[] = {"connect_timeout", "fallback_application_name", "dbname", NULL};
	const char *const values[] = {"10", "nurture migrate", conninfo, NULL};
	PGconn *connection = PQconnectdbParams(keys, values, 1);
	PQsetNoticeReceiver(connection, ignore_notice, NULL);
	if (PQstatus(connection) == CONNECTION_OK)
		return connection;
	migrate_fail(connection, "database", error);
	PQfinish(connection);
	return NULL;
}

/* The highest number applied; 0 in an empty database. */
static int applied_of(PGconn *connection, int *applied, struct error *error)
{
	PGresult *there = PQexec(connection, "select to_regclass('schema_migration') is not null");
	bool is_there = PQresultStatus(there) == PGRES_TUPLES_OK && *PQgetvalue(there, 0, 0) == 't';
	bool failed = PQresultStatus(there) != PGRES_TUPLES_OK;
	PQclear(there);
	*applied = 0;
	if (failed)
		return migrate_fail(connection, "database", error);
	if (!is_there)
		return 0;
	PGresult *result = PQexec(connection, "select coalesce(max(number), 0) from schema_migration");
	failed = PQresultStatus(result) != PGRES_TUPLES_OK;
	if (!failed)
		*applied = (int)strtol(PQgetvalue(result, 0, 0), NULL, 10);
	PQclear(result);
	return failed ? migrate_fail(connection, "database", error) : 0;
}

int migrate_known(void)
{
	return KNOWN;
}

static int refuse_newer(int applied, struct error *error)
{
	if (applied <= KNOWN)
		return 0;
	return error_set(error, ERROR_CONFLICT, "database",
			 "the database is newer than this program: it has migration %d, this program knows %d. Install the newer nurture.", applied,
			 KNOWN);
}

static int try_apply(PGconn *connection, const struct migration *migration, struct error *error)
{
	char record[256];
	snprintf(record, sizeof record, "insert into schema_migration (number, name, applied_at) values (%d, '%s', clock_timestamp())",
		 migration->number, migration->name);
	const char *const steps[] = {"begin", MIGRATE_LOCK_TIMEOUT, migration->sql, record, "commit"};
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		int failed = migrate_sql(connection, steps[i], migration->name, error);
		if (failed) {
			(void)migrate_sql(connection, "rollback", migration->name, NULL);
			return failed;
		}
	}
	return 0;
}

/* The oldest transaction that holds a table: whom we waited for, as far as can be told when it is over. */
static int held_by(PGconn *connection, const struct migration *migration, struct error *error)
{
	PGresult *who = PQexec(connection,
		"select a.pid, coalesce(nullif(a.application_name, ''), 'without a name'), to_char(a.xact_start, 'HH24:MI:SS'), string_agg(distinct c.relname, ', ')"
		" from pg_stat_activity a join pg_locks l on l.pid = a.pid and l.granted and l.locktype = 'relation'"
		" join pg_class c on c.oid = l.relation and c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace"
		" where a.datname = current_database() and l.database = (select oid from pg_database where datname = a.datname) and a.pid <> pg_backend_pid()"
		" group by a.pid, a.application_name, a.xact_start order by a.xact_start limit 1");
	if (PQresultStatus(who) == PGRES_TUPLES_OK && PQntuples(who))
		error_set(error, ERROR_UNAVAILABLE, migration->name,
			  "a table is held and was not let go in time: session %s (%s), in a transaction since %s, holds %s. End it,"
			  " or wait for its end, and start again.", PQgetvalue(who, 0, 0), PQgetvalue(who, 0, 1), PQgetvalue(who, 0, 2),
			  PQgetvalue(who, 0, 3));
	PQclear(who);
	return -1; /* else the error is the database's own */
}

static int apply(PGconn *connection, const struct migration *migration, mono_t until, struct error *error)
{
	for (bool told = false;; told = true) {
		int failed = try_apply(connection, migration, error);
		if (failed != MIGRATE_HELD)
			return failed;
		if (mono_now() >= until)
			return held_by(connection, migration, error);
		if (!told)
			log_warn("migration.waits", log_str("migration", migration->name), log_str("message", error->message));
		*error = (struct error){0};
		sleep(PAUSE_S);
	}
}

static int apply_all(PGconn *connection, mono_t until, int *applied, struct error *error)
{
	static const char table[] = "create table if not exists schema_migration"
				    " (number int primary key, name text not null, applied_at timestamptz not null)";
	int before = 0;
	*applied = 0;
	if (applied_of(connection, &before, error) || refuse_newer(before, error))
		return -1;
	if (before == 0 && migrate_sql(connection, table, "schema_migration", error))
		return -1;
	for (size_t i = 0; i < MIGRATIONS; i++) {
		if (migrations[i].number <= before)
			continue;
		if (apply(connection, &migrations[i], until, error))
			return -1;
		++*applied;
	}
	return migrate_sql(connection, migration_grants, "grants", error);
}

int migrate_run(const char *owner_conninfo, int *applied, struct error *error)
{
	return migrate_run_within(owner_conninfo, PATIENCE_S, applied, error);
}

int migrate_run_within(const char *owner_conninfo, int seconds, int *applied, struct error *error)
{
	PGconn *connection = migrate_open(owner_conninfo, error);
	if (!connection)
		return -1;
	int result = migrate_sql(connection, MIGRATE_LOCK, "database", error);
	if (result == 0)
		result = apply_all(connection, mono_now() + seconds * MOMENT_SECOND, applied, error) ? -1 : 0;
	PQfinish(connection);
	return result;
}

int migrate_status(const char *conninfo, int *applied, int *known, struct error *error)
{
	PGconn *connection = migrate_open(conninfo, error);
	if (!connection)
		return -1;
	*known = KNOWN;
	int result = applied_of(connection, applied, error);
	PQfinish(connection);
	return result ? result : refuse_newer(*applied, error);
}
