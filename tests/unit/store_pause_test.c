/* Pauses of campaigns beside the turns that are on their way: whom a resume wakes, and that nobody is left asleep between the two. */
#include "store/campaign.h"

#include "unit/store_leads.h"

struct asked {
	struct waited waited;
	bool changed;
	long waiting;
};

static void on_campaign(void *arg, json_t *answer, const struct error *error)
{
	struct asked *asked = arg;
	asked->changed = json_is_true(json_object_get(answer, "changed"));
	asked->waiting = (long)json_integer_value(json_object_get(answer, "waiting"));
	database_done(&asked->waited, error);
}

static void begin_to(enum campaign_act act, moment_t now, struct asked *asked)
{
	struct store_campaign ask = {.act = act, .campaign = STR("drip"), .now = now, .actor = "somebody"};
	*asked = (struct asked){.changed = false};
	store_campaign(store, &ask, on_campaign, asked);
}

static struct asked to(enum campaign_act act, moment_t now)
{
	struct asked asked;
	begin_to(act, now, &asked);
	store_wait(loop, &asked.waited.done, 60 * MOMENT_SECOND);
	ck_assert_msg(asked.waited.ok, "%s", asked.waited.error.message);
	return asked;
}

/* Of lead n; due: SQL. */
static void stands(int n, const char *campaign, const char *state, const char *due, bool holdout)
{
	database_ask(name, "insert into enrollment (shard, enrollment_id, lead_id, campaign, step, state, entered_at, step_since, due_at, over_at, holdout, revision)"
			   " values (5, %d << 6 | 5, %d << 6 | 5, '%s', 'one', '%s', now(), now(), %s, now(), %s, 'rev')", n, n, campaign, state, due, holdout ? "true" : "false");
}

static const char *woken(void)
{
	return database_ask(name, "select string_agg((lead_id >> 6)::text || '/' || lane, ' ' order by lead_id) from inbox where event_id is null");
}

static PGconn *other_session(const char *sql)
{
	char conninfo[256];
	PGconn *other = PQconnectdb(database_conninfo(name, "nurture_owner", conninfo));
	PGresult *result = PQexec(other, sql);
	ck_assert_msg(PQresultStatus(result) == PGRES_COMMAND_OK || PQresultStatus(result) == PGRES_TUPLES_OK, "%s", PQerrorMessage(other));
	PQclear(result);
	return other;
}

static void until_it_waits(const bool *done)
{
	for (mono_t start = mono_now(); mono_now() - start < 60 * MOMENT_SECOND && !*done;) {
		if (database_count(name, "pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and application_name = 'test'"))
			return;
		store_wait(loop, done, MOMENT_SECOND / 200);
	}
	ck_abort_msg("it does not wait");
}

static void let_go(PGconn *other)
{
	PQclear(PQexec(other, "commit"));
	PQfinish(other);
}

START_TEST(a_resume_wakes_all_that_stand_in_the_campaign_whatever_they_wait_for)
{
	moment_t now = real_now();
	stands(1, "drip", "active", "now() + interval '30 days'", false); /* a wait_for that came true meanwhile */
	stands(2, "drip", "active", "null", false);
	stands(3, "drip", "active", "now() - interval '1 minute'", false);
	stands(4, "drip", "held", "null", false); /* what a publish mended */
	stands(5, "drip", "ended", "null", false);
	stands(6, "drip", "active", "now() - interval '1 minute'", true);
	stands(7, "other", "active", "now() - interval '1 minute'", false);
	ck_assert(!to(CAMPAIGN_RESUME, now).changed);
	ck_assert_str_eq(woken(), "");
	ck_assert(to(CAMPAIGN_PAUSE, now).changed);
	struct asked asked = to(CAMPAIGN_RESUME, now);
	ck_assert(asked.changed && asked.waiting == 1);
	ck_assert_str_eq(woken(), "1/2 2/2 3/2 4/2");
	asked = to(CAMPAIGN_RESUME, now); /* the same moment, and it is over already */
	ck_assert(!asked.changed && asked.waiting == 0);
	ck_assert_int_eq(database_count(name, "inbox"), 4);
	ck_assert_str_eq(database_ask(name, "select string_agg(act, ' ' order by id) from audit where act like 'campaign.%%'"), "campaign.pause campaign.resume");
}
END_TEST

static void on_woken(void *arg, int64_t woken, const struct error *error)
{
	((struct asked *)arg)->waiting = (long)woken;
	database_done(&((struct asked *)arg)->waited, error);
}

static long next_page(void)
{
	struct asked asked = {.changed = false};
	store_campaign_wake(store, on_woken, &asked);
	store_wait(loop, &asked.waited.done, 60 * MOMENT_SECOND);
	ck_assert_msg(asked.waited.ok, "%s", asked.waited.error.message);
	return asked.waiting;
}

