/* What the runtime role may do to each table, and what it may not do at all: asked as that role. */
#include "unit/database.h"

#include "unit/check_main.h"

static char name[32];

static PGconn *runtime(void)
{
	char conninfo[256];
	snprintf(name, sizeof name, "%s", database_new());
	PGconn *connection = PQconnectdb(database_conninfo(name, "nurture_runtime", conninfo));
	ck_assert_int_eq(PQstatus(connection), CONNECTION_OK);
	return connection;
}

/* Tables that only grow, and what is nobody's but the owner's; all others are the runtime's to read and write. */
static const struct {
	const char *table, *rights;
} special[] = {
	{"audit", "r+"},      {"consent", "r+"},       {"event", "r+"},      {"score_change", "r+"}, {"account_change", "r+"}, {"enrollment_log", "r+"},
	{"revision", "r+"},   {"revision_file", "r+"}, {"activation", "r+"}, {"link_key", "r+"},     {"schema_migration", "r"},
	{"plugin_migration", "r"},
	{"erase_key", "r"},
};

static const char *expected(const char *table)
{
	for (size_t i = 0; i < sizeof special / sizeof *special; i++)
		if (strcmp(table, special[i].table) == 0)
			return special[i].rights;
	return "r+w-";
}

START_TEST(each_table_has_the_rights_that_it_needs_and_no_more)
{
	PGconn *connection = runtime();
	PGresult *rows = PQexec(connection, "select c.relname, concat(case when has_table_privilege(c.oid, 'select') then 'r' end,"
		" case when has_table_privilege(c.oid, 'insert') then '+' end, case when has_table_privilege(c.oid, 'update') then 'w' end,"
		" case when has_table_privilege(c.oid, 'delete') then '-' end, case when has_table_privilege(c.oid, 'truncate') then 't' end,"
		" case when has_table_privilege(c.oid, 'references') or has_table_privilege(c.oid, 'trigger') then 'x' end)"
		" from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'public' and c.relkind in ('r', 'p')"
		" and not c.relispartition order by 1");
	ck_assert_int_gt(PQntuples(rows), 30);
	for (int i = 0; i < PQntuples(rows); i++)
		ck_assert_msg(strcmp(PQgetvalue(rows, i, 1), expected(PQgetvalue(rows, i, 0))) == 0, "%s: %s, not %s", PQgetvalue(rows, i, 0),
			      PQgetvalue(rows, i, 1), expected(PQgetvalue(rows, i, 0)));
	for (size_t i = 0; i < sizeof special / sizeof *special; i++)
		ck_assert_msg(*database_ask(name, "select to_regclass('%s')", special[i].table), "there is no table %s", special[i].table);
	PQclear(rows);
	PQfinish(connection);
}
END_TEST

START_TEST(what_only_the_owner_may_is_refused)
{
	static const char *const refused[] = {
		"create table x (a int)", "create schema x", "create extension dblink", "drop table lead",
		"alter table lead add column x int", "alter table audit disable trigger all", "create index on lead (email)",
		"create function x() returns int language sql as 'select 1'", "create view x as select 1", "create trigger x before insert on lead execute function audit_stays()",
		"truncate lead", "truncate consent", "update consent set state = 'granted'", "delete from consent", "update audit set act = ''",
		"delete from audit", "update schema_migration set number = 0", "update event set verb = ''", "delete from event_rest",
		"update link_key set secret = ''", "update activation set revision = ''", "alter role nurture_runtime superuser",
		"create role x", "set role nurture_owner", "set session authorization nurture_owner", "set session_replication_role = replica",
		"copy lead to '/tmp/x'", "copy lead from program 'id'", "select pg_read_file('/etc/passwd')",
		"select lo_import('/etc/passwd')", "alter system set fsync = off", "load 'x'", "create database x", "select pg_reload_conf()",
	};
	PGconn *connection = runtime();
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
		PGresult *result = PQexec(connection, refused[i]);
		const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
		ck_assert_msg(state && strcmp(state, "42501") == 0, "%s: %s", refused[i], state ? PQresultErrorMessage(result) : "it was done");
		PQclear(result);
	}
	PQfinish(connection);
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(each_table_has_the_rights_that_it_needs_and_no_more),
	UNIT(what_only_the_owner_may_is_refused),
};
UNIT_MAIN_WITH("store/rights", cases, database_begin(false))
