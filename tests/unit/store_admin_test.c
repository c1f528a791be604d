/* Tokens, jobs and parked leads against a real database. */
#include "store/admin.h"

#include "unit/store_one.h"

struct got {
	struct waited waited;
	int64_t id;
	bool cancel;
	json_t *rows;
};

static void new_database(void)
{
	snprintf(name, sizeof name, "%s", database_new());
}

static void on_id(void *arg, int64_t id, const struct error *error)
{
	((struct got *)arg)->id = id;
	database_done(&((struct got *)arg)->waited, error);
}

static void on_job(void *arg, bool cancel, const struct error *error)
{
	((struct got *)arg)->cancel = cancel;
	database_done(&((struct got *)arg)->waited, error);
}

static void on_rows(void *arg, json_t *rows, const struct error *error)
{
	((struct got *)arg)->rows = error ? NULL : json_incref(rows);
	database_done(&((struct got *)arg)->waited, error);
}

static enum error_code await(struct got *got)
{
	ck_assert(store_wait(loop, &got->waited.done, 60 * MOMENT_SECOND));
	return got->waited.ok ? ERROR_NONE : got->waited.error.code;
}

static int64_t create(const char *owner)
{
	struct got got = {0};
	json_t *arguments = json_pack("{s:s}", "key", "k");
	store_job_create(store, "import", arguments, owner, real_now(), on_id, &got);
	ck_assert_int_eq(await(&got), ERROR_NONE);
	json_decref(arguments);
	return got.id;
}

static size_t take(int64_t id, const char *owner)
{
	struct got got = {0};
	store_job_take(store, id, "import", owner, on_rows, &got);
	ck_assert_int_eq(await(&got), ERROR_NONE);
	size_t n = json_array_size(got.rows);
	json_decref(got.rows);
	return n;
}

static enum error_code progress(int64_t id, const char *owner, int64_t n, bool *cancel)
{
	struct got got = {0};
	store_job_progress(store, id, owner, n, -1, NULL, on_job, &got);
	enum error_code code = await(&got);
	*cancel = got.cancel;
	return code;
}

static int64_t asked_by(const char *who, int days)
{
	struct got got = {0};
	json_t *arguments = json_pack("{s:s, s:i}", "by", who, "days", days);
	store_job_ask(store, "forecast", arguments, real_now(), on_id, &got);
	ck_assert_int_eq(await(&got), ERROR_NONE);
	json_decref(arguments);
	return got.id;
}

/* A page that asks again and again, or a token that got lost, keeps nobody out. */
START_TEST(the_same_again_is_the_same_job_and_three_of_one_wait_at_most)
{
	begin_store();
	int64_t first = asked_by("a", 1);
	ck_assert_int_gt(first, 0);
	ck_assert_int_eq(asked_by("a", 1), first);
	ck_assert_int_gt(asked_by("a", 2), first);
	ck_assert_int_gt(asked_by("a", 3), first);
	ck_assert_int_eq(asked_by("a", 4), -first);
	ck_assert_int_eq(asked_by("a", 1), first);
	ck_assert_int_gt(asked_by("b", 1), first);
	database_ask(name, "update job set state = 'running' where job_id = %lld", (long long)first);
	ck_assert_int_eq(asked_by("a", 1), first);
	ck_assert_int_gt(asked_by("a", 4), first);
	database_ask(name, "update job set state = 'done' where job_id = %lld", (long long)first);
	ck_assert_int_lt(asked_by("a", 1), 0);
	ck_assert_int_eq(database_count(name, "job"), 5);
	end_store();
}
END_TEST

