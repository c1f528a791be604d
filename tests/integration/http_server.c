/* A server made of the http room alone, for the raw-socket tests: each path shows one behaviour. Arguments are `name=value`:
 * listen, proxy, and the limits of struct http_limits by their names. Prints `port N` when it listens, and `end` when drained. */
#include "base/log.h"
#include "base/mem.h"
#include "http/http.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>

struct upload {
	struct http_request *req;
	struct loop_timer *timer;
	uint64_t bytes, chunks;
	bool slow;
};

static struct loop *loop;
static struct http_server *server;
static struct http_request *held;
static uint64_t handled, aborted, gone, begun;

static json_t *text(struct str s)
{
	return json_stringn_nocheck(s.p ? s.p : "", s.n);
}

static void show_echo(struct http_request *req)
{
	json_t *out = json_pack("{s:s, s:o, s:[], s:{}, s:{}, s:I, s:s, s:b}", "method", http_method_name(http_method(req)), "path",
				text(http_path(req)), "segments", "query", "headers", "body", (json_int_t)http_body(req).n, "client",
				http_client_text(req), "https", (int)http_is_https(req));
	for (size_t i = 0; i < http_segments(req); i++)
		json_array_append_new(json_object_get(out, "segments"), text(http_segment(req, i)));
	for (size_t i = 0; i < http_query(req)->count; i++) {
		const struct http_param *p = &http_query(req)->items[i];
		json_object_setn_new_nocheck(json_object_get(out, "query"), p->name.p, p->name.n, text(p->value));
	}
	for (size_t i = 0; i < http_headers(req); i++) {
		struct str name, value;
		http_header_at(req, i, &name, &value);
		json_object_setn_new_nocheck(json_object_get(out, "headers"), name.p, name.n, text(value));
	}
	http_reply_json(req, 200, NULL, out);
}

