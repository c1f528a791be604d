/* Delivery's moves of touches: each moves only what is this process's, in the state that it expects. */
#include "store/intake.h"
#include "unit/outbox.h"

START_TEST(what_is_due_is_claimed_oldest_first_with_what_is_known_of_its_lead)
{
	begin();
	int64_t first = touch(1, "planned", "2027-01-02Z"), second = touch(2, "deferred", "2027-01-03Z");
	touch(3, "planned", "2027-01-06Z");
	touch(4, "sent", "2027-01-01Z");
	database_ask(name, "insert into account (shard, account_id, created_at, updated_at, name) values (2, 66, now(), now(), 'Fish & Sons')");
	database_ask(name, "update lead set account_id = 66 where lead_id = (select lead_id from touch where touch_id = %lld)", (long long)second);
	ck_assert_uint_eq(claim("me", 1), 1);
	ck_assert_ptr_null(claimed->items[0].facts->facts.account);
	ck_assert_int_eq(claimed->items[0].touch.id, first);
	ck_assert_int_eq(claimed->items[0].attempt, 1);
	ck_assert(str_is(claimed->items[0].facts->facts.lead.fields[LEAD_EMAIL].text, "l1@example.com"));
	ck_assert(str_is(claimed->items[0].touch.template_name, "hello"));
	store_claims_free(claimed);
	ck_assert_uint_eq(claim("me", 10), 1);
	ck_assert_int_eq(claimed->items[0].touch.id, second);
	ck_assert(claimed->items[0].facts->facts.account && str_is(claimed->items[0].facts->facts.account->fields[ACCOUNT_NAME].text, "Fish & Sons"));
	store_claims_free(claimed);
	ck_assert_uint_eq(claim("me", 10), 0);
	store_claims_free(claimed);
	ck_assert_int_eq(database_count(name, "haul where token = 'me'"), 2);
	ck_assert_int_eq(database_count(name, "touch t where claimed_at is not null and exists (select from haul h where h.touches @> array[t.touch_id])"), 2);
	end_store();
}
END_TEST

/* What a lead got before is asked for where a cap or the end of a suppression may depend on it, and only there. */
START_TEST(other_touches_are_read_when_one_is_late_or_a_lead_is_suppressed)
{
	static const struct { const char *suppressed; moment_t late_before; size_t touches; } cases[] = {
		{NULL, 0, 0}, {NULL, MOMENT_NEVER, 2}, {"l1@example.com", 0, 2}};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		begin();
		touch(1, "planned", "2027-01-05T09:00Z");
		database_ask(name, "insert into touch (shard, touch_id, lead_id, campaign, step, pass, channel, kind, template, purpose, state, planned_at, due_at, revision)"
				   " values (1, 65, 65, 'drip', 's', 1, 'email', 'email', 'hello', 'marketing', 'sent', '2027-01-01Z', '2027-01-05T08:00Z', 'r')");
		if (cases[i].suppressed)
			database_ask(name, "insert into suppression values ('email', '%s', 'call', 'asked', now(), null)", cases[i].suppressed);
		late_before = cases[i].late_before;
		ck_assert_uint_eq(claim("me", 10), 1);
		ck_assert_uint_eq(claimed->items[0].facts->facts.touch_count, cases[i].touches);
		ck_assert_uint_eq(claimed->items[0].facts->facts.suppression_count, cases[i].suppressed ? 1 : 0);
		store_claims_free(claimed);
		end_store();
	}
	late_before = 0;
}
END_TEST

START_TEST(who_does_not_hold_the_channel_claims_nothing)
{
	begin();
	int64_t id = touch(1, "planned", "2027-01-02Z");
	ck_assert_uint_eq(claim("somebody", 10), 0);
	ck_assert_int_eq(failure.code, ERROR_DENIED);
	ck_assert_str_eq(state_of(id), "planned");
	end_store();
}
END_TEST

START_TEST(a_domain_that_is_suppressed_takes_its_subdomains_with_it)
{
	begin();
	int64_t ids[4];
	for (int i = 1; i <= 4; i++)
		ids[i - 1] = touch(i, "planned", "2027-01-02Z");
	ck_assert_uint_eq(claim("me", 10), 4);
	store_claims_free(claimed);
	database_ask(name, "update lead set email = (array['a@mail.no.example', 'a@notno.example', 'a@a.b.c.d.e.no.example', 'a@example'])[shard]");
	database_ask(name, "insert into suppression values ('domain', 'no.example', '*', 'asked', now(), null), ('domain', 'mail.notno.example', '*', 'asked', now(), null)");
	permit(ids, 4);
	ck_assert(!answers[0] && answers[1] && !answers[2] && answers[3]);
	end_store();
}
END_TEST

