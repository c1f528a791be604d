/* News of touches that were over for their channel: written once, told to the lead's turn, and only what it can be about. */
#include "store/erase.h"
#include "store/intake.h"
#include "store/suppress.h"
#include "unit/outbox.h"

static bool news(int64_t id, enum touch_state state, int attempt)
{
	struct waited waited = {0};
	struct news n = {.touch_id = id, .state = state, .attempt = attempt, .reason = STR("news"), .remote_id = STR("q2"), .rejected_as = STR("hard"),
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
}
END_TEST

/* How a call ended, and what was answered, reaches the turn in the event that ends it. */
START_TEST(an_answer_is_told_to_the_lead_s_turn_once)
{
	int64_t id = touch(1, "queued", "2027-01-02Z");
	struct waited waited = {0};
	struct news n = {.touch_id = id, .state = TOUCH_SENT, .attempt = 0, .reason = {"", 0}, .remote_id = {"", 0}, .answer = STR("reached"),
			 .said = STR("{\"timing\":\"now\"}")};
	database_ask(name, "update touch set kind = 'call', attempts = 1, token = null");
	database_ask(name, "insert into attempt (shard, touch_id, attempt, at, ended_at, outcome, token) select shard, touch_id, 1, now(), now(), 'queued', 'old' from touch");
	for (int i = 0; i < 2; i++) {
		waited = (struct waited){0};
		store_news(store, "email", &n, 1, 12, now, on_answers, &waited);
		store_wait(loop, &waited.done, 60 * MOMENT_SECOND);
		ck_assert_msg(waited.ok, "%s", waited.error.message);
	}
	ck_assert_str_eq(events_of(id), "call.end sent");
	ck_assert_str_eq(database_ask(name, "select data ->> 'answer' || ' ' || (data -> 'set' ->> 'timing') from inbox"), "reached now");
}
END_TEST

START_TEST(news_changes_only_what_it_can_be_about)
{
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
	ck_assert_str_eq(events_of(sent), "email.bounce rejected"); /* its walk is called back */
	ck_assert(news(doubt, TOUCH_SENT, 0));
	ck_assert_str_eq(state_of(doubt), "sent");
	ck_assert_str_eq(events_of(doubt), "email.send");
	database_ask(name, "insert into attempt (shard, touch_id, attempt, at, ended_at, outcome, token) select shard, touch_id, 0, now(), now(), 'queued', 'old'"
			   " from touch where state = 'cancelled'");
	ck_assert(news(taken_back, TOUCH_SENT, 0)); /* taken back too late: it is out */
	ck_assert_str_eq(state_of(taken_back), "sent");
	database_ask(name, "update touch set channel = 'other'");
	ck_assert(!news(again, TOUCH_SENT, 0));
}
END_TEST

START_TEST(news_that_it_did_not_go_ends_with_the_last_attempt)
{
	int64_t id = touch(1, "queued", "2027-01-02Z");
	database_ask(name, "update touch set attempts = 12");
	ck_assert(news(id, TOUCH_DEFERRED, 12));
	ck_assert_str_eq(state_of(id), "expired");
	ck_assert_str_eq(events_of(id), "touch.over expired");
	ck_assert(news(id, TOUCH_DEFERRED, 12));
}
END_TEST

static void on_erased(void *arg, int64_t id, const struct error *error)
{
	(void)id;
	database_done(arg, error);
}

static void over(struct waited *waited)
{
	store_wait(loop, &waited->done, 60 * MOMENT_SECOND);
	ck_assert_msg(waited->ok, "%s", waited->error.message);
}

/* Whoever says stop: an agent must not be shown a call that waits in the queue. What went out all the same is written down. */
START_TEST(what_stands_in_the_channel_s_queue_is_taken_back)
{
	struct waited withdrawn = {0}, listed = {0}, of_domain = {0}, erased = {0};
	int64_t ids[] = {touch(1, "queued", "2027-01-02Z"), touch(2, "queued", "2027-01-02Z"), touch(3, "queued", "2027-01-02Z"), touch(4, "queued", "2027-01-02Z")};
	database_ask(name, "update touch set attempts = 1, token = null; update lead set email = 'l3@example.org' where email = 'l3@example.com';"
			   " insert into identity (kind, value, shard, lead_id, created_at) values ('email', 'l2@example.com', 2, %d, now());"
			   " insert into attempt (shard, touch_id, attempt, at, ended_at, outcome, token)"
			   " select shard, touch_id, 1, now(), now(), 'queued', 'old' from touch", 2 << 6 | 2);
	struct intake_consent consent = {.lead_id = 1 << 6 | 1, .channel = STR("email"), .purpose = STR("marketing"), .source = STR("page"), .state = CONSENT_WITHDRAWN};
	struct intake intake = {.consents = &consent, .consent_count = 1, .now = now, .fn = database_done, .arg = &withdrawn};
	store_intake(store, &intake);
	over(&withdrawn);
	struct str address = STR("l2@example.com"), domain = STR("example.org");
	struct suppress suppress = {.kind = "email", .values = &address, .count = 1, .channel = "*", .reason = "asked", .now = now, .fn = database_done, .arg = &listed};
	store_suppress(store, &suppress);
	over(&listed);
	suppress.kind = "domain", suppress.values = &domain, suppress.arg = &of_domain;
	store_suppress(store, &suppress);
	over(&of_domain);
	int64_t lead = 4 << 6 | 4;
	store_erase(store, &lead, 1, false, NULL, now, on_erased, &erased);
	over(&erased);
	for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
		ck_assert_str_eq(state_of(ids[i]), "cancelled");
	ck_assert(news(ids[0], TOUCH_SENT, 1));
	ck_assert_str_eq(state_of(ids[0]), "sent");
}
END_TEST

/* Whether the channel holds it so long now. */
static bool offer(int64_t id, moment_t needed, moment_t until)
{
	struct waited waited = {0};
	struct offer offers[] = {{.touch_id = id, .until = until, .needed = needed}, {.touch_id = 99999}};
	memset(answers, 0, sizeof answers);
	store_offers(store, "email", offers, 2, now, on_answers, &waited);
	store_wait(loop, &waited.done, 60 * MOMENT_SECOND);
	ck_assert_msg(waited.ok, "%s", waited.error.message);
	ck_assert(!answers[1]);
	return answers[0];
}

static const char *offered_of(int64_t id)
{
	return database_ask(name, "select coalesce(to_char(offered_until at time zone 'UTC', 'HH24:MI'), 'nobody') || ' ' || (select count(*) from inbox i where i.lead_id = t.lead_id)"
				  " from touch t where touch_id = %lld", (long long)id);
}

/* An agent has it: its deadline waits for so long. Who gives it back behind that has a turn look at once. */
START_TEST(what_somebody_has_in_hand_is_told_and_taken_back_once)
{
	int64_t id = touch(1, "queued", "2027-01-02Z"), planned = touch(2, "planned", "2027-01-02Z"), over = touch(3, "queued", "2027-01-02Z");
	database_ask(name, "update touch set expires_at = '2027-01-05T09:00:00Z' where touch_id = %lld; update touch set expires_at = '2027-01-05T11:00:00Z' where touch_id = %lld",
		     (long long)over, (long long)id);
	ck_assert(offer(id, now + 5 * MOMENT_MINUTE, now + 6 * MOMENT_MINUTE));
	ck_assert_str_eq(offered_of(id), "10:06 0");
	ck_assert(offer(id, now + 6 * MOMENT_MINUTE, now + 7 * MOMENT_MINUTE)); /* it lasts until then: a sign of life is not written each time */
	ck_assert_str_eq(offered_of(id), "10:06 0");
	ck_assert(offer(id, now + 7 * MOMENT_MINUTE, now + 8 * MOMENT_MINUTE));
	ck_assert_str_eq(offered_of(id), "10:08 0");
	ck_assert(offer(id, 0, 0));
	ck_assert_str_eq(offered_of(id), "nobody 0"); /* in time: nothing to look at */
	ck_assert(offer(id, now + 2 * MOMENT_HOUR, now + 2 * MOMENT_HOUR)); /* beyond its deadline: a turn meanwhile has its lead woken at the end of that only */
	for (int i = 0; i < 2; i++) {
		ck_assert(offer(id, 0, 0));
		ck_assert_str_eq(offered_of(id), "nobody 1");
	}
	ck_assert(!offer(planned, now + MOMENT_MINUTE, now + MOMENT_MINUTE));
	ck_assert_str_eq(offered_of(planned), "nobody 0");
	ck_assert(offer(over, now + 5 * MOMENT_MINUTE, now + 5 * MOMENT_MINUTE));
	ck_assert_str_eq(offered_of(over), "10:05 0");
	for (int i = 0; i < 2; i++) {
		ck_assert(offer(over, 0, 0));
		ck_assert_str_eq(offered_of(over), "nobody 1");
	}
	ck_assert(offer(over, now + MOMENT_MINUTE, now + MOMENT_MINUTE));
	database_ask(name, "update touch set attempts = 1, token = null");
	ck_assert(news(over, TOUCH_DEFERRED, 0)); /* given back to the server, which has no time for it: told */
	ck_assert_str_eq(offered_of(over), "nobody 2");
}
END_TEST

START_TEST(a_letter_that_comes_back_is_told_of_with_what_for_and_one_that_never_went_is_not_a_return)
{
	int64_t sent = touch(1, "sent", "2027-01-02Z"), queued = touch(2, "queued", "2027-01-02Z");
	database_ask(name, "update touch set kind = 'letter'");
	ck_assert(news(sent, TOUCH_REJECTED, 0) && news(queued, TOUCH_REJECTED, 0));
	ck_assert_str_eq(events_of(sent), "letter.return rejected");
	ck_assert_str_eq(events_of(queued), "touch.over rejected");
	ck_assert_str_eq(database_ask(name, "select string_agg(distinct data ->> 'kind', ',') from event"), "hard");
	ck_assert(news(sent, TOUCH_REJECTED, 0)); /* told again */
	ck_assert_str_eq(events_of(sent), "letter.return rejected");
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(what_somebody_has_in_hand_is_told_and_taken_back_once),
	UNIT(what_stands_in_the_channel_s_queue_is_taken_back),
	UNIT(news_of_a_queued_touch_is_written_once_and_told_to_the_lead_s_turn),
	UNIT(an_answer_is_told_to_the_lead_s_turn_once),
	UNIT(news_changes_only_what_it_can_be_about),
	UNIT(news_that_it_did_not_go_ends_with_the_last_attempt),
	UNIT(a_letter_that_comes_back_is_told_of_with_what_for_and_one_that_never_went_is_not_a_return),
};
UNIT_MAIN_EACH("store/news", cases, database_begin(false), begin, end_store)
