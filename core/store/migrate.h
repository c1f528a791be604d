/* What the core's own migrations and those of plugins share. migrate.c and plugin_migrate.c only. */
#ifndef NURTURE_STORE_MIGRATE_H
#define NURTURE_STORE_MIGRATE_H

#include "base/error.h"

#include <libpq-fe.h>

enum { MIGRATE_HELD = 1 /* somebody holds a table that is wanted */ };
#define MIGRATE_LOCK "select pg_advisory_lock(hashtext('nurture.migrate'))" /* ends with the session, so that a crash leaves nothing locked */
#define MIGRATE_LOCK_TIMEOUT "set local lock_timeout = '3s'"

PGconn *migrate_open(const char *conninfo, struct error *error) MUST_USE; /* NULL with an error; PQfinish it */
int migrate_sql(PGconn *connection, const char *sql, const char *where, struct error *error); /* 0, -1, or MIGRATE_HELD */
int migrate_fail(PGconn *connection, const char *where, struct error *error);                 /* its last error; -1 */

#endif
