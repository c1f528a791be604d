/* Enrollments that are held: what is planned for them does not go, news of it is kept, and going on plans it anew once. */
#include "unit/turn_campaign.h"

static int script(int handle, const struct playbook_view *view, struct script_result *out, struct error *error)
{
	(void)view, (void)out;
	return handle == 1 ? error_set(error, ERROR_INVALID, "c.lua:12", "attempt to compare nil with number") : 0;
}

static struct playbook walk_of(const struct step *steps, size_t count)
{
	return with_campaign((struct campaign){.enter = ON("form.submit")}, steps, count);
}

static const struct step *two_mails(size_t *count)
{
	const struct step steps[] = {STEP("a", TIMING_NONE, ACTS(((struct action){.kind = ACTION_ENROLL, .at = {"c.lua", 7}, .target = 0}), email("a"))),
				     STEP("b", TIMING_WAIT, ONE(email("b")), .wait = DAYS(1))};
	*count = 2;
	return (const struct step *)arena_dup_n(hand_arena, steps, sizeof steps);
}

/* A lead on step a, whose mail is planned; and the same campaign without the step. */
static struct trial *on_step_a(struct playbook *with, struct playbook *without)
{
	size_t count;
	const struct step *steps = two_mails(&count);
	*with = walk_of(steps, count);
	*without = walk_of(steps + 1, 1);
	struct trial *t = hand_lead(with);
	turn_trial_event(t, (struct event){.verb = STR("form.submit"), .data = {"", 0}});
	ck_assert_int_eq(turn_trial_turn(t, false, NULL), 0);
	ck_assert_int_eq(touch_named(t, "a")->state, TOUCH_PLANNED);
	return t;
}

static void publish(struct trial *t, struct playbook *playbook)
{
	t->playbook = playbook;
	ck_assert_int_eq(turn_trial_turn(t, true, NULL), 0);
}

static size_t touches_in(const struct trial *t, const char *template, enum touch_state state)
{
	size_t n = 0;
	for (size_t i = 0; i < t->touch_count; i++)
		n += str_is(t->touches[i].template_name, template) && t->touches[i].state == state;
	return n;
}

static size_t logs_of(const struct trial *t, const char *what)
{
	size_t n = 0;
	for (size_t i = 0; i < t->log_count; i++)
		n += str_is(t->logs[i].log.what, what);
	return n;
}

START_TEST(a_mail_of_a_step_that_is_gone_does_not_go_and_is_planned_anew_once_when_the_step_is_back)
{
	struct playbook with, without;
	struct trial *t = on_step_a(&with, &without);
	publish(t, &without);
	ck_assert_int_eq(newest_in(t, "c")->state, ENROLLMENT_HELD);
	run_to(t, t->now + 3 * MOMENT_DAY);
	ck_assert_uint_eq(touches_in(t, "a", TOUCH_HELD), 1);
	ck_assert(str_is(touch_named(t, "a")->reason, GATE_PARKED));
	ck_assert_uint_eq(touches_in(t, "a", TOUCH_SENT), 0);
	t->touch_count = 0; /* by now it is too old to be loaded */
	publish(t, &with);
	ck_assert_int_eq(newest_in(t, "c")->state, ENROLLMENT_ACTIVE);
	ck_assert_uint_eq(t->touch_count, 1);
	ck_assert_int_eq(touch_named(t, "a")->pass, 2);
	publish(t, &with);
	ck_assert_uint_eq(t->touch_count, 1);
	run_to(t, t->now + 2 * MOMENT_DAY);
	ck_assert_uint_eq(touches_in(t, "a", TOUCH_SENT), 1);
	ck_assert_uint_eq(touches_in(t, "b", TOUCH_SENT), 1);
	ck_assert_uint_eq(logs_of(t, "enroll"), 1); /* what stands before the contact was done the first time */
}
END_TEST

START_TEST(a_mail_that_is_not_due_yet_when_its_step_is_back_goes_at_its_own_time)
{
	struct playbook with, without;
	struct trial *t = on_step_a(&with, &without);
	publish(t, &without);
	publish(t, &with);
	ck_assert_int_eq(newest_in(t, "c")->state, ENROLLMENT_ACTIVE);
	run_to(t, t->now + 2 * MOMENT_DAY);
	ck_assert_uint_eq(touches_in(t, "a", TOUCH_SENT), 1);
	ck_assert_int_eq(touch_named(t, "a")->pass, 1);
	ck_assert_uint_eq(t->touch_count, 2);
	ck_assert(str_is(newest_in(t, "c")->reason, "finished"));
}
END_TEST

