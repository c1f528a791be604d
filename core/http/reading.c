/* A connection's reading side. Called by conn.c when the socket has bytes, or when bytes read before may go on.
 *
 * Bytes are read into the server's scratch buffer and worked on there; only what cannot be used yet is copied into io->in. While a
 * request is with the handler at most CONN_AHEAD bytes of the next ones are taken: enough to notice that the client has left. */
#include "base/log.h"
#include "http/framing.h"
#include "http/server.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* Keeps what is left of the bytes at hand, which may lie in io->in themselves. */
static void keep(struct conn *conn, const char *bytes, size_t n)
{
	struct buf *in = conn->io ? &conn->io->in : NULL;
	if (in && in->n && bytes >= in->p && bytes <= in->p + in->n) {
		memmove(in->p, bytes, n);
		in->n = n;
	} else if (n) {
		buf_put(&conn_io(conn)->in, bytes, n);
	}
	if (!n && conn->io && !conn->io->out)
		conn_drop_io(conn);
}

static void dispatch(struct conn *conn)
{
	struct http_request *req = conn->req;
	struct http_server *server = conn->server;
	conn_move(conn, CONN_HANDLING, server->limits.handle_us);
	req->state = REQUEST_HANDLING;
	server->counters.requests++;
	server->counters.busy++;
	request_enter(req);
	server->handler(req, server->arg);
	request_leave(req);
}

/* Asks begin what to do with the body; it may answer at once. */
static void begin_body(struct conn *conn, bool body_is_here)
{
	struct http_server *server = conn->server;
	struct http_request *req = conn->req;
	req->plan = (struct http_plan){.limit = server->limits.body, .deadline_us = server->limits.body_us};
	conn_move(conn, CONN_BODY, req->plan.deadline_us);
	request_enter(req);
	if (server->begin)
		server->begin(req, &req->plan, server->arg);
	if (request_leave(req))
		return;
	if ((req->plan.chunk || req->paused_at) && !req->plan.aborted) {
		log_error("http.plan_without_aborted");
		abort();
	}
	if (req->head.gzip && !req->plan.gzip) {
		conn_refuse(conn, &(struct head_fault){415, framing_packed});
		return;
	}
	if (req->left > req->plan.limit) {
		char why[400];
		snprintf(why, sizeof why, "The body is too long: at most %zu bytes are taken here.%s%s", (size_t)req->plan.limit, req->plan.advice ? " " : "",
			 req->plan.advice ? req->plan.advice : "");
		conn_refuse(conn, &(struct head_fault){413, why});
		return;
	}
	if (req->paused_at)
		req->paused_left = req->plan.deadline_us;
	else
		conn_move(conn, CONN_BODY, req->plan.deadline_us);
	if (body_is_here)
		req->head.expects_continue = false;
	if (!req->paused_at)
		conn_continue_100(conn);
}

/* Works on the bytes of a head; returns how many were used. */
static size_t take_head(struct conn *conn, const char *bytes, size_t n)
{
	struct http_server *server = conn->server;
	struct head_scan scan = conn->state == CONN_HEAD ? conn->io->scan : (struct head_scan){0};
	struct head_fault fault = {0};
	enum head_result result = head_scan(&scan, bytes, n, &server->limits, &fault);
	if (result == HEAD_MORE) {
		conn_io(conn)->scan = scan;
		if (conn->state == CONN_IDLE)
			conn_move(conn, CONN_HEAD, server->limits.head_us);
		return 0;
	}
	if (result == HEAD_BAD) {
		conn_refuse(conn, &fault);
		return n;
	}
	struct http_request *req = request_new(conn);
	size_t head_n = scan.at - scan.start;
	const char *copy = arena_dup_n(req->arena, bytes + scan.start, head_n);
	result = head_parse(&req->head, copy, head_n, &fault);
	if (result == HEAD_END && !target_parse(req->arena, req->head.target, &req->target, &fault.why)) {
		fault.status = 400;
		result = HEAD_BAD;
	}
	if (result == HEAD_BAD) {
		conn_refuse(conn, &fault);
		return n;
	}
	conn->close_after = req->head.close;
	req->left = req->head.length;
	if (!req->left)
		dispatch(conn);
	else
		begin_body(conn, n > scan.at);
	return scan.at;
}

/* Room for more of a gathered body within what all bodies may take. */
static bool hold(struct conn *conn, size_t n)
{
	struct http_server *server = conn->server;
	if (n > server->limits.bodies || server->held > server->limits.bodies - n) {
		conn_refuse(conn, &(struct head_fault){503, "Too many large requests at once. Try again later."});
		return false;
	}
	server->held += n;
	return true;
}

