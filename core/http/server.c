/* The server: accepts, pauses when descriptors run out, sweeps what died, drains.
 *
 * Nothing is freed while a callback may still hold it: connections lie in lists[CONN_DEAD] and requests in `done` until server_sweep, which
 * the loop calls before it sleeps. The struct itself goes with the last sweep after http_server_free and the last late reply. */
#include "http/server.h"

#include "base/log.h"
#include "base/mem.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

enum { ACCEPT_AT_ONCE = 32, ACCEPT_PAUSE_US = 100000, REAP_AT_ONCE = 16, REAP_IDLE_US = 1000000, SPARE_DESCRIPTORS = 64, PER_ADDRESS = 256 };

struct http_limits http_limits_default(void)
{
	struct rlimit files = {0};
	unsigned connections = 1024;
	if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur != RLIM_INFINITY)
		connections = files.rlim_cur > 2 * SPARE_DESCRIPTORS ? (unsigned)files.rlim_cur - SPARE_DESCRIPTORS : SPARE_DESCRIPTORS;
	return (struct http_limits){
		.line = 8192, .head = 16384, .fields = 100, .body = 1 << 20, .bodies = 256 << 20, .connections = connections,
		.per_address = PER_ADDRESS,
		.head_us = 10000000, .body_us = 60000000, .handle_us = 120000000, .write_us = 30000000, .idle_us = 60000000,
	};
}

#define FILL(field, most)                                              \
	do {                                                           \
		if (!limits.field)                                     \
			limits.field = standard.field;                 \
		if ((uint64_t)limits.field > (uint64_t)(most))         \
			limits.field = (most);                         \
	} while (0)

static struct http_limits filled(struct http_limits limits)
{
	const struct http_limits standard = http_limits_default();
	FILL(line, 1 << 20);
	FILL(head, 1 << 20);
	FILL(fields, HEAD_FIELDS);
	FILL(body, SIZE_MAX / 8);
	FILL(bodies, SIZE_MAX / 8);
	FILL(connections, 1 << 20);
	FILL(per_address, 1 << 20);
	FILL(head_us, MOMENT_DAY);
	FILL(body_us, MOMENT_DAY);
	FILL(handle_us, MOMENT_DAY);
	FILL(write_us, MOMENT_DAY);
	FILL(idle_us, MOMENT_DAY);
	return limits;
}

static void pause_accept(struct http_server *server, const char *why)
{
	event_del(server->accept_event);
	server->accept_paused = true;
	loop_timer_set(server->accept_timer, ACCEPT_PAUSE_US);
	if (server->counters.accept_pauses++ % 600 == 0)
		log_warn("http.accept_paused", log_str("why", why), log_int("connections", server->counters.open));
}

static void resume_accept(struct http_server *server)
{
	loop_timer_stop(server->accept_timer);
	server->accept_paused = false;
	event_add(server->accept_event, NULL);
}

/* When no more fit, those that have been silent longest make room. */
static void reap_idle(struct http_server *server)
{
	mono_t now = mono_now();
	for (int i = 0; i < REAP_AT_ONCE; i++) {
		struct conn *conn = server->lists[CONN_IDLE].first;
		if (!conn)
			return;
		mono_t since = conn->deadline - (conn->served ? server->limits.idle_us : server->limits.head_us);
		if (now - since < REAP_IDLE_US)
			return;
		conn_close(conn);
	}
}

static void on_accept_timer(void *arg)
{
	struct http_server *server = arg;
	if (server->draining || server->freed || !server->accept_paused)
		return;
	reap_idle(server);
	if (!server->accept_paused) /* a connection that closed has resumed it */
		return;
	if (server->counters.open < server->limits.connections)
		resume_accept(server);
	else
		loop_timer_set(server->accept_timer, ACCEPT_PAUSE_US);
}

/* One address has all that it may have: a word to it, and nothing of it is kept. */
static void turn_away(struct http_server *server, int fd)
{
	static const char text[] = "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
	(void)!send(fd, text, sizeof text - 1, MSG_NOSIGNAL | MSG_DONTWAIT);
	close(fd);
	if (server->counters.crowded++ % 1000 == 0)
		log_warn("http.crowded", log_str("why", "one address has too many connections"), log_int("limit", server->limits.per_address));
}

static void let_in(struct http_server *server, int fd, const struct sockaddr_storage *from)
{
	struct http_address peer;
	struct peer *counted = NULL;
	address_from_socket(from, &peer);
	if (!address_is_in(&server->trusted, &peer) && !(counted = peers_take(server->peers, &peer, server->limits.per_address)))
		turn_away(server, fd);
	else
		conn_new(server, fd, &peer, counted);
}

