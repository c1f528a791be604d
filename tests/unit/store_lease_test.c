/* Leases: shares, take-over, and what a turn's transaction is safe from. */
#include "store/lease.h"
#include "store/poll.h"

#include "unit/store_one.h"

struct held {
	struct waited waited;
	uint64_t shards;
	int owners;
};

static void on_lease(void *arg, uint64_t shards, int owners, const struct error *error)
{
	struct held *held = arg;
	held->shards = shards;
	held->owners = owners;
	database_done(&held->waited, error);
}

static uint64_t tick(const char *role, const char *owner, int want)
{
	struct held held = {0};
	store_lease_tick(store, role, owner, want, on_lease, &held);
	store_wait(loop, &held.waited.done, 60 * MOMENT_SECOND);
	ck_assert_msg(held.waited.ok, "%s", held.waited.error.message);
	return held.shards;
}

static void release(const char *role, const char *owner, uint64_t shards)
{
	struct waited waited = {0};
	store_lease_release(store, role, owner, shards, database_done, &waited);
	store_wait(loop, &waited.done, 60 * MOMENT_SECOND);
	ck_assert(waited.ok);
}

START_TEST(shards_are_shared_evenly_and_never_twice)
{
	ck_assert_uint_eq(tick("engine", "a", 64), UINT64_MAX);
	ck_assert_uint_eq(tick("engine", "b", 64), 0); /* nothing is free yet */
	uint64_t a = tick("engine", "a", 64);
	ck_assert_int_eq(__builtin_popcountll(a), 32);
	uint64_t b = tick("engine", "b", 64);
	ck_assert_uint_eq(a ^ b, UINT64_MAX);
	ck_assert_uint_eq(a & b, 0);
	for (int i = 0; i < 3; i++) {
		uint64_t c = tick("engine", "c", 64);
		a = tick("engine", "a", 64), b = tick("engine", "b", 64);
		ck_assert_uint_eq(a & b, 0);
		(void)c;
	}
	uint64_t c = tick("engine", "c", 64);
	ck_assert_uint_eq(a | b | c, UINT64_MAX);
	ck_assert_int_ge(__builtin_popcountll(c), 20);
}
END_TEST

START_TEST(a_channel_has_one_owner_until_it_is_given_back)
{
	ck_assert_uint_eq(tick("channel:email", "a", 1), 1);
	ck_assert_uint_eq(tick("channel:email", "b", 1), 0);
	ck_assert_uint_eq(tick("channel:calls", "b", 1), 1);
	release("channel:email", "a", ~UINT64_C(0));
	ck_assert_uint_eq(tick("channel:email", "b", 1), 1);
	ck_assert_uint_eq(tick("channel:email", "a", 1), 0);
}
END_TEST

START_TEST(an_expired_lease_is_taken_over_but_not_while_a_transaction_stands_on_it)
{
	char conninfo[256];
	ck_assert_uint_eq(tick("engine", "dead", 64), UINT64_MAX);
	PGconn *turn = PQconnectdb(database_conninfo(name, "nurture_runtime", conninfo));
	PQclear(PQexec(turn, "begin"));
	PGresult *fence = PQexec(turn, "select from shard_lease where role = 'engine' and shard = 7 and owner = 'dead' for key share");
	ck_assert_int_eq(PQntuples(fence), 1);
	PQclear(fence);
	ck_assert_uint_eq(tick("engine", "dead", 64), UINT64_MAX); /* a renewal passes by */
	database_ask(name, "update shard_lease set until = clock_timestamp() - interval '1 s'; update lease_owner set until = clock_timestamp() - interval '1 s'");
	ck_assert_uint_eq(tick("engine", "heir", 64), UINT64_MAX & ~(UINT64_C(1) << 7));
	PQclear(PQexec(turn, "commit"));
	PQfinish(turn);
	ck_assert_uint_eq(tick("engine", "heir", 64), UINT64_MAX);
	ck_assert_uint_eq(tick("engine", "dead", 64), 0);
}
END_TEST