START_TEST(permission_is_refused_to_who_withdrew_or_was_suppressed_and_the_touch_is_cancelled)
{
	begin();
	int64_t ids[4];
	for (int i = 1; i <= 4; i++)
		ids[i - 1] = touch(i, "planned", "2027-01-02Z");
	ck_assert_uint_eq(claim("me", 10), 4);
	store_claims_free(claimed);
	database_ask(name, "insert into consent (shard, lead_id, at, channel, purpose, state, source) values"
			   " (1, 65, '2027-01-01Z', 'email', 'marketing', 'granted', 'api'), (1, 65, '2027-01-03Z', '*', '*', 'withdrawn', 'api'),"
			   " (2, 130, '2027-01-01Z', 'email', 'marketing', 'withdrawn', 'api'), (2, 130, '2027-01-02Z', 'email', '*', 'granted', 'api')");
	database_ask(name, "insert into suppression values ('email', 'l3@example.com', 'email', 'bounced', now(), null)");
	permit(ids, 4);
	ck_assert(!answers[0] && answers[1] && !answers[2] && answers[3]);
	ck_assert_str_eq(state_of(ids[0]), "cancelled");
	ck_assert_str_eq(state_of(ids[1]), "permitted");
	ck_assert_str_eq(state_of(ids[2]), "cancelled");
	ck_assert_int_eq(database_count(name, "event where verb = 'touch.over' and data ->> 'outcome' = 'cancelled'"), 2);
	ck_assert_int_eq(database_count(name, "inbox where lead_id in (65, 195) and lane = 0"), 2);
	ck_assert_int_eq(database_count(name, "attempt where outcome = 'cancelled' and ended_at is not null"), 2);
	ck_assert_int_eq(database_count(name, "attempt"), 2);
	permit(ids, 4); /* asked twice: what is cancelled stays so */
	ck_assert(!answers[0] && answers[1] && !answers[2] && answers[3]);
	ck_assert_int_eq(database_count(name, "event where verb = 'touch.over'"), 2);
	end_store();
}
END_TEST

/* By whatever hand it was said, and of whatever shard. */
START_TEST(what_was_said_since_the_claim_is_looked_at_and_only_that)
{
	static const struct { const char *said; bool before, given; } cases[] = {
		{"insert into consent (shard, lead_id, at, channel, purpose, state, source) values (1, 65, now(), 'email', 'marketing', 'withdrawn', 'api')", false, false},
		{"insert into consent (shard, lead_id, at, channel, purpose, state, source) values (1, 65, now(), 'email', 'marketing', 'granted', 'api')", false, true},
		{"insert into suppression values ('email', 'l1@example.com', 'email', 'bounced', now(), null)", false, false},
		{"insert into suppression values ('lead', '65', '*', 'asked', now(), null)", false, false},
		{"insert into suppression values ('domain', 'example.com', '*', 'asked', now(), null)", false, false},
		{"insert into suppression values ('email', 'other@example.com', '*', 'asked', now(), null)", false, true},
		{"insert into suppression values ('email', 'l1@example.com', 'email', 'bounced', now(), null)", true, true}, /* the gate has seen it, and says no itself */
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		begin();
		int64_t id = touch(1, "planned", "2027-01-02Z");
		if (cases[i].before)
			database_ask(name, "%s", cases[i].said);
		ck_assert_uint_eq(claim("me", 10), 1);
		ck_assert_uint_eq(claimed->items[0].facts->facts.suppression_count, cases[i].before);
		if (!cases[i].before)
			database_ask(name, "%s", cases[i].said);
		seen = claimed->seen;
		permit(&id, 1);
		seen = NULL;
		ck_assert_msg(answers[0] == cases[i].given, "%s", cases[i].said);
		ck_assert_str_eq(state_of(id), cases[i].given ? "permitted" : "cancelled");
		store_claims_free(claimed);
		end_store();
	}
}
END_TEST

/* A permission that was given anew for one channel says nothing of another, neither to the gate nor to the permission. */
START_TEST(who_was_erased_and_permits_one_channel_is_not_written_to_by_another)
{
	for (int i = 0; i < 2; i++) {
		begin();
		database_ask(name, "insert into link_key (key_id, secret, created_at) values (1, 'k', now()) on conflict do nothing");
		database_ask(name, "insert into suppression (kind, value, channel, reason, at) values ('email_hash', erased_hash('l1@example.com'), '*', 'erased', '2027-01-01Z'),"
				   " ('email_hash', 'any', '*', 'erased', '2027-01-01Z')");
		database_ask(name, "insert into consent (shard, lead_id, at, channel, purpose, state, source) values (1, 65, '2027-01-02Z', '%s', '*', 'granted', 'api')", i ? "call" : "email");
		touch(1, "planned", "2027-01-02Z");
		ck_assert_uint_eq(claim("me", 10), 1);
		ck_assert_uint_eq(claimed->items[0].facts->facts.suppression_count, i);
		store_claims_free(claimed);
		end_store();
	}
}
END_TEST

static int given_back;

static void on_unclaimed(void *arg, int count, const struct error *error)
{
	given_back = count;
	database_done(arg, error);
}

