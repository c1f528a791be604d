/* Values of fields from JSON, from cells, and the tables of names. */
#include "model/lead.h"
#include "unit/check_main.h"

static const char *const timings[] = {"now", "six_months", "later"};
static const char *const timing_labels[] = {"Right now", "Within six months, or so", "NOW, or later"};
static const struct field said = {
	.name = "said", .type = FIELD_CHOICE, .choices = timings, .choice_labels = timing_labels, .choice_count = 3};
static const struct field all_said = {
	.name = "all_said", .type = FIELD_CHOICES, .choices = timings, .choice_labels = timing_labels, .choice_count = 3};
static const char *const two_names[] = {"Hot", "hot", "cold"}, *const two_labels[] = {"As ever", "as EVER", "Hot"};
static const struct field twice = {
	.name = "twice", .type = FIELD_CHOICE, .choices = two_names, .choice_labels = two_labels, .choice_count = 3};
static const struct field timing = {
	.name = "timing", .type = FIELD_CHOICE, .choices = timings, .choice_labels = timings, .choice_count = 3};
static const struct field topics = {
	.name = "topics", .type = FIELD_CHOICES, .choices = timings, .choice_labels = timings, .choice_count = 3};
static const struct field employees = {.name = "employees", .type = FIELD_NUMBER};
static const struct field meeting = {.name = "meeting_day", .type = FIELD_DATE};
static const struct field competitor = {.name = "competitor", .type = FIELD_YES_NO};

static struct arena *arena;

static struct value from_json(const struct field *field, const char *text)
{
	struct value v = {0};
	struct error error = {0};
	json_t *json = json_loads(text, JSON_DECODE_ANY, NULL);
	ck_assert_ptr_nonnull(json);
	ck_assert_msg(value_from_json(field, json, arena, &v, &error) == 0, "%s: %s", text, error.message);
	v = value_copy(arena, &v);
	json_decref(json);
	return v;
}

