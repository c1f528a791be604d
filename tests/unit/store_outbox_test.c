/* Delivery's moves of touches: each moves only what is this process's, in the state that it expects. */
#include "store/outbox.h"

#include "base/token.h"
#include "store/lease.h"
#include "unit/check_main.h"
#include "unit/database.h"

static struct loop *loop;
static struct store *store;
static char name[32];
static moment_t now;

static void on_lease(void *arg, uint64_t shards, int owners, const struct error *error)
{
	(void)shards, (void)owners;
	database_done(arg, error);
}

static void begin(void)
{
	char conninfo[256];
	struct waited waited = {0};
	snprintf(name, sizeof name, "%s", database_new());
	loop = loop_new();
	store = store_new(loop, database_conninfo(name, "nurture_runtime", conninfo), "test");
	ck_assert_int_eq(moment_parse(STR("2027-01-05T10:00:00Z"), &now, NULL), 0);
	store_lease_tick(store, "channel:email", "me", 1, on_lease, &waited);
	store_wait(loop, &waited.done, 60 * MOMENT_SECOND);
	ck_assert(waited.ok);
	for (int i = 1; i <= 5; i++)
		database_ask(name, "insert into lead (shard, lead_id, created_at, updated_at, email) values (%d, %d, now(), now(), 'l%d@example.com')",
			     (i << 6 | i) & 63, i << 6 | i, i);
}

static void end(void)
{
	store_free(store);
	loop_free(loop);
}

/* A touch of lead n, number n of it. */
static int64_t touch(int n, const char *state, const char *due)
{
	int lead = n << 6 | n, id = (n + 100) << 6 | n;
	database_ask(name, "insert into touch (shard, touch_id, lead_id, campaign, step, pass, channel, kind, template, purpose, state, planned_at, due_at,"
			   " revision, token) values (%d, %d, %d, 'drip', 's', 1, 'email', 'email', 'hello', 'marketing', '%s', '2027-01-01Z', '%s', 'r', 'old')",
		     id & 63, id, lead, state, due);
	database_ask(name, "insert into attempt (shard, touch_id, attempt, at, token) select shard, touch_id, 0, planned_at, token from touch"
			   " where touch_id = %d and state in ('claimed', 'permitted')", id);
	return id;
}

static const char *state_of(int64_t id)
{
	return database_ask(name, "select state from touch where touch_id = %lld", (long long)id);
}

static struct claims *claimed;
static struct error failure;

static void on_claims(void *arg, struct claims *claims, const struct error *error)
{
	claimed = claims;
	database_done(arg, error);
}

static size_t claim(const char *owner, size_t limit)
{
	struct waited waited = {0};
	struct claim_request request = {.owner = owner, .token = "me", .channel = "email", .now = now, .limit = limit, .longest_cap = MOMENT_DAY};
	store_claim(store, &model_standard_schema, &request, on_claims, &waited);
	store_wait(loop, &waited.done, 60 * MOMENT_SECOND);
	failure = waited.error;
	return waited.ok ? claimed->count : 0;
}

static bool answers[8];

static void on_answers(void *arg, const bool *allowed, size_t count, const struct error *error)
{
	for (size_t i = 0; i < count && allowed; i++)
		answers[i] = allowed[i];
	database_done(arg, error);
}

static void permit(const int64_t *touches, size_t count)
{
	struct waited waited = {0};
	memset(answers, 0, sizeof answers);
	store_permit(store, "me", "email", "me", touches, count, now, on_answers, &waited);
	store_wait(loop, &waited.done, 60 * MOMENT_SECOND);
	ck_assert_msg(waited.ok, "%s", waited.error.message);
}

static void end_attempt(const struct claim *c, enum touch_state state, bool spent, bool doubt)
{
	struct waited waited = {0};
	struct outcome o = {.touch_id = c->touch.id, .lead_id = c->touch.lead_id, .attempt = c->attempt, .state = state, .reason = STR("250 ok"),
			    .remote_id = STR("q1"), .due_at = state == TOUCH_PLANNED || state == TOUCH_DEFERRED ? now + MOMENT_HOUR : 0,
			    .campaign = c->touch.campaign, .step = c->touch.step, .kind = c->touch.kind, .template_name = c->touch.template_name,
			    .channel = c->touch.channel, .attempt_spent = spent, .doubt = doubt};
	memset(answers, 0, sizeof answers);
	store_outcomes(store, "me", &o, 1, now, on_answers, &waited);
	store_wait(loop, &waited.done, 60 * MOMENT_SECOND);
	ck_assert_msg(waited.ok, "%s", waited.error.message);
}

static void end_touch(const struct claim *c, enum touch_state state, bool spent)
{
	end_attempt(c, state, spent, false);
}

