/* What came back: proven by its touch, written once, and the address that it was sent to is suppressed, nobody else's. */
#include "store/returned.h"

#include "base/return_token.h"
#include "unit/outbox.h"

static const struct token_key seal = {.id = 1, .secret = "thirty-two octets are in a key!!"};
static struct returned last;
static struct str names; /* whom what came back names */
static char known[100];

static void on_came(void *arg, const struct error *error)
{
	snprintf(known, sizeof known, "%.*s", STR_ARG(last.known));
	database_done(arg, error);
}

static const char *came(enum returned_kind kind, int64_t id, const char *sent_to, const char *key)
{
	static const char *const answers_named[] = {"recorded", "known", "unproven", "nobody", "later"};
	struct waited waited = {0};
	last = (struct returned){.channel = "email", .kind = kind, .touch_id = id, .address = return_token_address(&seal, str_of(sent_to)), .sealed_by = &seal, .code = STR("5.1.1"),
				 .reason = STR("no such \"user\""), .data = STR("{\"text\":\"hi\",\"touch\":1}"), .key = str_of(key), .names = names, .soft_most = 3,
				 .soft_days = 14, .now = now, .fn = on_came, .arg = &waited};
	store_returned(store, &last);
	store_wait(loop, &waited.done, 60 * MOMENT_SECOND);
	ck_assert_msg(waited.ok, "%s", waited.error.message);
	return answers_named[last.answer];
}

static const char *suppressed(void)
{
	return database_ask(name, "select coalesce(string_agg(kind || ' ' || value || ' ' || channel || ' ' || reason, ',' order by value, channel), '') from suppression");
}

static int64_t sent(int n)
{
	int64_t id = touch(n, "sent", "2027-01-02Z");
	database_ask(name, "insert into identity (kind, value, shard, lead_id, created_at) values ('email', 'l%d@example.com', %d, %d, now()) on conflict do nothing", n,
		     (n << 6 | n) & 63, n << 6 | n);
	database_ask(name, "update touch set attempts = 1, over_at = '2027-01-02Z' where touch_id = %lld", (long long)id);
	database_ask(name, "insert into attempt (shard, touch_id, attempt, at, ended_at, outcome, token) select shard, touch_id, 1, now(), now(), 'sent', 'old'"
			   " from touch where touch_id = %lld", (long long)id);
	return id;
}

START_TEST(a_hard_bounce_rejects_its_touch_and_suppresses_its_address_once)
{
	int64_t id = sent(1);
	database_ask(name, "insert into touch (shard, touch_id, lead_id, campaign, step, pass, channel, kind, template, purpose, state, planned_at, due_at, revision)"
			   " select shard, touch_id + 64000, lead_id, campaign, 'next', 1, channel, kind, template, purpose, 'planned', planned_at, due_at, 'r' from touch");
	ck_assert_str_eq(came(RETURNED_HARD, id, "l1@example.com", "a"), "recorded");
	ck_assert_int_eq(last.suppressed, 1);
	ck_assert_int_eq(last.cancelled, 1);
	ck_assert_str_eq(came(RETURNED_HARD, id, "l1@example.com", "b"), "known"); /* another report of the same */
	ck_assert_str_eq(state_of(id), "rejected");
	ck_assert_str_eq(suppressed(), "email l1@example.com email bounce");
	ck_assert_str_eq(database_ask(name, "select string_agg(verb || ' ' || coalesce(data ->> 'kind', '-') || ' ' || (data ->> 'touch') || ' ' || coalesce(data ->> 'reason', '-')"
					    " || ' ' || coalesce(data ->> 'text', '-'), ',' order by verb) from event"),
			 database_ask(name, "select 'email.bounce hard %lld no such \"user\" hi,touch.over - %lld suppressed -'", (long long)id, (long long)id + 64000));
	ck_assert_str_eq(database_ask(name, "select count(*) from inbox"), "2");
	ck_assert_str_eq(database_ask(name, "select outcome || ' ' || reason from attempt"), "rejected no such \"user\"");
	ck_assert_str_eq(database_ask(name, "select string_agg(kind || ' ' || answer || ' ' || count, ',' order by answer) from returned"), "hard known 1,hard recorded 1");
}
END_TEST

