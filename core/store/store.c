/* The store as its callers see it: its life, the queue of operations, patience, and what is done when the connection rises or falls. How
 * an operation goes over the wire is in op.c.
 *
 * Everything is sent from store_pump, which runs later in the loop turn in which something became possible: so a call into the store
 * never calls back from inside, and what came together goes out in one write. Operations are sent in the order in which
 * they came; the next one may be sent while the one before waits for its last answers. */
#include "store/private.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

static const int64_t PATIENCE = 10 * MOMENT_SECOND;
enum { FLYING_MOST = 64 };

static void store_pump(void *arg);

/* ---- life ---- */

static void on_retry(void *arg)
{
	session_connect(arg);
}

static void on_listening(void *arg)
{
	session_listen(arg);
}

static void on_again(void *arg)
{
	store_pump_later(arg);
}

static void on_patience(void *arg);

struct store *store_new(struct loop *loop, const char *conninfo, const char *name)
{
	struct store *store = mem_alloc(sizeof *store);
	*store = (struct store){.loop = loop, .conninfo = mem_dup(conninfo), .name = mem_dup(name), .patience = PATIENCE, .back_off = 50000,
		.silence = session_silence(name), .by_key = strncmp(name, "delivery.", 9) == 0 || strncmp(name, "plugin.", 7) == 0 || strcmp(name, "web.intake") == 0};
	store->retry = loop_timer_new(loop, on_retry, store);
	store->patience_timer = loop_timer_new(loop, on_patience, store);
	store->again = loop_timer_new(loop, on_again, store);
	store->listening = loop_timer_new(loop, on_listening, store);
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
	free(store->schema);
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
	loop_timer_free(store->listening);
	store->retry = store->patience_timer = store->again = store->listening = NULL;
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

void store_set_discreet(struct store *store)
{
	store->discreet = true;
}

void store_set_patience(struct store *store, int64_t us)
{
	store->patience = us;
}

void store_set_silence(struct store *store, int64_t us)
{
	store->silence = us;
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

void store_watch_patience(struct store *store)
{
	struct op *head = TAILQ_FIRST(&store->queue);
	if (head && store->patience_timer)
		loop_timer_set(store->patience_timer, head->queued_at + store->patience - mono_now());
}

void op_submit(struct op *op)
{
	op_submit_since(op, mono_now());
}

void op_submit_since(struct op *op, mono_t since)
{
	struct store *store = op->store;
	op->state = OP_QUEUED;
	op->queued_at = since;
	TAILQ_INSERT_TAIL(&store->queue, op, entry);
	if (TAILQ_FIRST(&store->queue) == op)
		store_watch_patience(store);
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

void op_over(struct op *op)
{
	TAILQ_REMOVE(&op->store->flying, op, entry);
	op_end(op);
}

/* What errors say of it. Strangers are not told hosts, ports and roles, which libpq names: the log has them. */
static const char *trouble_of(const struct store *store)
{
	if (store->discreet)
		return "try again later";
	return *store->trouble ? store->trouble : "it does not answer";
}

static void on_patience(void *arg)
{
	struct store *store = arg;
	struct op *op = NULL;
	mono_t now = mono_now();
	store->depth++;
	/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): it does not see that TAILQ_REMOVE moves the head past what is freed */
	while ((op = TAILQ_FIRST(&store->queue)) != NULL && op->queued_at + store->patience <= now) {
		TAILQ_REMOVE(&store->queue, op, entry);
		op_fail(op, ERROR_UNAVAILABLE, NULL, "%s: %s.", op->state == OP_RESOLVING ? "it is not known whether this was committed"
			: "the database cannot be reached", trouble_of(store));
		op_end(op);
	}
	store->depth--;
	if (store->state == SESSION_FREED)
		store_pump_later(store);
	else
		store_watch_patience(store);
}

/* ---- the pump ---- */

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
		op_start(TAILQ_FIRST(&store->queue));
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
	store->id_next = store->id_end = 0; /* after a crash the sequence may give them again, if no commit came after */
	while ((op = TAILQ_FIRST(&store->flying)) != NULL) {
		TAILQ_REMOVE(&store->flying, op, entry);
		bool asks = (op->state == OP_COMMITTING && (*op->xid || op->class->kind == OP_ONCE)) || op->state == OP_RESOLVING;
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
	store_watch_patience(store);
	store->depth++;
	while ((op = TAILQ_FIRST(&lost)) != NULL) {
		TAILQ_REMOVE(&lost, op, entry);
		op->error = (struct error){0};
		op_fail(op, ERROR_UNAVAILABLE, NULL, "the database went away: %s.", trouble_of(store));
		op_end(op);
	}
	store->depth--;
	if (store->state == SESSION_FREED)
		store_pump_later(store);
}
