/* once_per = "account": of several people of a company one at a time is in a campaign, as stories tell it and as a turn decides it. */
#include "turn/story.h"
#include "turn/trial.h"
#include "unit/turn_lua.h"

static struct story_result told(const char *campaign, const char *test)
{
	static const char basics[] = "playbook \"t\" { title = \"T\", time_zone = \"Europe/Berlin\", language = \"en\", postal_address = \"1 Example Street\" }\n"
				     "consent \"email\" { default = \"opt-out\", unknown = \"opt-out\" }\n"
				     "verb \"demo.request\" { by = \"lead\" }\n";
	lua_file_count = 0;
	lua_file("playbook.lua", basics);
	lua_file("campaigns/hot.lua", campaign);
	lua_mail("welcome");
	lua_mail("more");
	lua_file("tests/one.lua", test);
	struct playbook *playbook = lua_load();
	struct story_result result = turn_stories(playbook, &lua_problems);
	playbook_free(playbook);
	return result;
}

#define CAMPAIGN(more) "campaign \"hot\" { title = \"Hot\", enter = on \"demo.request\", leave = withdrew \"email\", " more \
		       "\n  step \"one\" { email \"welcome\" }, step \"two\" { wait \"10 days\", email \"more\" } }\n"

static void holds(const char *campaign, const char *test)
{
	struct story_result result = told(campaign, test);
	ck_assert_msg(result.failed == 0, "%s", problems_text(&lua_problems));
	ck_assert_uint_eq(result.passed, 1);
}

START_TEST(without_the_word_each_of_them_is_in_it)
{
	holds(CAMPAIGN(""), "test \"two\" { lead { email = \"a@example.com\" }, colleague \"bob\" { event \"demo.request\" {} },\n"
			    "  day(2), event \"demo.request\", expect { email = \"welcome\" } }\n");
}
END_TEST

START_TEST(who_comes_second_stays_out)
{
	holds(CAMPAIGN("once_per = \"account\","),
	      "test \"two\" { lead { email = \"a@example.com\" }, colleague \"bob\" { event \"demo.request\" {} },\n"
	      "  day(2), event \"demo.request\", expect { email = \"nothing\" }, day(200), event \"demo.request\", expect { email = \"nothing\" } }\n");
}
END_TEST

START_TEST(again_counts_from_the_end_of_the_last_of_them)
{
	holds(CAMPAIGN("once_per = \"account\", again = \"after 30 days\","),
	      "test \"two\" { lead { email = \"a@example.com\" }, colleague \"bob\" { event \"demo.request\" {} },\n"
	      "  day(40), event \"demo.request\", expect { email = \"nothing\" },\n" /* bob's ended on day 11 */
	      "  day(42), event \"demo.request\", expect { email = \"welcome\" },\n"
	      "  colleague \"bob\" { event \"demo.request\" {} }, day(60), expect { email = \"more\", left = \"hot\" } }\n");
	holds(CAMPAIGN("once_per = \"account\", again = \"always\","),
	      "test \"two\" { lead { email = \"a@example.com\" }, colleague \"bob\" { event \"demo.request\" {} },\n"
	      "  day(8), event \"demo.request\", expect { email = \"nothing\" }, day(12), event \"demo.request\", expect { email = \"welcome\" } }\n");
}
END_TEST

START_TEST(who_has_no_account_stands_for_nobody_else)
{
	holds(CAMPAIGN("once_per = \"account\","), "test \"one\" { lead { email = \"a@example.com\" }, event \"demo.request\", expect { email = \"welcome\" } }\n");
}
END_TEST

static struct playbook *hot(const char *more)
{
	lua_file_count = 0;
	lua_file("playbook.lua", "playbook \"t\" { title = \"T\", time_zone = \"Europe/Berlin\", language = \"en\", postal_address = \"1 Example Street\" }\n"
				 "consent \"email\" { default = \"opt-out\", unknown = \"opt-out\" }\n");
	lua_file("campaigns/hot.lua", arena_printf(lua_arena, "campaign \"hot\" { enter = \"by hand\", leave = withdrew \"email\", %s step \"one\" { wait \"9 days\", email \"welcome\" } }\n", more));
	lua_mail("welcome");
	return lua_load();
}