START_TEST(what_was_claimed_without_our_knowing_goes_back_as_it_was)
{
	begin();
	int64_t mine = touch(1, "planned", "2027-01-02Z"), lost = touch(2, "planned", "2027-01-02Z"), other = touch(3, "claimed", "2027-01-02Z");
	ck_assert_uint_eq(claim("me", 10), 2);
	store_claims_free(claimed); /* of lost nobody knows */
	for (int i = 0; i < 2; i++) {
		struct waited waited = {0};
		store_unclaim(store, "email", "me", &mine, 1, on_unclaimed, &waited);
		store_wait(loop, &waited.done, 60 * MOMENT_SECOND);
		ck_assert_msg(waited.ok, "%s", waited.error.message);
		ck_assert_int_eq(given_back, i == 0);
	}
	ck_assert_str_eq(state_of(mine), "claimed");
	ck_assert_str_eq(state_of(lost), "planned");
	ck_assert_str_eq(state_of(other), "claimed");
	ck_assert_int_eq(database_count(name, "attempt where token = 'me'"), 0);
	ck_assert_uint_eq(claim("me", 10), 1);
	ck_assert_int_eq(claimed->items[0].touch.id, lost);
	ck_assert_int_eq(claimed->items[0].attempt, 1);
	store_claims_free(claimed);
	end_store();
}
END_TEST

START_TEST(what_was_claimed_without_our_knowing_goes_back_also_when_the_channel_is_anothers)
{
	struct waited waited = {0};
	begin();
	int64_t lost = touch(1, "planned", "2027-01-02Z");
	ck_assert_uint_eq(claim("me", 10), 1);
	store_claims_free(claimed);
	database_ask(name, "update shard_lease set owner = 'another' where role = 'channel:email'");
	store_unclaim(store, "email", "me", NULL, 0, on_unclaimed, &waited);
	store_wait(loop, &waited.done, 60 * MOMENT_SECOND);
	ck_assert_msg(waited.ok, "%s", waited.error.message);
	ck_assert_int_eq(given_back, 1);
	ck_assert_str_eq(state_of(lost), "planned");
	end_store();
}
END_TEST

/* The whole of it is one flight: nothing may be left to take back. */
START_TEST(who_lost_the_channel_permits_nothing)
{
	begin();
	int64_t ids[] = {touch(1, "planned", "2027-01-02Z"), touch(2, "planned", "2027-01-02Z")};
	struct waited waited = {0};
	ck_assert_uint_eq(claim("me", 10), 2);
	database_ask(name, "insert into consent (shard, lead_id, channel, purpose, state, at, source) select shard, lead_id, 'email', '*', 'withdrawn', now(), 'test' "
			   "from touch where touch_id = %lld", (long long)ids[1]);
	database_ask(name, "update shard_lease set owner = 'another' where role = 'channel:email'");
	store_permit(store, "me", "email", "me", NULL, ids, 2, now, on_permission, &waited);
	store_wait(loop, &waited.done, 60 * MOMENT_SECOND);
	ck_assert(!waited.ok);
	ck_assert_int_eq(waited.error.code, ERROR_DENIED);
	ck_assert_int_eq(database_count(name, "touch where state = 'claimed' and permitted_at is null"), 2);
	store_claims_free(claimed);
	end_store();
}
END_TEST

START_TEST(permission_asked_again_is_judged_anew)
{
	begin();
	int64_t ids[2] = {touch(1, "planned", "2027-01-02Z"), touch(2, "planned", "2027-01-02Z")};
	ck_assert_uint_eq(claim("me", 10), 2);
	store_claims_free(claimed);
	permit(ids, 2);
	ck_assert(answers[0] && answers[1]);
	database_ask(name, "insert into consent (shard, lead_id, at, channel, purpose, state, source) values"
			   " (1, 65, '2027-01-03Z', 'email', 'marketing', 'withdrawn', 'api')");
	permit(ids, 2);
	ck_assert(!answers[0] && answers[1]);
	ck_assert_str_eq(state_of(ids[0]), "cancelled");
	ck_assert_str_eq(state_of(ids[1]), "permitted");
	ck_assert_int_eq(database_count(name, "event where verb = 'touch.over'"), 1);
	end_store();
}
END_TEST

static void choose(int64_t lead_id, const char *purpose, enum consent_state state)
{
	struct waited waited = {0};
	struct intake_consent consent = {.lead_id = lead_id, .channel = STR("email"), .purpose = str_of(purpose), .state = state, .source = STR("preferences")};
	struct intake_event event = {.lead_id = lead_id, .verb = STR("preference.change"), .at = now};
	struct intake intake = {.events = &event, .event_count = 1, .consents = &consent, .consent_count = 1, .now = now, .fn = database_done, .arg = &waited};
	store_intake(store, &intake);
	store_wait(loop, &waited.done, 60 * MOMENT_SECOND);
	ck_assert_msg(waited.ok, "%s", waited.error.message);
}

