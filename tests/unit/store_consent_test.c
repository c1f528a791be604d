/* The ledger beside itself: what comes in at the same moment as a withdrawal never overtakes it. The other one is a session of the test's own, which
 * holds the lock of its shard for as long as the test likes: so each order is had for certain, and not by luck. */
#include "store/intake.h"

#include "unit/store_one.h"

static PGconn *other;

enum { LEAD = 1 << 6 | 1, WINNER = 2 << 6 | 2 };

static void begin(void)
{
	char conninfo[256];
	begin_store();
	database_ask(name, "insert into lead (shard, lead_id, created_at, updated_at, email) values (1, %d, now(), now(), 'ann@example.com'),"
			   " (2, %d, now(), now(), 'ann@example.com')", LEAD, WINNER);
	other = PQconnectdb(database_conninfo(name, "nurture_owner", conninfo));
}

static void end(void)
{
	PQfinish(other);
	end_store();
}

static void say(const char *sql)
{
	PGresult *result = PQexec(other, sql);
	ck_assert_msg(PQresultStatus(result) == PGRES_COMMAND_OK || PQresultStatus(result) == PGRES_TUPLES_OK, "%s", PQerrorMessage(other));
	PQclear(result);
}

static void put(int lead, const char *channel, const char *purpose, const char *state)
{
	database_ask(name, "insert into consent (shard, lead_id, at, channel, purpose, state, source) values (%d & 63, %d, now(), '%s', '%s', '%s', 'test')", lead,
		     lead, channel, purpose, state);
}

struct word {
	struct intake intake;
	struct intake_consent consent;
	struct intake_event event;
	struct waited waited;
};

static void submit(struct word *word)
{
	word->intake = (struct intake){.consents = &word->consent, .consent_count = word->consent.channel.n > 0, .events = &word->event, .event_count = word->event.verb.n > 0,
				       .now = real_now(), .fn = database_done, .arg = &word->waited};
	store_intake(store, &word->intake);
}

static void wait_for(struct word *word)
{
	store_wait(loop, &word->waited.done, 60 * MOMENT_SECOND);
	ck_assert_msg(word->waited.ok, "%s", word->waited.error.message);
}

static struct word confirmation(int lead, int mailbox)
{
	return (struct word){.consent = {.lead_id = lead, .channel = STR("email"), .purpose = STR("marketing"), .source = STR("confirm"), .wording = STR("Yes."),
					 .state = CONSENT_CONFIRMED, .mailbox = mailbox},
			     .event = {.lead_id = lead, .verb = STR("consent.confirm"), .subject = STR("email")}};
}

static struct word withdrawal(int lead)
{
	return (struct word){.consent = {.lead_id = lead, .channel = STR("email"), .purpose = STR("marketing"), .source = STR("test"), .state = CONSENT_WITHDRAWN}};
}

static struct word confirm(int lead, int mailbox)
{
	struct word word = confirmation(lead, mailbox);
	word.event.tells = &word.consent;
	submit(&word);
	wait_for(&word);
	return word;
}

/* It waits for a lock of a shard; false: it was over before. */
static bool stands_in_line(struct word *word)
{
	for (mono_t start = mono_now(); mono_now() - start < 60 * MOMENT_SECOND;) {
		bool never = false;
		store_wait(loop, &never, MOMENT_SECOND / 200);
		if (word->waited.done)
			return false;
		if (database_count(name, "pg_locks where locktype = 'advisory' and classid = 1314214484 and not granted"
					 " and database = (select oid from pg_database where datname = current_database())"))
			return true;
	}
	ck_abort_msg("it neither waits nor ends");
}

static long confirmed(void)
{
	return database_count(name, "consent where state = 'confirmed'");
}

static long told(void)
{
	return database_count(name, "event where verb = 'consent.confirm'");
}

