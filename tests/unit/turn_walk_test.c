/* Campaigns: when steps fall due, what they do, where they go, how they end. */
#include "unit/turn_campaign.h"

START_TEST(a_walk_sends_each_mail_on_its_calendar_day_and_ends)
{
	struct playbook p = with_campaign((struct campaign){.enter = ON("asset.download")},
		STEPS(STEP("one", TIMING_DAY, ONE(email("first")), .day = 1), STEP("two", TIMING_DAY, ONE(email("second")), .day = 3),
		      STEP("three", TIMING_WAIT, ONE(email("third")), .wait = DAYS(2))));
	struct trial *t = hand_lead(&p);
	happen(t, "asset.download", "guide");
	ck_assert_at(touch_named(t, "first")->over_at, "2027-02-01 10:00");
	ck_assert_at(t->wake_at, "2027-02-03 10:00");
	run_to(t, hand_at("2027-02-28 10:00"));
	ck_assert_at(touch_named(t, "second")->over_at, "2027-02-03 10:00");
	ck_assert_at(touch_named(t, "third")->over_at, "2027-02-05 10:00");
	const struct enrollment *e = newest_in(t, "c");
	ck_assert_int_eq(e->state, ENROLLMENT_ENDED);
	ck_assert(str_is(e->reason, "finished"));
	ck_assert_at(e->ended_at, "2027-02-05 10:00");
	ck_assert_int_eq(touch_named(t, "third")->pass, 1);
	ck_assert_int_eq(t->wake_at, MOMENT_NEVER);
}
END_TEST

START_TEST(a_step_without_a_channel_is_held_and_the_walk_goes_on_by_its_answers)
{
	struct answer *held = HAND_COPY(struct answer, .key = "held", .kind = ANSWER_GO, .target = 2);
	struct playbook p = with_campaign((struct campaign){.enter = ON("form.submit")},
		STEPS(STEP("ask", TIMING_NONE, ONE(call_by("web-lead")), .answers = held, .answer_count = 1),
		      STEP("never", TIMING_NONE, ONE(email("never"))), STEP("write", TIMING_NONE, ONE(email("write")))));
	struct trial *t = hand_lead(&p);
	happen(t, "form.submit", "contact");
	const struct touch *asked = touch_named(t, "web-lead");
	ck_assert_int_eq(asked->state, TOUCH_HELD);
	ck_assert(str_is(asked->reason, "no channel"));
	ck_assert_ptr_null(touch_named(t, "never"));
	ck_assert_int_eq(touch_named(t, "write")->state, TOUCH_SENT);
}
END_TEST

START_TEST(what_stands_behind_a_held_contact_is_not_done_but_its_go_and_leave_are)
{
	struct action set_stage = {.kind = ACTION_STAGE, .at = {"c.lua", 3}, .stage = STAGE_QUALIFIED};
	struct playbook p = with_campaign((struct campaign){.enter = ON("form.submit")},
		STEPS(STEP("ask", TIMING_NONE, ACTS(call_by("web-lead"), set_stage, leave_with("called"))), STEP("never", TIMING_NONE, ONE(email("never")))));
	struct trial *t = hand_lead(&p);
	happen(t, "form.submit", "contact");
	ck_assert_int_eq(t->lead.stage, STAGE_INQUIRY);
	ck_assert(str_is(newest_in(t, "c")->reason, "called"));
	hand_has_call = true;
	t = hand_lead(&p);
	t->lead.fields[LEAD_PHONE] = (struct value){.type = VALUE_TEXT, .text = STR("+4940123")};
	happen(t, "form.submit", "contact");
	ck_assert_int_eq(t->lead.stage, STAGE_QUALIFIED);
}
END_TEST