/* The request that resumes them is over at once; a worker that dies between two pages loses nobody. */
START_TEST(very_many_are_woken_page_by_page_behind_the_resume)
{
	moment_t now = real_now();
	database_ask(name, "insert into enrollment (shard, enrollment_id, lead_id, campaign, step, state, entered_at, step_since, due_at, over_at, revision)"
			   " select s, n << 6 | s, n << 6 | s, 'drip', 'one', case when n %% 3 = 0 then 'ended' else 'active' end, now(), now(), now() - interval '1 minute', now(), 'rev'"
			   " from (select n, case when n <= 7600 then 5 when n = 7601 then 63 else 0 end as s from generate_series(1, 7603) n) x");
	ck_assert_int_eq(next_page(), -1);
	to(CAMPAIGN_PAUSE, now);
	struct asked asked = to(CAMPAIGN_RESUME, now);
	ck_assert(asked.changed && asked.waiting == 5069);
	ck_assert_int_eq(database_count(name, "inbox"), 0);
	long pages = 0, woken = 0;
	for (long n; (n = next_page()) >= 0; pages++)
		woken += n;
	ck_assert_int_eq(woken, 5069);
	ck_assert_int_eq(pages, 65); /* of shard 5 two */
	ck_assert_int_eq(database_count(name, "(select distinct lead_id from inbox where lane = 2) x"), 5069);
	ck_assert_int_eq(database_count(name, "inbox"), 5069);
}
END_TEST

/* The turn was loaded in the pause; the resume is not committed when it is saved. */
START_TEST(who_entered_in_a_turn_that_did_not_know_of_the_resume_is_woken)
{
	moment_t now = real_now();
	int64_t lead = event("ann@acme.example", "page.view", false);
	to(CAMPAIGN_PAUSE, now);
	for (int resumed = 0; resumed < 2; resumed++) {
		struct batch *batch = load(lead);
		ck_assert_uint_eq(batch->leads[0].facts.pause_count, 1);
		struct enrollment e = {.campaign = STR("drip"), .step = STR(""), .state = ENROLLMENT_ACTIVE, .entered_at = now, .step_since = now, .due_at = now, .over_at = now};
		struct save_lead s = {.before = &batch->leads[0], .enrollments = &e, .enrollment_count = 1, .wake_at = MOMENT_NEVER};
		struct waited waited = {0};
		struct batch_save save = {.owner = "me", .revision = "rev", .batch = batch, .schema = &schema, .leads = &s, .count = 1};
		PGconn *other = resumed ? other_session("begin; update campaign_pause set resumed_at = now()") : NULL;
		store_batch_save(store, &save, database_done, &waited);
		if (other) {
			until_it_waits(&waited.done);
			let_go(other);
		}
		store_wait(loop, &waited.done, 60 * MOMENT_SECOND);
		ck_assert_msg(waited.ok, "%s", waited.error.message);
		ck_assert_int_eq(database_count(name, "inbox"), resumed);
		store_batch_free(batch);
		if (!resumed)
			database_ask(name, "delete from enrollment");
		if (!resumed)
			event("ann@acme.example", "page.view", false);
	}
}
END_TEST

/* The other way round: the turn is saved first, and the resume waits for it. */
START_TEST(a_resume_sees_who_entered_in_a_turn_that_it_waited_for)
{
	moment_t now = real_now();
	struct asked asked;
	to(CAMPAIGN_PAUSE, now);
	PGconn *other = other_session("begin; insert into enrollment (shard, enrollment_id, lead_id, campaign, step, state, entered_at, step_since, due_at, over_at, revision)"
				      " values (5, 1 << 6 | 5, 1 << 6 | 5, 'drip', '', 'active', now(), now(), now(), now(), 'rev');"
				      " select from campaign_pause for share");
	begin_to(CAMPAIGN_RESUME, now, &asked);
	until_it_waits(&asked.waited.done);
	let_go(other);
	store_wait(loop, &asked.waited.done, 60 * MOMENT_SECOND);
	ck_assert(asked.waited.ok && asked.changed);
	ck_assert_str_eq(woken(), "1/2");
}
END_TEST

static bool counts_from(moment_t at)
{
	char where[100], text[MOMENT_TEXT];
	snprintf(where, sizeof where, "campaign_pause where resumed_at is null and paused_at = '%s'", moment_format(at, text));
	return database_count(name, where) == 1;
}

START_TEST(a_pause_soon_after_a_resume_counts_from_the_first_while_somebody_is_overdue_by_that)
{
	moment_t now = real_now() / MOMENT_SECOND * MOMENT_SECOND, first = now - 10 * MOMENT_HOUR;
	stands(1, "drip", "active", "now() - interval '9 hours'", false);
	stands(2, "drip", "active", "now() - interval '5 hours'", false);
	to(CAMPAIGN_PAUSE, first);
	to(CAMPAIGN_RESUME, first + 2 * MOMENT_HOUR);
	to(CAMPAIGN_PAUSE, now - 7 * MOMENT_HOUR);
	ck_assert(counts_from(first));
	to(CAMPAIGN_RESUME, now - 6 * MOMENT_HOUR);
	database_ask(name, "update enrollment set due_at = now() where enrollment_id >> 6 = 1"); /* it had its turn */
	to(CAMPAIGN_PAUSE, now);
	ck_assert(counts_from(now));
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(very_many_are_woken_page_by_page_behind_the_resume),
	UNIT(a_resume_wakes_all_that_stand_in_the_campaign_whatever_they_wait_for),
	UNIT(who_entered_in_a_turn_that_did_not_know_of_the_resume_is_woken),
	UNIT(a_resume_sees_who_entered_in_a_turn_that_it_waited_for),
	UNIT(a_pause_soon_after_a_resume_counts_from_the_first_while_somebody_is_overdue_by_that),
};
UNIT_MAIN_EACH("store/pause", cases, database_begin(false), begin, end_store)
