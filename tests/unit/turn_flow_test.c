/* The ways of campaigns, told by the stories of tests/data/flow; and what no story can say: outages, publishes, what a wait costs. */
#include "turn/story.h"
#include "turn/trial.h"
#include "unit/turn_lua.h"

START_TEST(every_story_of_the_flow_holds)
{
	lua_file_count = 0;
	lua_folder(NURTURE_SOURCE "/tests/data/flow", "");
	struct playbook *playbook = lua_load();
	ck_assert_msg(lua_problems.count == 0, "%s", problems_text(&lua_problems));
	struct story_result result = turn_stories(playbook, &lua_problems);
	ck_assert_msg(result.failed == 0, "%s", problems_text(&lua_problems));
	ck_assert_uint_eq(result.passed, playbook->test_count);
	ck_assert_uint_ge(result.passed, 11);
	playbook_free(playbook);
}
END_TEST


static struct trial trial;

static moment_t at(int day, int hour)
{
	struct calendar_local local = {.year = 2027, .month = 2, .day = day, .hour = hour};
	return calendar_moment(&local, "Europe/Berlin");
}

/* A lead of the flow's playbook, from Monday 1 February 2027 10:00, who may be written to. */
static struct playbook *begin(void)
{
	struct error error = {0};
	lua_file_count = 0;
	lua_folder(NURTURE_SOURCE "/tests/data/flow", "");
	struct playbook *playbook = lua_load();
	turn_trial_init(&trial, playbook, lua_arena, 64, at(1, 10));
	trial.lead.fields[LEAD_EMAIL] = (struct value){.type = VALUE_TEXT, .text = STR("a@example.com")};
	turn_trial_event(&trial, (struct event){.verb = STR("consent.grant"), .subject = STR("email"), .data = {"", 0}});
	ck_assert_int_eq(turn_trial_advance(&trial, at(1, 10), &error), 0);
	return playbook;
}

static void advance(moment_t to)
{
	struct error error = {0};
	ck_assert_msg(turn_trial_advance(&trial, to, &error) == 0, "%s", error.message);
}

static void happens(const char *verb, const char *subject, moment_t when)
{
	turn_trial_event(&trial, (struct event){.verb = str_of(verb), .subject = str_of(subject), .at = when, .data = {"", 0}});
}

static const struct enrollment *enrollment_in(const char *campaign)
{
	for (size_t i = trial.enrollment_count; i-- > 0;)
		if (str_is(trial.enrollments[i].campaign, campaign))
			return &trial.enrollments[i];
	ck_abort_msg("never in %s", campaign);
}

static bool was_sent(const char *template)
{
	for (size_t i = 0; i < trial.touch_count; i++)
		if (trial.touches[i].state == TOUCH_SENT && str_is(trial.touches[i].template_name, template))
			return true;
	return false;
}

/* The invitation went on Tuesday at ten; three days later its wait is over; nobody turns before the tenth of the month. */
static struct playbook *an_outage(moment_t signed_up)
{
	struct playbook *playbook = begin();
	happens("webinar.sign_up", "wish", 0);
	advance(at(3, 10));
	ck_assert(was_sent("invitation"));
	trial.now = at(10, 10);
	happens("webinar.sign_up", "live", signed_up);
	advance(at(10, 10));
	return playbook;
}

START_TEST(what_came_in_time_counts_however_late_the_turn)
{
	struct playbook *playbook = an_outage(at(4, 12));
	ck_assert(was_sent("thanks") && !was_sent("reminder"));
	playbook_free(playbook);
}
END_TEST

START_TEST(what_came_after_the_time_does_not)
{
	struct playbook *playbook = an_outage(at(6, 12));
	ck_assert(was_sent("reminder") && !was_sent("thanks"));
	playbook_free(playbook);
}
END_TEST

START_TEST(who_was_held_while_waiting_waits_on_when_tried_again)
{
	struct playbook *playbook = begin();
	struct error error = {0};
	happens("webinar.sign_up", "wish", 0);
	advance(at(3, 10));
	struct enrollment *e = (struct enrollment *)enrollment_in("invite");
	moment_t due = e->due_at;
	ck_assert_int_eq(due, at(5, 10));
	e->state = ENROLLMENT_HELD;
	e->reason = STR("the leave condition failed");
	ck_assert_int_eq(turn_trial_turn(&trial, true, &error), 0);
	ck_assert(enrollment_in("invite")->state == ENROLLMENT_ACTIVE && enrollment_in("invite")->due_at == due && !was_sent("reminder"));
	playbook_free(playbook);
}
END_TEST

