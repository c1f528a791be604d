/* The connection behind struct store: shared by store.c (the queue), op.c (operations on their way) and session.c (libpq). Nobody else includes it but the files that
 * keep something a connection: intake.c its groups, ids.c its blocks. */
#ifndef NURTURE_STORE_PRIVATE_H
#define NURTURE_STORE_PRIVATE_H

#include "base/map.h"
#include "store/op.h"

TAILQ_HEAD(op_list, op);

enum session_state {
	SESSION_DOWN,       /* waits for the retry timer */
	SESSION_CONNECTING,
	SESSION_UP,
	SESSION_FREED,      /* store_free was called */
};

/* What the next answer belongs to, in the order of sending. */
enum answer_kind { ANSWER_SETUP, ANSWER_PREPARE, ANSWER_STATEMENT, ANSWER_CONTROL, ANSWER_XID, ANSWER_STATUS, ANSWER_MARK, ANSWER_SYNC };
struct answer {
	struct op *op;      /* NULL: the session's own */
	enum answer_kind kind;
	int tag;
	const char *name;   /* of the statement */
};

struct intake_queue;

struct store {
	struct loop *loop;
	char *conninfo, *name;
	char *schema;       /* of a plugin: its session sees nothing else; NULL */
	enum session_state state;
	int64_t patience;
	char trouble[512];  /* what the last connection died of */
	bool discreet;      /* errors do not say it */

	PGconn *connection;
	struct event *reading, *writing;
	struct loop_timer *retry;   /* when down: next attempt; when connecting: the attempt's deadline */
	int64_t back_off;
	struct loop_timer *listening; /* when up: now and then, whether an answer is owed for longer than `silence` */
	int64_t silence;
	mono_t heard_at;            /* the last octets, or since when an answer is owed */
	struct map *prepared;       /* names of the statements that this connection knows */
	int64_t session, marks;     /* this connection's row in commit_mark: its key, the last number used */
	bool by_key;                /* its session plans everything by keys: no transaction says it again */
	bool broken;                /* sending failed: the session is dropped from the loop */

	struct answer *answers;     /* ring */
	size_t answer_first, answer_count, answer_room;

	struct op_list queue, flying;
	struct op *current;         /* has not sent its last segment */
	struct op *preparing;       /* its segment prepares statements: until that is known to have worked, no other one uses them */
	struct loop_timer *patience_timer;
	struct loop_timer *again;   /* set: a commit that is being resolved is still in progress; nothing is sent */
	struct params params;
	bool later;                 /* store_pump is due in this loop turn */
	int depth;                  /* inside a callback */

	struct intake_queue *intake;
	int64_t id_next, id_end;    /* ids taken from the sequence and not used */
};

/* session.c */
void session_connect(struct store *store);
void session_listen(struct store *store);      /* the listening timer calls it: drops a connection that owes an answer for too long */
int64_t session_silence(const char *name);     /* how long that is, for a connection of this name */
void session_close(struct store *store);
void session_flush(struct store *store);
void session_lost(struct store *store, const char *why);
void session_expect(struct store *store, struct answer answer);
bool session_prepare(struct store *store, struct op *op, struct statement statement);

/* op.c */
void op_start(struct op *op);                /* the head of the queue, on a connection that is up */
void store_answer(struct store *store, const struct answer *answer, PGresult *result);

/* store.c */
void op_over(struct op *op);                 /* calls done and frees it */
void store_watch_patience(struct store *store);
void store_pump_later(struct store *store);
void store_session_up(struct store *store);
void store_session_lost(struct store *store);

/* sqlstate.c: what a failed statement means. */
void sqlstate_error(struct error *error, const char *place, const PGresult *result);

/* intake.c */
void intake_pump(struct store *store); /* the next group, when none is in flight */
void intake_queue_free(struct store *store);

#endif
