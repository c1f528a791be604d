/* POST /v1/letter-matches: orders that came without a code, matched back to the letters that may have brought them.
 *
 *   {"rows": [{"code" | "email" | "phone" | "last_name" + "postal_code" (+ "first_name", "street", "city", "country") | "name" + "street" + "postal_code",
 *              "subject", "value", "at", "key"}], "within": days (90), "trial": true}
 *   → {"rows": [{"n", "result": "matched" | "known" | "unsure" | "unmatched" | "refused", "lead", "touch", "by", "why"}]}
 *
 * A row is matched when it names, by its code, its e-mail address, its telephone number, or its name and address, one lead that was sent a letter in so many days before it: event letter.response
 * with subject and value. Where several could be meant, or a name is there and neither street nor first name agree, it is unsure, and nothing is recorded: a person may look. With the same
 * `key` (else: the same row) it counts once. */
#include "store/intake.h"
#include "web/context.h"
#include "web/row_country.h"

#include "base/hash.h"
#include "base/reply_code.h"
#include "model/lead.h"
#include "model/phone.h"
#include "model/value.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS_MOST = 500, DAYS = 90, DAYS_MOST = 1000 };

struct matching {
	struct web_request *req;
	json_t *body, *answers, *asked;
	size_t count;
	int64_t within;
	bool trial;
	moment_t now, oldest;         /* of the orders */
	struct intake intake;
	struct intake_event *events;
	int64_t *numbers;             /* of the row of each event */
	size_t event_count;
};

static void end(struct matching *m)
{
	json_decref(m->body);
	json_decref(m->answers);
	json_decref(m->asked);
}

static void fail(struct matching *m, const struct error *error)
{
	web_fail(m->req, error);
	end(m);
}

static const json_t *row_of(const struct matching *m, int64_t n)
{
	return json_array_get(json_object_get(m->body, "rows"), (size_t)n);
}

static const char *text_of(const json_t *row, const char *name)
{
	const char *text = json_string_value(json_object_get(row, name));
	return text ? text : "";
}

static void answer(struct matching *m, int64_t n, const char *result, const char *why)
{
	json_array_append_new(m->answers, json_pack("{s:I, s:s, s:s*}", "n", (json_int_t)n, "result", result, "why", why));
}

/* ---- what is asked of the database ---- */

/* NULL, or why the row cannot be used. */
static const char *read_names(struct matching *m, json_t *row, json_t *out)
{
	static const char *const plain[] = {"name", "first_name", "last_name", "street", "postal_code", "city"};
	struct token_keys keys = {m->req->web->keys, m->req->web->key_count};
	struct arena *arena = http_arena(m->req->http);
	struct error error = {0};
	struct str email = str_of(text_of(row, "email"));
	char phone[PHONE_MAX];
	int64_t touch_id = 0;
	const char *country = web_row_country(row, "country", arena);
	if (country)
		return country;
	if (*text_of(row, "code") && !reply_code_read(&keys, str_of(text_of(row, "code")), &touch_id))
		return "no letter has this code";
	if (touch_id)
		json_object_set_new(out, "touch", json_integer(touch_id));
	if (email.n && model_email_normalise(email, arena, &email, &error) == 0)
		json_object_set_new(out, "email", json_stringn(email.p, email.n));
	if (*text_of(row, "phone") && phone_named(str_of(text_of(row, "phone")), str_of(text_of(row, "country")), phone))
		json_object_set_new(out, "phone", json_string(phone));
	for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
		json_object_set_new(out, plain[i], json_string(text_of(row, plain[i])));
	bool named = json_object_get(out, "touch") || json_object_get(out, "email") || json_object_get(out, "phone") ||
		     (*text_of(row, "postal_code") && (*text_of(row, "last_name") || (*text_of(row, "name") && *text_of(row, "street"))));
	return named ? NULL : "it names nobody: code, email, phone (with country), last_name and postal_code, or name, street and postal_code";
}

