/* People and sessions against a real database: what ends a session ends all that could still be used. */
#include "store/people.h"

#include "unit/store_one.h"

struct got {
	struct waited waited;
	int64_t id;
	json_t *rows;
};

static void on_id(void *arg, int64_t id, const struct error *error)
{
	((struct got *)arg)->id = id;
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

static int64_t add(const char *who)
{
	struct got got = {0};
	store_person_add(store, &(struct store_person){.name = who, .role = "agent", .password = "$argon2id$x"}, on_id, &got);
	ck_assert_int_eq(await(&got), ERROR_NONE);
	return got.id;
}

static enum error_code begin_session(int64_t person, int64_t epoch, unsigned char mark, const unsigned char *old)
{
	struct got got = {0};
	unsigned char hash[HASH_SHA256] = {mark};
	const struct store_session session = {.hash = hash, .old = old, .person_id = person, .epoch = epoch, .life_s = 3600, .address = "192.0.2.1", .agent = "a", .by = "person"};
	store_session_begin(store, &session, on_id, &got);
	return await(&got);
}

/* Whose the session is; 0 = nobody's. */
static int64_t find(unsigned char mark)
{
	struct got got = {0};
	unsigned char hash[HASH_SHA256] = {mark};
	char hex[HASH_HEX];
	const char *params[] = {hash_hex(hash, sizeof hash, hex), "3600"};
	store_query(store, "session_find", params, 2, on_rows, &got);
	ck_assert_int_eq(await(&got), ERROR_NONE);
	int64_t id = json_integer_value(json_object_get(json_array_get(got.rows, 0), "person_id"));
	json_decref(got.rows);
	return id;
}

START_TEST(two_people_do_not_share_a_name)
{
	struct got got = {0};
	add("ann");
	store_person_add(store, &(struct store_person){.name = "ann", .email = "ann@example.com", .role = "owner"}, on_id, &got);
	ck_assert_int_eq(await(&got), ERROR_CONFLICT);
}
END_TEST

static void set_password(struct got *got)
{
	store_person_password(store, "ann", "$argon2id$y", NULL, database_done, &got->waited);
}

static void set_role(struct got *got)
{
	store_person_role(store, "ann", "admin", database_done, &got->waited);
}

static void disable(struct got *got)
{
	store_person_disable(store, "ann", true, database_done, &got->waited);
}

static void drop(struct got *got)
{
	store_person_remove(store, "ann", database_done, &got->waited);
}

START_TEST(every_change_ends_every_session_and_what_was_looked_at_before_makes_none)
{
	static void (*const changes[])(struct got *) = {set_password, set_role, disable, drop};
	for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
		struct got got = {0};
		if (i)
			database_ask(name, "delete from person");
		int64_t ann = add("ann"), bob = add("bob");
		ck_assert_int_eq(begin_session(ann, 1, 1, NULL), ERROR_NONE);
		ck_assert_int_eq(begin_session(ann, 1, 2, NULL), ERROR_NONE);
		ck_assert_int_eq(begin_session(bob, 1, 3, NULL), ERROR_NONE);
		ck_assert(find(1) == ann && find(2) == ann && find(3) == bob);
		changes[i](&got);
		ck_assert_int_eq(await(&got), ERROR_NONE);
		ck_assert(!find(1) && !find(2));
		ck_assert_int_eq(find(3), bob);
		ck_assert_int_eq(begin_session(ann, 1, 4, NULL), ERROR_CONFLICT); /* the password was right before the change */
		ck_assert(!find(4));
	}
}
END_TEST

START_TEST(a_session_of_an_older_epoch_is_none_even_where_its_row_stayed)
{
	int64_t ann = add("ann");
	ck_assert_int_eq(begin_session(ann, 1, 1, NULL), ERROR_NONE);
	database_ask(name, "update person set epoch = 2");
	ck_assert(!find(1));
	ck_assert_int_eq(begin_session(ann, 2, 2, NULL), ERROR_NONE);
	database_ask(name, "update person set disabled_at = clock_timestamp()");
	ck_assert(!find(2));
	ck_assert_int_eq(begin_session(ann, 2, 3, NULL), ERROR_CONFLICT);
}
END_TEST

START_TEST(the_browsers_old_session_goes_and_of_too_many_the_oldest)
{
	const unsigned char old[HASH_SHA256] = {1};
	int64_t ann = add("ann");
	ck_assert_int_eq(begin_session(ann, 1, 1, NULL), ERROR_NONE);
	ck_assert_int_eq(begin_session(ann, 1, 2, old), ERROR_NONE);
	ck_assert(!find(1) && find(2));
	for (int i = 3; i < 3 + STORE_SESSIONS_MOST; i++)
		ck_assert_int_eq(begin_session(ann, 1, (unsigned char)i, NULL), ERROR_NONE);
	ck_assert(!find(2) && find(3) && find(2 + STORE_SESSIONS_MOST));
	database_ask(name, "update session set until = clock_timestamp() - interval '1 s' where hash <> decode(rpad('16', 64, '0'), 'hex')");
	ck_assert_int_eq(begin_session(ann, 1, 99, NULL), ERROR_NONE);
	ck_assert_str_eq(database_ask(name, "select count(*) from session"), "2"); /* what was over went on the way */
}
END_TEST

START_TEST(sessions_are_ended_one_by_one_or_all_and_only_their_persons)
{
	struct got one = {0}, all = {0}, nobody = {0};
	int64_t ann = add("ann"), bob = add("bob");
	ck_assert_int_eq(begin_session(ann, 1, 1, NULL), ERROR_NONE);
	ck_assert_int_eq(begin_session(bob, 1, 2, NULL), ERROR_NONE);
	store_sessions_end(store, "ann", strtoll(database_ask(name, "select session_id from session where person_id = %lld", (long long)bob), NULL, 10), on_id, &one);
	ck_assert_int_eq(await(&one), ERROR_NONE);
	ck_assert(one.id == 0 && find(2) == bob);
	store_sessions_end(store, "ann", 0, on_id, &all);
	ck_assert_int_eq(await(&all), ERROR_NONE);
	ck_assert(all.id == 1 && !find(1) && find(2) == bob);
	store_sessions_end(store, "carl", 0, on_id, &nobody);
	ck_assert_int_eq(await(&nobody), ERROR_NOT_FOUND);
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(two_people_do_not_share_a_name),
	UNIT(every_change_ends_every_session_and_what_was_looked_at_before_makes_none),
	UNIT(a_session_of_an_older_epoch_is_none_even_where_its_row_stayed),
	UNIT(the_browsers_old_session_goes_and_of_too_many_the_oldest),
	UNIT(sessions_are_ended_one_by_one_or_all_and_only_their_persons),
};
UNIT_MAIN_EACH("store/people", cases, database_begin(false), begin_store, end_store)
