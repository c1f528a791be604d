/* What an event and a lead may say: a table of wrong ones, each refused with its field named. */
#include "unit/check_main.h"
#include "web/event_parse.h"

static struct web *bare_web(void)
{
	static struct config config;
	static struct worker worker = {.config = &config};
	static struct web web = {.worker = &worker};
	if (!web.revision)
		web.revision = web_revision_new(&web);
	return &web;
}

static moment_t noon(void)
{
	moment_t now = 0;
	ck_assert_int_eq(moment_parse(STR("2026-03-02T12:00:00Z"), &now, NULL), 0);
	return now;
}

static const struct {
	const char *json, *field, *message; /* message: a part of it */
} wrong_events[] = {
	{"[]", "body", "an event is a JSON object"},
	{"{\"email\":\"a@example.com\"}", "verb", "verb is missing"},
	{"{\"verb\":\"page.view\"}", "email", "exactly one"},
	{"{\"verb\":\"page.view\",\"email\":\"a@example.com\",\"lead\":64}", "email", "exactly one"},
	{"{\"verb\":\"page.view\",\"visitor\":\"x\",\"lead\":64}", "visitor", "cookie nv"},
	{"{\"verb\":\"page.veiw\",\"email\":\"a@example.com\"}", "verb", "Did you mean \"page.view\"?"},
	{"{\"verb\":\"lead.update\",\"email\":\"a@example.com\"}", "verb", "recorded by Nurture itself"},
	{"{\"verb\":\"opportunity.won\",\"email\":\"a@example.com\"}", "verb", "/v1/opportunities"},
	{"{\"verb\":7,\"email\":\"a@example.com\"}", "verb", "must be text"},
	{"{\"verb\":\"page.view\",\"email\":\"not an address\"}", "email", ""},
	{"{\"verb\":\"page.view\",\"email\":\"a@example.com\\r\\nBcc: b@example.com\"}", "email", ""},
	{"{\"verb\":\"page.view\",\"lead\":\"64\"}", "lead", "number"},
	{"{\"verb\":\"page.view\",\"lead\":-1}", "lead", "number"},
	{"{\"verb\":\"page.view\",\"external_id\":\"\"}", "external_id", "empty"},
	{"{\"verb\":\"page.view\",\"lead\":64,\"value\":\"20\"}", "value", "must be a number"},
	{"{\"verb\":\"page.view\",\"lead\":64,\"data\":[1]}", "data", "must be an object"},
	{"{\"verb\":\"page.view\",\"lead\":64,\"at\":\"yesterday\"}", "at", "RFC 3339"},
	{"{\"verb\":\"page.view\",\"lead\":64,\"at\":1772452800}", "at", "RFC 3339"},
	{"{\"verb\":\"page.view\",\"lead\":64,\"at\":\"2026-03-02T14:00:00Z\"}", "at", "future"},
	{"{\"verb\":\"page.view\",\"lead\":64,\"at\":\"1970-01-01T00:00:00Z\"}", "at", "before 1990"},
	{"{\"verb\":\"page.view\",\"lead\":64,\"at\":\"2026-02-30T00:00:00Z\"}", "at", "calendar"},
	{"{\"verb\":\"page.view\",\"lead\":64,\"score\":99}", "score", "an event has no \"score\""},
	{"{\"verb\":\"page.view\",\"lead\":64,\"subject\":\"a\\u001bb\"}", "subject", "control"},
};

START_TEST(a_wrong_event_is_refused_and_its_field_named)
{
	struct arena *arena = arena_new();
	for (size_t i = 0; i < sizeof wrong_events / sizeof *wrong_events; i++) {
		struct error error = {0};
		struct intake_event event;
		json_t *json = web_json_parse(str_of(wrong_events[i].json), &error);
		ck_assert_msg(json != NULL, "%s", wrong_events[i].json);
		ck_assert_msg(web_event_parse(bare_web(), SCOPE_TRACK, json, noon(), arena, &event, &error) < 0, "taken: %s", wrong_events[i].json);
		ck_assert_str_eq(error.where, wrong_events[i].field);
		ck_assert_msg(strstr(error.message, wrong_events[i].message), "%s: %s", wrong_events[i].json, error.message);
		json_decref(json);
	}
	arena_free(arena);
}
END_TEST

