/* Playbooks made by hand, of plain structs: for tests of the room turn that need no Lua. Defines what
 * playbook/playbook.h asks of more than the plain structs, so a test that includes this is linked without most of the room playbook. */
#ifndef NURTURE_TESTS_TURN_HAND_H
#define NURTURE_TESTS_TURN_HAND_H

#include "turn/gate.h"
#include "turn/trial.h"
#include "unit/check_main.h"

#define UNUSED_OK __attribute__((unused))

static struct arena *hand_arena;   /* of the playbook; made by hand_start */
static struct field hand_fields[LEAD_STANDARD_COUNT + 4];
static bool hand_no_email, hand_has_call;
static int (*hand_script)(int handle, const struct playbook_view *view, struct script_result *out, struct error *error);

enum { FIELD_TIMING = LEAD_STANDARD_COUNT, FIELD_EMPLOYEES, FIELD_COMPETITOR, HAND_FIELDS };

bool playbook_verb_by_lead(const struct playbook *playbook, struct str verb)
{
	(void)playbook;
	const struct verb *found = verb_find(verb);
	return found ? found->by_lead : str_is(verb, "demo.request");
}

const char *playbook_channel_of(const struct playbook *playbook, struct str kind)
{
	(void)playbook;
	if (str_is(kind, "email"))
		return hand_no_email ? NULL : "email";
	return str_is(kind, "call") && hand_has_call ? "calls" : NULL;
}

int playbook_call(struct playbook *playbook, int handle, const struct playbook_view *view, struct script_result *out, struct error *error)
{
	(void)playbook;
	*out = (struct script_result){0};
	return hand_script ? hand_script(handle, view, out, error) : error_set(error, ERROR_INVALID, "t.lua:1", "no function");
}

/* ---- making ---- */

#define HAND_COPY(type, ...) ((type *)arena_dup_n(hand_arena, &(type){__VA_ARGS__}, sizeof(type)))
#define HAND_LIST(type, ...) (type *)arena_dup_n(hand_arena, (type[]){__VA_ARGS__}, sizeof((type[]){__VA_ARGS__})), sizeof((type[]){__VA_ARGS__}) / sizeof(type)
#define DAYS(n) ((struct duration){n, DURATION_DAYS})

__attribute__((constructor)) static void hand_memory(void)
{
	hand_arena = arena_new(); /* until the program ends: each test is a process of its own */
}

UNUSED_OK static struct playbook hand_start(void)
{
	static const struct field custom[] = {
		{.name = "timing", .type = FIELD_CHOICE}, {.name = "employees", .type = FIELD_NUMBER}, {.name = "competitor", .type = FIELD_YES_NO}};
	hand_no_email = hand_has_call = false;
	hand_script = NULL;
	memcpy(hand_fields, model_lead_fields, sizeof model_lead_fields);
	memcpy(hand_fields + LEAD_STANDARD_COUNT, custom, sizeof custom);
	static const char *const timing[] = {"now", "later"};
	hand_fields[FIELD_TIMING].choices = timing;
	hand_fields[FIELD_TIMING].choice_count = 2;
	return (struct playbook){.name = "hand", .time_zone = "Europe/Berlin",
				 .schema = {hand_fields, HAND_FIELDS, model_account_fields, ACCOUNT_STANDARD_COUNT}};
}

/* at_least 0 means 1; at_most 0 means no bound. */
UNUSED_OK static const struct condition *on(struct condition_on what)
{
	what.at_least = what.at_least ? what.at_least : 1;
	what.at_most = what.at_most ? what.at_most : -1;
	return HAND_COPY(struct condition, .kind = CONDITION_ON, .at = {"t.lua", 1}, .on = what);
}
#define ON(verb_name, ...) on((struct condition_on){.verb = STR(verb_name), __VA_ARGS__})

UNUSED_OK static const struct condition *group(enum condition_kind kind, const struct condition *a, const struct condition *b)
{
	const struct condition **items = arena_array(hand_arena, 2, sizeof *items);
	items[0] = a;
	items[1] = b;
	struct condition *c = HAND_COPY(struct condition, .kind = kind, .at = {"t.lua", 2});
	c->group.items = items;
	c->group.count = b ? 2 : 1;
	return c;
}