START_TEST(when_is_false_goes_otherwise_and_a_loop_of_days_waits_only_once)
{
	struct playbook p = with_campaign((struct campaign){.enter = ON("form.submit")},
		STEPS(STEP("a", TIMING_DAY, ONE(email("a")), .day = 4),
		      STEP("b", TIMING_WAIT, ONE(leave_with("seen")), .wait = DAYS(1), .when = ON("email.click"), .otherwise = 2),
		      STEP("c", TIMING_WAIT, ONE(go_to(0)), .wait = DAYS(1))));
	struct trial *t = hand_lead(&p);
	happen(t, "form.submit", "contact");
	run_to(t, hand_at("2027-02-05 11:00")); /* day 4 mail, day 5 no click, on to c */
	ck_assert(str_is(newest_in(t, "c")->step, "c"));
	run_to(t, hand_at("2027-02-06 10:00")); /* a again: at once */
	ck_assert_int_eq(touch_named(t, "a")->pass, 2);
	ck_assert_at(touch_named(t, "a")->over_at, "2027-02-06 10:00");
	happen(t, "email.click", "a");
	run_to(t, hand_at("2027-02-07 10:00"));
	ck_assert(str_is(newest_in(t, "c")->reason, "seen"));
}
END_TEST

START_TEST(every_month_counts_from_the_first_date_and_stops_after_its_times)
{
	struct playbook p = with_campaign((struct campaign){.enter = ON("form.submit")},
		STEPS(STEP("issue", TIMING_EVERY, ONE(email("news")), .wait = {1, DURATION_MONTHS}, .times = 3), STEP("end", TIMING_NONE, ONE(leave_with("over")))));
	struct trial *t = hand_lead(&p);
	run_to(t, hand_at("2027-01-31 10:00"));
	t->now = hand_at("2027-01-31 10:00");
	happen(t, "form.submit", "contact");
	static const char *const dates[] = {"2027-02-28 10:00", "2027-03-31 10:00", "2027-04-30 10:00"};
	run_to(t, hand_at("2027-12-31 10:00"));
	size_t sent = 0;
	for (size_t i = 0; i < t->touch_count; i++) {
		ck_assert_uint_lt(sent, 3);
		ck_assert_at(t->touches[i].over_at, dates[sent]);
		ck_assert_int_eq(t->touches[i].pass, (int)++sent);
	}
	ck_assert_uint_eq(sent, 3);
	ck_assert(str_is(newest_in(t, "c")->reason, "over"));
}
END_TEST

START_TEST(a_round_that_is_held_or_not_wanted_comes_back_the_next_time)
{
	struct playbook p = with_campaign((struct campaign){.enter = ON("form.submit")},
		STEPS(STEP("issue", TIMING_EVERY, ONE(email("news")), .wait = {1, DURATION_WEEKS}, .when = field_is(FIELD_TIMING, "now"))));
	struct trial *t = hand_lead(&p);
	happen(t, "form.submit", "contact");
	run_to(t, hand_at("2027-02-10 10:00"));
	ck_assert_uint_eq(t->touch_count, 0);
	turn_trial_event(t, (struct event){.verb = STR("lead.update"), .data = STR("{\"set\": {\"timing\": \"now\"}}")});
	run_to(t, hand_at("2027-02-15 10:00"));
	ck_assert_uint_eq(t->touch_count, 1);
	ck_assert_int_eq(newest_in(t, "c")->state, ENROLLMENT_ACTIVE);
}
END_TEST

START_TEST(a_loop_without_a_pause_is_held_and_reported_not_run_for_ever)
{
	struct playbook p = with_campaign((struct campaign){.enter = ON("form.submit")},
		STEPS(STEP("a", TIMING_NONE, ONE(go_to(1))), STEP("b", TIMING_NONE, ONE(go_to(0)))));
	struct trial *t = hand_lead(&p);
	happen(t, "form.submit", "contact");
	ck_assert_int_eq(newest_in(t, "c")->state, ENROLLMENT_HELD);
	ck_assert_uint_eq(t->error_count, 1);
	ck_assert_str_eq(t->errors[0].message, "more than 100 steps at once, without a pause: it goes round, or a wait must part it");
}
END_TEST

static int script_calls;
static int script(int handle, const struct playbook_view *view, struct script_result *out, struct error *error)
{
	(void)view;
	script_calls++;
	if (handle == 1)
		return error_set(error, ERROR_INVALID, "c.lua:12", "attempt to compare nil with number");
	if (handle == 2)
		*out = script_calls < 3 ? (struct script_result){.answer = SCRIPT_WAIT, .wait = DAYS(1)} : (struct script_result){.answer = SCRIPT_LEAVE, .name = "asked enough"};
	return 0;
}

