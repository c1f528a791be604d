/* The whole loop of a channel, with the real host and the puppet plugin, over a fake store: a table of touches in memory whose database can
 * go away at any call. What the outside got is the puppet's file. */
#include "base/return_token.h"
#include "unit/delivery_fake.h"

START_TEST(all_that_is_due_goes_out_once_with_few_commits)
{
	void *d = begin("send", 20, 0);
	run_until(TOUCH_SENT, TOUCHES);
	ck_assert_int_le(db.permits, TOUCHES / 3);
	ck_assert_int_le(db.outcome_calls, TOUCHES / 3);
	ck_assert_str_eq(db.state, "up");
	end(d);
}
END_TEST

START_TEST(outcomes_are_kept_until_the_database_takes_them)
{
	void *d = begin("send", 20, 0);
	db.lose_outcomes = true;
	RUN_UNTIL(count(TOUCH_PERMITTED) >= 20 && db.outcome_calls);
	run(300);
	ck_assert_int_eq(count(TOUCH_SENT), 0);
	ck_assert_int_le(count(TOUCH_PERMITTED), 40); /* no more than twice what the plugin takes */
	db.lose_outcomes = false;
	run_until(TOUCH_SENT, TOUCHES);
	for (int i = 0; i < TOUCHES; i++)
		ck_assert_int_eq(db.rows[i].recorded, 1);
	end(d);
}
END_TEST

START_TEST(a_claim_whose_answer_was_lost_is_found_and_goes_out)
{
	void *d = begin("send", 20, 20);
	RUN_UNTIL(count(TOUCH_SENT));
	db.lose_claim = true;
	run_until(TOUCH_SENT, TOUCHES);
	ck_assert(!db.lose_claim);
	end(d);
}
END_TEST

START_TEST(without_a_database_nothing_is_permitted_and_nothing_is_lost)
{
	void *d = begin("send", 20, 50);
	RUN_UNTIL(count(TOUCH_CLAIMED)); /* not yet asked: the plugin waits */
	db.away = true;
	RUN_UNTIL(db.permits);
	run(300);
	ck_assert_int_eq(count(TOUCH_PERMITTED) + count(TOUCH_SENT), 0);
	db.away = false;
	run_until(TOUCH_SENT, TOUCHES);
	end(d);
}
END_TEST

START_TEST(who_withdrew_meanwhile_gets_nothing)
{
	void *d = begin("send", 20, 20);
	db.rows[7].withdrawn = db.rows[33].withdrawn = true;
	run_until(TOUCH_SENT, TOUCHES - 2);
	RUN_UNTIL(count(TOUCH_CANCELLED) == 2);
	run(100);
	ck_assert_int_eq(count(TOUCH_CANCELLED), 2);
	ck_assert_int_eq(db.rows[7].recorded, 0);
	end(d);
}
END_TEST

START_TEST(who_chose_less_meanwhile_is_asked_of_the_gate_again)
{
	void *d = begin("send", 20, 20);
	db.rows[7].chose_less = db.rows[33].chose_less = true;
	run_until(TOUCH_SENT, TOUCHES);
	ck_assert(db.rows[7].recorded == 2 && db.rows[33].recorded == 2 && db.rows[8].recorded == 1); /* planned again, and claimed anew */
	end(d);
}
END_TEST

START_TEST(what_the_gate_holds_never_reaches_the_plugin)
{
	void *d = begin("crash", 20, 0);
	db.verdict = GATE_HOLD;
	run_until(TOUCH_HELD, TOUCHES);
	ck_assert_str_eq(db.rows[0].reason, "withdrew");
	end(d);
	d = begin("crash", 20, 0);
	db.verdict = GATE_LATER;
	run_until(TOUCH_DEFERRED, TOUCHES);
	end(d);
}
END_TEST

static int parked(void)
{
	int n = 0;
	for (int i = 0; i < TOUCHES; i++)
		n += db.rows[i].state == TOUCH_DEFERRED && db.rows[i].parked;
	return n;
}

START_TEST(what_a_template_fails_for_waits_for_the_next_publish_and_names_the_line)
{
	void *d = begin("send", 20, 0);
	db.broken_template = true;
	RUN_UNTIL(parked() == TOUCHES);
	ck_assert_str_eq(db.rows[5].reason, "templates/email/hello.md:3: text where a number is wanted");
	ck_assert(!db.rows[5].spent);
	int claims = db.claims;
	run(300);
	ck_assert_int_eq(db.claims, claims);
	db.broken_template = false;
	db.published++;
	run_until(TOUCH_SENT, TOUCHES);
	end(d);
}
END_TEST