START_TEST(a_withdrawal_that_commits_in_between_is_not_overtaken_by_a_confirmation)
{
	put(LEAD, "email", "marketing", "granted");
	say("begin");
	say("select pg_advisory_xact_lock(1314214484, 1)");
	struct word word = confirmation(LEAD, LEAD);
	word.event.tells = &word.consent;
	submit(&word);
	ck_assert(stands_in_line(&word));
	say("insert into consent (shard, lead_id, at, channel, purpose, state, source) values (1, 65, now(), '*', '*', 'withdrawn', 'unsubscribe')");
	say("commit");
	wait_for(&word);
	ck_assert(!word.consent.stands && !word.consent.written);
	ck_assert_int_eq(confirmed(), 0);
	ck_assert_int_eq(told(), 0);
}
END_TEST

START_TEST(a_withdrawal_that_comes_after_a_confirmation_is_the_last_word)
{
	put(LEAD, "email", "marketing", "granted");
	say("begin");
	say("select pg_advisory_xact_lock_shared(1314214484, 1)"); /* somebody permits just now: both wait, in their order */
	struct word yes = confirmation(LEAD, LEAD), no = withdrawal(LEAD);
	yes.event.tells = &yes.consent;
	submit(&yes);
	ck_assert(stands_in_line(&yes));
	submit(&no);
	say("commit");
	wait_for(&yes);
	wait_for(&no);
	ck_assert(yes.consent.stands && yes.consent.written);
	ck_assert_str_eq(database_ask(name, "select string_agg(state, ' ' order by id) from consent"), "granted confirmed withdrawn");
}
END_TEST

START_TEST(a_permission_is_confirmed_once)
{
	ck_assert(!confirm(LEAD, LEAD).consent.stands); /* of nothing */
	put(LEAD, "email", "marketing", "granted");
	struct word first = confirm(LEAD, LEAD), second = confirm(LEAD, LEAD);
	ck_assert(first.consent.stands && first.consent.written && second.consent.stands && !second.consent.written);
	ck_assert_int_eq(confirmed(), 1);
	ck_assert_int_eq(told(), 1);
	put(LEAD, "email", "*", "withdrawn");
	ck_assert(!confirm(LEAD, LEAD).consent.stands);
	put(LEAD, "email", "marketing", "granted");
	put(LEAD, "call", "marketing", "withdrawn"); /* of something else */
	ck_assert(confirm(LEAD, LEAD).consent.written);
}
END_TEST

START_TEST(who_is_suppressed_confirms_nothing)
{
	static const char *const lines[] = {"'lead', '65', '*'", "'email', 'ann@example.com', 'email'", "'domain', 'example.com', '*'"};
	put(LEAD, "email", "marketing", "granted");
	for (size_t i = 0; i < 3; i++) {
		database_ask(name, "delete from suppression; insert into suppression (kind, value, channel, reason, at) select %s, 'by hand', now()", lines[i]);
		ck_assert(!confirm(LEAD, LEAD).consent.stands);
	}
	database_ask(name, "update suppression set channel = 'call'");
	ck_assert(confirm(LEAD, LEAD).consent.written);
}
END_TEST

START_TEST(who_reads_another_mailbox_confirms_nothing_of_the_lead_it_became)
{
	put(WINNER, "email", "marketing", "granted");
	database_ask(name, "update lead set email = 'winner@example.com' where lead_id = %d; update lead set merged_into = %d where lead_id = %d", WINNER, WINNER, LEAD);
	ck_assert(!confirm(LEAD, LEAD).consent.stands);
	database_ask(name, "update lead set email = 'ann@example.com' where lead_id = %d", WINNER);
	ck_assert(confirm(LEAD, LEAD).consent.written);
	ck_assert_int_eq(database_count(name, "consent where state = 'confirmed' and lead_id = 130"), 1);
}
END_TEST

/* A withdrawal is the word of the lead that it names. While it waits for the shard of the lead that this one became, the merge is taken back. */
START_TEST(a_withdrawal_of_a_merged_lead_holds_both_shards_and_follows_the_lead)
{
	database_ask(name, "update lead set merged_into = %d where lead_id = %d", WINNER, LEAD);
	say("begin");
	say("select pg_advisory_xact_lock(1314214484, 2)");
	struct word word = withdrawal(LEAD);
	submit(&word);
	ck_assert(stands_in_line(&word));
	ck_assert_int_eq(database_count(name, "pg_locks where locktype = 'advisory' and classid = 1314214484 and objid = 1 and granted and mode = 'ExclusiveLock'"
					      " and database = (select oid from pg_database where datname = current_database())"), 1);
	say("update lead set merged_into = null where lead_id = 65");
	say("commit");
	wait_for(&word);
	ck_assert_str_eq(database_ask(name, "select string_agg(lead_id || ' ' || state, ', ') from consent"), "65 withdrawn");
}
END_TEST

