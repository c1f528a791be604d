/* engine_turns [LEADS]: turns a second from inbox to commit, one engine worker and PostgreSQL on this machine's cores, fsync on.
 *
 *   arrive   20 new events each (as imports and web tracking bring them), a first score, entering a campaign, a mail planned
 *   sent     the mail is over: the walk goes on to its next step
 *   step     one new event from the inbox, 20 rules, 20 events of history and more, one step advanced, one mail planned: the measure
 *
 * Beside each: CPU time of a turn, of the engine and of PostgreSQL apart, and what two cores with nothing else to do would give by that.
 * Last the same batches with nothing beside anything: loading alone, deciding alone, saving alone. */
#include "../unit/database.h"

#include "base/log.h"
#include "base/metrics.h"
#include "engine/engine.h"
#include "engine/parts.h"
#include "bench/cpu.h"
#include "playbook/current.h"
#include "store/lease.h"

static char name[32];
static int leads = 20000;

/* ---- the playbook ---- */

static char *playbook_text(void)
{
	struct buf out = {0};
	buf_puts(&out, "playbook \"bench\" { title = \"Bench\", time_zone = \"UTC\", language = \"en\", postal_address = \"1 Road, Town\" }\n"
		       "consent \"email\" { purpose = \"marketing\", default = \"opt-out\", unknown = \"opt-out\" }\n");
	for (int i = 0; i < 20; i++)
		buf_printf(&out, "asset \"a%d\" { title = \"A\", kind = \"white-paper\", topic = \"t%d\", url = \"https://example.com/a\" }\n", i, i % 4);
	buf_puts(&out, "model \"nurture\" { title = \"What it does\", from = 0, to = 1000,\n");
	for (int i = 0; i < 20; i++)
		buf_printf(&out, "  rule \"r%d\" { on \"asset.download\" { subject = \"a%d\" }, points = %d, each = \"time\", max = 100 },\n", i, i, i + 1);
	buf_puts(&out, "}\ngrades \"g\" { model = \"nurture\", band \"hot\" { from = 100 }, band \"cold\" { from = 0 } }\n"
		       "campaign \"drip\" { title = \"Drip\", enter = on \"asset.download\",\n");
	for (int i = 0; i < 8; i++)
		buf_printf(&out, "  step \"s%d\" { %semail \"hello\" { hours = \"any\" } },\n", i, i ? "wait \"1 day\", " : "");
	buf_puts(&out, "}\n");
	return buf_take(&out);
}

static const char hello[] = "---\nsubject: Hello\n---\nHello.\n";

/* ---- rows ---- */

/* As intake does it (core/store/event_write.sql). */
#define TELL                                                                                                                         \
	"insert into inbox (shard, lane, lead_id, event_id, received_at, at, value, machine, verb, subject, data) "                  \
	"select shard, 0, lead_id, event_id, received_at, at, value, machine, verb, subject, data from e"

static void fill(void)
{
	char *text = playbook_text();
	database_ask(name, "insert into revision values ('r', now(), 'bench', '', 'bench')");
	database_ask(name, "insert into revision_file values ('r', 'playbook.lua', convert_to($lua$%s$lua$, 'UTF8')), "
			   "('r', 'templates/email/hello.md', convert_to($lua$%s$lua$, 'UTF8'))", text, hello);
	free(text);
	database_ask(name, "insert into activation values (1, 'r', now(), 'bench', '')");
	database_ask(name, "insert into lead (shard, lead_id, created_at, updated_at, email, country) select n & 63, ((100000 + n)::int8 << 6) | (n & 63), now() - interval '60 days', "
			   "now(), 'lead' || n || '@company' || n %% 500 || '.example', 'US' from generate_series(1, %d) n", leads);
	database_ask(name, "with e as (insert into event (received_at, event_id, shard, lead_id, at, verb, subject, machine) select now(), new_id(shard), shard, lead_id, "
			   "now() - interval '1 day' * d, 'asset.download', 'a' || (d %% 20), false from lead, generate_series(1, 20) d returning *) " TELL);
}

