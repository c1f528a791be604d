/* An operation on its way: its segments, its transaction, commit, roll-back, and a COMMIT whose answer was lost (op.h draws the states).
 *
 * Called by the pump (store.c) to start one and by the session for every answer. Operations are sent in the order in which they came; the
 * next one may be sent while the one before waits for its last answers. */
#include "store/private.h"

#include "store/mark.sql.h"

#include <string.h>

enum { RESOLVE_AGAIN = 100 * 1000 };

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
	session_expect(store, (struct answer){.op = op, .kind = ANSWER_STATEMENT, .tag = tag, .name = statement.name});
	params_clear(&store->params);
}

/* rollback: planned by nobody. */
static void send_control(struct op *op, const char *sql, enum answer_kind kind)
{
	struct store *store = op->store;
	if (!store->broken && !PQsendQueryParams(store->connection, sql, 0, NULL, NULL, NULL, NULL, 0))
		store->broken = true;
	session_expect(store, (struct answer){.op = op, .kind = kind});
}

/* Those that would have to be planned each time, prepared like any other; values and answer as text. */
static void send_own(struct op *op, struct statement statement, int count, const char *const *values, enum answer_kind kind)
{
	struct store *store = op->store;
	if (!store->broken && (!session_prepare(store, op, statement) ||
			       !PQsendQueryPrepared(store->connection, statement.name, count, values, NULL, NULL, 0)))
		store->broken = true;
	session_expect(store, (struct answer){.op = op, .kind = kind, .name = statement.name});
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

static void send_rollback(struct op *op)
{
	op->store->current = NULL;
	send_control(op, "rollback", ANSWER_CONTROL);
	send_sync(op, true);
}

static void send_commit(struct op *op)
{
	op->store->current = NULL;
	send_own(op, (struct statement){"op_commit", "commit"}, 0, NULL, ANSWER_CONTROL);
	send_sync(op, true);
}

/* For 500 keys in a table of some ten thousand rows the planner reads the whole table; and it plans anew each time. Neither pays. */
const char op_by_key[] = "select set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true),"
			   " set_config('enable_mergejoin', 'off', true), set_config('enable_memoize', 'off', true),"
			   " set_config('cpu_tuple_cost', '10', true), /* to look at rows that are not meant is what costs */"
			   " set_config('plan_cache_mode', 'force_generic_plan', true)";

static void send_mark(struct op *op, struct statement statement, enum answer_kind kind)
{
	char session[24], mark[24];
	const char *values[] = {session, mark};
	snprintf(session, sizeof session, "%lld", (long long)op->session);
	snprintf(mark, sizeof mark, "%lld", (long long)op->mark);
	send_own(op, statement, 2, values, kind);
}

static void take_mark(struct op *op)
{
	op->session = op->store->session;
	op->mark = ++op->store->marks;
}

static void send_segment(struct op *op)
{
	static const struct statement begins[] = {
		[OP_READ] = {"op_begin_read", "begin isolation level repeatable read, read only"}, [OP_WRITE] = {"op_begin", "begin"}};
	enum op_kind kind = op->class->kind;
	bool alone = kind == OP_PLAIN || kind == OP_ONCE; /* each segment is a transaction */
	if (op->segment == 0 && !alone)
		send_own(op, begins[kind], 0, NULL, ANSWER_CONTROL);
	if ((op->segment == 0 || kind == OP_ONCE) && kind != OP_PLAIN && op->class->by_key && !op->store->by_key)
		send_own(op, (struct statement){"op_by_key", op_by_key}, 0, NULL, ANSWER_CONTROL);
	op->last = op->class->segment(op, op->segment) == OP_LAST;
	if (op->last && kind == OP_WRITE) {
		take_mark(op);
		send_mark(op, STATEMENT(mark_write), ANSWER_XID);
	}
	if (op->last && kind == OP_ONCE)
		op->state = OP_COMMITTING;
	send_sync(op, op->last && alone);
	if (op->last && kind == OP_READ)
		send_commit(op); /* a Sync of its own: it ends the transaction even when a statement failed */
	if (op->last && alone)
		op->store->current = NULL;
}

static void send_resolve(struct op *op)
{
	struct store *store = op->store;
	const char *values[] = {op->xid};
	op->ended = op->marked = false;
	if (op->class->kind == OP_ONCE) {
		op->ended = true; /* once the mark is closed */
		send_mark(op, STATEMENT(mark_fence), ANSWER_MARK);
		op->class->look(op);
		send_sync(op, true);
		return;
	}
	if (!PQsendQueryParams(store->connection, "select pg_xact_status($1::xid8)", 1, NULL, values, NULL, NULL, 0))
		store->broken = true;
	session_expect(store, (struct answer){.op = op, .kind = ANSWER_STATUS});
	send_mark(op, STATEMENT(mark_look), ANSWER_MARK); /* after the status, with a snapshot of its own: what is over is seen */
	send_sync(op, true);
}

void op_start(struct op *op)
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
		if (op->class->kind == OP_ONCE)
			take_mark(op);
		store->current = op;
		send_segment(op);
	}
}

/* ---- answers ---- */

/* All of a segment is answered, and more of the operation is to be sent. */
static void segment_done(struct op *op)
{
	if (op->last && op->class->kind == OP_READ)
		return; /* its commit is on the way */
	if (op_failed(op)) {
		op->state = OP_ROLLING_BACK;
		send_rollback(op);
	} else if (op->last) {
		op->state = OP_COMMITTING;
		send_commit(op);
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
		store_watch_patience(store);
		loop_timer_set(store->again, RESOLVE_AGAIN);
		return;
	}
	if (!op_failed(op) && !(op->ended && op->marked))
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
	else if (ends || (op_failed(op) && (op->class->kind == OP_PLAIN || op->class->kind == OP_ONCE)))
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
	op->ended = strcmp(status, "committed") == 0;
	if (strcmp(status, "in progress") == 0)
		op_fail(op, ERROR_NOT_FOUND, NULL, "in progress");
}

void store_answer(struct store *store, const struct answer *answer, PGresult *result)
{
	struct op *op = answer->op;
	ExecStatusType status = PQresultStatus(result);
	bool good = status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK;
	if (answer->kind == ANSWER_SYNC && status != PGRES_PIPELINE_SYNC) { /* it failed where it commits: nothing that comes here can be trusted */
		store->broken = true;
		store_pump_later(store);
	} else if (answer->kind == ANSWER_SYNC) {
		sync_done(op, answer->tag);
	} else if (answer->kind == ANSWER_STATUS) {
		status_answer(op, result);
	} else if (answer->kind == ANSWER_MARK) {
		op->marked = good && PQntuples(result) > 0;
		if (!good) /* it could not be asked: a lock that is held for long */
			op_fail(op, ERROR_NOT_FOUND, NULL, "in progress");
	} else if (status == PGRES_FATAL_ERROR && !op_failed(op)) {
		const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
		sqlstate_error(&op->error, answer->name, result);
		op->again = state && strncmp(state, "40", 2) == 0;
		snprintf(op->sqlstate, sizeof op->sqlstate, "%s", state ? state : "");
	} else if (answer->kind == ANSWER_XID && good && PQntuples(result)) {
		snprintf(op->xid, sizeof op->xid, "%s", PQgetvalue(result, 0, 0));
	} else if (answer->kind == ANSWER_STATEMENT && good && !op_failed(op) && op->class->rows) {
		op->class->rows(op, answer->tag, result);
	}
}
