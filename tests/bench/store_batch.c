/* Turns a second as far as the database goes: batches of 500 leads with 20 events of history, loaded and saved. Beside it the raw limit: the
 * same bytes by one unnest update of 500 rows and one COPY in a transaction. A private PostgreSQL with fsync on. */
#include "store/batch.h"

#include "store/lease.h"
#include "store/param.h"
#include "unit/database.h"

#include <stdlib.h>

enum { LEADS = 20000, SHARD = 5, HISTORY = 20 };

static struct loop *loop;
static struct store *store;
static struct arena *arena;
static struct str packed;

static void check(const struct waited *waited)
{
	if (!waited->ok) {
		fprintf(stderr, "%s: %s\n", waited->error.where, waited->error.message);
		exit(1);
	}
}

static void make_history(void)
{
	struct history history = {0};
	for (int i = 0; i < HISTORY; i++) {
		struct event e = {.id = i + 1, .at = real_now() - i * MOMENT_DAY, .verb = STR("asset.download"), .subject = STR("security-guide"),
				  .data = STR("{\"utm_source\": \"newsletter\", \"page\": \"/guide\"}")};
		history_add(&history, &e, arena);
	}
	packed = history_write(&history, arena);
}

static void fill(const char *name)
{
	database_ask(name, "insert into account (shard, account_id, created_at, updated_at, domain) select 5, (n << 6) | 5, now(), now(), 'company' || n || '.example'"
		" from generate_series(0, 899) n;"
		"insert into lead (shard, lead_id, created_at, updated_at, email, first_name, last_name, company, country, account_id)"
		" select %d, (n << 6) | %d, now(), now(), 'person' || n || '@company' || n %% 900 || '.example', 'Ann', 'Example', 'Company', 'DE',"
		" (n %% 900) << 6 | 5"
		" from generate_series(1, %d) n;"
		"insert into event (received_at, event_id, shard, lead_id, at, verb, subject, data) select now(), (n << 6) | %d, %d, (n << 6) | %d, now(),"
		" 'page.view', '/pricing', '{\"referrer\": \"https://search.example/\"}' from generate_series(1, %d) n;"
		"insert into inbox (shard, lane, lead_id, event_id, received_at, at, machine, verb, subject, data) select shard, 0, lead_id, event_id,"
		" received_at, at, machine, verb, subject, data from event;"
		"insert into lead_history select shard, lead_id, decode(repeat('ab', %d), 'hex') from lead;"
		"insert into lead_wake select shard, lead_id, now() + interval '1 day' from lead;"
		"insert into score (shard, lead_id, name, is_grade, points, since) select shard, lead_id, m, false, 5, now() from lead,"
		" (values ('nature'), ('nurture'), ('grades')) v(m);"
		"insert into enrollment (shard, enrollment_id, lead_id, campaign, step, state, entered_at, step_since, over_at, revision, passes)"
		" select shard, lead_id, lead_id, 'drip', 'benefits', 'active', now(), now(), now(), 'r', '{\"thanks\": 1, \"benefits\": 1}' from lead",
		SHARD, SHARD, LEADS, SHARD, SHARD, SHARD, LEADS, (int)packed.n);
	database_ask(name, "vacuum analyze");
}

struct loaded {
	struct waited waited;
	struct batch *batch;
};

static void on_batch(void *arg, struct batch *batch, const struct error *error)
{
	struct loaded *loaded = arg;
	loaded->batch = batch;
	database_done(&loaded->waited, error);
}

static void on_lease(void *arg, uint64_t shards, int owners, const struct error *error)
{
	(void)shards, (void)owners;
	database_done(arg, error);
}

static void begin_load(struct store *from, struct loaded *loaded, const int64_t *without, size_t count)
{
	struct batch_request request = {.owner = "me", .shard = SHARD, .now = real_now(), .limit = BATCH_LEADS, .longest_cap = 30 * MOMENT_DAY,
					.without = without, .without_count = count};
	*loaded = (struct loaded){0};
	store_batch_load(from, &model_standard_schema, &request, on_batch, loaded);
}

/* What an ordinary turn changes: the history, a score with its reason, the wake, the step of one lead in ten. */
static void decide(const struct batch *batch, struct save_lead *saves, struct score *score, struct save_score_change *change)
{
	for (size_t i = 0; i < batch->count; i++) {
		const struct batch_lead *l = &batch->leads[i];
		saves[i] = (struct save_lead){.before = l, .packed = packed, .scores = score, .score_count = 1, .score_changes = change,
					      .score_change_count = 1, .wake_at = real_now() + MOMENT_DAY};
		if (i % 10 == 0) {
			saves[i].enrollments = l->facts.enrollments;
			saves[i].enrollment_count = l->facts.enrollment_count;
		}
	}
}

