/* Scores: what counts, how often, how it fades, and when it next changes by time alone. */
#include "unit/turn_hand.h"

static struct playbook one_rule(struct rule rule, int from, int to)
{
	struct playbook playbook = hand_start();
	rule.name = rule.name ? rule.name : "rule";
	rule.at = (struct place){"s.lua", 1};
	const struct rule *rules = HAND_COPY(struct rule, 0);
	memcpy((void *)rules, &rule, sizeof rule);
	playbook.models = HAND_COPY(struct model, .name = "m", .title = "", .from = from, .to = to, .rules = rules, .rule_count = 1);
	playbook.model_count = 1;
	return playbook;
}

START_TEST(points_are_given_once_unless_each_says_so)
{
	struct playbook p = one_rule((struct rule){.when = ON("asset.download"), .points = 10}, 0, 100);
	struct trial *t = hand_lead(&p);
	happen(t, "page.view", "/");
	ck_assert_int_eq(points_of(t, "m"), 0);
	happen(t, "asset.download", "a");
	happen(t, "asset.download", "b");
	ck_assert_int_eq(points_of(t, "m"), 10);
}
END_TEST

START_TEST(each_time_subject_and_day_count_what_they_say_up_to_max)
{
	static const struct { int each; int wanted; } cases[] = {{EACH_TIME, 40}, {EACH_SUBJECT, 20}, {EACH_DAY, 30}};
	for (size_t i = 0; i < 3; i++) {
		struct playbook p = one_rule((struct rule){.when = ON("asset.download"), .points = 10, .each = cases[i].each, .has_max = true, .max = 100}, 0, 100);
		struct trial *t = hand_lead(&p);
		happen(t, "asset.download", "a");
		happen(t, "asset.download", "b");
		run_to(t, hand_at("2027-02-02 10:00"));
		happen(t, "asset.download", "a");
		run_to(t, hand_at("2027-02-03 10:00"));
		happen(t, "asset.download", "a");
		ck_assert_int_eq(points_of(t, "m"), cases[i].wanted);
	}
	struct playbook p = one_rule((struct rule){.when = ON("asset.download"), .points = 10, .each = EACH_TIME, .has_max = true, .max = 25}, 0, 100);
	struct trial *t = hand_lead(&p);
	for (int i = 0; i < 5; i++)
		happen(t, "asset.download", "a");
	ck_assert_int_eq(points_of(t, "m"), 25);
}
END_TEST

START_TEST(each_number_counts_full_units_of_the_values)
{
	struct playbook p = one_rule((struct rule){.when = ON("webinar.attend"), .points = 5, .each = EACH_VALUE, .each_value = 20}, 0, 100);
	struct trial *t = hand_lead(&p);
	turn_trial_event(t, (struct event){.verb = STR("webinar.attend"), .has_value = true, .value = 30, .data = {"", 0}});
	run_to(t, t->now);
	ck_assert_int_eq(points_of(t, "m"), 5);
	turn_trial_event(t, (struct event){.verb = STR("webinar.attend"), .has_value = true, .value = 30, .data = {"", 0}});
	run_to(t, t->now);
	ck_assert_int_eq(points_of(t, "m"), 15);
}
END_TEST

START_TEST(values_of_any_size_add_up_to_the_most_a_rule_gives)
{
	struct playbook p = one_rule((struct rule){.when = ON("webinar.attend"), .points = 5, .each = EACH_VALUE, .each_value = 20, .has_max = true, .max = 40}, 0, 100);
	struct trial *t = hand_lead(&p);
	for (int i = 0; i < 3; i++) {
		turn_trial_event(t, (struct event){.verb = STR("webinar.attend"), .has_value = true, .value = 1e308, .data = {"", 0}});
		run_to(t, t->now);
		ck_assert_int_eq(points_of(t, "m"), 40);
	}
}
END_TEST

