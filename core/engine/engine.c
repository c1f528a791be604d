/* The engine worker: leases, polling, ids, its life. What is done with the shards that have work is in lines.c. */
#include "engine/engine.h"

#include "base/log.h"
#include "base/mem.h"
#include "engine/parts.h"
#include "playbook/site.h"
#include "store/admin.h"
#include "store/lease.h"

#include <stdlib.h>

static const int64_t poll_us = 100000, poll_busy_us = 50000 /* something live was there */, poll_scaled_us = 10000, pause_us = MOMENT_SECOND,
		     newer_us = 5 * MOMENT_SECOND /* where the database is newer than this program */,
		     free_us = 200000; /* between asking for shards that are free and not ours to take */
enum { IDS_LOW = 8192, IDS_BLOCK = 32768 };

moment_t engine_now(const struct engine *engine)
{
	return clock_domain(&engine->clock, real_now());
}

/* For nurture status, /readyz and /metrics: they show what lasts. */
static void on_told(void *arg, const struct error *error)
{
	(void)arg;
	(void)error; /* what it is stands in the log */
}

static void tell_trouble(struct engine *engine, const char *what, const struct error *error)
{
	if (engine->stopping || (engine->trouble == what && mono_now() < engine->trouble_told + pause_us))
		return;
	store_engine_trouble(engine->writes, what, error, on_told, NULL);
	engine->trouble = what;
	engine->trouble_told = mono_now();
}

void engine_trouble(struct engine *engine, const char *what, const struct error *error)
{
	engine->pause_until = mono_now() + pause_us;
	if (error->code == ERROR_UNAVAILABLE)
		metrics_add(engine->worker->metrics, METRIC_DATABASE_LOST, 1);
	else
		tell_trouble(engine, what, error);
	log_warn("engine.trouble", log_str("what", what), log_str("code", error_code_name(error->code)), log_str("where", error->where),
		 log_str("message", error->message));
}

/* ---- leases ---- */

/* Others may take over all but what is in hand, and need not leave us a share. */
static void retire(struct engine *engine)
{
	uint64_t keep = rescore_shards(engine->rescore) | engine->in_hand;
	if (!engine->leasing)
		store_lease_retire(engine->reads, "engine", engine->worker->owner, keep, NULL, NULL);
}

static void on_leases(void *arg, uint64_t shards, int owners, const struct error *error)
{
	struct engine *engine = arg;
	engine->leasing = false;
	loop_timer_set(engine->lease_timer, LEASE_RENEW_SECONDS * MOMENT_SECOND);
	if (error) {
		engine_trouble(engine, "lease", error);
		return;
	}
	if (engine->draining) {
		retire(engine);
		return;
	}
	if (shards != engine->held)
		log_info("engine.leases", log_int("shards", __builtin_popcountll(shards)), log_int("owners", owners));
	engine->ready |= shards & ~engine->held; /* new ones: look at once */
	engine->stale |= shards & ~engine->held;
	engine->ready &= shards;
	engine->held = shards;
	engine_pump(engine);
}

static void on_lease_timer(void *arg)
{
	struct engine *engine = arg;
	if (engine->leasing || engine->draining)
		return;
	engine->leasing = true;
	engine->leased_at = mono_now();
	store_lease_tick(engine->writes, "engine", engine->worker->owner, SHARD_COUNT, on_leases, engine);
}

/* ---- polling ---- */

static void set_poll_timer(struct engine *engine)
{
	if (engine->drained)
		return;
	if (engine->gave_way)
		loop_timer_set(engine->poll_timer, newer_us);
	else
		loop_timer_set(engine->poll_timer, engine->worker->time_scale != 1.0 ? poll_scaled_us : engine->live ? poll_busy_us : poll_us);
}

static void look(struct engine *engine, const struct poll *poll)
{
	engine->clock = poll->clock;
	engine->clock_known = true;
	engine->accounts = poll->accounts;
	engine->alike = poll->alike;
	sales_look(engine, poll);
	engine->stale |= poll->account_walks;
	lines_look(engine, poll);
	rescore_look(engine->rescore, poll);
}

static void give_way(struct engine *engine);

static void on_poll(void *arg, const struct poll *poll, const struct error *error)
{
	struct engine *engine = arg;
	engine->polling = false;
	if (error) {
		set_poll_timer(engine);
		engine_trouble(engine, "poll", error);
		if (error->code == ERROR_CONFLICT)
			give_way(engine);
		return;
	}
	if (engine->draining)
		return;
	look(engine, poll);
	set_poll_timer(engine);
	if (poll->free && mono_now() - engine->leased_at >= free_us)
		on_lease_timer(engine);
	if (poll->activation && !engine_edition_is(engine, poll->activation))
		engine_load_edition(engine);
	engine_pump(engine);
}

