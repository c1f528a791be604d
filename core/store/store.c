/* Operations on their way over the connection: the queue, the segments, commit and roll-back, patience.
 *
 * Everything is sent from store_pump, which runs later in the loop turn in which something became possible: so a call into the store
 * never calls back from inside, and what came together goes out in one write. Operations are sent in the order in which
 * they came; the next one may be sent while the one before waits for its last answers. */
#include "store/private.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

static const int64_t PATIENCE = 10 * MOMENT_SECOND;
enum { FLYING_MOST = 64, RESOLVE_AGAIN = 100 * 1000 };

static void store_pump(void *arg);

/* ---- life ---- */

static void on_retry(void *arg)
{
	session_connect(arg);
}

static void on_again(void *arg)
{
	store_pump_later(arg);
}

static void on_patience(void *arg);

struct store *store_new(struct loop *loop, const char *conninfo, const char *name)
{
	struct store *store = mem_alloc(sizeof *store);
	*store = (struct store){.loop = loop, .conninfo = mem_dup(conninfo), .name = mem_dup(name), .patience = PATIENCE, .back_off = 50000};
	store->retry = loop_timer_new(loop, on_retry, store);
	store->patience_timer = loop_timer_new(loop, on_patience, store);
	store->again = loop_timer_new(loop, on_again, store);
	TAILQ_INIT(&store->queue);
	TAILQ_INIT(&store->flying);
	loop_timer_set(store->retry, 0);
	return store;
}

static void really_free(struct store *store)
{
	params_fini(&store->params);
	free(store->answers);
	free(store->conninfo);
	free(store->name);
	free(store);
}

static void op_end(struct op *op);

static void end_all(struct store *store, struct op_list *list)
{
	struct op *op = NULL;
	while ((op = TAILQ_FIRST(list)) != NULL) {
		TAILQ_REMOVE(list, op, entry);
		op_fail(op, ERROR_UNAVAILABLE, NULL, "the database connection is being closed.");
		op_end(op);
	}
	(void)store;
}

void store_free(struct store *store)
{
	if (!store)
		return;
	session_close(store);
	store->state = SESSION_FREED;
	loop_timer_free(store->retry);
	loop_timer_free(store->patience_timer);
	loop_timer_free(store->again);
	store->retry = store->patience_timer = store->again = NULL;
	store->depth++;
	end_all(store, &store->flying);
	end_all(store, &store->queue);
	intake_queue_free(store);
	store->depth--;
	if (!store->depth && !store->later)
		really_free(store);
}

bool store_is_up(const struct store *store)
{
	return store->state == SESSION_UP;
}

void store_set_patience(struct store *store, int64_t us)
{
	store->patience = us;
}

bool store_wait(struct loop *loop, const bool *done, int64_t limit_us)
{
	mono_t end = mono_now() + limit_us;
	for (mono_t now = mono_now(); !*done && now < end; now = mono_now())
		loop_once(loop, end - now);
	return *done;
}

/* ---- operations ---- */

void *op_new(struct store *store, const struct op_class *class, size_t size)
{
	struct op *op = mem_alloc(size);
	op->class = class;
	op->store = store;
	op->arena = arena_new();
	return op;
}

void op_fail(struct op *op, enum error_code code, const char *where, const char *fmt, ...)
{
	if (op_failed(op))
		return;
	va_list args;
	va_start(args, fmt);
	char text[sizeof op->error.message];
	vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	error_set(&op->error, code, where, "%s", text);
}

static void set_patience_timer(struct store *store)
{
	struct op *head = TAILQ_FIRST(&store->queue);
	if (head && store->patience_timer)
		loop_timer_set(store->patience_timer, head->queued_at + store->patience - mono_now());
}

void op_submit(struct op *op)
{
	struct store *store = op->store;
	op->state = OP_QUEUED;
	op->queued_at = mono_now();
	TAILQ_INSERT_TAIL(&store->queue, op, entry);
	if (TAILQ_FIRST(&store->queue) == op)
		set_patience_timer(store);
	store_pump_later(store);
}

