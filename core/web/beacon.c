/* POST /b: what pages of the company's site tell of their reader (t.js).
 *
 *   {"events": [{"verb": "page.view", "subject": "/prices", "data": {…}}, …], "consent": true, "identify": TOKEN}
 *
 * or one event, or an array of them; as text/plain (navigator.sendBeacon) or application/json; or as application/x-ndjson, each line an event, or {"consent": …,
 * "identify": …}; packed with gzip or not; at most 20 events, 32 KB unpacked. Wrong events are answered by number (202), the good ones kept. Else answers 204, or 429 to a
 * flood, and never says whether somebody is known.
 *
 * Anybody can send anything here, so little can be said: a page's reader is a browser, known by its cookie; its verbs are those about pages and the
 * playbook's own; what it tells is the browser's lead's, and moments are ours. No page may claim an address: who types in somebody else's would
 * write into that person's record, or have a lead of that name before its owner comes. Who it is says only a token that the site's own
 * server got from us for somebody who has logged in there (identify.c), a link in a mail, or a form.
 *
 * Nothing is kept, and no cookie given, where the browser asks not to be followed, a machine reads, the page belongs to another site (no cookie of
 * ours comes back from there, so each view would be a visitor), or the playbook asks for consent and there is none. */
#include "web/event_parse.h"
#include "web/flood.h"
#include "web/gzip.h"
#include "web/hits.h"
#include "web/identify.h"
#include "web/refused.h"
#include "web/visitor.h"

enum { EVENTS = 20, BODY_MAX = 32 << 10 };
/* A whole office may share an address; new browsers are rarer than views. */
static const struct flood_limit address_limit = {"beacon address", 300, INT64_C(200000)}, network_limit = {"beacon network", 3000, INT64_C(20000)},
				visitor_limit = {"beacon visitor", 200, INT64_C(1000000)};

struct beacon {
	struct web_request *req;
	json_t *body;   /* of lines, as if they had come as one object */
	json_t *lines;  /* of its events, their numbers; NULL: their places */
	struct refused refused;
	struct visitor visitor;
	bool is_new;
	struct intake intake;
	struct intake_event events[EVENTS + 1];
};

/* ---- the answer ---- */

/* Pages of other hosts of the site ask with their cookies: they may see that it worked, which is all there is to see. */
static size_t allow_origin(const struct web_request *req, struct http_header *headers)
{
	struct str origin = http_header(req->http, "Origin");
	headers[0] = (struct http_header){"Vary", STR("Origin")};
	if (!origin.n)
		return 1;
	headers[1] = (struct http_header){"Access-Control-Allow-Origin", origin};
	headers[2] = (struct http_header){"Access-Control-Allow-Credentials", STR("true")};
	return 3;
}

static void reply(struct web_request *req, int status, struct str cookie)
{
	struct http_header headers[6] = {{0}};
	size_t n = allow_origin(req, headers);
	if (cookie.n)
		headers[n++] = (struct http_header){"Set-Cookie", cookie};
	if (status == 429)
		headers[n++] = (struct http_header){"Retry-After", STR("60")};
	http_reply(req->http, status, headers, STR(""));
}

void web_beacon_options(struct web_request *req)
{
	struct http_header headers[7] = {{0}};
	size_t n = allow_origin(req, headers);
	headers[n++] = (struct http_header){"Access-Control-Allow-Methods", STR("POST")};
	headers[n++] = (struct http_header){"Access-Control-Allow-Headers", STR("Content-Type, Content-Encoding")};
	headers[n++] = (struct http_header){"Access-Control-Max-Age", STR("86400")};
	http_reply(req->http, 204, headers, STR(""));
}

static void release(struct beacon *beacon)
{
	refused_fini(&beacon->refused);
	json_decref(beacon->lines);
	json_decref(beacon->body);
}

static void finish(struct beacon *beacon, int status)
{
	reply(beacon->req, status, beacon->is_new ? web_visitor_cookie(beacon->req, &beacon->visitor) : STR(""));
	release(beacon);
}