START_TEST(what_is_due_is_claimed_oldest_first_with_what_is_known_of_its_lead)
{
	begin();
	int64_t first = touch(1, "planned", "2027-01-02Z"), second = touch(2, "deferred", "2027-01-03Z");
	touch(3, "planned", "2027-01-06Z");
	touch(4, "sent", "2027-01-01Z");
	ck_assert_uint_eq(claim("me", 1), 1);
	ck_assert_int_eq(claimed->items[0].touch.id, first);
	ck_assert_int_eq(claimed->items[0].attempt, 1);
	ck_assert(str_is(claimed->items[0].facts->facts.lead.fields[LEAD_EMAIL].text, "l1@example.com"));
	ck_assert(str_is(claimed->items[0].touch.template_name, "hello"));
	store_claims_free(claimed);
	ck_assert_uint_eq(claim("me", 10), 1);
	ck_assert_int_eq(claimed->items[0].touch.id, second);
	store_claims_free(claimed);
	ck_assert_uint_eq(claim("me", 10), 0);
	store_claims_free(claimed);
	ck_assert_int_eq(database_count(name, "attempt where ended_at is null and token = 'me'"), 2);
	end();
}
END_TEST

START_TEST(who_does_not_hold_the_channel_claims_nothing)
{
	begin();
	int64_t id = touch(1, "planned", "2027-01-02Z");
	ck_assert_uint_eq(claim("somebody", 10), 0);
	ck_assert_int_eq(failure.code, ERROR_DENIED);
	ck_assert_str_eq(state_of(id), "planned");
	end();
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
	ck_assert_int_eq(database_count(name, "attempt where ended_at is null"), 2);
	permit(ids, 4); /* asked twice: what is cancelled stays so */
	ck_assert(!answers[0] && answers[1] && !answers[2] && answers[3]);
	ck_assert_int_eq(database_count(name, "event where verb = 'touch.over'"), 2);
	end();
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
	ck_assert_int_eq(database_count(name, "attempt where token = 'me'"), 1);
	ck_assert_uint_eq(claim("me", 10), 1);
	ck_assert_int_eq(claimed->items[0].touch.id, lost);
	ck_assert_int_eq(claimed->items[0].attempt, 1);
	store_claims_free(claimed);
	end();
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
	end();
}
END_TEST

static bool news(int64_t id, enum touch_state state, int attempt)
{
	struct waited waited = {0};
	struct news n = {.touch_id = id, .state = state, .attempt = attempt, .reason = STR("news"), .remote_id = STR("q2"),
			 .due_at = state == TOUCH_DEFERRED ? now + MOMENT_HOUR : 0};
	memset(answers, 0, sizeof answers);
	store_news(store, "email", &n, 1, 12, now, on_answers, &waited);
	store_wait(loop, &waited.done, 60 * MOMENT_SECOND);
	ck_assert_msg(waited.ok, "%s", waited.error.message);
	return answers[0];
}

static const char *events_of(int64_t id)
{
	return database_ask(name, "select coalesce(string_agg(verb || coalesce(' ' || (e.data ->> 'outcome'), ''), ',' order by verb, event_id), '') from event e"
				  " join touch t using (shard, lead_id) where t.touch_id = %lld", (long long)id);
}

START_TEST(news_of_a_queued_touch_is_written_once_and_told_to_the_lead_s_turn)
{
	begin();
	int64_t sent = touch(1, "queued", "2027-01-02Z"), rejected = touch(2, "queued", "2027-01-02Z"), doubt = touch(3, "queued", "2027-01-02Z");
	int64_t back = touch(4, "queued", "2027-01-02Z");
	database_ask(name, "update touch set attempts = 1, token = null");
	database_ask(name, "insert into attempt (shard, touch_id, attempt, at, ended_at, outcome, token) select shard, touch_id, 1, now(), now(), 'queued', 'old' from touch");
	for (int i = 0; i < 2; i++) {
		ck_assert(news(sent, TOUCH_SENT, 1));
		ck_assert(news(rejected, TOUCH_REJECTED, 0));
		ck_assert(news(doubt, TOUCH_IN_DOUBT, 1));
		ck_assert(news(back, TOUCH_DEFERRED, 1));
	}
	ck_assert_str_eq(state_of(sent), "sent");
	ck_assert_str_eq(events_of(sent), "email.send sent");
	ck_assert_str_eq(state_of(rejected), "rejected");
	ck_assert_str_eq(events_of(rejected), "email.bounce rejected");
	ck_assert_str_eq(state_of(doubt), "in_doubt");
	ck_assert_str_eq(events_of(doubt), "touch.over in_doubt");
	ck_assert_str_eq(state_of(back), "deferred");
	ck_assert_str_eq(events_of(back), "");
	ck_assert_str_eq(database_ask(name, "select string_agg(outcome || ' ' || remote_id, ',' order by touch_id) from attempt"),
			 "sent q2,rejected q2,in_doubt q2,deferred q2");
	end();
}
END_TEST

