/* engine_rescore [LEADS [EVENTS [ENGINES]]]: all leads scored again after an activation, an engine worker (or several, each a process that walks its
 * share of the shards) and PostgreSQL, as nurture sets up its private one, on this machine's cores, fsync on.
 *
 *   first    nobody has a score yet: rows are made
 *   all      a model changed so that every score is another
 *   some     one so that five in a hundred are
 *   none     nothing changed: the price of looking
 *
 * Beside each the parts: deciding (C and Lua), CPU time of the engines and of PostgreSQL, and the memory of the largest of our processes. Last, reading
 * alone. Before anything the disk is looked at: a lead with 20 events takes 4 kB at most while its scores change. 3,100,000 leads run unattended. */
#include "../unit/database.h"

#include "base/log.h"
#include "base/metrics.h"
#include "bench/cpu.h"
#include "engine/engine.h"
#include "store/scan.h"
#include "tools/crowd.h"

#include <sys/statvfs.h>

enum { ENGINES_MOST = 8, WAL_KB = 3 << 20 /* of PostgreSQL's log */ };

static char name[32];
static struct crowd crowd = {.leads = 100000, .events = 20, .seed = 1};
static int engines = 1;

/* Twenty rules over behaviour and a fit model of fields; `base` moves every score, `rare` those of one in twenty. */
static char *playbook_text(int base, int rare)
{
	struct buf out = {0};
	buf_puts(&out, "playbook \"bench\" { title = \"Bench\", time_zone = \"UTC\", language = \"en\", postal_address = \"1 Road, Town\" }\n"
		       "field \"need\" { label = \"Need\", type = \"choice\", choices = { \"critical\", \"planned\", \"curious\" } }\n"
		       "field \"timing\" { label = \"Decision\", type = \"choice\", choices = { \"now\", \"six_months\", \"later\" } }\n"
		       "field \"budget\" { label = \"Budget\", type = \"choice\", choices = { \"exists\", \"requested\", \"building\" } }\n");
	buf_printf(&out, "model \"nature\" { title = \"Who\", from = 0, to = 1000,\n  rule \"base\" { points = %d },\n"
			 "  rule \"role\" { points = choose \"role\" { executive = 30, champion = 20, otherwise = 5 } },\n"
			 "  rule \"rare\" { lead { role = \"executive\", country = { \"US\", \"DE\" } }, points = %d },\n", base, rare);
	buf_puts(&out, "}\nmodel \"nurture\" { title = \"What\", from = 0, to = 1000,\n");
	static const char *const verbs[] = {"page.view", "asset.download", "email.click", "webinar.attend"};
	for (int i = 0; i < 20; i++)
		buf_printf(&out, "  rule \"r%d\" { on \"%s\" { at_least = %d }, points = %d, each = \"time\", max = 20 },\n", i, verbs[i % 4], 1 + i / 4, 1 + i % 5);
	buf_puts(&out, "}\ngrades \"main\" { axes = { nature = { A = 60, B = 40, C = 20, D = 0 }, nurture = { 150, 100, 50, 0 } },\n"
		       "  band \"ready\" { grades = { \"A1\", \"A2\", \"B1\" } }, band \"rest\" { grades = { \"A3\", \"A4\", \"B2\", \"B3\", \"B4\", \"C1\", \"C2\", \"C3\", \"C4\", "
		       "\"D1\", \"D2\", \"D3\", \"D4\" } } }\n"
		       "segment \"readers\" { title = \"Readers\", who = on \"asset.download\" { at_least = 3 } }\n");
	return buf_take(&out);
}

