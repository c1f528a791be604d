/* A connection's life: its birth, its moves between the states drawn in conn.h, its end. Reading is in reading.c, writing in output.c.
 * Called by the loop, and by server.c for new sockets. */
#include "http/conn.h"

#include "base/log.h"
#include "base/mem.h"
#include "http/server.h"

#include <stdlib.h>
#include <unistd.h>

#define BIT(state) (1u << (state))

static const uint8_t moves[CONN_STATES] = {
	[CONN_IDLE] = BIT(CONN_HEAD) | BIT(CONN_BODY) | BIT(CONN_HANDLING) | BIT(CONN_WRITING) | BIT(CONN_LINGERING) | BIT(CONN_DEAD),
	[CONN_HEAD] = BIT(CONN_HEAD) | BIT(CONN_BODY) | BIT(CONN_HANDLING) | BIT(CONN_WRITING) | BIT(CONN_LINGERING) | BIT(CONN_DEAD),
	[CONN_BODY] = BIT(CONN_IDLE) | BIT(CONN_BODY) | BIT(CONN_HANDLING) | BIT(CONN_WRITING) | BIT(CONN_LINGERING) | BIT(CONN_DEAD),
	[CONN_HANDLING] = BIT(CONN_IDLE) | BIT(CONN_WRITING) | BIT(CONN_LINGERING) | BIT(CONN_DEAD),
	[CONN_WRITING] = BIT(CONN_IDLE) | BIT(CONN_LINGERING) | BIT(CONN_DEAD),
	[CONN_LINGERING] = BIT(CONN_DEAD),
};

static struct event *event_of(struct conn *conn)
{
	return (struct event *)(conn + 1);
}

void conn_move(struct conn *conn, enum conn_state state, int64_t in_us)
{
	if (!(moves[conn->state] & BIT(state))) {
		log_error("http.impossible_move", log_int("from", conn->state), log_int("to", state));
		abort();
	}
	deadline_remove(conn);
	conn->state = (uint8_t)state;
	conn->deadline = in_us < 0 ? MOMENT_NEVER : mono_now() + in_us;
	deadline_insert(conn);
}

struct conn_io *conn_io(struct conn *conn)
{
	if (!conn->io)
		conn->io = mem_alloc(sizeof *conn->io);
	return conn->io;
}

void conn_drop_io(struct conn *conn)
{
	if (!conn->io)
		return;
	buf_fini(&conn->io->in);
	free(conn->io->out);
	free(conn->io);
	conn->io = NULL;
}

void conn_close(struct conn *conn)
{
	struct http_request *req = conn->req;
	if (conn->state == CONN_DEAD)
		return;
	event_del(event_of(conn));
	close(conn->fd);
	conn->fd = -1;
	conn->req = NULL;
	conn_move(conn, CONN_DEAD, -1);
	peers_give_back(conn->server->peers, conn->from);
	conn->server->counters.open--;
	server_conn_closed(conn->server);
	server_sweep_soon(conn->server);
	if (req)
		request_detach(req);
}

void conn_reset(struct conn *conn)
{
	const struct linger now = {.l_onoff = 1};
	if (conn->state != CONN_DEAD)
		(void)setsockopt(conn->fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
	conn_close(conn);
}

void conn_free(struct conn *conn)
{
	deadline_remove(conn);
	conn_drop_io(conn);
	free(conn);
}

static void on_event(evutil_socket_t fd, short what, void *arg)
{
	struct conn *conn = arg;
	(void)fd;
	if (what & EV_WRITE && conn->state == CONN_WRITING)
		conn_flush(conn);
	else if (conn->state == CONN_LINGERING)
		conn_discard(conn);
	else
		conn_read(conn);
}

void conn_watch(struct conn *conn, short what)
{
	if (conn->watch == what)
		return;
	event_del(event_of(conn));
	conn->watch = (uint8_t)what;
	if (!what)
		return;
	event_assign(event_of(conn), loop_base(conn->server->loop), conn->fd, (short)(what | EV_PERSIST), on_event, conn);
	if (event_add(event_of(conn), NULL) < 0)
		abort();
}

void conn_again(struct conn *conn)
{
	event_active(event_of(conn), EV_READ, 1);
}

void conn_rest(struct conn *conn)
{
	conn->served = true;
	conn_move(conn, CONN_IDLE, conn->server->draining ? SERVER_DRAIN_IDLE_US : conn->server->limits.idle_us);
	if (!conn->half_closed)
		conn_watch(conn, EV_READ);
	if (conn->working)
		return;
	if (conn->io && conn->io->in.n)
		conn_again(conn);
	else if (conn->half_closed)
		conn_close(conn);
	else
		conn_drop_io(conn);
}

struct conn *conn_new(struct http_server *server, int fd, const struct http_address *peer, struct peer *from)
{
	struct conn *conn = mem_alloc(sizeof *conn + event_get_struct_event_size());
	*conn = (struct conn){.server = server, .fd = fd, .peer = *peer, .from = from, .state = CONN_IDLE};
	event_assign(event_of(conn), loop_base(server->loop), fd, EV_READ | EV_PERSIST, on_event, conn);
	conn_watch(conn, EV_READ);
	conn->deadline = mono_now() + server->limits.head_us;
	deadline_insert(conn);
	server->counters.accepted++;
	server->counters.open++;
	return conn;
}
