/* /v1/channels/{channel}/…: a request of a plugin's route goes to the process of this machine that holds the channel, and its reply comes back; one connection
 * a request (base/door.h, base/frame.h; the other end is delivery's door.c). Who may ask was decided before.
 *
 *   knocking ─(somebody is there)─► asked ─(reply)─► answered
 *      │  ▲ 50 ms: the process starts anew        ├─(it ends)─► 503
 *      └──┴─(fifteen)─► 503                       └─(ten seconds)─► 503, and the late reply finds nobody
 *
 * It knocks for longer than an answer may take: who gives the channel to the next process ends what was asked of it first, and lets nobody in meanwhile.
 * Nothing is asked twice: what was handed over may have been done. */
#include "base/door.h"
#include "base/frame.h"
#include "base/log.h"
#include "base/mem.h"
#include "web/context.h"
#include "web/flood.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <stdlib.h>

/* Of routes that need no token. Wide: a provider that tells of bounces is few addresses and says much. */
static const struct flood_limit address_limit = {"channel address", 600, INT64_C(20000)}, network_limit = {"channel network", 3000, INT64_C(5000)};
static const int64_t answer_us = 10 * MOMENT_SECOND, knock_us = 15 * MOMENT_SECOND, again_us = MOMENT_SECOND / 20;

struct passing {
	struct web_request *req;
	const struct web_channel_route *row;
	struct bufferevent *stream; /* NULL while it knocks */
	struct loop_timer *timer;   /* the next knock, or the end */
	mono_t begun;
};

static void passing_free(struct passing *passing)
{
	http_on_gone(passing->req->http, NULL, NULL);
	if (passing->stream)
		bufferevent_free(passing->stream);
	loop_timer_free(passing->timer);
	free(passing);
}

static void refuse(struct passing *passing, enum error_code code, const char *why)
{
	struct web_request *req = passing->req;
	const char *channel = passing->row->channel;
	passing_free(passing);
	web_refuse(req, code, NULL, "channel \"%s\": %s", channel, why);
}

/* ---- the reply ---- */

static const struct {
	const char *word, *says;
	enum error_code code;
} refusals[] = {
	{"elsewhere", "another node holds it now: ask there, or again.", ERROR_UNAVAILABLE},
	{"crowded", "too many requests wait for its plugin. Try again.", ERROR_UNAVAILABLE},
	{"closed", "its plugin ended before it answered. It may have been done.", ERROR_UNAVAILABLE},
	{"unknown", "its plugin has no such route any more: reload the server's configuration.", ERROR_NOT_FOUND},
};

static void refuse_by_word(struct passing *passing, const char *word)
{
	for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++)
		if (strcmp(refusals[i].word, word) == 0) {
			refuse(passing, refusals[i].code, refusals[i].says);
			return;
		}
	refuse(passing, ERROR_UNAVAILABLE, "its plugin was not asked.");
}

/* Those of the plugin's, then ours where it says nothing. */
static const struct http_header *headers_of(const struct web_request *req, const json_t *head, const char *type, bool html)
{
	const json_t *said = json_object_get(head, "headers"), *pair = NULL;
	size_t i = 0, n = 0;
	bool cache = false, referrer = false;
	struct http_header *headers = arena_array(http_arena(req->http), json_array_size(said) + 4, sizeof *headers);
	headers[n++] = (struct http_header){"Content-Type", str_of(arena_dup(http_arena(req->http), type))};
	json_array_foreach (said, i, pair) {
		const char *name = json_string_value(json_array_get(pair, 0)), *value = json_string_value(json_array_get(pair, 1));
		headers[n++] = (struct http_header){arena_dup(http_arena(req->http), name), str_of(arena_dup(http_arena(req->http), value))};
		cache |= str_same_nocase(str_of(name), STR("Cache-Control"));
		referrer |= str_same_nocase(str_of(name), STR("Referrer-Policy"));
	}
	if (!cache && !html)
		headers[n++] = (struct http_header){"Cache-Control", STR("no-store")};
	if (html && req->role && !referrer) /* or its forms would not be known as ours (session.c) */
		headers[n++] = (struct http_header){"Referrer-Policy", STR("same-origin")};
	return headers;
}

static void answer(struct passing *passing, struct frame *frame)
{
	struct web_request *req = passing->req;
	const char *refused = json_string_value(json_object_get(frame->head, "refused"));
	const char *type = json_string_value(json_object_get(frame->head, "type"));
	int status = (int)json_integer_value(json_object_get(frame->head, "status"));
	if (refused) {
		refuse_by_word(passing, refused);
		return;
	}
	passing_free(passing);
	bool html = type && str_starts(str_of(type), STR("text/html"));
	const struct http_header *headers = headers_of(req, frame->head, type ? type : "application/json", html);
	if (html) {
		http_reply_html(req->http, status, headers, (struct str){frame->body, frame->length});
		return;
	}
	http_reply_take(req->http, status, headers, frame->body, frame->length);
	frame->body = NULL;
}

static void on_readable(struct bufferevent *stream, void *arg)
{
	struct passing *passing = arg;
	struct frame frame = {0};
	int got = frame_take(bufferevent_get_input(stream), &frame);
	if (got < 0)
		refuse(passing, ERROR_UNAVAILABLE, "its process answered what cannot be understood.");
	else if (got)
		answer(passing, &frame);
	frame_fini(&frame);
}

static void on_end(struct bufferevent *stream, short what, void *arg)
{
	(void)stream, (void)what;
	refuse(arg, ERROR_UNAVAILABLE, "its process ended before it answered. It may have been done.");
}

