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
	lua_file_count = 0;
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

/* A lead whose call of campaign "ask" stands in the queue, to be made within two business days. */
static struct trial waiting;

static struct touch *called(struct playbook *playbook)
{
	struct error error = {0};
	struct calendar_local first = {.year = 2027, .month = 2, .day = 1, .hour = 10};
	moment_t start = calendar_moment(&first, "Europe/Berlin");
	turn_trial_init(&waiting, playbook, lua_arena, 64, start);
	waiting.calls_wait = true;
	waiting.lead.fields[LEAD_EMAIL] = (struct value){.type = VALUE_TEXT, .text = STR("a@example.com")};
	waiting.lead.fields[LEAD_PHONE] = (struct value){.type = VALUE_TEXT, .text = STR("+49301234567")};
	turn_trial_event(&waiting, (struct event){.verb = STR("ask.call"), .subject = STR("all"), .data = {"", 0}});
	ck_assert_msg(turn_trial_advance(&waiting, start + MOMENT_HOUR, &error) == 0, "%s", error.message);
	ck_assert_uint_eq(waiting.touch_count, 1);
	ck_assert_int_eq(waiting.touches[0].state, TOUCH_QUEUED);
	ck_assert_int_gt(waiting.touches[0].expires_at, waiting.now);
	return &waiting.touches[0];
}

static void pass_to(moment_t to)
{
	struct error error = {0};
	ck_assert_msg(turn_trial_advance(&waiting, to, &error) == 0, "%s", error.message);
}

static void says(const char *data)
{
	turn_trial_event(&waiting, (struct event){.verb = STR("call.end"), .subject = STR("timeframe"), .data = str_of(data)});
	pass_to(waiting.now);
}

static const char *stands_at(void)
{
	return arena_dup_n(lua_arena, waiting.enrollments[0].step.p, waiting.enrollments[0].step.n);
}

/* Offered in time, spoken behind the deadline: the walk waits, and goes the way of the answer. */
START_TEST(a_call_that_an_agent_has_is_not_taken_back_for_its_time)
{
	struct playbook *playbook = load();
	struct error error = {0};
	struct touch *touch = called(playbook);
	moment_t deadline = touch->expires_at;
	touch->offered_until = deadline + 4 * MOMENT_MINUTE;
	pass_to(deadline + MOMENT_MINUTE);
	ck_assert_str_eq(stands_at(), "call");
	ck_assert_int_eq(waiting.touches[0].state, TOUCH_QUEUED);
	ck_assert_int_eq(turn_trial_answer(&waiting, "now", NULL, &error), 0);
	pass_to(waiting.now);
	ck_assert_uint_eq(waiting.touch_count, 2);
	ck_assert(str_is(waiting.touches[1].template_name, "now"));
	playbook_free(playbook);
}
END_TEST

/* In nobody's hand any more, or in somebody's for too long without a sign of life: its time is over at once. */
START_TEST(a_call_that_was_given_back_is_late_at_its_deadline)
{
	for (int given_back = 0; given_back < 2; given_back++) {
		struct playbook *playbook = load();
		struct touch *touch = called(playbook);
		moment_t deadline = touch->expires_at;
		touch->offered_until = given_back ? 0 : deadline + 4 * MOMENT_MINUTE;
		pass_to(deadline + (given_back ? 0 : 4 * MOMENT_MINUTE) - 1);
		ck_assert_uint_eq(waiting.touch_count, 1);
		pass_to(waiting.now + 1);
		ck_assert_int_eq(waiting.touches[0].state, TOUCH_CANCELLED);
		ck_assert(str_is(waiting.touches[0].reason, "late"));
		ck_assert(str_is(waiting.touches[1].template_name, "late"));
		playbook_free(playbook);
	}
}
END_TEST

/* Its campaign gave the call up, and the agent spoke all the same. */
START_TEST(never_again_holds_also_when_no_walk_waits_for_the_call)
{
	struct playbook *playbook = load();
	moment_t deadline = called(playbook)->expires_at;
	pass_to(deadline + MOMENT_MINUTE);
	says("{\"answer\": \"busy\"}");
	ck_assert_uint_eq(waiting.suppression_count, 0);
	turn_trial_event(&waiting, (struct event){.verb = STR("ask.call"), .subject = STR("plain"), .data = {"", 0}});
	pass_to(waiting.now + MOMENT_HOUR);
	size_t touches = waiting.touch_count;
	ck_assert(str_is(waiting.touches[touches - 1].kind, "call"));
	says("{\"answer\": \"do_not_call\"}");
	ck_assert_uint_eq(waiting.suppression_count, 1);
	ck_assert(str_is(waiting.suppressions[0].channel, "call"));
	ck_assert_int_eq(waiting.touches[touches - 1].state, TOUCH_CANCELLED); /* the call of another campaign, and its walk goes on at once */
	ck_assert_uint_eq(waiting.touch_count, touches + 1);
	ck_assert(str_is(waiting.touches[touches].template_name, "other"));
	says("{\"answer\": \"do_not_call\"}");
	ck_assert_uint_eq(waiting.suppression_count, 2);
	playbook_free(playbook);
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(every_story_of_the_ends_holds),
	UNIT(what_comes_back_has_a_way_of_its_own),
	UNIT(a_call_that_an_agent_has_is_not_taken_back_for_its_time),
	UNIT(a_call_that_was_given_back_is_late_at_its_deadline),
	UNIT(never_again_holds_also_when_no_walk_waits_for_the_call),
};
UNIT_MAIN("turn/ends", cases)