START_TEST(points_halve_in_their_half_life_and_the_turns_come_exactly_when_they_fall)
{
	struct playbook p = one_rule((struct rule){.when = ON("asset.download"), .points = 10, .fades = DAYS(30)}, 0, 100);
	struct trial *t = hand_lead(&p);
	happen(t, "asset.download", "a");
	ck_assert_int_eq(points_of(t, "m"), 10);
	run_to(t, t->now + 30 * MOMENT_DAY);
	ck_assert_int_eq(points_of(t, "m"), 5);
	size_t turns = t->turns;
	run_to(t, t->now + 300 * MOMENT_DAY);
	ck_assert_int_eq(points_of(t, "m"), 0);
	ck_assert_uint_le(t->turns - turns, 5 + 2); /* one for each point that fell, none without need */
	ck_assert_int_eq(t->wake_at, MOMENT_NEVER);
}
END_TEST

START_TEST(a_window_ends_at_its_moment)
{
	struct playbook p = one_rule((struct rule){.when = ON("page.view", .within = DAYS(7), .at_least = 2), .points = 20}, 0, 100);
	struct trial *t = hand_lead(&p);
	happen(t, "page.view", "/pricing");
	ck_assert_int_eq(t->wake_at, MOMENT_NEVER); /* one view alone changes nothing by going */
	run_to(t, hand_at("2027-02-03 10:00"));
	happen(t, "page.view", "/pricing");
	ck_assert_int_eq(points_of(t, "m"), 20);
	ck_assert_at(t->wake_at, "2027-02-08 10:00");
	run_to(t, hand_at("2027-02-08 10:00") - 1);
	ck_assert_int_eq(points_of(t, "m"), 20);
	run_to(t, hand_at("2027-02-08 10:00"));
	ck_assert_int_eq(points_of(t, "m"), 0);
	ck_assert_int_eq(t->wake_at, MOMENT_NEVER);
}
END_TEST

START_TEST(nothing_within_ninety_days_counts_from_the_leads_creation)
{
	struct playbook p = one_rule((struct rule){.when = on((struct condition_on){.negated = true, .any_verb = true, .within = DAYS(90)}), .points = -20}, -100, 100);
	struct trial *t = hand_lead(&p);
	happen(t, "email.send", "x"); /* ours: does not count as an act */
	ck_assert_int_eq(points_of(t, "m"), 0);
	run_to(t, t->lead.created_at + 90 * MOMENT_DAY - 1);
	ck_assert_int_eq(points_of(t, "m"), 0);
	run_to(t, t->lead.created_at + 90 * MOMENT_DAY);
	ck_assert_int_eq(points_of(t, "m"), -20);
	happen(t, "page.view", "/");
	ck_assert_int_eq(points_of(t, "m"), 0);
}
END_TEST

START_TEST(machines_late_news_and_the_future_count_as_they_should)
{
	struct playbook p = one_rule((struct rule){.when = ON("email.click", .within = DAYS(10)), .points = 7}, 0, 100);
	struct trial *t = hand_lead(&p);
	turn_trial_event(t, (struct event){.verb = STR("email.click"), .machine = true, .data = {"", 0}});
	run_to(t, t->now);
	ck_assert_int_eq(points_of(t, "m"), 0);
	turn_trial_event(t, (struct event){.verb = STR("email.click"), .at = t->now - 9 * MOMENT_DAY, .data = {"", 0}});
	run_to(t, t->now);
	ck_assert_int_eq(points_of(t, "m"), 7);
	run_to(t, t->now + MOMENT_DAY);
	ck_assert_int_eq(points_of(t, "m"), 0);
	turn_trial_event(t, (struct event){.verb = STR("email.click"), .at = t->now + 2 * MOMENT_DAY, .data = {"", 0}});
	run_to(t, t->now + 2 * MOMENT_DAY - 1);
	ck_assert_int_eq(points_of(t, "m"), 0);
	run_to(t, t->now + 1);
	ck_assert_int_eq(points_of(t, "m"), 7);
}
END_TEST

static int failing(int handle, const struct playbook_view *view, struct script_result *out, struct error *error)
{
	(void)out;
	(void)view;
	return error_set(error, ERROR_LIMIT, "s.lua:9", "rule %d ran longer than a rule may", handle);
}

