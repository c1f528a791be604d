/* engine_due [LEADS, default 20000 [LIVE A SECOND, default 100 [statements]]]: so many enrollments fall due at the same moment; each is advanced by one step and
 * gets one touch planned, one engine worker and PostgreSQL on this machine's cores, fsync on, while live events keep coming for leads of their own.
 *
 *   asleep   all of them wait for tomorrow: what the engine and PostgreSQL use of a processor
 *   due      the clock is moved to tomorrow: turns a second, CPU of a turn; from a live event committed to its turn committed (PostgreSQL's commit
 *            timestamps); at last whether everyone was advanced, once
 *
 *   statements  where PostgreSQL's time goes while they fall due, one by one (pg_stat_statements: the time that they ran, without commits; costs some of it)
 *
 * The leads are tools/crowd.h's, five events of history each. For another size than was run, what is printed holds per turn. */
#include "../unit/database.h"

#include "base/log.h"
#include "base/metrics.h"
#include "bench/cpu.h"
#include "engine/engine.h"
#include "tools/crowd.h"

#include <time.h>

static char name[32];
static int64_t leads = 20000, live_rate = 100, reserve;
static bool statements;

/* ---- what is there ---- */

static void publish(void)
{
	struct buf out = {0};
	buf_puts(&out, "playbook \"bench\" { title = \"Bench\", time_zone = \"UTC\", language = \"en\", postal_address = \"1 Road, Town\" }\n"
		       "consent \"email\" { purpose = \"marketing\", default = \"opt-out\", unknown = \"opt-out\" }\n"
		       "asset \"security-guide\" { title = \"A\", kind = \"white-paper\", topic = \"t\", url = \"https://example.com/a\" }\n"
		       "model \"nurture\" { title = \"What it does\", from = 0, to = 1000,\n"
		       "  rule \"reads\" { on \"asset.download\", points = 5, each = \"time\", max = 100 },\n"
		       "  rule \"looks\" { on \"page.view\" { subject = \"/pricing\" }, points = 3, each = \"time\", max = 30 },\n"
		       "  rule \"decides\" { lead { role = { \"executive\", \"champion\" } }, points = 10 },\n}\n"
		       "grades \"g\" { model = \"nurture\", band \"hot\" { from = 20 }, band \"cold\" { from = 0 } }\n"
		       "campaign \"drip\" { title = \"Drip\", enter = on \"form.submit\" { subject = \"drip\" },\n");
	for (int i = 0; i < 8; i++)
		buf_printf(&out, "  step \"s%d\" { %semail \"hello\" { hours = \"any\" } },\n", i, i ? "wait \"1 day\", " : "");
	buf_puts(&out, "}\n");
	database_ask(name, "insert into revision values ('r', now(), 'bench', '', 'bench')");
	database_ask(name, "insert into revision_file values ('r', 'playbook.lua', convert_to($lua$%s$lua$, 'UTF8')), "
			   "('r', 'templates/email/hello.md', convert_to($lua$---\nsubject: Hello\n---\nHello.\n$lua$, 'UTF8'))", buf_str(&out).p);
	database_ask(name, "insert into activation values (1, 'r', now(), 'bench', '')");
	buf_fini(&out);
}

/* Everyone but the reserve stands before the second step, due tomorrow; and has a first turn, which scores it and sets its wake. */
static void fill(void)
{
	char conninfo[256];
	struct crowd crowd = {.connection = PQconnectdb(database_conninfo(name, "nurture_owner", conninfo)), .leads = leads + reserve, .events = 5, .seed = 1, .now = real_now()};
	crowd_make(&crowd);
	PQfinish(crowd.connection);
	database_ask(name, "insert into enrollment (shard, enrollment_id, lead_id, campaign, step, state, entered_at, step_since, due_at, over_at, passes, revision) "
			   "select shard, new_id(shard), lead_id, 'drip', 's1', 'active', now() - interval '1 hour', now() - interval '1 hour', now() + interval '23 hours', "
			   "now() - interval '1 hour', '{\"s0\": 1, \"s1\": 1}', 'r' from lead where lead_id >> 6 < %lld", (long long)(crowd_id(leads) >> 6));
	database_ask(name, "insert into inbox (shard, lane, lead_id) select shard, 2, lead_id from lead");
	database_ask(name, "vacuum analyze");
}

