/* Forecasts: contacts a day of many leads are those that each of them gets; answers come as they were measured. */
#include "turn/forecast.h"
#include "unit/turn_lua.h"

static const char basics[] =
	"playbook \"t\" { time_zone = \"Europe/Berlin\" }\n"
	"consent \"email\" { purpose = \"marketing\", default = \"opt-out\", unknown = \"opt-out\", countries = { DE = \"double-opt-in\" } }\n"
	"hours \"call\" { days = \"Mon-Sun\", from = \"8:00\", to = \"18:00\" }\n"
	"script \"ask\" { question \"title\" { ask = \"What do you do?\" }, result \"yes\" { when = lead { title = known } }, result \"no\" {} }\n"
	"campaign \"c\" { enter = \"by hand\",\n"
	"  step \"one\" { day(1), email \"welcome\", go \"two\" },\n"
	"  step \"two\" { day(3), call \"ask\", answers = { yes = \"three\", otherwise = leave \"no\" } },\n"
	"  step \"three\" { wait \"1 day\", email \"welcome\", leave \"done\" },\n"
	"}\n";

static struct playbook *playbook;
static struct value *fields;
static moment_t now;

/* With channels for mails and calls. */
static void load(void)
{
	static const struct playbook_channel channels[] = {{.name = "email", .kind = "email", .body = "markdown"}, {.name = "calls", .kind = "call", .body = "text"}};
	static const struct playbook_site site = {.channels = channels, .channel_count = 2, .postal_address = "1 Example Street", .bell = &bell_of_thread};
	static const struct calendar_local monday = {.year = 2027, .month = 2, .day = 1, .hour = 10};
	lua_file_count = 0;
	lua_file("playbook.lua", basics);
	lua_file("templates/call/ask.md", "# title\nWhat do you do?\n");
	lua_mail("welcome");
	struct playbook_files files = {.files = lua_files, .count = lua_file_count};
	lua_problems = (struct problems){.arena = lua_arena};
	playbook = playbook_load(&files, &site, &lua_problems);
	ck_assert_msg(playbook != NULL, "%s", problems_text(&lua_problems));
	now = calendar_moment(&monday, "Europe/Berlin");
	fields = arena_array(lua_arena, playbook->schema.lead_count, sizeof *fields);
	fields[LEAD_EMAIL] = (struct value){.type = VALUE_TEXT, .text = STR("a@example.com")};
	fields[LEAD_PHONE] = (struct value){.type = VALUE_TEXT, .text = STR("+12025550100")};
}

static json_t *forecast(const struct forecast_rate *rates, size_t rate_count, int leads, int all)
{
	struct error error = {0};
	struct forecast *f = forecast_new(playbook, &playbook->campaigns[0], rates, rate_count, 10, now);
	for (int i = 1; i <= leads; i++) {
		fields[LEAD_COUNTRY] = i % 10 ? (struct value){.type = VALUE_TEXT, .text = STR("US")} : (struct value){.type = VALUE_TEXT, .text = STR("DE")};
		struct lead_facts known = {.lead = {.id = (int64_t)i << 6, .created_at = now, .fields = fields}, .sent = {"", 0}, .applied = {"", 0}, .packed = {"", 0}};
		ck_assert_msg(forecast_lead(f, FORECAST_ENTERING, &known, &error) == 0, "%s", error.message);
	}
	json_t *json = forecast_json(f, (const int64_t[]){0, all});
	forecast_free(f);
	return json;
}

static const json_t *channel(const json_t *json, const char *kind)
{
	size_t i;
	json_t *row;
	json_array_foreach(json_object_get(json, "channels"), i, row)
		if (strcmp(json_string_value(json_object_get(row, "kind")), kind) == 0)
			return row;
	ck_abort_msg("no %s", kind);
}

static double number(const json_t *row, const char *key)
{
	return json_number_value(json_object_get(row, key));
}

