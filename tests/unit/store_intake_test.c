/* Taking in: what is acknowledged is on disk and counts once, whatever happens to others or to the database. */
#include "store/intake.h"

#include "unit/store_one.h"

#include "base/hash.h"
#include "store/private.h"

#include <sys/socket.h>

static struct store *beside; /* the second is NULL unless a test wants it */

static void begin_with_two(void)
{
	char conninfo[256];
	begin_store();
	beside = store_new(loop, database_conninfo(name, "nurture_runtime", conninfo), "test");
	store_intake_through(store, (struct store *[]){store, beside}, 2);
}

static void end(void)
{
	store_free(beside);
	beside = NULL;
	end_store();
}

struct request {
	struct intake intake;
	struct intake_event event;
	struct intake_consent consent;
	struct waited waited;
	char key[40], email[60];
};

static void submit(struct store *to, struct request *r)
{
	r->intake = (struct intake){.events = &r->event, .event_count = r->event.verb.n ? 1 : 0, .consents = &r->consent,
				    .consent_count = r->consent.state != CONSENT_NONE, .now = real_now(), .fn = database_done, .arg = &r->waited};
	r->waited = (struct waited){0};
	store_intake(to, &r->intake);
}

static void take(struct request *r)
{
	submit(store, r);
	store_wait(loop, &r->waited.done, 60 * MOMENT_SECOND);
	ck_assert(r->waited.done);
}

static struct intake_event download(const char *email, const char *key)
{
	return (struct intake_event){.email = str_of(email), .verb = STR("asset.download"), .subject = STR("guide"), .data = STR("{\"a\": 1}"),
				     .key = str_of(key), .create = true, .source = STR("api")};
}

START_TEST(an_event_makes_its_lead_and_wakes_its_turn)
{
	begin_store();
	struct request r = {.event = download("ann@example.com", "k1")};
	take(&r);
	ck_assert_msg(r.waited.ok, "%s", r.waited.error.message);
	ck_assert(r.event.created && r.event.event_id && r.event.found_lead && !r.event.duplicate);
	ck_assert_int_eq(database_count(name, "lead where email = 'ann@example.com' and stage = 'inquiry'"), 1);
	ck_assert_int_eq(database_count(name, "event"), 2);
	ck_assert_str_eq(database_ask(name, "select string_agg(e.verb, ' ' order by e.event_id) from inbox i join event e using (event_id, received_at)"
					    " where lane = 0 and i.lead_id = e.lead_id"), "lead.create asset.download");
	ck_assert_str_eq(database_ask(name, "select subject || data::text from event where verb = 'asset.download'"), "guide{\"a\": 1}");
	struct request again = {.event = download("ann@example.com", "k2")};
	take(&again);
	ck_assert(again.waited.ok && !again.event.created && again.event.found_lead == r.event.found_lead);
	ck_assert_int_eq(database_count(name, "lead"), 1);
	end();
}
END_TEST

START_TEST(an_event_counts_once_by_its_key)
{
	begin_store();
	struct request a = {.event = download("ann@example.com", "same")}, b = {.event = download("bob@example.com", "same")}, c = b;
	submit(store, &a), submit(store, &b);
	store_wait(loop, &b.waited.done, 60 * MOMENT_SECOND);
	ck_assert(a.waited.ok && b.waited.ok && !a.event.duplicate && b.event.duplicate && !b.event.event_id);
	/* the hash, never what the caller wrote */
	ck_assert_str_eq(database_ask(name, "select key = left(encode(sha256('same'), 'hex'), 32) from event_key"), "t");
	take(&c);
	ck_assert(c.event.duplicate);
	ck_assert_int_eq(database_count(name, "event where verb = 'asset.download'"), 1);
	database_ask(name, "update event_key set received_at = received_at - interval '91 days'");
	struct request d = {.event = download("ann@example.com", "same")};
	take(&d);
	ck_assert(d.waited.ok && !d.event.duplicate);
	end();
}
END_TEST