static void on_accept(evutil_socket_t listen_fd, short what, void *arg)
{
	struct http_server *server = arg;
	(void)what;
	for (int i = 0; i < ACCEPT_AT_ONCE; i++) {
		struct sockaddr_storage from = {0};
		socklen_t length = sizeof from;
		if (server->counters.open >= server->limits.connections) {
			pause_accept(server, "the limit of connections is reached");
			return;
		}
		int fd = accept4(listen_fd, (struct sockaddr *)&from, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd >= 0)
			let_in(server, fd, &from);
		else if (errno == EAGAIN)
			return;
		else if (errno != ECONNABORTED && errno != EINTR) {
			pause_accept(server, strerror(errno));
			return;
		}
	}
}

void server_conn_closed(struct http_server *server)
{
	if (server->accept_paused && !server->draining && !server->freed && server->counters.open < server->limits.connections)
		resume_accept(server);
	if (server->draining && server->counters.open == 0)
		server_sweep_soon(server);
}

static void destroy(struct http_server *server)
{
	while (server->pool) {
		struct http_request *req = server->pool;
		server->pool = req->next;
		buf_fini(&req->body);
		arena_free(req->arena);
		free(req);
	}
	loop_timer_free(server->accept_timer);
	loop_timer_free(server->deadline_timer);
	address_ranges_fini(&server->trusted);
	peers_free(server->peers);
	buf_fini(&server->out);
	free(server);
}

static void sweep(void *arg)
{
	struct http_server *server = arg;
	server->sweep_due = false;
	while (server->lists[CONN_DEAD].first)
		conn_free(server->lists[CONN_DEAD].first);
	while (server->done) {
		struct http_request *req = server->done;
		server->done = req->next;
		request_release(req);
	}
	if (server->freed) {
		if (!server->counters.busy)
			destroy(server);
		return;
	}
	if (!server->draining || server->drain_told || server->counters.open || server->counters.busy)
		return;
	server->drain_told = true;
	if (server->drained)
		server->drained(server->drained_arg);
}

void server_sweep_soon(struct http_server *server)
{
	if (server->sweep_due)
		return;
	server->sweep_due = true;
	loop_later(server->loop, sweep, server);
}

struct http_server *http_server_new(struct loop *loop, const struct http_options *options, struct error *error)
{
	struct address_ranges trusted;
	if (address_ranges_parse(options->trusted_proxies, &trusted, error) < 0)
		return NULL;
	struct http_server *server = mem_alloc(sizeof *server);
	server->loop = loop;
	server->limits = filled(options->limits);
	server->trusted = trusted;
	server->peers = peers_new();
	server->handler = options->handler;
	server->begin = options->begin;
	server->late = options->late;
	server->arg = options->arg;
	server->listen_fd = options->listen_fd;
	server->armed = MOMENT_NEVER;
	server->date_at = -1;
	server->deadline_timer = loop_timer_new(loop, deadline_ring, server);
	server->accept_timer = loop_timer_new(loop, on_accept_timer, server);
	server->accept_event = event_new(loop_base(loop), server->listen_fd, EV_READ | EV_PERSIST, on_accept, server);
	if (!server->accept_event || event_add(server->accept_event, NULL) < 0)
		abort();
	return server;
}

static void stop_listening(struct http_server *server)
{
	if (server->listen_fd < 0)
		return;
	loop_timer_stop(server->accept_timer);
	event_free(server->accept_event);
	close(server->listen_fd);
	server->accept_event = NULL;
	server->listen_fd = -1;
	server->accept_paused = false;
}

/* Nothing is cut off that may have a request on its way: an idle connection has a moment more, and what it still asks is answered
 * with Connection: close. */
static void end_idle(struct http_server *server)
{
	struct conn_list *idle = &server->lists[CONN_IDLE];
	mono_t limit = mono_now() + SERVER_DRAIN_IDLE_US + SERVER_DRAIN_IDLE_US / 10;
	while (idle->last && idle->last->deadline > limit)
		deadline_hurry(idle->last, SERVER_DRAIN_IDLE_US);
}

void http_drain(struct http_server *server, loop_fn *done, void *arg)
{
	server->draining = true;
	server->drained = done;
	server->drained_arg = arg;
	stop_listening(server);
	end_idle(server);
	server_sweep_soon(server);
}

void http_server_free(struct http_server *server)
{
	if (!server || server->freed)
		return;
	server->freed = true;
	stop_listening(server);
	loop_timer_stop(server->deadline_timer);
	for (int state = 0; state < CONN_DEAD; state++)
		while (server->lists[state].first)
			conn_close(server->lists[state].first);
	server_sweep_soon(server);
}

const struct http_counters *http_counters(const struct http_server *server)
{
	return &server->counters;
}
