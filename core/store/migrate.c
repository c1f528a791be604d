/* Migrations: numbered, forward only, each in a transaction, all under one advisory lock, so that many nodes may start at once.
 *
 * Called by the master's start and by `nurture db migrate`; blocking, with the owner's connection. Never called from a worker's loop. */
#include "store/cluster.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct migration {
	int number;
	const char *name;
	const char *sql;
};
#include "store/migrations.h"

enum { MIGRATIONS = sizeof migrations / sizeof *migrations };
#define KNOWN (migrations[MIGRATIONS - 1].number)

static int fail(PGconn *connection, const char *where, struct error *error)
{
	char text[512];
	snprintf(text, sizeof text, "%s", PQerrorMessage(connection));
	for (char *p = text; *p; p++)
		if (*p == '\n')
			*p = p[1] ? ' ' : '\0';
	return error_set(error, PQstatus(connection) == CONNECTION_BAD ? ERROR_UNAVAILABLE : ERROR_SYSTEM, where, "%s", text);
}

static int run(PGconn *connection, const char *sql, const char *where, struct error *error)
{
	PGresult *result = PQexec(connection, sql);
	ExecStatusType status = PQresultStatus(result);
	PQclear(result);
	return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK ? 0 : fail(connection, where, error);
}

static void ignore_notice(void *arg, const PGresult *result)
{
	(void)arg, (void)result;
}

static PGconn *open_database(const char *conninfo, struct error *error)
{
	static const char *const keys[] = {"connect_timeout", "fallback_application_name", "dbname", NULL};
	const char *const values[] = {"10", "nurture migrate", conninfo, NULL};
	PGconn *connection = PQconnectdbParams(keys, values, 1);
	PQsetNoticeReceiver(connection, ignore_notice, NULL);
	if (PQstatus(connection) == CONNECTION_OK)
		return connection;
	fail(connection, "database", error);
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
		return fail(connection, "database", error);
	if (!is_there)
		return 0;
	PGresult *result = PQexec(connection, "select coalesce(max(number), 0) from schema_migration");
	failed = PQresultStatus(result) != PGRES_TUPLES_OK;
	if (!failed)
		*applied = (int)strtol(PQgetvalue(result, 0, 0), NULL, 10);
	PQclear(result);
	return failed ? fail(connection, "database", error) : 0;
}

static int refuse_newer(int applied, struct error *error)
{
	if (applied <= KNOWN)
		return 0;
	return error_set(error, ERROR_CONFLICT, "database",
			 "the database is newer than this program: it has migration %d, this program knows %d. Install the newer nurture.", applied,
			 KNOWN);
}

static int apply(PGconn *connection, const struct migration *migration, struct error *error)
{
	char record[256];
	snprintf(record, sizeof record, "insert into schema_migration (number, name, applied_at) values (%d, '%s', clock_timestamp())",
		 migration->number, migration->name);
	if (run(connection, "begin", migration->name, error) || run(connection, migration->sql, migration->name, error) ||
	    run(connection, record, migration->name, error) || run(connection, "commit", migration->name, error)) {
		(void)run(connection, "rollback", migration->name, NULL);
		return -1;
	}
	return 0;
}

static int apply_all(PGconn *connection, int *applied, struct error *error)
{
	static const char table[] = "create table if not exists schema_migration"
				    " (number int primary key, name text not null, applied_at timestamptz not null)";
	int before = 0;
	*applied = 0;
	if (applied_of(connection, &before, error) || refuse_newer(before, error))
		return -1;
	if (before == 0 && run(connection, table, "schema_migration", error))
		return -1;
	for (size_t i = 0; i < MIGRATIONS; i++) {
		if (migrations[i].number <= before)
			continue;
		if (apply(connection, &migrations[i], error))
			return -1;
		++*applied;
	}
	return run(connection, migration_grants, "grants", error);
}

int migrate_run(const char *owner_conninfo, int *applied, struct error *error)
{
	PGconn *connection = open_database(owner_conninfo, error);
	if (!connection)
		return -1;
	/* Ends with the session, so that a crash leaves nothing locked. */
	int result = run(connection, "select pg_advisory_lock(hashtext('nurture.migrate'))", "database", error);
	if (result == 0)
		result = apply_all(connection, applied, error);
	PQfinish(connection);
	return result;
}

int migrate_status(const char *conninfo, int *applied, int *known, struct error *error)
{
	PGconn *connection = open_database(conninfo, error);
	if (!connection)
		return -1;
	*known = KNOWN;
	int result = applied_of(connection, applied, error);
	PQfinish(connection);
	return result ? result : refuse_newer(*applied, error);
}
