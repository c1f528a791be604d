/* delivery_touches [TOUCHES [CAPACITY [GROUP]]]: touches a second through the whole loop of a channel (claim, gate, template, permission, outcome,
 * events for the turns) with a plugin that says "sent" at once, beside what the database part costs when nothing runs beside anything, on a
 * private cluster with fsync on, in the same run. That part claims CAPACITY touches at once, permits and records GROUP of them together; time, and CPU of
 * the connection's backend. */
#include "../unit/database.h"

#include "bench/cpu.h"

#include "base/log.h"
#include "base/metrics.h"
#include "delivery/delivery.h"
#include "delivery/parts.h"
#include "store/lease.h"

#include <libgen.h>

static char name[32];
static int touches = 10000, capacity = 500, group = CHANNEL_CAPACITY_MAX;

static const char playbook[] = "playbook \"bench\" { title = \"Bench\", time_zone = \"UTC\", language = \"en\", postal_address = \"1 Road, Town\" }\n"
			       "consent \"email\" { purpose = \"marketing\", default = \"opt-out\", unknown = \"opt-out\" }\n"
			       "campaign \"drip\" { title = \"Drip\", enter = \"by hand\", step \"one\" { email \"hello\" { hours = \"any\" } } }\n";
static const char hello[] = "---\nsubject: Hello {{ lead.first_name | default: \"you\" }}\n---\nHello {{ lead.email }}, this is *news*.\n\n"
			    "{% if lead.country == \"US\" %}Come and see us.{% endif %}\n";

static void fill(void)
{
	database_ask(name, "insert into revision values ('r', now(), 'bench', '', 'bench')");
	database_ask(name, "insert into revision_file values ('r', 'playbook.lua', convert_to($lua$%s$lua$, 'UTF8')), "
			   "('r', 'templates/email/hello.md', convert_to($lua$%s$lua$, 'UTF8'))", playbook, hello);
	database_ask(name, "insert into activation values (1, 'r', now(), 'bench', '')");
	database_ask(name, "insert into lead (shard, lead_id, created_at, updated_at, email, country) select n & 63, ((100000 + n)::int8 << 6) | (n & 63), now(), now(), "
			   "'lead' || n || '@company' || n %% 500 || '.example', 'US' from generate_series(1, %d) n", touches);
}

static void plan(void)
{
	database_ask(name, "insert into touch (shard, touch_id, lead_id, enrollment_id, campaign, step, pass, channel, kind, template, purpose, state, planned_at, due_at, any_hours, revision) "
			   "select shard, new_id(shard), lead_id, new_id(shard), 'drip', 'one', 1, 'email', 'email', 'hello', 'marketing', 'planned', now(), now(), true, 'r' from lead");
	database_ask(name, "vacuum analyze");
}

static struct config_channel channel = {.name = "email", .plugin = "puppet", .in_doubt = "hold"};
static struct config config = {.public_url = "https://go.example.com", .postal_address = "1 Road, Town", .channels = &channel, .channel_count = 1};

static void on_drained(void *arg)
{
	*(bool *)arg = true;
}

static double run_loop(void)
{
	char conninfo[256];
	struct error error = {0};
	struct worker worker = {.loop = loop_new(), .config = &config, .channel = &channel, .time_scale = 1, .metrics = metrics_new_shared(), .owner = "delivery"};
	worker.conninfo = database_conninfo(name, "nurture_runtime", conninfo);
	void *delivery = delivery_role.start(&worker, &error);
	if (!delivery)
		database_fail(error.message);
	mono_t first = 0, limit = mono_now() + 120 * MOMENT_SECOND;
	int64_t before = 0, sent = 0;
	while (sent < touches && mono_now() < limit) {
		loop_once(worker.loop, 1000);
		sent = metrics_get(worker.metrics, METRIC_TOUCHES_SENT);
		if (sent && !first)
			first = mono_now(), before = sent;
	}
	mono_t last = mono_now();
	bool drained = false;
	delivery_role.drain(delivery, on_drained, &drained);
	store_wait(worker.loop, &drained, 20 * MOMENT_SECOND);
	delivery_role.stop(delivery);
	loop_free(worker.loop);
	metrics_free(worker.metrics);
	if (database_count(name, "touch where state = 'sent'") != touches)
		database_fail("not all touches were sent");
	return (double)(sent - before) * 1e6 / (double)(last - first);
}

/* ---- the database part, one thing at a time ---- */

struct alone {
	struct waited waited;
	struct claims *claims;
};
static void on_claims(void *arg, struct claims *claims, const struct error *error)
{
	struct alone *a = arg;
	a->claims = claims;
	database_done(&a->waited, error);
}
static void on_permission(void *arg, const enum permission *words, size_t count, const struct error *error)
{
	(void)words, (void)count;
	database_done(arg, error);
}

static void on_answers(void *arg, const bool *allowed, size_t count, const struct error *error)
{
	(void)allowed, (void)count;
	database_done(arg, error);
}
static void on_lease(void *arg, uint64_t shards, int owners, const struct error *error)
{
	(void)shards, (void)owners;
	database_done(arg, error);
}

struct spent {
	mono_t time;
	int64_t cpu;
};
static char backend[16];

/* `begin` and `end` what is measured: the time now, and the backend's CPU. */
static struct spent now(void)
{
	return (struct spent){mono_now(), *backend ? cpu_of(backend) : 0};
}