START_TEST(what_is_given_back_is_free_at_once)
{
	tick("engine", "a", 64);
	release("engine", "a", UINT64_C(0xff00000000000001));
	ck_assert_int_eq(database_count(name, "shard_lease where owner = ''"), 9);
	release("engine", "a", ~UINT64_C(0));
	ck_assert_uint_eq(tick("engine", "b", 64), UINT64_MAX);
}
END_TEST

struct polled {
	struct waited waited;
	bool free;
};

static void on_poll(void *arg, const struct poll *poll, const struct error *error)
{
	struct polled *polled = arg;
	polled->free = poll && poll->free;
	database_done(&polled->waited, error);
}

static bool some_are_free(void)
{
	struct polled polled = {0};
	store_poll_turns(store, 0, 0, on_poll, &polled);
	store_wait(loop, &polled.waited.done, 10 * MOMENT_SECOND);
	ck_assert_msg(polled.waited.ok, "%s", polled.waited.error.message);
	return polled.free;
}

START_TEST(who_retires_keeps_what_is_in_hand_and_leaves_the_rest_and_his_share_to_others_at_once)
{
	struct waited waited = {0};
	ck_assert_uint_eq(tick("engine", "old", 64), UINT64_MAX);
	ck_assert_uint_eq(tick("engine", "new", 64), 0);
	ck_assert(!some_are_free());
	store_lease_retire(store, "engine", "old", 1 << 5, database_done, &waited);
	store_wait(loop, &waited.done, 10 * MOMENT_SECOND);
	ck_assert(waited.ok);
	ck_assert(some_are_free());
	ck_assert_uint_eq(tick("engine", "new", 64), UINT64_MAX & ~(UINT64_C(1) << 5));
	ck_assert(!some_are_free());
	release("engine", "old", ~UINT64_C(0));
	ck_assert(some_are_free());
	ck_assert_uint_eq(tick("engine", "new", 64), UINT64_MAX);
}
END_TEST

START_TEST(what_a_dead_worker_held_is_free_at_once_but_not_before_its_last_transaction_is_over)
{
	char conninfo[256];
	struct waited waited = {0};
	ck_assert_uint_eq(tick("engine", "dead", 64), UINT64_MAX);
	ck_assert_uint_eq(tick("channel:email", "dead", 1), 1);
	ck_assert_uint_eq(tick("channel:calls", "alive", 1), 1);
	PGconn *turn = PQconnectdb(database_conninfo(name, "nurture_runtime", conninfo));
	PQclear(PQexec(turn, "begin; select from shard_lease where role = 'engine' and shard = 7 and owner = 'dead' for key share"));
	store_lease_orphan(store, "dead", database_done, &waited);
	ck_assert(!store_wait(loop, &waited.done, 300 * 1000));
	PQclear(PQexec(turn, "commit"));
	PQfinish(turn);
	store_wait(loop, &waited.done, 60 * MOMENT_SECOND);
	ck_assert_msg(waited.ok, "%s", waited.error.message);
	ck_assert_int_eq(database_count(name, "shard_lease where owner = 'alive'"), 1);
	ck_assert_int_eq(database_count(name, "lease_owner where owner = 'dead'"), 0);
	ck_assert_uint_eq(tick("engine", "heir", 64), UINT64_MAX);
	ck_assert_uint_eq(tick("channel:email", "heir", 1), 1);
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(shards_are_shared_evenly_and_never_twice),
	UNIT(a_channel_has_one_owner_until_it_is_given_back),
	UNIT(an_expired_lease_is_taken_over_but_not_while_a_transaction_stands_on_it),
	UNIT(what_is_given_back_is_free_at_once),
	UNIT(who_retires_keeps_what_is_in_hand_and_leaves_the_rest_and_his_share_to_others_at_once),
	UNIT(what_a_dead_worker_held_is_free_at_once_but_not_before_its_last_transaction_is_over),
};
UNIT_MAIN_EACH("store/lease", cases, database_begin(false), begin_store, end_store)