/* The meeting is on the eleventh; a mail went out or not. */
static void change_meeting(const char *date)
{
	const char *data = arena_printf(lua_arena, "{\"set\": {\"meeting_day\": %s}}", date);
	turn_trial_event(&trial, (struct event){.verb = STR("lead.update"), .data = str_of(data)});
	advance(trial.now);
}

START_TEST(a_date_that_is_emptied_while_somebody_waits_is_the_other_way)
{
	struct playbook *playbook = begin();
	change_meeting("\"2027-02-11\"");
	advance(at(9, 10));
	ck_assert_int_eq(enrollment_in("meeting")->due_at, at(10, 0)); /* a day is the lead's own */
	change_meeting("null");
	ck_assert(enrollment_in("meeting")->state == ENROLLMENT_ENDED && str_is(enrollment_in("meeting")->reason, "no meeting"));
	ck_assert(!was_sent("reminder"));
	playbook_free(playbook);
}
END_TEST

/* Nobody turned on the day before; an hour late would have been in time. */
START_TEST(a_reminder_that_an_outage_made_late_is_skipped)
{
	struct playbook *playbook = begin();
	change_meeting("\"2027-02-11\"");
	advance(at(9, 10));
	trial.now = at(10, 2);
	advance(at(10, 3));
	ck_assert(!was_sent("reminder") && str_is(enrollment_in("meeting")->step, "ask"));
	playbook_free(playbook);
}
END_TEST

START_TEST(a_reminder_half_an_hour_late_is_sent)
{
	struct playbook *playbook = begin();
	change_meeting("\"2027-02-11\"");
	advance(at(9, 10));
	trial.now = at(10, 0) + 30 * MOMENT_MINUTE;
	advance(at(10, 3));
	ck_assert(was_sent("reminder"));
	playbook_free(playbook);
}
END_TEST

/* A thousand leads that were all due in an outage: each at a moment of its own, none together, none later than a day. */
START_TEST(what_is_spread_comes_evenly_over_a_day)
{
	struct playbook *playbook = begin();
	int hours[24] = {0};
	for (int i = 0; i < 1000; i++) {
		turn_trial_init(&trial, playbook, lua_arena, (int64_t)(i + 7) << 6, at(1, 10));
		happens("case.late", "", 0);
		advance(at(1, 10));
		trial.now = at(20, 10);
		advance(at(20, 10));
		moment_t due = enrollment_in("late")->due_at;
		ck_assert(str_is(enrollment_in("late")->step, "spread") && due > at(20, 10) && due <= at(21, 10) + 1);
		hours[(due - at(20, 10) - 1) / MOMENT_HOUR]++;
	}
	for (int i = 0; i < 24; i++)
		ck_assert(hours[i] > 15 && hours[i] < 80);
	playbook_free(playbook);
}
END_TEST

/* ---- pauses ---- */

static struct campaign_pause pause_of[1];

static void pause_campaign(const char *campaign)
{
	pause_of[0] = (struct campaign_pause){.campaign = str_of(campaign), .paused_at = trial.now};
	trial.pauses = pause_of;
	trial.pause_count = 1;
}

/* As store_campaign does: who has something due is turned again. */
static void resume_campaign(void)
{
	struct error error = {0};
	pause_of[0].resumed_at = trial.now;
	ck_assert_int_eq(turn_trial_turn(&trial, true, &error), 0);
	advance(trial.now);
}

static bool was_logged(const char *campaign, const char *what)
{
	for (size_t i = 0; i < trial.log_count; i++)
		if (str_is(trial.logs[i].log.campaign, campaign) && str_is(trial.logs[i].log.what, what))
			return true;
	return false;
}

START_TEST(a_paused_campaign_keeps_places_and_sends_nothing_and_what_fell_due_is_left_out)
{
	struct playbook *playbook = begin();
	happens("meeting.ask", "", 0); /* hello at once; a day; four hours for a click; two days; soon, if clicked */
	happens("email.click", "hello", at(1, 10) + MOMENT_HOUR);
	advance(at(1, 12));
	ck_assert(was_sent("hello"));
	pause_campaign("ask");
	advance(at(20, 10));
	ck_assert(str_is(enrollment_in("ask")->step, "pause") && !was_sent("soon"));
	resume_campaign();
	ck_assert(str_is(enrollment_in("ask")->step, "answer")); /* a step without a contact is done, and the waits go on from there */
	advance(at(28, 10));
	ck_assert(was_sent("soon"));
	playbook_free(playbook);
}
END_TEST