/* What the gate said of it before does not hold: it is asked anew when the touch is claimed anew. */
START_TEST(who_chose_less_since_the_claim_gets_it_only_by_the_gate)
{
	begin();
	int64_t ids[] = {touch(1, "planned", "2027-01-02Z"), touch(2, "planned", "2027-01-02Z"), touch(3, "planned", "2027-01-02Z")};
	ck_assert_uint_eq(claim("me", 10), 3);
	choose(65, "topic:events", CONSENT_WITHDRAWN);
	choose(130, "topic:events", CONSENT_GRANTED); /* more is no reason */
	choose(195, "more-often:week", CONSENT_WITHDRAWN);
	permit(ids, 3);
	ck_assert(permissions[0] == PERMISSION_AGAIN && permissions[1] == PERMISSION_YES && permissions[2] == PERMISSION_AGAIN);
	ck_assert_str_eq(state_of(ids[0]), "claimed");
	ck_assert_int_eq(database_count(name, "touch where permitted_at is not null or over_at is not null"), 1);
	ck_assert_int_eq(database_count(name, "event where verb = 'touch.over'"), 0);
	for (size_t i = 0; i < claimed->count; i++)
		if (claimed->items[i].touch.id != ids[1])
			end_attempt(&claimed->items[i], TOUCH_PLANNED, false, false);
	store_claims_free(claimed);
	ck_assert_str_eq(state_of(ids[0]), "planned");
	now += MOMENT_HOUR;
	ck_assert_uint_eq(claim("me", 10), 2);
	store_claims_free(claimed);
	permit(ids, 1);
	ck_assert(answers[0]);
	end_store();
}
END_TEST

/* The node that wrote the withdrawal has a clock that is a year behind: what was recorded last counts. */
START_TEST(the_last_word_is_the_one_recorded_last_whatever_the_clocks_say)
{
	begin();
	int64_t ids[2] = {touch(1, "planned", "2027-01-02Z"), touch(2, "planned", "2027-01-02Z")};
	database_ask(name, "insert into consent (shard, lead_id, at, channel, purpose, state, source) values"
			   " (1, 65, '2027-01-04Z', 'email', 'marketing', 'granted', 'api'), (1, 65, '2026-01-04Z', '*', '*', 'withdrawn', 'api'),"
			   " (2, 130, '2027-01-04Z', '*', '*', 'withdrawn', 'api'), (2, 130, '2026-01-04Z', 'email', 'marketing', 'granted', 'api')");
	ck_assert_uint_eq(claim("me", 10), 2);
	for (int i = 0; i < 2; i++) { /* what the gate is given (turn_gate_test goes on from there) */
		const struct lead_facts *facts = &claimed->items[i].facts->facts;
		ck_assert_uint_eq(facts->consent_count, 2);
		const struct consent *last = &facts->consents[facts->consents[1].id > facts->consents[0].id];
		ck_assert_int_eq(last->state, i == 0 ? CONSENT_WITHDRAWN : CONSENT_GRANTED);
	}
	store_claims_free(claimed);
	permit(ids, 2);
	ck_assert(!answers[0] && answers[1]);
	end_store();
}
END_TEST

START_TEST(an_outcome_is_written_once_and_told_to_the_lead_s_turn)
{
	begin();
	int64_t id = touch(1, "planned", "2027-01-02Z");
	ck_assert_uint_eq(claim("me", 10), 1);
	struct claims *mine = claimed;
	permit(&id, 1);
	end_touch(&mine->items[0], TOUCH_SENT, true);
	ck_assert(answers[0]);
	end_touch(&mine->items[0], TOUCH_REJECTED, true);
	ck_assert(!answers[0]);
	ck_assert_str_eq(state_of(id), "sent");
	ck_assert_str_eq(database_ask(name, "select string_agg(verb || ' ' || coalesce(subject, ''), ',' order by verb) from event"), "email.send hello");
	ck_assert_str_eq(database_ask(name, "select data ->> 'outcome' from event where (data ->> 'touch')::bigint is not null"), "sent");
	ck_assert_str_eq(database_ask(name, "select outcome || ' ' || remote_id from attempt"), "sent q1");
	store_claims_free(mine);
	end_store();
}
END_TEST