START_TEST(a_step_that_fails_is_held_never_sent_and_tried_again_at_the_next_publish)
{
	struct action failing = {.kind = ACTION_FUNCTION, .at = {"c.lua", 11}, .function = 1};
	struct playbook p = with_campaign((struct campaign){.enter = ON("form.submit")},
		STEPS(STEP("a", TIMING_NONE, ACTS((struct action){.kind = ACTION_STAGE, .at = {"c.lua", 10}, .stage = STAGE_ENGAGED}, failing, email("after")))));
	struct trial *t = hand_lead(&p);
	hand_script = script;
	happen(t, "form.submit", "contact");
	ck_assert_int_eq(newest_in(t, "c")->state, ENROLLMENT_HELD);
	ck_assert_uint_eq(t->touch_count, 0);
	ck_assert_str_eq(t->errors[0].context, "campaign \"c\", step \"a\"");
	run_to(t, t->now + MOMENT_DAY);
	happen(t, "page.view", "/");
	ck_assert_int_eq(newest_in(t, "c")->state, ENROLLMENT_HELD);
	((struct action *)p.campaigns[0].steps[0].actions)[1].function = 7; /* mended */
	ck_assert_int_eq(turn_trial_turn(t, true, NULL), 0);
	run_to(t, t->now);
	ck_assert_int_eq(touch_named(t, "after")->state, TOUCH_SENT);
	ck_assert_int_eq(touch_named(t, "after")->pass, 1);
}
END_TEST

START_TEST(a_function_that_waits_is_asked_again_then)
{
	struct playbook p = with_campaign((struct campaign){.enter = ON("form.submit")},
		STEPS(STEP("a", TIMING_NONE, ONE(((struct action){.kind = ACTION_FUNCTION, .at = {"c.lua", 11}, .function = 2})))));
	struct trial *t = hand_lead(&p);
	hand_script = script;
	script_calls = 0;
	happen(t, "form.submit", "contact");
	ck_assert_at(t->wake_at, "2027-02-02 10:00");
	run_to(t, hand_at("2027-02-03 10:00"));
	ck_assert_int_eq(script_calls, 3);
	ck_assert(str_is(newest_in(t, "c")->reason, "asked enough"));
}
END_TEST

START_TEST(a_renamed_step_keeps_its_leads_and_their_passes)
{
	struct playbook p = with_campaign((struct campaign){.enter = ON("form.submit")}, STEPS(STEP("ask", TIMING_EVERY, ONE(email("a")), .wait = DAYS(7))));
	static const char *const was[] = {"ask"};
	struct playbook q = with_campaign((struct campaign){.enter = ON("form.submit")},
		STEPS(STEP("question", TIMING_EVERY, ONE(email("b")), .wait = DAYS(7), .was = was, .was_count = 1)));
	struct trial *t = hand_lead(&p);
	happen(t, "form.submit", "contact");
	run_to(t, hand_at("2027-02-08 10:00"));
	t->playbook = &q;
	run_to(t, hand_at("2027-02-15 10:00"));
	ck_assert(str_is(touch_named(t, "b")->step, "question"));
	ck_assert_int_eq(touch_named(t, "b")->pass, 2);
	struct playbook r = with_campaign((struct campaign){.enter = ON("form.submit")}, STEPS(STEP("other", TIMING_NONE, ONE(email("x")))));
	t->playbook = &r;
	run_to(t, hand_at("2027-03-15 10:00"));
	ck_assert_int_eq(newest_in(t, "c")->state, ENROLLMENT_HELD);
	ck_assert(str_is(newest_in(t, "c")->reason, "step \"question\" is gone"));
}
END_TEST