UNUSED_OK static const struct condition *field_is(int slot, const char *text)
{
	struct condition *c = HAND_COPY(struct condition, .kind = CONDITION_LEAD, .at = {"t.lua", 3});
	struct value *value = HAND_COPY(struct value, .type = VALUE_TEXT, .text = str_of(text));
	struct field_test *test = HAND_COPY(struct field_test, .slot = slot, .test = {.op = TEST_IS, .values = value, .value_count = 1});
	c->fields.tests = test;
	c->fields.count = 1;
	return c;
}

UNUSED_OK static const struct condition *in_stage(enum stage stage)
{
	return HAND_COPY(struct condition, .kind = CONDITION_STAGE, .at = {"t.lua", 4}, .stages = 1u << stage);
}

UNUSED_OK static const struct condition *in_segment(int segment)
{
	return HAND_COPY(struct condition, .kind = CONDITION_SEGMENT, .at = {"t.lua", 5}, .segment = segment);
}

UNUSED_OK static const struct condition *withdrew(const char *channel)
{
	return HAND_COPY(struct condition, .kind = CONDITION_WITHDREW, .at = {"t.lua", 6}, .channel = str_of(channel));
}

UNUSED_OK static const struct condition *by_function(int handle)
{
	return HAND_COPY(struct condition, .kind = CONDITION_FUNCTION, .at = {"t.lua", 7}, .function = handle);
}

/* ---- telling ---- */

static struct trial hand_trial;
static struct arena *hand_life;

UNUSED_OK static moment_t hand_at(const char *text)
{
	moment_t at = 0;
	ck_assert_int_eq(calendar_parse(str_of(text), "Europe/Berlin", &at, NULL), 0);
	return at;
}

/* A lead of Hamburg, created on Monday 2027-02-01 10:00. */
UNUSED_OK static struct trial *hand_lead(struct playbook *playbook)
{
	arena_free(hand_life);
	hand_life = arena_new();
	turn_trial_init(&hand_trial, playbook, hand_life, 4711 << 6, hand_at("2027-02-01 10:00"));
	hand_trial.lead.fields[LEAD_EMAIL] = (struct value){.type = VALUE_TEXT, .text = STR("lead@example.com")};
	hand_trial.lead.fields[LEAD_COUNTRY] = (struct value){.type = VALUE_TEXT, .text = STR("US")};
	hand_trial.lead.fields[LEAD_TIME_ZONE] = (struct value){.type = VALUE_TEXT, .text = STR("Europe/Berlin")};
	return &hand_trial;
}

UNUSED_OK static void run_to(struct trial *trial, moment_t to)
{
	struct error error = {0};
	ck_assert_msg(turn_trial_advance(trial, to, &error) == 0, "%s: %s", error.where, error.message);
}

UNUSED_OK static void happen(struct trial *trial, const char *verb, const char *subject)
{
	turn_trial_event(trial, (struct event){.verb = str_of(verb), .subject = str_of(subject), .data = {"", 0}});
	run_to(trial, trial->now);
}

UNUSED_OK static int points_of(const struct trial *trial, const char *model)
{
	for (size_t i = 0; i < trial->score_count; i++)
		if (!trial->scores[i].is_grade && str_is(trial->scores[i].name, model))
			return trial->scores[i].points;
	ck_abort_msg("no score %s", model);
}

UNUSED_OK static const struct score *grade_named(const struct trial *trial, const char *name)
{
	for (size_t i = 0; i < trial->score_count; i++)
		if (trial->scores[i].is_grade && str_is(trial->scores[i].name, name))
			return &trial->scores[i];
	return NULL;
}

UNUSED_OK static struct enrollment *newest_in(struct trial *trial, const char *campaign)
{
	for (size_t i = trial->enrollment_count; i-- > 0;)
		if (str_is(trial->enrollments[i].campaign, campaign))
			return &trial->enrollments[i];
	return NULL;
}

UNUSED_OK static const struct touch *touch_named(const struct trial *trial, const char *template)
{
	for (size_t i = trial->touch_count; i-- > 0;)
		if (str_is(trial->touches[i].template_name, template))
			return &trial->touches[i];
	return NULL;
}

#define ck_assert_at(at, text) do { char is_[MOMENT_TEXT], be_[MOMENT_TEXT]; ck_assert_str_eq(moment_format(at, is_), moment_format(hand_at(text), be_)); } while (0)

#endif