static void on_poll_timer(void *arg)
{
	struct engine *engine = arg;
	if (engine->polling || (engine->draining && !engine->gave_way))
		return;
	if (mono_now() < engine->pause_until) {
		set_poll_timer(engine);
		return;
	}
	engine->polling = true;
	engine->polled = engine->in_hand;
	store_poll_turns(engine->reads, engine->held, engine->clock_known ? engine_now(engine) : 0, on_poll, engine);
}

/* ---- ids ---- */

static void on_ids(void *arg, int64_t first, const struct error *error)
{
	struct engine *engine = arg;
	engine->ids.asking = false;
	if (error) {
		engine_trouble(engine, "ids", error);
		return;
	}
	engine->ids.next = first;
	engine->ids.end = first + IDS_BLOCK;
	engine_pump(engine);
}

/* Ids enough for a batch; else asks for more. What is left of the old block is never used. */
static bool have_ids(struct engine *engine)
{
	if (engine->ids.end - engine->ids.next >= IDS_LOW)
		return true;
	if (!engine->ids.asking) {
		engine->ids.asking = true;
		store_ids(engine->writes, IDS_BLOCK, on_ids, engine);
	}
	return false;
}

static void finish_drain(struct engine *engine);

void engine_pump(struct engine *engine)
{
	if (engine->stopping)
		return;
	lines_save(engine);
	if (engine->draining) {
		finish_drain(engine);
		return;
	}
	engine_accounts(engine);
	engine_turn_same(engine);
	if (!engine->edition || engine->loading_edition || !engine->clock_known || mono_now() < engine->pause_until || !have_ids(engine))
		return;
	lines_load(engine);
	rescore_pump(engine->rescore);
}

/* ---- the role ---- */

static void *engine_start(struct worker *worker, struct error *error)
{
	(void)error;
	struct engine *engine = mem_alloc(sizeof *engine);
	*engine = (struct engine){.worker = worker};
	engine->arena = arena_new();
	engine->current = playbook_current_new(playbook_site_without_templates(worker->config, engine->arena), "engine");
	engine->reads = store_new(worker->loop, worker->conninfo, "engine.reads");
	engine->writes = store_new(worker->loop, worker->conninfo, "engine.writes");
	lines_init(engine);
	engine->rescore = rescore_new(engine);
	engine->lease_timer = loop_timer_new(worker->loop, on_lease_timer, engine);
	engine->poll_timer = loop_timer_new(worker->loop, on_poll_timer, engine);
	loop_timer_set(engine->lease_timer, 0);
	loop_timer_set(engine->poll_timer, 0);
	if (worker->time_scale != 1.0)
		engine->keeper = keeper_new(worker);
	return engine;
}

static void on_released(void *arg, const struct error *error)
{
	struct engine *engine = arg;
	if (error) /* they run out by themselves */
		log_warn("lease.release", log_str("message", error->message));
	engine->gave_way = !engine->drained;
	set_poll_timer(engine); /* it goes on to say why it does nothing: status, /readyz */
	if (engine->drained)
		engine->drained(engine->drained_arg);
}

static void finish_drain(struct engine *engine)
{
	rescore_drain(engine->rescore);
	if (engine->in_hand || engine->turning || engine->looking_alike || rescore_shards(engine->rescore) || engine->released)
		return;
	engine->released = true;
	if (engine->keeper)
		store_lease_release(engine->writes, "clock", engine->worker->owner, ~UINT64_C(0), NULL, NULL);
	keeper_free(engine->keeper);
	engine->keeper = NULL;
	store_lease_release(engine->writes, "engine", engine->worker->owner, ~UINT64_C(0), on_released, engine);
}

/* A program of before on a database that a newer one has taken on: its shards go to those who know it. It stays, without work, until it is drained or ended, and says so. */
static void give_way(struct engine *engine)
{
	if (engine->draining)
		return;
	engine->draining = true;
	loop_timer_stop(engine->poll_timer);
	loop_timer_stop(engine->lease_timer);
	retire(engine);
	engine_pump(engine);
}

static void engine_drain(void *self, worker_drained_fn *fn, void *arg)
{
	struct engine *engine = self;
	engine->drained = fn;
	engine->drained_arg = arg;
	if (engine->gave_way) {
		loop_later(engine->worker->loop, fn, arg);
		return;
	}
	engine->draining = false;
	give_way(engine);
}

static void engine_stop(void *self)
{
	struct engine *engine = self;
	/* Operations in flight are answered with ERROR_UNAVAILABLE while the connections close; nothing new is begun. */
	engine->stopping = true;
	rescore_free(engine->rescore);
	sales_fini(engine);
	taken_fini(engine);
	engine->rescore = NULL;
	store_free(engine->reads);
	store_free(engine->writes);
	lines_fini(engine);
	keeper_free(engine->keeper);
	engine_accounts_free(engine);
	playbook_current_free(engine->current);
	arena_free(engine->arena);
	loop_timer_free(engine->lease_timer);
	loop_timer_free(engine->poll_timer);
	free(engine);
}

const struct worker_role engine_role = {.name = "engine", .start = engine_start, .drain = engine_drain, .stop = engine_stop};
