/* POST /b: what pages of the company's site tell of their reader (t.js), and POST /v1/leads/{id}/identify: the word by which a page says who
 * that is.
 *
 *   {"events": [{"verb": "page.view", "subject": "/prices", "data": {…}}, …], "consent": true, "identify": TOKEN}
 *
 * or one event, or an array of them; as text/plain (navigator.sendBeacon) or application/json; at most 20. Answers 204, or 429 to a flood, and never
 * says whether somebody is known.
 *
 * Anybody can send anything here, so little can be said: a page's reader is a browser, known by its cookie; its verbs are those about pages and the
 * playbook's own; what it tells is the browser's lead's, and moments are ours. No page may claim an address: who types in somebody else's would
 * write into that person's record, or have a lead of that name before its owner comes. Who it is says only a token that the site's own
 * server got from us for somebody who has logged in there (good for a day), a link in a mail, or a form.
 *
 * Nothing is kept, and no cookie given, where the browser asks not to be followed, a machine reads, the page belongs to another site (no cookie of
 * ours comes back from there, so each view would be a visitor), or the playbook asks for consent and there is none. */
#include "web/event_parse.h"
#include "web/flood.h"
#include "web/hits.h"
#include "web/visitor.h"

enum { EVENTS = 20 };
static const int64_t GOOD_FOR = 24 * 60; /* minutes */
/* A whole office may share an address; new browsers are rarer than views. */
static const struct flood_limit address_limit = {"beacon address", 300, INT64_C(200000)}, network_limit = {"beacon network", 3000, INT64_C(20000)},
				visitor_limit = {"beacon visitor", 200, INT64_C(1000000)};

struct beacon {
	struct web_request *req;
	json_t *body;
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
	headers[n++] = (struct http_header){"Access-Control-Allow-Headers", STR("Content-Type")};
	headers[n++] = (struct http_header){"Access-Control-Max-Age", STR("86400")};
	http_reply(req->http, 204, headers, STR(""));
}

static void finish(struct beacon *beacon, int status)
{
	reply(beacon->req, status, beacon->is_new ? web_visitor_cookie(beacon->req, &beacon->visitor) : STR(""));
	json_decref(beacon->body);
}

/* ---- who ---- */

/* 0: it does not say, or not with our word. */
static int64_t identified(const struct beacon *beacon)
{
	const struct web *web = beacon->req->web;
	struct token_keys keys = {web->keys, web->key_count};
	json_t *json = json_object_get(beacon->body, "identify");
	struct token token;
	if (!json_is_string(json) || !keys.count ||
	    !token_read(&keys, (struct str){json_string_value(json), json_string_length(json)}, TOKEN_IDENTIFY, &token))
		return 0;
	return real_now() / MOMENT_MINUTE - token.link <= GOOD_FOR ? token.lead_id : 0;
}

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
	finish(beacon, error ? 503 : 204);
}

static int take(struct beacon *beacon, json_t *json, moment_t now, struct error *error)
{
	struct intake_event *event = &beacon->events[beacon->intake.event_count];
	if (beacon->intake.event_count == EVENTS)
		return error_set(error, ERROR_LIMIT, "body", "more than %d events.", EVENTS);
	if (web_act_parse(beacon->req->web, json, now, http_arena(beacon->req->http), event, error) < 0)
		return -1;
	beacon->intake.event_count++;
	return 0;
}

static int take_all(struct beacon *beacon, moment_t now, struct error *error)
{
	static const char *const keys[] = {"events", "consent", "identify", NULL};
	json_t *body = beacon->body, *events = json_is_array(body) ? body : json_object_get(body, "events");
	if (json_object_get(body, "verb"))
		return take(beacon, body, now, error);
	const char *foreign = json_is_object(body) ? web_json_foreign(body, keys) : NULL;
	if (foreign || (events && !json_is_array(events)))
		return error_set(error, ERROR_INVALID, foreign ? foreign : "events", "a page sends events, consent and identify.");
	for (size_t i = 0; i < json_array_size(events); i++)
		if (take(beacon, json_array_get(events, i), now, error) < 0)
			return -1;
	return 0;
}

/* Who it is stands beside the first event; a page that says only that has one made for it. */
static void name_them(struct beacon *beacon, int64_t lead_id, moment_t now)
{
	if (lead_id && !beacon->intake.event_count)
		beacon->events[beacon->intake.event_count++] = (struct intake_event){.verb = STR("lead.identify"), .source = STR("page"), .at = now};
	for (size_t i = 0; i < beacon->intake.event_count; i++) {
		beacon->events[i].visitor = visitor_str(&beacon->visitor);
		beacon->events[i].create = !lead_id;
		beacon->events[i].lead_id = lead_id;
		beacon->events[i].proof = PROOF_IDENTIFY;
	}
}

static void on_time(void *arg, moment_t now, const struct error *late)
{
	struct beacon *beacon = arg;
	struct error error = {0};
	if (late || take_all(beacon, now, &error) < 0) {
		web_fail(beacon->req, late ? late : &error);
		json_decref(beacon->body);
		return;
	}
	if (!find_visitor(beacon)) {
		finish(beacon, 204);
		return;
	}
	name_them(beacon, identified(beacon), now);
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

void web_beacon_post(struct web_request *req)
{
	struct error error = {0};
	if (is_flood(req)) {
		reply(req, 429, STR(""));
		return;
	}
	json_t *body = web_json_parse(http_body(req->http), &error);
	if (!body) {
		web_fail(req, &error);
		return;
	}
	if (json_is_false(json_object_get(body, "consent"))) {
		json_decref(body);
		reply(req, 204, http_header(req->http, "Cookie").n ? web_visitor_forget(req) : STR(""));
		return;
	}
	if (is_unwanted(req)) {
		json_decref(body);
		reply(req, 204, STR(""));
		return;
	}
	struct beacon *beacon = arena_alloc(http_arena(req->http), sizeof *beacon);
	beacon->req = req;
	beacon->body = body;
	web_now(req->web, on_time, beacon);
}

/* ---- the word of the site's own server ---- */

static void on_lead(struct web_request *req, int64_t lead_id)
{
	struct token_keys keys = {req->web->keys, req->web->key_count};
	char text[TOKEN_TEXT];
	if (!keys.count) {
		web_refuse(req, ERROR_UNAVAILABLE, NULL, "not ready yet: try again in a moment.");
		return;
	}
	token_write(&keys, &(struct token){.purpose = TOKEN_IDENTIFY, .lead_id = lead_id, .link = (uint32_t)(real_now() / MOMENT_MINUTE)}, text);
	http_reply_json(req->http, 200, NULL, json_pack("{s:I, s:s, s:i}", "lead", (json_int_t)lead_id, "token", text, "good_for", (int)GOOD_FOR * 60));
}

/* The token to be put into the page that this lead reads, logged in: nurture.push(["identify", TOKEN]). Good for 24 hours. */
void web_identify_post(struct web_request *req)
{
	web_find_living_lead(req, req->args[0], on_lead);
}