START_TEST(a_token_is_revoked_once)
{
	unsigned char hash[HASH_SHA256];
	struct got made = {0}, first = {0}, second = {0};
	begin_store();
	hash_sha256(STR("secret"), hash);
	store_token_create(store, hash, "x", "read", 0, on_id, &made);
	ck_assert_int_eq(await(&made), ERROR_NONE);
	ck_assert_int_gt(made.id, 0);
	store_token_revoke(store, made.id, database_done, &first.waited);
	ck_assert_int_eq(await(&first), ERROR_NONE);
	store_token_revoke(store, made.id, database_done, &second.waited);
	ck_assert_int_eq(await(&second), ERROR_NOT_FOUND);
	end_store();
}
END_TEST

START_TEST(a_job_belongs_to_its_owner_while_that_one_is_connected)
{
	bool cancel;
	new_database();
	store_as("nurture job ann");
	int64_t id = create("ann");
	ck_assert_int_eq(progress(id, "ann", 500, &cancel), ERROR_NONE);
	ck_assert_uint_eq(take(id, "bob"), 0);                       /* ann's connection is there */
	ck_assert_int_eq(progress(id, "bob", 1, &cancel), ERROR_DENIED);
	end_store();
	store_as("nurture job bob");
	for (int i = 0; i < 100 && take(id, "bob") == 0; i++)         /* the database notices within moments that ann is gone */
		loop_once(loop, 20000);
	ck_assert_int_eq(progress(id, "bob", 600, &cancel), ERROR_NONE);
	ck_assert_int_eq(progress(id, "ann", 501, &cancel), ERROR_DENIED); /* a late word of the old owner changes nothing */
	end_store();
}
END_TEST

START_TEST(a_running_job_is_asked_to_stop_and_a_waiting_one_is_over)
{
	bool cancel = false;
	struct got a = {0}, b = {0}, c = {0}, d = {0};
	new_database();
	store_as("nurture job ann");
	int64_t running = create("ann"), waiting = create(NULL);
	store_job_cancel(store, running, "token 3 crm", database_done, &a.waited);
	ck_assert_int_eq(await(&a), ERROR_NONE);
	ck_assert_int_eq(progress(running, "ann", 1, &cancel), ERROR_NONE);
	ck_assert(cancel);
	store_job_cancel(store, waiting, NULL, database_done, &b.waited);
	ck_assert_int_eq(await(&b), ERROR_NONE);
	ck_assert_uint_eq(take(waiting, "ann"), 0);
	store_job_cancel(store, waiting, NULL, database_done, &c.waited);
	ck_assert_int_eq(await(&c), ERROR_CONFLICT);
	store_job_cancel(store, 999999, NULL, database_done, &d.waited);
	ck_assert_int_eq(await(&d), ERROR_NOT_FOUND);
	struct got again = {0}; /* asked again: nothing more is said */
	store_job_cancel(store, running, "token 3 crm", database_done, &again.waited);
	ck_assert_int_eq(await(&again), ERROR_NONE);
	ck_assert_str_eq(database_ask(name, "select string_agg(actor || ' ' || act || ' ' || (object = '%lld')::text, ',' order by id) from audit", (long long)running),
			 "token 3 crm job.cancel true,nurture job ann job.cancel false");
	end_store();
}
END_TEST

START_TEST(partitions_and_old_keys_are_kept_up_by_the_runtime_role)
{
	struct got a = {0}, b = {0};
	begin_store();
	store_partitions(store, real_now() + 400 * MOMENT_DAY, database_done, &a.waited);
	ck_assert_int_eq(await(&a), ERROR_NONE);
	store_keys_purge(store, real_now(), 100, on_id, &b);
	ck_assert_int_eq(await(&b), ERROR_NONE);
	ck_assert_int_eq(b.id, 0);
	end_store();
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(the_same_again_is_the_same_job_and_three_of_one_wait_at_most),
	UNIT(a_token_is_revoked_once),
	UNIT(a_job_belongs_to_its_owner_while_that_one_is_connected),
	UNIT(a_running_job_is_asked_to_stop_and_a_waiting_one_is_over),
	UNIT(partitions_and_old_keys_are_kept_up_by_the_runtime_role),
};
UNIT_MAIN_WITH("store/admin", cases, database_begin(false))