/* The next batch is loaded over a second connection while this one commits, as the engine does. */
static double turns_a_second(struct store *second)
{
	static struct save_lead saves[BATCH_LEADS];
	static int64_t ids[BATCH_LEADS];
	struct score score = {.name = STR("nurture"), .points = 12};
	struct save_score_change change = {.name = STR("nurture"), .old_points = 5, .new_points = 12, .cause = STR("page.view /pricing")};
	struct loaded loaded, next;
	size_t turned = 0;
	mono_t begin = mono_now();
	begin_load(second, &loaded, NULL, 0);
	store_wait(loop, &loaded.waited.done, 20 * MOMENT_SECOND);
	check(&loaded.waited);
	while (loaded.batch->count) {
		struct batch *batch = loaded.batch;
		struct waited saved = {0};
		for (size_t i = 0; i < batch->count; i++)
			ids[i] = batch->leads[i].facts.lead.id;
		begin_load(second, &next, ids, batch->count);
		decide(batch, saves, &score, &change);
		struct batch_save save = {.owner = "me", .revision = "r", .batch = batch, .schema = &model_standard_schema, .leads = saves, .count = batch->count};
		store_batch_save(store, &save, database_done, &saved);
		store_wait(loop, &saved.done, 20 * MOMENT_SECOND);
		store_wait(loop, &next.waited.done, 20 * MOMENT_SECOND);
		check(&saved);
		check(&next.waited);
		turned += batch->count;
		store_batch_free(batch);
		loaded = next;
	}
	store_batch_free(loaded.batch);
	return (double)turned * 1e6 / (double)(mono_now() - begin);
}

/* 500 histories by update from unnest, 500 rows of log by COPY, commit. */
static double raw_a_second(const char *name)
{
	char conninfo[256];
	static struct params params;
	struct buf rows = {0};
	PGconn *connection = PQconnectdb(database_conninfo(name, "nurture_owner", conninfo));
	PQclear(PQexec(connection, "create table raw_history (like lead_history including all); create table raw_log (lead_id bigint, name text, a int, b int,"
				   " cause text, revision text); insert into raw_history select * from lead_history"));
	PQclear(PQexec(connection, "vacuum analyze raw_history"));
	long done = 0;
	mono_t begin = mono_now();
	for (int batch = 0; batch < LEADS / BATCH_LEADS; batch++, done += BATCH_LEADS) {
		params_clear(&params);
		buf_clear(&rows);
		struct param *ids = param_array(&params, PARAM_INT8), *bytes = param_array(&params, PARAM_BYTEA);
		for (int i = 0; i < BATCH_LEADS; i++) {
			long long id = (long long)(batch * BATCH_LEADS + i + 1) << 6 | SHARD;
			array_int8(ids, id);
			array_text(bytes, packed);
			buf_printf(&rows, "%lld\tnurture\t5\t12\tpage.view /pricing\tr\n", id);
		}
		struct str id_wire = param_wire(ids), bytes_wire = param_wire(bytes);
		const char *values[] = {id_wire.p, bytes_wire.p};
		const int lengths[] = {(int)id_wire.n, (int)bytes_wire.n}, formats[] = {1, 1};
		PQclear(PQexec(connection, "begin"));
		PGresult *updated = PQexecParams(connection, "update raw_history h set packed = w.packed from unnest($1::bigint[], $2::bytea[]) w(lead_id, packed)"
						 " where h.shard = 5 and h.lead_id = w.lead_id", 2, NULL, values, lengths, formats, 0);
		if (atoi(PQcmdTuples(updated)) != BATCH_LEADS)
			database_fail(PQerrorMessage(connection));
		PQclear(updated);
		PQclear(PQexec(connection, "copy raw_log from stdin"));
		PQputCopyData(connection, rows.p, (int)rows.n);
		PQputCopyEnd(connection, NULL);
		for (PGresult *result = NULL; (result = PQgetResult(connection)) != NULL; PQclear(result))
			;
		PQclear(PQexec(connection, "commit"));
	}
	double rate = (double)done * 1e6 / (double)(mono_now() - begin);
	params_fini(&params);
	buf_fini(&rows);
	PQfinish(connection);
	return rate;
}

int main(void)
{
	char conninfo[256];
	arena = arena_new();
	make_history();
	database_begin(true);
	const char *name = database_new();
	fill(name);
	loop = loop_new();
	store = store_new(loop, database_conninfo(name, "nurture_runtime", conninfo), "bench");
	struct store *second = store_new(loop, conninfo, "bench 2");
	struct waited leased = {0};
	store_lease_tick(store, "engine", "me", 64, on_lease, &leased);
	store_wait(loop, &leased.done, 10 * MOMENT_SECOND);
	check(&leased);
	double turns = turns_a_second(second), raw = raw_a_second(name);
	printf("store_batch: %d leads, %d events of history each (%zu bytes), batches of %d\n", LEADS, HISTORY, packed.n, BATCH_LEADS);
	printf("  load and save     %8.0f turns/s\n", turns);
	printf("  raw limit         %8.0f leads/s (update of histories by unnest, log by COPY)\n", raw);
	store_free(second);
	store_free(store);
	loop_free(loop);
	arena_free(arena);
	return 0;
}
