/* /v1/letters/{code}: a letter by the code that stands on it, for whoever is told it on the telephone.
 *
 *   GET  /v1/letters/{code}            whose letter it is, of which campaign and step, and how it stands
 *   POST /v1/letters/{code}/response   {"by": "phone", "note", "subject", "value", "key"}, all may be left away: event letter.response, as if the lead had come to /r/{code}
 *
 * Told again within the hour by the same way, or with the same key, it counts once. A person who answers in words has answered: nothing is asked of cookies or of clicks. */
#include "store/intake.h"
#include "web/context.h"

#include "base/reply_code.h"

#include <inttypes.h>
#include <stdlib.h>

struct telling {
	struct web_request *req;
	json_t *body;              /* NULL: it is only asked for */
	json_t *letter;            /* its row */
	int64_t touch_id;
	struct intake intake;
	struct intake_event event;
};

static void end(struct telling *telling)
{
	json_decref(telling->body);
	json_decref(telling->letter);
}

static void fail(struct telling *telling, const struct error *error)
{
	web_fail(telling->req, error);
	end(telling);
}

/* ---- what was told ---- */

static int take_text(const json_t *body, const char *name, size_t most, const char **out, struct error *error)
{
	const json_t *json = json_object_get(body, name);
	if (!json)
		return 0;
	struct str text = {json_string_value(json), json_string_length(json)};
	if (!json_is_string(json) || !text.n || text.n > most || !str_is_text(text))
		return error_set(error, ERROR_INVALID, name, "%s is text of at most %zu bytes.", name, most);
	*out = json_string_value(json);
	return 0;
}

static bool is_way(const char *by)
{
	return strspn(by, "abcdefghijklmnopqrstuvwxyz-") == strlen(by) && strlen(by) <= 30;
}

static int fill(struct telling *telling, moment_t now, struct error *error)
{
	static const char *const known[] = {"by", "note", "subject", "value", "key", NULL};
	const char *by = "phone", *note = NULL, *key = NULL, *subject = json_string_value(json_object_get(telling->letter, "template"));
	const char *foreign = web_json_foreign(telling->body, known);
	const json_t *value = json_object_get(telling->body, "value");
	struct arena *arena = http_arena(telling->req->http);
	if (foreign)
		return error_set(error, ERROR_INVALID, foreign, "a response has no \"%s\".", foreign);
	if (take_text(telling->body, "by", 30, &by, error) || take_text(telling->body, "note", 2000, &note, error) || take_text(telling->body, "subject", 200, &subject, error) ||
	    take_text(telling->body, "key", 200, &key, error))
		return -1;
	if (!is_way(by))
		return error_set(error, ERROR_INVALID, "by", "by says in one word how it came: phone, post, fax, talk.");
	if (value && (!json_is_number(value) || !(json_number_value(value) > -1e15 && json_number_value(value) < 1e15)))
		return error_set(error, ERROR_INVALID, "value", "value is a number.");
	json_t *data = json_pack("{s:I, s:O?, s:O?, s:s, s:s*}", "touch", (json_int_t)telling->touch_id, "campaign", json_object_get(telling->letter, "campaign"), "step",
				 json_object_get(telling->letter, "step"), "by", by, "note", note);
	char *text = json_dumps(data, JSON_COMPACT);
	telling->event = (struct intake_event){
		.lead_id = json_integer_value(json_object_get(telling->letter, "lead_id")), .verb = STR("letter.response"), .subject = str_of(arena_dup(arena, subject)), .at = now,
		.data = str_of(arena_dup(arena, text)), .has_value = value != NULL, .value = json_number_value(value),
		.key = str_of(key ? arena_printf(arena, "letter:%s", key)
				  : arena_printf(arena, "letter:%" PRId64 ":%s:%lld", telling->touch_id, by, (long long)(now / MOMENT_HOUR)))};
	free(text);
	json_decref(data);
	return 0;
}

static json_t *shown(const struct telling *telling)
{
	return json_pack("{s:O, s:O, s:O?, s:O?, s:O, s:O, s:O, s:O?}", "touch", json_object_get(telling->letter, "touch_id"), "lead", json_object_get(telling->letter, "lead_id"), "campaign",
			 json_object_get(telling->letter, "campaign"), "step", json_object_get(telling->letter, "step"), "template", json_object_get(telling->letter, "template"),
			 "channel", json_object_get(telling->letter, "channel"), "state", json_object_get(telling->letter, "state"), "over_at",
			 json_object_get(telling->letter, "over_at"));
}

static void on_recorded(void *arg, const struct error *error)
{
	struct telling *telling = arg;
	if (error) {
		fail(telling, error);
		return;
	}
	json_t *answer = shown(telling);
	metrics_add(telling->req->web->worker->metrics, METRIC_EVENTS_TAKEN, telling->event.event_id != 0);
	json_object_set_new(answer, "recorded", json_boolean(telling->event.event_id != 0));
	http_reply_json(telling->req->http, 200, NULL, answer);
	end(telling);
}

static void on_time(void *arg, moment_t now, const struct error *late)
{
	struct telling *telling = arg;
	struct error error = {0};
	if (late || fill(telling, now, &error)) {
		fail(telling, late ? late : &error);
		return;
	}
	telling->intake = (struct intake){.events = &telling->event, .event_count = 1, .now = now, .fn = on_recorded, .arg = telling};
	store_intake(telling->req->web->store, &telling->intake);
}

/* ---- the letter ---- */

static void on_letter(void *arg, json_t *rows, const struct error *error)
{
	struct telling *telling = arg;
	json_t *row = json_array_get(rows, 0);
	if (error) {
		fail(telling, error);
	} else if (!row || json_is_true(json_object_get(row, "erased"))) {
		web_refuse(telling->req, ERROR_NOT_FOUND, "code", "no letter has this code.");
		end(telling);
	} else if (telling->body) {
		telling->letter = json_incref(row);
		web_now(telling->req->web, on_time, telling);
	} else {
		telling->letter = json_incref(row);
		http_reply_json(telling->req->http, 200, NULL, shown(telling));
		end(telling);
	}
}

static void look_up(struct web_request *req, json_t *body)
{
	struct token_keys keys = {req->web->keys, req->web->key_count};
	struct telling *telling = arena_alloc(http_arena(req->http), sizeof *telling);
	*telling = (struct telling){.req = req, .body = body};
	if (!keys.count || !reply_code_read(&keys, req->args[0], &telling->touch_id)) {
		if (keys.count)
			web_refuse(req, ERROR_NOT_FOUND, "code", "no letter has this code.%s", reply_code_is(req->args[0]) ? "" : " A code has 16 letters and digits.");
		else
			web_refuse(req, ERROR_UNAVAILABLE, NULL, "not ready yet: try again in a moment.");
		end(telling);
		return;
	}
	const char *params[] = {arena_printf(http_arena(req->http), "{%" PRId64 "}", telling->touch_id)};
	store_query(req->web->store, "letters", params, 1, on_letter, telling);
}

void web_letter_read(struct web_request *req)
{
	look_up(req, NULL);
}

void web_letter_response(struct web_request *req)
{
	json_t *body = http_body(req->http).n ? web_json_body(req) : json_object();
	if (body)
		look_up(req, body);
}
