/* split: drawn by weights, the same for a lead always, across publishes and walks; and its tests, from the first draw to the winner. */
#include "turn/trial.h"
#include "unit/turn_lua.h"

enum { LEADS = 4000 };

static struct trial trial;

static moment_t at(int day, int hour)
{
	struct calendar_local local = {.year = 2027, .month = 2, .day = day, .hour = hour};
	return calendar_moment(&local, "Europe/Berlin");
}

static struct playbook *with(const char *campaign)
{
	static const char *const mails[] = {"short", "question", "third"};
	lua_file_count = 0;
	lua_file("playbook.lua", "playbook \"p\" { title = \"P\", time_zone = \"Europe/Berlin\" }\nverb \"demo.request\" { by = \"lead\" }\n");
	lua_file("campaigns/c.lua", campaign);
	for (size_t i = 0; i < 3; i++)
		lua_mail(mails[i]);
	return lua_load();
}

static void run_to(moment_t to)
{
	struct error error = {0};
	ck_assert_msg(turn_trial_advance(&trial, to, &error) == 0, "%s", error.message);
}

static void happens(const char *verb, const char *data)
{
	turn_trial_event(&trial, (struct event){.verb = str_of(verb), .data = str_of(data)});
	run_to(trial.now);
}

/* From Monday 1 February 2027 10:00. */
static void lead(struct playbook *playbook, struct arena *arena, int64_t id)
{
	turn_trial_init(&trial, playbook, arena, id, at(1, 10));
	trial.lead.fields[LEAD_EMAIL] = (struct value){.type = VALUE_TEXT, .text = STR("a@example.com")};
	happens("demo.request", "");
}

static int logged(const char *what, const char *cause)
{
	int n = 0;
	for (size_t i = 0; i < trial.log_count; i++)
		n += str_is(trial.logs[i].log.what, what) && (!cause || str_is(trial.logs[i].log.cause, cause));
	return n;
}

static int sent(const char *template)
{
	int n = 0;
	for (size_t i = 0; i < trial.touch_count; i++)
		n += str_is(trial.touches[i].template_name, template) && trial.touches[i].state == TOUCH_SENT;
	return n;
}

#define GO_ON "campaign \"c\" { enter = on \"demo.request\", again = \"always\",\n"

START_TEST(leads_are_split_by_weights_and_each_draws_once)
{
	struct playbook *playbook = with(GO_ON "  step \"a\" { split { email \"short\", email \"question\", weights = { 30, 70 } } } }\n");
	int shorter = 0, longer = 0;
	for (int id = 1; id <= LEADS; id++) {
		struct arena *arena = arena_new();
		lead(playbook, arena, id * 64);
		shorter += sent("short");
		longer += sent("question");
		ck_assert_int_eq(logged("split", NULL), 1);
		arena_free(arena);
	}
	ck_assert_int_eq(shorter + longer, LEADS);
	ck_assert_int_gt(shorter, LEADS * 27 / 100); /* more than four standard errors */
	ck_assert_int_lt(shorter, LEADS * 33 / 100);
	playbook_free(playbook);
}
END_TEST

START_TEST(ways_that_go_somewhere_are_gone_and_what_stands_below_is_not_fallen_into)
{
	struct playbook *playbook = with(GO_ON "  step \"a\" { split { go \"b\", leave \"control\" } }, step \"b\" { email \"short\" } }\n");
	int gone = 0, left = 0;
	for (int id = 1; id <= 40; id++) {
		lead(playbook, lua_arena, id);
		gone += sent("short");
		left += str_is(trial.enrollments[0].reason, "control");
	}
	ck_assert_int_eq(gone + left, 40);
	ck_assert(gone > 5 && left > 5);
	playbook_free(playbook);
}
END_TEST

START_TEST(what_stands_behind_a_split_is_done_whatever_was_drawn)
{
	struct playbook *playbook = with(GO_ON "  step \"a\" { split { email \"short\", email \"question\" }, stage \"engaged\" }, step \"b\" { wait \"1 day\", email \"third\" } }\n");
	for (int id = 1; id <= 10; id++) {
		lead(playbook, lua_arena, id);
		ck_assert_int_eq(trial.lead.stage, STAGE_ENGAGED);
		run_to(at(2, 11));
		ck_assert_int_eq(sent("short") + sent("question"), 1);
		ck_assert_int_eq(sent("third"), 1);
	}
	playbook_free(playbook);
}
END_TEST