static struct word readdress(void)
{
	return (struct word){.event = {.lead_id = LEAD, .verb = STR("lead.update"), .email = STR("anna@example.com"), .renames = true,
				       .data = STR("{\"set\": {\"email\": \"anna@example.com\"}}")}};
}

/* Somebody withdraws, and has not committed; meanwhile the address is changed, of which nothing was confirmed. `shard`: whose lock is held. */
static void withdraws_beside_a_new_address(int lead, int shard)
{
	char sql[300];
	struct word word = readdress();
	put(lead, "email", "marketing", "confirmed");
	say("begin");
	snprintf(sql, sizeof sql, "select pg_advisory_xact_lock(1314214484, %d)", shard);
	say(sql);
	snprintf(sql, sizeof sql, "insert into consent (shard, lead_id, at, channel, purpose, state, source) values (%d & 63, %d, now(), 'email', 'marketing',"
		 " 'withdrawn', 'unsubscribe')", lead, lead);
	say(sql);
	submit(&word);
	bool waits = stands_in_line(&word);
	say("commit");
	wait_for(&word);
	ck_assert_str_eq(database_ask(name, "select string_agg(state, ' ' order by id) from consent"), "confirmed withdrawn");
	ck_assert(waits);
}

START_TEST(a_withdrawal_is_not_lost_under_a_new_address)
{
	withdraws_beside_a_new_address(LEAD, 1);
}
END_TEST

START_TEST(a_withdrawal_is_not_lost_under_a_new_address_of_a_lead_that_was_merged)
{
	database_ask(name, "update lead set merged_into = %d where lead_id = %d", WINNER, LEAD);
	withdraws_beside_a_new_address(WINNER, 2);
}
END_TEST

START_TEST(of_a_new_address_nothing_is_confirmed)
{
	struct word word = readdress();
	put(LEAD, "email", "marketing", "confirmed");
	put(LEAD, "call", "marketing", "confirmed");
	submit(&word);
	wait_for(&word);
	ck_assert_str_eq(database_ask(name, "select string_agg(channel || ' ' || state, ', ' order by id) from consent"),
			 "email confirmed, call confirmed, email granted");
}
END_TEST

static struct word ask(const char *wording)
{
	struct word word = {.consent = {.channel = STR("email"), .purpose = STR("marketing"), .source = STR("form"), .wording = str_of(wording),
					.evidence = STR("{\"form\": \"newsletter\"}"), .state = CONSENT_GRANTED, .unproven = true},
			    .event = {.lead_id = LEAD, .verb = STR("form.submit"), .subject = STR("newsletter")}};
	word.consent.of = &word.event;
	submit(&word);
	wait_for(&word);
	return word;
}

static void plan(int touch)
{
	database_ask(name, "insert into touch (shard, touch_id, lead_id, channel, kind, template, purpose, state, planned_at, due_at, revision) values"
			   " (%d & 63, %d, %d, 'email', 'email', 't', 'confirm', 'sent', now(), now(), 'r')", touch, touch, LEAD);
}

static struct word follow(int touch)
{
	struct word word = confirmation(LEAD, LEAD);
	word.event.tells = &word.consent;
	word.consent.touch_id = touch;
	submit(&word);
	wait_for(&word);
	return word;
}

static const char *ledger(void)
{
	return database_ask(name, "select string_agg(state || coalesce(' ' || wording, ''), ', ' order by id) from consent");
}