START_TEST(a_rule_that_fails_leaves_its_model_as_it_was_and_says_where)
{
	struct playbook p = one_rule((struct rule){.when = ON("asset.download"), .points = 10}, 0, 100);
	struct trial *t = hand_lead(&p);
	happen(t, "asset.download", "a");
	ck_assert_int_eq(points_of(t, "m"), 10);
	hand_script = failing;
	((struct rule *)p.models[0].rules)->when = by_function(3);
	happen(t, "asset.download", "b");
	ck_assert_int_eq(points_of(t, "m"), 10);
	ck_assert_uint_eq(t->error_count, 1);
	ck_assert_str_eq(t->errors[0].context, "model \"m\", rule \"rule\"");
	ck_assert_ptr_nonnull(strstr(t->errors[0].message, "s.lua:9"));
}
END_TEST

START_TEST(the_lines_of_a_receipt_add_up_to_the_score_with_what_the_bounds_cut_off)
{
	struct playbook p = one_rule((struct rule){.when = ON("asset.download"), .points = 10, .each = EACH_TIME}, 0, 35);
	struct trial *t = hand_lead(&p);
	for (int i = 0; i < 5; i++)
		happen(t, "asset.download", i % 2 ? "a" : "b");
	struct turn_facts facts;
	struct receipt *receipts = NULL;
	size_t count = 0;
	ck_assert_int_eq(turn_trial_facts(t, &facts, NULL), 0);
	ck_assert_int_eq(turn_explain(&p, &facts, hand_life, &receipts, &count, NULL), 0);
	ck_assert_uint_eq(count, 1);
	ck_assert_int_eq(receipts[0].score, 35);
	ck_assert_int_eq(receipts[0].lines[0].points, 50);
	ck_assert_int_eq(receipts[0].bounded, -15);
	ck_assert_str_eq(receipts[0].lines[0].because.p, "5 × asset.download (b, a)");
}
END_TEST

START_TEST(an_event_of_the_future_counts_when_its_moment_comes_and_is_told_before)
{
	struct playbook p = one_rule((struct rule){.when = ON("asset.download"), .points = 10, .each = EACH_TIME}, 0, 35);
	struct trial *t = hand_lead(&p);
	struct turn_facts facts;
	struct error error;
	happen(t, "asset.download", "a");
	run_to(t, t->now + 10 * MOMENT_MINUTE);
	happen(t, "asset.download", "b");
	ck_assert_int_eq(turn_trial_facts(t, &facts, NULL), 0);
	ck_assert_uint_eq(turn_ahead(&facts), 0);
	facts.now -= 5 * MOMENT_MINUTE;
	ck_assert_uint_eq(turn_ahead(&facts), 1);
	json_t *json = turn_explain_json(&p, &facts, hand_life, &error);
	const json_t *ahead = json_array_get(json_object_get(json, "ahead"), 0);
	ck_assert_uint_eq(json_array_size(json_object_get(json, "ahead")), 1);
	ck_assert_str_eq(json_string_value(json_object_get(ahead, "subject")), "b");
	ck_assert_int_eq(json_integer_value(json_object_get(json_array_get(json_object_get(json, "models"), 0), "score")), 10);
	json_decref(json);
}
END_TEST

START_TEST(an_update_rescores_and_names_itself_as_the_cause)
{
	struct playbook p = one_rule((struct rule){.when = field_is(FIELD_TIMING, "now"), .points = 3}, 0, 12);
	struct trial *t = hand_lead(&p);
	run_to(t, t->now);
	turn_trial_event(t, (struct event){.verb = STR("lead.update"), .data = STR("{\"set\": {\"timing\": \"now\", \"gone\": 1, \"employees\": \"x\"}}")});
	struct turn_facts facts;
	struct turn_changes changes;
	ck_assert_int_eq(turn_trial_facts(t, &facts, NULL), 0);
	facts.events = t->inbox;
	facts.event_count = t->inbox_count;
	ck_assert_int_eq(turn_run(&p, &facts, hand_life, &changes, NULL), 0);
	ck_assert(changes.lead_changed);
	ck_assert_uint_eq(changes.slot_count, 1);
	ck_assert_int_eq(changes.slots[0], FIELD_TIMING);
	ck_assert_uint_eq(changes.error_count, 2); /* the field that is gone, the value that does not fit */
	ck_assert_uint_eq(changes.score_change_count, 1);
	ck_assert(str_is(changes.score_changes[0].cause, "update"));
	ck_assert_int_eq(changes.score_changes[0].new_points, 3);
	ck_assert_int_ne(changes.score_changes[0].event_id, 0);
}
END_TEST