/* Every mail that was planned is sent. */
static void send_mails(void)
{
	database_ask(name, "with t as (update touch set state = 'sent', over_at = now() where state = 'planned' returning *), "
			   "e as (insert into event (received_at, event_id, shard, lead_id, at, verb, subject, machine, data) "
			   "select now(), new_id(shard), shard, lead_id, now(), 'touch.over', null, false, jsonb_build_object('touch', touch_id, 'outcome', 'sent') from t "
			   "returning *) " TELL);
	database_ask(name, "vacuum analyze");
}

/* Each lead downloads something, and a day later its next step is due. */
static void next_day(void)
{
	database_ask(name, "with e as (insert into event (received_at, event_id, shard, lead_id, at, verb, subject, machine) "
			   "select now(), new_id(shard), shard, lead_id, now(), 'asset.download', 'a3', false from lead returning *) " TELL);
	database_ask(name, "update clock set domain0 = domain0 + interval '1 day'");
	database_ask(name, "vacuum analyze");
}

/* ---- the engine as it runs ---- */

struct drained {
	bool done;
};
static void on_drained(void *arg)
{
	((struct drained *)arg)->done = true;
}

static struct config config;
static struct config_channel channel = {.name = "email", .plugin = "email", .in_doubt = "hold"};

struct figures {
	double per_second, deciding;   /* microseconds a turn */
	double self, postgres;         /* microseconds of CPU a turn */
};

static struct figures run_engine(void)
{
	char conninfo[256];
	struct drained drained = {0};
	struct worker worker = {.loop = loop_new(), .config = &config, .time_scale = 1, .metrics = metrics_new_shared(), .owner = "engine"};
	database_conninfo(name, "nurture_runtime", conninfo);
	worker.conninfo = conninfo;
	void *engine = engine_role.start(&worker, NULL);
	mono_t first = 0, limit = mono_now() + 120 * MOMENT_SECOND;
	int64_t before = 0, turns = 0;
	struct cpu from = {0};
	while (turns < leads && mono_now() < limit) {
		loop_once(worker.loop, 100000);
		turns = metrics_get(worker.metrics, METRIC_TURNS);
		if (turns && !first)
			first = mono_now(), before = turns, from = cpu_now();
	}
	double count = (double)(turns - before), took = (double)(mono_now() - first);
	struct cpu to = cpu_now();
	struct figures out = {.per_second = count * 1e6 / took, .deciding = (double)metrics_get(worker.metrics, METRIC_TURN_MICROS) / (double)turns,
			      .self = (double)(to.self - from.self) / count, .postgres = (double)(to.postgres - from.postgres) / count};
	if (turns < leads || metrics_get(worker.metrics, METRIC_TURNS_FAILED))
		database_fail("the engine did not turn all leads");
	engine_role.drain(engine, on_drained, &drained);
	store_wait(worker.loop, &drained.done, 20 * MOMENT_SECOND);
	engine_role.stop(engine);
	loop_free(worker.loop);
	metrics_free(worker.metrics);
	return out;
}

/* ---- the same batches, one thing at a time ---- */

struct alone {
	struct waited waited;
	struct batch *batch;
	uint64_t shards;
};
static void on_batch(void *arg, struct batch *batch, const struct error *error)
{
	struct alone *a = arg;
	a->batch = batch;
	database_done(&a->waited, error);
}
static void on_lease(void *arg, uint64_t shards, int owners, const struct error *error)
{
	struct alone *a = arg;
	(void)owners;
	a->shards = shards;
	database_done(&a->waited, error);
}
static void wait_for(struct loop *loop, struct alone *a)
{
	store_wait(loop, &a->waited.done, 30 * MOMENT_SECOND);
	if (!a->waited.ok)
		database_fail(a->waited.error.message);
	a->waited = (struct waited){0};
}