START_TEST(news_changes_only_what_it_can_be_about)
{
	begin();
	int64_t planned = touch(1, "planned", "2027-01-02Z"), taken_back = touch(2, "cancelled", "2027-01-02Z"), sent = touch(3, "sent", "2027-01-02Z");
	int64_t doubt = touch(4, "in_doubt", "2027-01-02Z"), again = touch(5, "queued", "2027-01-02Z");
	database_ask(name, "update touch set attempts = 2 where touch_id = %lld", (long long)again);
	ck_assert(!news(planned, TOUCH_SENT, 0));
	ck_assert(!news(taken_back, TOUCH_SENT, 0)); /* it never stood in the channel's queue */
	ck_assert(!news(sent, TOUCH_DEFERRED, 0));
	ck_assert(!news(99999, TOUCH_SENT, 0));
	ck_assert(news(again, TOUCH_DEFERRED, 1)); /* of the delivery before: it was recorded, and is over */
	ck_assert_str_eq(state_of(again), "queued");
	ck_assert(news(sent, TOUCH_REJECTED, 0));
	ck_assert_str_eq(events_of(sent), "email.bounce");
	ck_assert(news(doubt, TOUCH_SENT, 0));
	ck_assert_str_eq(state_of(doubt), "sent");
	ck_assert_str_eq(events_of(doubt), "email.send");
	database_ask(name, "insert into attempt (shard, touch_id, attempt, at, ended_at, outcome, token) select shard, touch_id, 0, now(), now(), 'queued', 'old'"
			   " from touch where state = 'cancelled'");
	ck_assert(news(taken_back, TOUCH_SENT, 0)); /* taken back too late: it is out */
	ck_assert_str_eq(state_of(taken_back), "sent");
	database_ask(name, "update touch set channel = 'other'");
	ck_assert(!news(again, TOUCH_SENT, 0));
	end();
}
END_TEST

START_TEST(news_that_it_did_not_go_ends_with_the_last_attempt)
{
	begin();
	int64_t id = touch(1, "queued", "2027-01-02Z");
	database_ask(name, "update touch set attempts = 12");
	ck_assert(news(id, TOUCH_DEFERRED, 12));
	ck_assert_str_eq(state_of(id), "expired");
	ck_assert_str_eq(events_of(id), "touch.over expired");
	ck_assert(news(id, TOUCH_DEFERRED, 12));
	end();
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
	end();
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
	end();
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
	end();
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
	end();
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
	end();
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
	end();
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
	end();
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
	end();
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
	end();
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
	end();
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
	end();
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
	end();
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(what_is_due_is_claimed_oldest_first_with_what_is_known_of_its_lead),
	UNIT(who_does_not_hold_the_channel_claims_nothing),
	UNIT(permission_is_refused_to_who_withdrew_or_was_suppressed_and_the_touch_is_cancelled),
	UNIT(what_was_claimed_without_our_knowing_goes_back_as_it_was),
	UNIT(what_was_claimed_without_our_knowing_goes_back_also_when_the_channel_is_anothers),
	UNIT(news_of_a_queued_touch_is_written_once_and_told_to_the_lead_s_turn),
	UNIT(news_changes_only_what_it_can_be_about),
	UNIT(news_that_it_did_not_go_ends_with_the_last_attempt),
	UNIT(permission_asked_again_is_judged_anew),
	UNIT(the_last_word_is_the_one_recorded_last_whatever_the_clocks_say),
	UNIT(an_outcome_is_written_once_and_told_to_the_lead_s_turn),
	UNIT(a_late_copy_of_an_outcome_leaves_the_attempt_after_it_alone),
	UNIT(an_attempt_in_doubt_is_remembered_as_such_when_its_touch_is_sent_again),
	UNIT(an_attempt_ends_also_when_its_touch_was_taken_back_meanwhile),
	UNIT(what_was_not_tried_costs_no_attempt_and_comes_again),
	UNIT(what_a_dead_process_left_goes_back_or_into_doubt),
	UNIT(what_a_living_process_has_in_hand_is_left_to_it_when_it_gave_the_channel_away_and_it_may_say_how_that_ended),
	UNIT(a_touch_with_which_four_processes_died_is_held),
	UNIT(a_person_decides_only_about_what_is_in_doubt),
	UNIT(link_keys_are_made_once),
};
UNIT_MAIN_WITH("store/outbox", cases, database_begin(false))