START_TEST(a_contact_that_fell_due_in_a_pause_is_skipped_and_the_next_wait_counts_from_the_end_of_it)
{
	struct playbook *playbook = begin();
	happens("webinar.sign_up", "wish", 0); /* an invitation a day later */
	advance(at(1, 12));
	pause_campaign("invite");
	advance(at(10, 12));
	ck_assert(!was_sent("invitation"));
	resume_campaign();
	ck_assert(!was_sent("invitation") && was_logged("invite", "skipped") && str_is(enrollment_in("invite")->step, "signed-up"));
	ck_assert_int_eq(enrollment_in("invite")->due_at, at(13, 12));
	playbook_free(playbook);
}
END_TEST

START_TEST(late_spread_holds_after_a_pause_as_after_an_outage)
{
	struct playbook *playbook = begin();
	happens("case.late", "", 0);
	advance(at(11, 9)); /* a hour before its first step falls due */
	pause_campaign("late");
	advance(at(20, 10));
	resume_campaign();
	ck_assert(!was_sent("soon") && !was_sent("hello") && str_is(enrollment_in("late")->step, "spread") && enrollment_in("late")->due_at > at(20, 10));
	advance(at(21, 11));
	ck_assert(was_sent("thanks"));
	playbook_free(playbook);
}
END_TEST

/* The mail waits for the cap or for hours when the campaign is paused: it is not sent, and not lost either when the pause is short. */
START_TEST(a_planned_mail_is_held_while_its_campaign_is_paused_and_goes_after_a_short_pause)
{
	struct playbook *playbook = begin();
	happens("webinar.sign_up", "wish", 0);
	advance(at(2, 10) - MOMENT_MINUTE);
	struct error error = {0};
	trial.now = at(2, 10);
	ck_assert_int_eq(turn_trial_turn(&trial, false, &error), 0); /* planned, not delivered yet */
	ck_assert(trial.touches[trial.touch_count - 1].state == TOUCH_PLANNED);
	pause_campaign("invite");
	advance(at(2, 10) + 10 * MOMENT_MINUTE);
	ck_assert(trial.touches[trial.touch_count - 1].state == TOUCH_HELD && !was_sent("invitation"));
	resume_campaign();
	ck_assert(was_sent("invitation"));
	playbook_free(playbook);
}
END_TEST

START_TEST(who_enters_a_paused_campaign_keeps_a_place_and_leaves_as_ever)
{
	struct playbook *playbook = begin();
	pause_campaign("webinar");
	happens("case.plan", "live", 0);
	advance(at(2, 10));
	ck_assert(enrollment_in("webinar")->state == ENROLLMENT_ACTIVE && enrollment_in("webinar")->step.n == 0);
	resume_campaign();
	ck_assert(str_is(enrollment_in("webinar")->step, "invite") && enrollment_in("webinar")->due_at == at(4, 15));
	pause_campaign("webinar");
	happens("consent.withdraw", "email", 0);
	advance(at(3, 10));
	ck_assert(enrollment_in("webinar")->state == ENROLLMENT_ENDED);
	playbook_free(playbook);
}
END_TEST

static void by_hand(const char *verb, const char *campaign)
{
	const char *data = arena_printf(lua_arena, "{\"campaign\": \"%s\"}", campaign);
	turn_trial_event(&trial, (struct event){.verb = str_of(verb), .data = str_of(data)});
	advance(trial.now);
}

START_TEST(one_lead_is_paused_resumed_taken_out_and_let_in_by_hand)
{
	struct playbook *playbook = begin();
	happens("webinar.sign_up", "wish", 0);
	advance(at(1, 12));
	by_hand("campaign.pause", "invite");
	ck_assert(enrollment_in("invite")->paused_at == at(1, 12));
	advance(at(10, 12));
	ck_assert(!was_sent("invitation") && str_is(enrollment_in("invite")->step, "invite"));
	by_hand("campaign.resume", "invite");
	ck_assert(enrollment_in("invite")->paused_at == 0 && !was_sent("invitation") && str_is(enrollment_in("invite")->step, "signed-up"));
	by_hand("campaign.remove", "invite");
	ck_assert(enrollment_in("invite")->state == ENROLLMENT_ENDED && str_is(enrollment_in("invite")->reason, "by hand"));
	by_hand("campaign.enter", "invite");
	ck_assert(enrollment_in("invite")->state == ENROLLMENT_ACTIVE);
	by_hand("campaign.enter", "ask");
	by_hand("campaign.remove", "ask");
	by_hand("campaign.enter", "ask"); /* again = "never" holds by hand too */
	ck_assert(enrollment_in("ask")->state == ENROLLMENT_ENDED && was_logged("ask", "not entered"));
	playbook_free(playbook);
}
END_TEST

