/* One libpq connection on the loop: made without blocking, made again with back-off, in pipeline mode.
 *
 * store.c sends through it and is told of answers, of the connection's rise and of its fall. Nothing here knows what an
 * operation is. Callbacks of operations are never called from inside a send: a send that fails marks the session broken, and the loop
 * drops it.
 *
 *   down ─(retry timer)─► connecting ─► up ─► down … */
#include "store/private.h"

#include "base/hash.h"
#include "base/log.h"
#include "base/mem.h"

#include <stdlib.h>
#include <sys/ioctl.h>

enum { BACK_OFF_FIRST = 50 * 1000, BACK_OFF_MOST = 5 * 1000 * 1000, CONNECT_LIMIT = 10 * 1000 * 1000, LISTENS = 4, TAKES = 32 };

/* A statement's longest time, and how long a connection may be silent while it owes an answer: longer than any statement. Behind a black hole, or
 * a database that stands still, no error ever comes. What workers ask is short; a command's or a job's may not be. */
static const struct limits {
	const char *statement;
	int64_t silence;
} short_limits = {"25s", 30 * MOMENT_SECOND}, long_limits = {"120s", 130 * MOMENT_SECOND};

/* A third of a lease: a worker that stands still in a transaction loses it before its lease can be taken over. The role of the runtime
 * is taken where the connection's own has more rights than that. Queues are empty one moment and flooded the next: a plan that a worker's
 * connection made while a table was small must not read all of it later, so those plan by indexes only; those of delivery, of plugins and of the intake ($2), whose
 * small transactions would else say so again and again, as op_by_key does. Nor does any have helpers: a page of a large table is read sooner than they
 * are forked. */
static const char setup_sql[] =
	"select set_config('idle_in_transaction_session_timeout', '3333ms', false), set_config('timezone', 'UTC', false),"
	" set_config('datestyle', 'ISO', false), set_config('jit', 'off', false), set_config('max_parallel_workers_per_gather', '0', false),"
	" set_config('statement_timeout', $1::text, false), set_config('lock_timeout', '20s', false),"
	" set_config('enable_seqscan', case when $2::bool or current_setting('application_name') ~ '^(engine|delivery)[.]' then 'off' else 'on' end, false),"
	" (select count(set_config(name, value, false)) from (values ('enable_hashjoin', 'off'), ('enable_mergejoin', 'off'), ('enable_memoize', 'off'),"
	" ('cpu_tuple_cost', '10'), ('plan_cache_mode', 'force_generic_plan')) k(name, value) where $2),"
	" (select set_config('role', rolname, false) from pg_roles where rolname = 'nurture_runtime' and rolname <> current_user"
	" and pg_has_role(current_user, oid, 'member'))";

/* A plugin's session: its own schema, in the role of its own where there is one that may be taken (plugin_migrate.c). */
static const char plugin_sql[] =
	"select set_config('search_path', quote_ident($1::text), false),"
	" (select set_config('role', rolname, false) from pg_roles where rolname = 'nurture_plugin_' || $1::text and pg_has_role(session_user, oid, 'member'))";

static void on_connect_event(evutil_socket_t fd, short what, void *arg);
static void on_readable(evutil_socket_t fd, short what, void *arg);
static void on_writable(evutil_socket_t fd, short what, void *arg);

static const struct limits *limits_of(const char *name)
{
	bool worker = strncmp(name, "engine.", 7) == 0 || strncmp(name, "delivery.", 9) == 0 || strncmp(name, "plugin.", 7) == 0 || strcmp(name, "nurture web") == 0 ||
		      strcmp(name, "web.intake") == 0;
	return worker ? &short_limits : &long_limits;
}

int64_t session_silence(const char *name)
{
	return limits_of(name)->silence;
}

void session_listen(struct store *store)
{
	char why[80];
	if (store->state != SESSION_UP)
		return;
	if (store->answer_count && mono_now() - store->heard_at > store->silence) {
		snprintf(why, sizeof why, "it owes an answer, and said nothing for %lld s", (long long)(store->silence / MOMENT_SECOND));
		session_lost(store, why);
		return;
	}
	loop_timer_set(store->listening, store->silence / LISTENS);
}

static void ignore_notice(void *arg, const PGresult *result)
{
	(void)arg, (void)result;
}

static void drop_events(struct store *store)
{
	if (store->reading)
		event_free(store->reading);
	if (store->writing)
		event_free(store->writing);
	store->reading = store->writing = NULL;
}