static const char *bad_json(const struct field *field, const char *text)
{
	static struct error error;
	struct value v = {0};
	json_t *json = json_loads(text, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
	ck_assert_ptr_nonnull(json);
	error_clear(&error);
	ck_assert_msg(value_from_json(field, json, arena, &v, &error) == -1, "%s", text);
	ck_assert_str_eq(error.where, field->name);
	json_decref(json);
	return error.message;
}

static const char *bad_text(const struct field *field, const char *text)
{
	static struct error error;
	struct value v = {0};
	error_clear(&error);
	ck_assert_msg(value_from_text(field, str_of(text), arena, &v, &error) == -1, "%s", text);
	return error.message;
}

START_TEST(each_type_takes_its_own_json_and_gives_it_back)
{
	arena = arena_new();
	static const struct {
		const struct field *field;
		const char *json;
	} cases[] = {
		{&employees, "200"},
		{&employees, "1.5"},
		{&competitor, "true"},
		{&timing, "\"later\""},
		{&topics, "[\"now\", \"later\"]"},
		{&meeting, "\"2027-03-18T00:00:00Z\""},
		{&employees, "null"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct value v = from_json(cases[i].field, cases[i].json);
		json_t *back = value_to_json(&v), *want = json_loads(cases[i].json, JSON_DECODE_ANY, NULL);
		ck_assert_msg(json_equal(back, want), "%s", cases[i].json);
		json_decref(back);
		json_decref(want);
	}
	arena_free(arena);
}
END_TEST

START_TEST(a_wrong_type_is_told_in_marketings_words)
{
	arena = arena_new();
	ck_assert_str_eq(bad_json(&employees, "\"200\""),
			 "employees is a number; \"200\" is text. Leave the quotes away.");
	ck_assert_str_eq(bad_json(&timing, "\"nwo\""),
			 "timing has no choice \"nwo\". Its choices are now, six_months, later.");
	ck_assert_str_eq(bad_json(&competitor, "\"yes\""),
			 "competitor is yes or no; \"yes\" is text. Write true or false.");
	ck_assert_str_eq(bad_json(&timing, "3"), "timing is a choice; 3 is a number. Put it in quotes.");
	ck_assert_str_eq(bad_json(&model_lead_fields[LEAD_CITY], "{}"), "city is text, not an object.");
	ck_assert_ptr_nonnull(strstr(bad_json(&meeting, "\"2027-02-30\""), "does not exist"));
	ck_assert_ptr_nonnull(strstr(bad_json(&topics, "[\"now\", 3]"), "every entry is text"));
	arena_free(arena);
}
END_TEST

START_TEST(what_is_no_text_is_kept_out)
{
	arena = arena_new();
	const struct field *name = &model_lead_fields[LEAD_FIRST_NAME];
	ck_assert_ptr_nonnull(strstr(bad_json(name, "\"a\\u0000b\""), "control characters"));
	ck_assert_ptr_nonnull(strstr(bad_json(name, "\"a\\u001bb\""), "control characters"));
	ck_assert_ptr_nonnull(strstr(bad_json(name, "\"a\\r\\nBcc: x\""), "one line"));
	char long_text[10100];
	memset(long_text, 'x', sizeof long_text);
	struct value v = {0};
	ck_assert_int_eq(value_from_text(name, (struct str){long_text, sizeof long_text}, arena, &v, NULL), -1);
	ck_assert_int_eq(value_from_text(&model_lead_fields[LEAD_ADDRESS], STR("1 Main St\nTown"), arena, &v, NULL), 0);
	arena_free(arena);
}
END_TEST

START_TEST(standard_fields_are_spelled_one_way)
{
	arena = arena_new();
	static const struct {
		int slot;
		const char *in, *out;
	} cases[] = {
		{LEAD_EMAIL, " Ann.Lee@Example.COM ", "ann.lee@example.com"},
		{LEAD_COUNTRY, "de", "DE"},
		{LEAD_LANGUAGE, "de-AT", "de"},
		{LEAD_TIME_ZONE, "Asia/Kathmandu", "Asia/Kathmandu"},
		{LEAD_ROLE, "executive", "executive"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct value v = {0};
		ck_assert_int_eq(value_from_text(&model_lead_fields[cases[i].slot], str_of(cases[i].in), arena, &v,
						 NULL),
				 0);
		ck_assert_str_eq(v.text.p, cases[i].out);
	}
	bad_text(&model_lead_fields[LEAD_COUNTRY], "XX");
	bad_text(&model_lead_fields[LEAD_COUNTRY], "Germoney");
	bad_text(&model_lead_fields[LEAD_TIME_ZONE], "Berlin/Europe");
	bad_text(&model_lead_fields[LEAD_ROLE], "boss");
	bad_text(&model_lead_fields[LEAD_LANGUAGE], "german");
	arena_free(arena);
}
END_TEST

START_TEST(an_address_that_passes_can_stand_in_an_smtp_command)
{
	arena = arena_new();
	struct str out;
	static const char *const good[] = {"a@b.co", "o'hara+x@sub.example.com", "a!#$%&'*/=?^_`{|}~-@example.org"};
	static const char *const bad[] = {"",        "a",         "@b.co",         "a@",
					  "a@b",     "a b@c.de",  "a@b..de",       ".a@b.de",
					  "a.@b.de", "a..b@c.de", "\"a b\"@c.de",  "a@-b.de",
					  "a@b-.de", "a@1.2.3.4", "a@[1.2.3.4]",   "a@b.de\r\nRCPT TO:<x@y.zz>",
					  "a@b.de>", "a,b@c.de",  "\xc3@b.de", "a@b\xc3.de"};
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		ck_assert_msg(model_email_normalise(str_of(good[i]), arena, &out, NULL) == 0, "%s", good[i]);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		ck_assert_msg(model_email_normalise(str_of(bad[i]), arena, &out, NULL) == -1, "%s", bad[i]);
	ck_assert_int_eq(model_email_normalise(STR("a\0@b.de"), arena, &out, NULL), -1);
	arena_free(arena);
}
END_TEST

/* One spelling, whatever was typed; nothing that is not seen, or that reads as another sign. */
START_TEST(letters_of_any_script_may_stand_before_the_at)
{
	static const struct { const char *in, *out; } good[] = {
		{"J\u00d6RG@Example.com", "j\u00f6rg@example.com"}, {" jo\u0308rg@example.com ", "j\u00f6rg@example.com"},
		{"\u7528\u6237@\u4f8b\u3048.jp", "\u7528\u6237@xn--r8jz45g.jp"}, {"\u0418\u0412\u0410\u041d+x@example.com", "\u0438\u0432\u0430\u043d+x@example.com"},
		{"\u0915\u093f@example.com", "\u0915\u093f@example.com"}};
	static const char *const bad[] = {
		"a\u200bb@c.de", "\u202ea@c.de", "a\uff20b@c.de", "\u0308a@c.de", "a.\u0308@c.de", "a\u00a0b@c.de", "a\u2028b@c.de", "a\u3000b@c.de", "\u115f@c.de", "a\ue000@c.de",
		"\u00fcb..a@c.de", "\u00fc\"@c.de", "\u00fc>@c.de"};
	struct str out;
	arena = arena_new();
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		ck_assert_msg(model_email_normalise(str_of(good[i].in), arena, &out, NULL) == 0, "%s", good[i].in);
		ck_assert_str_eq(out.p, good[i].out);
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		ck_assert_msg(model_email_normalise(str_of(bad[i]), arena, &out, NULL) == -1, "%s", bad[i]);
	for (int n = 20; n < 24; n++) { /* octets count, not letters */
		char text[200] = "";
		for (int i = 0; i < n; i++)
			strcat(text, "\u7528");
		ck_assert_int_eq(model_email_normalise(str_of(strcat(text, "@c.de")), arena, &out, NULL), 3 * n <= 64 ? 0 : -1);
	}
	arena_free(arena);
}
END_TEST

START_TEST(cells_of_a_table_are_read_by_type)
{
	arena = arena_new();
	struct value v = {0};
	ck_assert_int_eq(value_from_text(&employees, STR(" 93.994 "), arena, &v, NULL), 0);
	ck_assert(v.number == 93.994);
	ck_assert_int_eq(value_from_text(&competitor, STR("Yes"), arena, &v, NULL), 0);
	ck_assert(v.type == VALUE_YES_NO && v.yes);
	ck_assert_int_eq(value_from_text(&employees, STR(""), arena, &v, NULL), 0);
	ck_assert_int_eq(v.type, VALUE_EMPTY);
	ck_assert_int_eq(value_from_text(&topics, STR("later; now;now"), arena, &v, NULL), 0);
	ck_assert_uint_eq(v.list.count, 2);
	ck_assert(str_is(v.list.items[0], "now"));
	ck_assert_str_eq(bad_text(&employees, "many"), "employees is a number; \"many\" is not.");
	ck_assert_str_eq(bad_text(&competitor, "maybe"), "competitor is yes or no; \"maybe\" is neither.");
	arena_free(arena);
}
END_TEST

static void chooses(const struct field *field, const char *text, const char *name)
{
	struct value v = {0}, same = {0};
	json_t *json = json_string(text);
	ck_assert_msg(value_from_text(field, str_of(text), arena, &v, NULL) == 0, "%s", text);
	ck_assert_msg(v.type == VALUE_TEXT && str_is(v.text, name), "%s is not %s", text, name);
	ck_assert_int_eq(value_from_json(field, json, arena, &same, NULL), 0);
	ck_assert(value_same(&v, &same));
	json_decref(json);
}

START_TEST(a_choice_is_taken_by_name_or_label_in_whatever_letters)
{
	arena = arena_new();
	struct value v = {0};
	chooses(&said, "now", "now");
	chooses(&said, "Now", "now");
	chooses(&said, "right NOW", "now");
	chooses(&said, "Within six months, or so", "six_months");
	chooses(&twice, "Hot", "Hot");
	chooses(&twice, "hot", "hot");
	ck_assert_ptr_nonnull(strstr(bad_text(&twice, "HOT"), "no choice \"HOT\""));
	ck_assert_ptr_nonnull(strstr(bad_text(&twice, "as ever"), "no choice"));
	ck_assert_ptr_nonnull(strstr(bad_text(&said, "right"), "no choice"));
	ck_assert_int_eq(value_from_text(&all_said, STR("NOW, or later"), arena, &v, NULL), 0);
	ck_assert(v.type == VALUE_LIST && v.list.count == 1 && str_is(v.list.items[0], "later"));
	ck_assert_int_eq(value_from_text(&all_said, STR("Right now; within six months, or so"), arena, &v, NULL), 0);
	ck_assert(v.type == VALUE_LIST && v.list.count == 2 && str_is(v.list.items[1], "six_months"));
	arena_free(arena);
}
END_TEST

START_TEST(every_name_leads_back_to_what_it_names)
{
	for (int i = 0; i < STAGE_COUNT; i++) {
		enum stage stage = STAGE_COUNT;
		ck_assert(stage_from(str_of(stage_name((enum stage)i)), &stage));
		ck_assert_int_eq(stage, i);
	}
	for (int i = 0; i < TOUCH_STATE_COUNT; i++) {
		enum touch_state state = TOUCH_STATE_COUNT;
		ck_assert(touch_state_from(str_of(touch_state_name((enum touch_state)i)), &state));
		ck_assert_int_eq(state, i);
	}
	for (int i = 0; i < LEAD_STANDARD_COUNT; i++)
		ck_assert_int_eq(schema_lead_slot(&model_standard_schema, str_of(model_lead_fields[i].name)), i);
	for (int i = 0; i < ACCOUNT_STANDARD_COUNT; i++)
		ck_assert_int_eq(schema_account_slot(&model_standard_schema, str_of(model_account_fields[i].name)), i);
	ck_assert(verb_find(STR("asset.download"))->by_lead);
	ck_assert(!verb_find(STR("opportunity.won"))->by_lead);
	ck_assert_ptr_null(verb_find(STR("asset.downlaod")));
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(each_type_takes_its_own_json_and_gives_it_back),
	UNIT(a_wrong_type_is_told_in_marketings_words),
	UNIT(what_is_no_text_is_kept_out),
	UNIT(standard_fields_are_spelled_one_way),
	UNIT(an_address_that_passes_can_stand_in_an_smtp_command),
	UNIT(letters_of_any_script_may_stand_before_the_at),
	UNIT(cells_of_a_table_are_read_by_type),
	UNIT(a_choice_is_taken_by_name_or_label_in_whatever_letters),
	UNIT(every_name_leads_back_to_what_it_names),
};
UNIT_MAIN("model/value", cases)
