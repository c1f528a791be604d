/* The connection: operations, their order, patience, and a database that goes away. */
#include "store/people.h"
#include "unit/store_one.h"

struct clock_answer {
	struct waited waited;
	struct clock clock;
};

static void on_clock(void *arg, const struct clock *clock, const struct error *error)
{
	struct clock_answer *answer = arg;
	database_done(&answer->waited, error);
	if (clock)
		answer->clock = *clock;
}

static struct clock_answer read_clock(void)
{
	struct clock_answer answer = {0};
	store_clock_read(store, on_clock, &answer);
	ck_assert(!answer.waited.done); /* never from inside the call */
	store_wait(loop, &answer.waited.done, 60 * MOMENT_SECOND);
	return answer;
}

START_TEST(the_clock_runs_with_real_time_until_somebody_says_otherwise)
{
	begin_store();
	struct clock_answer answer = read_clock();
	ck_assert_msg(answer.waited.ok, "%s", answer.waited.error.message);
	ck_assert(answer.clock.scale == 1.0);
	ck_assert(llabs(clock_domain(&answer.clock, real_now()) - real_now()) < MOMENT_SECOND);
	struct clock_answer set = {0};
	store_clock_set(store, 86400, on_clock, &set);
	store_wait(loop, &set.waited.done, 60 * MOMENT_SECOND);
	ck_assert(set.waited.ok && set.clock.scale == 86400);
	end_store();
}
END_TEST

START_TEST(data_from_the_future_refuses_an_unscaled_start)
{
	begin_store();
	read_clock();
	database_ask(name, "update clock set scale = 86400, domain0 = now() + interval '40 days'");
	struct clock_answer set = {0};
	store_clock_set(store, 1, on_clock, &set);
	store_wait(loop, &set.waited.done, 60 * MOMENT_SECOND);
	ck_assert(!set.waited.ok);
	ck_assert_int_eq(set.waited.error.code, ERROR_CONFLICT);
	ck_assert_str_eq(database_ask(name, "select scale from clock"), "86400");
	set = (struct clock_answer){0};
	store_clock_set(store, 3600, on_clock, &set);
	store_wait(loop, &set.waited.done, 60 * MOMENT_SECOND);
	ck_assert(set.waited.ok);
	end_store();
}
END_TEST

/* As behind a black hole: no error ever comes. */
START_TEST(a_database_that_falls_silent_is_given_up_and_asked_again)
{
	begin_store();
	store_set_silence(store, 5 * MOMENT_SECOND);
	ck_assert(read_clock().waited.ok);
	pid_t backend = atoi(database_ask(name, "select pid from pg_stat_activity where application_name = 'test'"));
	ck_assert_int_gt(backend, 0);
	kill(backend, SIGSTOP);
	struct clock_answer silent = read_clock();
	ck_assert(!silent.waited.ok);
	ck_assert_int_eq(silent.waited.error.code, ERROR_UNAVAILABLE);
	ck_assert(read_clock().waited.ok);
	kill(backend, SIGCONT);
	end_store();
}
END_TEST

START_TEST(an_operation_waits_for_the_database_no_longer_than_its_patience)
{
	loop = loop_new();
	store = store_new(loop, "host=/nonexistent/socket dbname=none", "test");
	store_set_patience(store, 300 * 1000);
	mono_t start = mono_now();
	struct clock_answer answer = read_clock();
	ck_assert(!answer.waited.ok);
	ck_assert_int_eq(answer.waited.error.code, ERROR_UNAVAILABLE);
	ck_assert(mono_now() - start >= 290 * 1000 && mono_now() - start < 9 * MOMENT_SECOND); /* the usual patience is ten */
	ck_assert(!store_is_up(store));
	end_store();
}
END_TEST

START_TEST(a_terminated_session_fails_what_is_in_flight_and_comes_back)
{
	begin_store();
	ck_assert(read_clock().waited.ok);
	database_ask(name, "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'test'");
	struct clock_answer first = read_clock(); /* either it notices in time or it does not */
	ck_assert(first.waited.done && (first.waited.ok || first.waited.error.code == ERROR_UNAVAILABLE));
	ck_assert(read_clock().waited.ok);
	end_store();
}
END_TEST

START_TEST(operations_survive_a_restart_of_the_database_that_is_shorter_than_patience)
{
	begin_store();
	ck_assert(read_clock().waited.ok);
	database_server("stop -m immediate", false);
	for (int i = 0; i < 20 && store_is_up(store); i++)
		loop_once(loop, 100 * 1000);
	ck_assert(!store_is_up(store));
	struct clock_answer answer = {0};
	store_clock_read(store, on_clock, &answer);
	loop_once(loop, 100 * 1000);
	database_server("start", false);
	store_wait(loop, &answer.waited.done, 60 * MOMENT_SECOND);
	ck_assert_msg(answer.waited.ok, "%s", answer.waited.error.message);
	end_store();
}
END_TEST

static long long number_of(const char *sql)
{
	return atoll(database_ask(name, "%s", sql));
}

static bool commit_hangs(void)
{
	return number_of("select count(*) from pg_stat_activity where application_name = 'test' and wait_event = 'PgSleep'") == 1;
}

/* A COMMIT hangs; the database dies before anything of the transaction is on its disk, and gives its number again, to others that commit.
 * false when the number was kept: something else had the log written meanwhile. */