static void run_alone(struct edition *edition, double *load_us, double *turn_us, double *save_us)
{
	char conninfo[256];
	struct loop *loop = loop_new();
	struct store *store = store_new(loop, database_conninfo(name, "nurture_runtime", conninfo), "bench");
	struct worker worker = {.loop = loop, .config = &config, .time_scale = 1, .owner = "alone"};
	struct engine engine = {.worker = &worker, .edition = edition, .ids = {.next = INT64_C(1) << 40, .end = INT64_C(1) << 41}};
	struct alone a = {0};
	int64_t spent[3] = {0}, turned = 0;
	store_lease_tick(store, "engine", worker.owner, SHARD_COUNT, on_lease, &a);
	wait_for(loop, &a);
	for (int shard = 0; shard < SHARD_COUNT; shard++) {
		mono_t t0 = mono_now();
		struct batch_request request = {.owner = worker.owner, .shard = shard, .now = real_now(), .limit = BATCH_LEADS, .longest_cap = edition->longest_cap};
		store_batch_load(store, &edition->playbook->schema, &request, on_batch, &a);
		wait_for(loop, &a);
		mono_t t1 = mono_now();
		struct round *round = round_new(&engine, a.batch);
		mono_t t2 = mono_now();
		if (!round)
			continue;
		struct batch_save save = {.owner = worker.owner, .revision = edition->playbook->revision, .batch = round->batch,
					  .schema = &edition->playbook->schema, .leads = round->saves, .count = round->count};
		store_batch_save(store, &save, database_done, &a.waited);
		wait_for(loop, &a);
		spent[0] += t1 - t0, spent[1] += t2 - t1, spent[2] += mono_now() - t2;
		turned += (int64_t)round->count;
		round_free(round);
	}
	store_free(store);
	loop_free(loop);
	*load_us = (double)spent[0] / (double)turned;
	*turn_us = (double)spent[1] / (double)turned;
	*save_us = (double)spent[2] / (double)turned;
}

static struct edition *load_edition(void)
{
	struct problems problems = {.arena = arena_new()};
	static const char *const fields[] = {"!subject", NULL};
	static const struct playbook_channel channels[] = {{.name = "email", .kind = "email", .template_fields = fields, .body = "markdown"}};
	static const struct playbook_site site = {.channels = channels, .channel_count = 1};
	struct playbook_file list[] = {{"playbook.lua", str_of(playbook_text())}, {"templates/email/hello.md", str_of(hello)}};
	struct playbook_files files = {.files = list, .count = 2};
	struct edition *edition = edition_load(&files, &site, 1, &problems);
	if (!edition)
		database_fail(problems_text(&problems));
	return edition;
}

static void show(const char *what, struct figures f)
{
	printf("  %-44s %6.0f turns/s; CPU a turn: engine %.1f us (%.1f deciding), PostgreSQL %.1f us; two cores: %.0f turns/s\n", what, f.per_second,
	       f.self, f.deciding, f.postgres, 2e6 / (f.self + f.postgres));
	fflush(stdout);
}

int main(int argc, char **argv)
{
	double load_us = 0, turn_us = 0, save_us = 0;
	if (argc > 1)
		leads = atoi(argv[1]);
	if (leads < 640 || leads > 30000) {
		fprintf(stderr, "engine_turns [LEADS, 640 to 30000]\n");
		return 2;
	}
	log_set_level(LOG_LEVEL_WARN);
	channel.says = json_pack("{s:s, s:s, s:[s]}", "kind", "email", "body", "markdown", "template_fields", "!subject");
	config = (struct config){.channels = &channel, .channel_count = 1, .postal_address = "1 Road, Town"};
	struct edition *edition = load_edition();
	database_begin(true);
	snprintf(name, sizeof name, "%s", database_new());
	fill();
	printf("%d leads, 64 shards, one engine, two connections, fsync on\n", leads);
	show("arrive: 20 events each, entering a campaign", run_engine());
	send_mails();
	show("sent: a mail is over, on to the next step", run_engine());
	next_day();
	struct figures step = run_engine();
	show("step: an event, a step and a touch", step);
	send_mails();
	(void)run_engine();
	next_day();
	run_alone(edition, &load_us, &turn_us, &save_us);
	double limit = 1e6 / (load_us > save_us ? load_us : save_us);
	printf("  step, one thing at a time: loading %.1f us, deciding %.1f us, saving %.1f us a turn\n", load_us, turn_us, save_us);
	printf("  limit, when all but the slowest were free %5.0f turns/s: the engine reaches %.0f %%\n", limit, 100 * step.per_second / limit);
	edition_unref(edition);
	return 0;
}