/* Nine of ten may get mails; everybody is called on day 3; by even odds (yes, no, nobody) some get a second mail a day later. */
START_TEST(without_measure_even_odds_are_taken_and_said)
{
	load();
	json_t *json = forecast(NULL, 0, 300, 300);
	const json_t *mails = channel(json, "email"), *calls = channel(json, "call");
	ck_assert_int_eq(json_array_size(json_object_get(mails, "by_day")), 2);
	const json_t *first = json_array_get(json_object_get(mails, "by_day"), 0), *second = json_array_get(json_object_get(mails, "by_day"), 1);
	ck_assert(number(first, "day") == 1 && number(first, "touches") == 270);
	ck_assert(number(second, "day") == 4 && number(second, "touches") > 60 && number(second, "touches") < 120); /* 90; the dice are always the same */
	ck_assert(number(calls, "total") == 300);
	ck_assert_str_eq(json_string_value(json_object_get(json_object_get(calls, "most"), "date")), "2027-02-03");
	ck_assert(number(mails, "error") > 0);
	const json_t *odds = json_array_get(json_object_get(json, "rates"), 0);
	ck_assert_str_eq(json_string_value(json_object_get(odds, "step")), "two");
	ck_assert(number(odds, "measured") == 0 && json_array_size(json_object_get(odds, "answers")) == 3);
	ck_assert_str_eq(json_string_value(json_array_get(json_object_get(json, "notes"), 0)),
			 "step \"two\": nothing is measured yet, so even odds are taken for how its contact ends.");
	const json_t *held = json_array_get(json_object_get(json, "held"), 0);
	ck_assert_str_eq(json_string_value(json_object_get(held, "reason")), "email: DE asks for double opt-in");
	ck_assert(number(held, "touches") >= 30);
	json_decref(json);
	playbook_free(playbook);
}
END_TEST

START_TEST(answers_come_as_they_were_measured)
{
	static const struct forecast_rate never[] = {{STR("two"), STR("no"), 5}, {STR("two"), STR("held"), 100}, {STR("one"), STR("sent"), 7}};
	static const struct forecast_rate mostly[] = {{STR("two"), STR("no"), 10}, {STR("two"), STR("yes"), 90}};
	load();
	json_t *json = forecast(never, 3, 100, 100);
	ck_assert(number(channel(json, "email"), "total") == 90 && number(channel(json, "call"), "total") == 100);
	ck_assert_uint_eq(json_array_size(json_object_get(json, "notes")), 0);
	ck_assert(number(channel(json, "email"), "error") == 0); /* all of them, and nothing was drawn */
	json_decref(json);
	json = forecast(mostly, 2, 300, 300);
	ck_assert(number(channel(json, "email"), "total") > 270 + 225 && number(channel(json, "email"), "total") < 270 + 260); /* 243 of them twice */
	json_decref(json);
	playbook_free(playbook);
}
END_TEST

START_TEST(a_sample_stands_for_all_with_an_error)
{
	static const struct forecast_rate never[] = {{STR("two"), STR("no"), 1}};
	load();
	json_t *json = forecast(never, 1, 100, 10000);
	const json_t *mails = channel(json, "email");
	ck_assert(number(mails, "total") == 9000);
	/* 1.96 × 10,000 × sqrt(0.99 × 0.09 × 100/99 / 100) */
	ck_assert(number(mails, "error") > 587.9 && number(mails, "error") < 588.1);
	ck_assert(number(channel(json, "call"), "error") == 0); /* everybody is called once */
	ck_assert(number(json_object_get(json, "walked"), "entering") == 100 && number(json_object_get(json, "leads"), "entering") == 10000);
	json_decref(json);
	playbook_free(playbook);
}
END_TEST

/* Evening of the first in New York is the second in Berlin: the call of day 3 is made there at eight on the third. In the playbook's zone that is day 2, and
 * its date the third as well. */
START_TEST(dates_are_those_of_the_contacts_wherever_the_lead_is)
{
	struct error error = {0};
	load();
	now += 15 * MOMENT_HOUR; /* 1:00 of 2 February in Berlin, 19:00 of the 1st in New York */
	struct forecast *f = forecast_new(playbook, &playbook->campaigns[0], NULL, 0, 10, now);
	struct lead_facts known = {.lead = {.id = 64, .created_at = now, .fields = fields}, .sent = {"", 0}, .applied = {"", 0}, .packed = {"", 0}};
	fields[LEAD_COUNTRY] = (struct value){.type = VALUE_TEXT, .text = STR("US")};
	fields[LEAD_TIME_ZONE] = (struct value){.type = VALUE_TEXT, .text = STR("America/New_York")};
	ck_assert_msg(forecast_lead(f, FORECAST_ENTERING, &known, &error) == 0, "%s", error.message);
	json_t *json = forecast_json(f, (const int64_t[]){0, 1});
	const json_t *call = json_object_get(channel(json, "call"), "most");
	ck_assert_str_eq(json_string_value(json_object_get(json, "zone")), "Europe/Berlin");
	ck_assert_str_eq(json_string_value(json_object_get(call, "date")), "2027-02-03");
	ck_assert_int_eq(json_integer_value(json_object_get(call, "day")), 2);
	forecast_free(f);
	json_decref(json);
	playbook_free(playbook);
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(dates_are_those_of_the_contacts_wherever_the_lead_is),
	UNIT(without_measure_even_odds_are_taken_and_said),
	UNIT(answers_come_as_they_were_measured),
	UNIT(a_sample_stands_for_all_with_an_error),
};
UNIT_MAIN("turn/forecast", cases)