/* The touch was taken back from the plugin while its permission was on the way, on another connection. */
START_TEST(an_outcome_waits_for_a_permission_that_is_on_its_way)
{
	char conninfo[256];
	struct waited waited = {0};
	begin();
	int64_t id = touch(1, "planned", "2027-01-02Z");
	ck_assert_uint_eq(claim("me", 10), 1);
	const struct claim *c = &claimed->items[0];
	PGconn *other = PQconnectdb(database_conninfo(name, "nurture_owner", conninfo));
	PQclear(PQexec(other, "begin"));
	PQclear(PQexec(other, "update touch set state = 'permitted', permitted_at = now()"));
	struct outcome o = {.touch_id = c->touch.id, .lead_id = c->touch.lead_id, .attempt = c->attempt, .state = TOUCH_PLANNED, .due_at = now};
	store_outcomes(store, "me", &o, 1, now, on_answers, &waited);
	while (database_count(name, "pg_stat_activity where wait_event_type = 'Lock' and application_name = 'test'") == 0)
		loop_once(loop, 10000);
	PQclear(PQexec(other, "commit"));
	PQfinish(other);
	store_wait(loop, &waited.done, 60 * MOMENT_SECOND);
	ck_assert(waited.ok && answers[0]);
	ck_assert_str_eq(state_of(id), "planned");
	store_claims_free(claimed);
	end_store();
}
END_TEST

START_TEST(a_late_copy_of_an_outcome_leaves_the_attempt_after_it_alone)
{
	begin();
	int64_t id = touch(1, "planned", "2027-01-02Z");
	ck_assert_uint_eq(claim("me", 10), 1);
	struct claims *first = claimed;
	end_touch(&first->items[0], TOUCH_DEFERRED, true);
	ck_assert(answers[0]);
	now += MOMENT_HOUR;
	ck_assert_uint_eq(claim("me", 10), 1);
	struct claims *second = claimed;
	permit(&id, 1);
	end_touch(&first->items[0], TOUCH_DEFERRED, true);
	ck_assert(!answers[0]);
	ck_assert_str_eq(state_of(id), "permitted");
	end_touch(&second->items[0], TOUCH_SENT, true);
	ck_assert(answers[0]);
	ck_assert_str_eq(database_ask(name, "select string_agg(outcome, ',' order by attempt) from attempt"), "deferred,sent");
	store_claims_free(first);
	store_claims_free(second);
	end_store();
}
END_TEST

/* The COMMIT of an outcome was lost and nobody could say what became of it, so it is written again; meanwhile the touch was claimed again, by the same
 * process and, as no attempt was spent, under the same number, and is on the wire. */
START_TEST(a_late_copy_of_an_outcome_that_cost_no_attempt_leaves_the_claim_after_it_alone)
{
	begin();
	int64_t id = touch(1, "planned", "2027-01-02Z");
	ck_assert_uint_eq(claim("me", 10), 1);
	const struct claim *c = &claimed->items[0];
	struct outcome o = {.touch_id = id, .lead_id = c->touch.lead_id, .attempt = c->attempt, .claimed_at = claimed->now, .state = TOUCH_PLANNED,
			    .due_at = now, .campaign = STR("drip"), .step = STR("s"), .kind = STR("email"), .channel = STR("email")};
	for (int copy = 0; copy < 2; copy++) {
		struct waited waited = {0};
		memset(answers, 0, sizeof answers);
		store_outcomes(store, "me", &o, 1, now, on_answers, &waited);
		store_wait(loop, &waited.done, 60 * MOMENT_SECOND);
		ck_assert_msg(waited.ok, "%s", waited.error.message);
		ck_assert_int_eq(answers[0], copy == 0);
		if (copy > 0)
			break;
		store_claims_free(claimed);
		now++;
		ck_assert_uint_eq(claim("me", 10), 1);
		ck_assert_int_eq(claimed->items[0].attempt, o.attempt);
		permit(&id, 1);
	}
	ck_assert_str_eq(state_of(id), "permitted");
	ck_assert_str_eq(database_ask(name, "select string_agg(outcome, ',') from attempt"), "planned");
	end_touch(&claimed->items[0], TOUCH_SENT, true);
	ck_assert_str_eq(database_ask(name, "select string_agg(outcome, ',') from attempt"), "sent");
	store_claims_free(claimed);
	end_store();
}
END_TEST

START_TEST(an_attempt_in_doubt_is_remembered_as_such_when_its_touch_is_sent_again)
{
	begin();
	int64_t id = touch(1, "planned", "2027-01-02Z");
	ck_assert_uint_eq(claim("me", 10), 1);
	permit(&id, 1);
	end_attempt(&claimed->items[0], TOUCH_DEFERRED, true, true);
	store_claims_free(claimed);
	now += MOMENT_HOUR;
	ck_assert_uint_eq(claim("me", 10), 1);
	permit(&id, 1);
	end_touch(&claimed->items[0], TOUCH_SENT, true);
	store_claims_free(claimed);
	ck_assert_str_eq(database_ask(name, "select string_agg(outcome, ',' order by attempt) from attempt"), "in_doubt,sent");
	end_store();
}
END_TEST

START_TEST(an_attempt_ends_also_when_its_touch_was_taken_back_meanwhile)
{
	begin();
	int64_t id = touch(1, "planned", "2027-01-02Z");
	ck_assert_uint_eq(claim("me", 10), 1);
	database_ask(name, "update touch set state = 'cancelled', token = null");
	end_touch(&claimed->items[0], TOUCH_REJECTED, true);
	ck_assert(!answers[0]);
	ck_assert_str_eq(state_of(id), "cancelled");
	ck_assert_str_eq(database_ask(name, "select outcome from attempt where ended_at is not null"), "rejected");
	ck_assert_int_eq(database_count(name, "event"), 0);
	store_claims_free(claimed);
	end_store();
}
END_TEST

