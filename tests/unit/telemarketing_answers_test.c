/* What an agent reports, checked against the script (plugins/telemarketing/answers.h). */
#include "answers.h"

#include "unit/check_main.h"

#include <stdio.h>
#include <string.h>

static const char sheet_text[] =
	"{\"lead\": {\"fields\": {\"need\": \"planned\"}}, \"dispositions\": [{\"name\": \"no_answer\", \"means\": \"nobody\"}, {\"name\": \"never\", \"means\": \"never\"}],"
	" \"script\": {\"name\": \"ask\", \"results\": [\"now\", \"later\"], \"questions\": ["
	"  {\"name\": \"timing\", \"field\": \"timing\", \"type\": \"choice\", \"needed\": true, \"choices\": [{\"name\": \"now\"}, {\"name\": \"later\"}], \"next\": \"budget\","
	"   \"branch\": {\"field\": \"timing\", \"cases\": {\"now\": \"budget\", \"later\": null}}},"
	"  {\"name\": \"budget\", \"field\": \"money\", \"type\": \"number\", \"needed\": false, \"next\": \"why\", \"branch\": {\"field\": \"need\", \"cases\": {\"planned\": \"day\"}}},"
	"  {\"name\": \"why\", \"field\": \"why\", \"type\": \"text\", \"needed\": true, \"next\": \"day\"},"
	"  {\"name\": \"day\", \"field\": \"day\", \"type\": \"date\", \"needed\": false, \"next\": \"sure\"},"
	"  {\"name\": \"sure\", \"field\": \"sure\", \"type\": \"yes/no\", \"needed\": false, \"next\": \"topics\"},"
	"  {\"name\": \"topics\", \"field\": \"topics\", \"type\": \"choices\", \"needed\": false, \"choices\": [{\"name\": \"a\"}, {\"name\": \"b\"}], \"next\": \"others\"},"
	"  {\"name\": \"others\", \"field\": null, \"type\": \"people\", \"creates\": \"colleague\", \"needed\": false, \"next\": null}]}}";

static const int64_t NOW = INT64_C(1800000000000000);
static struct outcome out;
static json_t *sheet;

static bool read_report(const char *text, int64_t latest)
{
	json_t *report = json_loads(text, 0, NULL);
	ck_assert_msg(report != NULL, "%s", text);
	outcome_fini(&out);
	bool good = outcome_read(report, sheet, NOW, latest, &out);
	json_decref(report);
	return good;
}

static void begin(void)
{
	sheet = json_loads(sheet_text, 0, NULL);
	ck_assert_ptr_nonnull(sheet);
	out = (struct outcome){0};
}

static void end(void)
{
	outcome_fini(&out);
	json_decref(sheet);
}

START_TEST(answers_become_fields_on_the_way_that_they_lead)
{
	ck_assert_msg(read_report("{\"disposition\": \"reached\", \"answers\": {\"timing\": \"now\", \"budget\": 5.5, \"day\": \"2028-02-29\", \"sure\": true, \"topics\": [\"b\"],"
				  " \"others\": [{\"first_name\": \"Di\"}, \"Edo\"]}}", 0), "%s", out.wrong);
	ck_assert(out.reached && !out.never && strcmp(out.answer, "reached") == 0);
	ck_assert_int_eq(json_object_size(out.said), 5);
	ck_assert(json_real_value(json_object_get(out.said, "money")) == 5.5);
	ck_assert_int_eq(json_array_size(out.colleagues), 2);
	ck_assert_str_eq(json_string_value(json_object_get(json_array_get(out.colleagues, 1), "last_name")), "Edo");
	/* the other branch ends at once */
	ck_assert_msg(read_report("{\"result\": \"later\", \"answers\": {\"timing\": \"later\"}}", 0), "%s", out.wrong);
	ck_assert_str_eq(out.answer, "later");
	ck_assert(!read_report("{\"result\": \"later\", \"answers\": {\"timing\": \"later\", \"budget\": 5}}", 0));
	ck_assert_str_eq(out.field, "budget");
}
END_TEST

START_TEST(a_branch_looks_at_what_was_known_before)
{
	/* need is planned: the needed question `why` is passed by */
	ck_assert_msg(read_report("{\"disposition\": \"reached\", \"answers\": {\"timing\": \"now\"}}", 0), "%s", out.wrong);
	json_object_clear(json_object_get(json_object_get(sheet, "lead"), "fields"));
	ck_assert(!read_report("{\"disposition\": \"reached\", \"answers\": {\"timing\": \"now\"}}", 0));
	ck_assert_str_eq(out.field, "why");
}
END_TEST

START_TEST(who_was_not_reached_has_answered_nothing_that_is_needed)
{
	ck_assert(read_report("{\"disposition\": \"no_answer\"}", 0));
	ck_assert(!out.reached && !out.never);
	ck_assert(read_report("{\"disposition\": \"never\", \"note\": \"was angry\"}", 0));
	ck_assert(out.never);
}
END_TEST

