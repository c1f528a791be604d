/* The insides that the files of this room share: server and request. No other room includes this.
 *
 * The server owns its connections (lists by state, conn.h) and a pool of requests. A request that was replied to lies in
 * `done` until the callback at hand has ended. */
#ifndef NURTURE_HTTP_SERVER_H
#define NURTURE_HTTP_SERVER_H

#include "base/buf.h"
#include "http/address.h"
#include "http/conn.h"
#include "http/head.h"
#include "http/peers.h"
#include "http/target.h"

enum { SERVER_SCRATCH = 16 * 1024, SERVER_POOL = 64, SERVER_BODY_KEPT = 64 * 1024, SERVER_DRAIN_IDLE_US = 2000000 };

struct http_server {
	struct loop *loop;
	struct http_limits limits;
	struct address_ranges trusted;
	struct peers *peers;
	http_handler_fn *handler;
	http_late_fn *late; /* or NULL */
	http_begin_fn *begin;
	void *arg;

	int listen_fd;              /* -1 when draining */
	struct event *accept_event;
	struct loop_timer *accept_timer;
	bool accept_paused;
	bool draining, drain_told, freed, sweep_due;
	loop_fn *drained;
	void *drained_arg;

	struct conn_list lists[CONN_STATES]; /* by deadline, soonest first */
	struct loop_timer *deadline_timer;
	mono_t armed;               /* when deadline_timer is to ring; MOMENT_NEVER = not set */

	struct http_request *pool, *done;
	unsigned pooled;
	size_t held;                /* bytes of bodies in memory */
	struct http_counters counters;
	int64_t date_at;            /* the second that date spells */
	char date[32];
	struct buf out;             /* heads of replies are built here */
	char scratch[SERVER_SCRATCH]; /* what was read last; valid while its connection works on it */
};

enum request_state { REQUEST_READING, REQUEST_HANDLING, REQUEST_REPLIED };

struct http_request {
	struct http_server *server;
	struct conn *conn;          /* NULL: the client has gone */
	struct http_request *next;  /* in pool or done */
	struct arena *arena;
	enum request_state state;
	struct head head;
	struct target target;
	struct http_plan plan;
	struct buf body;
	uint64_t left;              /* bytes of the body still to come */
	mono_t paused_at;           /* 0 = not paused */
	int64_t paused_left;        /* what was left of the body's deadline then */
	bool client_known, is_https;
	struct http_address client;
	char client_text[ADDRESS_TEXT];
	bool calling;               /* one of the caller's functions is on the stack with it */
	bool gone;
	http_gone_fn *on_gone;
	void *gone_arg;
	void *data;
};

/* server.c */
void server_sweep_soon(struct http_server *server);
void server_conn_closed(struct http_server *server); /* room for one more */

/* deadline.c */
void deadline_insert(struct conn *conn);  /* into the list of its state */
void deadline_remove(struct conn *conn);
void deadline_hurry(struct conn *conn, int64_t in_us); /* the same state, another deadline */
void deadline_ring(void *server);         /* the timer's callback */

/* request.c */
struct http_request *request_new(struct conn *conn);
void request_enter(struct http_request *req); /* a callback of the caller's is called with it */
bool request_leave(struct http_request *req); /* and has returned: true when it was replied to, and is released now */
void request_finish(struct http_request *req); /* replied to: released when the callback at hand has returned */
void request_release(struct http_request *req);
void request_gone(struct http_request *req);   /* the peer has left or is leaving: tell the one who waits, once */
void request_detach(struct http_request *req); /* its connection is no more, or answers without it */

/* reply.c */
/* Builds the head of a reply in server->out. length < 0 = the status has no body. */
struct str reply_head(struct http_server *server, int status, const struct http_header *headers, int64_t length, bool close);
const char *reply_reason(int status);

#endif