START_TEST(who_was_held_while_paused_by_hand_is_tried_again_by_the_resume)
{
	struct playbook *playbook = begin();
	happens("webinar.sign_up", "wish", 0);
	advance(at(1, 12));
	by_hand("campaign.pause", "invite");
	struct enrollment *e = (struct enrollment *)enrollment_in("invite");
	e->state = ENROLLMENT_HELD;
	e->reason = STR("the leave condition failed");
	happens("page.view", "", 0);
	advance(trial.now);
	ck_assert(enrollment_in("invite")->state == ENROLLMENT_HELD);
	by_hand("campaign.resume", "invite");
	ck_assert(enrollment_in("invite")->state == ENROLLMENT_ACTIVE);
	playbook_free(playbook);
}
END_TEST

/* Between its arrival and the end of its time a wait asks for no turn at all. */
START_TEST(who_waits_costs_nothing)
{
	struct playbook *playbook = begin();
	happens("webinar.sign_up", "wish", 0);
	advance(at(2, 11));
	size_t turns = trial.turns;
	ck_assert_int_eq(turn_trial_next(&trial), at(5, 10));
	advance(at(5, 10) - 1);
	ck_assert_uint_eq(trial.turns, turns);
	advance(at(5, 10));
	ck_assert(was_sent("reminder"));
	playbook_free(playbook);
}
END_TEST

/* One place under the cap and two campaigns: the one of high priority has it, whatever their names are. */
START_TEST(high_priority_walks_first_and_has_the_place_under_the_cap)
{
	lua_file_count = 0;
	lua_file("playbook.lua",
		 "playbook \"p\" { title = \"P\", time_zone = \"Europe/Berlin\", language = \"en\" }\n"
		 "consent \"email\" { default = \"opt-out\", unknown = \"opt-out\" }\n"
		 "verb \"case.two\" { label = \"two at once\", by = \"lead\" }\n"
		 "cap \"email\" { at_most = 1, within = \"2 days\" }\n"
		 "campaign \"a-low\" { enter = on \"case.two\", priority = \"low\", leave = withdrew \"email\", step \"mail\" { email \"sorry\" } }\n"
		 "campaign \"z-high\" { enter = on \"case.two\", priority = \"high\", leave = withdrew \"email\", step \"mail\" { email \"hello\" } }\n");
	lua_file("tests/one.lua",
		 "test \"two at once\" { lead { email = \"a@example.com\" }, event \"case.two\", expect { email = \"hello\" },\n"
		 "  day(2), expect { email = \"nothing\" }, day(3), expect { email = \"sorry\" } }\n");
	lua_mail("hello");
	lua_mail("sorry");
	struct playbook *playbook = lua_load();
	struct story_result result = turn_stories(playbook, &lua_problems);
	ck_assert_msg(result.failed == 0 && result.passed == 1, "%s", problems_text(&lua_problems));
	playbook_free(playbook);
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(high_priority_walks_first_and_has_the_place_under_the_cap),
	UNIT(every_story_of_the_flow_holds),
	UNIT(what_came_in_time_counts_however_late_the_turn),
	UNIT(what_came_after_the_time_does_not),
	UNIT(who_was_held_while_waiting_waits_on_when_tried_again),
	UNIT(who_waits_costs_nothing),
	UNIT(a_date_that_is_emptied_while_somebody_waits_is_the_other_way),
	UNIT(a_reminder_that_an_outage_made_late_is_skipped),
	UNIT(a_reminder_half_an_hour_late_is_sent),
	UNIT(what_is_spread_comes_evenly_over_a_day),
	UNIT(a_paused_campaign_keeps_places_and_sends_nothing_and_what_fell_due_is_left_out),
	UNIT(a_contact_that_fell_due_in_a_pause_is_skipped_and_the_next_wait_counts_from_the_end_of_it),
	UNIT(late_spread_holds_after_a_pause_as_after_an_outage),
	UNIT(a_planned_mail_is_held_while_its_campaign_is_paused_and_goes_after_a_short_pause),
	UNIT(who_enters_a_paused_campaign_keeps_a_place_and_leaves_as_ever),
	UNIT(one_lead_is_paused_resumed_taken_out_and_let_in_by_hand),
	UNIT(who_was_held_while_paused_by_hand_is_tried_again_by_the_resume),
};
UNIT_MAIN("turn/flow", cases)