START_TEST(what_an_earlier_playbook_scored_goes)
{
	struct playbook p = one_rule((struct rule){.when = field_is(FIELD_TIMING, "now"), .points = 3}, 0, 12);
	struct trial *t = hand_lead(&p);
	struct turn_facts facts;
	struct turn_changes changes;
	const struct score stored[] = {{.name = STR("m"), .points = 0, .grade = {"", 0}, .band = {"", 0}},
				       {.name = STR("half"), .points = 4, .grade = {"", 0}, .band = {"", 0}},
				       {.name = STR("m"), .is_grade = true, .grade = STR("A"), .band = STR("hot")}};
	run_to(t, t->now);
	ck_assert_int_eq(turn_trial_facts(t, &facts, NULL), 0);
	facts.scores = stored;
	facts.score_count = 3;
	facts.rescore = true;
	ck_assert_int_eq(turn_run(&p, &facts, hand_life, &changes, NULL), 0);
	ck_assert_uint_eq(changes.score_count, 2);
	ck_assert(changes.scores[0].gone && str_is(changes.scores[0].name, "half") && !changes.scores[0].is_grade);
	ck_assert(changes.scores[1].gone && str_is(changes.scores[1].name, "m") && changes.scores[1].is_grade);
	ck_assert_uint_eq(changes.score_change_count, 2);
	ck_assert(changes.score_changes[0].old_points == 4 && changes.score_changes[0].new_points == 0);
	ck_assert(str_is(changes.score_changes[1].old_grade, "A") && str_is(changes.score_changes[1].old_band, "hot"));
	ck_assert(!changes.score_changes[1].new_grade.n && str_is(changes.score_changes[1].cause, "rescore"));
}
END_TEST

START_TEST(what_the_history_has_folded_still_counts)
{
	struct playbook p = one_rule((struct rule){.when = ON("page.view", .at_least = 350), .points = 9}, 0, 100);
	struct trial *t = hand_lead(&p);
	for (int i = 0; i < 349; i++)
		turn_trial_event(t, (struct event){.verb = STR("page.view"), .subject = STR("/"), .data = {"", 0}});
	run_to(t, t->now);
	ck_assert_int_eq(points_of(t, "m"), 0);
	happen(t, "page.view", "/");
	ck_assert_int_eq(points_of(t, "m"), 9);
	struct playbook q = one_rule((struct rule){.when = ON("page.view"), .points = 1, .each = EACH_TIME}, 0, 1000);
	t = hand_lead(&q);
	for (int i = 0; i < 500; i++)
		turn_trial_event(t, (struct event){.verb = STR("page.view"), .subject = i % 2 ? STR("/a") : STR("/b"), .data = {"", 0}});
	run_to(t, t->now);
	ck_assert_int_eq(points_of(t, "m"), 500);
	((struct rule *)q.models[0].rules)->each = EACH_SUBJECT;
	happen(t, "page.view", "/a");
	ck_assert_int_eq(points_of(t, "m"), 2);
}
END_TEST