START_TEST(what_sales_say_is_taken_of_who_may_write_alone)
{
	static const enum web_scope scopes[] = {SCOPE_TRACK, SCOPE_READ, SCOPE_WRITE, SCOPE_ADMIN};
	struct arena *arena = arena_new();
	struct error error = {0};
	struct intake_event event;
	json_t *json = web_json_parse(STR("{\"verb\":\"handoff.accept\",\"lead\":64}"), &error);
	for (size_t i = 0; i < sizeof scopes / sizeof *scopes; i++)
		ck_assert_int_eq(web_event_parse(bare_web(), scopes[i], json, noon(), arena, &event, &error), scopes[i] < SCOPE_WRITE ? -1 : 0);
	ck_assert_str_eq(error.where, "verb");
	ck_assert(error.code == ERROR_DENIED && strstr(error.message, "scope write"));
	json_decref(json);
	arena_free(arena);
}
END_TEST

START_TEST(a_right_event_is_taken_as_it_stands)
{
	struct arena *arena = arena_new();
	struct error error = {0};
	struct intake_event event;
	json_t *json = web_json_parse(STR("{\"email\":\"Ann@EXAMPLE.com\",\"verb\":\"webinar.attend\",\"subject\":\"zero-trust-live\","
					  "\"value\":21.5,\"at\":\"2026-03-01T09:30:00+01:00\",\"key\":\"k1\",\"data\":{\"a\":{\"b\":[1]}}}"), &error);
	ck_assert_msg(web_event_parse(bare_web(), SCOPE_TRACK, json, noon(), arena, &event, &error) == 0, "%s", error.message);
	ck_assert(str_ends(event.email, STR("@example.com")));
	ck_assert(str_is(event.subject, "zero-trust-live") && str_is(event.key, "k1"));
	ck_assert(event.has_value && event.value == 21.5 && event.create);
	ck_assert(str_is(event.data, "{\"a\":{\"b\":[1]}}"));
	char at[MOMENT_TEXT];
	ck_assert_str_eq(moment_format(event.at, at), "2026-03-01T08:30:00Z");
	json_decref(json);
	arena_free(arena);
}
END_TEST

static const struct {
	const char *json, *field, *message;
} wrong_leads[] = {
	{"{\"email\":\"a@example.com\",\"frist_name\":\"Ann\"}", "frist_name", "Did you mean \"first_name\"?"},
	{"{\"email\":\"a@example.com\",\"score\":100}", "score", "there is no field"},
	{"{\"email\":\"a@example.com\",\"first_name\":7}", "first_name", ""},
	{"{\"email\":\"a@example.com\",\"country\":\"Germoney\"}", "country", ""},
	{"{\"email\":\"a@example.com\",\"time_zone\":\"Mars/Olympus\"}", "time_zone", ""},
	{"{\"email\":\"a@example.com\",\"role\":\"boss\"}", "role", ""},
};

START_TEST(a_wrong_field_of_a_lead_is_refused_by_name)
{
	struct arena *arena = arena_new();
	for (size_t i = 0; i < sizeof wrong_leads / sizeof *wrong_leads; i++) {
		struct error error = {0};
		struct intake_event event = {0};
		json_t *json = web_json_parse(str_of(wrong_leads[i].json), &error);
		ck_assert_msg(web_lead_parse(bare_web(), json, false, arena, &event, &error) < 0, "taken: %s", wrong_leads[i].json);
		ck_assert_str_eq(error.where, wrong_leads[i].field);
		ck_assert_msg(strstr(error.message, wrong_leads[i].message), "%s", error.message);
		json_decref(json);
	}
	arena_free(arena);
}
END_TEST

START_TEST(hostile_json_is_refused_before_it_is_parsed)
{
	static char deep[2001];
	static const char *const bad[] = {"{\"a\":1,\"a\":2}", "{\"a\":\"\\u0000\"}", "{\"a\":1e400}", "{\"a\":\"\\ud800\"}", "{\"a\":\"\xc0\xaf\"}",
					  "{\"a\":1}x", "{", "", "{\"a\":01}", "nul"};
	struct error error = {0};
	memset(deep, '[', 1000);
	memset(deep + 1000, ']', 1000);
	ck_assert_ptr_null(web_json_parse(str_of(deep), &error));
	ck_assert(strstr(error.message, "nested deeper than 64"));
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		ck_assert_msg(!web_json_parse(str_of(bad[i]), &error), "%s", bad[i]);
	ck_assert_ptr_null(web_json_parse((struct str){"{\"a\":\"\0\"}", 9}, &error));
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(a_wrong_event_is_refused_and_its_field_named),
	UNIT(what_sales_say_is_taken_of_who_may_write_alone),
	UNIT(a_right_event_is_taken_as_it_stands),
	UNIT(a_wrong_field_of_a_lead_is_refused_by_name),
	UNIT(hostile_json_is_refused_before_it_is_parsed),
};
UNIT_MAIN("web/event", cases)
