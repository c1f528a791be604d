/* One connection to the SMTP server. Shared by smtp_session.c (its life: connect, TLS, deadlines, QUIT), smtp_hello.c (EHLO,
 * STARTTLS, AUTH) and smtp_transaction.c (its work: MAIL to the final dot).
 *
 *   CONNECTING ─► GREETING ─► EHLO ─► AUTH ─► IDLE ◄─────────────────────────────────┐
 *        │           ▲         │ ▲     ▲       │ session_start                       │
 *        └─► TLS ────┘         │ └─────┼──┐    ▼                                     │
 *   (smtps) │  ▲               ├───────┘  │  ENVELOPE ──354──► BODY ──dot──► FINAL ──┤ 250
 *           │  └── STARTTLS ◄──┘          │    │  ▲  MAIL RCPT DATA            │      │
 *           └─────────────────────────────┘    └──┼── refused ──► IDLE         │      │
 *                         (STARTTLS done)         └────── next letter ◄────────┴──────┘
 *   any ──► DEAD        IDLE ─► QUIT ─► DEAD
 *
 * With PIPELINING the three commands of a letter leave together (RFC 2920), and with the dot of the letter before if one
 * waits: then its final answer comes first, `ending` is that letter, and the state is already ENVELOPE.
 *
 * What always holds: the dot of a letter is written only when its permission was given; a letter is in at most one of
 * `letter` and `ending`; `ending` ends as sent, as the server says, or as unknown, and never goes back to the queue once
 * the dot has left. Answers are expected in the order of `expected`; one that nobody expects ends the session. */
#ifndef NURTURE_EMAIL_SMTP_SESSION_H
#define NURTURE_EMAIL_SMTP_SESSION_H

#include "smtp_pool.h"
#include "smtp_reply.h"
#include "smtp_verdict.h"

#include <event2/bufferevent.h>

enum session_state {
	SESSION_CONNECTING, /* TCP; in pool->working, like all that follow but where said */
	SESSION_TLS,        /* handshake: at once (smtps) or after STARTTLS */
	SESSION_GREETING,   /* waits for 220 */
	SESSION_EHLO,       /* EHLO or HELO was written */
	SESSION_STARTTLS,
	SESSION_AUTH,
	SESSION_IDLE,       /* clean, no letter; in pool->idle */
	SESSION_ENVELOPE,   /* MAIL, RCPT, DATA on their way */
	SESSION_BODY,       /* 354 came, the permission is awaited; the body was written if it is a large one */
	SESSION_FINAL,      /* the dot was written, its answer is awaited */
	SESSION_QUIT,       /* QUIT was written */
	SESSION_DEAD,       /* in pool->dead, freed when the loop comes round */
	SESSION_STATES,
};

enum command { COMMAND_RSET, COMMAND_MAIL, COMMAND_RCPT, COMMAND_DATA, COMMAND_FINAL };

enum { EXPECTED_MAX = 8 };

struct session {
	struct pool *pool;
	enum session_state state;
	GList link;                /* in the pool's list of its state */
	struct bufferevent *bev;   /* NULL only between sockets and when dead */
	struct event *deadline;
	bool leaving;              /* a message with its dot is on its way out: while it moves, the time for its answer has not begun */
	size_t unsent;             /* output that waited when the deadline was set: less of it later is progress */
	unsigned address;          /* which of the pool's is tried */
	bool secure;               /* TLS is on */
	bool was_ready;
	bool hello_again;          /* HELO is tried, as EHLO was refused */
	unsigned auth_step;
	struct smtp_offer offer;
	struct smtp_reply reply;

	struct letter *letter;     /* in ENVELOPE and BODY: whose permission or dot is still to come */
	struct letter *ending;     /* its dot was written */
	uint64_t written;          /* octets given to the connection, ever */
	uint64_t dot_at;           /* `written` when the last dot was */
	bool recipient_accepted;   /* of the transaction in hand */
	bool dirty;                /* a transaction was left half: RSET comes first */
	bool body_written;         /* in BODY: its body is on its way, too */
	bool holds;                /* what is written is gathered (smtp_output.c): */
	const char *held;          /*   a message, borrowed until it is released */
	size_t held_length;
	char behind[1024];         /*   and what comes behind it: its dot, the next letter's envelope */
	size_t behind_length;
	unsigned transactions;     /* begun on this connection */
	uint8_t expected[EXPECTED_MAX]; /* enum command, a ring */
	unsigned expected_first, expected_count;
	char why[256];             /* scratch for reasons */
};

/* smtp_session.c: for the pool. */
void session_open(struct pool *pool);
void session_quit(struct session *session);  /* IDLE only */
void session_free(struct session *session);  /* DEAD, or at close */

/* smtp_session.c: for smtp_hello.c and smtp_transaction.c. */
void session_set(struct session *session, enum session_state state);
void session_arm(struct session *session, enum deadline deadline);
/* The connection is of no more use: ends or returns its letters and closes it. late: a deadline passed. */
void session_lost(struct session *session, const char *why, bool late);
/* The same, with the answer in session->reply as the reason. */
void session_refused(struct session *session, const char *what);
void session_begin_tls(struct session *session);
void session_ready(struct session *session); /* takes the next letter, or goes IDLE */

/* smtp_output.c: for those three. Between hold and release `bytes` must stay where they are; they leave in one write, at once where the connection can
 * take it. Release does nothing where nothing is held. */
void session_write(struct session *session, const char *bytes, size_t n);
void session_printf(struct session *session, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void session_hold(struct session *session);
void session_release(struct session *session);
size_t session_unsent(const struct session *session); /* written, and not taken by the kernel or TLS */

/* smtp_hello.c: for smtp_session.c. */
void hello_begin(struct session *session); /* under TLS of STARTTLS: EHLO once more */
void hello_reply(struct session *session); /* from GREETING to AUTH */

/* smtp_transaction.c: for smtp_session.c and the pool. */
void transaction_start(struct session *session, struct letter *letter); /* IDLE, or behind a dot */
void transaction_reply(struct session *session);   /* a whole reply is in session->reply */
void transaction_permitted(struct session *session);
void transaction_cancel(struct session *session, struct letter *letter);
void transaction_lost(struct session *session, const char *why, bool late);

#endif