static void wait_for(struct loop *loop, struct waited *waited, struct spent *sum, struct spent begun)
{
	store_wait(loop, &waited->done, 30 * MOMENT_SECOND);
	if (!waited->ok)
		database_fail(waited->error.message);
	*waited = (struct waited){0};
	struct spent end = now();
	sum->time += end.time - begun.time;
	sum->cpu += end.cpu - begun.cpu;
}

static void move(struct loop *loop, struct store *store, struct alone *a, const int64_t *ids, const struct outcome *outcomes, size_t count,
		 struct spent spent[3])
{
	struct spent begun = now();
	store_permit(store, "alone", "email", "alone", NULL, ids, count, real_now(), on_permission, &a->waited);
	wait_for(loop, &a->waited, &spent[1], begun);
	begun = now();
	store_outcomes(store, "alone", outcomes, count, real_now(), on_answers, &a->waited);
	wait_for(loop, &a->waited, &spent[2], begun);
}

static int64_t run_alone(struct spent spent[3])
{
	char conninfo[256];
	struct loop *loop = loop_new();
	struct store *store = store_new(loop, database_conninfo(name, "nurture_runtime", conninfo), "delivery.alone");
	struct alone a = {0};
	int64_t ids[CHANNEL_CAPACITY_MAX], done = 0;
	static struct outcome outcomes[CHANNEL_CAPACITY_MAX];
	store_lease_tick(store, "channel:email", "alone", 1, on_lease, &a.waited);
	wait_for(loop, &a.waited, &(struct spent){0}, now());
	snprintf(backend, sizeof backend, "%s", database_ask(name, "select pid from pg_stat_activity where application_name = 'delivery.alone'"));
	for (size_t count = 1; count;) {
		struct claim_request request = {.owner = "alone", .token = "alone", .channel = "email", .now = real_now(), .limit = (size_t)capacity, .longest_cap = MOMENT_DAY};
		struct spent begun = now();
		store_claim(store, &model_standard_schema, &request, on_claims, &a);
		wait_for(loop, &a.waited, &spent[0], begun);
		count = a.claims->count;
		for (size_t i = 0; i < count; i++) {
			const struct claim *c = &a.claims->items[i];
			ids[i] = c->touch.id;
			outcomes[i] = (struct outcome){.touch_id = c->touch.id, .lead_id = c->touch.lead_id, .attempt = c->attempt, .state = TOUCH_SENT,
				.reason = STR("250 ok"), .remote_id = STR("q"), .campaign = c->touch.campaign, .step = c->touch.step, .kind = c->touch.kind,
				.template_name = c->touch.template_name, .channel = c->touch.channel, .attempt_spent = true};
		}
		for (size_t i = 0; i < count; i += (size_t)group)
			move(loop, store, &a, ids + i, outcomes + i, count - i < (size_t)group ? count - i : (size_t)group, spent);
		done += (int64_t)count;
		store_claims_free(a.claims);
	}
	store_free(store);
	loop_free(loop);
	return done;
}

int main(int argc, char **argv)
{
	struct spent spent[3] = {0};
	if (argc > 1)
		touches = atoi(argv[1]);
	if (argc > 2)
		capacity = atoi(argv[2]);
	if (argc > 3)
		group = atoi(argv[3]);
	if (touches < 1000 || touches > 50000 || capacity < 1 || capacity > CHANNEL_CAPACITY_MAX || group < 1 || group > CHANNEL_CAPACITY_MAX) {
		fprintf(stderr, "delivery_touches [TOUCHES, 1000 to 50000 [CAPACITY [GROUP]]], both 1 to %d\n", CHANNEL_CAPACITY_MAX);
		return 2;
	}
	char *self = realpath("/proc/self/exe", NULL), plugins[4200];
	snprintf(plugins, sizeof plugins, "%s/../tests/plugins", dirname(self));
	config.plugin_dir = plugins;
	channel.settings = json_pack("{s:s, s:i}", "act", "send", "capacity", capacity);
	channel.says = json_pack("{s:s, s:s, s:[s]}", "kind", "email", "body", "markdown", "template_fields", "!subject");
	log_set_level(LOG_LEVEL_WARN);
	database_begin(true);
	config.data_dir = database.folder;
	snprintf(name, sizeof name, "%s", database_new());
	fill();
	plan();
	double loop_rate = run_loop();
	database_ask(name, "delete from touch");
	plan();
	double done = (double)run_alone(spent), us[3], all = 0;
	for (int i = 0; i < 3; i++)
		all += us[i] = (double)spent[i].time / done;
	printf("%d touches, capacity %d, one channel, fsync on\n", touches, capacity);
	printf("  the loop of the channel               %9.0f touches/s\n", loop_rate);
	printf("  its database part alone, a touch: claim %.1f us, permission %.1f us, outcome %.1f us\n", us[0], us[1], us[2]);
	printf("  CPU of its backend: claim %.1f us, permission %.1f us, outcome %.1f us\n", (double)spent[0].cpu / done, (double)spent[1].cpu / done,
	       (double)spent[2].cpu / done);
	double slowest = us[0] > us[1] + us[2] ? us[0] : us[1] + us[2];
	printf("  limit, claims beside the other two    %9.0f touches/s: the loop reaches %.0f %%\n", 1e6 / slowest, loop_rate * slowest / 1e4);
	printf("  one after the other                   %9.0f touches/s\n", 1e6 / all);
	free(self);
	return 0;
}