static void op_end(struct op *op)
{
	struct store *store = op->store;
	if (store->current == op)
		store->current = NULL;
	store->depth++;
	op->class->done(op, op_failed(op) ? &op->error : NULL);
	store->depth--;
	arena_free(op->arena);
	free(op);
}

static void op_over(struct op *op)
{
	TAILQ_REMOVE(&op->store->flying, op, entry);
	op_end(op);
}

static void on_patience(void *arg)
{
	struct store *store = arg;
	struct op *op = NULL;
	mono_t now = mono_now();
	store->depth++;
	while ((op = TAILQ_FIRST(&store->queue)) != NULL && op->queued_at + store->patience <= now) {
		TAILQ_REMOVE(&store->queue, op, entry);
		op_fail(op, ERROR_UNAVAILABLE, NULL, "%s: %s.", op->state == OP_RESOLVING ? "it is not known whether this was committed"
			: "the database cannot be reached", *store->trouble ? store->trouble : "it does not answer");
		op_end(op);
	}
	store->depth--;
	if (store->state == SESSION_FREED)
		store_pump_later(store);
	else
		set_patience_timer(store);
}

/* ---- sending ---- */

struct params *op_params(struct op *op)
{
	params_clear(&op->store->params);
	return &op->store->params;
}

static void send_wire(struct op *op, struct statement statement, struct params *params)
{
	const char *values[PARAMS_MAX];
	int lengths[PARAMS_MAX], formats[PARAMS_MAX];
	for (size_t i = 0; i < params->count; i++) {
		struct str wire = param_wire(&params->items[i]);
		bool empty = !wire.p || !wire.n;
		values[i] = params->items[i].is_null ? NULL : empty ? "" : wire.p;
		lengths[i] = (int)wire.n;
		formats[i] = !params->items[i].is_written;
	}
	struct store *store = op->store;
	if (!session_prepare(store, op, statement) ||
	    !PQsendQueryPrepared(store->connection, statement.name, (int)params->count, values, lengths, formats, !op->class->text_rows))
		store->broken = true;
}

void op_send(struct op *op, struct statement statement, int tag)
{
	struct store *store = op->store;
	if (store->broken)
		return;
	send_wire(op, statement, &store->params);
	session_expect(store, (struct answer){.op = op, .kind = op->state == OP_RESOLVING ? ANSWER_PROBE : ANSWER_STATEMENT, .tag = tag,
					      .name = statement.name});
	params_clear(&store->params);
}

/* begin, commit, rollback, xid: the store's own statements. */
static void send_control(struct op *op, const char *sql, enum answer_kind kind)
{
	struct store *store = op->store;
	if (!store->broken && !PQsendQueryParams(store->connection, sql, 0, NULL, NULL, NULL, NULL, 0))
		store->broken = true;
	session_expect(store, (struct answer){.op = op, .kind = kind});
}

/* `ends`: no Sync of this operation comes after it. */
static void send_sync(struct op *op, bool ends)
{
	struct store *store = op->store;
	if (!store->broken && !PQpipelineSync(store->connection))
		store->broken = true;
	session_expect(store, (struct answer){.op = op, .kind = ANSWER_SYNC, .tag = ends});
	session_flush(store);
}

static void send_end(struct op *op, const char *sql)
{
	op->store->current = NULL;
	send_control(op, sql, ANSWER_CONTROL);
	send_sync(op, true);
}

/* For 500 keys in a table of some ten thousand rows the planner reads the whole table; and it plans anew each time. Neither pays. */
static const char by_key_sql[] = "select set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true),"
				 " set_config('enable_mergejoin', 'off', true), set_config('plan_cache_mode', 'force_generic_plan', true)";