static void show_stats(struct http_request *req)
{
	const struct http_counters *c = http_counters(server);
	struct rusage usage;
	getrusage(RUSAGE_SELF, &usage);
	double cpu = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
		     (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
	const struct {
		const char *name;
		uint64_t n;
	} numbers[] = {{"handled", handled}, {"open", c->open}, {"busy", c->busy}, {"refused", c->refused}, {"gone", gone},
		       {"aborted", aborted}, {"begun", begun}, {"accept_pauses", c->accept_pauses}, {"timeouts_head", c->timeouts_head},
		       {"timeouts_body", c->timeouts_body}, {"timeouts_handle", c->timeouts_handle}, {"timeouts_write", c->timeouts_write},
		       {"timeouts_idle", c->timeouts_idle}, {"crowded", c->crowded}, {"replies_4xx", c->replies[4]}};
	json_t *out = json_pack("{s:f}", "cpu", cpu);
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		json_object_set_new(out, numbers[i].name, json_integer((json_int_t)numbers[i].n));
	http_reply_json(req, 200, NULL, out);
}

static void show_big(struct http_request *req)
{
	int64_t n = 1 << 20;
	(void)str_to_int(http_param(http_query(req), "n"), &n);
	char *body = mem_alloc((size_t)n + 1);
	memset(body, 'x', (size_t)n);
	http_reply_take(req, 200, NULL, body, (size_t)n);
}

static void show_form(struct http_request *req)
{
	struct http_params form;
	struct error error = {0};
	if (http_form(req, &form, &error) < 0) {
		http_reply_problem(req, 0, &error);
		return;
	}
	json_t *out = json_object();
	for (size_t i = 0; i < form.count; i++)
		json_object_setn_new_nocheck(out, form.items[i].name.p, form.items[i].name.n, text(form.items[i].value));
	http_reply_json(req, 200, NULL, out);
}

static void reply_later(void *arg)
{
	struct http_request *req = arg;
	loop_timer_free(http_data(req));
	http_reply(req, 200, NULL, STR("later\n"));
}

static void show_later(struct http_request *req)
{
	struct loop_timer *timer = loop_timer_new(loop, reply_later, req);
	http_set_data(req, timer);
	loop_timer_set(timer, 50000);
}

static void on_held_gone(struct http_request *req, void *arg)
{
	(void)req, (void)arg;
	gone++;
}

static void show_hold(struct http_request *req)
{
	if (held)
		http_reply(held, 409, NULL, STR("another one is held\n"));
	held = req;
	http_on_gone(req, on_held_gone, NULL);
}

static void show_release(struct http_request *req)
{
	bool there = held && !http_is_gone(held);
	if (held)
		http_reply(held, 200, NULL, STR("released\n"));
	held = NULL;
	http_reply(req, 200, NULL, there ? STR("there\n") : STR("gone\n"));
}

static void show_problem(struct http_request *req)
{
	struct error error = {0};
	(void)error_set(&error, ERROR_INVALID, "email<", "\"%s\" is no address", "x\r\ny");
	http_reply_problem(req, 422, &error);
}

static void show_html(struct http_request *req)
{
	http_reply_html(req, 200, NULL, STR("<p>hello</p>"));
}

static void show_redirect(struct http_request *req)
{
	http_reply_redirect(req, 303, http_param(http_query(req), "to"));
}

static void show_unsound(struct http_request *req)
{
	const struct http_header headers[] = {{"X-Value", http_param(http_query(req), "v")}, {0}};
	http_reply(req, 200, headers, STR("ok\n"));
}

static void show_empty(struct http_request *req)
{
	http_reply(req, 204, NULL, STR("never sent"));
}

static void show_upload(struct http_request *req)
{
	struct upload *upload = http_data(req);
	if (!upload) {
		http_reply(req, 411, NULL, STR("nothing came\n"));
		return;
	}
	json_t *out = json_pack("{s:I,s:I}", "bytes", (json_int_t)upload->bytes, "chunks", (json_int_t)upload->chunks);
	loop_timer_free(upload->timer);
	free(upload);
	http_reply_json(req, 200, NULL, out);
}

static void on_end(void *arg)
{
	(void)arg;
	printf("end\n");
	fflush(stdout);
	http_server_free(server);
	loop_stop(loop);
}

static void show_drain(struct http_request *req)
{
	http_drain(server, on_end, NULL);
	http_reply(req, 200, NULL, STR("draining\n"));
}

static const struct route {
	const char *name;
	void (*show)(struct http_request *req);
} routes[] = {
	{"echo", show_echo}, {"stats", show_stats}, {"big", show_big}, {"form", show_form}, {"later", show_later}, {"hold", show_hold},
	{"release", show_release}, {"problem", show_problem}, {"html", show_html}, {"redirect", show_redirect}, {"unsound", show_unsound},
	{"empty", show_empty}, {"upload", show_upload}, {"slow-upload", show_upload}, {"drain", show_drain}, {"raised", show_echo},
	{"asked", show_echo},
};

static void on_request(struct http_request *req, void *arg)
{
	(void)arg;
	struct str name = http_segment(req, 0);
	if (!str_is(name, "stats"))
		handled++;
	if (str_is(name, "get-only") && http_method(req) != HTTP_GET) {
		http_reply_allow(req, "GET");
		return;
	}
	for (size_t i = 0; i < sizeof routes / sizeof *routes; i++) {
		if (str_is(name, routes[i].name)) {
			routes[i].show(req);
			return;
		}
	}
	http_reply(req, 200, (const struct http_header[]){{"Content-Type", STR("text/plain")}, {0}}, STR("hello\n"));
}

static void resume(void *arg)
{
	struct upload *upload = arg;
	http_resume(upload->req);
}

static void on_chunk(struct http_request *req, struct str data, void *arg)
{
	struct upload *upload = arg;
	upload->bytes += data.n;
	upload->chunks++;
	if (memmem(data.p, data.n, "STOP", 4)) {
		loop_timer_free(upload->timer);
		free(upload);
		http_reply(req, 422, NULL, STR("stopped\n"));
	} else if (upload->slow) {
		http_pause(req);
		loop_timer_set(upload->timer, 1000);
	}
}

static void on_upload_aborted(struct http_request *req, void *arg)
{
	struct upload *upload = arg;
	(void)req;
	aborted++;
	loop_timer_free(upload->timer);
	free(upload);
}

static void on_asked_aborted(struct http_request *req, void *arg)
{
	(void)arg;
	aborted++;
	loop_timer_free(http_data(req)); /* NULL once it has rung */
}

static void let_in(void *arg)
{
	struct http_request *req = arg;
	loop_timer_free(http_data(req));
	http_set_data(req, NULL);
	if (str_is(http_segment(req, 1), "no"))
		http_reply(req, 401, NULL, STR("no\n"));
	else
		http_resume(req);
}

static void on_begin(struct http_request *req, struct http_plan *plan, void *arg)
{
	struct str name = http_segment(req, 0);
	(void)arg;
	begun++;
	if (str_is(name, "early")) {
		http_reply(req, 401, NULL, STR("no\n"));
	} else if (str_is(name, "raised")) {
		plan->limit = 64 << 20;
	} else if (str_is(name, "asked")) {
		struct loop_timer *timer = loop_timer_new(loop, let_in, req);
		http_set_data(req, timer);
		loop_timer_set(timer, 30000);
		plan->aborted = on_asked_aborted;
		http_pause(req);
	} else if (str_is(name, "upload") || str_is(name, "slow-upload")) {
		struct upload *upload = mem_alloc(sizeof *upload);
		*upload = (struct upload){.req = req, .slow = name.n > 6, .timer = loop_timer_new(loop, resume, upload)};
		http_set_data(req, upload);
		*plan = (struct http_plan){.limit = 1 << 30, .deadline_us = plan->deadline_us, .chunk = on_chunk, .aborted = on_upload_aborted, .arg = upload};
	}
}

static void set_limit(struct http_limits *limits, struct str name, int64_t n)
{
	const struct {
		const char *name;
		int64_t *us;
	} times[] = {{"head_us", &limits->head_us}, {"body_us", &limits->body_us}, {"handle_us", &limits->handle_us},
		     {"write_us", &limits->write_us}, {"idle_us", &limits->idle_us}};
	for (size_t i = 0; i < sizeof times / sizeof *times; i++)
		if (str_is(name, times[i].name))
			*times[i].us = n;
	if (str_is(name, "connections"))
		limits->connections = (unsigned)n;
	if (str_is(name, "per_address"))
		limits->per_address = (unsigned)n;
	if (str_is(name, "bodies"))
		limits->bodies = (size_t)n;
	if (str_is(name, "body"))
		limits->body = (size_t)n;
}

static void say_port(int fd)
{
	struct sockaddr_storage name = {0};
	socklen_t length = sizeof name;
	getsockname(fd, (struct sockaddr *)&name, &length);
	printf("port %d\n", name.ss_family == AF_UNIX ? 0 : ntohs(((struct sockaddr_in *)&name)->sin_port));
	fflush(stdout);
}

int main(int argc, char **argv)
{
	const char *address = "127.0.0.1:0", *proxies[] = {NULL, NULL};
	struct http_limits limits = {.per_address = 1 << 20}; /* all of a test's connections come from one address */
	struct error error = {0};
	for (int i = 1; i < argc; i++) {
		struct str value = str_of(argv[i]), name = str_cut(&value, '=');
		int64_t n = 0;
		if (str_is(name, "listen"))
			address = value.p;
		else if (str_is(name, "proxy"))
			proxies[0] = value.p;
		else if (value.p && str_to_int(value, &n))
			set_limit(&limits, name, n);
	}
	signal(SIGPIPE, SIG_IGN);
	loop = loop_new();
	int fd = http_listen(address, &error);
	if (fd >= 0)
		server = http_server_new(loop, &(struct http_options){.listen_fd = fd, .limits = limits, .trusted_proxies = proxies,
								      .handler = on_request, .begin = on_begin}, &error);
	if (!server) {
		fprintf(stderr, "%s: %s\n", error.where, error.message);
		return 1;
	}
	say_port(fd);
	loop_run(loop);
	loop_free(loop);
	return 0;
}
