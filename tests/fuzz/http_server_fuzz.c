/* The whole server over a socket pair: bytes in pieces, handlers that answer now, later or never, streams that pause, a peer
 * that leaves. The first byte chooses. It must neither crash, leak, hang, nor keep a connection or a request. */
#include "base/mem.h"
#include "http/server.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static struct loop *loop;
static struct http_request *waiting;
static unsigned mode;

static void answer(struct http_request *req)
{
	struct http_params form;
	struct error error = {0};
	(void)http_client_text(req);
	(void)http_is_https(req);
	if (http_form(req, &form, &error) < 0)
		http_reply_problem(req, 0, &error);
	else
		http_reply_html(req, 200, NULL, http_body(req));
}

static void on_request(struct http_request *req, void *arg)
{
	(void)arg;
	if (mode & 1 && !waiting)
		waiting = req;
	else
		answer(req);
}

static void on_chunk(struct http_request *req, struct str data, void *arg)
{
	(void)arg;
	if (mode & 2 && data.n && data.p[0] == '!')
		http_reply(req, 422, NULL, STR("no"));
	else if (mode & 4)
		http_pause(req);
}

static void on_aborted(struct http_request *req, void *arg)
{
	(void)req;
	*(struct http_request **)arg = NULL;
}

static struct http_request *streaming;

static void on_begin(struct http_request *req, struct http_plan *plan, void *arg)
{
	(void)arg;
	if (mode & 8)
		return;
	if (http_path(req).n == 2) {
		http_reply(req, 401, NULL, STR("no"));
		return;
	}
	streaming = req;
	plan->chunk = on_chunk;
	plan->aborted = on_aborted;
	plan->arg = &streaming;
	if (mode & 16)
		http_pause(req);
}

static void turn(void)
{
	event_base_loop(loop_base(loop), EVLOOP_NONBLOCK);
	if (streaming && streaming->state != REQUEST_READING)
		streaming = NULL;
	if (streaming)
		http_resume(streaming);
	event_base_loop(loop_base(loop), EVLOOP_NONBLOCK);
	if (streaming && streaming->state != REQUEST_READING)
		streaming = NULL;
}

static void answer_waiting(void)
{
	struct http_request *req = waiting;
	waiting = NULL;
	if (req)
		answer(req);
}

static void drain_replies(int fd)
{
	char bytes[4096];
	while (recv(fd, bytes, sizeof bytes, MSG_DONTWAIT) > 0)
		;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const struct http_address from = {.is_unix = true};
	int pair[2];
	if (n < 2 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair) < 0)
		return 0;
	loop = loop_new();
	waiting = streaming = NULL;
	mode = data[0];
	size_t step = data[1] ? data[1] : n;
	struct http_options options = {.listen_fd = http_listen("127.0.0.1:0", NULL), .handler = on_request, .begin = on_begin};
	struct http_server *server = http_server_new(loop, &options, NULL);
	if (!server)
		abort();
	conn_new(server, pair[0], &from, NULL);
	for (size_t at = 2; at < n; at += step) {
		if (send(pair[1], data + at, n - at < step ? n - at : step, MSG_NOSIGNAL) < 0)
			break;
		turn();
		if (mode & 32)
			answer_waiting();
		drain_replies(pair[1]);
	}
	if (mode & 64)
		shutdown(pair[1], SHUT_WR);
	else
		close(pair[1]);
	for (int i = 0; i < 100 && (server->counters.open || server->counters.busy); i++) {
		turn();
		answer_waiting();
		if (mode & 64)
			drain_replies(pair[1]);
	}
	if (server->counters.busy || (server->counters.open && !server->lists[CONN_WRITING].first))
		abort();
	http_server_free(server);
	loop_free(loop);
	if (mode & 64)
		close(pair[1]);
	return 0;
}
