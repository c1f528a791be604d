/* POST /v1/lead-places: files that know people by name and address alone, told to all leads who live there and are called that.
 *
 *   {"what": "deceased", "rows": [{"name" | "first_name" + "last_name", "street", "postal_code", "country"}]}
 *   {"what": "moved", "rows": [{…, "new_street", "new_postal_code", "new_city", "new_region", "new_country"}]}
 *   → {"rows": [{"n", "result": "stopped" | "moved" | "known" | "unsure" | "nobody" | "refused", "lead", "why"}]}
 *
 * Who died loses all permissions, on all channels (consent.withdraw, as an erasure's word does, but the lead stays). Who moved gets the new address by lead.update, with where it comes from. Where the
 * last name is there and the first is not, the row is unsure, and nothing is done. A file that is told again changes nothing. */
#include "store/intake.h"
#include "web/context.h"
#include "web/row_country.h"

#include "base/hash.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS_MOST = 500, FOUND_MOST = 4 * ROWS_MOST, NEW = 5 /* words of a new address, which only who moved has */ };

struct telling {
	struct web_request *req;
	json_t *body, *answers, *asked;
	bool moved;
	moment_t now;
	struct intake intake;
	struct intake_event *events;
	struct intake_consent *consents;
	int64_t *numbers;    /* of the row of each event */
};

static void end(struct telling *t)
{
	json_decref(t->body);
	json_decref(t->answers);
	json_decref(t->asked);
}

static void fail(struct telling *t, const struct error *error)
{
	web_fail(t->req, error);
	end(t);
}

static const char *text_of(const json_t *row, const char *name)
{
	const char *text = json_string_value(json_object_get(row, name));
	return text ? text : "";
}

static void answer(struct telling *t, int64_t n, const char *result, int64_t lead_id, const char *why)
{
	json_t *row = json_pack("{s:I, s:s, s:s*}", "n", (json_int_t)n, "result", result, "why", why);
	if (lead_id)
		json_object_set_new(row, "lead", json_integer(lead_id));
	json_array_append_new(t->answers, row);
}

/* ---- what is asked of the database ---- */

/* NULL, or why the row cannot be used. */
static const char *refuse_row(const struct telling *t, json_t *row)
{
	static const char *const known[] = {"new_street", "new_postal_code", "new_city", "new_region", "new_country", "name", "first_name", "last_name", "organisation", "street",
					    "postal_code", "city", "region", "country", "domain", NULL};
	struct arena *arena = http_arena(t->req->http);
	const char *foreign = web_row_foreign(row, t->moved ? known : known + NEW, arena), *country;
	if (foreign)
		return foreign;
	if (!json_is_object(row) || !(*text_of(row, "name") || *text_of(row, "last_name")) || !*text_of(row, "street") || !*text_of(row, "postal_code"))
		return "it names nobody: name (or first_name and last_name), street and postal_code";
	if (t->moved && (!*text_of(row, "new_street") || !(*text_of(row, "new_postal_code") || *text_of(row, "new_city"))))
		return "it has no new address: new_street, and new_postal_code or new_city";
	country = web_row_country(row, "country", arena);
	return country ? country : web_row_country(row, "new_country", arena);
}

static void read_row(struct telling *t, int64_t n, json_t *row)
{
	static const char *const names[] = {"name", "first_name", "last_name", "street", "postal_code", "country"};
	const char *why = refuse_row(t, row);
	if (why) {
		answer(t, n, "refused", 0, why);
		return;
	}
	json_t *out = json_pack("{s:I}", "n", (json_int_t)n);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		json_object_set_new(out, names[i], json_string(text_of(row, names[i])));
	json_array_append_new(t->asked, out);
}

/* ---- what is recorded ---- */

static struct str kept_text(struct telling *t, json_t *json)
{
	char *text = json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS);
	struct str out = str_of(arena_dup(http_arena(t->req->http), text ? text : "{}"));
	free(text);
	json_decref(json);
	return out;
}

static void take_deceased(struct telling *t, int64_t lead_id)
{
	struct arena *arena = http_arena(t->req->http);
	struct intake_event *event = &t->events[t->intake.event_count++];
	struct str data = kept_text(t, json_pack("{s:s, s:s}", "reason", "deceased", "by", "file"));
	*event = (struct intake_event){.lead_id = lead_id, .verb = STR("consent.withdraw"), .subject = STR("*"), .at = t->now, .bulk = true, .data = data,
				       .key = str_of(arena_printf(arena, "deceased:%" PRId64 ":%" PRId64, lead_id, t->now))};
	t->consents[t->intake.consent_count++] = (struct intake_consent){
		.lead_id = lead_id, .channel = STR("*"), .purpose = STR("*"), .state = CONSENT_WITHDRAWN, .source = STR("deceased file"), .evidence = data};
}