/* ---- the live events ---- */

static pid_t start_live(void)
{
	char conninfo[256], sql[1024];
	pid_t child = fork();
	if (child)
		return child;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	PGconn *connection = PQconnectdb(database_conninfo(name, "nurture_owner", conninfo));
	mono_t begin = mono_now();
	for (int64_t i = 0; i < reserve; i++) {
		int64_t wait = begin + i * MOMENT_SECOND / live_rate - mono_now();
		if (wait > 0)
			usleep((useconds_t)wait);
		int64_t lead = crowd_id(leads + i);
		snprintf(sql, sizeof sql, "with e as (insert into event (received_at, event_id, shard, lead_id, at, verb, subject, machine) "
			 "select c.domain0 + (now() - c.real0), new_id(%d), %d, %lld, now(), 'asset.download', 'security-guide', false from clock c returning *) "
			 "insert into inbox (shard, lane, lead_id, event_id, received_at, at, value, machine, verb, subject, data) "
			 "select shard, 0, lead_id, event_id, received_at, at, value, machine, verb, subject, data from e", (int)(lead & 63), (int)(lead & 63), (long long)lead);
		PQclear(PQexec(connection, sql));
	}
	pause();
	_exit(0);
}

/* ---- the engine as it runs ---- */

static struct config config;
static struct config_channel channel = {.name = "email", .plugin = "email", .in_doubt = "hold"};
static struct worker worker;

static void on_drained(void *arg)
{
	*(bool *)arg = true;
}

static bool is_quiet(void)
{
	return atol(database_ask(name, "select (exists (select from inbox) or exists (select from account_inbox))::int")) == 0;
}

static void run_for(int64_t us)
{
	for (mono_t end = mono_now() + us; mono_now() < end;)
		loop_once(worker.loop, end - mono_now());
}

static void run_until_quiet(void)
{
	for (mono_t limit = mono_now() + 1800 * MOMENT_SECOND; !is_quiet();) {
		run_for(MOMENT_SECOND / 2);
		if (mono_now() > limit)
			database_fail("the engine does not turn all leads");
	}
}

static double load_now(void)
{
	double load = 0;
	(void)getloadavg(&load, 1);
	return load;
}

static void asleep(void)
{
	enum { SECONDS_ASLEEP = 3 };
	struct cpu from = cpu_now();
	run_for(SECONDS_ASLEEP * MOMENT_SECOND);
	struct cpu to = cpu_now();
	printf("  asleep   %lld enrollments: engine %.2f %%, PostgreSQL %.2f %% of a processor\n", (long long)leads,
	       (double)(to.self - from.self) / (SECONDS_ASLEEP * 1e4), (double)(to.postgres - from.postgres) / (SECONDS_ASLEEP * 1e4));
	fflush(stdout);
}

static void print_statements(void)
{
	printf("%s\n", database_ask(name,
	       "select string_agg(format(E'    %%s us %%s calls %%s rows %%s WAL  %%s', to_char(total_exec_time * 1000 / %f, '990.00'), calls, rows, "
	       "round(wal_bytes / %f::numeric), left(regexp_replace(query, '\\s+', ' ', 'g'), 90)), E'\n' order by total_exec_time desc) "
	       "from (select * from pg_stat_statements where dbid = (select oid from pg_database where datname = current_database()) order by total_exec_time desc limit 22) s",
	       (double)leads, (double)leads));
}

