/* Polls see what can be done and nothing else; scaled time never passes what is due. */
#include "store/poll.h"

#include "store/lease.h"
#include "unit/store_one.h"

#include <unistd.h>

static void begin_as(const char *who, double scale)
{
	snprintf(name, sizeof name, "%s", database_new());
	database_ask(name, "insert into clock (real0, domain0, scale) values (now(), '2027-01-01 00:00Z', %f) on conflict (one) do update"
			   " set domain0 = excluded.domain0, scale = excluded.scale", scale);
	store_as(who);
}

static void begin(double scale)
{
	begin_as("test", scale);
}

static struct poll polled;

static void on_poll(void *arg, const struct poll *poll, const struct error *error)
{
	if (poll)
		polled = *poll;
	database_done(arg, error);
}

static void poll_turns(uint64_t shards, const char *now)
{
	struct waited waited = {0};
	moment_t at = 0;
	ck_assert_int_eq(moment_parse(str_of(now), &at, NULL), 0);
	store_poll_turns(store, shards, at, on_poll, &waited);
	store_wait(loop, &waited.done, 60 * MOMENT_SECOND);
	ck_assert_msg(waited.ok, "%s", waited.error.message);
}

/* What a newer program made of the database is not known to this one. */
START_TEST(a_program_of_before_is_told_that_the_database_is_newer)
{
	struct waited turns = {0}, touches = {0};
	begin(1);
	poll_turns(~UINT64_C(0), "2027-01-01");
	database_ask(name, "insert into schema_migration (number, name, applied_at) values (9999, 'later', now())");
	store_poll_turns(store, ~UINT64_C(0), real_now(), on_poll, &turns);
	store_poll_touches(store, "email", on_poll, &touches);
	store_wait(loop, &touches.done, 60 * MOMENT_SECOND);
	ck_assert(turns.done && turns.error.code == ERROR_CONFLICT && touches.error.code == ERROR_CONFLICT);
	ck_assert_ptr_nonnull(strstr(turns.error.message, "newer than this program: it has migration 9999"));
	end_store();
}
END_TEST

START_TEST(a_poll_names_the_shards_that_have_work_and_the_next_wakes)
{
	moment_t wake = 0;
	begin(1);
	database_ask(name, "insert into inbox (shard, lane, lead_id) values (3, 0, 67), (9, 2, 73), (63, 1, 127)");
	database_ask(name, "insert into lead_wake values (9, 73, '2027-01-02Z'), (9, 137, '2027-01-01Z')");
	poll_turns(~UINT64_C(0), "2027-01-01");
	ck_assert_uint_eq(polled.inbox, UINT64_C(1) << 3 | UINT64_C(1) << 9 | UINT64_C(1) << 63);
	ck_assert_uint_eq(polled.live, UINT64_C(1) << 3);
	ck_assert_int_eq(moment_parse(STR("2027-01-01"), &wake, NULL), 0);
	ck_assert_int_eq(polled.wakes[9], wake);
	ck_assert_int_eq(polled.wakes[3], MOMENT_NEVER);
	ck_assert_int_eq(polled.activation, 0);
	poll_turns(UINT64_C(1) << 3, "2027-01-01"); /* only the shards asked for */
	ck_assert_uint_eq(polled.inbox, UINT64_C(1) << 3);
	ck_assert_int_eq(polled.wakes[9], MOMENT_NEVER);
	end_store();
}
END_TEST

START_TEST(a_lead_whose_turn_failed_is_nothing_to_do_until_it_may_be_tried_again)
{
	begin(1);
	database_ask(name, "insert into inbox (shard, lane, lead_id) values (3, 0, 67)");
	database_ask(name, "insert into turn_failure (shard, lead_id, failures, failed_at, retry_at, place, message)"
			   " values (3, 67, 1, '2027-01-01Z', '2027-01-01 00:01Z', '', '')");
	poll_turns(~UINT64_C(0), "2027-01-01T00:00:59Z");
	ck_assert_uint_eq(polled.inbox, 0);
	poll_turns(~UINT64_C(0), "2027-01-01T00:01:00Z");
	ck_assert_uint_eq(polled.inbox, 1 << 3);
	end_store();
}
END_TEST

START_TEST(a_flood_in_one_shard_does_not_make_the_poll_read_it_for_every_other)
{
	begin_as("engine.reads", 1);
	database_ask(name, "vacuum analyze inbox, lead_wake, account_inbox, turn_failure");
	for (int i = 0; i < 10; i++) /* planned for good while all was empty */
		poll_turns(~UINT64_C(0), "2027-01-01");
	database_ask(name, "alter table inbox set (autovacuum_enabled = off)");
	database_ask(name, "insert into inbox (shard, lane, lead_id) select 3, 0, 67 from generate_series(1, 50000)");
	long before = atol(database_ask(name, "select seq_tup_read from pg_stat_user_tables where relname = 'inbox'"));
	for (int i = 0; i < 10; i++) {
		if (i == 5)
			database_ask(name, "analyze inbox"); /* from here on it is known that there is one shard only */
		poll_turns(~UINT64_C(0), "2027-01-01");
	}
	ck_assert_uint_eq(polled.inbox, 1 << 3);
	store_free(store); /* a session that ends has told its figures */
	store = store_new(loop, "host=/nowhere", "test");
	sleep(1);
	ck_assert_int_lt(atol(database_ask(name, "select seq_tup_read from pg_stat_user_tables where relname = 'inbox'")) - before, 200000);
	end_store();
}
END_TEST

