/* The audit: a chain that shows what was changed in it, and tokens that end by themselves. */
#include "store/admin.h"
#include "store/query.h"
#include "unit/store_one.h"

static void begin(void)
{
	snprintf(name, sizeof name, "%s", database_new());
	store_as("command anna");
}

static void on_id(void *arg, int64_t id, const struct error *error)
{
	(void)id;
	database_done(arg, error);
}

static void create(struct store *with, unsigned char first, int64_t life)
{
	unsigned char hash[HASH_SHA256] = {first};
	struct waited made = {0};
	store_token_create(with, hash, "x", "read", life, on_id, &made);
	ck_assert(store_wait(loop, &made.done, 60 * MOMENT_SECOND));
	ck_assert_msg(made.ok, "%s", made.error.message);
}

struct verdict {
	struct waited waited;
	int64_t rows, broken;
	size_t count;
};

static void on_rows(void *arg, json_t *rows, const struct error *error)
{
	struct verdict *verdict = arg;
	const json_t *row = json_array_get(rows, 0);
	verdict->count = json_array_size(rows);
	verdict->rows = json_integer_value(json_object_get(row, "rows"));
	verdict->broken = json_integer_value(json_object_get(row, "broken"));
	database_done(&verdict->waited, error);
}

static struct verdict ask(const char *query, const char *param)
{
	struct verdict verdict = {0};
	store_query(store, query, &param, param ? 1 : 0, on_rows, &verdict);
	ck_assert(store_wait(loop, &verdict.waited.done, 60 * MOMENT_SECOND));
	ck_assert_msg(verdict.waited.ok, "%s", verdict.waited.error.message);
	return verdict;
}

START_TEST(every_entry_follows_from_the_one_before_whoever_writes)
{
	begin();
	char conninfo[256];
	struct store *other = store_new(loop, database_conninfo(name, "nurture_runtime", conninfo), "command berta");
	ck_assert_int_eq(ask("audit_verify", NULL).rows, 0);
	for (unsigned char i = 0; i < 20; i++)
		create(i % 2 ? store : other, i, 0);
	struct verdict verdict = ask("audit_verify", NULL);
	ck_assert_int_eq(verdict.rows, 20);
	ck_assert_int_eq(verdict.broken, 0);
	ck_assert_int_eq(database_count(name, "audit where actor = 'command anna' and act = 'token.create'"), 10);
	ck_assert_int_eq(database_count(name, "audit where actor = 'command berta'"), 10);
	store_free(other);
	end_store();
}
END_TEST

START_TEST(an_entry_that_was_changed_taken_out_or_put_in_shows)
{
	static const struct {
		const char *deed;
		int64_t broken;
	} deeds[] = {
		{"update audit set actor = 'nobody' where id = 3", 3},
		{"update audit set at = at + interval '1 microsecond' where id = 3", 3},
		{"update audit set fields = '{}' where id = 3", 3},
		{"delete from audit where id = 3", 4},
		{"delete from audit where id = 1", 2},
		{"update audit set actor = 'nobody', hash = audit_hash(previous, id, at, 'nobody', act, object, fields) where id = 3", 4},
		{"insert into audit select 7, at, actor, act, object, fields, previous, hash from audit where id = 6", 7},
	};
	for (size_t i = 0; i < sizeof deeds / sizeof *deeds; i++) {
		begin();
		for (unsigned char k = 0; k < 6; k++)
			create(store, k, 0);
		database_ask(name, "set session_replication_role = replica; %s", deeds[i].deed); /* as somebody who can do everything */
		ck_assert_msg(ask("audit_verify", NULL).broken == deeds[i].broken, "%s", deeds[i].deed);
		end_store();
	}
}
END_TEST

START_TEST(not_even_the_owner_changes_the_audit_by_mistake)
{
	begin();
	create(store, 1, 0);
	static const char *const refused[] = {"delete from audit", "update audit set act = 'x'", "truncate audit"};
	char conninfo[256];
	PGconn *owner = PQconnectdb(database_conninfo(name, "nurture_owner", conninfo));
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
		PGresult *result = PQexec(owner, refused[i]);
		ck_assert_str_eq(PQresultErrorField(result, PG_DIAG_SQLSTATE), "42501");
		PQclear(result);
	}
	PQfinish(owner);
	end_store();
}
END_TEST

START_TEST(a_token_ends_by_itself)
{
	begin();
	char hex[HASH_HEX];
	unsigned char hash[HASH_SHA256] = {1};
	hash_hex(hash, sizeof hash, hex);
	create(store, 1, MOMENT_HOUR);
	ck_assert_uint_eq(ask("token_find", hex).count, 1);
	database_ask(name, "update api_token set expires_at = expires_at - interval '1 hour'");
	ck_assert_uint_eq(ask("token_find", hex).count, 0);
	end_store();
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(every_entry_follows_from_the_one_before_whoever_writes),
	UNIT(an_entry_that_was_changed_taken_out_or_put_in_shows),
	UNIT(not_even_the_owner_changes_the_audit_by_mistake),
	UNIT(a_token_ends_by_itself),
};
UNIT_MAIN_WITH("store/audit", cases, database_begin(false))
