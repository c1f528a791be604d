/* Who gives its channel back, never had it, or lost it: what it has in hand goes back or is waited for. */
#include "unit/delivery_fake.h"

static void on_drained(void *arg)
{
	(void)arg;
	db.drained++;
}

START_TEST(draining_gives_back_the_channel_at_once_and_what_has_no_permission_and_leaves_at_the_end)
{
	void *d = begin("send", 20, 5000);
	RUN_UNTIL(count(TOUCH_CLAIMED));
	delivery_role.drain(d, on_drained, NULL);
	ck_assert_int_eq(db.released, 1);
	run_until(TOUCH_PLANNED, TOUCHES);
	RUN_UNTIL(db.drained);
	ck_assert_int_eq(db.drained, 1);
	ck_assert_int_eq(db.released, 2);
	end(d);
}
END_TEST

static int words; /* that an event was taken; 100 for each that was not */

static void on_event_taken(void *arg, bool taken)
{
	(void)arg;
	words += taken ? 1 : 100;
}

/* And the plugin hears when they are: not before, and once. */
START_TEST(draining_waits_for_the_events_of_the_plugin_until_they_are_committed)
{
	void *d = begin("send", 20, 0);
	const struct channel_event event = {.lead_id = 64, .verb = STR("call.answer"), .subject = {"", 0}, .data = {"", 0}, .key = STR("call:1")};
	words = 0;
	run_until(TOUCH_SENT, TOUCHES);
	delivery_calls.event(d, &event, on_event_taken, NULL);
	delivery_role.drain(d, on_drained, NULL);
	RUN_UNTIL(told);
	run(100);
	ck_assert_int_eq(db.drained, 0);
	struct intake *first = told;
	told = NULL;
	first->fn(first->arg, &gone); /* it is tried again */
	RUN_UNTIL(told);
	ck_assert_int_eq(db.drained, 0);
	ck_assert_int_eq(words, 0);
	told->fn(told->arg, NULL);
	ck_assert_int_eq(words, 1);
	RUN_UNTIL(db.drained);
	end(d);
}
END_TEST

/* A write of older notes is on its way when the channel is given back. */
START_TEST(draining_writes_the_newest_notes_before_the_channel_is_given_back)
{
	struct delivery *d = begin("send", 20, 0);
	run_until(TOUCH_SENT, TOUCHES);
	d->standing.next = 0;
	delivery_calls.keep(d, STR("{\"n\":1}"));
	ck_assert(d->standing.writing);
	delivery_calls.keep(d, STR("{\"n\":2}"));
	delivery_role.drain(d, on_drained, NULL);
	ck_assert_int_eq(db.released, 0);
	RUN_UNTIL(db.drained);
	ck_assert_str_eq(db.notes, "{\"n\":2}");
	ck_assert_int_eq(db.released, 2);
	end(d);
}
END_TEST

START_TEST(what_others_have_in_hand_is_looked_at_again_until_it_is_over)
{
	void *d = begin("send", 20, 0);
	db.left = 1;
	run_until(TOUCH_SENT, TOUCHES); /* meanwhile the channel works */
	RUN_UNTIL(db.recoveries >= 2);
	ck_assert_int_eq(db.left, 0);
	end(d);
}
END_TEST

START_TEST(without_the_lease_nothing_is_claimed)
{
	void *d = begin("send", 20, 0);
	db.lease = false;
	run(400);
	ck_assert_int_eq(db.claims, 0);
	end(d);
}
END_TEST

/* Whoever has the channel by then leaves alone what a living process has claimed. */
START_TEST(a_claim_whose_answer_was_lost_goes_back_also_when_the_lease_went_to_another)
{
	void *d = begin("send", 20, 0);
	db.lose_claim = db.lose_unclaims = true;
	RUN_UNTIL(!db.lose_claim);
	run_until(TOUCH_SENT, TOUCHES - 20);
	db.lease = false;
	run(3500); /* behind the next renewal */
	ck_assert_int_eq(count(TOUCH_CLAIMED), 20);
	db.lose_unclaims = false;
	RUN_UNTIL(!count(TOUCH_CLAIMED));
	ck_assert_int_eq(count(TOUCH_PLANNED), 20); /* the others went out before */
	end(d);
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(draining_gives_back_the_channel_at_once_and_what_has_no_permission_and_leaves_at_the_end),
	UNIT(draining_waits_for_the_events_of_the_plugin_until_they_are_committed),
	UNIT(draining_writes_the_newest_notes_before_the_channel_is_given_back),
	UNIT(what_others_have_in_hand_is_looked_at_again_until_it_is_over),
	UNIT(without_the_lease_nothing_is_claimed),
	UNIT(a_claim_whose_answer_was_lost_goes_back_also_when_the_lease_went_to_another),
};
UNIT_MAIN("delivery/lease", cases)