START_TEST(an_evenings_entry_does_not_push_day_three_to_the_fourth)
{
	struct playbook p = with_campaign((struct campaign){.enter = ON("form.submit")},
		STEPS(STEP("one", TIMING_WAIT, ONE(leave_with("x")), .wait = DAYS(90), .when = ON("never")), STEP("two", TIMING_DAY, ONE(email("second")), .day = 3)));
	((struct step *)p.campaigns[0].steps)[0].timing = TIMING_NONE;
	struct hours *hours = HAND_COPY(struct hours, .name = "email");
	ck_assert_int_eq(calendar_hours_parse(STR("Mon-Fri"), STR("8:00"), STR("18:00"), &hours->open, NULL), 0);
	p.hours = hours;
	p.hours_count = 1;
	struct trial *t = hand_lead(&p);
	run_to(t, hand_at("2027-02-01 22:30"));
	happen(t, "form.submit", "contact");
	run_to(t, hand_at("2027-02-28 10:00"));
	ck_assert_at(touch_named(t, "second")->over_at, "2027-02-03 08:00");
	t = hand_lead(&p); /* entered on a Thursday: day 3 is a Saturday, closed: Monday */
	run_to(t, hand_at("2027-02-04 09:15"));
	happen(t, "form.submit", "contact");
	run_to(t, hand_at("2027-02-28 10:00"));
	ck_assert_at(touch_named(t, "second")->over_at, "2027-02-08 08:00");
}
END_TEST

START_TEST(handoffs_and_alerts_reach_people_and_stay_when_the_walk_ends)
{
	struct playbook p = with_campaign((struct campaign){.enter = ON("form.submit")},
		STEPS(STEP("to-sales", TIMING_NONE,
			   ACTS(((struct action){.kind = ACTION_ALERT, .at = {"c.lua", 4}, .name = "look", .to = "north"}),
				((struct action){.kind = ACTION_HANDOFF, .at = {"c.lua", 5}, .name = "north", .within = {4, DURATION_HOURS}}), leave_with("with sales")))));
	p.people = HAND_COPY(struct person_entry, .name = "north", .email = "north@example.com");
	p.people_count = 1;
	struct trial *t = hand_lead(&p);
	happen(t, "form.submit", "contact");
	ck_assert_int_eq(touch_named(t, "look")->state, TOUCH_SENT);
	ck_assert(str_starts(touch_named(t, "look")->data, STR("{\"reasons\": [")));
	ck_assert_uint_eq(t->handoff_count, 1);
	ck_assert(str_is(t->handoffs[0].handoff.person, "north"));
	ck_assert_at(t->handoffs[0].handoff.due_at, "2027-02-01 14:00");
	const struct str *brief = &touch_named(t, "handoff")->data;
	ck_assert_msg(strstr(arena_dup_n(t->arena, brief->p, brief->n), "\"due\":\"2027-02-01 14:00 Europe/Berlin\""), "%.*s", STR_ARG(*brief));
	ck_assert_int_eq(t->handoffs[0].handoff.reasons.p[0], '[');
	ck_assert(str_is(newest_in(t, "c")->reason, "with sales"));
}
END_TEST

START_TEST(suppress_holds_the_channel_from_then_on_until_its_end)
{
	struct action sunset = {.kind = ACTION_SUPPRESS, .at = {"c.lua", 6}, .name = "email", .reason = "sunset", .ends = ON("form.submit", .subjects = HAND_COPY(struct str, "back", 4), .subject_count = 1)};
	struct playbook p = with_campaign((struct campaign){.enter = ON("form.submit"), .again = AGAIN_ALWAYS},
		STEPS(STEP("bye", TIMING_NONE, ACTS(sunset)), STEP("mail", TIMING_NONE, ONE(email("mail")))));
	struct trial *t = hand_lead(&p);
	happen(t, "form.submit", "contact");
	ck_assert_int_eq(touch_named(t, "mail")->state, TOUCH_HELD);
	ck_assert(str_is(touch_named(t, "mail")->reason, "suppressed: sunset"));
	((struct step *)p.campaigns[0].steps)[0].action_count = 1;
	run_to(t, t->now + MOMENT_DAY);
	struct turn_facts facts;
	struct touch touch = {.kind = STR("email"), .channel = STR("email"), .purpose = STR("marketing")};
	happen(t, "page.view", "/");
	ck_assert_int_eq(turn_trial_facts(t, &facts, NULL), 0);
	ck_assert_int_eq(turn_gate(&p, &facts, &touch, false).verdict, GATE_HOLD);
	turn_trial_event(t, (struct event){.verb = STR("form.submit"), .subject = STR("back"), .data = {"", 0}});
	p.campaign_count = 1;
	((struct campaign *)p.campaigns)[0].enter = ON("never");
	run_to(t, t->now);
	ck_assert_int_eq(turn_trial_facts(t, &facts, NULL), 0);
	ck_assert_int_eq(turn_gate(&p, &facts, &touch, false).verdict, GATE_PASS);
}
END_TEST