START_TEST(a_bad_request_costs_only_itself)
{
	begin_store();
	struct request r[20];
	char email[20][40];
	for (int i = 0; i < 20; i++) {
		snprintf(email[i], sizeof email[i], "p%d@example.com", i);
		r[i] = (struct request){.event = download(email[i], "")};
	}
	r[7].event.data = STR("{broken");
	r[11].event.verb = (struct str){"a\xff", 2};
	for (int i = 0; i < 20; i++)
		submit(store, &r[i]);
	for (int i = 0; i < 20; i++)
		store_wait(loop, &r[i].waited.done, 60 * MOMENT_SECOND);
	for (int i = 0; i < 20; i++)
		ck_assert_int_eq(r[i].waited.ok, i != 7 && i != 11);
	ck_assert_int_eq(r[7].waited.error.code, ERROR_INVALID);
	ck_assert_int_eq(database_count(name, "event where verb = 'asset.download'"), 18);
	ck_assert_int_eq(database_count(name, "lead"), 18);
	end();
}
END_TEST

START_TEST(each_request_has_its_own_patience)
{
	loop = loop_new();
	store = store_new(loop, "host=/nonexistent/socket dbname=none", "test");
	store_set_patience(store, 6 * MOMENT_SECOND);
	struct request first = {.event = download("ann@example.com", "")}, second = {.event = download("bob@example.com", "")};
	mono_t begun = mono_now();
	submit(store, &first);
	bool never = false;
	store_wait(loop, &never, MOMENT_SECOND / 2);
	submit(store, &second); /* waits behind the group of the first */
	store_wait(loop, &second.waited.done, 60 * MOMENT_SECOND);
	ck_assert(first.waited.done && !first.waited.ok && !second.waited.ok);
	ck_assert_int_eq(second.waited.error.code, ERROR_UNAVAILABLE);
	ck_assert_int_lt(mono_now() - begun, 23 * MOMENT_SECOND / 2); /* 6.5 s, and never 12 */
	end();
}
END_TEST

START_TEST(unknown_leads_are_told_and_leave_nothing)
{
	begin_store();
	struct request r = {.event = {.lead_id = 4711, .verb = STR("page.view"), .key = STR("k")}};
	take(&r);
	ck_assert(r.waited.ok && !r.event.found_lead && !r.event.event_id);
	r.event = download("new@example.com", "k");
	r.event.create = false;
	take(&r);
	ck_assert(r.waited.ok && !r.event.found_lead);
	r = (struct request){.consent = {.lead_id = 4711, .channel = STR("*"), .purpose = STR("*"), .source = STR("api"), .state = CONSENT_WITHDRAWN}};
	take(&r);
	ck_assert(!r.waited.ok && r.waited.error.code == ERROR_NOT_FOUND);
	ck_assert_int_eq(database_count(name, "event"), 0);
	ck_assert_int_eq(database_count(name, "event_key"), 0);
	end();
}
END_TEST

START_TEST(a_second_name_is_added_when_it_is_free_and_else_finds_the_lead_of_a_new_address)
{
	begin_store();
	struct request r = {.event = download("ann@example.com", "")}, other = {.event = download("bob@example.com", "")};
	r.event.external_id = STR("crm-1");
	other.event.external_id = STR("crm-1");
	struct request third = {.event = download("cy@example.com", "")};
	submit(store, &r), submit(store, &other), submit(store, &third);
	store_wait(loop, &third.waited.done, 60 * MOMENT_SECOND);
	ck_assert(store_wait(loop, &r.waited.done, 60 * MOMENT_SECOND) && store_wait(loop, &other.waited.done, 60 * MOMENT_SECOND));
	ck_assert(r.waited.ok && third.waited.ok && other.waited.ok);
	ck_assert(r.event.found_lead == other.event.found_lead && r.event.created && !other.event.created);
	ck_assert_int_eq(database_count(name, "lead"), 2);
	ck_assert_int_eq(database_count(name, "identity"), 4);
	struct request by_id = {.event = {.external_id = STR("crm-1"), .verb = STR("page.view")}};
	take(&by_id);
	ck_assert_int_eq(by_id.event.found_lead, r.event.found_lead);
	struct request two = {.event = download("cy@example.com", "")};
	two.event.external_id = STR("crm-1");
	take(&two);
	ck_assert_int_eq(two.waited.error.code, ERROR_CONFLICT);
	ck_assert_str_eq(two.waited.error.where, "external_id");
	char merge[80];
	snprintf(merge, sizeof merge, "nurture merge %lld %lld", (long long)third.event.found_lead, (long long)r.event.found_lead);
	ck_assert_ptr_nonnull(strstr(two.waited.error.message, merge));
	end();
}
END_TEST

