/* The puppet's routes: good ones, and, as puppet-rude, those of a plugin that answers never, twice, too late, too much or nonsense. What it was asked
 * comes back as JSON, so that a test sees what a plugin sees. */
#include "puppet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct later { /* an answer that waits for its time; the timer's own memory ends with it */
	struct puppet *puppet;
	struct nurture_handle handle;
	struct nurture_timer *timer;
	struct later *next;
	int times;
};

static void say(struct puppet *puppet, struct nurture_handle handle, int status, const char *body)
{
	struct nurture_reply reply = {.size = sizeof reply, .status = status, .body = body, .body_length = strlen(body)};
	puppet->host->reply(puppet->host->data, handle, &reply);
}

static void drop(struct later *later)
{
	for (struct later **at = (struct later **)&later->puppet->later; *at; at = &(*at)->next)
		if (*at == later) {
			*at = later->next;
			break;
		}
	later->puppet->host->timer_free(later->timer);
	free(later);
}

void puppet_routes_close(struct puppet *puppet)
{
	while (puppet->later)
		drop(puppet->later);
}

static void on_later(void *arg)
{
	struct later *later = arg;
	for (int i = 0; i < later->times; i++)
		say(later->puppet, later->handle, 200, "{\"late\": true}");
	drop(later);
}

static void answer_in(struct puppet *puppet, const struct nurture_request *request, int64_t us, int times)
{
	struct later *later = calloc(1, sizeof *later);
	if (!later)
		abort();
	*later = (struct later){.puppet = puppet, .handle = request->handle, .next = puppet->later, .times = times};
	puppet->later = later;
	later->timer = puppet->host->timer_new(puppet->host->data, on_later, later);
	puppet->host->timer_set(later->timer, us);
}

static int64_t milliseconds(const struct nurture_request *request)
{
	long long ms = request->parameter_count ? strtoll(request->parameters[0].value, NULL, 10) : 0;
	return ms > 0 && ms <= 12000 ? ms * 1000 : 0;
}

static void route_later(void *self, const struct nurture_request *request)
{
	answer_in(self, request, milliseconds(request), 1);
}

static json_t *pairs(const struct nurture_pair *list, size_t count)
{
	json_t *out = json_array();
	for (size_t i = 0; i < count; i++)
		json_array_append_new(out, json_pack("[s, s]", list[i].name, list[i].value));
	return out;
}

static void route_echo(void *self, const struct nurture_request *request)
{
	struct puppet *puppet = self;
	json_t *scopes = json_array();
	for (const char *const *scope = request->scopes; *scope; scope++)
		json_array_append_new(scopes, json_string(*scope));
	json_t *all = json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:s, s:I, s:s, s:I, s:s, s:s, s:s, s:o, s:s, s:b, s:s}", "method", request->route->method, "route",
				request->route->path, "path", request->path, "parameters", pairs(request->parameters, request->parameter_count), "query",
				pairs(request->query, request->query_count), "headers", pairs(request->headers, request->header_count), "type",
				request->content_type, "length", (json_int_t)request->body_length, "asker", request->asker, "asker_id",
				(json_int_t)request->asker_id, "asker_name", request->asker_name, "role", request->role, "csrf", request->csrf, "scopes", scopes, "remote",
				request->remote, "https", request->https, "channel", puppet->host->channel_name);
	char *text = all ? json_dumps(all, 0) : NULL;
	struct nurture_pair header = {"X-Puppet", "echo"};
	struct nurture_reply reply = {.size = sizeof reply, .status = 201, .body = text, .body_length = text ? strlen(text) : 0, .headers = &header, .header_count = 1};
	puppet->host->reply(puppet->host->data, request->handle, &reply);
	json_decref(all);
	free(text);
}

static void route_page(void *self, const struct nurture_request *request)
{
	struct puppet *puppet = self;
	struct nurture_reply reply = {.size = sizeof reply, .status = 200, .content_type = "text/html; charset=utf-8", .body = "<p>Hello", .body_length = 8};
	puppet->host->reply(puppet->host->data, request->handle, &reply);
}

/* A page for agents: a form, and a script that posts as soon as it runs. */
static void route_desk(void *self, const struct nurture_request *request)
{
	static const char page[] = "<!doctype html><title>desk</title><form method=\"post\" action=\"/v1/channels/desk/work\">"
				   "<input type=\"hidden\" name=\"csrf\" value=\"%s\"><button id=\"take\">Take</button></form><p id=\"said\">-</p>"
				   "<script>fetch('/v1/channels/desk/work', {method: 'POST', headers: {'X-CSRF-Token': document.querySelector('[name=csrf]').value}})"
				   ".then(r => { document.getElementById('said').textContent = 'status ' + r.status; });</script>";
	struct puppet *puppet = self;
	char text[1000];
	struct nurture_pair policy = {"Content-Security-Policy", "default-src 'self'; script-src 'unsafe-inline'; frame-ancestors 'none'"};
	int n = snprintf(text, sizeof text, page, request->csrf);
	struct nurture_reply reply = {.size = sizeof reply, .status = 200, .content_type = "text/html; charset=utf-8", .body = text, .body_length = (size_t)n,
				      .headers = &policy, .header_count = 1};
	puppet->host->reply(puppet->host->data, request->handle, &reply);
}

