/* A connection and its states. Private to this room.
 *
 *             ┌──────────────────────────────────────────────┐
 *             ▼                                              │
 *   accept → IDLE → HEAD → BODY → HANDLING → WRITING ────────┤ all written, kept alive
 *             │       │      │        │         │            │
 *             └───────┴──────┴────────┴─────────┴→ LINGERING → DEAD (freed when the callback ends)
 *
 * Steps are skipped where bytes arrive together: IDLE → HANDLING → IDLE is the usual walk. Only conn_move changes the state,
 * and it dies on an impossible move. A connection in IDLE holds no buffers: io is NULL. */
#ifndef NURTURE_HTTP_CONN_H
#define NURTURE_HTTP_CONN_H

#include "base/buf.h"
#include "http/head.h"

#include <event2/event.h>
#include <sys/socket.h>

enum conn_state {
	CONN_IDLE,      /* no byte of a request yet; deadline idle (head for the first) */
	CONN_HEAD,      /* some bytes of a head lie in io->in; deadline head */
	CONN_BODY,      /* req is waiting for its body; deadline body */
	CONN_HANDLING,  /* req is with the handler; deadline handle */
	CONN_WRITING,   /* the reply lies in io; nothing is read; deadline write */
	CONN_LINGERING, /* all written and shut: the peer's bytes are thrown away so that it can read our last words */
	CONN_DEAD,      /* closed; freed by the sweep */
	CONN_STATES
};

struct conn_io {
	struct buf in;          /* bytes read and not used yet; at most CONN_AHEAD beyond a partial head */
	struct head_scan scan;  /* of in, in state HEAD */
	char *out;              /* malloc'd */
	size_t out_n, out_at;
};

struct conn {
	struct http_server *server;
	struct conn *next, *prev;
	mono_t deadline;
	struct http_request *req;
	struct peer *from;       /* its address's count; NULL: not counted */
	struct conn_io *io;
	int fd;
	uint32_t discarded;      /* bytes thrown away in LINGERING */
	struct http_address peer;
	uint8_t state;
	uint8_t watch;           /* EV_READ, EV_WRITE or 0: what the event is added for */
	bool working;            /* reading.c is on the stack: it goes on by itself */
	bool close_after;        /* this reply is the last */
	bool half_closed;        /* the peer has shut its side */
	bool served;             /* it had a request before */
	bool unread;             /* the request was not read to its end: linger */
};
/* The struct event stands behind struct conn: its size is libevent's to know. */

struct conn_list {
	struct conn *first, *last;
};

enum { CONN_AHEAD = 16 * 1024, CONN_DISCARD = 64 * 1024 * 1024, CONN_LINGER_US = 3000000, CONN_SLOWEST = 16 * 1024 };

/* conn.c: life */
struct conn *conn_new(struct http_server *server, int fd, const struct http_address *peer, struct peer *from);
void conn_move(struct conn *conn, enum conn_state state, int64_t in_us); /* in_us: until its deadline; < 0 = never */
void conn_watch(struct conn *conn, short what);
void conn_again(struct conn *conn);   /* work on what lies in io->in, soon */
void conn_close(struct conn *conn);   /* now; the request, if any, learns of it */
void conn_reset(struct conn *conn);   /* the same, throwing away what the peer did not take */
void conn_rest(struct conn *conn);    /* the reply is out and the connection lives on */
void conn_drop_io(struct conn *conn);
void conn_free(struct conn *conn);    /* of the sweep only */
struct conn_io *conn_io(struct conn *conn);

/* reading.c */
void conn_read(struct conn *conn);    /* the socket has bytes, or those in io->in may go on */

/* output.c: writing */
/* Sends head and body; takes `taken` (the malloc'd memory of body, or NULL when body must be copied). */
void conn_send(struct conn *conn, struct str head, struct str body, char *taken);
void conn_flush(struct conn *conn);   /* the socket can take more */
void conn_discard(struct conn *conn); /* state LINGERING: the socket has bytes */
void conn_refuse(struct conn *conn, const struct head_fault *fault); /* answers with a problem and closes */
void conn_continue_100(struct conn *conn); /* where it was asked for */
void conn_expire(struct conn *conn);  /* its deadline has passed */

#endif
