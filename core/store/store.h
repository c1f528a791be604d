/* The store: PostgreSQL, without blocking, in pipeline mode.
 *
 * One struct store is one connection on one loop. Every operation is asynchronous: it is given a callback that is called
 * exactly once, later, on the loop (never inside the call). Lost connections are made again with back-off; operations
 * in flight fail with ERROR_UNAVAILABLE, operations started meanwhile wait at most `patience` and then fail with it.
 * Commands and jobs that may block use store_wait. Rows leave as model structs or JSON, never as PGresult.
 *
 * Statements are named, in .sql files beside their C file, prepared once a connection. No SQL is pasted together. */
#ifndef NURTURE_STORE_STORE_H
#define NURTURE_STORE_STORE_H

#include "base/clock.h"
#include "base/error.h"
#include "base/loop.h"
#include "model/lead.h"

#include <jansson.h>

struct store;

/* error NULL = it worked (and, for writes, is committed). */
typedef void store_done_fn(void *arg, const struct error *error);
/* rows: array of objects, borrowed. */
typedef void store_rows_fn(void *arg, json_t *rows, const struct error *error);

/* conninfo: libpq's; name: shown in pg_stat_activity. Connects in the background. */
struct store *store_new(struct loop *loop, const char *conninfo, const char *name);
void store_free(struct store *store); /* takes NULL; operations in flight get ERROR_UNAVAILABLE */
bool store_is_up(const struct store *store);
void store_set_patience(struct store *store, int64_t us); /* default 10 s */
/* What fails for want of the database says so without libpq's words (hosts, ports, roles): for what answers strangers. The log has them. */
void store_set_discreet(struct store *store);
/* How long the connection may say nothing while it owes an answer; then it counts as lost: 30 s for workers, whose statements end after 25 s, 130 s
 * for commands and jobs. Holds from the next connection on. */
void store_set_silence(struct store *store, int64_t us);
/* Runs the loop until *done becomes true (set by a callback); false when `limit_us` is over first. For commands and jobs. */
bool store_wait(struct loop *loop, const bool *done, int64_t limit_us);

/* The domain clock's row; read once at start and again with every activation check. */
typedef void store_clock_fn(void *arg, const struct clock *clock, const struct error *error);
void store_clock_read(struct store *store, store_clock_fn *fn, void *arg);
/* Sets the scale at the start of `serve`: goes on from the present domain time. Fails with ERROR_CONFLICT when the data is
 * ahead of real time and scale is 1 (DESIGN section 5: data that is ahead refuses an unscaled start). */
void store_clock_set(struct store *store, double scale, store_clock_fn *fn, void *arg);

/* A named statement of query.sql for reading (web, report, cli): parameters as text (NULL = SQL null); each row becomes an object,
 * json/jsonb columns nested, timestamps RFC 3339, bigints as numbers. Unknown name = ERROR_NOT_FOUND. */
void store_query(struct store *store, const char *name, const char *const *params, size_t count, store_rows_fn *fn, void *arg);

#endif
