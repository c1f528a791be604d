/* Who comes into a campaign, who leaves it, when its goal counts, and what a publish changes of that. */
#include "unit/turn_campaign.h"

START_TEST(entering_is_becoming_and_never_twice_without_again)
{
	struct playbook p = with_campaign((struct campaign){.enter = field_is(FIELD_TIMING, "now")},
		STEPS(STEP("one", TIMING_NONE, ONE(leave_with("done")))));
	struct trial *t = hand_lead(&p);
	happen(t, "page.view", "/");
	ck_assert_uint_eq(t->enrollment_count, 0);
	turn_trial_event(t, (struct event){.verb = STR("lead.update"), .data = STR("{\"set\": {\"timing\": \"now\"}}")});
	run_to(t, t->now);
	ck_assert_uint_eq(t->enrollment_count, 1);
	happen(t, "page.view", "/");
	turn_trial_event(t, (struct event){.verb = STR("lead.update"), .data = STR("{\"set\": {\"timing\": \"later\"}}")});
	run_to(t, t->now);
	turn_trial_event(t, (struct event){.verb = STR("lead.update"), .data = STR("{\"set\": {\"timing\": \"now\"}}")});
	run_to(t, t->now);
	ck_assert_uint_eq(t->enrollment_count, 1);
}
END_TEST

START_TEST(again_always_lets_in_at_each_new_event_and_again_after_counts_from_the_end)
{
	static const int agains[] = {AGAIN_NEVER, AGAIN_AFTER, AGAIN_ALWAYS};
	static const size_t wanted[] = {1, 2, 3};
	for (size_t i = 0; i < 3; i++) {
		struct playbook p = with_campaign((struct campaign){.enter = ON("form.submit"), .again = agains[i], .again_after = DAYS(30)},
			STEPS(STEP("one", TIMING_NONE, ONE(leave_with("done")))));
		struct trial *t = hand_lead(&p);
		happen(t, "form.submit", "contact");
		run_to(t, hand_at("2027-03-02 10:00")); /* 29 days */
		happen(t, "form.submit", "contact");
		run_to(t, hand_at("2027-04-15 10:00"));
		happen(t, "page.view", "/");
		happen(t, "form.submit", "contact");
		ck_assert_uint_eq(t->enrollment_count, wanted[i]);
	}
}
END_TEST

START_TEST(a_lead_for_whom_leave_is_true_does_not_enter_and_the_log_says_so)
{
	struct playbook p = with_campaign((struct campaign){.enter = ON("form.submit"), .leave = in_stage(STAGE_CUSTOMER)},
		STEPS(STEP("one", TIMING_NONE, ONE(email("first")))));
	struct trial *t = hand_lead(&p);
	turn_trial_event(t, (struct event){.verb = STR("opportunity.won"), .data = {"", 0}});
	happen(t, "form.submit", "contact");
	ck_assert_int_eq(t->lead.stage, STAGE_CUSTOMER);
	ck_assert_uint_eq(t->enrollment_count, 0);
	ck_assert_uint_eq(t->log_count, 1);
	ck_assert(str_is(t->logs[0].log.what, "not entered"));
	ck_assert(str_is(t->logs[0].log.campaign, "c"));
}
END_TEST

START_TEST(leave_acts_at_once_and_takes_back_what_is_planned)
{
	struct playbook p = with_campaign((struct campaign){.enter = ON("form.submit"), .leave = in_stage(STAGE_ACCEPTED)},
		STEPS(STEP("one", TIMING_NONE, ONE(email("first")))));
	struct hours *hours = HAND_COPY(struct hours, .name = "email");
	ck_assert_int_eq(calendar_hours_parse(STR("Mon-Fri"), STR("12:00"), STR("18:00"), &hours->open, NULL), 0);
	p.hours = hours;
	p.hours_count = 1;
	struct trial *t = hand_lead(&p);
	happen(t, "form.submit", "contact");
	ck_assert_at(touch_named(t, "first")->due_at, "2027-02-01 12:00");
	happen(t, "handoff.accept", "");
	ck_assert_int_eq(touch_named(t, "first")->state, TOUCH_CANCELLED);
	ck_assert_int_eq(newest_in(t, "c")->state, ENROLLMENT_ENDED);
	run_to(t, hand_at("2027-02-05 12:00"));
	ck_assert_int_eq(touch_named(t, "first")->state, TOUCH_CANCELLED);
}
END_TEST