START_TEST(what_was_not_tried_costs_no_attempt_and_comes_again)
{
	begin();
	int64_t id = touch(1, "planned", "2027-01-02Z");
	for (int i = 0; i < 3; i++) {
		ck_assert_uint_eq(claim("me", 10), 1);
		ck_assert_int_eq(claimed->items[0].attempt, 1);
		end_touch(&claimed->items[0], TOUCH_PLANNED, false);
		store_claims_free(claimed);
		now += MOMENT_HOUR;
	}
	ck_assert_str_eq(state_of(id), "planned");
	ck_assert_uint_eq(claim("me", 10), 1);
	end_touch(&claimed->items[0], TOUCH_DEFERRED, true);
	store_claims_free(claimed);
	ck_assert_uint_eq(claim("me", 10), 0);
	store_claims_free(claimed);
	now += MOMENT_HOUR;
	ck_assert_uint_eq(claim("me", 10), 1);
	ck_assert_int_eq(claimed->items[0].attempt, 2);
	store_claims_free(claimed);
	ck_assert_int_eq(database_count(name, "event"), 0);
	end_store();
}
END_TEST

static int returned, in_doubt, left;

static void on_recovered(void *arg, int r, int d, int l, const struct error *error)
{
	returned = r;
	in_doubt = d;
	left = l;
	database_done(arg, error);
}

static void recover(bool resend)
{
	struct waited waited = {0};
	store_recover(store, "me", "email", "me", resend, now, on_recovered, &waited);
	store_wait(loop, &waited.done, 60 * MOMENT_SECOND);
	ck_assert_msg(waited.ok, "%s", waited.error.message);
}

START_TEST(what_a_dead_process_left_goes_back_or_into_doubt)
{
	begin();
	int64_t a = touch(1, "claimed", "2027-01-02Z"), b = touch(2, "permitted", "2027-01-02Z"), c = touch(3, "sent", "2027-01-02Z");
	recover(false);
	ck_assert_int_eq(returned, 1);
	ck_assert_int_eq(in_doubt, 1);
	ck_assert_str_eq(state_of(a), "planned");
	ck_assert_str_eq(state_of(b), "in_doubt");
	ck_assert_str_eq(state_of(c), "sent");
	ck_assert_int_eq(database_count(name, "event where verb = 'touch.over' and data ->> 'outcome' = 'in_doubt'"), 1);
	b = touch(4, "permitted", "2027-01-02Z");
	recover(true);
	ck_assert_str_eq(state_of(b), "planned");
	ck_assert_int_eq(in_doubt, 0);
	end_store();
}
END_TEST

START_TEST(the_attempt_that_a_program_of_before_left_open_of_a_touch_that_was_taken_back_ends_when_its_process_died)
{
	begin();
	int64_t dead = touch(1, "claimed", "2027-01-02Z"), mine = touch(2, "planned", "2027-01-03Z");
	ck_assert_uint_eq(claim("me", 10), 1);
	store_claims_free(claimed);
	database_ask(name, "update attempt set token = 'dead' where touch_id = %lld; update touch set state = 'cancelled', token = null", (long long)dead);
	recover(false);
	ck_assert_int_eq(returned + in_doubt + left, 0);
	ck_assert_str_eq(database_ask(name, "select outcome from attempt where touch_id = %lld", (long long)dead), "cancelled");
	ck_assert_int_eq(database_count(name, "attempt"), 1); /* of mine we shall say how it ended */
	ck_assert_str_eq(state_of(mine), "cancelled");
	end_store();
}
END_TEST

/* Of a dead process all is found by its hauls, though no attempt stands; each is an attempt then, of the moment of its claim. The hauls go, ours stays. */
START_TEST(what_a_dead_process_claimed_is_found_by_its_haul)
{
	begin();
	int64_t ids[] = {touch(1, "planned", "2027-01-02Z"), touch(2, "planned", "2027-01-03Z"), touch(3, "planned", "2027-01-04Z")};
	ck_assert_uint_eq(claim("me", 2), 2);
	store_claims_free(claimed);
	permit(ids, 1);
	database_ask(name, "update touch set token = 'dead' where token = 'me'; update haul set token = 'dead'");
	ck_assert_uint_eq(claim("me", 2), 1);
	store_claims_free(claimed);
	now += MOMENT_HOUR;
	recover(false);
	ck_assert_int_eq(returned, 1);
	ck_assert_int_eq(in_doubt, 1);
	ck_assert_str_eq(state_of(ids[0]), "in_doubt");
	ck_assert_str_eq(state_of(ids[1]), "planned");
	ck_assert_str_eq(state_of(ids[2]), "claimed");
	ck_assert_str_eq(database_ask(name, "select string_agg(outcome || ' ' || attempt || ' ' || token || ' ' || (ended_at - at), ',' order by outcome) from attempt"),
			 "in_doubt 1 dead 01:00:00,returned 1 dead 01:00:00");
	ck_assert_str_eq(database_ask(name, "select string_agg(token, ',') from haul"), "me");
	end_store();
}
END_TEST