START_TEST(value_data_step_and_reason_are_asked_of_the_event_itself)
{
	struct value *yes = HAND_COPY(struct value, .type = VALUE_TEXT, .text = STR("blue*"));
	struct value_test *twenty = HAND_COPY(struct value_test, .op = TEST_AT_LEAST, .low = 20);
	struct on_data *data = HAND_COPY(struct on_data, .key = STR("colour"), .test = {.op = TEST_IS, .values = yes, .value_count = 1});
	static const char *const given[] = {"{}", "{\"colour\": \"blue-ish\"}", "{\"colour\":\"red\"}", "{\"x\": {\"colour\": \"blue\"}}", "{\"colour\": \"\\u0062lue\"}"};
	static const int wanted[] = {0, 5, 0, 0, 5};
	for (size_t i = 0; i < 5; i++) {
		struct playbook p = one_rule((struct rule){.when = ON("webinar.attend", .data = data, .data_count = 1, .value = twenty), .points = 5}, 0, 10);
		struct trial *t = hand_lead(&p);
		turn_trial_event(t, (struct event){.verb = STR("webinar.attend"), .has_value = true, .value = 19, .data = str_of(given[1])});
		run_to(t, t->now);
		ck_assert_int_eq(points_of(t, "m"), 0);
		turn_trial_event(t, (struct event){.verb = STR("webinar.attend"), .has_value = true, .value = 20, .data = str_of(given[i])});
		run_to(t, t->now);
		ck_assert_int_eq(points_of(t, "m"), wanted[i]);
	}
	struct playbook p = one_rule((struct rule){.when = ON("email.click", .step = STR("offer"), .campaign = STR("spring")), .points = 5}, 0, 10);
	struct trial *t = hand_lead(&p);
	turn_trial_event(t, (struct event){.verb = STR("email.click"), .data = STR("{\"campaign\": \"autumn\", \"step\": \"offer\"}")});
	run_to(t, t->now);
	ck_assert_int_eq(points_of(t, "m"), 0);
	turn_trial_event(t, (struct event){.verb = STR("email.click"), .data = STR("{\"campaign\": \"spring\", \"step\": \"offer\"}")});
	run_to(t, t->now);
	ck_assert_int_eq(points_of(t, "m"), 5);
}
END_TEST

START_TEST(empty_fields_are_no_to_everything_but_empty)
{
	static const enum test_op ops[] = {TEST_IS, TEST_KNOWN, TEST_EMPTY, TEST_AT_LEAST, TEST_AT_MOST, TEST_ABOVE, TEST_BELOW, TEST_BETWEEN};
	struct value *zero = HAND_COPY(struct value, .type = VALUE_NUMBER, .number = 0);
	for (size_t i = 0; i < 8; i++) {
		struct condition *c = HAND_COPY(struct condition, .kind = CONDITION_LEAD);
		c->fields.tests = HAND_COPY(struct field_test, .slot = FIELD_EMPLOYEES, .test = {.op = ops[i], .low = 0, .high = 10, .values = zero, .value_count = 1});
		c->fields.count = 1;
		struct playbook p = one_rule((struct rule){.when = c, .points = 1}, 0, 10);
		struct trial *t = hand_lead(&p);
		run_to(t, t->now);
		ck_assert_int_eq(points_of(t, "m"), ops[i] == TEST_EMPTY);
	}
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(points_are_given_once_unless_each_says_so),
	UNIT(each_time_subject_and_day_count_what_they_say_up_to_max),
	UNIT(each_number_counts_full_units_of_the_values),
	UNIT(values_of_any_size_add_up_to_the_most_a_rule_gives),
	UNIT(points_halve_in_their_half_life_and_the_turns_come_exactly_when_they_fall),
	UNIT(a_window_ends_at_its_moment),
	UNIT(nothing_within_ninety_days_counts_from_the_leads_creation),
	UNIT(machines_late_news_and_the_future_count_as_they_should),
	UNIT(a_rule_that_fails_leaves_its_model_as_it_was_and_says_where),
	UNIT(the_lines_of_a_receipt_add_up_to_the_score_with_what_the_bounds_cut_off),
	UNIT(what_the_history_has_folded_still_counts),
	UNIT(value_data_step_and_reason_are_asked_of_the_event_itself),
	UNIT(empty_fields_are_no_to_everything_but_empty),
	UNIT(an_event_of_the_future_counts_when_its_moment_comes_and_is_told_before),
	UNIT(an_update_rescores_and_names_itself_as_the_cause),
	UNIT(what_an_earlier_playbook_scored_goes),
};
UNIT_MAIN("turn/score", cases)