START_TEST(leaving_one_campaign_takes_back_nothing_of_another)
{
	struct step *steps = HAND_COPY(struct step, 0), *others = HAND_COPY(struct step, 0);
	*steps = STEP("one", TIMING_NONE, ONE(email("first")));
	*others = STEP("one", TIMING_NONE, ONE(email("other")));
	struct playbook p = with_campaigns(HAND_LIST(struct campaign, {.name = "a", .enter = ON("form.submit"), .leave = in_stage(STAGE_ACCEPTED), .steps = steps, .step_count = 1},
						     {.name = "b", .enter = ON("form.submit"), .steps = others, .step_count = 1}));
	struct hours *hours = HAND_COPY(struct hours, .name = "email");
	ck_assert_int_eq(calendar_hours_parse(STR("Mon-Fri"), STR("12:00"), STR("18:00"), &hours->open, NULL), 0);
	p.hours = hours;
	p.hours_count = 1;
	struct trial *t = hand_lead(&p);
	happen(t, "form.submit", "contact");
	happen(t, "handoff.accept", "");
	ck_assert_int_eq(touch_named(t, "first")->state, TOUCH_CANCELLED);
	ck_assert_int_eq(touch_named(t, "other")->state, TOUCH_PLANNED);
	run_to(t, hand_at("2027-02-01 12:00"));
	ck_assert_int_eq(touch_named(t, "other")->state, TOUCH_SENT);
}
END_TEST

START_TEST(the_first_campaign_by_priority_takes_the_place_under_the_cap)
{
	struct step *steps = HAND_COPY(struct step, 0), *others = HAND_COPY(struct step, 0);
	*steps = STEP("one", TIMING_NONE, ONE(email("urgent")));
	*others = STEP("one", TIMING_NONE, ONE(email("leisurely")));
	struct playbook p = with_campaigns(HAND_LIST(struct campaign, {.name = "high", .enter = ON("form.submit"), .priority = 1, .steps = steps, .step_count = 1},
						     {.name = "low", .enter = ON("form.submit"), .steps = others, .step_count = 1}));
	p.caps = HAND_COPY(struct cap, .channel = "email", .at_most = 1, .within = DAYS(7));
	p.cap_count = 1;
	struct trial *t = hand_lead(&p);
	happen(t, "form.submit", "contact");
	ck_assert_at(touch_named(t, "urgent")->due_at, "2027-02-01 10:00");
	ck_assert_at(touch_named(t, "leisurely")->due_at, "2027-02-08 10:00");
}
END_TEST

START_TEST(a_goal_counts_once_after_entry_and_moves_where_at_goal_says)
{
	static const int at_goal[] = {AT_GOAL_COUNT, AT_GOAL_LEAVE, AT_GOAL_STEP};
	for (size_t i = 0; i < 3; i++) {
		struct playbook p = with_campaign((struct campaign){.enter = ON("form.submit"), .goal = ON("call.answer"), .at_goal = at_goal[i], .at_goal_step = 1},
			STEPS(STEP("one", TIMING_WAIT, ONE(email("first")), .wait = DAYS(5)), STEP("thanks", TIMING_WAIT, ONE(email("thanks")), .wait = DAYS(1))));
		struct trial *t = hand_lead(&p);
		happen(t, "call.answer", "");
		run_to(t, t->now + MOMENT_HOUR);
		happen(t, "form.submit", "contact");
		struct enrollment *e = newest_in(t, "c");
		ck_assert_int_eq(e->goal_at, 0); /* what was before entry does not count */
		run_to(t, t->now + MOMENT_HOUR);
		happen(t, "call.answer", "");
		ck_assert_at(e->goal_at, "2027-02-01 12:00");
		run_to(t, t->now + MOMENT_HOUR);
		happen(t, "call.answer", "");
		ck_assert_at(e->goal_at, "2027-02-01 12:00");
		ck_assert_int_eq(e->state, at_goal[i] == AT_GOAL_LEAVE ? ENROLLMENT_ENDED : ENROLLMENT_ACTIVE);
		ck_assert_str_eq(e->step.p, at_goal[i] == AT_GOAL_STEP ? "thanks" : "one");
	}
}
END_TEST