static const char *read_moment(struct matching *m, const json_t *row, json_t *out)
{
	moment_t at = m->now;
	struct error error = {0};
	char text[MOMENT_TEXT];
	const char *said = text_of(row, "at");
	const char *whole = strlen(said) == 10 ? arena_printf(http_arena(m->req->http), "%sT12:00:00Z", said) : said;
	if (*said && (moment_parse(str_of(whole), &at, &error) || at > m->now + MOMENT_DAY))
		return "at is a day (2027-03-18) or a moment by RFC 3339, and not to come";
	at = at > m->now ? m->now : at;
	m->oldest = at < m->oldest ? at : m->oldest;
	json_object_set_new(out, "at", json_string(moment_format(at, text)));
	return NULL;
}

static const char *read_value(const json_t *row, double *out)
{
	const json_t *value = json_object_get(row, "value");
	char *rest = NULL;
	*out = json_is_string(value) ? strtod(json_string_value(value), &rest) : json_number_value(value);
	bool good = !value || json_is_number(value) || (rest && rest != json_string_value(value) && !*rest);
	return good && *out > -1e15 && *out < 1e15 ? NULL : "value is a number, like 120.50";
}

static void read_row(struct matching *m, int64_t n, json_t *row)
{
	static const char *const known[] = {"code", "email", "phone", "name", "first_name", "last_name", "street", "postal_code", "city", "country", "subject", "value", "at", "key", NULL};
	json_t *out = json_pack("{s:I}", "n", (json_int_t)n);
	double value;
	const char *why = json_is_object(row) ? web_row_foreign(row, known, http_arena(m->req->http)) : "a row is an object";
	why = why ? why : read_names(m, row, out);
	why = why ? why : read_moment(m, row, out);
	why = why ? why : read_value(row, &value);
	if (why)
		answer(m, n, "refused", why);
	else
		json_array_append(m->asked, out);
	json_decref(out);
}

/* ---- what is recorded ---- */

/* The row itself, where it has no key: the same file again is the same orders. */
static struct str key_of(const struct matching *m, const json_t *row)
{
	unsigned char digest[HASH_SHA256];
	char hex[HASH_HEX], *text;
	const char *key = text_of(row, "key");
	if (*key && strlen(key) <= 150)
		return str_of(arena_printf(http_arena(m->req->http), "order:%s", key));
	text = json_dumps(row, JSON_COMPACT | JSON_SORT_KEYS);
	hash_sha256(str_of(text ? text : ""), digest);
	free(text);
	return str_of(arena_printf(http_arena(m->req->http), "order:%s", hash_hex(digest, sizeof digest, hex)));
}

static struct str data_of(const struct matching *m, const json_t *found)
{
	json_t *data = json_pack("{s:O, s:O?, s:O?, s:s, s:O}", "touch", json_object_get(found, "touch_id"), "campaign", json_object_get(found, "campaign"), "step", json_object_get(found, "step"),
				 "by", "order", "matched", json_object_get(found, "by"));
	char *text = json_dumps(data, JSON_COMPACT);
	struct str out = str_of(arena_dup(http_arena(m->req->http), text ? text : "{}"));
	free(text);
	json_decref(data);
	return out;
}

static void take(struct matching *m, const json_t *found)
{
	int64_t n = json_integer_value(json_object_get(found, "n"));
	const json_t *row = row_of(m, n);
	struct intake_event *event = &m->events[m->event_count];
	struct error error = {0};
	const char *subject = text_of(row, "subject");
	*event = (struct intake_event){
		.lead_id = json_integer_value(json_object_get(found, "lead_id")), .verb = STR("letter.response"), .key = key_of(m, row), .data = data_of(m, found), .bulk = true,
		.subject = str_of(arena_dup(http_arena(m->req->http), *subject ? subject : text_of(found, "template"))), .has_value = json_object_get(row, "value") != NULL};
	(void)read_value(row, &event->value);
	if (moment_parse(str_of(text_of(found, "at")), &event->at, &error))
		event->at = m->now;
	m->numbers[m->event_count++] = n;
}