static void due(void)
{
	if (statements)
		database_ask(name, "select pg_stat_statements_reset()");
	database_ask(name, "update clock set domain0 = domain0 + interval '1 day'");
	int64_t planned = metrics_get(worker.metrics, METRIC_TOUCHES_PLANNED), decided = metrics_get(worker.metrics, METRIC_TURN_MICROS);
	struct cpu from = cpu_now();
	mono_t begin = mono_now();
	pid_t live = live_rate ? start_live() : 0;
	while (metrics_get(worker.metrics, METRIC_TOUCHES_PLANNED) - planned < leads && mono_now() - begin < 1800 * MOMENT_SECOND)
		loop_once(worker.loop, 50000);
	double took = (double)(mono_now() - begin) / 1e6, count = (double)leads;
	struct cpu to = cpu_now();
	printf("  due      %lld in %.1f s: %.0f a second; CPU a turn: engine %.1f us (%.1f deciding), PostgreSQL %.1f us; a million: %.0f s; two cores alone: %.0f s; load %.1f\n",
	       (long long)leads, took, count / took, (double)(to.self - from.self) / count,
	       (double)(metrics_get(worker.metrics, METRIC_TURN_MICROS) - decided) / count, (double)(to.postgres - from.postgres) / count, took * 1e6 / count,
	       (double)(to.self - from.self + to.postgres - from.postgres) / count / 2, load_now());
	if (statements)
		print_statements();
	if (live) {
		kill(live, SIGKILL);
		waitpid(live, NULL, 0);
	}
	run_until_quiet();
}

static void tell_live(void)
{
	printf("  live     %s\n", database_ask(name,
	       "select format('%%s events, from committed to turned, milliseconds: median %%s, p95 %%s, p99 %%s, worst %%s', count(*), "
	       "round(percentile_disc(0.5) within group (order by ms)), round(percentile_disc(0.95) within group (order by ms)), "
	       "round(percentile_disc(0.99) within group (order by ms)), round(max(ms))) from (select "
	       "extract(epoch from pg_xact_commit_timestamp(h.xmin) - pg_xact_commit_timestamp(e.xmin)) * 1000 as ms from event e join lead_history h using (shard, lead_id) "
	       "where e.verb = 'asset.download') x"));
}

static void judge(void)
{
	const char *wrong = database_ask(name, "select count(*) from enrollment e where e.step <> 's1' or e.touch_id is null or "
					       "(select count(*) from touch t where t.shard = e.shard and t.lead_id = e.lead_id) <> 1");
	printf("  %s enrollments were not advanced exactly once\n", wrong);
}

int main(int argc, char **argv)
{
	char conninfo[256];
	bool drained = false;
	leads = argc > 1 ? atoll(argv[1]) : leads;
	live_rate = argc > 2 ? atoll(argv[2]) : live_rate;
	statements = argc > 3 && strcmp(argv[3], "statements") == 0;
	reserve = live_rate * (10 + leads / 1000);
	if (leads < 1000 || leads > 2000000 || live_rate < 0 || live_rate > 1000) {
		fprintf(stderr, "engine_due [LEADS, 1000 to 2000000 [LIVE A SECOND, 0 to 1000 [statements]]]\n");
		return 2;
	}
	log_set_level(LOG_LEVEL_WARN);
	channel.says = json_pack("{s:s, s:s, s:[s]}", "kind", "email", "body", "markdown", "template_fields", "!subject");
	config = (struct config){.channels = &channel, .channel_count = 1, .postal_address = "1 Road, Town"};
	database.options = statements ? "-c shared_preload_libraries=pg_stat_statements" : NULL;
	database_begin(true);
	snprintf(name, sizeof name, "%s", database_new());
	if (statements)
		database_ask(name, "create extension pg_stat_statements");
	publish();
	fill();
	worker = (struct worker){.loop = loop_new(), .config = &config, .time_scale = 1, .metrics = metrics_new_shared(), .owner = "engine",
				 .conninfo = database_conninfo(name, "nurture_runtime", conninfo)};
	void *engine = engine_role.start(&worker, NULL);
	mono_t begin = mono_now();
	run_until_quiet();
	printf("engine_due: %lld enrollments, %lld live events a second; the first turns of %lld leads and their accounts took %.1f s\n", (long long)leads,
	       (long long)live_rate, (long long)(leads + reserve), (double)(mono_now() - begin) / 1e6);
	database_ask(name, "vacuum analyze");
	asleep();
	due();
	if (live_rate)
		tell_live();
	judge();
	engine_role.drain(engine, on_drained, &drained);
	store_wait(worker.loop, &drained, 20 * MOMENT_SECOND);
	engine_role.stop(engine);
	loop_free(worker.loop);
	metrics_free(worker.metrics);
	return 0;
}