START_TEST(hauls_that_are_over_go)
{
	struct waited waited = {0};
	begin();
	touch(1, "planned", "2027-01-02Z"), touch(2, "planned", "2027-01-03Z");
	ck_assert_uint_eq(claim("me", 1), 1);
	int64_t first = claimed->haul_id;
	store_claims_free(claimed);
	ck_assert_uint_eq(claim("me", 1), 1);
	store_hauls_over(store, "email", &first, 1, database_done, &waited);
	store_wait(loop, &waited.done, 60 * MOMENT_SECOND);
	ck_assert_msg(waited.ok, "%s", waited.error.message);
	ck_assert_int_eq(database_count(name, "haul"), 1);
	ck_assert_int_eq(atoll(database_ask(name, "select haul_id from haul")), claimed->haul_id);
	store_claims_free(claimed);
	end_store();
}
END_TEST

/* Moves of what is in hand write a row's next version beside it (HOT) only if they change nothing that an index names. */
START_TEST(no_index_of_touches_names_what_changes_while_a_touch_is_in_hand)
{
	begin();
	ck_assert_int_eq(database_count(name, "pg_indexes where tablename = 'touch' and indexdef ~ '\\m(state|token|claimed_at|permitted_at|over_at|attempts|reason|remote_id)\\M'"), 0);
	ck_assert_int_ge(database_count(name, "pg_indexes where tablename = 'touch' and indexdef ~ '\\mqueue\\M'"), 2);
	end_store();
}
END_TEST

static void lease_done(void (*what)(struct waited *))
{
	struct waited waited = {0};
	what(&waited);
	store_wait(loop, &waited.done, 10 * MOMENT_SECOND);
	ck_assert_msg(waited.ok, "%s", waited.error.message);
}

static void give_back(struct waited *waited)
{
	store_lease_release(store, "channel:email", "me", 1, database_done, waited);
}

static void heir_takes(struct waited *waited)
{
	store_lease_tick(store, "channel:email", "heir", 1, on_lease, waited);
}

static void heir_recovers(struct waited *waited)
{
	store_recover(store, "heir", "email", "heir", false, now, on_recovered, waited);
}

static void leave(struct waited *waited)
{
	store_lease_orphan(store, "me", database_done, waited);
}

START_TEST(what_a_living_process_has_in_hand_is_left_to_it_when_it_gave_the_channel_away_and_it_may_say_how_that_ended)
{
	begin();
	int64_t ids[] = {touch(1, "planned", "2027-01-02Z"), touch(2, "planned", "2027-01-03Z"), touch(3, "planned", "2027-01-04Z")};
	ck_assert_uint_eq(claim("me", 10), 3);
	permit(ids, 2);
	lease_done(give_back);
	lease_done(heir_takes);
	lease_done(heir_recovers);
	ck_assert_int_eq(left, 3);
	ck_assert_int_eq(returned + in_doubt, 0);
	end_touch(&claimed->items[0], TOUCH_SENT, true);
	ck_assert(answers[0]);
	ck_assert_str_eq(state_of(ids[0]), "sent");
	store_claims_free(claimed);
	lease_done(leave); /* the others die with it */
	lease_done(heir_recovers);
	ck_assert_int_eq(left, 0);
	ck_assert_str_eq(state_of(ids[0]), "sent");
	ck_assert_str_eq(state_of(ids[1]), "in_doubt");
	ck_assert_str_eq(state_of(ids[2]), "planned");
	end_store();
}
END_TEST

START_TEST(a_touch_with_which_four_processes_died_is_held)
{
	begin();
	int64_t id = touch(1, "planned", "2027-01-02Z");
	for (int i = 1; i <= 4; i++) {
		ck_assert_str_eq(state_of(id), "planned");
		ck_assert_uint_eq(claim("me", 10), 1);
		store_claims_free(claimed);
		database_ask(name, "update touch set token = 'dead'");
		recover(false);
		ck_assert_int_eq(returned, i < 4);
	}
	ck_assert_str_eq(state_of(id), "held");
	ck_assert_int_eq(database_count(name, "event where verb = 'touch.over' and data ->> 'outcome' = 'held'"), 1);
	end_store();
}
END_TEST

static enum touch_state were[4];

static void on_decided(void *arg, const enum touch_state *was, size_t count, const struct error *error)
{
	memcpy(were, was, count * sizeof *was);
	database_done(arg, error);
}