static int sees_event(int handle, const struct playbook_view *view, struct script_result *out, struct error *error)
{
	(void)handle;
	(void)error;
	ck_assert_ptr_nonnull(view->event);
	*out = (struct script_result){.answer = str_is(view->event->verb, "form.submit") ? SCRIPT_TRUE : SCRIPT_FALSE};
	return 0;
}

START_TEST(a_function_in_enter_is_shown_each_new_event_and_an_empty_one_without)
{
	struct playbook p = with_campaign((struct campaign){.enter = by_function(5), .again = AGAIN_ALWAYS}, STEPS(STEP("a", TIMING_NONE, ONE(leave_with("x")))));
	struct trial *t = hand_lead(&p);
	hand_script = sees_event;
	happen(t, "page.view", "/");
	ck_assert_uint_eq(t->enrollment_count, 0);
	turn_trial_event(t, (struct event){.verb = STR("form.submit"), .data = {"", 0}});
	happen(t, "page.view", "/"); /* in one turn with another */
	ck_assert_uint_eq(t->enrollment_count, 1);
	happen(t, "form.submit", "contact");
	ck_assert_uint_eq(t->enrollment_count, 2);
	happen(t, "page.view", "/");
	ck_assert_uint_eq(t->enrollment_count, 2);
}
END_TEST

START_TEST(a_holdout_enters_never_walks_and_is_the_same_for_ever)
{
	struct playbook p = with_campaign((struct campaign){.enter = ON("form.submit"), .goal = ON("call.answer"), .holdout = 0.5},
		STEPS(STEP("a", TIMING_NONE, ONE(email("a")))));
	int held_out = 0;
	for (int i = 0; i < 200; i++) {
		struct trial *t = hand_lead(&p);
		t->lead.id = (int64_t)(i + 1) << 6;
		happen(t, "form.submit", "contact");
		const struct enrollment *e = newest_in(t, "c");
		held_out += e->holdout;
		ck_assert_uint_eq(t->touch_count, e->holdout ? 0 : 1);
		run_to(t, t->now + MOMENT_HOUR);
		ck_assert_int_eq(e->state, e->holdout ? ENROLLMENT_ACTIVE : ENROLLMENT_ENDED);
		happen(t, "call.answer", ""); /* both are watched as long: else the holdout would win by patience alone */
		ck_assert_at(newest_in(t, "c")->goal_at, "2027-02-01 11:00");
	}
	ck_assert_int_gt(held_out, 70);
	ck_assert_int_lt(held_out, 130);
}
END_TEST

START_TEST(enroll_starts_the_other_campaign_in_the_same_turn)
{
	struct step *first = HAND_COPY(struct step, 0), *second = HAND_COPY(struct step, 0);
	*first = STEP("hand-over", TIMING_NONE, ONE(((struct action){.kind = ACTION_ENROLL, .at = {"c.lua", 3}, .target = 0})));
	*second = STEP("issue", TIMING_NONE, ONE(email("news")));
	struct playbook p = with_campaigns(HAND_LIST(struct campaign, {.name = "news", .steps = second, .step_count = 1},
						     {.name = "start", .enter = ON("form.submit"), .steps = first, .step_count = 1}));
	struct trial *t = hand_lead(&p);
	struct turn_facts facts;
	happen(t, "form.submit", "contact");
	ck_assert_int_eq(touch_named(t, "news")->state, TOUCH_SENT);
	ck_assert_at(newest_in(t, "news")->entered_at, "2027-02-01 10:00");
	ck_assert_int_eq(newest_in(t, "start")->state, ENROLLMENT_ENDED);
	ck_assert_int_eq(turn_trial_facts(t, &facts, NULL), 0);
}
END_TEST

