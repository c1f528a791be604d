/* The way in for requests of the plugin's routes: web knocks at the channel's door (base/door.h), a connection a request; here they are read, handed to
 * the plugin, and answered.
 *
 *   knocked ─► read ─► in the plugin's hands ─► replied ─► written ─► over
 *     any of them: web has left, or died: the plugin's reply finds nothing
 *
 * Opened with the plugin and closed with it: who drains serves until it has ended everything else. Who lost the channel to another node does not: it says so.
 * Nothing of a request reaches the log but its route. */
#include "base/door.h"
#include "base/frame.h"
#include "base/log.h"
#include "base/mem.h"
#include "channel/routes.h"
#include "delivery/parts.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/listener.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { VISITS_MOST = 2000 };

struct visit {
	LIST_ENTRY(visit) entry;
	struct door *door;
	struct bufferevent *stream;
	struct arena *arena;          /* what the plugin is shown; dies when its function has returned */
	struct nurture_handle handle;
	bool asked, handed, replied;  /* the request came; it is in the plugin's hands; the reply is on its way */
};

struct door {
	struct delivery *delivery;
	struct evconnlistener *listener;
	LIST_HEAD(, visit) visits;
	size_t count;
};

static void visit_free(struct visit *visit)
{
	struct door *door = visit->door;
	if (visit->handed)
		channel_request_gone(door->delivery->channel, visit->handle);
	LIST_REMOVE(visit, entry);
	door->count--;
	bufferevent_free(visit->stream);
	arena_free(visit->arena);
	free(visit);
	if (door->delivery->state == DELIVERY_DRAINS)
		delivery_pump(door->delivery); /* it may wait for this */
}

/* ---- the reply ---- */

static json_t *headers_of(const struct nurture_reply *reply)
{
	json_t *headers = json_array();
	for (size_t i = 0; i < reply->header_count; i++)
		json_array_append_new(headers, json_pack("[s, s]", reply->headers[i].name, reply->headers[i].value));
	return headers;
}

static void say(struct visit *visit, json_t *head, struct str body)
{
	visit->replied = true;
	bufferevent_disable(visit->stream, EV_READ); /* nothing more is wanted from there; its end shows when we write */
	if (frame_put(bufferevent_get_output(visit->stream), head, body))
		abort(); /* all of it was checked */
}

/* `why`: one of the words that web knows. Nothing reached the plugin. */
static void refuse(struct visit *visit, const char *why)
{
	say(visit, json_pack("{s:s}", "refused", why), STR(""));
}

void door_replied(void *arg, void *cookie, const struct nurture_reply *reply)
{
	struct visit *visit = cookie;
	(void)arg;
	visit->handed = false;
	if (!reply) {
		refuse(visit, "closed");
		return;
	}
	say(visit, json_pack("{s:i, s:s?, s:o}", "status", reply->status, "type", reply->content_type, "headers", headers_of(reply)),
	    (struct str){reply->body_length ? reply->body : "", reply->body_length});
}

/* ---- the request ---- */

static const char *text_of(const json_t *head, const char *key)
{
	const char *text = json_string_value(json_object_get(head, key));
	return text ? text : "";
}

/* [["name", "value"], …], borrowed from head. */
static const struct nurture_pair *pairs_of(struct arena *arena, const json_t *head, const char *key, size_t *count)
{
	const json_t *list = json_object_get(head, key), *pair = NULL;
	size_t i = 0;
	struct nurture_pair *pairs = arena_array(arena, json_array_size(list) + 1, sizeof *pairs);
	*count = 0;
	json_array_foreach (list, i, pair) {
		const char *name = json_string_value(json_array_get(pair, 0)), *value = json_string_value(json_array_get(pair, 1));
		if (name && value)
			pairs[(*count)++] = (struct nurture_pair){name, value};
	}
	return pairs;
}

static const char *const *words_of(struct arena *arena, const json_t *list)
{
	const char **words = arena_array(arena, json_array_size(list) + 1, sizeof *words);
	for (size_t i = 0, n = 0; i < json_array_size(list); i++)
		if (json_is_string(json_array_get(list, i)))
			words[n++] = json_string_value(json_array_get(list, i));
	return words;
}

