/* Requests: their pool, their ends, pause and resume, and who the client is.
 *
 * A request ends in one of two ways: it is replied to (request_finish), or, before the handler had it, its body breaks off
 * (request_detach calls plan.aborted). Either way it is released when the caller's function that is on the stack with it has
 * returned, else by the sweep. */
#include "http/server.h"

#include "base/mem.h"

#include <stdlib.h>

struct http_request *request_new(struct conn *conn)
{
	struct http_server *server = conn->server;
	struct http_request *req = server->pool;
	if (req) {
		server->pool = req->next;
		server->pooled--;
	} else {
		req = mem_alloc(sizeof *req);
		req->arena = arena_new();
	}
	req->server = server;
	req->conn = conn;
	req->next = NULL;
	req->state = REQUEST_READING;
	req->head.count = 0;
	req->target = (struct target){0};
	req->plan = (struct http_plan){0};
	req->left = 0;
	req->paused_at = 0;
	req->client_known = req->is_https = req->calling = req->gone = false;
	req->client = conn->peer;
	req->on_gone = NULL;
	req->data = NULL;
	conn->req = req;
	return req;
}

void request_release(struct http_request *req)
{
	struct http_server *server = req->server;
	server->held -= req->body.n;
	if (req->body.room > SERVER_BODY_KEPT)
		buf_fini(&req->body);
	buf_clear(&req->body);
	if (server->pooled >= SERVER_POOL || server->freed) {
		buf_fini(&req->body);
		arena_free(req->arena);
		free(req);
		return;
	}
	arena_reset(req->arena);
	req->next = server->pool;
	server->pool = req;
	server->pooled++;
}

void request_enter(struct http_request *req)
{
	req->calling = true;
}

bool request_leave(struct http_request *req)
{
	req->calling = false;
	if (req->state != REQUEST_REPLIED)
		return false;
	request_release(req);
	return true;
}

void request_finish(struct http_request *req)
{
	struct http_server *server = req->server;
	if (req->state == REQUEST_HANDLING)
		server->counters.busy--;
	req->state = REQUEST_REPLIED;
	if (req->conn)
		req->conn->req = NULL;
	req->conn = NULL;
	if (server->freed || (server->draining && !server->counters.busy))
		server_sweep_soon(server);
	if (req->calling)
		return;
	req->next = server->done;
	server->done = req;
	server_sweep_soon(server);
}

void request_gone(struct http_request *req)
{
	http_gone_fn *fn = req->on_gone;
	if (req->gone)
		return;
	req->gone = true;
	req->on_gone = NULL;
	req->server->counters.gone++;
	if (fn)
		fn(req, req->gone_arg);
}

void request_detach(struct http_request *req)
{
	req->conn = NULL;
	if (req->state == REQUEST_HANDLING) {
		request_gone(req);
		return;
	}
	http_gone_fn *aborted = req->plan.aborted;
	req->plan.aborted = NULL;
	req->gone = true;
	if (aborted)
		aborted(req, req->plan.arg);
	if (req->state == REQUEST_READING)
		request_finish(req);
}

bool http_is_gone(const struct http_request *req)
{
	return req->gone;
}

void http_on_gone(struct http_request *req, http_gone_fn *fn, void *arg)
{
	req->on_gone = fn;
	req->gone_arg = arg;
}

bool http_waits_for_word(const struct http_request *req)
{
	return req->head.expects_continue;
}

void http_answer_within(struct http_request *req, int64_t us)
{
	struct conn *conn = req->conn;
	if (conn && (conn->state == CONN_HANDLING || (conn->state == CONN_BODY && req->paused_at)))
		deadline_hurry(conn, us);
}

void http_pause(struct http_request *req)
{
	struct conn *conn = req->conn;
	if (!conn || req->state != REQUEST_READING || req->paused_at)
		return;
	req->paused_at = mono_now();
	req->paused_left = conn->deadline > req->paused_at ? conn->deadline - req->paused_at : 0;
	conn_watch(conn, 0);
	conn_move(conn, CONN_BODY, req->server->limits.handle_us);
}

void http_resume(struct http_request *req)
{
	struct conn *conn = req->conn;
	if (!conn || req->state != REQUEST_READING || !req->paused_at)
		return;
	req->paused_at = 0;
	conn_move(conn, CONN_BODY, req->paused_left);
	conn_watch(conn, EV_READ);
	if (req->calling)
		return; /* the one who called goes on by itself */
	conn_again(conn);
	if (!(conn->io && conn->io->in.n) && !req->body.n)
		conn_continue_100(conn);
}

/* The right-most address that is not a trusted proxy; header fields of one name are one list (RFC 9110 5.3). */
static void follow_proxies(struct http_request *req)
{
	struct http_address next;
	for (unsigned i = req->head.count; i-- > 0;) {
		if (!str_same_nocase(req->head.fields[i].name, STR("x-forwarded-for")))
			continue;
		struct str list = req->head.fields[i].value;
		while (list.p) {
			if (!address_last_forwarded(&list, &next))
				return; /* what stands further left was written by nobody we trust */
			req->client = next;
			if (!address_is_in(&req->server->trusted, &next))
				return;
		}
	}
}

static void find_client(struct http_request *req)
{
	struct str proto = {0};
	unsigned protos = 0;
	if (req->client_known)
		return;
	req->client_known = true;
	if (address_is_in(&req->server->trusted, &req->client)) {
		for (unsigned i = 0; i < req->head.count; i++) {
			if (str_same_nocase(req->head.fields[i].name, STR("x-forwarded-proto"))) {
				proto = req->head.fields[i].value;
				protos++;
			}
		}
		req->is_https = protos == 1 && str_same_nocase(proto, STR("https"));
		follow_proxies(req);
	}
	address_text(&req->client, req->client_text);
}

const struct http_address *http_client(struct http_request *req)
{
	find_client(req);
	return &req->client;
}

const char *http_client_text(struct http_request *req)
{
	find_client(req);
	return req->client_text;
}

bool http_is_https(struct http_request *req)
{
	find_client(req);
	return req->is_https;
}