START_TEST(a_withdrawal_cancels_what_is_open_and_tells_the_turn)
{
	begin_store();
	struct request r = {.event = download("ann@example.com", "")};
	take(&r);
	long long lead = r.event.found_lead;
	database_ask(name, "insert into touch (shard, touch_id, lead_id, channel, kind, template, purpose, state, planned_at, due_at, revision, campaign, step)"
			   " select %lld & 63, (n << 6) | (%lld & 63), %lld, case n when 6 then 'calls' else 'email' end, case n when 6 then 'call' else 'email' end, 't', case n when 7 then"
			   " 'service' else 'marketing' end, s, now(), now(), 'r', 'drip', 'one' from (values (1, 'planned'), (2, 'deferred'),"
			   " (3, 'claimed'), (4, 'permitted'), (5, 'sent'), (6, 'planned'), (7, 'planned')) v (n, s)", lead, lead, lead);
	struct request w = {.consent = {.lead_id = lead, .channel = STR("email"), .purpose = STR("marketing"), .source = STR("unsubscribe"),
					.state = CONSENT_WITHDRAWN}};
	take(&w);
	ck_assert_msg(w.waited.ok, "%s", w.waited.error.message);
	ck_assert_int_eq(w.consent.cancelled, 3);
	ck_assert_int_eq(database_count(name, "touch where state = 'cancelled' and over_at is not null"), 3);
	ck_assert_int_eq(database_count(name, "touch where state = 'permitted'"), 1);
	ck_assert_int_eq(database_count(name, "inbox i join event e using (event_id) where e.verb = 'touch.over' and e.data->>'outcome' = 'cancelled'"), 3);
	ck_assert_str_eq(database_ask(name, "select state from consent"), "withdrawn");
	end();
}
END_TEST

START_TEST(a_withdrawal_takes_as_many_ids_as_it_stops_touches_also_at_the_end_of_a_block)
{
	begin_store();
	struct request r = {.event = download("ann@example.com", "")};
	take(&r);
	long long lead = r.event.found_lead;
	database_ask(name, "insert into touch (shard, touch_id, lead_id, channel, kind, template, purpose, state, planned_at, due_at, revision, campaign, step)"
			   " select %lld & 63, (n << 6) | (%lld & 63), %lld, 'email', 'email', 't', 'marketing', 'planned', now(), now(), 'r', 'drip', 'one'"
			   " from generate_series(1, 500) n", lead, lead, lead);
	store->id_next = store->id_end - 40;
	struct request w = {.consent = {.lead_id = lead, .channel = STR("email"), .purpose = STR("marketing"), .source = STR("unsubscribe"),
					.state = CONSENT_WITHDRAWN}};
	take(&w);
	ck_assert_msg(w.waited.ok, "%s", w.waited.error.message);
	ck_assert_int_eq(w.consent.cancelled, 500);
	ck_assert_int_eq(database_count(name, "(select distinct event_id from inbox where verb = 'touch.over') x"), 500);
	end();
}
END_TEST

static void submit_some(struct request *r, int count, int from)
{
	for (int i = 0; i < count; i++) {
		snprintf(r[i].key, sizeof r[i].key, "some-%d", from + i);
		snprintf(r[i].email, sizeof r[i].email, "some%d@example.com", from + i);
		r[i].event = download(r[i].email, r[i].key);
		submit(store, &r[i]);
	}
}

static bool wait_for_all(struct request *r, int count)
{
	for (int i = 0; i < count; i++)
		if (!store_wait(loop, &r[i].waited.done, 60 * MOMENT_SECOND) || !r[i].waited.ok)
			return false;
	return true;
}