START_TEST(campaigns_that_start_each_other_without_a_pause_end_and_are_reported)
{
	struct step *a = HAND_COPY(struct step, 0), *b = HAND_COPY(struct step, 0);
	*a = STEP("x", TIMING_NONE, ONE(((struct action){.kind = ACTION_STAGE, .at = {"c.lua", 3}, .stage = STAGE_RECYCLED})));
	*b = STEP("x", TIMING_NONE, ONE(((struct action){.kind = ACTION_STAGE, .at = {"c.lua", 3}, .stage = STAGE_ENGAGED})));
	struct playbook p = with_campaigns(HAND_LIST(struct campaign, {.name = "a", .enter = in_stage(STAGE_ENGAGED), .again = AGAIN_ALWAYS, .steps = a, .step_count = 1},
						     {.name = "b", .enter = in_stage(STAGE_RECYCLED), .again = AGAIN_ALWAYS, .steps = b, .step_count = 1}));
	struct trial *t = hand_lead(&p);
	happen(t, "page.view", "/");
	turn_trial_event(t, (struct event){.verb = STR("lead.update"), .data = STR("{\"set\": {\"stage\": \"engaged\"}}")});
	run_to(t, t->now);
	ck_assert_uint_eq(t->error_count, 1);
	ck_assert_ptr_nonnull(strstr(t->errors[0].message, "without a pause"));
	ck_assert_uint_lt(t->enrollment_count, 20);
	ck_assert_int_eq(t->wake_at, MOMENT_NEVER);
}
END_TEST

START_TEST(a_circle_of_campaigns_with_a_mail_in_it_is_stopped_for_the_day_and_reported)
{
	struct playbook p = with_campaign((struct campaign){.enter = ON("campaign.leave"), .again = AGAIN_ALWAYS}, STEPS(STEP("one", TIMING_NONE, ONE(email("first")))));
	struct trial *t = hand_lead(&p);
	for (size_t day = 1; day <= 2; day++) {
		turn_trial_event(t, (struct event){.verb = STR("campaign.enter"), .data = STR("{\"campaign\": \"c\"}")});
		run_to(t, t->now + 20 * MOMENT_HOUR);
		ck_assert_uint_eq(t->enrollment_count, day * 24);
		ck_assert_uint_eq(t->error_count, day);
		ck_assert_ptr_nonnull(strstr(t->errors[day - 1].message, "24 times within a day"));
		ck_assert(str_is(t->logs[t->log_count - 1].log.what, "not entered"));
		run_to(t, t->now + 5 * MOMENT_HOUR);
	}
}
END_TEST