static void reply_long(struct puppet *puppet, struct nurture_handle handle, size_t n)
{
	char *body = malloc(n);
	if (!body)
		abort();
	memset(body, 'x', n);
	struct nurture_reply reply = {.size = sizeof reply, .status = 200, .content_type = "text/plain", .body = body, .body_length = n};
	puppet->host->reply(puppet->host->data, handle, &reply);
	free(body);
}

static void route_long(void *self, const struct nurture_request *request)
{
	reply_long(self, request->handle, NURTURE_REPLY_MOST);
}

#ifdef PUPPET_RUDE
static void route_too_long(void *self, const struct nurture_request *request)
{
	reply_long(self, request->handle, NURTURE_REPLY_MOST + 1);
}

static void route_never(void *self, const struct nurture_request *request)
{
	(void)self, (void)request;
}

static void route_twice(void *self, const struct nurture_request *request)
{
	say(self, request->handle, 200, "{\"first\": true}");
	say(self, request->handle, 200, "{\"second\": true}");
}

static void route_twice_later(void *self, const struct nurture_request *request)
{
	answer_in(self, request, 1000, 2);
}

static void route_crash(void *self, const struct nurture_request *request)
{
	(void)self, (void)request;
	abort();
}

static const char *kept; /* of the last request: not ours any more */
static void route_keeps(void *self, const struct nurture_request *request)
{
	char first = kept ? *kept : 0;
	kept = request->body;
	say(self, request->handle, first ? 200 : 201, "{}");
}

static void route_bad_status(void *self, const struct nurture_request *request)
{
	say(self, request->handle, 99, "");
}

static void route_bad_header(void *self, const struct nurture_request *request)
{
	struct puppet *puppet = self;
	struct nurture_pair header = {"X-Evil", "a\r\nSet-Cookie: b=c"};
	struct nurture_reply reply = {.size = sizeof reply, .status = 200, .headers = &header, .header_count = 1};
	puppet->host->reply(puppet->host->data, request->handle, &reply);
}
#endif

static const char *const wanted[] = {"X-Signature", "User-Agent", NULL};

__attribute__((unused)) static const char *const agents[] = {"agent", "supervisor", NULL};
__attribute__((unused)) static const struct nurture_route all[] = {
	{"GET", "/echo/:first/:second", "read", route_echo, 0, wanted, NULL, NULL},
	{"POST", "/echo/:first", "write", route_echo, 64 << 10, wanted, NULL, NULL},
	{"DELETE", "/echo/:first", "admin", route_echo, 0, NULL, NULL, NULL},
	{"PUT", "/echo", "track", route_echo, 0, NULL, NULL, NULL},
	{"POST", "/hook", "public", route_echo, NURTURE_BODY_MOST, wanted, NULL, NULL},
	{"GET", "/later/:ms", "read", route_later, 0, NULL, NULL, NULL},
	{"GET", "/page", "public", route_page, 0, NULL, NULL, NULL},
	{"GET", "/long", "read", route_long, 0, NULL, NULL, NULL},
	{"GET", "/desk", "admin", route_desk, 0, NULL, agents, "The agents' desk <1>"},
	{"POST", "/work", "admin", route_echo, 0, NULL, agents, NULL},
#ifdef PUPPET_RUDE
	{"POST", "/notes", "write", puppet_note_post, 0, NULL, NULL, NULL},
	{"GET", "/notes", "read", puppet_note_list, 0, NULL, NULL, NULL},
	{"GET", "/notes/:what", "read", puppet_note_odd, 0, NULL, NULL, NULL},
	{"GET", "/too-long", "read", route_too_long, 0, NULL, NULL, NULL},
	{"GET", "/never", "read", route_never, 0, NULL, NULL, NULL},
	{"GET", "/twice", "read", route_twice, 0, NULL, NULL, NULL},
	{"GET", "/twice-later", "read", route_twice_later, 0, NULL, NULL, NULL},
	{"GET", "/crash", "read", route_crash, 0, NULL, NULL, NULL},
	{"GET", "/bad-status", "read", route_bad_status, 0, NULL, NULL, NULL},
	{"GET", "/bad-header", "read", route_bad_header, 0, NULL, NULL, NULL},
	{"POST", "/keeps", "read", route_keeps, 0, NULL, NULL, NULL},
#endif
};

#ifdef PUPPET_ROW
static const struct nurture_route one[] = {PUPPET_ROW};
#define ROWS one
#else
#define ROWS all
#endif
const struct nurture_routes puppet_routes = {.size = sizeof puppet_routes, .route_size = sizeof *ROWS, .count = sizeof ROWS / sizeof *ROWS, .routes = ROWS};