START_TEST(what_the_plugin_can_make_nothing_of_waits_for_the_next_publish_too)
{
	void *d = begin("broken", 20, 0);
	RUN_UNTIL(parked() == TOUCHES);
	ck_assert_str_eq(db.rows[5].reason, "templates/email/hello.md:2: the template rendered no subject");
	ck_assert(!db.rows[5].spent);
	ck_assert_str_eq(db.state, "up");
	end(d);
}
END_TEST

/* The puppet lets one marketing touch in eighteen come, and all that somebody waits for. */
START_TEST(who_has_to_wait_for_a_limit_is_put_off_without_being_claimed)
{
	void *d = begin("limited", 20, 0);
	RUN_UNTIL(count(TOUCH_DEFERRED) + count(TOUCH_SENT) == TOUCHES);
	ck_assert_int_eq(count(TOUCH_SENT), 9); /* six of a confirmation, three of the others */
	ck_assert_int_eq(db.put_off, TOUCHES - 9);
	for (int i = 0; i < TOUCHES; i++)
		ck_assert_int_eq(db.rows[i].attempts, db.rows[i].state == TOUCH_SENT);
	ck_assert_str_eq(db.rows[2].reason, "one in eighteen");
	end(d);
	d = begin("limited", 20, 0);
	db.lose_turns = true; /* what was promised is written later: the plugin is not asked again */
	RUN_UNTIL(db.looks);
	RUN_UNTIL(count(TOUCH_DEFERRED) + count(TOUCH_SENT) == TOUCHES);
	ck_assert(!db.lose_turns);
	ck_assert_int_eq(db.put_off, TOUCHES - 9);
	end(d);
	d = begin("anew", 20, 0); /* its limits are others than before */
	RUN_UNTIL(db.anew == 1);
	run_until(TOUCH_SENT, TOUCHES);
	ck_assert_int_eq(db.put_off, 0);
	end(d);
}
END_TEST

START_TEST(without_a_database_nobody_has_to_wait_less)
{
	void *d = begin("limited", 20, 0);
	RUN_UNTIL(db.looks);
	db.away = true;
	run(300);
	db.away = false;
	RUN_UNTIL(count(TOUCH_DEFERRED) + count(TOUCH_SENT) == TOUCHES);
	ck_assert_int_le(count(TOUCH_SENT), 12);
	end(d);
}
END_TEST

START_TEST(a_channel_that_is_down_is_left_alone_and_its_touches_stay_planned)
{
	mono_t begun = mono_now();
	void *d = begin("down", 20, 0);
	RUN_UNTIL(strcmp(db.state, "down") == 0 && count(TOUCH_PLANNED) == TOUCHES);
	run(600);
	ck_assert_str_eq(db.state, "down");
	ck_assert_int_eq(count(TOUCH_PLANNED), TOUCHES);
	ck_assert_int_le(db.claims, 2 + (mono_now() - begun) / MOMENT_SECOND);
	end(d);
}
END_TEST

static bool told_all(void)
{
	for (int i = 0; i < TOUCHES; i++)
		if (!db.rows[i].told)
			return false;
	return true;
}

/* The plugin tells it right behind "queued", before that is recorded; the answer of one group is lost. */
START_TEST(news_of_what_is_queued_is_recorded_once_behind_its_outcome)
{
	void *d = begin("address", 20, 0);
	db.address = "queued-sent@example.com";
	db.lose_news = true;
	run_until(TOUCH_SENT, TOUCHES);
	RUN_UNTIL(told_all());
	run(300);
	for (int i = 0; i < TOUCHES; i++) {
		ck_assert_int_eq(db.rows[i].recorded, 1);
		ck_assert_int_eq(db.rows[i].told, 1);
	}
	end(d);
}
END_TEST

START_TEST(news_waits_for_a_database_that_is_away)
{
	void *d = begin("address", 20, 0);
	db.address = "queued-sent@example.com";
	db.lose_outcomes = true;
	RUN_UNTIL(db.outcome_calls);
	run(300);
	ck_assert_int_eq(count(TOUCH_SENT), 0);
	db.away = true;
	db.lose_outcomes = false;
	run(300);
	ck_assert_int_eq(count(TOUCH_SENT), 0);
	db.away = false;
	run_until(TOUCH_SENT, TOUCHES);
	end(d);
}
END_TEST

START_TEST(a_plugin_that_answers_twice_leaves_one_record_each)
{
	void *d = begin("double", 7, 0);
	run_until(TOUCH_REJECTED, TOUCHES);
	for (int i = 0; i < TOUCHES; i++)
		ck_assert_int_eq(db.rows[i].recorded, 1);
	end(d);
}
END_TEST