START_TEST(a_lead_gets_the_same_way_again_each_round_and_in_the_next_walk)
{
	struct playbook *playbook = with(GO_ON "  step \"a\" { every \"1 day\" { times = 2 }, split { email \"short\", email \"question\" } } }\n");
	for (int id = 1; id <= 12; id++) {
		lead(playbook, lua_arena, id);
		run_to(at(4, 10));
		ck_assert_int_eq(trial.enrollments[0].state, ENROLLMENT_ENDED);
		ck_assert(sent("short") == 2 || sent("question") == 2);
		happens("demo.request", "");
		run_to(at(8, 10));
		ck_assert(sent("short") == 4 || sent("question") == 4);
		ck_assert_int_eq(logged("split", NULL), 1);
		ck_assert_int_eq(logged("as before", NULL), 1);
	}
	playbook_free(playbook);
}
END_TEST

START_TEST(a_publish_that_leaves_the_way_leaves_what_was_drawn)
{
	static const char first[] = GO_ON "  step \"a\" { split { email \"short\", email \"question\", weights = { 1, 1000 } } }, step \"b\" { wait \"9 days\", go \"a\" } }\n";
	static const char later[] = GO_ON "  step \"new\" { split { email \"question\", email \"third\", email \"short\", weights = { 1, 1000, 1 } }, was = \"a\" },"
					  " step \"b\" { wait \"9 days\", go \"new\" } }\n";
	static const char gone[] = GO_ON "  step \"new\" { split { email \"third\", email \"short\", weights = { 1000, 1 } }, was = \"a\" }, step \"b\" { wait \"9 days\", go \"new\" } }\n";
	struct playbook *playbook = with(first), *second = with(later), *third = with(gone);
	lead(playbook, lua_arena, 64);
	ck_assert_int_eq(sent("question"), 1);
	trial.playbook = second;
	run_to(at(11, 11));
	ck_assert_int_eq(sent("question"), 2);
	ck_assert_int_eq(logged("split", NULL), 1);
	trial.playbook = third; /* its way is not there any more: it draws anew */
	run_to(at(21, 11));
	ck_assert_int_eq(sent("third"), 1);
	ck_assert_int_eq(logged("split", NULL), 2);
	playbook_free(playbook);
	playbook_free(second);
	playbook_free(third);
}
END_TEST

/* ---- tests ---- */

#define TEST_OF_SUBJECTS GO_ON "  step \"offer\" { split { email \"short\", email \"question\", first = \"20%\", winner = on \"email.click\", after = \"24 hours\" } },\n" \
			       "  step \"on\" { wait \"9 days\", email \"third\" } }\n"

static struct split_test *test_row(const struct playbook *playbook, moment_t decided_at, const char *winner)
{
	static struct split_test row;
	row = (struct split_test){.campaign = STR("c"), .step = STR("offer"), .words = str_of(playbook->campaigns[0].steps[0].actions[0].split->words), .look_at = at(2, 10),
				  .decided_at = decided_at, .winner = str_of(winner)};
	return &row;
}

static void know(const struct split_test *row)
{
	trial.splits = row;
	trial.split_count = 1;
}

START_TEST(a_fifth_of_the_leads_try_the_ways_and_the_others_wait)
{
	struct playbook *playbook = with(TEST_OF_SUBJECTS);
	int tried = 0;
	for (int id = 1; id <= 1000; id++) {
		struct arena *arena = arena_new();
		lead(playbook, arena, id);
		ck_assert_int_eq(logged("split", NULL) + logged("waits", NULL), 1);
		tried += logged("split", NULL);
		arena_free(arena);
	}
	ck_assert_int_gt(tried, 140);
	ck_assert_int_lt(tried, 260);
	playbook_free(playbook);
}
END_TEST

static void who_waits(struct playbook *playbook)
{
	int id = 0;
	do
		lead(playbook, lua_arena, ++id);
	while (!logged("waits", NULL));
}

START_TEST(who_waits_gets_the_winner_when_it_is_named)
{
	struct playbook *playbook = with(TEST_OF_SUBJECTS);
	who_waits(playbook);
	know(test_row(playbook, 0, ""));
	run_to(at(2, 13)); /* named late: it goes on waiting */
	ck_assert_int_eq(sent("short") + sent("question"), 0);
	know(test_row(playbook, at(2, 13), "question"));
	run_to(at(2, 14));
	ck_assert_int_eq(sent("question"), 1);
	ck_assert_int_eq(logged("winner", "question"), 1);
	ck_assert_int_eq(logged("split", NULL), 0);
	run_to(at(12, 14));
	ck_assert_int_eq(sent("third"), 1);
	playbook_free(playbook);
}
END_TEST