static void send_segment(struct op *op)
{
	static const char *const begins[] = {[OP_READ] = "begin isolation level repeatable read, read only", [OP_WRITE] = "begin"};
	enum op_kind kind = op->class->kind;
	if (op->segment == 0 && begins[kind])
		send_control(op, begins[kind], ANSWER_CONTROL);
	if (op->segment == 0 && begins[kind] && op->class->by_key)
		send_control(op, by_key_sql, ANSWER_CONTROL);
	op->last = op->class->segment(op, op->segment) == OP_LAST;
	if (op->last && kind == OP_WRITE)
		send_control(op, "select pg_current_xact_id_if_assigned()::text", ANSWER_XID);
	send_sync(op, op->last && kind == OP_PLAIN);
	if (op->last && kind == OP_READ)
		send_end(op, "commit"); /* a Sync of its own: it ends the transaction even when a statement failed */
	if (op->last && kind == OP_PLAIN)
		op->store->current = NULL;
}

static void send_resolve(struct op *op)
{
	struct store *store = op->store;
	const char *values[] = {op->xid};
	op->probed = op->committed = false;
	if (!PQsendQueryParams(store->connection, "select pg_xact_status($1::xid8)", 1, NULL, values, NULL, NULL, 0))
		store->broken = true;
	session_expect(store, (struct answer){.op = op, .kind = ANSWER_STATUS});
	if (op->class->probe)
		op->class->probe(op);
	else
		op->probed = true;
	send_sync(op, true);
}

static void start(struct op *op)
{
	struct store *store = op->store;
	TAILQ_REMOVE(&store->queue, op, entry);
	TAILQ_INSERT_TAIL(&store->flying, op, entry);
	if (op_failed(op)) { /* it never had a chance: unknown statement, wrong argument */
		op_over(op);
	} else if (op->state == OP_RESOLVING) {
		send_resolve(op);
	} else {
		op->state = OP_RUNNING;
		op->segment = 0;
		store->current = op;
		send_segment(op);
	}
}

static size_t flying_count(const struct store *store)
{
	size_t n = 0;
	const struct op *op = NULL;
	TAILQ_FOREACH(op, &store->flying, entry)
		n++;
	return n;
}

static bool may_start(const struct store *store)
{
	return store->state == SESSION_UP && !store->broken && !store->current && !store->preparing && !TAILQ_EMPTY(&store->queue) &&
	       !loop_timer_is_set(store->again) && flying_count(store) < FLYING_MOST;
}

/* Those that failed before they were sent need no connection. */
static void end_failed(struct store *store)
{
	struct op *op = NULL, *next = NULL;
	for (op = TAILQ_FIRST(&store->queue); op && store->state != SESSION_FREED; op = next) {
		next = TAILQ_NEXT(op, entry);
		if (!op_failed(op))
			continue;
		TAILQ_REMOVE(&store->queue, op, entry);
		op_end(op);
		next = TAILQ_FIRST(&store->queue);
	}
}

static void store_pump(void *arg)
{
	struct store *store = arg;
	store->later = false;
	if (store->state == SESSION_FREED) {
		if (!store->depth)
			really_free(store);
		return;
	}
	store->depth++;
	end_failed(store);
	intake_pump(store);
	if (store->broken)
		session_lost(store, PQerrorMessage(store->connection));
	while (may_start(store))
		start(TAILQ_FIRST(&store->queue));
	store->depth--;
	if (store->broken || store->state == SESSION_FREED)
		store_pump_later(store);
}

void store_pump_later(struct store *store)
{
	if (store->later)
		return;
	store->later = true;
	loop_later(store->loop, store_pump, store);
}

/* ---- answers ---- */

/* All of a segment is answered, and more of the operation is to be sent. */
static void segment_done(struct op *op)
{
	if (op->last && op->class->kind == OP_READ)
		return; /* its commit is on the way */
	if (op_failed(op)) {
		op->state = OP_ROLLING_BACK;
		send_end(op, "rollback");
	} else if (op->last) {
		op->state = OP_COMMITTING;
		send_end(op, "commit");
	} else {
		op->segment++;
		send_segment(op);
	}
}