START_TEST(a_stopped_channel_gives_back_what_has_no_permission_and_goes_on_when_it_is_resumed)
{
	void *d = begin("send", 20, 300);
	db.claim_most = 20;
	RUN_UNTIL(count(TOUCH_SENT) == 20);
	db.claim_most = 40;
	RUN_UNTIL(count(TOUCH_CLAIMED)); /* the plugin asks in 300 ms; the next poll, in 100, brings the stop: on a machine that stands still they go out */
	db.stopped_by = "ann";
	RUN_UNTIL(strcmp(db.state, "stopped") == 0 && !(count(TOUCH_CLAIMED) + count(TOUCH_PERMITTED)));
	int sent = count(TOUCH_SENT), claims = db.claims;
	db.claim_most = 0;
	ck_assert_int_eq(count(TOUCH_CLAIMED) + count(TOUCH_PERMITTED), 0);
	ck_assert_int_eq(count(TOUCH_PLANNED) + sent, TOUCHES);
	ck_assert_int_le(sent, 40);
	ck_assert_str_eq(db.state, "stopped");
	run(300);
	ck_assert_int_eq(db.claims, claims);
	db.stopped_by = NULL;
	run_until(TOUCH_SENT, TOUCHES);
	ck_assert_str_eq(db.state, "up");
	end(d);
}
END_TEST

static int looked; /* enum nurture_standing; -1 = not yet */

static void on_look(void *arg, const struct nurture_look *look)
{
	(void)arg;
	looked = look->standing;
}

static enum nurture_standing look_at(void *d, int64_t touch)
{
	looked = -1;
	delivery_calls.look(d, touch, on_look, NULL);
	RUN_UNTIL(looked >= 0);
	return (enum nurture_standing)looked;
}

START_TEST(what_a_plugin_has_queued_does_not_go_out_either_while_its_channel_is_stopped)
{
	void *d = begin("address", 20, 0);
	db.address = "queued@example.com";
	run_until(TOUCH_QUEUED, TOUCHES);
	ck_assert_int_eq(look_at(d, 7), NURTURE_LOOK_GO);
	db.stopped_by = "ann";
	db.rows[7].state = TOUCH_CANCELLED;
	RUN_UNTIL(strcmp(db.state, "stopped") == 0);
	ck_assert_int_eq(look_at(d, 7), NURTURE_LOOK_LATER);
	ck_assert_int_eq(look_at(d, 8), NURTURE_LOOK_OVER);
	db.stopped_by = NULL;
	RUN_UNTIL(strcmp(db.state, "up") == 0);
	ck_assert_int_eq(look_at(d, 7), NURTURE_LOOK_GO);
	end(d);
}
END_TEST

static int offered_as[4]; /* the words, by number */

static void on_offer(void *arg, int64_t touch_id, enum nurture_offered word)
{
	(void)arg, (void)touch_id;
	offered_as[word]++;
}

/* Told for a while longer than asked, so that not each sign of life is written; those of one moment together. */
START_TEST(what_somebody_has_in_hand_is_told_together_and_only_of_what_is_queued)
{
	void *d = begin("address", 20, 0);
	db.address = "queued@example.com";
	run_until(TOUCH_QUEUED, TOUCHES);
	memset(offered_as, 0, sizeof offered_as);
	db.rows[7].state = TOUCH_CANCELLED;
	for (int i = 0; i < 10; i++)
		delivery_calls.offer(d, i + 1, 5 * MOMENT_MINUTE, on_offer, NULL);
	delivery_calls.offer(d, 1, 0, on_offer, NULL); /* behind the other of the same touch */
	RUN_UNTIL(offered_as[NURTURE_OFFERED] == 10 && offered_as[NURTURE_OFFERED_OVER] == 1);
	ck_assert_int_eq(db.offers, 2);
	ck_assert_int_eq(db.rows[0].offered_for, 0);
	ck_assert_int_eq(db.rows[1].offered_for, MOMENT_MINUTE);
	db.away = true;
	delivery_calls.offer(d, 2, MOMENT_MINUTE, on_offer, NULL);
	RUN_UNTIL(offered_as[NURTURE_OFFERED_LATER] == 1);
	db.away = false;
	end(d);
}
END_TEST

START_TEST(a_plugin_whose_sender_is_broken_holds_the_channel_until_a_person_resumes_it)
{
	void *d = begin("hold", 20, 0);
	RUN_UNTIL(*db.held && strcmp(db.state, "held") == 0 && count(TOUCH_PLANNED) == TOUCHES);
	ck_assert_str_eq(db.held, "550 5.7.26 unauthenticated");
	int claims = db.claims;
	ck_assert_int_le(claims, 2);
	run(300);
	ck_assert_int_eq(db.claims, claims);
	db.held[0] = 0; /* somebody resumed it, and nothing was mended */
	RUN_UNTIL(*db.held);
	ck_assert_str_eq(db.held, "550 5.7.26 unauthenticated");
	end(d);
}
END_TEST

