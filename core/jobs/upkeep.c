/* A round: clock → chores, when they are due, else now and then the tests of splits → the rescore job, told how far its walk is until it is over → pause. Chores are: partitions →
 * keys (until a page comes back short) → what old imports left → visitors, page by page → merges of long ago → what sales have in hand → a job for each rule of retention
 * that had none today. Somebody may wait for a rescore: so rounds are frequent. One thing is in flight at a time; an error ends the round, and the next one begins after the pause. */
#include "jobs/upkeep.h"

#include "base/log.h"
#include "base/mem.h"
#include "jobs/purge_job.h"
#include "jobs/splits.h"
#include "store/admin.h"
#include "store/loads.h"
#include "store/revision.h"

#include <stdlib.h>

enum {
	ROUND_SECONDS = 1,
	CHORES_EVERY = 3600, /* rounds: an hour */
	CHORES_SCALED = 5,   /* the same, when days pass in minutes */
	SPLITS_EVERY = 5,    /* rounds; when days pass in minutes, each */
	KEYS_A_CALL = 5000,
	VISITORS_A_CALL = 500,
	WALK_LOOK_MS = 1000,
};

struct upkeep {
	struct worker *worker;
	struct store *store;
	struct loop_timer *timer;
	moment_t now;
	size_t rule;         /* of config->retention: the next one */
	int rounds;          /* since the last chores; -1 = there were none */
	bool busy, stopped, dead;
	int64_t job;         /* the rescore that runs; 0 = none */
	int64_t leads;       /* that there were when it was taken */
	int64_t heard;       /* the newest message to an account when all leads were through; -1 = they are not */
	bool walked;
	struct loop_timer *walk_timer;
};

static void on_walk(void *arg, const struct store_walk *walk, const struct error *error);

static void round_over(struct upkeep *u)
{
	u->busy = false;
	u->job = 0;
	if (u->dead)
		free(u);
	else if (!u->stopped)
		loop_timer_set(u->timer, ROUND_SECONDS * MOMENT_SECOND);
}

/* true when the round ends here. */
static bool give_up(struct upkeep *u, const char *what, const struct error *error)
{
	if (!error && !u->stopped && !u->dead)
		return false;
	if (error)
		log_warn("upkeep.failed", log_str("what", what), log_str("error", error->message));
	round_over(u);
	return true;
}

/* ---- rescore ---- */

static void look_at_walk(void *arg)
{
	struct upkeep *u = arg;
	store_walk_look(u->store, u->job, u->heard, on_walk, u);
}

static void on_job_over(void *arg, const struct error *error)
{
	struct upkeep *u = arg;
	if (!give_up(u, "job", error)) {
		log_info("job.over", log_int("job", u->job), log_str("kind", "rescore"));
		round_over(u);
	}
}

/* Engines do the walking: what is told here is how far they are. */
static void on_progress(void *arg, bool cancel, const struct error *error)
{
	struct upkeep *u = arg;
	if (error && error->code == ERROR_DENIED) { /* a later walk ended it */
		round_over(u);
		return;
	}
	if (give_up(u, "job", error))
		return;
	if (cancel || u->walked)
		store_job_end(u->store, u->job, u->worker->owner, cancel ? "cancelled" : "done", NULL, NULL, u->now, on_job_over, u);
	else
		loop_timer_set(u->walk_timer, WALK_LOOK_MS * 1000);
}

static void on_walk(void *arg, const struct store_walk *walk, const struct error *error)
{
	struct upkeep *u = arg;
	if (error && error->code == ERROR_DENIED) { /* its rows are a later walk's */
		round_over(u);
		return;
	}
	if (give_up(u, "rescore", error))
		return;
	u->walked = walk->over == SHARD_COUNT && walk->accounts_over == SHARD_COUNT && !walk->behind;
	if (u->heard < 0 && walk->over == SHARD_COUNT)
		u->heard = walk->newest;
	json_t *result = json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "leads", (json_int_t)walk->leads, "changed", (json_int_t)walk->changed, "graded",
				   (json_int_t)walk->graded, "turned", (json_int_t)walk->handed, "errors", (json_int_t)walk->errors, "accounts",
				   (json_int_t)walk->accounts, "accounts_changed", (json_int_t)walk->accounts_changed, "accounts_graded",
				   (json_int_t)walk->accounts_graded);
	int64_t leads = u->leads > walk->leads && walk->over < SHARD_COUNT ? u->leads : walk->leads;
	store_job_progress(u->store, u->job, u->worker->owner, walk->leads + walk->accounts, leads + walk->accounts_total, result, on_progress, u);
	json_decref(result);
}

static void on_total(void *arg, int64_t total, const struct error *error)
{
	struct upkeep *u = arg;
	if (give_up(u, "rescore", error))
		return;
	u->leads = total;
	look_at_walk(u);
}