static size_t take_body(struct conn *conn, const char *bytes, size_t n)
{
	struct http_request *req = conn->req;
	size_t used = n < req->left ? n : (size_t)req->left;
	if (used && req->plan.chunk) {
		req->left -= used;
		request_enter(req);
		req->plan.chunk(req, (struct str){bytes, used}, req->plan.arg);
		if (request_leave(req))
			return used;
	} else if (used) {
		if (!hold(conn, used))
			return n;
		req->left -= used;
		buf_put(&req->body, bytes, used);
	}
	if (conn->state == CONN_BODY && !req->left && !req->paused_at)
		dispatch(conn);
	return used;
}

static bool wants_bytes(const struct conn *conn, size_t n)
{
	switch ((enum conn_state)conn->state) {
	case CONN_IDLE: return n > 0;
	case CONN_HEAD: return n > conn->io->scan.at;
	case CONN_BODY: return !conn->req->paused_at && (n > 0 || !conn->req->left);
	default: return false;
	}
}

/* All bytes at hand are used, and it waits for others. */
static bool wants_more(const struct conn *conn)
{
	return conn->state == CONN_IDLE || conn->state == CONN_HEAD || (conn->state == CONN_BODY && !conn->req->paused_at);
}

static void work(struct conn *conn, const char *bytes, size_t n)
{
	conn->working = true;
	while (wants_bytes(conn, n)) {
		size_t used = conn->state == CONN_BODY ? take_body(conn, bytes, n) : take_head(conn, bytes, n);
		bytes += used;
		n -= used;
	}
	conn->working = false;
	if (conn->state == CONN_DEAD)
		return;
	if (conn->state == CONN_LINGERING || (conn->state == CONN_WRITING && conn->close_after))
		n = 0;
	keep(conn, bytes, n);
	if (conn->half_closed && wants_more(conn))
		conn_close(conn);
}

/* recv into p: > 0 bytes; 0 when there is nothing to do (the connection may be closed). */
static size_t receive(struct conn *conn, char *p, size_t n)
{
	ssize_t got = recv(conn->fd, p, n, 0);
	if (got > 0) {
		conn->server->counters.bytes_in += (uint64_t)got;
		return (size_t)got;
	}
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (got < 0 || conn->state != CONN_HANDLING) {
		conn_close(conn);
		return 0;
	}
	conn->half_closed = true;
	conn_watch(conn, 0);
	request_gone(conn->req);
	return 0;
}

static void read_ahead(struct conn *conn)
{
	size_t have = conn->io ? conn->io->in.n : 0;
	if (have >= CONN_AHEAD) {
		conn_watch(conn, 0);
		return;
	}
	size_t n = receive(conn, conn->server->scratch, CONN_AHEAD - have);
	if (n)
		buf_put(&conn_io(conn)->in, conn->server->scratch, n);
}

/* A long body goes from the socket to its place without a stop in between. */
static void read_body(struct conn *conn)
{
	struct http_request *req = conn->req;
	size_t want = req->left < SERVER_SCRATCH ? (size_t)req->left : SERVER_SCRATCH;
	if (req->plan.chunk || req->left <= SERVER_SCRATCH) {
		size_t n = receive(conn, conn->server->scratch, want);
		if (n)
			work(conn, conn->server->scratch, n);
		return;
	}
	want = req->left < 4 * SERVER_SCRATCH ? (size_t)req->left : 4 * SERVER_SCRATCH;
	buf_reserve(&req->body, want);
	size_t n = receive(conn, req->body.p + req->body.n, want);
	if (!n || !hold(conn, n))
		return;
	req->body.n += n;
	req->body.p[req->body.n] = '\0';
	req->left -= n;
	work(conn, "", 0);
}

static void read_head(struct conn *conn)
{
	struct http_server *server = conn->server;
	size_t n = receive(conn, server->scratch, sizeof server->scratch);
	if (!n)
		return;
	if (!conn->io || !conn->io->in.n) {
		work(conn, server->scratch, n);
		return;
	}
	buf_put(&conn->io->in, server->scratch, n);
	work(conn, conn->io->in.p, conn->io->in.n);
}

void conn_read(struct conn *conn)
{
	if (conn->io && conn->io->in.n && (conn->state == CONN_IDLE || conn->state == CONN_BODY)) {
		work(conn, conn->io->in.p, conn->io->in.n);
		return;
	}
	switch ((enum conn_state)conn->state) {
	case CONN_IDLE:
	case CONN_HEAD: read_head(conn); break;
	case CONN_BODY:
		if (!conn->req->left)
			work(conn, "", 0);
		else if (!conn->req->paused_at)
			read_body(conn);
		break;
	case CONN_HANDLING: read_ahead(conn); break;
	default: break;
	}
}