START_TEST(no_winner_means_the_first_act_named)
{
	struct playbook *playbook = with(TEST_OF_SUBJECTS);
	who_waits(playbook);
	know(test_row(playbook, at(2, 10), ""));
	run_to(at(2, 11));
	ck_assert_int_eq(sent("short"), 1);
	ck_assert_int_eq(logged("no winner", "short"), 1);
	who_waits(playbook); /* and where nobody was there to try it on */
	run_to(at(2, 11));
	ck_assert_int_eq(sent("short"), 1);
	playbook_free(playbook);
}
END_TEST

START_TEST(what_wins_is_a_click_in_this_mail_since_it_was_drawn_also_when_the_walk_is_over)
{
	struct playbook *playbook = with(GO_ON "  step \"offer\" { split { email \"short\", email \"question\", winner = on \"email.click\", after = \"1 day\" }, leave \"done\" } }\n");
	lead(playbook, lua_arena, 64);
	ck_assert_int_eq(trial.enrollments[0].state, ENROLLMENT_ENDED);
	ck_assert_int_eq(trial.enrollments[0].passes[0].luck, LUCK_DRAWN);
	run_to(at(1, 11));
	happens("email.click", "{\"campaign\": \"other\", \"step\": \"offer\"}");
	ck_assert_int_eq(logged("won", NULL), 0);
	happens("email.click", "{\"campaign\": \"c\", \"step\": \"offer\"}");
	ck_assert_int_eq(logged("won", NULL), 1);
	ck_assert_int_eq(trial.enrollments[0].passes[0].luck, LUCK_WON);
	happens("email.click", "{\"campaign\": \"c\", \"step\": \"offer\"}");
	ck_assert_int_eq(logged("won", NULL), 1);
	know(test_row(playbook, at(1, 12), "short")); /* decided: who comes now gets the winner, whatever it would have drawn */
	struct split_test row = *trial.splits;
	for (int id = 1; id < 20; id++) {
		turn_trial_init(&trial, playbook, lua_arena, id, at(3, 10));
		trial.lead.fields[LEAD_EMAIL] = (struct value){.type = VALUE_TEXT, .text = STR("a@example.com")};
		know(&row);
		happens("demo.request", "");
		ck_assert_int_eq(sent("short"), 1);
	}
	playbook_free(playbook);
}
END_TEST

START_TEST(a_click_that_is_taken_back_has_won_nothing)
{
	struct playbook *playbook = with(GO_ON "  step \"offer\" { split { email \"short\", email \"question\", winner = on \"email.click\", after = \"1 day\" }, leave \"done\" } }\n");
	lead(playbook, lua_arena, 64);
	run_to(at(1, 11));
	turn_trial_event(&trial, (struct event){.verb = STR("email.click"), .data = STR("{\"campaign\": \"c\", \"step\": \"offer\"}")});
	const char *other = arena_printf(lua_arena, "{\"event\": %lld}", (long long)trial.inbox[trial.inbox_count - 1].id + 1000);
	const char *this = arena_printf(lua_arena, "{\"event\": %lld}", (long long)trial.inbox[trial.inbox_count - 1].id);
	run_to(trial.now);
	ck_assert_int_eq(trial.enrollments[0].passes[0].luck, LUCK_WON);
	happens("email.click_withdrawn", other);
	ck_assert_int_eq(trial.enrollments[0].passes[0].luck, LUCK_WON);
	happens("email.click_withdrawn", this);
	ck_assert_int_eq(trial.enrollments[0].passes[0].luck, LUCK_DRAWN);
	ck_assert_int_eq(logged("not won", NULL), 1);
	happens("email.click", "{\"campaign\": \"c\", \"step\": \"offer\"}");
	ck_assert_int_eq(trial.enrollments[0].passes[0].luck, LUCK_WON);
	playbook_free(playbook);
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(a_click_that_is_taken_back_has_won_nothing),
	UNIT(leads_are_split_by_weights_and_each_draws_once),
	UNIT(ways_that_go_somewhere_are_gone_and_what_stands_below_is_not_fallen_into),
	UNIT(what_stands_behind_a_split_is_done_whatever_was_drawn),
	UNIT(a_lead_gets_the_same_way_again_each_round_and_in_the_next_walk),
	UNIT(a_publish_that_leaves_the_way_leaves_what_was_drawn),
	UNIT(a_fifth_of_the_leads_try_the_ways_and_the_others_wait),
	UNIT(who_waits_gets_the_winner_when_it_is_named),
	UNIT(no_winner_means_the_first_act_named),
	UNIT(what_wins_is_a_click_in_this_mail_since_it_was_drawn_also_when_the_walk_is_over),
};
UNIT_MAIN("turn/split", cases)