START_TEST(what_does_not_fit_is_refused_with_its_question)
{
	static const struct { const char *report, *field; } all[] = {
		{"{}", "disposition"}, {"{\"disposition\": \"busy\"}", "disposition"}, {"{\"result\": \"great\"}", "result"}, {"{\"result\": \"now\", \"disposition\": \"never\"}", "disposition"},
		{"{\"disposition\": \"reached\"}", "timing"}, {"{\"disposition\": \"reached\", \"answers\": []}", "answers"},
		{"{\"disposition\": \"reached\", \"answers\": {\"timing\": \"soon\"}}", "timing"}, {"{\"disposition\": \"reached\", \"answers\": {\"timing\": 1}}", "timing"},
		{"{\"disposition\": \"reached\", \"answers\": {\"timing\": \"now\", \"budget\": \"5\"}}", "budget"},
		{"{\"disposition\": \"reached\", \"answers\": {\"timing\": \"now\", \"day\": \"2027-02-29\"}}", "day"},
		{"{\"disposition\": \"reached\", \"answers\": {\"timing\": \"now\", \"sure\": \"yes\"}}", "sure"},
		{"{\"disposition\": \"reached\", \"answers\": {\"timing\": \"now\", \"topics\": [\"c\"]}}", "topics"},
		{"{\"disposition\": \"reached\", \"answers\": {\"timing\": \"now\", \"others\": [{}]}}", "others"},
		{"{\"disposition\": \"reached\", \"answers\": {\"timing\": \"now\", \"others\": [{\"first_name\": \"\", \"role\": \"user\"}]}}", "others"},
		{"{\"disposition\": \"reached\", \"answers\": {\"timing\": \"now\", \"nope\": 1}}", "nope"}, {"{\"disposition\": \"no_answer\", \"score\": 5}", "score"},
		{"{\"disposition\": \"no_answer\", \"note\": 5}", "note"}, {"{\"callback_at\": \"tomorrow\"}", "callback_at"},
		{"{\"callback_at\": \"2020-01-01T10:00:00Z\"}", "callback_at"}, {"{\"callback_at\": \"2027-13-01T10:00:00Z\"}", "callback_at"}};
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		ck_assert_msg(!read_report(all[i].report, 0), "%s", all[i].report);
		ck_assert_msg(strcmp(out.field, all[i].field) == 0 && *out.wrong, "%s: %s %s", all[i].report, out.field, out.wrong);
	}
}
END_TEST

/* The person is named by its number, with the key or the address that is wrong. */
START_TEST(people_who_cannot_be_leads_are_refused)
{
	static const struct { const char *person, *says; } all[] = {
		{"{\"emial\": \"a@example.com\"}", "\"emial\""}, {"{\"email\": \"a@\"}", "\"a@\""}, {"{\"email\": \"a b@example.com\"}", "\"a b@example.com\""},
		{"{\"email\": \"a@b@example.com\"}", "no e-mail address"}, {"{\"first_name\": \"Di\", \"phone\": \"call me\"}", "\"call me\""}, {"{\"first_name\": 5}", "first_name"},
		{"{\"first_name\": \"Di\", \"role\": \"boss\"}", "\"boss\""}, {"\"  \"", "neither"}, {"5", "neither"}, {"{\"title\": \"CEO\"}", "no name"}};
	char report[400];
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		snprintf(report, sizeof report, "{\"disposition\": \"reached\", \"answers\": {\"timing\": \"now\", \"others\": [\"Edo\", %s]}}", all[i].person);
		ck_assert_msg(!read_report(report, 0), "%s", report);
		ck_assert_str_eq(out.field, "others");
		ck_assert_msg(strstr(out.wrong, all[i].says) && strstr(out.wrong, "number 2"), "%s: %s", report, out.wrong);
	}
	ck_assert_msg(read_report("{\"disposition\": \"reached\", \"answers\": {\"timing\": \"now\", \"others\": [{\"last_name\": \"Frey\", \"email\": \"\","
				  " \"phone\": \"+49 (30) 123-45\", \"role\": \"user\"}]}}", 0), "%s", out.wrong);
	ck_assert_int_eq(json_object_size(json_array_get(out.colleagues, 0)), 3); /* what was left empty is not said */
}
END_TEST

