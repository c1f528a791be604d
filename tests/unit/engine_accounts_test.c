/* The accounts' own turns when their shard is another's by now. The store is a fake that this program defines itself: each load is denied. */
#include "engine/parts.h"
#include "store/accounts.h"
#include "unit/check_main.h"

enum { ENOUGH = 50, SHARD = 5 };

static struct { int loads, troubles; enum error_code code; } fake;

void store_accounts_load(struct store *store, const struct schema *schema, const struct account_request *request, store_accounts_fn *fn, void *arg)
{
	struct error error = {0};
	(void)store, (void)schema;
	ck_assert_int_eq(request->shard, SHARD);
	if (++fake.loads > ENOUGH)
		return; /* it would go on for ever */
	error_set(&error, fake.code, "lease", "as the test wants it");
	fn(arg, NULL, &error);
}

void store_accounts_free(struct account_batch *batch)
{
	ck_assert_ptr_null(batch);
}

void store_accounts_save(struct store *store, const struct accounts_save *save, store_done_fn *fn, void *arg)
{
	(void)store, (void)save, (void)fn, (void)arg;
	ck_abort_msg("nothing is to be saved");
}

void store_accounts_refuse(struct store *store, const char *owner, const struct account_batch *batch, const struct account_row *row,
			   const struct error *error, store_done_fn *fn, void *arg)
{
	(void)store, (void)owner, (void)batch, (void)row, (void)error, (void)fn, (void)arg;
	ck_abort_msg("nothing is to be refused");
}

void store_accounts_wake(struct store *store, const char *owner, int shard, int64_t walked, store_done_fn *fn, void *arg)
{
	(void)store, (void)owner, (void)shard, (void)walked, (void)fn, (void)arg;
	ck_abort_msg("nobody is to be woken");
}

struct edition *edition_ref(struct edition *edition)
{
	edition->refs++;
	return edition;
}

void edition_unref(struct edition *edition)
{
	edition->refs--;
}

bool engine_edition_is(const struct engine *engine, int64_t activation)
{
	(void)engine, (void)activation;
	return true;
}

void engine_load_edition(struct engine *engine)
{
	(void)engine;
}

bool round_is_about_data(const struct error *error)
{
	(void)error;
	return false;
}

struct save_score_change *translate_changes(const struct turn_score_change *changes, size_t count, struct arena *arena)
{
	(void)changes, (void)count, (void)arena;
	return NULL;
}

moment_t engine_now(const struct engine *engine)
{
	(void)engine;
	return 1000;
}

void engine_pump(struct engine *engine)
{
	engine_accounts(engine);
}

void engine_trouble(struct engine *engine, const char *what, const struct error *error)
{
	(void)what, (void)error;
	fake.troubles++;
	engine->pause_until = INT64_MAX;
}

static struct engine begin(enum error_code code)
{
	static struct playbook playbook = {.revision = "abc"};
	static struct edition edition = {.playbook = &playbook, .refs = 1};
	static struct worker worker;
	fake.code = code;
	return (struct engine){.worker = &worker, .edition = &edition, .clock_known = true, .held = UINT64_C(1) << SHARD | 1, .stale = UINT64_C(1) << SHARD};
}

START_TEST(who_lost_a_shard_asks_for_its_accounts_once)
{
	struct engine engine = begin(ERROR_DENIED);
	engine_accounts(&engine);
	ck_assert_int_eq(fake.loads, 1);
	ck_assert_int_eq(fake.troubles, 0);
	ck_assert_uint_eq(engine.held, 1); /* the others stay */
}
END_TEST

START_TEST(trouble_with_the_database_pauses_and_the_shard_stays_ours)
{
	struct engine engine = begin(ERROR_UNAVAILABLE);
	engine_accounts(&engine);
	ck_assert_int_eq(fake.loads, 1);
	ck_assert_int_eq(fake.troubles, 1);
	ck_assert_uint_eq(engine.held, UINT64_C(1) << SHARD | 1);
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(who_lost_a_shard_asks_for_its_accounts_once),
	UNIT(trouble_with_the_database_pauses_and_the_shard_stays_ours),
};
UNIT_MAIN("engine/accounts", cases)