static void fail(struct beacon *beacon, const struct error *error)
{
	web_fail(beacon->req, error);
	release(beacon);
}

/* Some were taken, some are wrong. */
static void finish_in_part(struct beacon *beacon)
{
	struct http_header headers[5] = {{0}};
	size_t n = allow_origin(beacon->req, headers);
	if (beacon->is_new)
		headers[n++] = (struct http_header){"Set-Cookie", web_visitor_cookie(beacon->req, &beacon->visitor)};
	json_t *body = json_pack("{s:I}", "accepted", (json_int_t)beacon->intake.event_count);
	refused_tell(&beacon->refused, body);
	http_reply_json(beacon->req->http, 202, headers, body);
	release(beacon);
}

/* ---- who ---- */

static bool is_flood(const struct web_request *req)
{
	char network[16];
	struct flood *flood = req->web->flood;
	mono_t now = mono_now();
	return !flood_take(flood, &address_limit, str_of(http_client_text(req->http)), now) ||
	       !flood_take(flood, &network_limit, flood_network(http_client(req->http), network), now);
}

/* false: nothing may be kept. */
static bool find_visitor(struct beacon *beacon)
{
	if (web_visitor_read(beacon->req, &beacon->visitor))
		return true;
	if (web_visitor_asks(beacon->req->web) && !json_is_true(json_object_get(beacon->body, "consent")))
		return false;
	char network[16];
	if (!flood_take(beacon->req->web->flood, &visitor_limit, flood_network(http_client(beacon->req->http), network), mono_now()))
		return false;
	web_visitor_new(&beacon->visitor);
	beacon->is_new = true;
	return true;
}

static bool is_unwanted(const struct web_request *req)
{
	return web_visitor_refuses(req) || web_machine_why(req, false) || str_is(http_header(req->http, "Sec-Fetch-Site"), "cross-site");
}

/* ---- what ---- */

static void on_taken(void *arg, const struct error *error)
{
	struct beacon *beacon = arg;
	if (error)
		beacon->is_new = false;
	else
		metrics_add(beacon->req->web->worker->metrics, METRIC_EVENTS_TAKEN, (int64_t)beacon->intake.event_count);
	if (!error && beacon->refused.count)
		finish_in_part(beacon);
	else
		finish(beacon, error ? 503 : 204);
}

static void take(struct beacon *beacon, json_t *json, size_t line, moment_t now)
{
	struct error error;
	struct intake_event *event = &beacon->events[beacon->intake.event_count];
	if (web_act_parse(beacon->req->web, json, now, http_arena(beacon->req->http), event, &error) < 0)
		refused_add(&beacon->refused, line, &error);
	else
		beacon->intake.event_count++;
}

static int take_all(struct beacon *beacon, moment_t now, struct error *error)
{
	static const char *const keys[] = {"events", "consent", "identify", NULL};
	json_t *body = beacon->body, *events = json_is_array(body) ? body : json_object_get(body, "events");
	if (json_object_get(body, "verb")) {
		take(beacon, body, 1, now);
		return 0;
	}
	const char *foreign = json_is_object(body) ? web_json_foreign(body, keys) : NULL;
	if (foreign || (events && !json_is_array(events)))
		return error_set(error, ERROR_INVALID, foreign ? foreign : "events", "a page sends events, consent and identify.");
	if (json_array_size(events) > EVENTS)
		return error_set(error, ERROR_LIMIT, "body", "more than %d events.", EVENTS);
	for (size_t i = 0; i < json_array_size(events); i++)
		take(beacon, json_array_get(events, i), beacon->lines ? (size_t)json_integer_value(json_array_get(beacon->lines, i)) : i + 1, now);
	return 0;
}