static bool lose_a_commit(struct clock_answer *set)
{
	database_ask(name, "alter table clock enable trigger slow");
	store_clock_set(store, 86400, on_clock, set);
	for (int i = 0; i < 600 && !commit_hangs(); i++)
		loop_once(loop, 100 * 1000);
	ck_assert(commit_hangs());
	long long lost = number_of("select backend_xid from pg_stat_activity where application_name = 'test'");
	database_server("stop -m immediate", false);
	database_server("start", false);
	database_ask(name, "alter table clock disable trigger slow");
	long long again = number_of("select pg_current_xact_id()::text");
	bool given_again = again <= lost + 1; /* one went to the line before */
	while (again <= lost)
		again = number_of("select pg_current_xact_id()::text");
	return given_again;
}

START_TEST(a_commit_is_not_believed_because_its_number_committed)
{
	begin_store();
	database_ask(name, "alter system set wal_writer_delay = '10s'");
	database_ask(name, "create function slow() returns trigger language plpgsql as 'begin perform pg_sleep(100); return null; end';"
			   " create constraint trigger slow after update on clock deferrable initially deferred for each row execute function slow();"
			   " alter table clock disable trigger slow; select pg_reload_conf()");
	bool given_again = false;
	for (int i = 0; i < 5 && !given_again; i++) {
		struct clock_answer set = {0};
		ck_assert(read_clock().waited.ok);
		given_again = lose_a_commit(&set);
		store_wait(loop, &set.waited.done, 60 * MOMENT_SECOND);
		ck_assert(set.waited.done && !set.waited.ok);
		ck_assert_msg(strstr(set.waited.error.message, "nothing of it was written") != NULL, "%s", set.waited.error.message);
		ck_assert_str_eq(database_ask(name, "select scale from clock"), "1");
	}
	ck_assert(given_again);
	database_ask(name, "alter system reset wal_writer_delay");
	database_ask(name, "select pg_reload_conf()");
	end_store();
}
END_TEST

static int calls_left;
static void count_call(void *arg, const struct clock *clock, const struct error *error)
{
	(void)arg, (void)clock;
	ck_assert(error && error->code == ERROR_UNAVAILABLE);
	calls_left--;
}

START_TEST(freeing_the_store_answers_everything_that_waits)
{
	begin_store();
	ck_assert(read_clock().waited.ok);
	calls_left = 100;
	for (int i = 0; i < 100; i++)
		store_clock_read(store, count_call, NULL);
	end_store();
	ck_assert_int_eq(calls_left, 0);
}
END_TEST

static void free_inside(void *arg, const struct clock *clock, const struct error *error)
{
	bool *done = arg;
	(void)clock;
	if (!error)
		store_free(store);
	*done = true;
}

START_TEST(the_store_may_be_freed_from_inside_a_callback)
{
	begin_store();
	bool done = false, other = false;
	store_clock_read(store, free_inside, &done);
	store_clock_read(store, free_inside, &other);
	store_wait(loop, &done, 60 * MOMENT_SECOND);
	ck_assert(done && other);
	loop_free(loop);
}
END_TEST

START_TEST(the_runtime_role_cannot_change_tables_nor_the_ledgers)
{
	begin_store();
	char conninfo[256];
	PGconn *connection = PQconnectdb(database_conninfo(name, "nurture_runtime", conninfo));
	static const char *const refused[] = {"create table x (a int)", "drop table lead", "update consent set state = 'granted'", "delete from consent",
					      "delete from audit", "truncate consent", "update audit set act = ''", "update schema_migration set number = 0"};
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
		PGresult *result = PQexec(connection, refused[i]);
		ck_assert_str_eq(PQresultErrorField(result, PG_DIAG_SQLSTATE), "42501");
		PQclear(result);
	}
	PGresult *made = PQexec(connection, "select event_partitions(now() + interval '1 month')");
	ck_assert_int_eq(PQresultStatus(made), PGRES_TUPLES_OK);
	ck_assert_str_eq(PQgetvalue(made, 0, 0), "1");
	PQclear(made);
	PQfinish(connection);
	end_store();
}
END_TEST

static void on_id(void *arg, int64_t id, const struct error *error)
{
	(void)id;
	database_done(arg, error);
}

START_TEST(a_connection_with_the_owner_s_rights_gives_them_up)
{
	begin_store();
	char conninfo[256];
	struct waited before = {0}, after = {0};
	store_free(store);
	store = store_new(loop, database_conninfo(name, "nurture_owner", conninfo), "test");
	store_person_add(store, &(struct store_person){.name = "Ann", .role = "agent"}, on_id, &before);
	store_wait(loop, &before.done, 60 * MOMENT_SECOND);
	ck_assert_msg(before.ok, "%s", before.error.message);
	database_ask(name, "revoke insert on person from nurture_runtime");
	store_person_add(store, &(struct store_person){.name = "Bob", .role = "agent"}, on_id, &after);
	store_wait(loop, &after.done, 60 * MOMENT_SECOND);
	ck_assert(!after.ok && after.error.code == ERROR_DENIED);
	end_store();
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(a_connection_with_the_owner_s_rights_gives_them_up),
	UNIT(the_clock_runs_with_real_time_until_somebody_says_otherwise),
	UNIT(data_from_the_future_refuses_an_unscaled_start),
	UNIT(a_database_that_falls_silent_is_given_up_and_asked_again),
	UNIT(an_operation_waits_for_the_database_no_longer_than_its_patience),
	UNIT(a_terminated_session_fails_what_is_in_flight_and_comes_back),
	UNIT(operations_survive_a_restart_of_the_database_that_is_shorter_than_patience),
	UNIT(a_commit_is_not_believed_because_its_number_committed),
	UNIT(freeing_the_store_answers_everything_that_waits),
	UNIT(the_store_may_be_freed_from_inside_a_callback),
	UNIT(the_runtime_role_cannot_change_tables_nor_the_ledgers),
};
UNIT_MAIN_WITH("store/connection", cases, database_begin(false))