static struct event *watch(struct store *store, short what, event_callback_fn fn)
{
	struct event *event = event_new(loop_base(store->loop), PQsocket(store->connection), what, fn, store);
	if (!event)
		abort();
	return event;
}

void session_close(struct store *store)
{
	drop_events(store);
	if (store->connection)
		PQfinish(store->connection);
	store->connection = NULL;
	map_free(store->prepared);
	store->prepared = NULL;
	store->answer_first = store->answer_count = 0;
	store->preparing = NULL;
	store->broken = false;
}

void session_lost(struct store *store, const char *why)
{
	char before[sizeof store->trouble];
	memcpy(before, store->trouble, sizeof before);
	snprintf(store->trouble, sizeof store->trouble, "%s", why && *why ? why : "the connection was closed");
	for (char *p = store->trouble; *p; p++)
		if ((unsigned char)*p < ' ')
			*p = p[1] ? ' ' : '\0';
	bool was_up = store->state == SESSION_UP;
	session_close(store);
	store->state = SESSION_DOWN;
	if (was_up)
		log_warn("database.lost", log_str("connection", store->name), log_str("why", store->trouble));
	else if (store->discreet && strcmp(before, store->trouble) != 0) /* nobody else will say it */
		log_warn("database.away", log_str("connection", store->name), log_str("why", store->trouble));
	store->back_off = was_up ? BACK_OFF_FIRST : store->back_off * 2 > BACK_OFF_MOST ? BACK_OFF_MOST : store->back_off * 2;
	loop_timer_set(store->retry, store->back_off);
	if (was_up)
		store_session_lost(store);
}

/* ---- connecting ---- */

static void session_is_up(struct store *store)
{
	drop_events(store);
	loop_timer_stop(store->retry);
	loop_timer_set(store->listening, store->silence / LISTENS);
	PQsetnonblocking(store->connection, 1);
	if (!PQenterPipelineMode(store->connection)) {
		session_lost(store, PQerrorMessage(store->connection));
		return;
	}
	store->state = SESSION_UP;
	store->prepared = map_new();
	store->session = (int64_t)(hash_random_u64() >> 1);
	store->marks = 0;
	store->reading = watch(store, EV_READ | EV_PERSIST, on_readable);
	store->writing = watch(store, EV_WRITE, on_writable);
	event_add(store->reading, NULL);
	const char *const values[] = {limits_of(store->name)->statement, store->by_key ? "on" : "off"};
	const char *const schema[] = {store->schema};
	if (!PQsendQueryParams(store->connection, setup_sql, 2, NULL, values, NULL, NULL, 0) ||
	    (store->schema && !PQsendQueryParams(store->connection, plugin_sql, 1, NULL, schema, NULL, NULL, 0)) || !PQpipelineSync(store->connection)) {
		session_lost(store, PQerrorMessage(store->connection));
		return;
	}
	session_expect(store, (struct answer){.kind = ANSWER_SETUP});
	if (store->schema)
		session_expect(store, (struct answer){.kind = ANSWER_SETUP});
	session_expect(store, (struct answer){.kind = ANSWER_SYNC});
	if (*store->trouble)
		log_info("database.back", log_str("connection", store->name));
	*store->trouble = '\0';
	store->back_off = BACK_OFF_FIRST;
	store_session_up(store);
}

static void poll_connection(struct store *store)
{
	PostgresPollingStatusType status = PQconnectPoll(store->connection);
	drop_events(store); /* the socket may be another one now: several hosts */
	if (status == PGRES_POLLING_FAILED) {
		session_lost(store, PQerrorMessage(store->connection));
		return;
	}
	if (status == PGRES_POLLING_OK) {
		session_is_up(store);
		return;
	}
	store->reading = watch(store, status == PGRES_POLLING_READING ? EV_READ : EV_WRITE, on_connect_event);
	event_add(store->reading, NULL);
}

static void on_connect_event(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what;
	poll_connection(arg);
}

