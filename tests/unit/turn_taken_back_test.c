/* A click that turns out to be a machine's: the goal that only it had made true counts no more, what had gone on by it stays and is told apart. */
#include "turn/trial.h"
#include "unit/turn_lua.h"

static struct trial trial;

static moment_t at(int day, int hour)
{
	struct calendar_local local = {.year = 2027, .month = 2, .day = day, .hour = hour};
	return calendar_moment(&local, "Europe/Berlin");
}

static struct playbook *with(const char *campaign)
{
	lua_file_count = 0;
	lua_file("playbook.lua", "playbook \"p\" { title = \"P\", time_zone = \"Europe/Berlin\" }\nverb \"demo.request\" { by = \"lead\" }\n");
	lua_file("scoring/m.lua", "model \"m\" { rule \"clicks\" { on \"email.click\", points = 10, each = \"time\", max = 30 } }\n"
				  "grades \"g\" { model = \"m\", A = 20, B = 0 }\n");
	lua_file("campaigns/c.lua", campaign);
	lua_mail("offer");
	lua_mail("more");
	return lua_load();
}

static void run_to(moment_t to)
{
	struct error error = {0};
	ck_assert_msg(turn_trial_advance(&trial, to, &error) == 0, "%s", error.message);
}

/* The event's id, as a click.withdrawn names it. */
static const char *happens(const char *verb, const char *data)
{
	turn_trial_event(&trial, (struct event){.verb = str_of(verb), .data = str_of(data)});
	const char *named = arena_printf(lua_arena, "{\"event\": %lld}", (long long)trial.inbox[trial.inbox_count - 1].id);
	run_to(trial.now);
	return named;
}

/* From Monday 1 February 2027 10:00; the offer is sent at once. */
static void lead(struct playbook *playbook)
{
	turn_trial_init(&trial, playbook, lua_arena, 64, at(1, 10));
	trial.lead.fields[LEAD_EMAIL] = (struct value){.type = VALUE_TEXT, .text = STR("a@example.com")};
	(void)happens("demo.request", "");
	run_to(at(1, 11));
	ck_assert_uint_eq(trial.enrollment_count, 1);
}

static int logged(const char *what)
{
	int n = 0;
	for (size_t i = 0; i < trial.log_count; i++)
		n += str_is(trial.logs[i].log.what, what);
	return n;
}

static const char click[] = "{\"campaign\": \"c\", \"step\": \"offer\"}";

#define ENTER "campaign \"c\" { title = \"C\", enter = on \"demo.request\", "
#define OFFER "step \"offer\" { email \"offer\" { hours = \"any\" } }, "

START_TEST(a_goal_that_only_a_machines_click_had_reached_counts_no_more_and_is_watched_again)
{
	struct playbook *playbook = with(ENTER "goal = on \"email.click\", " OFFER "step \"end\" { wait \"9 days\", leave \"done\" } }\n");
	lead(playbook);
	const char *one = happens("email.click", click), *two = happens("email.click", click);
	ck_assert_int_eq(trial.enrollments[0].goal_at, trial.now);
	(void)happens("email.click_withdrawn", one); /* the other click stands */
	ck_assert_int_eq(trial.enrollments[0].goal_at, trial.now);
	(void)happens("email.click_withdrawn", two);
	ck_assert_int_eq(trial.enrollments[0].goal_at, 0);
	ck_assert_int_eq(logged("goal taken back"), 1);
	ck_assert_int_eq(trial.enrollments[0].state, ENROLLMENT_ACTIVE);
	run_to(at(2, 10));
	(void)happens("email.click", click); /* a person's */
	ck_assert_int_eq(trial.enrollments[0].goal_at, at(2, 10));
	ck_assert_int_eq(logged("goal"), 2);
	playbook_free(playbook);
}
END_TEST

START_TEST(a_goal_of_a_grade_follows_the_score)
{
	struct playbook *playbook = with(ENTER "goal = grade \"A\", " OFFER "step \"end\" { wait \"9 days\", leave \"done\" } }\n");
	lead(playbook);
	(void)happens("email.click", click);
	run_to(at(3, 10));
	const char *second = happens("email.click", click);
	ck_assert_int_eq(trial.enrollments[0].goal_at, at(3, 10));
	(void)happens("email.click_withdrawn", second);
	ck_assert_int_eq(trial.enrollments[0].goal_at, 0);
	playbook_free(playbook);
}
END_TEST

