/* A private PostgreSQL for one test program: initdb once, a template with all migrations, a fresh database for each test.
 *
 * Unix socket only, in a folder under /tmp that goes with it. The server dies with the program: it is stopped by atexit, and a guard
 * process stops it when the program was killed. `fsync` says whether commits go to the disk (benchmarks). */
#ifndef NURTURE_TESTS_DATABASE_H
#define NURTURE_TESTS_DATABASE_H

#include "store/cluster.h"
#include "store/store.h"

#include <fcntl.h>
#include <glob.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static struct {
	char folder[64], bin[128];
	const char *options; /* more of the server's, NULL = none: set before database_begin */
	pid_t owner;
	int number;
} database;

__attribute__((format(printf, 1, 2))) static inline int database_shell(const char *fmt, ...)
{
	char command[2048], whole[4096];
	va_list args;
	va_start(args, fmt);
	vsnprintf(command, sizeof command, fmt, args);
	va_end(args);
	/* The server is started from here: it must not keep the test's output open. */
	snprintf(whole, sizeof whole, geteuid() == 0 ? "setpriv --reuid=postgres --regid=postgres --clear-groups sh -c '%s' >>%s/shell.log 2>&1 </dev/null"
						       : "sh -c '%s' >>%s/shell.log 2>&1 </dev/null", command, database.folder);
	return system(whole);
}

static inline void database_fail(const char *what)
{
	fprintf(stderr, "the test database: %s (see %s)\n", what, database.folder);
	abort();
}

static inline const char *database_conninfo(const char *name, const char *user, char out[256])
{
	snprintf(out, 256, "host=%s user=%s dbname=%s", database.folder, user, name);
	return out;
}

/* One statement, or several, with the owner's rights; returns the first column of the first row (static), "" when there is none. */
__attribute__((format(printf, 2, 3))) static inline const char *database_ask(const char *name, const char *fmt, ...)
{
	static char answer[4096];
	char sql[8192], conninfo[256];
	va_list args;
	va_start(args, fmt);
	vsnprintf(sql, sizeof sql, fmt, args);
	va_end(args);
	PGconn *connection = PQconnectdb(database_conninfo(name, "nurture_owner", conninfo));
	PGresult *result = PQexec(connection, sql);
	ExecStatusType status = PQresultStatus(result);
	if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
		fprintf(stderr, "%s\n%s\n", PQerrorMessage(connection), sql);
		abort();
	}
	snprintf(answer, sizeof answer, "%s", status == PGRES_TUPLES_OK && PQntuples(result) ? PQgetvalue(result, 0, 0) : "");
	PQclear(result);
	PQfinish(connection);
	return answer;
}

static inline long database_count(const char *name, const char *from_where)
{
	return atol(database_ask(name, "select count(*) from %s", from_where));
}

static inline void database_server(const char *verb, bool fsync)
{
	if (strcmp(verb, "start") != 0 && database_shell("%s/pg_ctl %s -w -D %s/data", database.bin, verb, database.folder))
		database_fail(verb);
	if (strcmp(verb, "start") == 0 &&
	    database_shell("%s/pg_ctl start -w -D %s/data -l %s/server.log -o \"-c listen_addresses= -c unix_socket_directories=%s -c fsync=%s"
			   " -c synchronous_commit=on -c shared_buffers=128MB -c max_connections=100 -c autovacuum_naptime=5s -c track_commit_timestamp=on %s\"",
			   database.bin, database.folder, database.folder, database.folder, fsync ? "on" : "off", database.options ? database.options : ""))
		database_fail("it does not start");
}

static inline void database_end(void)
{
	if (getpid() != database.owner)
		return;
	(void)database_shell("%s/pg_ctl stop -w -m immediate -D %s/data", database.bin, database.folder);
	char command[128];
	snprintf(command, sizeof command, "rm -rf %s", database.folder);
	(void)!system(command);
}

/* Waits for the end of the program in a session of its own, so that a killed test leaves nothing behind. */
static inline void database_guard(void)
{
	int pipe_ends[2];
	if (pipe2(pipe_ends, O_CLOEXEC))
		database_fail("no pipe");
	if (fork() == 0) {
		char byte = 0;
		setsid();
		close(pipe_ends[1]);
		(void)!read(pipe_ends[0], &byte, 1);
		database.owner = getpid();
		if (access(database.folder, F_OK) == 0)
			database_end();
		_exit(0);
	}
	close(pipe_ends[0]); /* the other end closes when the last of the test's processes is gone */
}

static inline void database_begin(bool fsync)
{
	glob_t found = {0};
	char conninfo[256];
	struct error error = {0};
	int applied = 0;
	if (glob("/usr/lib/postgresql/*/bin", 0, NULL, &found) || !found.gl_pathc)
		database_fail("PostgreSQL is not installed");
	snprintf(database.bin, sizeof database.bin, "%s", found.gl_pathv[found.gl_pathc - 1]);
	globfree(&found);
	snprintf(database.folder, sizeof database.folder, "/tmp/nurture-db-XXXXXX");
	if (!mkdtemp(database.folder))
		database_fail("no folder");
	const struct passwd *user = geteuid() == 0 ? getpwnam("postgres") : NULL;
	if (user && chown(database.folder, user->pw_uid, user->pw_gid))
		database_fail("no user postgres");
	database.owner = getpid();
	database_guard();
	atexit(database_end);
	if (database_shell("%s/initdb -D %s/data -U nurture_owner -A trust -E UTF8 --locale=C.UTF-8 -N", database.bin, database.folder))
		database_fail("initdb");
	database_server("start", fsync);
	database_ask("postgres", "create role nurture_runtime login");
	database_ask("postgres", "create database blank");
	if (migrate_run(database_conninfo("blank", "nurture_owner", conninfo), &applied, &error))
		database_fail(error.message);
}

/* A fresh database; its name, static. */
static inline const char *database_new(void)
{
	static char name[32];
	snprintf(name, sizeof name, "t%d_%d", (int)getpid(), database.number++);
	database_ask("postgres", "create database %s template blank", name);
	return name;
}

/* ---- waiting for the store ---- */

struct waited {
	bool done, ok;
	struct error error;
};

static inline void database_done(void *arg, const struct error *error)
{
	struct waited *waited = arg;
	waited->done = true;
	waited->ok = !error;
	if (error)
		waited->error = *error;
}

#endif