START_TEST(what_was_not_its_turn_costs_no_attempt_and_the_channel_is_not_down)
{
	void *d = begin("untried", 20, 0);
	run_until(TOUCH_DEFERRED, TOUCHES); /* planned, due later */
	for (int i = 0; i < TOUCHES; i++)
		ck_assert(!db.rows[i].spent);
	ck_assert_str_eq(db.state, "up");
	end(d);
	d = begin("defer", 20, 0);
	run_until(TOUCH_DEFERRED, TOUCHES);
	ck_assert(db.rows[0].spent);
	end(d);
}
END_TEST

static void run_until_listed(void)
{
	RUN_UNTIL(db.listed == TOUCHES);
}

START_TEST(an_address_where_nobody_is_is_suppressed_and_no_other)
{
	void *d = begin("hard", 20, 0);
	run_until(TOUCH_REJECTED, TOUCHES);
	run_until_listed();
	ck_assert_str_eq(db.suppressed, "email bounce a@example.com");
	ck_assert_uint_le(db.lists, TOUCHES / 2); /* together: each holds up all permissions */
	end(d);
	d = begin("hard", 20, 0);
	db.refuses_lists = true; /* one of them cannot be written: the others can */
	run_until(TOUCH_REJECTED, TOUCHES);
	run_until_listed();
	end(d);
	d = begin("reject", 20, 0);
	run_until(TOUCH_REJECTED, TOUCHES);
	run(100);
	ck_assert_str_eq(db.suppressed, "");
	end(d);
}
END_TEST

static char came[200];

static void on_came(void *arg, enum nurture_return_answer answer, const char *sent_to)
{
	(void)arg;
	snprintf(came, sizeof came, "%d %s", (int)answer, sent_to ? sent_to : "-");
}

START_TEST(what_came_back_is_about_the_address_that_was_sent_to_and_not_about_the_one_it_names)
{
	struct delivery *d = begin("send", 20, 0);
	char token[RETURN_TOKEN_TEXT];
	run_until(TOUCH_SENT, TOUCHES);
	return_token_write(&d->link_keys, 70, STR("somebody@sent.example"), token);
	struct channel_return given = {.kind = NURTURE_RETURN_REFUSED, .token = str_of(token), .address = STR("victim@gmail.com"), .code = STR("5.7.26"), .key = STR("k")};
	returns_take(d, &given, on_came, NULL);
	ck_assert_str_eq(came, "1 somebody@sent.example");
	given.token = STR("forged");
	returns_take(d, &given, on_came, NULL);
	ck_assert_str_eq(came, "3 -");
	end(d);
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(all_that_is_due_goes_out_once_with_few_commits),
	UNIT(outcomes_are_kept_until_the_database_takes_them),
	UNIT(a_claim_whose_answer_was_lost_is_found_and_goes_out),
	UNIT(without_a_database_nothing_is_permitted_and_nothing_is_lost),
	UNIT(who_withdrew_meanwhile_gets_nothing),
	UNIT(who_chose_less_meanwhile_is_asked_of_the_gate_again),
	UNIT(what_the_gate_holds_never_reaches_the_plugin),
	UNIT(what_a_template_fails_for_waits_for_the_next_publish_and_names_the_line),
	UNIT(what_the_plugin_can_make_nothing_of_waits_for_the_next_publish_too),
	UNIT(who_has_to_wait_for_a_limit_is_put_off_without_being_claimed),
	UNIT(without_a_database_nobody_has_to_wait_less),
	UNIT(a_channel_that_is_down_is_left_alone_and_its_touches_stay_planned),
	UNIT(news_of_what_is_queued_is_recorded_once_behind_its_outcome),
	UNIT(news_waits_for_a_database_that_is_away),
	UNIT(a_stopped_channel_gives_back_what_has_no_permission_and_goes_on_when_it_is_resumed),
	UNIT(what_somebody_has_in_hand_is_told_together_and_only_of_what_is_queued),
	UNIT(what_a_plugin_has_queued_does_not_go_out_either_while_its_channel_is_stopped),
	UNIT(a_plugin_whose_sender_is_broken_holds_the_channel_until_a_person_resumes_it),
	UNIT(what_was_not_its_turn_costs_no_attempt_and_the_channel_is_not_down),
	UNIT(an_address_where_nobody_is_is_suppressed_and_no_other),
	UNIT(what_came_back_is_about_the_address_that_was_sent_to_and_not_about_the_one_it_names),
	UNIT(a_plugin_that_answers_twice_leaves_one_record_each),
};
UNIT_MAIN("delivery/loop", cases)