/* Several connections that name the same leads in every order. */
START_TEST(groups_of_many_connections_never_wait_in_a_circle)
{
	enum { STORES = 4, ROUNDS = 40, EVENTS = 30 };
	begin_store();
	char conninfo[256];
	struct store *stores[STORES];
	static struct request r[STORES], singles[STORES][EVENTS];
	static struct intake_event events[STORES][EVENTS];
	static char emails[STORES][EVENTS][40], keys[STORES][EVENTS][40];
	for (int i = 0; i < STORES; i++)
		stores[i] = store_new(loop, database_conninfo(name, "nurture_runtime", conninfo), "test");
	for (int round = 0; round < ROUNDS; round++) {
		for (int i = 0; i < STORES; i++) {
			for (int j = 0; j < EVENTS; j++) {
				uint64_t n = hash_random_u64();
				snprintf(emails[i][j], sizeof emails[i][j], "p%d@example.com", (int)(n % 50) + round * 10);
				snprintf(keys[i][j], sizeof keys[i][j], "k%d", (int)(n >> 32) % 50 + round * 10);
				events[i][j] = download(emails[i][j], keys[i][j]);
			}
		}
		for (int i = 0; i < STORES; i++) {
			r[i].waited = (struct waited){0};
			r[i].intake = (struct intake){.events = events[i], .event_count = EVENTS, .now = real_now(), .fn = database_done, .arg = &r[i].waited};
			store_intake(stores[i], &r[i].intake);
			for (int j = 0; j < EVENTS; j++) { /* each by itself, of leads and keys of the next connection */
				singles[i][j].event = download(emails[(i + 1) % STORES][EVENTS - 1 - j], keys[(i + 1) % STORES][j]);
				submit(stores[i], &singles[i][j]);
			}
		}
		for (int i = 0; i < STORES; i++) {
			store_wait(loop, &r[i].waited.done, 60 * MOMENT_SECOND);
			ck_assert_msg(r[i].waited.ok, "%s", r[i].waited.error.message);
			ck_assert(wait_for_all(singles[i], EVENTS));
		}
	}
	ck_assert_str_eq(database_ask(name, "select deadlocks from pg_stat_database where datname = current_database()"), "0");
	ck_assert_int_eq(database_count(name, "lead"), database_count(name, "identity"));
	ck_assert_int_eq(database_count(name, "event where verb = 'asset.download'"), database_count(name, "event_key"));
	ck_assert_int_eq(database_count(name, "event where verb = 'lead.create'"), database_count(name, "lead"));
	for (int i = 0; i < STORES; i++)
		store_free(stores[i]);
	end();
}
END_TEST

START_TEST(a_second_connection_commits_while_the_first_waits)
{
	enum { MANY = 200 };
	static struct request held, many[MANY];
	char conninfo[256];
	begin_with_two();
	for (mono_t until = mono_now() + 60 * MOMENT_SECOND; mono_now() < until && !(store_is_up(store) && store_is_up(beside));)
		loop_once(loop, 1000);
	PGconn *other = PQconnectdb(database_conninfo(name, "nurture_owner", conninfo));
	PQclear(PQexec(other, "begin; insert into identity (kind, value, shard, lead_id, created_at) values ('email', 'held@example.com', 0, 64, now())"));
	held = (struct request){.event = download("held@example.com", "held")};
	submit(store, &held);
	for (int i = 0; i < 50; i++)
		loop_once(loop, 1000); /* it is on its way, and stands at the lock */
	submit_some(many, MANY, 0);
	ck_assert(wait_for_all(many, MANY));
	ck_assert(!held.waited.done);
	PQclear(PQexec(other, "rollback"));
	PQfinish(other);
	ck_assert(wait_for_all(&held, 1));
	ck_assert_int_eq(database_count(name, "event_key"), MANY + 1);

	store_free(beside); /* what flies on it is answered, what waits goes through the first */
	beside = NULL;
	submit_some(many, MANY, MANY);
	ck_assert(wait_for_all(many, MANY));
	ck_assert_int_eq(database_count(name, "event_key"), 2 * MANY + 1);
	end();
}
END_TEST

