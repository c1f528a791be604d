/* The private cluster and migrations. */
#include "store/cluster.h"

#include "unit/check_main.h"
#include "unit/database.h"

#include <sys/stat.h>

static char folder[64];

static void begin(void)
{
	snprintf(folder, sizeof folder, "/tmp/nurture-cl-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	ck_assert_int_eq(chmod(folder, 0755), 0);
}

static void end(void)
{
	char command[128];
	snprintf(command, sizeof command, "rm -rf %s", folder);
	ck_assert_int_eq(system(command), 0);
}

static struct cluster *start(void)
{
	struct error error = {0};
	struct cluster *cluster = cluster_start(folder, "postgres", &error);
	ck_assert_msg(cluster != NULL, "%s: %s", error.where, error.message);
	return cluster;
}

static const char *one(const char *conninfo, const char *sql)
{
	static char text[256];
	PGconn *connection = PQconnectdb(conninfo);
	PGresult *result = PQexec(connection, sql);
	snprintf(text, sizeof text, "%s", PQresultStatus(result) == PGRES_TUPLES_OK ? PQgetvalue(result, 0, 0) : PQerrorMessage(connection));
	PQclear(result);
	PQfinish(connection);
	return text;
}

START_TEST(the_last_one_out_stops_the_cluster_and_the_data_stays)
{
	struct error error = {0};
	int applied = 0, known = 0;
	begin();
	struct cluster *cluster = start();
	ck_assert_int_eq(migrate_run(cluster_owner(cluster), &applied, &error), 0);
	ck_assert_int_gt(applied, 0);
	ck_assert_int_eq(migrate_run(cluster_owner(cluster), &applied, &error), 0);
	ck_assert_int_eq(applied, 0);
	ck_assert_int_eq(migrate_status(cluster_runtime(cluster), &applied, &known, &error), 0);
	ck_assert_int_eq(applied, known);
	ck_assert_str_eq(one(cluster_runtime(cluster), "show listen_addresses"), "");
	ck_assert_ptr_nonnull(strstr(one(cluster_runtime(cluster), "create table x ()"), "permission denied"));
	char conninfo[256];
	snprintf(conninfo, sizeof conninfo, "%s", cluster_owner(cluster));
	struct cluster *second = start(); /* a command beside the server */
	cluster_stop(second);
	ck_assert_int_eq(PQping(conninfo), PQPING_OK);
	cluster_stop(cluster);
	ck_assert_int_eq(PQping(conninfo), PQPING_NO_RESPONSE);
	cluster = start();
	ck_assert_str_eq(one(conninfo, "select count(*) > 0 from schema_migration"), "t");
	cluster_stop(cluster);
	end();
}
END_TEST

START_TEST(a_cluster_whose_master_died_is_adopted_and_one_that_died_is_started_again)
{
	begin();
	pid_t master = fork();
	if (master == 0) {
		start();
		_exit(0); /* dies and leaves it running */
	}
	waitpid(master, NULL, 0);
	struct error error = {0};
	struct cluster *cluster = start();
	char conninfo[256], path[128];
	snprintf(conninfo, sizeof conninfo, "%s", cluster_owner(cluster));
	ck_assert_int_eq(PQping(conninfo), PQPING_OK);
	ck_assert_int_eq(cluster_check(cluster, &error), 0);
	snprintf(path, sizeof path, "%s/postgres/postmaster.pid", folder);
	FILE *file = fopen(path, "re");
	int pid = 0;
	ck_assert(file && fscanf(file, "%d", &pid) == 1);
	fclose(file);
	kill(pid, SIGKILL);
	for (int i = 0; i < 3000 && PQping(conninfo) == PQPING_OK; i++)
		usleep(20000);
	int rc = -1;
	for (int i = 0; i < 600 && (rc = cluster_check(cluster, &error)) != 0; i++)
		usleep(100000); /* its children are still about to notice */
	ck_assert_msg(rc == 0, "%s", error.message);
	ck_assert_int_eq(PQping(conninfo), PQPING_OK);
	cluster_stop(cluster);
	ck_assert_int_eq(PQping(conninfo), PQPING_NO_RESPONSE);
	end();
}
END_TEST

/* As after a power cut that spared some: a backend that works on notices only later that its postmaster is gone. */
START_TEST(a_cluster_is_started_while_a_backend_of_the_killed_one_still_works)
{
	begin();
	pid_t master = fork();
	if (master == 0) {
		start();
		_exit(0);
	}
	waitpid(master, NULL, 0);
	char conninfo[256], path[128];
	snprintf(conninfo, sizeof conninfo, "host=%s/run user=nurture_owner dbname=nurture", folder);
	snprintf(path, sizeof path, "%s/postgres/postmaster.pid", folder);
	FILE *file = fopen(path, "re");
	int pid = 0;
	ck_assert(file && fscanf(file, "%d", &pid) == 1);
	fclose(file);
	PGconn *connection = PQconnectdb(conninfo);
	ck_assert_int_eq(PQsendQuery(connection, "select sum(i) from generate_series(1, 8000000) i"), 1);
	usleep(100000);
	kill(pid, SIGKILL);
	struct cluster *cluster = start();
	PQfinish(connection);
	ck_assert_int_eq(PQping(cluster_owner(cluster)), PQPING_OK);
	cluster_stop(cluster);
	end();
}
END_TEST

START_TEST(a_cluster_of_a_postgresql_that_is_not_here_is_refused_with_what_to_do)
{
	begin();
	struct error error = {0};
	char command[256];
	snprintf(command, sizeof command, "mkdir -p %s/postgres && echo 14 > %s/postgres/PG_VERSION", folder, folder);
	ck_assert_int_eq(system(command), 0);
	ck_assert_ptr_null(cluster_start(folder, "postgres", &error));
	ck_assert_int_eq(error.code, ERROR_CONFLICT);
	ck_assert_ptr_nonnull(strstr(error.message, "postgresql-14"));
	if (geteuid() == 0) {
		ck_assert_ptr_null(cluster_start(folder, "no-such-user", &error));
		ck_assert_int_eq(error.code, ERROR_NOT_FOUND);
	}
	ck_assert_ptr_null(cluster_start("/tmp/a-path-that-is-much-too-long-for-a-unix-socket/a-path-that-is-much-too-long-for-a-unix-socket/x", "postgres", &error));
	ck_assert_int_eq(error.code, ERROR_LIMIT);
	end();
}
END_TEST

START_TEST(many_nodes_may_migrate_at_once)
{
	enum { NODES = 5 };
	char conninfo[256];
	pid_t pids[NODES];
	database_ask("postgres", "create database many");
	for (int i = 0; i < NODES; i++) {
		pids[i] = fork();
		if (pids[i] == 0) {
			struct error error = {0};
			int applied = 0;
			_exit(migrate_run(database_conninfo("many", "nurture_owner", conninfo), &applied, &error) ? 99 : applied);
		}
	}
	int total = 0;
	for (int i = 0; i < NODES; i++) {
		int status = 0;
		waitpid(pids[i], &status, 0);
		ck_assert(WIFEXITED(status) && WEXITSTATUS(status) != 99);
		total += WEXITSTATUS(status);
	}
	ck_assert_int_eq(total, atoi(database_ask("many", "select count(*) from schema_migration")));
}
END_TEST

/* A database in which somebody reads for long: the first migration cannot write that it was applied. */
static PGconn *held_database(const char *held, char conninfo[256])
{
	char other[256], whole[512];
	database_ask("postgres", "create database %s", held);
	database_conninfo(held, "nurture_owner", conninfo);
	database_ask(held, "create table schema_migration (number int primary key, name text not null, applied_at timestamptz not null)");
	snprintf(whole, sizeof whole, "%s application_name=a_long_dump", database_conninfo(held, "nurture_owner", other));
	PGconn *connection = PQconnectdb(whole);
	PQclear(PQexec(connection, "begin"));
	PQclear(PQexec(connection, "lock table schema_migration in share mode"));
	return connection;
}

START_TEST(a_migration_that_waits_in_vain_says_which_session_holds_the_table)
{
	char conninfo[256];
	struct error error = {0};
	int applied = 0;
	PGconn *dump = held_database("held", conninfo);
	ck_assert_int_eq(migrate_run_within(conninfo, 0, &applied, &error), -1);
	ck_assert_int_eq(error.code, ERROR_UNAVAILABLE);
	ck_assert_msg(strstr(error.message, "a_long_dump") && strstr(error.message, "schema_migration"), "%s", error.message);
	PQfinish(dump);
	ck_assert_msg(migrate_run_within(conninfo, 0, &applied, &error) == 0, "%s", error.message);
	ck_assert_int_gt(applied, 0);
}
END_TEST

/* Others get in between while it waits. */
START_TEST(a_migration_lets_go_while_it_waits_for_a_table_and_tries_again)
{
	static const char waits[] = "pg_locks where not granted and relation = 'schema_migration'::regclass";
	char conninfo[256];
	PGconn *dump = held_database("patient", conninfo);
	pid_t pid = fork();
	if (pid == 0) {
		struct error error = {0};
		int applied = 0;
		_exit(migrate_run(conninfo, &applied, &error) || !applied);
	}
	bool waited = false, let_go = false;
	for (int i = 0; i < 3000 && !let_go; i++, usleep(20000)) {
		bool now = database_count("patient", waits) > 0;
		let_go = waited && !now;
		waited |= now;
	}
	ck_assert(let_go);
	PQfinish(dump);
	int status = 0;
	waitpid(pid, &status, 0);
	ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}
END_TEST

START_TEST(a_newer_database_is_left_alone)
{
	char conninfo[256];
	struct error error = {0};
	int applied = 0, known = 0;
	const char *name = database_new();
	database_conninfo(name, "nurture_owner", conninfo);
	database_ask(name, "insert into schema_migration values (9999, 'of the future', now())");
	ck_assert_int_eq(migrate_run(conninfo, &applied, &error), -1);
	ck_assert_int_eq(error.code, ERROR_CONFLICT);
	ck_assert_int_eq(migrate_status(conninfo, &applied, &known, &error), -1);
	ck_assert_int_eq(error.code, ERROR_CONFLICT);
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(the_last_one_out_stops_the_cluster_and_the_data_stays),
	UNIT(a_cluster_whose_master_died_is_adopted_and_one_that_died_is_started_again),
	UNIT(a_cluster_is_started_while_a_backend_of_the_killed_one_still_works),
	UNIT(a_cluster_of_a_postgresql_that_is_not_here_is_refused_with_what_to_do),
	UNIT(many_nodes_may_migrate_at_once),
	UNIT(a_migration_that_waits_in_vain_says_which_session_holds_the_table),
	UNIT(a_migration_lets_go_while_it_waits_for_a_table_and_tries_again),
	UNIT(a_newer_database_is_left_alone),
};
UNIT_MAIN_WITH("store/cluster", cases, database_begin(false))