/* As store_publish does it. */
static void publish(int number, int base, int rare)
{
	char *text = playbook_text(base, rare);
	database_ask(name, "insert into revision values ('%d', now(), 'bench', '', 'bench')", number);
	database_ask(name, "insert into revision_file values ('%d', 'playbook.lua', convert_to($lua$%s$lua$, 'UTF8'))", number, text);
	database_ask(name, "insert into activation values (%d, '%d', now(), 'bench', '')", number, number);
	database_ask(name, "with made as (insert into job (kind, arguments, state, created_at) values ('rescore', '{}', 'waiting', now()) returning job_id) "
			   "insert into rescore_walk (shard, job_id) select s, job_id from made, generate_series(0, 63) s "
			   "on conflict (shard) do update set job_id = excluded.job_id, after_lead = 0, over = false, leads = 0, changed = 0, graded = 0, handed = 0");
	free(text);
}

static void on_drained(void *arg)
{
	*(bool *)arg = true;
}

/* ---- engines ---- */

/* Walks its share; false when the walk does not end within an hour. */
static bool walk(struct metrics *metrics, int number)
{
	static struct config config = {.postal_address = "1 Road, Town"};
	char conninfo[256];
	bool drained = false;
	struct worker worker = {.loop = loop_new(), .config = &config, .time_scale = 1, .metrics = metrics};
	snprintf(worker.owner, sizeof worker.owner, "engine%d", number);
	worker.conninfo = database_conninfo(name, "nurture_runtime", conninfo);
	mono_t began = mono_now();
	void *engine = engine_role.start(&worker, NULL);
	while (metrics_get(metrics, METRIC_RESCORED) < crowd.leads && mono_now() - began < 3600 * MOMENT_SECOND)
		loop_once(worker.loop, 100000);
	bool whole = metrics_get(metrics, METRIC_RESCORED) >= crowd.leads;
	engine_role.drain(engine, on_drained, &drained);
	store_wait(worker.loop, &drained, 20 * MOMENT_SECOND);
	engine_role.stop(engine);
	loop_free(worker.loop);
	return whole;
}

struct spent {
	double seconds;
	int64_t cpu;   /* of all engines, microseconds */
	long peak_kb;  /* of the largest */
};