static void hand_over(struct visit *visit, const struct frame *frame, const struct nurture_route *route)
{
	struct delivery *d = visit->door->delivery;
	const json_t *head = frame->head;
	struct nurture_request request = {
		.route = route, .path = text_of(head, "path"), .content_type = text_of(head, "type"), .body = frame->body, .body_length = frame->length,
		.asker = text_of(head, "asker"), .asker_id = json_integer_value(json_object_get(head, "asker_id")), .asker_name = text_of(head, "asker_name"),
		.role = text_of(head, "role"), .scopes = words_of(visit->arena, json_object_get(head, "scopes")), .remote = text_of(head, "remote"),
		.https = json_is_true(json_object_get(head, "https")), .now = delivery_now(d), .csrf = text_of(head, "csrf")};
	request.parameters = pairs_of(visit->arena, head, "parameters", &request.parameter_count);
	request.query = pairs_of(visit->arena, head, "query", &request.query_count);
	request.headers = pairs_of(visit->arena, head, "headers", &request.header_count);
	worker_note(d->worker, "plugin %s answers %s %s", d->plugin->name, route->method, route->path);
	visit->handed = true;
	struct nurture_handle handle = channel_request(d->channel, &request, visit);
	visit->handle = handle; /* of no use when the reply has come inside */
	worker_note(d->worker, "%s", "");
}

static void ask(struct visit *visit, const struct frame *frame)
{
	struct delivery *d = visit->door->delivery;
	const struct nurture_route *route = channel_route_find(d->plugin, text_of(frame->head, "method"), text_of(frame->head, "route"));
	if (d->state == DELIVERY_WAITS || !d->channel)
		refuse(visit, "elsewhere");
	else if (visit->door->count > VISITS_MOST)
		refuse(visit, "crowded");
	else if (!route) /* the file was replaced since the configuration was read */
		refuse(visit, "unknown");
	else
		hand_over(visit, frame, route);
}

static void on_readable(struct bufferevent *stream, void *arg)
{
	struct visit *visit = arg;
	struct frame frame = {0};
	int got = visit->asked ? -1 : frame_take(bufferevent_get_input(stream), &frame);
	if (got < 0) {
		visit_free(visit);
		return;
	}
	if (!got)
		return;
	visit->asked = true;
	ask(visit, &frame);
	frame_fini(&frame);
	arena_reset(visit->arena);
}

static void on_written(struct bufferevent *stream, void *arg)
{
	struct visit *visit = arg;
	(void)stream;
	if (visit->replied)
		visit_free(visit);
}

static void on_end(struct bufferevent *stream, short what, void *arg)
{
	(void)stream, (void)what;
	visit_free(arg);
}

static void on_knock(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *from, int length, void *arg)
{
	struct door *door = arg;
	struct visit *visit = mem_alloc(sizeof *visit);
	(void)listener, (void)from, (void)length;
	*visit = (struct visit){.door = door, .arena = arena_new(), .stream = bufferevent_socket_new(loop_base(door->delivery->worker->loop), fd, BEV_OPT_CLOSE_ON_FREE)};
	if (!visit->stream)
		abort();
	LIST_INSERT_HEAD(&door->visits, visit, entry);
	door->count++;
	bufferevent_setcb(visit->stream, on_readable, on_written, on_end, visit);
	bufferevent_enable(visit->stream, EV_READ | EV_WRITE);
}

/* ---- its life ---- */

void door_begin(struct delivery *d)
{
	struct error error = {0};
	if (d->door || !d->worker->config->data_dir || !d->plugin->routes || !d->plugin->routes->count)
		return;
	int fd = door_open(d->worker->config->data_dir, d->name, d->worker->owner, &error);
	if (fd < 0) {
		log_error("channel.door", log_str("channel", d->name), log_str("message", error.message));
		return;
	}
	struct door *door = mem_alloc(sizeof *door);
	*door = (struct door){.delivery = d};
	LIST_INIT(&door->visits);
	door->listener = evconnlistener_new(loop_base(d->worker->loop), on_knock, door, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 0, fd);
	if (!door->listener)
		abort();
	d->door = door;
}

bool door_is_busy(struct delivery *d)
{
	return d->door && d->door->count;
}

/* Who has knocked already is let in: web would not ask again, as it cannot know that nobody read its request. */
static void let_in(struct door *door)
{
	for (int fd; (fd = accept4(evconnlistener_get_fd(door->listener), NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0 || errno == EINTR || errno == ECONNABORTED;)
		if (fd >= 0)
			on_knock(door->listener, fd, NULL, 0, door);
}

void door_shut(struct delivery *d)
{
	struct door *door = d->door;
	if (!door || !door->listener)
		return;
	shutdown(evconnlistener_get_fd(door->listener), SHUT_RD); /* from here on it is knocked in vain: web knocks again */
	let_in(door);
	evconnlistener_free(door->listener);
	door->listener = NULL;
}

void door_end(struct delivery *d)
{
	struct door *door = d->door;
	if (!door)
		return;
	door_shut(d);
	for (struct visit *visit; (visit = LIST_FIRST(&door->visits));)
		visit_free(visit);
	d->door = NULL;
	free(door);
}