/* ---- the request ---- */

static void put_pair(json_t *list, const char *name, struct str value)
{
	json_t *pair = json_pack("[s, s%]", name, value.n ? value.p : "", value.n); /* what is no UTF-8 is left out */
	if (pair)
		json_array_append_new(list, pair);
}

static json_t *parameters_of(const struct web_request *req, const char *pattern)
{
	json_t *list = json_array();
	struct str rest = str_of(pattern);
	for (size_t n = 0; rest.p;) {
		struct str part = str_cut(&rest, '/');
		if (part.n && part.p[0] == ':')
			put_pair(list, arena_dup_n(http_arena(req->http), part.p + 1, part.n - 1), req->args[n++]);
	}
	return list;
}

static json_t *query_of(const struct web_request *req)
{
	json_t *list = json_array();
	const struct http_params *query = http_query(req->http);
	for (size_t i = 0; i < query->count; i++)
		put_pair(list, arena_dup_n(http_arena(req->http), query->items[i].name.p, query->items[i].name.n), query->items[i].value);
	return list;
}

static json_t *wanted_headers(const struct web_request *req, const json_t *names)
{
	json_t *list = json_array(), *name = NULL;
	size_t i = 0;
	json_array_foreach (names, i, name) {
		struct str value = http_header(req->http, json_string_value(name));
		if (value.p && str_is_text(value))
			put_pair(list, json_string_value(name), value);
	}
	return list;
}

static json_t *head_of(const struct web_request *req, const struct web_channel_route *row)
{
	struct str path = http_path(req->http), type = http_content_type(req->http);
	return json_pack("{s:s, s:s, s:s%, s:o, s:o, s:o, s:s%, s:s, s:I, s:s, s:s, s:o, s:s, s:b, s:s}", "method", http_method_name(row->route.method), "route", row->path,
			 "path", path.p, path.n, "parameters", parameters_of(req, row->path), "query", query_of(req), "headers", wanted_headers(req, row->headers),
			 "type", type.n ? type.p : "", type.n, "asker", req->asker ? req->asker : "", "asker_id", (json_int_t)req->asker_id, "asker_name",
			 req->asker_name ? req->asker_name : "", "role", req->role ? req->role : "", "scopes", web_scopes(req), "remote",
			 http_client_text(req->http), "https", http_is_https(req->http), "csrf", req->csrf ? req->csrf : "");
}

static void ask(struct passing *passing, int fd)
{
	struct web_request *req = passing->req;
	passing->stream = bufferevent_socket_new(loop_base(http_loop(req->http)), fd, BEV_OPT_CLOSE_ON_FREE);
	if (!passing->stream)
		abort();
	if (frame_put(bufferevent_get_output(passing->stream), head_of(req, passing->row), http_body(req->http))) {
		refuse(passing, ERROR_LIMIT, "the request is too long to be passed on.");
		return;
	}
	bufferevent_setcb(passing->stream, on_readable, NULL, on_end, passing);
	bufferevent_enable(passing->stream, EV_READ | EV_WRITE);
	loop_timer_set(passing->timer, answer_us);
}

static void knock(struct passing *passing)
{
	int fd = door_knock(passing->req->web->worker->config->data_dir, passing->row->channel);
	if (fd >= 0)
		ask(passing, fd);
	else if (errno == ENOENT)
		refuse(passing, ERROR_UNAVAILABLE, "this node does not hold it now: ask the one that does, or again.");
	else if ((errno == ECONNREFUSED || errno == EAGAIN) && mono_now() - passing->begun < knock_us)
		loop_timer_set(passing->timer, again_us);
	else
		refuse(passing, ERROR_UNAVAILABLE, "its process does not run now. Try again.");
}

static void on_timer(void *arg)
{
	struct passing *passing = arg;
	if (!passing->stream) {
		knock(passing);
		return;
	}
	log_warn("channel.route.late", log_str("channel", passing->row->channel), log_str("route", passing->row->path));
	refuse(passing, ERROR_UNAVAILABLE, "its plugin did not answer within ten seconds. It may still be done.");
}

/* The reply that must still be made is of no use to anybody. */
static void on_gone(struct http_request *http, void *arg)
{
	struct passing *passing = arg;
	(void)http;
	refuse(passing, ERROR_UNAVAILABLE, "the client has left.");
}

/* What is passed on costs the process that sends. */
static bool is_flood(const struct web_request *req)
{
	char network[16];
	mono_t now = mono_now();
	return req->route->scope == SCOPE_PUBLIC && (!flood_take(req->web->flood, &address_limit, str_of(http_client_text(req->http)), now) ||
						     !flood_take(req->web->flood, &network_limit, flood_network(http_client(req->http), network), now));
}

static void refuse_flood(struct web_request *req)
{
	static const struct http_header headers[] = {{"Retry-After", STR("10")}, {"Cache-Control", STR("no-store")}, {0}};
	http_reply_json(req->http, 429, headers, json_pack("{s:s, s:i}", "title", "too many requests from there", "status", 429));
}

void web_channel_pass(struct web_request *req)
{
	if (is_flood(req)) {
		refuse_flood(req);
		return;
	}
	struct passing *passing = mem_alloc(sizeof *passing);
	*passing = (struct passing){.req = req, .row = (const struct web_channel_route *)(const void *)req->route, .begun = mono_now()};
	passing->timer = loop_timer_new(http_loop(req->http), on_timer, passing);
	http_on_gone(req->http, on_gone, passing);
	http_answer_within(req->http, knock_us + answer_us + MOMENT_SECOND); /* more than others have: route.c */
	knock(passing);
}