static void resolve_done(struct op *op)
{
	struct store *store = op->store;
	if (op_failed(op) && op->error.code == ERROR_NOT_FOUND) { /* still in progress: the old session has not noticed yet */
		error_clear(&op->error);
		op->state = OP_RESOLVING;
		TAILQ_REMOVE(&store->flying, op, entry);
		TAILQ_INSERT_HEAD(&store->queue, op, entry);
		set_patience_timer(store);
		loop_timer_set(store->again, RESOLVE_AGAIN);
		return;
	}
	if (!op_failed(op) && !(op->committed && op->probed))
		op_fail(op, ERROR_UNAVAILABLE, NULL, "the database went away before this was committed: nothing of it was written.");
	op_over(op);
}

static void sync_done(struct op *op, bool ends)
{
	struct store *store = op->store;
	if (store->preparing == op)
		store->preparing = NULL;
	if (op->state == OP_RESOLVING)
		resolve_done(op);
	else if (ends || (op_failed(op) && op->class->kind == OP_PLAIN))
		op_over(op);
	else
		segment_done(op);
	store_pump_later(store);
}

static void status_answer(struct op *op, const PGresult *result)
{
	/* A number from the future belongs to nothing: the transaction left no trace before the crash. */
	if (PQresultStatus(result) != PGRES_TUPLES_OK || PQgetisnull(result, 0, 0))
		return;
	const char *status = PQgetvalue(result, 0, 0);
	op->committed = strcmp(status, "committed") == 0;
	if (strcmp(status, "in progress") == 0)
		op_fail(op, ERROR_NOT_FOUND, NULL, "in progress");
}

void store_answer(struct store *store, const struct answer *answer, PGresult *result)
{
	struct op *op = answer->op;
	ExecStatusType status = PQresultStatus(result);
	bool good = status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK;
	(void)store;
	if (answer->kind == ANSWER_SYNC) {
		sync_done(op, answer->tag);
	} else if (answer->kind == ANSWER_STATUS) {
		status_answer(op, result);
	} else if (answer->kind == ANSWER_PROBE) {
		op->probed = good && PQntuples(result) > 0;
	} else if (status == PGRES_FATAL_ERROR && !op_failed(op)) {
		const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
		sqlstate_error(&op->error, answer->name, result);
		op->again = state && strncmp(state, "40", 2) == 0;
	} else if (answer->kind == ANSWER_XID && good) {
		snprintf(op->xid, sizeof op->xid, "%s", PQgetvalue(result, 0, 0));
	} else if (answer->kind == ANSWER_STATEMENT && good && !op_failed(op) && op->class->rows) {
		op->class->rows(op, answer->tag, result);
	}
}

/* ---- the session's rise and fall ---- */

void store_session_up(struct store *store)
{
	store_pump_later(store);
}

/* What was in flight is over, but for commits whose answer is lost: these are asked for first on the next connection. */
void store_session_lost(struct store *store)
{
	struct op_list lost = TAILQ_HEAD_INITIALIZER(lost), asked = TAILQ_HEAD_INITIALIZER(asked);
	struct op *op = NULL;
	store->current = NULL;
	while ((op = TAILQ_FIRST(&store->flying)) != NULL) {
		TAILQ_REMOVE(&store->flying, op, entry);
		bool asks = (op->state == OP_COMMITTING && *op->xid) || op->state == OP_RESOLVING;
		TAILQ_INSERT_TAIL(asks ? &asked : &lost, op, entry);
	}
	while ((op = TAILQ_LAST(&asked, op_list)) != NULL) {
		TAILQ_REMOVE(&asked, op, entry);
		if (op->state == OP_COMMITTING)
			op->queued_at = mono_now();
		error_clear(&op->error);
		op->state = OP_RESOLVING;
		TAILQ_INSERT_HEAD(&store->queue, op, entry);
	}
	set_patience_timer(store);
	store->depth++;
	while ((op = TAILQ_FIRST(&lost)) != NULL) {
		TAILQ_REMOVE(&lost, op, entry);
		op->error = (struct error){0};
		op_fail(op, ERROR_UNAVAILABLE, NULL, "the database went away: %s.", store->trouble);
		op_end(op);
	}
	store->depth--;
	if (store->state == SESSION_FREED)
		store_pump_later(store);
}