/* Who it is stands beside the first event; a page that says only that has one made for it. */
static void name_them(struct beacon *beacon, moment_t now)
{
	moment_t said_at = 0;
	int64_t lead_id = web_identify_read(beacon->req->web, json_object_get(beacon->body, "identify"), &said_at);
	if (lead_id && !beacon->intake.event_count)
		beacon->events[beacon->intake.event_count++] = (struct intake_event){.verb = STR("lead.identify"), .source = STR("page"), .at = now};
	for (size_t i = 0; i < beacon->intake.event_count; i++) {
		beacon->events[i].visitor = visitor_str(&beacon->visitor);
		beacon->events[i].create = !lead_id;
		beacon->events[i].lead_id = lead_id;
		beacon->events[i].proof = PROOF_IDENTIFY;
		beacon->events[i].said_at = said_at;
	}
}

static void on_time(void *arg, moment_t now, const struct error *late)
{
	struct beacon *beacon = arg;
	struct error error = {0};
	if (late || take_all(beacon, now, &error) < 0) {
		fail(beacon, late ? late : &error);
		return;
	}
	if (beacon->refused.count && !beacon->intake.event_count) {
		refused_reply(&beacon->refused, beacon->req, !json_object_get(beacon->body, "verb"));
		release(beacon);
		return;
	}
	if (!find_visitor(beacon)) {
		finish(beacon, 204);
		return;
	}
	name_them(beacon, now);
	if (!beacon->intake.event_count) {
		beacon->is_new = false;
		finish(beacon, 204);
		return;
	}
	beacon->intake.events = beacon->events;
	beacon->intake.now = now;
	beacon->intake.fn = on_taken;
	beacon->intake.arg = beacon;
	store_intake(beacon->req->web->store, &beacon->intake);
}

/* ---- the body ---- */

/* A line: an event, or what else a page may say. */
static void add_line(struct beacon *beacon, json_t *json, size_t line)
{
	struct error error;
	static const char *const keys[] = {"consent", "identify", NULL};
	if (json_object_get(json, "verb") || !json_is_object(json)) {
		json_array_append(json_object_get(beacon->body, "events"), json);
		json_array_append_new(beacon->lines, json_integer((json_int_t)line));
	} else if (web_json_foreign(json, keys)) {
		error_set(&error, ERROR_INVALID, web_json_foreign(json, keys), "a line is an event, or says consent and identify.");
		refused_add(&beacon->refused, line, &error);
	} else {
		json_object_update(beacon->body, json);
	}
}

static void read_lines(struct beacon *beacon, struct str text)
{
	struct error error;
	beacon->body = json_pack("{s:[]}", "events");
	beacon->lines = json_array();
	for (size_t number = 1; text.p; number++) {
		struct str line = str_trim(str_cut(&text, '\n'));
		if (!line.n)
			continue;
		json_t *json = web_json_parse(line, &error);
		if (json)
			add_line(beacon, json, number);
		else
			refused_add(&beacon->refused, number, &error);
		json_decref(json);
	}
}

static int read_body(struct beacon *beacon, struct error *error)
{
	struct buf room = {0};
	struct str text, type = http_content_type(beacon->req->http);
	int result = web_body(beacon->req, BODY_MAX, &room, &text, error);
	if (result == 0 && (str_is(type, "application/x-ndjson") || str_is(type, "application/jsonl")))
		read_lines(beacon, text);
	else if (result == 0)
		beacon->body = web_json_parse(text, error);
	buf_fini(&room);
	return beacon->body ? 0 : -1;
}

void web_beacon_post(struct web_request *req)
{
	struct error error = {0};
	if (is_flood(req)) {
		reply(req, 429, STR(""));
		return;
	}
	struct beacon *beacon = arena_alloc(http_arena(req->http), sizeof *beacon);
	beacon->req = req;
	if (read_body(beacon, &error) < 0) {
		fail(beacon, &error);
	} else if (json_is_false(json_object_get(beacon->body, "consent"))) {
		release(beacon);
		reply(req, 204, http_header(req->http, "Cookie").n ? web_visitor_forget(req) : STR(""));
	} else if (is_unwanted(req)) {
		finish(beacon, 204);
	} else {
		web_now(req->web, on_time, beacon);
	}
}