static struct turn_changes enter(struct playbook *playbook, const struct turn_facts *known)
{
	struct turn_facts facts = *known;
	struct turn_changes changes;
	struct error error;
	struct event event = {.id = 64, .verb = STR("campaign.enter"), .subject = STR("hot"), .data = {"", 0}, .at = known->now, .received_at = known->now};
	facts.lead.fields = arena_array(lua_arena, playbook->schema.lead_count, sizeof *facts.lead.fields);
	facts.events = &event;
	facts.event_count = 1;
	ck_assert_msg(turn_run(playbook, &facts, lua_arena, &changes, &error) == 0, "%s", error.message);
	return changes;
}

static struct turn_facts somebody(int64_t id, const struct campaign_claim *claim)
{
	return (struct turn_facts){.now = 1800000000000000, .lead = {.id = id, .created_at = 1, .account_id = 7 << 6}, .claims = claim, .claim_count = claim != NULL};
}

START_TEST(a_turn_says_for_whom_it_entered_and_whose_place_it_takes)
{
	struct playbook *playbook = hot("once_per = \"account\", again = \"always\",");
	struct campaign_claim other = {.campaign = STR("hot"), .lead_id = 128, .enrollment_id = 1234};
	struct turn_facts free_place = somebody(64, NULL), taken = somebody(64, &other);
	struct turn_changes c = enter(playbook, &free_place);
	ck_assert_uint_eq(c.claim_count, 1);
	ck_assert(str_is(c.claims[0].campaign, "hot") && c.claims[0].instead == 0 && !c.claims[0].late);
	ck_assert(str_is(c.enrollments[c.claims[0].enrollment].enrollment.campaign, "hot"));
	c = enter(playbook, &taken);
	ck_assert_uint_eq(c.enrollment_count + c.claim_count, 0);
	ck_assert(str_is(c.logs[0].what, "not entered") && str_is(c.logs[0].cause, "lead 128 of the same account is in it: one at a time"));
	other.ended_at = 1700000000000000;
	c = enter(playbook, &taken);
	ck_assert_uint_eq(c.claim_count, 1);
	ck_assert_int_eq(c.claims[0].instead, 1234);
	other.ended_at = 0, other.gone = true; /* it goes on, at another company */
	c = enter(playbook, &taken);
	ck_assert_uint_eq(c.claim_count, 1);
	ck_assert_int_eq(c.claims[0].instead, 1234);
	playbook_free(playbook);
}
END_TEST

/* The campaign was for everybody when they entered: the first whose turn comes has the place from now on. */
START_TEST(who_is_in_already_asks_for_the_place)
{
	struct playbook *playbook = hot("once_per = \"account\",");
	struct account account = {.id = 7 << 6, .fields = arena_array(lua_arena, playbook->schema.account_count + 1, sizeof(struct value))};
	struct enrollment inside = {.id = 99, .lead_id = 64, .campaign = STR("hot"), .step = STR("one"), .state = ENROLLMENT_ACTIVE, .entered_at = 1799999000000000,
				    .step_since = 1799999000000000, .due_at = 1800100000000000, .over_at = 1799999000000000};
	struct turn_facts facts = somebody(64, NULL);
	facts.account = &account;
	facts.enrollments = &inside;
	facts.enrollment_count = 1;
	struct turn_changes c = enter(playbook, &facts);
	ck_assert_uint_eq(c.claim_count, 1);
	ck_assert(c.claims[0].late && c.enrollments[c.claims[0].enrollment].enrollment.id == 99);
	playbook_free(playbook);
}
END_TEST

START_TEST(a_holdout_is_one_of_accounts)
{
	struct playbook *playbook = hot("once_per = \"account\", again = \"always\", holdout = \"50%\",");
	int out = 0;
	for (int64_t account = 1; account <= 64; account++) {
		int of_this = 0;
		for (int64_t lead = 1; lead <= 4; lead++) {
			struct turn_facts facts = somebody((account * 10 + lead) << 6, NULL);
			facts.lead.account_id = account << 6;
			struct turn_changes c = enter(playbook, &facts);
			of_this += c.enrollments[0].enrollment.holdout;
		}
		ck_assert(of_this == 0 || of_this == 4);
		out += of_this / 4;
	}
	ck_assert_int_gt(out, 16);
	ck_assert_int_lt(out, 48);
	playbook_free(playbook);
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(without_the_word_each_of_them_is_in_it),
	UNIT(who_comes_second_stays_out),
	UNIT(again_counts_from_the_end_of_the_last_of_them),
	UNIT(who_has_no_account_stands_for_nobody_else),
	UNIT(a_turn_says_for_whom_it_entered_and_whose_place_it_takes),
	UNIT(who_is_in_already_asks_for_the_place),
	UNIT(a_holdout_is_one_of_accounts),
};
UNIT_MAIN("turn/once", cases)