START_TEST(what_a_form_asks_against_a_withdrawal_is_lifted_by_the_mail_that_was_planned_for_it)
{
	enum { BEFORE = 10 << 6 | 1, AFTER = 11 << 6 | 1 };
	put(LEAD, "*", "*", "withdrawn");
	plan(BEFORE);
	ask("First.");
	ask("Second."); /* the first question since is the one that the mail is about */
	plan(AFTER);
	ck_assert_str_eq(ledger(), "withdrawn");
	ck_assert(!confirm(LEAD, LEAD).consent.stands && !follow(BEFORE).consent.stands && !follow(4711 << 6).consent.stands);
	ck_assert(follow(AFTER).consent.written);
	ck_assert_str_eq(ledger(), "withdrawn, granted First., confirmed Yes.");
	ck_assert(follow(AFTER).consent.stands);
	ck_assert_int_eq(confirmed(), 1);
	put(LEAD, "email", "marketing", "withdrawn");
	ck_assert(!follow(AFTER).consent.stands); /* answered once */
	ask("Third.");
	put(LEAD, "email", "*", "withdrawn");
	plan(12 << 6 | 1);
	ck_assert(!follow(12 << 6 | 1).consent.stands); /* taken back after it was asked */
	ask("Fourth.");
	plan(13 << 6 | 1);
	database_ask(name, "insert into suppression (kind, value, channel, reason, at) values ('email', 'ann@example.com', '*', 'bounced', now())");
	ck_assert(!follow(13 << 6 | 1).consent.stands);
	database_ask(name, "delete from suppression");
	ck_assert(follow(13 << 6 | 1).consent.written);
	ck_assert_int_eq(told(), 2);
}
END_TEST

/* A statement as it stands in the room's file. */
static const char *statement(const char *file, const char *label)
{
	static char text[65536];
	FILE *in = fopen(file, "re");
	ck_assert_ptr_nonnull(in);
	text[fread(text, 1, sizeof text - 1, in)] = '\0';
	fclose(in);
	char *sql = strstr(text, label);
	ck_assert_ptr_nonnull(sql);
	sql += strlen(label);
	char *end_of = strstr(sql, "\n\n");
	ck_assert_ptr_nonnull(end_of);
	*end_of = '\0';
	return sql;
}

/* An erasure refuses a merge that waits; the merge's own turn, which stood behind it, must not bring it about all the same. */
START_TEST(a_merge_does_not_pass_an_erasure)
{
	char conninfo[256];
	database_ask(name, "insert into merge (merge_id, lead_id, winner, state, asked_at) values (77, %d, %d, 'waiting', now())", LEAD, WINNER);
	PGconn *turn = PQconnectdb(database_conninfo(name, "nurture_owner", conninfo));
	say("begin");
	say("update merge set state = 'refused' where merge_id = 77");
	const char *const values[] = {"77", "2027-01-01Z"};
	ck_assert_int_eq(PQsendQueryParams(turn, statement(NURTURE_SOURCE "/core/store/save_merge.sql", ":name merge_begin\n"), 2, NULL, values, NULL, NULL, 0), 1);
	for (int i = 0; i < 3000 && !database_count(name, "pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"); i++)
		usleep(20000);
	say("commit");
	PQclear(PQgetResult(turn));
	PQfinish(turn);
	ck_assert_str_eq(database_ask(name, "select state from merge where merge_id = 77"), "refused");
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(a_merge_does_not_pass_an_erasure),
	UNIT(a_withdrawal_that_commits_in_between_is_not_overtaken_by_a_confirmation),
	UNIT(a_withdrawal_that_comes_after_a_confirmation_is_the_last_word),
	UNIT(a_permission_is_confirmed_once),
	UNIT(who_is_suppressed_confirms_nothing),
	UNIT(who_reads_another_mailbox_confirms_nothing_of_the_lead_it_became),
	UNIT(what_a_form_asks_against_a_withdrawal_is_lifted_by_the_mail_that_was_planned_for_it),
	UNIT(a_withdrawal_of_a_merged_lead_holds_both_shards_and_follows_the_lead),
	UNIT(a_withdrawal_is_not_lost_under_a_new_address),
	UNIT(a_withdrawal_is_not_lost_under_a_new_address_of_a_lead_that_was_merged),
	UNIT(of_a_new_address_nothing_is_confirmed),
};
UNIT_MAIN_EACH("store/consent", cases, database_begin(false), begin, end)
