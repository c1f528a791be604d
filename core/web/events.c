/* POST /v1/events: one object, an array, or NDJSON (application/x-ndjson), packed with gzip or not (at most 16 MB unpacked). 202 after commit; wrong lines are answered by number, good ones
 * kept; a single wrong event is a plain problem. */
#include "web/event_parse.h"
#include "web/gzip.h"
#include "web/refused.h"

enum { EVENTS_MAX = 10000, BODY_MAX = 16 << 20 };

struct posting {
	struct web_request *req;
	struct intake intake;
	size_t room;
	size_t lines, count;       /* of NDJSON, empty ones too; events among them, or in the array */
	struct refused refused;
	bool array;                /* many were sent: answer by line */
	moment_t now;
};

static void add(struct posting *posting, json_t *json, size_t line, const struct error *wrong)
{
	struct error error;
	struct arena *arena = http_arena(posting->req->http);
	if (wrong) {
		refused_add(&posting->refused, line, wrong);
		return;
	}
	struct intake_event *event = arena_push(arena, &posting->intake.events, posting->intake.event_count, &posting->room, sizeof *event);
	if (web_event_parse(posting->req->web, posting->req->scope, json, posting->now, arena, event, &error) < 0)
		refused_add(&posting->refused, line, &error);
	else
		posting->intake.event_count++;
}

static void add_lines(struct posting *posting, struct str body)
{
	struct error error;
	while (body.p && posting->count <= EVENTS_MAX) {
		struct str line = str_trim(str_cut(&body, '\n'));
		posting->lines++;
		if (!line.n)
			continue;
		posting->count++;
		json_t *json = web_json_parse(line, &error);
		add(posting, json, posting->lines, json ? NULL : &error);
		json_decref(json);
	}
}

static void add_array(struct posting *posting, json_t *array)
{
	posting->count = json_array_size(array);
	for (size_t i = 0; i < posting->count && posting->count <= EVENTS_MAX; i++)
		add(posting, json_array_get(array, i), i + 1, NULL);
}

static void finish(struct posting *posting)
{
	refused_fini(&posting->refused);
}

/* What is answered most, thousands of times a second: without a tree of JSON in between. */
static void reply_one(struct posting *posting, size_t taken, size_t doubles)
{
	static const struct http_header headers[] = {{"Content-Type", {"application/json", 16}}, {"Cache-Control", {"no-store", 8}}, {0}};
	char body[100];
	int n = snprintf(body, sizeof body, "{\"accepted\":%zu,\"duplicates\":%zu,\"lead\":%lld}", taken, doubles, (long long)posting->intake.events[0].found_lead);
	http_reply(posting->req->http, 202, headers, (struct str){body, (size_t)n});
	finish(posting);
}

static void on_taken(void *arg, const struct error *error)
{
	struct posting *posting = arg;
	struct web *web = posting->req->web;
	size_t taken = 0, doubles = 0, unknown = 0;
	if (error) {
		web_fail(posting->req, error);
		finish(posting);
		return;
	}
	for (size_t i = 0; i < posting->intake.event_count; i++) {
		const struct intake_event *event = &posting->intake.events[i];
		taken += event->event_id != 0;
		doubles += event->duplicate;
		unknown += event->event_id == 0 && !event->duplicate;
	}
	metrics_add(web->worker->metrics, METRIC_EVENTS_TAKEN, (int64_t)taken);
	metrics_add(web->worker->metrics, METRIC_EVENTS_DUPLICATE, (int64_t)doubles);
	if (unknown && !posting->array) {
		web_refuse(posting->req, ERROR_NOT_FOUND, "lead", "there is no lead %lld.", (long long)posting->intake.events[0].lead_id);
		finish(posting);
		return;
	}
	if (!posting->array) {
		reply_one(posting, taken, doubles);
		return;
	}
	json_t *reply = json_pack("{s:I, s:I, s:I}", "accepted", (json_int_t)taken, "duplicates", (json_int_t)doubles, "unknown_leads", (json_int_t)unknown);
	refused_tell(&posting->refused, reply);
	http_reply_json(posting->req->http, 202, NULL, reply);
	finish(posting);
}

static int parse_text(struct posting *posting, struct str body, struct error *error)
{
	struct str type = http_content_type(posting->req->http);
	if (str_is(type, "application/x-ndjson") || str_is(type, "application/jsonl")) {
		posting->array = true;
		add_lines(posting, body);
	} else if (type.n && !str_is(type, "application/json")) {
		return error_set(error, ERROR_INVALID, "Content-Type", "send application/json or application/x-ndjson; this is %.*s.", STR_ARG(type));
	} else {
		json_t *json = web_json_parse(body, error);
		if (!json)
			return -1;
		posting->array = json_is_array(json);
		if (posting->array)
			add_array(posting, json);
		else
			add(posting, json, 1, NULL);
		json_decref(json);
	}
	if (posting->count > EVENTS_MAX)
		return error_set(error, ERROR_LIMIT, "body", "more than %d events: post them in parts.", EVENTS_MAX);
	return 0;
}

static int parse(struct posting *posting, struct error *error)
{
	struct buf room = {0};
	struct str body;
	int result = web_body(posting->req, BODY_MAX, &room, &body, error);
	if (result == 0)
		result = parse_text(posting, body, error);
	buf_fini(&room);
	return result;
}

static void on_time(void *arg, moment_t now, const struct error *late)
{
	struct posting *posting = arg;
	struct error error;
	posting->now = now;
	if (late || parse(posting, &error) < 0) {
		web_fail(posting->req, late ? late : &error);
		finish(posting);
		return;
	}
	metrics_add(posting->req->web->worker->metrics, METRIC_EVENTS_REFUSED, (int64_t)posting->refused.count);
	if (posting->refused.count && !posting->intake.event_count) {
		refused_reply(&posting->refused, posting->req, posting->array);
		finish(posting);
		return;
	}
	posting->intake.now = now;
	posting->intake.fn = on_taken;
	posting->intake.arg = posting;
	if (posting->intake.event_count)
		store_intake(posting->req->web->store, &posting->intake);
	else
		on_taken(posting, NULL); /* an empty array: nothing to take, nothing wrong */
}

void web_events_post(struct web_request *req)
{
	struct posting *posting = arena_alloc(http_arena(req->http), sizeof *posting);
	posting->req = req;
	web_now(req->web, on_time, posting);
}