/* Stops and starts the database while requests run; each answer must be true: ok = there, an error = not there. */
START_TEST(an_answer_is_true_when_the_database_dies_at_any_moment)
{
	enum { AT_ONCE = 40, STOPS = 4 };
	begin_with_two();
	store_set_patience(store, 20 * MOMENT_SECOND);
	store_set_patience(beside, 20 * MOMENT_SECOND);
	static struct request r[AT_ONCE];
	int number = 0, good = 0, bad = 0, unsure = 0;
	pid_t breaker = fork();
	if (breaker == 0) {
		for (int i = 0; i < STOPS; i++) {
			usleep(300 * 1000 + (useconds_t)(hash_random_u64() % 50000));
			database_server("stop -m immediate", false);
			database_server("start", false);
		}
		_exit(0);
	}
	bool over = false;
	while (!over) {
		over = waitpid(breaker, NULL, WNOHANG) > 0;
		for (int i = 0; i < AT_ONCE; i++) {
			snprintf(r[i].key, sizeof r[i].key, "key-%d", number);
			snprintf(r[i].email, sizeof r[i].email, "p%d@example.com", number++);
			r[i].event = download(r[i].email, r[i].key);
			submit(store, &r[i]);
			loop_once(loop, 1000);
		}
		for (int i = 0; i < AT_ONCE; i++)
			store_wait(loop, &r[i].waited.done, 60 * MOMENT_SECOND);
		for (int i = 0; i < AT_ONCE; i++) {
			ck_assert(r[i].waited.done);
			if (!r[i].waited.ok && strstr(r[i].waited.error.message, "not known")) {
				unsure++;
				continue;
			}
			r[i].waited.ok ? good++ : bad++;
		}
	}
	database_ask(name, "select 1");
	printf("taken %d, refused %d, not known %d\n", good, bad, unsure);
	ck_assert_int_gt(good, 0);
	ck_assert_int_eq(unsure, 0);
	ck_assert_int_eq(database_count(name, "event where verb = 'asset.download'"), good);
	ck_assert_int_eq(database_count(name, "event_key"), good);
	end();
}
END_TEST

/* The answer to COMMIT is lost while the commit itself goes on. */
static struct request *cut_at_commit(const char *trigger)
{
	static struct request r;
	struct request first = {.event = download("ann@example.com", "k1")};
	take(&first);
	database_ask(name, "create function slow() returns trigger language plpgsql as $$ begin %s; return null; end $$;"
			   " create constraint trigger slow after insert on event_key deferrable initially deferred for each row execute function slow()",
		     trigger);
	r = (struct request){.event = download("bob@example.com", "k2")};
	submit(store, &r);
	for (struct op *op = NULL; !op || op->state != OP_COMMITTING; op = TAILQ_FIRST(&store->flying))
		loop_once(loop, 10000);
	loop_once(loop, 1000);
	shutdown(PQsocket(store->connection), SHUT_RDWR);
	store_wait(loop, &r.waited.done, 60 * MOMENT_SECOND);
	return &r;
}

START_TEST(a_lost_commit_answer_is_asked_for_until_it_is_known)
{
	begin_store();
	struct request *r = cut_at_commit("perform pg_sleep(0.5)");
	ck_assert_msg(r->waited.ok, "%s", r->waited.error.message);
	ck_assert(r->event.event_id);
	ck_assert_int_eq(database_count(name, "event where verb = 'asset.download'"), 2);
	end();
}
END_TEST

START_TEST(a_lost_commit_that_failed_is_told_as_such)
{
	begin_store();
	struct request *r = cut_at_commit("perform pg_sleep(0.5); raise 'no'");
	ck_assert(r->waited.done && !r->waited.ok);
	ck_assert_int_eq(r->waited.error.code, ERROR_UNAVAILABLE);
	ck_assert_int_eq(database_count(name, "event where verb = 'asset.download'"), 1);
	end();
}
END_TEST

