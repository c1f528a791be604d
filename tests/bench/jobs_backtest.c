/* jobs_backtest [LEADS]: history replayed, 20 events a lead in 24 months of partitions, a model of 30 rules (half of fields, half of what was done), one in ten
 * with the outcome; PostgreSQL on this machine's cores. Beside the wall time: CPU of a lead in this process and in PostgreSQL, and the memory at its highest. */
#include "../unit/database.h"

#include "base/buf.h"
#include "bench/cpu.h"
#include "jobs/backtest.h"
#include "model/history.h"
#include "report/backtest.h"

static char name[32];
static int leads = 20000;
static const char *const base_text = "2024-01-01T00:00:00Z";
static moment_t base;

enum { EVENTS = 20, RULES = 15, MONTHS = 24 };

/* ---- the playbook ---- */

static char *playbook_text(void)
{
	struct buf out = {0};
	buf_puts(&out, "playbook \"bench\" { title = \"Bench\", time_zone = \"UTC\", language = \"en\" }\nfield \"size\" { type = \"number\" }\n"
		       "field \"need\" { type = \"choice\", choices = { \"now\", \"later\" } }\n");
	for (int i = 0; i < 20; i++)
		buf_printf(&out, "asset \"a%d\" { title = \"A\", kind = \"white-paper\", url = \"https://example.com/a\" }\n", i);
	buf_puts(&out, "model \"nature\" { title = \"Who\", from = 0, to = 1000,\n");
	for (int i = 0; i < RULES; i++)
		buf_printf(&out, "  rule \"f%d\" { lead { size = at_least(%d)%s }, points = %d },\n", i, i * 60, i % 3 ? "" : ", country = \"DE\"", i + 1);
	buf_puts(&out, "}\nmodel \"nurture\" { title = \"What it does\", from = 0, to = 1000,\n");
	for (int i = 0; i < RULES; i++)
		buf_printf(&out, "  rule \"r%d\" { on \"asset.download\" { subject = \"a%d\"%s }, points = %d, each = \"time\", max = 100%s },\n", i, i,
			   i % 4 ? "" : ", within = \"200 days\"", i + 1, i % 5 ? "" : ", fades = \"by half every 30 days\"");
	for (int i = 0; i < RULES; i++)
		buf_printf(&out, "  rule \"g%d\" { lead { size = at_least(%d) }, points = 1 },\n", i, i * 60);
	buf_puts(&out, "}\ngrades \"main\" { axes = { nature = { A = 75, B = 50, C = 25, D = 0 }, nurture = { 75, 50, 25, 0 } } }\n");
	return buf_take(&out);
}

static struct playbook *load(void)
{
	struct arena *arena = arena_new(); /* until the program ends */
	char *text = playbook_text();
	struct playbook_file file = {.path = "playbook.lua", .bytes = str_of(text)};
	struct playbook_files files = {.files = &file, .count = 1};
	struct playbook_site site = {.no_templates = true, .bell = &bell_of_thread};
	struct problems problems = {.arena = arena};
	struct playbook *playbook = playbook_load(&files, &site, &problems);
	if (!playbook)
		database_fail(problems_text(&problems));
	return playbook;
}

/* ---- rows: the same in SQL and for the packed histories ---- */

static moment_t event_at(int n, int k)
{
	return base + (k == 0 ? n % 30 : 31 + (n * 37 + k * 29) % 650) * MOMENT_DAY + k * MOMENT_HOUR;
}

static const char *verb_of(int n, int k)
{
	return k == 0 ? "lead.create" : k == 1 ? "lead.update" : k == 2 && n % 10 == 0 ? "opportunity.won" : k % 2 ? "asset.download" : "page.view";
}

static void fill_events(void)
{
	for (int month = 0; month < MONTHS; month++)
		database_ask(name, "select event_partitions(timestamptz '%s' + interval '1 month' * %d)", base_text, month);
	database_ask(name, "insert into lead (shard, lead_id, created_at, updated_at, email) select n & 63, (n::int8 << 6) | (n & 63), timestamptz '%s' + interval '1 day' * (n %% 30), "
			   "now(), 'lead' || n || '@example.com' from generate_series(1, %d) n", base_text, leads);
	database_ask(name, "insert into identity (kind, value, shard, lead_id, created_at) select 'email', email, shard, lead_id, created_at from lead");
	database_ask(name,
		     "insert into event (received_at, event_id, shard, lead_id, at, verb, subject, machine, data) "
		     "select e.at, ((n * 32 + k)::int8 << 6) | (n & 63), n & 63, (n::int8 << 6) | (n & 63), e.at, e.verb, 'a' || k, false, "
		     "  case when k = 0 then jsonb_build_object('set', jsonb_build_object('size', n %% 1000, 'country', 'DE', 'first_name', 'Ann', 'company', 'C' || n %% 500)) "
		     "       when k = 1 then jsonb_build_object('set', jsonb_build_object('size', n %% 900, 'need', 'now')) end "
		     "from generate_series(0, %d) k, generate_series(1, %d) n, lateral (select timestamptz '%s' + interval '1 day' * case k when 0 then n %% 30 "
		     "  else 31 + (n * 37 + k * 29) %% 650 end + interval '1 hour' * k as at, case when k = 0 then 'lead.create' when k = 1 then 'lead.update' "
		     "  when k = 2 and n %% 10 = 0 then 'opportunity.won' when k %% 2 = 1 then 'asset.download' else 'page.view' end as verb) e",
		     EVENTS - 1, leads, base_text);
}