static void take_moved(struct telling *t, int64_t lead_id, const json_t *row)
{
	static const char *const parts[][2] = {{"new_street", "address"}, {"new_postal_code", "postal_code"}, {"new_city", "city"}, {"new_region", "region"}, {"new_country", "country"}};
	struct arena *arena = http_arena(t->req->http);
	unsigned char digest[HASH_SHA256];
	char hex[HASH_HEX];
	json_t *set = json_object();
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		if (*text_of(row, parts[i][0]))
			json_object_set(set, parts[i][1], json_object_get(row, parts[i][0]));
	struct str data = kept_text(t, json_pack("{s:o, s:s}", "set", set, "by", "moved file"));
	hash_sha256(data, digest);
	t->events[t->intake.event_count++] = (struct intake_event){
		.lead_id = lead_id, .verb = STR("lead.update"), .subject = STR("moved file"), .at = t->now, .bulk = true, .data = data,
		.key = str_of(arena_printf(arena, "moved:%" PRId64 ":%s", lead_id, hash_hex(digest, sizeof digest, hex)))};
}

static void judge(struct telling *t, const json_t *found)
{
	int64_t n = json_integer_value(json_object_get(found, "n")), lead_id = json_integer_value(json_object_get(found, "lead_id"));
	if (json_integer_value(json_object_get(found, "rank")) != 1)
		answer(t, n, "unsure", lead_id, "somebody of that last name lives there, and the first name does not agree");
	else if (!t->moved && json_is_true(json_object_get(found, "stopped")))
		answer(t, n, "known", lead_id, NULL);
	else if (t->intake.event_count < FOUND_MOST) {
		t->numbers[t->intake.event_count] = n;
		if (t->moved)
			take_moved(t, lead_id, json_array_get(json_object_get(t->body, "rows"), (size_t)n));
		else
			take_deceased(t, lead_id);
	} else
		answer(t, n, "unsure", lead_id, "too many are called that there");
}

static void reply(struct telling *t)
{
	http_reply_json(t->req->http, 200, NULL, json_pack("{s:O}", "rows", t->answers));
	end(t);
}

static void on_recorded(void *arg, const struct error *error)
{
	struct telling *t = arg;
	if (error) {
		fail(t, error);
		return;
	}
	for (size_t i = 0; i < t->intake.event_count; i++)
		answer(t, t->numbers[i], !t->events[i].event_id ? "known" : t->moved ? "moved" : "stopped", t->events[i].lead_id, NULL);
	reply(t);
}

/* Rows of the answer are in the order of the rows asked: whom none names is nobody here. */
static void on_found(void *arg, json_t *rows, const struct error *error)
{
	struct telling *t = arg;
	size_t i, next = 0;
	const json_t *asked;
	if (error) {
		fail(t, error);
		return;
	}
	json_array_foreach (t->asked, i, asked) {
		int64_t n = json_integer_value(json_object_get(asked, "n"));
		size_t first = next;
		while (next < json_array_size(rows) && json_integer_value(json_object_get(json_array_get(rows, next), "n")) == n)
			judge(t, json_array_get(rows, next++));
		if (next == first)
			answer(t, n, "nobody", 0, NULL);
	}
	if (!t->intake.event_count) {
		reply(t);
		return;
	}
	t->intake.events = t->events;
	t->intake.consents = t->consents;
	t->intake.now = t->now;
	t->intake.fn = on_recorded;
	t->intake.arg = t;
	store_intake(t->req->web->store, &t->intake);
}

static void on_time(void *arg, moment_t now, const struct error *error)
{
	struct telling *t = arg;
	size_t n;
	json_t *row;
	if (error) {
		fail(t, error);
		return;
	}
	t->now = now;
	json_array_foreach (json_object_get(t->body, "rows"), n, row)
		read_row(t, (int64_t)n, row);
	char *text = json_dumps(t->asked, JSON_COMPACT);
	const char *params[] = {text};
	store_query(t->req->web->store, "lead_places", params, 1, on_found, t);
	free(text);
}

void web_lead_places(struct web_request *req)
{
	static const char *const known[] = {"rows", "what", NULL};
	json_t *body = web_json_body(req), *rows = json_object_get(body, "rows");
	const char *foreign = body ? web_json_foreign(body, known) : NULL, *what = text_of(body, "what");
	bool moved = strcmp(what, "moved") == 0;
	if (!body)
		return;
	if (foreign || !json_is_array(rows) || json_array_size(rows) > ROWS_MOST || (!moved && strcmp(what, "deceased") != 0)) {
		web_refuse(req, ERROR_INVALID, foreign ? foreign : "rows", "what is \"deceased\" or \"moved\"; rows are at most %d people.", ROWS_MOST);
		json_decref(body);
		return;
	}
	struct arena *arena = http_arena(req->http);
	struct telling *t = arena_alloc(arena, sizeof *t);
	*t = (struct telling){.req = req, .body = body, .answers = json_array(), .asked = json_array(), .moved = moved, .events = arena_array(arena, FOUND_MOST, sizeof *t->events),
			      .consents = arena_array(arena, FOUND_MOST, sizeof *t->consents), .numbers = arena_array(arena, FOUND_MOST, sizeof *t->numbers)};
	web_now(req->web, on_time, t);
}
