/* A cap lets one mail through, and two campaigns want it: the one of higher priority has the place, also when the other had it first and nobody has it in hand. */
#include "turn/story.h"
#include "turn/trial.h"
#include "unit/turn_lua.h"

static const char basics[] = "playbook \"t\" { title = \"T\", time_zone = \"Europe/Berlin\", language = \"en\", postal_address = \"1 Example Street\" }\n"
			     "consent \"email\" { default = \"opt-out\", unknown = \"opt-out\" }\n"
			     "hours \"email\" { days = \"Mon-Fri\", from = \"8:00\", to = \"18:00\" }\n"
			     "cap \"email\" { at_most = 1, within = \"7 days\" }\n"
			     "verb \"demo.request\" { by = \"lead\" }\n";
static const char low[] = "campaign \"low\" { enter = on \"form.submit\", priority = \"low\", leave = withdrew \"email\", step \"one\" { email \"slow\", answers = { late = \"gone\", otherwise = \"end\" } },\n"
			  "  step \"end\" { leave \"end\" }, step \"gone\" { leave \"late\" } }\n";

static struct playbook *playbook_of(const char *first, const char *second)
{
	lua_file_count = 0;
	lua_file("playbook.lua", basics);
	lua_file("campaigns/a.lua", first);
	lua_file("campaigns/b.lua", second);
	lua_mail("slow");
	lua_mail("quick");
	return lua_load();
}

#define HIGH(priority) "campaign \"high\" { enter = on \"demo.request\"," priority " leave = withdrew \"email\", step \"one\" { email \"quick\" } }\n"

static void holds(const char *first, const char *second, const char *story)
{
	lua_file_count = 0;
	lua_file("tests/one.lua", story);
	lua_file("playbook.lua", basics);
	lua_file("campaigns/a.lua", first);
	lua_file("campaigns/b.lua", second);
	lua_mail("slow");
	lua_mail("quick");
	struct playbook *playbook = lua_load();
	struct story_result result = turn_stories(playbook, &lua_problems);
	ck_assert_msg(result.failed == 0, "%s", problems_text(&lua_problems));
	ck_assert_uint_eq(result.passed, 1);
	playbook_free(playbook);
}

/* On Saturday both are put off to Monday at eight. */
static const char both[] = "test \"both\" { lead { email = \"a@example.com\" }, day(6), event \"form.submit\" {}, wait \"1 hour\", event \"demo.request\",\n  ";

START_TEST(the_higher_goes_and_the_lower_waits_for_the_cap)
{
	holds(low, HIGH("priority = \"high\","),
	      arena_printf(lua_arena, "%sday(8), expect { email = \"quick\" }, day(14), expect { email = \"nothing\" }, day(16), expect { email = \"slow\", left = \"low\" } }\n", both));
	holds(low, HIGH(""), arena_printf(lua_arena, "%sday(8), expect { email = \"quick\" }, day(16), expect { email = \"slow\" } }\n", both));
}
END_TEST

START_TEST(among_equals_the_first_keeps_its_place)
{
	holds(low, HIGH("priority = \"low\","), arena_printf(lua_arena, "%sday(8), expect { email = \"slow\" }, day(16), expect { email = \"quick\" } }\n", both));
}
END_TEST