START_TEST(what_is_held_for_the_same_reason_still_is_said_once)
{
	struct playbook with, without;
	struct trial *t = on_step_a(&with, &without);
	for (int i = 0; i < 3; i++)
		publish(t, &without);
	ck_assert_int_eq(newest_in(t, "c")->state, ENROLLMENT_HELD);
	ck_assert_uint_eq(logs_of(t, "error"), 1);
	ck_assert_uint_eq(logs_of(t, "goes on"), 0);
	publish(t, &with); /* the trace says that it goes on, and where it was held */
	ck_assert_uint_eq(logs_of(t, "goes on"), 1);
	const struct turn_log *log = &t->logs[t->log_count - 1].log;
	ck_assert(str_is(log->what, "goes on") && str_is(log->cause, "it was held: step \"a\" is gone") && str_is(log->step, "a"));
	publish(t, &without);
	ck_assert_uint_eq(logs_of(t, "error"), 2);
	ck_assert_uint_eq(logs_of(t, "goes on"), 1);
}
END_TEST

/* The channel had it in hand, with permission. */
static void goes_out(struct trial *t, struct touch *touch)
{
	touch->state = TOUCH_SENT;
	touch->over_at = t->now;
	turn_trial_event(t, (struct event){.verb = STR("touch.over"),
		.data = str_of(arena_printf(hand_life, "{\"outcome\": \"sent\", \"reason\": \"250 ok\", \"touch\": %lld}", (long long)touch->id))});
}

static void ends_once(struct trial *t)
{
	t->touch_count = 0; /* by now the touch is too old to be loaded */
	t->inbox_count = 0;
}

START_TEST(a_mail_that_went_while_its_step_was_gone_is_not_forgotten_and_not_sent_again)
{
	for (int together = 0; together < 2; together++) { /* its news comes with the publish, or later */
		struct playbook with, without;
		struct trial *t = on_step_a(&with, &without);
		if (together)
			goes_out(t, (struct touch *)touch_named(t, "a"));
		publish(t, &without);
		if (!together) {
			goes_out(t, (struct touch *)touch_named(t, "a"));
			ck_assert_int_eq(turn_trial_turn(t, false, NULL), 0);
		}
		ck_assert_int_eq(newest_in(t, "c")->state, ENROLLMENT_HELD);
		ends_once(t);
		publish(t, &with);
		run_to(t, t->now + 2 * MOMENT_DAY);
		ck_assert_uint_eq(touches_in(t, "a", TOUCH_SENT), 0);
		ck_assert_uint_eq(touches_in(t, "b", TOUCH_SENT), 1);
		ck_assert(str_is(newest_in(t, "c")->reason, "finished"));
	}
}
END_TEST

START_TEST(a_contact_that_ends_while_its_enrollment_is_held_is_not_forgotten)
{
	struct playbook p = with_campaign((struct campaign){.enter = ON("form.submit"), .leave = by_function(0)},
		STEPS(STEP("a", TIMING_NONE, ONE(email("a"))), STEP("b", TIMING_NONE, ONE(email("b")))));
	struct trial *t = hand_lead(&p);
	hand_script = script;
	turn_trial_event(t, (struct event){.verb = STR("form.submit"), .data = {"", 0}});
	ck_assert_int_eq(turn_trial_turn(t, false, NULL), 0);
	((struct condition *)p.campaigns[0].leave)->function = 1; /* fails from now on */
	goes_out(t, (struct touch *)touch_named(t, "a"));
	run_to(t, t->now);
	ck_assert_int_eq(newest_in(t, "c")->state, ENROLLMENT_HELD);
	publish(t, &p);
	ck_assert_int_eq(newest_in(t, "c")->state, ENROLLMENT_HELD);
	ends_once(t);
	((struct condition *)p.campaigns[0].leave)->function = 0;
	publish(t, &p);
	run_to(t, t->now);
	ck_assert_int_eq(touch_named(t, "b")->state, TOUCH_SENT);
	ck_assert_ptr_null(touch_named(t, "a"));
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(a_mail_of_a_step_that_is_gone_does_not_go_and_is_planned_anew_once_when_the_step_is_back),
	UNIT(a_mail_that_is_not_due_yet_when_its_step_is_back_goes_at_its_own_time),
	UNIT(what_is_held_for_the_same_reason_still_is_said_once),
	UNIT(a_mail_that_went_while_its_step_was_gone_is_not_forgotten_and_not_sent_again),
	UNIT(a_contact_that_ends_while_its_enrollment_is_held_is_not_forgotten),
};
UNIT_MAIN("turn/hold", cases)