START_TEST(a_circle_of_many_campaigns_is_stopped_though_the_history_does_not_hold_a_day_of_it)
{
	enum { MANY = 5 };
	static const char *const names[MANY] = {"a", "b", "c", "d", "e"};
	struct campaign campaigns[MANY] = {0};
	for (size_t i = 0; i < MANY; i++) {
		struct step *steps = HAND_COPY(struct step, 0);
		*steps = STEP("one", TIMING_NONE, ONE(email("first")));
		campaigns[i] = (struct campaign){.name = names[i], .at = {"c.lua", 1}, .enter = ON("campaign.leave", .campaign = str_of(names[(i + MANY - 1) % MANY])), .again = AGAIN_ALWAYS, .steps = steps, .step_count = 1};
	}
	struct playbook p = with_campaigns(campaigns, MANY);
	struct trial *t = hand_lead(&p);
	turn_trial_event(t, (struct event){.verb = STR("campaign.enter"), .data = STR("{\"campaign\": \"a\"}")});
	run_to(t, t->now + 10 * MOMENT_HOUR);
	ck_assert_uint_ge(t->enrollment_count, 4 * MANY);
	ck_assert_uint_le(t->enrollment_count, 24 * MANY);
	ck_assert_uint_ge(t->error_count, 1);
	ck_assert_ptr_nonnull(strstr(t->errors[0].message, "24 times within a day"));
	ck_assert(str_is(t->logs[t->log_count - 1].log.what, "not entered"));
}
END_TEST

START_TEST(few_enters_among_many_events_of_an_hour_are_no_circle)
{
	struct playbook p = with_campaign((struct campaign){.enter = ON("form.submit"), .again = AGAIN_ALWAYS}, STEPS(STEP("one", TIMING_NONE, ONE(leave_with("done")))));
	struct trial *t = hand_lead(&p);
	for (size_t i = 0; i < 300; i++)
		happen(t, "page.view", "/");
	for (size_t i = 0; i < 4; i++)
		happen(t, "form.submit", "contact");
	ck_assert_uint_eq(t->enrollment_count, 4);
	ck_assert_uint_eq(t->error_count, 0);
}
END_TEST

START_TEST(somebody_may_enroll_by_hand)
{
	struct playbook p = with_campaign((struct campaign){.enter = NULL}, STEPS(STEP("a", TIMING_NONE, ONE(email("a")))));
	struct trial *t = hand_lead(&p);
	happen(t, "form.submit", "contact");
	ck_assert_uint_eq(t->enrollment_count, 0);
	turn_trial_event(t, (struct event){.verb = STR("campaign.enter"), .data = STR("{\"campaign\": \"c\"}")});
	run_to(t, t->now);
	ck_assert_int_eq(touch_named(t, "a")->state, TOUCH_SENT);
}
END_TEST

START_TEST(a_rescore_lets_members_in_only_where_existing_says_so)
{
	struct playbook p = with_campaigns(HAND_LIST(struct campaign, {.name = "old", .enter = field_is(FIELD_TIMING, "now"), .existing = true, .again = AGAIN_ALWAYS},
						     {.name = "new", .enter = field_is(FIELD_TIMING, "now")}));
	struct playbook empty = p;
	empty.campaign_count = 0;
	strcpy(p.revision, "00000000000000010000");
	struct trial *t = hand_lead(&empty);
	t->lead.fields[FIELD_TIMING] = (struct value){.type = VALUE_TEXT, .text = STR("now")};
	happen(t, "page.view", "/");
	run_to(t, t->now + MOMENT_DAY);
	t->playbook = &p;
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(turn_trial_turn(t, true, NULL), 0);
	happen(t, "page.view", "/"); /* an event between publish and rescore lets nobody else in */
	ck_assert_uint_eq(t->enrollment_count, 1);
	ck_assert(str_is(t->enrollments[0].campaign, "old"));
}
END_TEST

START_TEST(what_the_account_brings_is_becoming_too)
{
	struct condition *big = HAND_COPY(struct condition, .kind = CONDITION_ACCOUNT, .at = {"c.lua", 1});
	big->fields.tests = HAND_COPY(struct field_test, .slot = ACCOUNT_NAME, .test = {.op = TEST_KNOWN});
	big->fields.count = 1;
	struct playbook p = with_campaign((struct campaign){.enter = big}, STEPS(STEP("a", TIMING_NONE, ONE(email("a")))));
	struct trial *t = hand_lead(&p);
	happen(t, "page.view", "/");
	t->has_account = true;
	t->account.fields[ACCOUNT_NAME] = (struct value){.type = VALUE_TEXT, .text = STR("Acme")};
	ck_assert_int_eq(turn_trial_turn(t, true, NULL), 0); /* as when the account's turn wakes its members */
	ck_assert_uint_eq(t->enrollment_count, 1);
}
END_TEST

