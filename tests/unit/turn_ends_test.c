/* How contacts end, told by the stories of tests/data/ends, with a server that has channels for mail, calls and letters. */
#include "turn/story.h"
#include "turn/trial.h"
#include "unit/turn_lua.h"

static struct playbook *load(void)
{
	static const struct playbook_channel channels[] = {{.name = "email", .kind = "email", .body = "markdown"},
							   {.name = "calls", .kind = "call", .body = "text"},
							   {.name = "letters", .kind = "letter", .body = "text"}};
	static const struct playbook_site site = {.channels = channels, .channel_count = 3, .postal_address = "1 Example Street", .bell = &bell_of_thread};
	lua_folder(NURTURE_SOURCE "/tests/data/ends", "");
	return lua_load_at(&site);
}

START_TEST(every_story_of_the_ends_holds)
{
	struct playbook *playbook = load();
	ck_assert_msg(lua_problems.errors == 0, "%s", problems_text(&lua_problems));
	struct story_result result = turn_stories(playbook, &lua_problems);
	ck_assert_msg(result.failed == 0, "%s", problems_text(&lua_problems));
	ck_assert_uint_eq(result.passed, playbook->test_count);
	ck_assert_uint_ge(result.passed, 8);
	playbook_free(playbook);
}
END_TEST

/* What the lead of campaign "post" is sent last, when its letter and its mail end so; NULL = as they go. */
static const char *last_of(struct playbook *playbook, const char *letter, const char *mail, bool address)
{
	struct trial trial;
	struct error error = {0};
	struct trial_answer answers[] = {{.step = STR("letter"), .answer = str_of(letter ? letter : "")}, {.step = STR("mail"), .answer = str_of(mail ? mail : "")}};
	struct calendar_local first = {.year = 2027, .month = 2, .day = 1, .hour = 10};
	moment_t start = calendar_moment(&first, "Europe/Berlin");
	turn_trial_init(&trial, playbook, lua_arena, 64, start);
	trial.answers = answers;
	trial.answer_count = 2;
	trial.lead.fields[LEAD_EMAIL] = (struct value){.type = VALUE_TEXT, .text = STR("a@example.com")};
	if (address)
		trial.lead.fields[LEAD_ADDRESS] = (struct value){.type = VALUE_TEXT, .text = STR("1 Example Street")};
	turn_trial_event(&trial, (struct event){.verb = STR("ask.call"), .subject = STR("post"), .data = {"", 0}});
	ck_assert_msg(turn_trial_advance(&trial, start + MOMENT_DAY, &error) == 0, "%s", error.message);
	ck_assert_uint_gt(trial.touch_count, 0);
	const struct touch *last = &trial.touches[trial.touch_count - 1];
	return arena_dup_n(lua_arena, last->template_name.p, last->template_name.n);
}

START_TEST(what_comes_back_has_a_way_of_its_own)
{
	struct playbook *playbook = load();
	ck_assert_str_eq(last_of(playbook, NULL, NULL, true), "now");
	ck_assert_str_eq(last_of(playbook, "undeliverable", NULL, true), "welcome");
	ck_assert_str_eq(last_of(playbook, "undeliverable", "bounced", true), "below");
	ck_assert_str_eq(last_of(playbook, NULL, NULL, false), "other");
	playbook_free(playbook);
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(every_story_of_the_ends_holds),
	UNIT(what_comes_back_has_a_way_of_its_own),
};
UNIT_MAIN("turn/ends", cases)