static void put_history(struct buf *line, int n, struct arena *arena)
{
	struct history history = {.seen_at = base};
	char subjects[EVENTS][16];
	for (int k = 0; k < EVENTS; k++) {
		snprintf(subjects[k], sizeof subjects[k], "a%d", k);
		struct event event = {.id = ((int64_t)n * 32 + k) << 6 | (n & 63), .at = event_at(n, k), .verb = str_of(verb_of(n, k)), .subject = str_of(subjects[k]), .data = {"", 0}};
		(void)history_add(&history, &event, arena);
	}
	struct str packed = history_write(&history, arena);
	buf_printf(line, "%d\t%lld\t\\\\x", n & 63, (long long)((int64_t)n << 6 | (n & 63)));
	for (size_t i = 0; i < packed.n; i++)
		buf_printf(line, "%02x", (unsigned char)packed.p[i]);
	buf_putc(line, '\n');
}

static void fill_histories(void)
{
	char conninfo[256];
	struct arena *arena = arena_new();
	struct buf line = {0};
	PGconn *connection = PQconnectdb(database_conninfo(name, "nurture_owner", conninfo));
	PQclear(PQexec(connection, "copy lead_history from stdin"));
	for (int n = 1; n <= leads; n++) {
		arena_reset(arena);
		put_history(&line, n, arena);
		if (n % 1000 && n < leads)
			continue;
		PQputCopyData(connection, line.p, (int)line.n);
		buf_clear(&line);
	}
	PQputCopyEnd(connection, NULL);
	PQclear(PQgetResult(connection));
	PQfinish(connection);
	buf_fini(&line);
	arena_free(arena);
	database_ask(name, "vacuum analyze");
}

/* ---- the measure ---- */

static long peak_mb(void)
{
	struct rusage usage;
	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_maxrss / 1024;
}

int main(int argc, char **argv)
{
	char conninfo[256];
	struct error error = {0};
	struct dataset dataset;
	leads = argc > 1 ? atoi(argv[1]) : leads;
	database_begin(false);
	snprintf(name, sizeof name, "%s", database_new());
	if (moment_parse(str_of(base_text), &base, &error) < 0)
		return 1;
	fill_events();
	fill_histories();
	long before = peak_mb();
	struct loop *loop = loop_new();
	struct store *store = store_new(loop, database_conninfo(name, "nurture_runtime", conninfo), "command bench");
	struct backtest_run run = {.loop = loop, .store = store, .playbook = load(), .now = base + 800 * MOMENT_DAY,
				   .ask = {.model = "nurture", .from = INT64_MIN, .to = INT64_MAX}};
	struct cpu from = cpu_now();
	mono_t since = mono_now();
	if (backtest_run(&run, &dataset, NULL, &error) < 0) {
		fprintf(stderr, "%s: %s\n", error.where, error.message);
		return 1;
	}
	mono_t replayed = mono_now() - since;
	struct cpu to = cpu_now();
	json_t *result = backtest_json(&dataset, NULL);
	mono_t all = mono_now() - since;
	printf("%zu leads, %zu with the outcome: replayed in %.1f s (%.1f us of CPU a lead here, %.1f in PostgreSQL), figures in %.1f s; AUC %.4f; %ld MB at most (%ld before)\n", dataset.count,
	       dataset.positives, (double)replayed / 1e6, (double)(to.self - from.self) / (double)dataset.count, (double)(to.postgres - from.postgres) / (double)dataset.count,
	       (double)(all - replayed) / 1e6, json_number_value(json_object_get(json_object_get(result, "auc"), "value")), peak_mb(), before);
	json_decref(result);
	dataset_fini(&dataset);
	playbook_free(run.playbook);
	store_free(store);
	loop_free(loop);
	return 0;
}