START_TEST(segments_grades_and_stages_change_and_say_so_once)
{
	struct playbook p = with_campaign((struct campaign){.enter = ON("segment.enter")}, STEPS(STEP("a", TIMING_NONE, ONE(email("a")))));
	struct rule *rule = HAND_COPY(struct rule, .name = "r", .when = ON("asset.download"), .points = 60);
	p.models = HAND_COPY(struct model, .name = "m", .from = 0, .to = 100, .rules = rule, .rule_count = 1);
	p.model_count = 1;
	struct str *a = HAND_COPY(struct str, "A", 1);
	struct band *ready = HAND_COPY(struct band, .name = "ready", .grades = a, .grade_count = 1, .stage = STAGE_QUALIFIED);
	p.grades = HAND_COPY(struct grades, .name = "g", .model = 0, .letter_axis = -1, .digit_axis = -1, .letters = {50, 25, 10, 0}, .letter_count = 4, .bands = ready, .band_count = 1);
	p.grades_count = 1;
	struct condition *band = HAND_COPY(struct condition, .kind = CONDITION_BAND, .band = {0, 0});
	p.segments = HAND_COPY(struct segment, .name = "hot", .who = band);
	p.segment_count = 1;
	struct trial *t = hand_lead(&p);
	run_to(t, t->now);
	ck_assert(str_is(grade_named(t, "g")->grade, "D"));
	ck_assert_uint_eq(t->enrollment_count, 0);
	happen(t, "asset.download", "x");
	ck_assert(str_is(grade_named(t, "g")->grade, "A"));
	ck_assert(str_is(grade_named(t, "g")->band, "ready"));
	ck_assert_int_eq(t->lead.stage, STAGE_QUALIFIED);
	ck_assert_uint_eq(t->lead.segment_count, 1);
	ck_assert(str_is(t->lead.segments[0], "hot"));
	ck_assert_uint_eq(t->enrollment_count, 1);
	happen(t, "opportunity.won", "");
	happen(t, "asset.download", "y");
	ck_assert_int_eq(t->lead.stage, STAGE_CUSTOMER); /* upwards only */
	struct history history;
	size_t told = 0;
	ck_assert_int_eq(history_read(&history, t->packed, hand_life, NULL), 0);
	for (size_t i = 0; i < history.count; i++)
		told += str_is(history.events[i].verb, "segment.enter");
	ck_assert_uint_eq(told, 1);
}
END_TEST

/* A playbook whose band "ready" (30 points, stage qualified) is reached by a download that fades by half every ten days. */
static struct playbook fading_ready(const char *revision, double points, const struct condition *enter)
{
	struct playbook p = with_campaign((struct campaign){.enter = enter}, STEPS(STEP("a", TIMING_NONE, ONE(email("a")))));
	struct rule *rule = HAND_COPY(struct rule, .name = "r", .when = ON("asset.download"), .points = points, .fades = DAYS(10));
	p.models = HAND_COPY(struct model, .name = "m", .from = 0, .to = 100, .rules = rule, .rule_count = 1);
	p.model_count = 1;
	struct band *ready = HAND_COPY(struct band, .name = "ready", .from = 30, .stage = STAGE_QUALIFIED);
	p.grades = HAND_COPY(struct grades, .name = "g", .model = 0, .letter_axis = -1, .digit_axis = -1, .bands = ready, .band_count = 1);
	p.grades_count = 1;
	strcpy(p.revision, revision);
	return p;
}