START_TEST(callbacks_lie_ahead_and_within_the_campaigns_time)
{
	ck_assert(read_report("{\"callback_at\": \"2027-03-18T15:00:00+01:00\"}", 0));
	ck_assert_int_eq(out.callback_at, outcome_moment("2027-03-18T14:00:00Z"));
	ck_assert(!read_report("{\"callback_at\": \"2027-03-18T15:00:00+01:00\"}", outcome_moment("2027-03-18T13:59:00Z")));
	ck_assert(out.latest_at == outcome_moment("2027-03-18T13:59:00Z") && strstr(out.wrong, "2027-03-18T13:59:00Z"));
	/* more time */
	ck_assert_msg(read_report("{\"callback_at\": \"2027-03-18T15:00:00+01:00\", \"until\": \"2027-03-18T18:00:00+01:00\"}", outcome_moment("2027-03-18T13:59:00Z")), "%s", out.wrong);
	ck_assert_int_eq(out.until, outcome_moment("2027-03-18T17:00:00Z"));
	static const char *const wrong[] = {"2027-03-18T14:00:00Z", "2027-03-18", "2030-01-01T00:00:00Z"}; /* not after the callback; no moment; years away */
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		char text[200];
		snprintf(text, sizeof text, "{\"callback_at\": \"2027-03-18T15:00:00+01:00\", \"until\": \"%s\"}", wrong[i]);
		ck_assert(!read_report(text, outcome_moment("2027-03-18T13:59:00Z")) && strcmp(out.field, "until") == 0);
	}
	ck_assert(!read_report("{\"callback_at\": \"2027-03-18T15:00:00Z\", \"until\": \"2027-03-18T18:00:00Z\"}", 0) && strcmp(out.field, "until") == 0);
	ck_assert(!read_report("{\"disposition\": \"no_answer\", \"until\": \"2027-03-18T18:00:00Z\"}", 0) && strcmp(out.field, "until") == 0);
	ck_assert_int_eq(outcome_moment("1970-01-01T00:00:01.5Z"), 1000000);
	ck_assert_int_eq(outcome_moment("1970-01-01T00:00:01"), 0);
	ck_assert_int_eq(outcome_moment(""), 0);
}
END_TEST

START_TEST(what_is_shown_of_a_long_word_ends_with_a_whole_letter)
{
	char word[200] = "x", report[400];
	static const char *const forms[] = {
		"{\"disposition\": \"%s\"}", "{\"result\": \"%s\"}", "{\"%s\": 1}", "{\"result\": \"now\", \"answers\": {\"timing\": \"now\", \"others\": [{\"%s\": 1}]}}",
		"{\"result\": \"now\", \"answers\": {\"timing\": \"now\", \"others\": [{\"email\": \"%s\"}]}}"};
	for (int i = 0; i < 60; i++)
		strcat(word, "ö");
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		snprintf(report, sizeof report, forms[i], word);
		ck_assert_msg(!read_report(report, 0), "%s", report);
		ck_assert_msg(strstr(out.wrong, "xööööö") != NULL, "%s", out.wrong);
		json_t *told = json_pack("{s:s, s:s}", "detail", out.wrong, "field", out.field);
		ck_assert_msg(told != NULL, "no JSON can be made of: %s, %s", out.wrong, out.field);
		json_decref(told);
	}
}
END_TEST

START_TEST(a_callback_swallows_nothing)
{
	static const struct { const char *report, *field; } all[] = {
		{"{\"callback_at\": \"2027-03-18T15:00:00Z\", \"disposition\": \"never\"}", "disposition"}, {"{\"callback_at\": \"2027-03-18T15:00:00Z\", \"result\": \"later\"}", "result"},
		{"{\"callback_at\": \"2027-03-18T15:00:00Z\", \"answers\": {\"timing\": \"now\"}}", "answers"}, {"{\"callback_at\": \"2027-02-29T15:00:00Z\"}", "callback_at"}};
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		ck_assert_msg(!read_report(all[i].report, 0), "%s", all[i].report);
		ck_assert_str_eq(out.field, all[i].field);
		ck_assert(*out.wrong);
	}
	ck_assert_msg(read_report("{\"callback_at\": \"2027-03-18T15:00:00Z\", \"answers\": {}, \"note\": \"is on a train\"}", 0), "%s", out.wrong);
}
END_TEST

START_TEST(a_file_of_a_call_centre_has_texts)
{
	ck_assert_msg(read_report("{\"disposition\": \"reached\", \"texts\": true, \"answers\": {\"timing\": \"now\", \"budget\": \"5000\", \"sure\": \"no\", \"topics\": \"a;b\"}}", 0),
		      "%s", out.wrong);
	ck_assert(json_number_value(json_object_get(out.said, "money")) == 5000 && json_is_false(json_object_get(out.said, "sure")));
	ck_assert_int_eq(json_array_size(json_object_get(out.said, "topics")), 2);
	ck_assert(!read_report("{\"disposition\": \"reached\", \"texts\": true, \"answers\": {\"timing\": \"now\", \"budget\": \"much\"}}", 0));
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(answers_become_fields_on_the_way_that_they_lead),
	UNIT(a_branch_looks_at_what_was_known_before),
	UNIT(who_was_not_reached_has_answered_nothing_that_is_needed),
	UNIT(what_does_not_fit_is_refused_with_its_question),
	UNIT(people_who_cannot_be_leads_are_refused),
	UNIT(callbacks_lie_ahead_and_within_the_campaigns_time),
	UNIT(what_is_shown_of_a_long_word_ends_with_a_whole_letter),
	UNIT(a_callback_swallows_nothing),
	UNIT(a_file_of_a_call_centre_has_texts),
};
UNIT_MAIN_EACH("telemarketing/answers", cases, (void)0, begin, end)
