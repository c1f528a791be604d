/* An operation of the store: what it sends and what it does with the answers. Inside the room only.
 *
 * An operation is a row of segments. A segment is a few named statements and one Sync, sent together; the next one is put when the
 * answers of the one before are there. While an operation has not sent its last segment, no other one uses the connection.
 *
 *   queued ─► running ─(last segment)─► over                            OP_PLAIN: each segment is a transaction
 *                │  │                                                   OP_READ: one snapshot over all segments
 *                │  └─(last segment)─► committing ─► over               OP_WRITE: one transaction over all segments
 *                │                         └─(connection lost)─► resolving ─► over
 *                └─(an error)─► rolling back ─► over
 *
 * OP_ONCE is committed in the one message that brings its last segment: running ─(sent)─► committing. That segment writes the mark itself
 * (commit_mark), and nothing where the session's mark is closed: who resolves closes it, for the message may not even have been read yet.
 * The segments before it are transactions of their own.
 *
 * `done` is called exactly once, from the loop, and the operation is freed after it. */
#ifndef NURTURE_STORE_OP_H
#define NURTURE_STORE_OP_H

#include "base/arena.h"
#include "store/param.h"
#include "store/row.h"
#include "store/store.h"

#include <sys/queue.h>

/* A named statement of a .sql file. */
struct statement {
	const char *name;
	const char *sql;
};
#define STATEMENT(n) ((struct statement){#n, sql_##n})

struct op;
enum op_more { OP_LAST, OP_MORE };
enum op_kind { OP_PLAIN, OP_READ, OP_WRITE, OP_ONCE };
struct op_class {
	enum op_kind kind;
	bool text_rows; /* results as text, for store_query */
	bool by_key;    /* OP_READ, OP_WRITE, OP_ONCE: its statements find a few rows of big tables by their keys, and are planned once for that */
	enum op_more (*segment)(struct op *op, int number);
	/* The answer to a statement that was sent with `tag`. May call op_fail. May be NULL. */
	void (*rows)(struct op *op, int tag, const PGresult *rows);
	void (*done)(struct op *op, const struct error *error);
	/* OP_ONCE: asks, behind a lost answer, for what it said. rows() is told; nothing is there when it was not committed. */
	void (*look)(struct op *op);
};

extern const char op_by_key[]; /* the settings of a transaction by_key */

enum op_state { OP_QUEUED, OP_RUNNING, OP_COMMITTING, OP_ROLLING_BACK, OP_RESOLVING };
struct op {
	const struct op_class *class;
	struct store *store;
	struct arena *arena;   /* dies with the operation */
	TAILQ_ENTRY(op) entry; /* in store->queue (not sent) or store->flying */
	enum op_state state;
	int segment;
	bool last;             /* its last segment was sent */
	bool ended, marked;    /* while resolving: the transaction is committed, by its number; its mark is there */
	mono_t queued_at;
	char xid[24];          /* of the transaction, before COMMIT was sent; "" = it wrote nothing */
	int64_t session, mark; /* its row in commit_mark; of OP_ONCE known in segment() */
	struct error error;    /* the first one */
	char sqlstate[6];      /* of it; "" where it is not a statement's */
	bool again;            /* it was a deadlock or the like: the same would work now */
};

/* Zeroed, `size` bytes, its struct op first. */
void *op_new(struct store *store, const struct op_class *class, size_t size) MUST_USE;
void op_submit(struct op *op);
void op_submit_since(struct op *op, mono_t since); /* patience counts from `since` */
/* The parameters of the next statement, empty. */
struct params *op_params(struct op *op);
/* Only inside segment(). */
void op_send(struct op *op, struct statement statement, int tag);
/* Before op_submit, in segment() or rows(): the operation ends with this error, its transaction is rolled back. The first one counts. */
void op_fail(struct op *op, enum error_code code, const char *where, const char *fmt, ...) __attribute__((format(printf, 4, 5)));
static inline bool op_failed(const struct op *op)
{
	return op->error.code != ERROR_NONE;
}

#endif