START_TEST(what_led_to_a_suppression_does_not_end_it)
{
	struct action sunset = {.kind = ACTION_SUPPRESS, .at = {"c.lua", 6}, .name = "email", .reason = "sunset", .ends = ON("form.submit")};
	struct playbook p = with_campaign((struct campaign){.enter = ON("form.submit")},
		STEPS(STEP("bye", TIMING_NONE, ACTS(sunset)), STEP("mail", TIMING_WAIT, ONE(email("mail")), .wait = DAYS(1)),
		      STEP("more", TIMING_WAIT, ONE(email("more")), .wait = DAYS(2))));
	struct trial *t = hand_lead(&p);
	happen(t, "form.submit", "contact");
	run_to(t, t->now + 2 * MOMENT_DAY);
	ck_assert_int_eq(touch_named(t, "mail")->state, TOUCH_HELD);
	happen(t, "form.submit", "contact");
	run_to(t, t->now + 4 * MOMENT_DAY);
	ck_assert_int_eq(touch_named(t, "more")->state, TOUCH_SENT);
}
END_TEST

/* Told by touch.over, or by what reports ask for, when that names the touch. */
static void refuse_first(const char *verb)
{
	struct playbook p = with_campaign((struct campaign){.enter = ON("form.submit")},
		STEPS(STEP("a", TIMING_NONE, ACTS(email("a"), ((struct action){.kind = ACTION_STAGE, .stage = STAGE_QUALIFIED}))), STEP("b", TIMING_WAIT, ONE(email("b")), .wait = DAYS(1))));
	struct trial *t = hand_lead(&p);
	turn_trial_event(t, (struct event){.verb = STR("form.submit"), .data = {"", 0}});
	ck_assert_int_eq(turn_trial_turn(t, false, NULL), 0);
	struct touch *touch = (struct touch *)touch_named(t, "a");
	touch->state = TOUCH_REJECTED;
	touch->over_at = t->now;
	turn_trial_event(t, (struct event){.verb = str_of(verb),
		.data = str_of(arena_printf(hand_life, "{\"outcome\": \"rejected\", \"reason\": \"550 no such user\", \"touch\": %lld}", (long long)touch->id))});
	run_to(t, t->now);
	ck_assert(str_is(newest_in(t, "c")->step, "b"));
	ck_assert_int_eq(t->lead.stage, STAGE_INQUIRY);
	bool told = false;
	for (size_t i = 0; i < t->log_count; i++)
		told |= str_is(t->logs[i].log.what, "rejected") && str_is(t->logs[i].log.cause, "550 no such user");
	ck_assert(told);
}

START_TEST(a_contact_that_was_refused_ends_its_step_with_a_word_in_the_log)
{
	refuse_first("touch.over");
	refuse_first("email.bounce");
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(a_walk_sends_each_mail_on_its_calendar_day_and_ends),
	UNIT(a_step_without_a_channel_is_held_and_the_walk_goes_on_by_its_answers),
	UNIT(what_stands_behind_a_held_contact_is_not_done_but_its_go_and_leave_are),
	UNIT(when_is_false_goes_otherwise_and_a_loop_of_days_waits_only_once),
	UNIT(every_month_counts_from_the_first_date_and_stops_after_its_times),
	UNIT(a_round_that_is_held_or_not_wanted_comes_back_the_next_time),
	UNIT(a_loop_without_a_pause_is_held_and_reported_not_run_for_ever),
	UNIT(a_step_that_fails_is_held_never_sent_and_tried_again_at_the_next_publish),
	UNIT(a_function_that_waits_is_asked_again_then),
	UNIT(a_renamed_step_keeps_its_leads_and_their_passes),
	UNIT(an_evenings_entry_does_not_push_day_three_to_the_fourth),
	UNIT(handoffs_and_alerts_reach_people_and_stay_when_the_walk_ends),
	UNIT(suppress_holds_the_channel_from_then_on_until_its_end),
	UNIT(what_led_to_a_suppression_does_not_end_it),
	UNIT(a_contact_that_was_refused_ends_its_step_with_a_word_in_the_log),
};
UNIT_MAIN("turn/walk", cases)