static void judge(struct matching *m, const json_t *found)
{
	int64_t n = json_integer_value(json_object_get(found, "n"));
	const char *result = text_of(found, "result");
	if (strcmp(result, "matched") == 0 && !m->trial)
		take(m, found);
	else
		answer(m, n, result, strcmp(result, "unsure") == 0      ? "several who had a letter could be meant, or name and postal code agree and nothing else does"
				     : strcmp(result, "unmatched") == 0 ? "nobody like that had a letter in this time" : NULL);
}

static void reply(struct matching *m)
{
	http_reply_json(m->req->http, 200, NULL, json_pack("{s:O}", "rows", m->answers));
	end(m);
}

static void on_recorded(void *arg, const struct error *error)
{
	struct matching *m = arg;
	size_t made = 0;
	if (error) {
		fail(m, error);
		return;
	}
	for (size_t i = 0; i < m->event_count; i++) {
		const struct intake_event *event = &m->events[i];
		made += event->event_id != 0;
		json_array_append_new(m->answers, json_pack("{s:I, s:s, s:I}", "n", (json_int_t)m->numbers[i], "result", event->event_id ? "matched" : "known", "lead", (json_int_t)event->lead_id));
	}
	metrics_add(m->req->web->worker->metrics, METRIC_EVENTS_TAKEN, (int64_t)made);
	reply(m);
}

static void on_found(void *arg, json_t *rows, const struct error *error)
{
	struct matching *m = arg;
	size_t i;
	const json_t *found;
	if (error) {
		fail(m, error);
		return;
	}
	json_array_foreach (rows, i, found)
		judge(m, found);
	if (!m->event_count) {
		reply(m);
		return;
	}
	m->intake = (struct intake){.events = m->events, .event_count = m->event_count, .now = m->now, .fn = on_recorded, .arg = m};
	store_intake(m->req->web->store, &m->intake);
}

static void on_time(void *arg, moment_t now, const struct error *error)
{
	struct matching *m = arg;
	char since[MOMENT_TEXT];
	size_t n;
	json_t *row;
	if (error) {
		fail(m, error);
		return;
	}
	m->now = m->oldest = now;
	json_array_foreach (json_object_get(m->body, "rows"), n, row)
		read_row(m, (int64_t)n, row);
	char *text = json_dumps(m->asked, JSON_COMPACT);
	const char *params[] = {text, moment_format(m->oldest - m->within * MOMENT_DAY, since), arena_printf(http_arena(m->req->http), "%" PRId64, m->within)};
	store_query(m->req->web->store, "letter_matches", params, 3, on_found, m);
	free(text);
}

void web_letter_matches(struct web_request *req)
{
	static const char *const known[] = {"rows", "within", "trial", NULL};
	json_t *body = web_json_body(req), *rows = json_object_get(body, "rows"), *within = json_object_get(body, "within");
	const char *foreign = body ? web_json_foreign(body, known) : NULL;
	int64_t days = within ? json_integer_value(within) : DAYS;
	if (!body)
		return;
	if (foreign || !json_is_array(rows) || json_array_size(rows) > ROWS_MOST || days < 1 || days > DAYS_MOST || !req->web->key_count) {
		web_refuse(req, ERROR_INVALID, foreign ? foreign : "rows", "rows are at most %d orders; within is 1 to %d days; trial is true or false.", ROWS_MOST, DAYS_MOST);
		json_decref(body);
		return;
	}
	struct arena *arena = http_arena(req->http);
	struct matching *m = arena_alloc(arena, sizeof *m);
	*m = (struct matching){.req = req, .body = body, .answers = json_array(), .asked = json_array(), .count = json_array_size(rows), .within = days,
			       .trial = json_is_true(json_object_get(body, "trial")), .events = arena_array(arena, json_array_size(rows) + 1, sizeof *m->events),
			       .numbers = arena_array(arena, json_array_size(rows) + 1, sizeof *m->numbers)};
	web_now(req->web, on_time, m);
}
