/* A connection's writing side: replies, refusals, and the last words of one that is closed. Called by reply.c and conn.c.
 *
 * A reply is written at once; only what the socket does not take is kept, and then nothing more is read until it is gone. A connection that
 * closes before it has read all its peer sent lingers: a reset would destroy the reply on its way. */
#include "base/log.h"
#include "base/mem.h"
#include "http/server.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <unistd.h>

/* Everything that was to be said on this connection has been given to the kernel. */
static void say_goodbye(struct conn *conn)
{
	int unread = 0;
	if (!conn->unread && !(conn->io && conn->io->in.n) && ioctl(conn->fd, FIONREAD, &unread) == 0 && !unread) {
		conn_close(conn);
		return;
	}
	shutdown(conn->fd, SHUT_WR);
	if (conn->half_closed) {
		conn_close(conn);
		return;
	}
	conn_move(conn, CONN_LINGERING, CONN_LINGER_US);
	conn_watch(conn, EV_READ);
	if (!conn->working)
		conn_drop_io(conn);
}

static void all_written(struct conn *conn)
{
	if (conn->close_after) /* while draining all replies say so; one that began before it lets its connection live on for a moment */
		say_goodbye(conn);
	else
		conn_rest(conn);
}

/* Keeps what the kernel did not take: the body itself when it is ours and only of it something is left. */
static void keep_rest(struct conn *conn, struct str head, struct str body, char *taken, size_t written)
{
	struct conn_io *io = conn_io(conn);
	if (taken && written >= head.n) {
		io->out = taken;
		io->out_n = body.n;
		io->out_at = written - head.n;
		return;
	}
	size_t skip = written > head.n ? written - head.n : 0;
	size_t head_left = written < head.n ? head.n - written : 0;
	io->out_n = head_left + body.n - skip;
	io->out_at = 0;
	io->out = mem_resize(NULL, io->out_n, 1);
	if (head_left)
		memcpy(io->out, head.p + written, head_left);
	if (body.n - skip)
		memcpy(io->out + head_left, body.p + skip, body.n - skip);
	free(taken);
}

void conn_send(struct conn *conn, struct str head, struct str body, char *taken)
{
	struct http_server *server = conn->server;
	struct iovec parts[2] = {{(void *)head.p, head.n}, {(void *)body.p, body.n}};
	struct msghdr message = {.msg_iov = parts, .msg_iovlen = body.n ? 2 : 1};
	ssize_t n = sendmsg(conn->fd, &message, MSG_NOSIGNAL);
	if (n < 0 && errno != EAGAIN && errno != EINTR) {
		free(taken);
		conn_close(conn);
		return;
	}
	size_t written = n < 0 ? 0 : (size_t)n;
	server->counters.bytes_out += written;
	if (written == head.n + body.n) {
		free(taken);
		all_written(conn);
		return;
	}
	int64_t seconds = (int64_t)((head.n + body.n) / CONN_SLOWEST);
	keep_rest(conn, head, body, taken, written);
	conn_move(conn, CONN_WRITING, server->limits.write_us + seconds * 1000000);
	conn_watch(conn, EV_WRITE);
}

void conn_flush(struct conn *conn)
{
	struct conn_io *io = conn->io;
	ssize_t n = send(conn->fd, io->out + io->out_at, io->out_n - io->out_at, MSG_NOSIGNAL);
	if (n < 0) {
		if (errno != EAGAIN && errno != EINTR)
			conn_close(conn);
		return;
	}
	conn->server->counters.bytes_out += (uint64_t)n;
	io->out_at += (size_t)n;
	if (io->out_at < io->out_n)
		return;
	free(io->out);
	io->out = NULL;
	all_written(conn);
}

void conn_discard(struct conn *conn)
{
	ssize_t n = recv(conn->fd, conn->server->scratch, sizeof conn->server->scratch, 0);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0 && (conn->discarded += (uint32_t)n) < CONN_DISCARD)
		return;
	conn_close(conn);
}

/* The last answer of this connection. What the handler may still reply goes nowhere. */
static void refuse_with(struct conn *conn, const struct head_fault *fault, const struct http_header *headers, struct str body)
{
	struct http_server *server = conn->server;
	struct http_request *req = conn->req;
	conn->req = NULL;
	conn->close_after = conn->unread = true;
	server->counters.refused++;
	log_debug("http.refused", log_int("status", fault->status), log_str("why", fault->why));
	conn_send(conn, reply_head(server, fault->status, headers, (int)body.n, true), body, NULL);
	if (req)
		request_detach(req);
}

void conn_refuse(struct conn *conn, const struct head_fault *fault)
{
	static const struct http_header later[] = {{"Content-Type", {"application/problem+json", 24}}, {"Retry-After", {"5", 1}}, {0}},
					headers[] = {{"Content-Type", {"application/problem+json", 24}}, {0}};
	char body[512];
	int n = snprintf(body, sizeof body, "{\"type\":\"urn:nurture:http\",\"title\":\"%s\",\"status\":%d,\"detail\":\"%s\"}\n",
			 reply_reason(fault->status), fault->status, fault->why);
	refuse_with(conn, fault, fault->status == 503 ? later : headers, (struct str){body, (size_t)n});
}

static void refuse_late(struct conn *conn)
{
	static const struct http_header headers[] = {
		{"Content-Type", {"text/html; charset=utf-8", 24}}, {"Retry-After", {"5", 1}}, {"Cache-Control", {"no-store", 8}},
		{"Content-Security-Policy", {"default-src 'none'; style-src 'unsafe-inline'", 45}}, {0}};
	static const struct head_fault late = {503, "The answer took too long. Try again later."};
	struct http_server *server = conn->server;
	struct str page = server->late ? server->late(conn->req, server->arg) : (struct str){0};
	if (page.n)
		refuse_with(conn, &late, headers, page);
	else
		conn_refuse(conn, &late);
}

void conn_continue_100(struct conn *conn)
{
	static const char text[] = "HTTP/1.1 100 Continue\r\n\r\n";
	if (!conn->req->head.expects_continue)
		return;
	conn->req->head.expects_continue = false;
	if (send(conn->fd, text, sizeof text - 1, MSG_NOSIGNAL) != (ssize_t)sizeof text - 1)
		conn_close(conn); /* nothing is on its way, so the buffer cannot be full: the peer has gone */
}

void conn_expire(struct conn *conn)
{
	struct http_counters *counters = &conn->server->counters;
	switch ((enum conn_state)conn->state) {
	case CONN_IDLE:
		counters->timeouts_idle++;
		conn_close(conn);
		break;
	case CONN_HEAD:
		counters->timeouts_head++;
		conn_refuse(conn, &(struct head_fault){408, "The headers took too long."});
		break;
	case CONN_BODY:
		counters->timeouts_body += !conn->req->paused_at;
		counters->timeouts_handle += !!conn->req->paused_at;
		conn_refuse(conn, conn->req->paused_at ? &(struct head_fault){503, "The answer took too long. Try again later."}
						       : &(struct head_fault){408, "The body took too long."});
		break;
	case CONN_HANDLING:
		counters->timeouts_handle++;
		refuse_late(conn);
		break;
	case CONN_WRITING:
		counters->timeouts_write++;
		conn_reset(conn);
		break;
	default:
		conn_close(conn);
	}
}