/* What is to be said before a date, and comes too late by giving way, is not said: late. */
START_TEST(a_lower_one_whose_time_ends_is_late)
{
	const char *dated = "asset \"live\" { kind = \"webinar\", title = \"L\", at = \"2027-03-18 15:00 Europe/Berlin\" }\n"
			    "campaign \"low\" { enter = \"by hand\", priority = \"low\", leave = withdrew \"email\", step \"one\" { before(\"30 days\", \"live\"), late = \"now\", email \"slow\", answers = { late = \"gone\", otherwise = \"end\" } },\n"
			    "  step \"end\" { leave \"end\" }, step \"gone\" { leave \"too late\" } }\n";
	struct playbook *playbook = playbook_of(dated, HIGH("priority = \"high\","));
	struct calendar_local saturday = {.year = 2027, .month = 3, .day = 13, .hour = 10};
	moment_t start = calendar_moment(&saturday, "Europe/Berlin");
	struct error error = {0};
	struct trial trial;
	turn_trial_init(&trial, playbook, lua_arena, 64, start);
	trial.lead.fields[LEAD_EMAIL] = (struct value){.type = VALUE_TEXT, .text = STR("a@example.com")};
	turn_trial_event(&trial, (struct event){.verb = STR("campaign.enter"), .subject = STR("low"), .data = {"", 0}});
	ck_assert_int_eq(turn_trial_advance(&trial, start + MOMENT_HOUR, &error), 0);
	ck_assert_uint_eq(trial.touch_count, 1);
	moment_t monday = trial.touches[0].due_at;
	turn_trial_event(&trial, (struct event){.verb = STR("demo.request"), .subject = STR(""), .data = {"", 0}});
	ck_assert_int_eq(turn_trial_advance(&trial, start + 2 * MOMENT_HOUR, &error), 0);
	ck_assert_uint_eq(trial.touch_count, 2);
	ck_assert_int_eq(trial.touches[1].due_at, monday);
	ck_assert_int_ge(trial.touches[0].due_at, monday + 7 * MOMENT_DAY);
	ck_assert_int_eq(turn_trial_advance(&trial, start + 20 * MOMENT_DAY, &error), 0);
	ck_assert_int_eq(trial.touches[1].state, TOUCH_SENT);
	ck_assert_int_eq(trial.touches[0].state, TOUCH_CANCELLED);
	ck_assert(str_is(trial.touches[0].reason, "late"));
	for (size_t i = 0; i < trial.enrollment_count; i++)
		if (str_is(trial.enrollments[i].campaign, "low"))
			ck_assert(str_is(trial.enrollments[i].reason, "too late"));
	playbook_free(playbook);
}
END_TEST

START_TEST(a_turn_puts_off_what_is_planned_and_nothing_that_a_channel_has)
{
	struct playbook *playbook = playbook_of(low, HIGH("priority = \"high\","));
	struct calendar_local saturday = {.year = 2027, .month = 3, .day = 13, .hour = 10};
	moment_t start = calendar_moment(&saturday, "Europe/Berlin");
	for (int claimed = 0; claimed < 2; claimed++) {
		struct trial trial;
		struct error error = {0};
		struct turn_facts facts;
		struct turn_changes changes;
		turn_trial_init(&trial, playbook, lua_arena, 64, start);
		trial.lead.fields[LEAD_EMAIL] = (struct value){.type = VALUE_TEXT, .text = STR("a@example.com")};
		turn_trial_event(&trial, (struct event){.verb = STR("form.submit"), .subject = STR(""), .data = {"", 0}});
		ck_assert_int_eq(turn_trial_advance(&trial, start + MOMENT_HOUR, &error), 0);
		if (claimed)
			trial.touches[0].state = TOUCH_CLAIMED;
		turn_trial_event(&trial, (struct event){.verb = STR("demo.request"), .subject = STR(""), .data = {"", 0}});
		ck_assert_int_eq(turn_trial_facts(&trial, &facts, &error), 0);
		facts.events = trial.inbox, facts.event_count = trial.inbox_count;
		ck_assert_int_eq(turn_run(playbook, &facts, lua_arena, &changes, &error), 0);
		ck_assert_uint_eq(changes.planned_count, 1);
		ck_assert_uint_eq(changes.later_count, claimed ? 0 : 1);
		if (claimed) {
			ck_assert_int_ge(changes.planned[0].touch.due_at, trial.touches[0].due_at + 7 * MOMENT_DAY);
			continue;
		}
		ck_assert_int_eq(changes.later[0].touch_id, trial.touches[0].id);
		ck_assert_int_ge(changes.later[0].due_at, changes.planned[0].touch.due_at + 7 * MOMENT_DAY);
		bool said = false;
		for (size_t i = 0; i < changes.log_count; i++)
			said |= str_is(changes.logs[i].what, "later") && str_is(changes.logs[i].cause, "email \"slow\" gives way to campaign \"high\", step \"one\": email: frequency cap");
		ck_assert(said);
	}
	playbook_free(playbook);
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(the_higher_goes_and_the_lower_waits_for_the_cap),
	UNIT(among_equals_the_first_keeps_its_place),
	UNIT(a_lower_one_whose_time_ends_is_late),
	UNIT(a_turn_puts_off_what_is_planned_and_nothing_that_a_channel_has),
};
UNIT_MAIN("turn/give_way", cases)