static void decide(const int64_t *ids, size_t count, bool resend)
{
	struct waited waited = {0};
	store_touch_decide(store, ids, count, resend, now, on_decided, &waited);
	store_wait(loop, &waited.done, 60 * MOMENT_SECOND);
	ck_assert_msg(waited.ok, "%s", waited.error.message);
}

START_TEST(a_person_decides_only_about_what_is_in_doubt)
{
	begin();
	int64_t a = touch(1, "in_doubt", "2027-01-02Z"), b = touch(2, "in_doubt", "2027-01-02Z"), c = touch(3, "sent", "2027-01-02Z");
	decide((int64_t[]){99999, a, c}, 3, true);
	ck_assert(were[0] == TOUCH_STATE_COUNT && were[1] == TOUCH_IN_DOUBT && were[2] == TOUCH_SENT);
	decide(&b, 1, false);
	decide(&b, 1, true);
	ck_assert_int_eq(were[0], TOUCH_CANCELLED);
	ck_assert_str_eq(database_ask(name, "select string_agg(act || ' ' || actor || ' ' || (object = '%lld')::text, ',' order by id) from audit", (long long)a),
			 "touch.resend test true,touch.drop test false");
	ck_assert_str_eq(state_of(a), "planned");
	ck_assert_str_eq(state_of(b), "cancelled");
	ck_assert_str_eq(state_of(c), "sent");
	ck_assert_int_eq(database_count(name, "event where verb = 'touch.over' and data ->> 'outcome' = 'dropped'"), 1);
	end_store();
}
END_TEST

static unsigned char secret[TOKEN_KEY];

static void on_keys(void *arg, const struct token_keys *keys, const struct error *error)
{
	if (keys) {
		ck_assert_uint_eq(keys->count, 1);
		memcpy(secret, keys->keys[0].secret, TOKEN_KEY);
	}
	database_done(arg, error);
}

START_TEST(link_keys_are_made_once)
{
	unsigned char first[TOKEN_KEY];
	begin();
	for (int i = 0; i < 2; i++) {
		struct waited waited = {0};
		store_link_keys(store, on_keys, &waited);
		store_wait(loop, &waited.done, 60 * MOMENT_SECOND);
		ck_assert(waited.ok);
		if (i == 0)
			memcpy(first, secret, TOKEN_KEY);
	}
	ck_assert_mem_eq(first, secret, TOKEN_KEY);
	end_store();
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(what_is_due_is_claimed_oldest_first_with_what_is_known_of_its_lead),
	UNIT(other_touches_are_read_when_one_is_late_or_a_lead_is_suppressed),
	UNIT(who_does_not_hold_the_channel_claims_nothing),
	UNIT(a_domain_that_is_suppressed_takes_its_subdomains_with_it),
	UNIT(permission_is_refused_to_who_withdrew_or_was_suppressed_and_the_touch_is_cancelled),
	UNIT(what_was_claimed_without_our_knowing_goes_back_as_it_was),
	UNIT(what_was_claimed_without_our_knowing_goes_back_also_when_the_channel_is_anothers),
	UNIT(who_lost_the_channel_permits_nothing),
	UNIT(permission_asked_again_is_judged_anew),
	UNIT(who_chose_less_since_the_claim_gets_it_only_by_the_gate),
	UNIT(the_last_word_is_the_one_recorded_last_whatever_the_clocks_say),
	UNIT(an_outcome_is_written_once_and_told_to_the_lead_s_turn),
	UNIT(an_outcome_waits_for_a_permission_that_is_on_its_way),
	UNIT(a_late_copy_of_an_outcome_leaves_the_attempt_after_it_alone),
	UNIT(a_late_copy_of_an_outcome_that_cost_no_attempt_leaves_the_claim_after_it_alone),
	UNIT(an_attempt_in_doubt_is_remembered_as_such_when_its_touch_is_sent_again),
	UNIT(an_attempt_ends_also_when_its_touch_was_taken_back_meanwhile),
	UNIT(what_was_not_tried_costs_no_attempt_and_comes_again),
	UNIT(what_a_dead_process_left_goes_back_or_into_doubt),
	UNIT(the_attempt_that_a_program_of_before_left_open_of_a_touch_that_was_taken_back_ends_when_its_process_died),
	UNIT(what_was_said_since_the_claim_is_looked_at_and_only_that),
	UNIT(who_was_erased_and_permits_one_channel_is_not_written_to_by_another),
	UNIT(what_a_dead_process_claimed_is_found_by_its_haul),
	UNIT(hauls_that_are_over_go),
	UNIT(no_index_of_touches_names_what_changes_while_a_touch_is_in_hand),
	UNIT(what_a_living_process_has_in_hand_is_left_to_it_when_it_gave_the_channel_away_and_it_may_say_how_that_ended),
	UNIT(a_touch_with_which_four_processes_died_is_held),
	UNIT(a_person_decides_only_about_what_is_in_doubt),
	UNIT(link_keys_are_made_once),
};
UNIT_MAIN_WITH("store/outbox", cases, database_begin(false))