/* The retry timer calls it; while connecting, the same timer is the attempt's deadline. */
void session_connect(struct store *store)
{
	static const char *const keys[] = {"keepalives_idle", "keepalives_interval", "keepalives_count", "tcp_user_timeout",
					   "fallback_application_name", "dbname", NULL};
	const char *const values[] = {"10", "5", "3", "15000", store->name, store->conninfo, NULL};
	if (store->state == SESSION_CONNECTING) {
		session_lost(store, "the database did not answer in time");
		return;
	}
	store->state = SESSION_CONNECTING;
	loop_timer_set(store->retry, CONNECT_LIMIT);
	store->connection = PQconnectStartParams(keys, values, 1);
	if (!store->connection)
		abort();
	PQsetNoticeReceiver(store->connection, ignore_notice, NULL);
	if (PQstatus(store->connection) == CONNECTION_BAD) {
		session_lost(store, PQerrorMessage(store->connection));
		return;
	}
	store->reading = watch(store, EV_WRITE, on_connect_event);
	event_add(store->reading, NULL);
}

/* ---- sending and reading ---- */

void session_expect(struct store *store, struct answer answer)
{
	if (store->answer_count == store->answer_room) {
		size_t room = store->answer_room ? store->answer_room * 2 : 64;
		struct answer *ring = mem_array(room, sizeof *ring);
		for (size_t i = 0; i < store->answer_count; i++)
			ring[i] = store->answers[(store->answer_first + i) % store->answer_room];
		free(store->answers);
		store->answers = ring;
		store->answer_first = 0;
		store->answer_room = room;
	}
	if (!store->answer_count)
		store->heard_at = mono_now();
	store->answers[(store->answer_first + store->answer_count++) % store->answer_room] = answer;
}

/* In the segment that uses it first; if the segment fails before it, the answer takes it off the map again. */
bool session_prepare(struct store *store, struct op *op, struct statement statement)
{
	struct str name = str_of(statement.name);
	if (map_get(store->prepared, name))
		return true;
	if (!PQsendPrepare(store->connection, statement.name, statement.sql, 0, NULL))
		return false;
	map_put(store->prepared, name, (void *)(uintptr_t)statement.sql);
	store->preparing = op;
	session_expect(store, (struct answer){.op = op, .kind = ANSWER_PREPARE, .name = statement.name});
	return true;
}

void session_flush(struct store *store)
{
	int left = store->broken ? -1 : PQflush(store->connection);
	if (left < 0) {
		store->broken = true;
		store_pump_later(store);
	} else if (left > 0) {
		event_add(store->writing, NULL);
	}
}

static void on_writable(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what;
	session_flush(arg);
}

static struct answer take_answer(struct store *store)
{
	struct answer answer = store->answers[store->answer_first];
	store->answer_first = (store->answer_first + 1) % store->answer_room;
	store->answer_count--;
	return answer;
}

/* The session's own answers end here, the others go to store.c. */
static void give_answer(struct store *store, const struct answer *answer, PGresult *result)
{
	if (answer->kind == ANSWER_PREPARE && PQresultStatus(result) != PGRES_COMMAND_OK)
		map_remove(store->prepared, str_of(answer->name));
	if (answer->op)
		store_answer(store, answer, result);
	PQclear(result);
}

/* Answers that are whole are given. A callback may free the store or lose the session: look again each time. */
static void give_answers(struct store *store, const PGconn *connection)
{
	int nulls = 0;
	while (store->connection == connection && !store->broken && store->answer_count && !PQisBusy(store->connection)) {
		PGresult *result = PQgetResult(store->connection);
		if (!result) { /* the end of one statement's answer; two in a row: nothing more is there */
			if (++nulls > 1)
				break;
			continue;
		}
		nulls = 0;
		struct answer answer = take_answer(store);
		give_answer(store, &answer, result);
	}
}

/* libpq takes some 16 KB at a time. An answer of a megabyte that was taken so, once in each turn of a loop that has other things to do, would keep the
 * database waiting behind a full socket. */
static bool has_more(const struct store *store, const PGconn *connection)
{
	int bytes = 0;
	return store->connection == connection && !store->broken && store->answer_count && ioctl(PQsocket(connection), FIONREAD, &bytes) == 0 && bytes > 0;
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct store *store = arg;
	(void)fd, (void)what;
	PGconn *connection = store->connection;
	bool alive = true;
	int taken = 0;
	store->heard_at = mono_now();
	store->depth++;
	do {
		alive = PQconsumeInput(connection);
		give_answers(store, connection);
	} while (alive && ++taken < TAKES && has_more(store, connection));
	store->depth--;
	if (store->connection == connection && (!alive || PQstatus(connection) == CONNECTION_BAD))
		session_lost(store, PQerrorMessage(connection));
	else if (store->connection == connection)
		session_flush(store);
	if (store->state == SESSION_FREED)
		store_pump_later(store);
}