/* ---- the keeper's move ---- */

struct moved {
	struct waited waited;
	bool moved;
	moment_t now;
};

static void on_moved(void *arg, const struct clock *clock, bool moved, const struct error *error)
{
	struct moved *m = arg;
	m->moved = moved;
	if (clock)
		m->now = clock->domain0;
	database_done(&m->waited, error);
}

static void on_lease(void *arg, uint64_t shards, int owners, const struct error *error)
{
	(void)shards, (void)owners;
	database_done(arg, error);
}

static void take_lease(void)
{
	struct waited waited = {0};
	store_lease_tick(store, "clock", "me", 1, on_lease, &waited);
	store_wait(loop, &waited.done, 60 * MOMENT_SECOND);
	ck_assert(waited.ok);
}

/* Where time stands after a move by `step`, as text; "stands" when it did not move. */
static const char *move(const char *owner, int64_t step)
{
	static const char *const channels[] = {"email"};
	static char text[MOMENT_TEXT];
	struct moved m = {0};
	store_clock_advance(store, owner, step, channels, 1, on_moved, &m);
	store_wait(loop, &m.waited.done, 60 * MOMENT_SECOND);
	if (!m.waited.ok)
		return error_code_name(m.waited.error.code);
	return m.moved ? moment_format(m.now, text) : "stands";
}

static void touch(int id, const char *channel, const char *state, const char *due)
{
	database_ask(name, "insert into touch (shard, touch_id, lead_id, channel, kind, template, purpose, state, planned_at, due_at, revision)"
			   " values (%d, %d, 64, '%s', 'email', 'x', 'marketing', '%s', '2027-01-01Z', '%s', '')", id & 63, id, channel, state, due);
}

START_TEST(scaled_time_stops_at_each_moment_at_which_something_is_due)
{
	begin(86400);
	take_lease();
	database_ask(name, "insert into lead_wake values (0, 64, '2027-01-01 06:00Z')");
	touch(64, "email", "planned", "2027-01-01 12:00Z");
	touch(65, "letters", "planned", "2027-01-01 03:00Z"); /* a channel that nobody serves holds nothing up */
	ck_assert_str_eq(move("me", MOMENT_HOUR), "2027-01-01T01:00:00Z");
	ck_assert_str_eq(move("me", MOMENT_DAY), "2027-01-01T06:00:00Z");
	ck_assert_str_eq(move("me", MOMENT_DAY), "stands");
	database_ask(name, "delete from lead_wake");
	ck_assert_str_eq(move("me", MOMENT_DAY), "2027-01-01T12:00:00Z");
	ck_assert_str_eq(move("me", MOMENT_DAY), "stands");
	database_ask(name, "update touch set state = 'permitted' where touch_id = 64; insert into attempt (shard, touch_id, attempt, at, token) values (0, 64, 1, now(), 'x')");
	ck_assert_str_eq(move("me", MOMENT_DAY), "stands");
	database_ask(name, "update touch set state = 'sent' where touch_id = 64");
	ck_assert_str_eq(move("me", MOMENT_DAY), "2027-01-02T12:00:00Z");
	end_store();
}
END_TEST

START_TEST(scaled_time_waits_for_the_inbox_but_not_for_leads_that_cannot_be_turned)
{
	begin(86400);
	take_lease();
	database_ask(name, "insert into inbox (shard, lane, lead_id) values (5, 2, 69)");
	ck_assert_str_eq(move("me", MOMENT_HOUR), "stands");
	database_ask(name, "insert into turn_failure (shard, lead_id, failures, failed_at, retry_at, place, message)"
			   " values (5, 69, 1, '2027-01-01Z', '2027-01-01 00:30Z', '', '')");
	ck_assert_str_eq(move("me", MOMENT_HOUR), "2027-01-01T00:30:00Z"); /* then it is tried again */
	ck_assert_str_eq(move("me", MOMENT_HOUR), "stands");
	database_ask(name, "update turn_failure set retry_at = 'infinity'");
	ck_assert_str_eq(move("me", MOMENT_HOUR), "2027-01-01T01:30:00Z");
	end_store();
}
END_TEST

START_TEST(only_the_keeper_moves_time_and_only_scaled_time)
{
	begin(86400);
	take_lease();
	ck_assert_str_eq(move("somebody", MOMENT_HOUR), "denied");
	database_ask(name, "update clock set scale = 1");
	ck_assert_str_eq(move("me", MOMENT_HOUR), "stands");
	end_store();
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(a_program_of_before_is_told_that_the_database_is_newer),
	UNIT(a_poll_names_the_shards_that_have_work_and_the_next_wakes),
	UNIT(a_lead_whose_turn_failed_is_nothing_to_do_until_it_may_be_tried_again),
	UNIT(a_flood_in_one_shard_does_not_make_the_poll_read_it_for_every_other),
	UNIT(scaled_time_stops_at_each_moment_at_which_something_is_due),
	UNIT(scaled_time_waits_for_the_inbox_but_not_for_leads_that_cannot_be_turned),
	UNIT(only_the_keeper_moves_time_and_only_scaled_time),
};
UNIT_MAIN_WITH("store/poll", cases, database_begin(false))