START_TEST(new_rules_set_the_stage_by_what_holds_now_and_let_nobody_in_by_it)
{
	static const struct { int days; enum stage stage; } cases[] = {{1, STAGE_QUALIFIED}, {100, STAGE_INQUIRY}};
	for (size_t i = 0; i < 2; i++) {
		struct playbook before = fading_ready("00000000000000010000", 1, in_stage(STAGE_QUALIFIED));
		struct playbook after = fading_ready("00000000000000020000", 50, in_stage(STAGE_QUALIFIED));
		struct trial *t = hand_lead(&before);
		happen(t, "asset.download", "x");
		t->wake_at = MOMENT_NEVER;
		run_to(t, t->now + cases[i].days * MOMENT_DAY);
		t->playbook = &after;
		ck_assert_int_eq(turn_trial_turn(t, true, NULL), 0);
		ck_assert_int_eq(t->lead.stage, cases[i].stage);
		ck_assert_uint_eq(t->enrollment_count, 0);
		happen(t, "asset.download", "y"); /* becoming goes on as ever */
		ck_assert_int_eq(t->lead.stage, STAGE_QUALIFIED);
		ck_assert_uint_eq(t->enrollment_count, cases[i].days == 100 ? 1 : 0);
	}
}
END_TEST

START_TEST(what_time_did_before_the_publish_was_seen_is_not_lost)
{
	struct condition *cold = HAND_COPY(struct condition, .kind = CONDITION_NONE, .at = {"t.lua", 1});
	const struct condition **items = HAND_COPY(const struct condition *, NULL);
	items[0] = HAND_COPY(struct condition, .kind = CONDITION_BAND, .band = {0, 0});
	cold->group.items = items;
	cold->group.count = 1;
	struct playbook before = fading_ready("00000000000000010000", 50, cold), after = fading_ready("00000000000000020000", 50, cold);
	struct trial *t = hand_lead(&before);
	turn_trial_event(t, (struct event){.verb = STR("asset.download"), .subject = STR("x"), .data = {"", 0}});
	run_to(t, t->now + MOMENT_DAY);
	ck_assert_uint_eq(t->enrollment_count, 0); /* created in the band */
	t->playbook = &after;                      /* published while nothing happens */
	run_to(t, t->now + 20 * MOMENT_DAY);       /* it fades out of the band under the new words */
	ck_assert_uint_eq(t->enrollment_count, 1);
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(entering_is_becoming_and_never_twice_without_again),
	UNIT(again_always_lets_in_at_each_new_event_and_again_after_counts_from_the_end),
	UNIT(a_lead_for_whom_leave_is_true_does_not_enter_and_the_log_says_so),
	UNIT(leave_acts_at_once_and_takes_back_what_is_planned),
	UNIT(leaving_one_campaign_takes_back_nothing_of_another),
	UNIT(the_first_campaign_by_priority_takes_the_place_under_the_cap),
	UNIT(a_goal_counts_once_after_entry_and_moves_where_at_goal_says),
	UNIT(a_function_in_enter_is_shown_each_new_event_and_an_empty_one_without),
	UNIT(a_holdout_enters_never_walks_and_is_the_same_for_ever),
	UNIT(enroll_starts_the_other_campaign_in_the_same_turn),
	UNIT(campaigns_that_start_each_other_without_a_pause_end_and_are_reported),
	UNIT(a_circle_of_campaigns_with_a_mail_in_it_is_stopped_for_the_day_and_reported),
	UNIT(a_circle_of_many_campaigns_is_stopped_though_the_history_does_not_hold_a_day_of_it),
	UNIT(few_enters_among_many_events_of_an_hour_are_no_circle),
	UNIT(somebody_may_enroll_by_hand),
	UNIT(a_rescore_lets_members_in_only_where_existing_says_so),
	UNIT(what_the_account_brings_is_becoming_too),
	UNIT(segments_grades_and_stages_change_and_say_so_once),
	UNIT(new_rules_set_the_stage_by_what_holds_now_and_let_nobody_in_by_it),
	UNIT(what_time_did_before_the_publish_was_seen_is_not_lost),
};
UNIT_MAIN("turn/enter", cases)