START_TEST(what_never_went_out_is_unproven_and_what_is_going_out_waits)
{
	ck_assert_str_eq(came(RETURNED_HARD, touch(1, "planned", "2027-01-02Z"), "l1@example.com", "a"), "unproven");
	ck_assert_str_eq(came(RETURNED_COMPLAINT, touch(2, "cancelled", "2027-01-02Z"), "l2@example.com", "a"), "unproven");
	ck_assert_str_eq(came(RETURNED_HARD, touch(3, "permitted", "2027-01-02Z"), "l3@example.com", "a"), "later");
	ck_assert_str_eq(came(RETURNED_HARD, 424242, "l3@example.com", "a"), "unproven");
	int64_t other = sent(4);
	database_ask(name, "update touch set channel = 'other' where touch_id = %lld", (long long)other);
	ck_assert_str_eq(came(RETURNED_HARD, other, "l4@example.com", "a"), "unproven");
	ck_assert_str_eq(suppressed(), "");
	ck_assert_str_eq(database_ask(name, "select count(*) from event"), "0");
}
END_TEST

START_TEST(a_lead_that_has_another_address_now_keeps_it)
{
	int64_t id = sent(1), two = sent(2);
	database_ask(name, "update lead set email = 'new@example.com' where lead_id = %d", 1 << 6 | 1);
	database_ask(name, "update identity set value = 'new@example.com' where value = 'l1@example.com'");
	ck_assert_str_eq(came(RETURNED_HARD, id, "l1@example.com", "a"), "recorded");
	ck_assert_str_eq(suppressed(), "");
	ck_assert_str_eq(known, "");
	names = STR("victim@gmail.com"); /* who got the mail can write a report that names anybody */
	ck_assert_str_eq(came(RETURNED_COMPLAINT, two, "l2@example.com", "a"), "recorded");
	ck_assert_str_eq(known, "l2@example.com");
	ck_assert_str_eq(came(RETURNED_COMPLAINT, two, "l2@example.com", "b"), "known");
	names = STR("l1@example.com"); /* the address that the lead had: it is in the token, and still not the database's word */
	ck_assert_str_eq(came(RETURNED_REFUSED, id, "l1@example.com", "c"), "recorded");
	ck_assert_str_eq(known, "");
	names = (struct str){"", 0};
	ck_assert_str_eq(suppressed(), "email l2@example.com * complaint");
	ck_assert_str_eq(state_of(two), "sent");
}
END_TEST

START_TEST(soft_bounces_count_and_the_third_within_the_days_suppresses)
{
	int64_t id = sent(1);
	ck_assert_str_eq(came(RETURNED_SOFT, id, "l1@example.com", "a"), "recorded");
	ck_assert_str_eq(came(RETURNED_SOFT, id, "l1@example.com", "a"), "known");
	now += 10 * MOMENT_DAY;
	ck_assert_str_eq(came(RETURNED_SOFT, id, "l1@example.com", "b"), "recorded");
	now += 10 * MOMENT_DAY; /* the first one is too long ago */
	ck_assert_str_eq(came(RETURNED_SOFT, id, "l1@example.com", "c"), "recorded");
	ck_assert_str_eq(suppressed(), "");
	ck_assert_str_eq(came(RETURNED_REFUSED, id, "l1@example.com", "c"), "recorded");
	ck_assert_str_eq(suppressed(), "");
	ck_assert_str_eq(came(RETURNED_SOFT, id, "l1@example.com", "d"), "recorded");
	ck_assert_str_eq(suppressed(), "email l1@example.com email soft bounces");
	ck_assert_str_eq(state_of(id), "sent");
}
END_TEST