static bool is_there(pid_t backend)
{
	return atoi(database_ask(name, "select count(*) from pg_stat_activity where pid = %d", (int)backend)) > 0;
}

/* The database has not even read the group when its connection is gone: what it reads afterwards writes nothing, for it was said that nothing is there. */
START_TEST(a_group_that_is_read_after_its_connection_is_gone_writes_nothing)
{
	begin_store();
	struct request first = {.event = download("ann@example.com", "k1")}, r = {.event = download("bob@example.com", "")};
	take(&first);
	pid_t backend = (pid_t)atoi(database_ask(name, "select pid from pg_stat_activity where application_name = 'test'"));
	ck_assert_int_eq(kill(backend, SIGSTOP), 0);
	submit(store, &r);
	for (struct op *op = NULL; !op || op->state != OP_COMMITTING; op = TAILQ_FIRST(&store->flying))
		loop_once(loop, 10000);
	loop_once(loop, 1000);
	shutdown(PQsocket(store->connection), SHUT_RDWR);
	store_wait(loop, &r.waited.done, 60 * MOMENT_SECOND);
	kill(backend, SIGCONT);
	ck_assert(r.waited.done && !r.waited.ok);
	ck_assert_msg(strstr(r.waited.error.message, "nothing of it was written") != NULL, "%s", r.waited.error.message);
	for (int i = 0; i < 6000 && is_there(backend); i++)
		usleep(10000);
	ck_assert_int_eq(is_there(backend), 0);
	ck_assert_int_eq(database_count(name, "event where verb = 'asset.download'"), 1);
	ck_assert_int_eq(database_count(name, "lead"), 1);
	end();
}
END_TEST

/* Singles of one key, of one new lead, and of leads that others make in that moment are each counted as they should; `known` is somebody's who is there. */
static void take_six(const char *known)
{
	static struct request r[7];
	static const struct { const char *email, *key; } given[6] = {
		{"new@example.com", "a"}, {"new@example.com", "b"}, {"new@example.com", "a"}, {"other@example.com", "a"}, {"new@example.com", ""}, {"other@example.com", ""}};
	for (int i = 0; i < 6; i++) {
		r[i] = (struct request){.event = download(given[i].email, given[i].key)};
		submit(store, &r[i]);
	}
	r[6] = (struct request){.event = download(known, "a")};
	submit(store, &r[6]);
	ck_assert(wait_for_all(r, 7));
	int duplicates = 0, created = 0;
	for (int i = 0; i < 6; i++) {
		ck_assert(r[i].event.found_lead);
		ck_assert_int_eq(r[i].event.found_lead == r[0].event.found_lead, strcmp(given[i].email, given[0].email) == 0);
		ck_assert_int_eq(r[i].event.event_id == 0, r[i].event.duplicate);
		duplicates += r[i].event.duplicate;
		created += r[i].event.created;
	}
	ck_assert_int_eq(r[6].event.event_id == 0, r[6].event.duplicate);
	ck_assert_int_eq(duplicates + r[6].event.duplicate, 3); /* one of four has key a */
	ck_assert_int_eq(created, 2);
	ck_assert(r[6].event.found_lead && !r[6].event.created);
}

START_TEST(events_of_one_group_that_share_a_key_or_a_new_lead_count_as_one_by_one)
{
	static const char *const before[] = {"ann@example.com", "bob@example.com"};
	for (int makes = 0; makes < 2; makes++) { /* the group before brought somebody new, or not: the first statement differs */
		begin_store();
		struct request ann = {.event = download("ann@example.com", "")}, last = {.event = download(before[makes], "")};
		take(&ann);
		take(&last);
		ck_assert_int_eq(last.event.created, makes);
		take_six("ann@example.com");
		ck_assert_int_eq(database_count(name, "lead"), 3 + makes);
		ck_assert_int_eq(database_count(name, "event where verb = 'lead.create'"), 3 + makes);
		ck_assert_int_eq(database_count(name, "event where verb = 'asset.download'"), 2 + 4);
		ck_assert_int_eq(database_count(name, "inbox"), 2 + 4 + 3 + makes);
		end();
	}
}
END_TEST