static void on_job(void *arg, json_t *rows, const struct error *error)
{
	struct upkeep *u = arg;
	if (give_up(u, "job", error))
		return;
	json_t *row = json_array_get(rows, 0);
	if (!row) {
		round_over(u);
		return;
	}
	u->job = json_integer_value(json_object_get(row, "job_id"));
	u->heard = -1;
	log_info("job.taken", log_int("job", u->job), log_str("kind", "rescore"));
	store_leads_count(u->store, on_total, u);
}

static void take_job(struct upkeep *u)
{
	store_job_take(u->store, 0, "rescore", u->worker->owner, on_job, u);
}

/* ---- chores ---- */

static void on_rule(void *arg, int64_t job, const struct error *error);

static void next_rule(struct upkeep *u)
{
	const struct config *config = u->worker->config;
	if (u->rule == config->retention_count) {
		take_job(u);
		return;
	}
	json_t *arguments = purge_job_of_rule(&config->retention[u->rule++]);
	store_job_daily(u->store, "retention", arguments, u->now, on_rule, u);
	json_decref(arguments);
}

static void on_rule(void *arg, int64_t job, const struct error *error)
{
	struct upkeep *u = arg;
	(void)job;
	if (!give_up(u, "retention", error))
		next_rule(u);
}

static void on_loads(void *arg, const struct error *error)
{
	struct upkeep *u = arg;
	u->rule = 0;
	if (!give_up(u, "sales", error))
		next_rule(u);
}

static void on_merges(void *arg, int64_t gone, const struct error *error)
{
	struct upkeep *u = arg;
	(void)gone;
	if (!give_up(u, "merges", error))
		store_loads_reckon(u->store, on_loads, u);
}

static moment_t visitors_since(const struct upkeep *u)
{
	return u->now - u->worker->config->anonymous_days * MOMENT_DAY;
}

static void on_visitors(void *arg, int64_t last, const struct error *error)
{
	struct upkeep *u = arg;
	if (give_up(u, "visitors", error))
		return;
	if (last)
		store_visitors_purge(u->store, visitors_since(u), last, VISITORS_A_CALL, on_visitors, u);
	else
		store_merges_purge(u->store, u->now, on_merges, u);
}

static void on_imports(void *arg, int64_t gone, const struct error *error)
{
	struct upkeep *u = arg;
	if (give_up(u, "imports", error))
		return;
	if (gone >= KEYS_A_CALL)
		store_imports_purge(u->store, u->now, KEYS_A_CALL, on_imports, u);
	else
		store_visitors_purge(u->store, visitors_since(u), 0, VISITORS_A_CALL, on_visitors, u);
}

static void on_keys(void *arg, int64_t gone, const struct error *error)
{
	struct upkeep *u = arg;
	if (give_up(u, "event keys", error))
		return;
	if (gone >= KEYS_A_CALL)
		store_keys_purge(u->store, u->now, KEYS_A_CALL, on_keys, u);
	else
		store_imports_purge(u->store, u->now, KEYS_A_CALL, on_imports, u);
}

static void on_partitions(void *arg, const struct error *error)
{
	struct upkeep *u = arg;
	if (!give_up(u, "partitions", error))
		store_keys_purge(u->store, u->now, KEYS_A_CALL, on_keys, u);
}

static void on_splits(void *arg, const struct error *error)
{
	struct upkeep *u = arg;
	if (!give_up(u, "splits", error))
		take_job(u);
}

static void on_clock(void *arg, const struct clock *clock, const struct error *error)
{
	struct upkeep *u = arg;
	if (give_up(u, "clock", error))
		return;
	u->now = clock_domain(clock, real_now());
	if (u->rounds >= 0 && ++u->rounds < (clock->scale == 1.0 ? CHORES_EVERY : CHORES_SCALED)) {
		if (clock->scale != 1.0 || u->rounds % SPLITS_EVERY == 0)
			splits_look(u->store, u->now, on_splits, u);
		else
			take_job(u);
		return;
	}
	u->rounds = 0;
	store_partitions(u->store, u->now, on_partitions, u);
}

static void begin_round(void *arg)
{
	struct upkeep *u = arg;
	u->busy = true;
	store_clock_read(u->store, on_clock, u);
}

struct upkeep *upkeep_new(struct worker *worker, struct store *store)
{
	struct upkeep *u = mem_alloc(sizeof *u);
	*u = (struct upkeep){.worker = worker, .store = store, .rounds = -1};
	u->timer = loop_timer_new(worker->loop, begin_round, u);
	u->walk_timer = loop_timer_new(worker->loop, look_at_walk, u);
	loop_timer_set(u->timer, 0);
	return u;
}

void upkeep_stop(struct upkeep *u)
{
	u->stopped = true;
	loop_timer_stop(u->timer);
	if (loop_timer_is_set(u->walk_timer)) {
		loop_timer_stop(u->walk_timer);
		round_over(u);
	}
}

bool upkeep_is_busy(const struct upkeep *u)
{
	return u->busy;
}

void upkeep_free(struct upkeep *u)
{
	if (!u)
		return;
	loop_timer_free(u->timer);
	loop_timer_free(u->walk_timer);
	if (u->busy)
		u->dead = true;
	else
		free(u);
}