START_TEST(answers_are_events_of_the_lead_that_it_is_now_and_of_nobody_who_was_erased)
{
	int64_t id = sent(1), two = sent(2);
	database_ask(name, "update lead set merged_into = %d where lead_id = %d", 3 << 6 | 3, 1 << 6 | 1);
	ck_assert_str_eq(came(RETURNED_REPLY, id, "l1@example.com", "a"), "recorded");
	ck_assert_str_eq(came(RETURNED_AUTO_REPLY, id, "l1@example.com", "a"), "recorded");
	ck_assert_str_eq(came(RETURNED_REPLY, id, "l1@example.com", "a"), "known");
	ck_assert_str_eq(database_ask(name, "select string_agg(verb || ' ' || lead_id || ' ' || subject, ',' order by verb) from event"),
			 "email.auto_reply 195 hello,email.reply 195 hello");
	database_ask(name, "update lead set erased_at = now() where lead_id = %d", 2 << 6 | 2);
	ck_assert_str_eq(came(RETURNED_REPLY, two, "l2@example.com", "a"), "nobody");
	database_ask(name, "update touch set recipient = 'alice' where touch_id = %lld", (long long)id);
	ck_assert_str_eq(came(RETURNED_HARD, id, "l1@example.com", "z"), "recorded"); /* a mail to one of us */
	ck_assert(last.inside);
	ck_assert_str_eq(suppressed(), "");
	ck_assert_str_eq(database_ask(name, "select count(*) from event"), "2");
}
END_TEST

/* A permission that has looked, and is not committed: of shard 9. */
static PGconn *permitting(void)
{
	char conninfo[256];
	PGconn *connection = PQconnectdb(database_conninfo(name, "nurture_runtime", conninfo));
	PQclear(PQexec(connection, "begin"));
	PQclear(PQexec(connection, "select pg_advisory_xact_lock_shared(1314214484, 9)"));
	return connection;
}

static bool waits_for_a_permission(enum returned_kind kind, int64_t id, const char *sent_to, const char *key)
{
	struct waited waited = {0};
	PGconn *other = permitting();
	last = (struct returned){.channel = "email", .kind = kind, .touch_id = id, .address = return_token_address(&seal, str_of(sent_to)), .sealed_by = &seal, .reason = STR("why"), .key = str_of(key),
				 .soft_most = 2, .soft_days = 14, .now = now, .fn = database_done, .arg = &waited};
	store_returned(store, &last);
	bool waits = false;
	for (mono_t limit = mono_now() + 60 * MOMENT_SECOND; !waits && !waited.done && mono_now() < limit;) {
		loop_once(loop, 20000);
		waits = strcmp(database_ask(name, "select count(*) from pg_locks where locktype = 'advisory' and not granted"), "0") != 0;
	}
	ck_assert_int_ne(waits, waited.done);
	PQclear(PQexec(other, "commit"));
	PQfinish(other);
	store_wait(loop, &waited.done, 60 * MOMENT_SECOND);
	ck_assert(waited.ok && last.answer == RETURNED_RECORDED);
	return waits;
}

START_TEST(who_suppresses_waits_for_the_permissions_of_all_shards_and_what_suppresses_nobody_for_none)
{
	int64_t id = sent(1), two = sent(2), three = sent(3);
	ck_assert(waits_for_a_permission(RETURNED_HARD, id, "l1@example.com", "a"));
	ck_assert(waits_for_a_permission(RETURNED_COMPLAINT, two, "l2@example.com", "a"));
	ck_assert(!waits_for_a_permission(RETURNED_SOFT, three, "l3@example.com", "a"));
	ck_assert(!waits_for_a_permission(RETURNED_REPLY, three, "l3@example.com", "a"));
	ck_assert(waits_for_a_permission(RETURNED_SOFT, three, "l3@example.com", "b")); /* the second, which suppresses */
	ck_assert_int_eq(last.suppressed, 1);
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(who_suppresses_waits_for_the_permissions_of_all_shards_and_what_suppresses_nobody_for_none),
	UNIT(a_hard_bounce_rejects_its_touch_and_suppresses_its_address_once),
	UNIT(what_never_went_out_is_unproven_and_what_is_going_out_waits),
	UNIT(a_lead_that_has_another_address_now_keeps_it),
	UNIT(soft_bounces_count_and_the_third_within_the_days_suppresses),
	UNIT(answers_are_events_of_the_lead_that_it_is_now_and_of_nobody_who_was_erased),
};
UNIT_MAIN_EACH("store/returned", cases, database_begin(false), begin, end_store)