/* Each with its address and its key in one request; keys that were seen before: "old". */
static void take_together(struct request *r, struct intake_event *events, size_t count)
{
	r->intake = (struct intake){.events = events, .event_count = count, .now = real_now(), .fn = database_done, .arg = &r->waited};
	r->waited = (struct waited){0};
	store_intake(store, &r->intake);
	store_wait(loop, &r->waited.done, 60 * MOMENT_SECOND);
	ck_assert_msg(r->waited.ok, "%s", r->waited.error.message);
}

START_TEST(nobody_is_made_by_an_event_whose_key_was_seen)
{
	begin_store();
	struct request first = {.event = download("ann@example.com", "old")}, single = {.event = download("bob@example.com", "old")}, many = {0};
	take(&first);
	take(&single);
	ck_assert(single.waited.ok && single.event.duplicate && !single.event.found_lead && !single.event.created);
	struct request second = {.event = download("ann@example.com", "old")}, third = {.event = download("bob@example.com", "old")};
	take(&second); /* so the next one is believed to be known, too */
	ck_assert(second.event.duplicate && second.event.found_lead == first.event.found_lead);
	take(&third);
	ck_assert(third.waited.ok && third.event.duplicate && !third.event.found_lead && !third.event.created);
	struct intake_event events[] = {
		download("new@example.com", "a"), download("cid@example.com", "old"), download("dan@example.com", "a"), /* whose own key is the first one's */
		download("eve@example.com", "old"), download("eve@example.com", ""), download("fay@example.com", "old"), download("fay@example.com", "b")};
	take_together(&many, events, 7);
	static const bool counts[] = {true, false, false, false, true, false, true}, known[] = {true, false, false, true, true, true, true};
	for (int i = 0; i < 7; i++) {
		ck_assert_int_eq(events[i].event_id != 0, counts[i]);
		ck_assert_int_eq(events[i].duplicate, !counts[i]);
		ck_assert_int_eq(events[i].found_lead != 0, known[i]);
	}
	ck_assert_str_eq(database_ask(name, "select string_agg(split_part(email, '@', 1), ' ' order by email) from lead"), "ann eve fay new");
	ck_assert_str_eq(database_ask(name, "select string_agg(split_part(value, '@', 1), ' ' order by value) from identity"), "ann eve fay new");
	ck_assert_int_eq(database_count(name, "event where verb = 'lead.create'"), 4);
	ck_assert_int_eq(database_count(name, "event where verb = 'asset.download'"), 4);
	struct request later = {.event = download("cid@example.com", "c")};
	take(&later); /* the name is free */
	ck_assert(later.event.created && later.event.event_id);
	end();
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(nobody_is_made_by_an_event_whose_key_was_seen),
	UNIT(a_group_that_is_read_after_its_connection_is_gone_writes_nothing),
	UNIT(events_of_one_group_that_share_a_key_or_a_new_lead_count_as_one_by_one),
	UNIT(a_lost_commit_answer_is_asked_for_until_it_is_known),
	UNIT(a_lost_commit_that_failed_is_told_as_such),
	UNIT(an_event_makes_its_lead_and_wakes_its_turn),
	UNIT(an_event_counts_once_by_its_key),
	UNIT(a_bad_request_costs_only_itself),
	UNIT(each_request_has_its_own_patience),
	UNIT(unknown_leads_are_told_and_leave_nothing),
	UNIT(a_second_name_is_added_when_it_is_free_and_else_finds_the_lead_of_a_new_address),
	UNIT(a_withdrawal_cancels_what_is_open_and_tells_the_turn), UNIT(a_withdrawal_takes_as_many_ids_as_it_stops_touches_also_at_the_end_of_a_block),
	UNIT(groups_of_many_connections_never_wait_in_a_circle),
	UNIT(a_second_connection_commits_while_the_first_waits),
	UNIT(an_answer_is_true_when_the_database_dies_at_any_moment),
};
UNIT_MAIN_WITH("store/intake", cases, database_begin(false))