/* In processes of their own, so that memory and CPU time are those of engines alone. */
static struct spent run_engines(struct metrics *metrics)
{
	pid_t children[ENGINES_MOST];
	struct spent spent = {0};
	mono_t began = mono_now();
	for (int i = 0; i < engines; i++) {
		children[i] = fork();
		if (children[i] < 0)
			database_fail("fork");
		if (children[i] == 0)
			_exit(walk(metrics, i) ? 0 : 1);
	}
	siginfo_t ended = {0};
	while (metrics_get(metrics, METRIC_RESCORED) < crowd.leads && waitid(P_ALL, 0, &ended, WEXITED | WNOHANG | WNOWAIT) == 0 && ended.si_pid == 0)
		usleep(5000);
	spent.seconds = (double)(mono_now() - began) / 1e6;
	for (int i = 0; i < engines; i++) {
		struct rusage usage;
		int status = 1;
		if (wait4(children[i], &status, 0, &usage) < 0 || status)
			database_fail("an engine did not come to the end of the walk");
		spent.cpu += (int64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000 + usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
		spent.peak_kb = usage.ru_maxrss > spent.peak_kb ? usage.ru_maxrss : spent.peak_kb;
	}
	return spent;
}

static void run(const char *what)
{
	struct metrics *metrics = metrics_new_shared();
	double n = (double)crowd.leads;
	int64_t postgres = cpu_postgres();
	struct spent spent = run_engines(metrics);
	printf("  %-6s %7.1f s, %8.0f leads/s; CPU a lead: engine %.1f us (%.1f deciding), PostgreSQL %.1f us; %ld MB at most;", what, spent.seconds,
	       n / spent.seconds, (double)spent.cpu / n, (double)metrics_get(metrics, METRIC_TURN_MICROS) / n, (double)(cpu_postgres() - postgres) / n,
	       spent.peak_kb / 1024);
	metrics_free(metrics);
	printf(" changed %s\n", database_ask(name, "select sum(changed) || ', other grades ' || sum(graded) || ', own turns ' || sum(handed) from rescore_walk"));
	fflush(stdout);
}

static int look(void *arg, struct batch *page, struct error *error)
{
	(void)error;
	*(size_t *)arg += page->count;
	return 0;
}

static void run_reading(void)
{
	char conninfo[256];
	struct loop *loop = loop_new();
	struct store *store = store_new(loop, database_conninfo(name, "nurture_runtime", conninfo), "bench");
	struct schema schema = {model_lead_fields, LEAD_STANDARD_COUNT, model_account_fields, ACCOUNT_STANDARD_COUNT};
	struct scan_request request = {.schema = &schema, .wants = {.history = true, .scores = true}, .now = real_now()};
	struct error error = {0};
	size_t count = 0;
	mono_t began = mono_now();
	if (store_scan(loop, store, &request, look, &count, &error) < 0)
		database_fail(error.message);
	double took = (double)(mono_now() - began) / 1e6;
	printf("  reading alone %.1f s, %.0f leads/s\n", took, (double)count / took);
	store_free(store);
	loop_free(loop);
}

static void need_disk(void)
{
	struct statvfs disk;
	int64_t needed = crowd.leads * (2000 + 100 * crowd.events) / 1024 + WAL_KB;
	if (statvfs("/tmp", &disk) || (int64_t)(disk.f_bavail * (disk.f_frsize / 512) / 2) < needed) {
		fprintf(stderr, "engine_rescore: %lld leads take up to %lld MB in /tmp, and there is less.\n", (long long)crowd.leads, (long long)needed / 1024);
		exit(1);
	}
}

/* As core/store/cluster.c starts the private one, in what can be set while it runs. */
static void set_up_like_ours(void)
{
	static const char *const settings[] = {"max_wal_size = '2GB'", "wal_compression = lz4", "random_page_cost = 1.1", "autovacuum_naptime = '15s'"};
	for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
		database_ask("postgres", "alter system set %s", settings[i]);
	database_ask("postgres", "select pg_reload_conf()");
}

static void make(void)
{
	char conninfo[256];
	log_set_level(LOG_LEVEL_WARN);
	database_begin(true);
	set_up_like_ours();
	snprintf(name, sizeof name, "%s", database_new());
	crowd.connection = PQconnectdb(database_conninfo(name, "nurture_owner", conninfo));
	crowd.now = real_now();
	mono_t began = mono_now();
	crowd_make(&crowd);
	PQfinish(crowd.connection);
	printf("%lld leads with %lld events each, made in %.1f s; fsync on, %d engine%s\n", (long long)crowd.leads, (long long)crowd.events,
	       (double)(mono_now() - began) / 1e6, engines, engines > 1 ? "s" : "");
	fflush(stdout);
}

int main(int argc, char **argv)
{
	if (argc > 1)
		crowd.leads = atoll(argv[1]);
	if (argc > 2)
		crowd.events = atoll(argv[2]);
	if (argc > 3)
		engines = atoi(argv[3]);
	if (crowd.leads < 1000 || crowd.events < 1 || crowd.events > HISTORY_EXACT || engines < 1 || engines > ENGINES_MOST) {
		fprintf(stderr, "engine_rescore [LEADS, from 1000 [EVENTS, 1 to %d [ENGINES, 1 to %d]]]\n", HISTORY_EXACT, ENGINES_MOST);
		return 2;
	}
	need_disk();
	make();
	static const struct { const char *what; int base, rare; } runs[] = {{"first", 1, 1}, {"all", 2, 1}, {"some", 2, 9}, {"none", 2, 9}};
	for (size_t i = 0; i < sizeof runs / sizeof *runs; i++) {
		publish((int)i + 1, runs[i].base, runs[i].rare);
		run(runs[i].what);
		database_ask(name, "vacuum analyze score");
	}
	run_reading();
	printf("  the database takes %s\n", database_ask(name, "select pg_size_pretty(pg_database_size(current_database()))"));
	return 0;
}