START_TEST(a_goal_that_something_else_reached_or_that_is_older_stands)
{
	struct playbook *playbook = with(ENTER "goal = any { on \"email.click\", on \"form.submit\" }, " OFFER "step \"end\" { wait \"9 days\", leave \"done\" } }\n");
	lead(playbook);
	const char *first = happens("email.click", click);
	moment_t reached = trial.enrollments[0].goal_at;
	(void)happens("form.submit", "");
	(void)happens("email.click_withdrawn", first);
	ck_assert_int_eq(trial.enrollments[0].goal_at, reached);
	playbook_free(playbook);
	playbook = with(ENTER "goal = on \"email.click\" { within = \"1 hour\" }, " OFFER "step \"end\" { wait \"9 days\", leave \"done\" } }\n");
	lead(playbook);
	(void)happens("email.click", click);
	reached = trial.enrollments[0].goal_at;
	run_to(at(2, 10)); /* the hour is over: it is not true any more, and was reached all the same */
	(void)happens("email.click_withdrawn", happens("email.click", click));
	ck_assert_int_eq(trial.enrollments[0].goal_at, reached);
	ck_assert_int_eq(logged("goal taken back"), 0);
	playbook_free(playbook);
}
END_TEST

START_TEST(a_walk_that_ended_by_such_a_goal_stays_ended_and_says_why)
{
	struct playbook *playbook = with(ENTER "goal = on \"email.click\", at_goal = \"leave\", " OFFER "step \"end\" { wait \"9 days\", leave \"done\" } }\n");
	lead(playbook);
	const char *one = happens("email.click", click);
	ck_assert(str_is(trial.enrollments[0].reason, "goal"));
	(void)happens("email.click_withdrawn", one);
	ck_assert_int_eq(trial.enrollments[0].state, ENROLLMENT_ENDED);
	ck_assert_int_eq(trial.enrollments[0].goal_at, 0);
	ck_assert(str_is(trial.enrollments[0].reason, "goal, by a machine's click"));
	playbook_free(playbook);
}
END_TEST

START_TEST(what_went_on_by_a_wait_for_stays_and_the_trace_says_so)
{
	struct playbook *playbook = with(ENTER OFFER "step \"nudge\" { wait_for { on \"email.click\" { step = \"offer\" }, within = \"3 days\" }, otherwise = \"end\" }, "
						     "step \"more\" { email \"more\" { hours = \"any\" } }, step \"end\" { wait \"9 days\", leave \"done\" } }\n");
	lead(playbook);
	ck_assert(str_is(trial.enrollments[0].step, "nudge"));
	run_to(trial.now + 60 * MOMENT_SECOND);
	const char *one = happens("email.click", click), *two = happens("email.click", click);
	ck_assert(!str_is(trial.enrollments[0].step, "nudge"));
	(void)happens("email.click_withdrawn", one);
	ck_assert_int_eq(logged("answer taken back"), 0);
	(void)happens("email.click_withdrawn", two);
	ck_assert_int_eq(logged("answer taken back"), 1);
	ck_assert(str_is(trial.logs[trial.log_count - 1].log.step, "nudge"));
	ck_assert(!str_is(trial.enrollments[0].step, "nudge"));
	run_to(at(1, 12));
	ck_assert(str_is(trial.enrollments[0].step, "end"));
	playbook_free(playbook);
	lead(playbook = with(ENTER OFFER "step \"nudge\" { wait_for { on \"email.click\" { step = \"offer\" }, within = \"3 days\" }, go \"end\", otherwise = \"end\" }, "
					 "step \"end\" { wait \"9 days\", leave \"done\" } }\n"));
	run_to(at(4, 11) + MOMENT_SECOND); /* its time was over: no click had answered it */
	ck_assert(str_is(trial.enrollments[0].step, "end"));
	(void)happens("email.click_withdrawn", happens("email.click", click));
	ck_assert_int_eq(logged("answer taken back"), 0);
	playbook_free(playbook);
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(a_goal_that_only_a_machines_click_had_reached_counts_no_more_and_is_watched_again),
	UNIT(a_goal_of_a_grade_follows_the_score),
	UNIT(a_goal_that_something_else_reached_or_that_is_older_stands),
	UNIT(a_walk_that_ended_by_such_a_goal_stays_ended_and_says_why),
	UNIT(what_went_on_by_a_wait_for_stays_and_the_trace_says_so),
};
UNIT_MAIN("turn/taken_back", cases)
