/* A round: clock → partitions → keys (until a page comes back short) → what old imports left → visitors, page by page → merges of long ago
 * → waiting rescore job, page by page → pause. One thing is in flight at a time; an error ends the round, and the next one begins after the pause. */
#include "jobs/upkeep.h"

#include "base/log.h"
#include "base/mem.h"
#include "store/admin.h"
#include "store/revision.h"

#include <stdlib.h>

enum { ROUND_SECONDS = 5, CHORES_EVERY = 720 /* rounds: an hour */, KEYS_A_CALL = 5000, VISITORS_A_CALL = 500 };

struct upkeep {
	struct worker *worker;
	struct store *store;
	struct loop_timer *timer;
	moment_t now;
	int rounds;          /* until the next chores */
	bool busy, stopped, dead;
	int64_t job;         /* the rescore that runs; 0 = none */
	int64_t next_lead;   /* where its next page begins */
	int64_t pages;
};

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

static void next_page(struct upkeep *u);

static void on_job_over(void *arg, const struct error *error)
{
	struct upkeep *u = arg;
	if (!give_up(u, "job", error)) {
		log_info("job.over", log_int("job", u->job), log_str("kind", "rescore"));
		round_over(u);
	}
}

static void on_progress(void *arg, bool cancel, const struct error *error)
{
	struct upkeep *u = arg;
	if (give_up(u, "job", error))
		return;
	if (cancel || u->next_lead == 0)
		store_job_end(u->store, u->job, u->worker->owner, cancel ? "cancelled" : "done", NULL, NULL, u->now, on_job_over, u);
	else
		next_page(u);
}

static void on_page(void *arg, const struct error *error)
{
	struct upkeep *u = arg;
	if (!give_up(u, "rescore", error))
		store_job_progress(u->store, u->job, u->worker->owner, ++u->pages, -1, NULL, on_progress, u);
}

static void next_page(struct upkeep *u)
{
	store_rescore_page(u->store, u->next_lead, &u->next_lead, u->now, on_page, u);
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
	u->next_lead = u->pages = 0;
	log_info("job.taken", log_int("job", u->job), log_str("kind", "rescore"));
	next_page(u);
}

static void take_job(struct upkeep *u)
{
	store_job_take(u->store, 0, "rescore", u->worker->owner, on_job, u);
}

/* ---- chores ---- */

static void on_merges(void *arg, int64_t gone, const struct error *error)
{
	struct upkeep *u = arg;
	(void)gone;
	if (!give_up(u, "merges", error))
		take_job(u);
}

static void on_visitors(void *arg, int64_t last, const struct error *error)
{
	struct upkeep *u = arg;
	if (give_up(u, "visitors", error))
		return;
	if (last)
		store_visitors_purge(u->store, u->now, last, VISITORS_A_CALL, on_visitors, u);
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
		store_visitors_purge(u->store, u->now, 0, VISITORS_A_CALL, on_visitors, u);
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

static void on_clock(void *arg, const struct clock *clock, const struct error *error)
{
	struct upkeep *u = arg;
	if (give_up(u, "clock", error))
		return;
	u->now = clock_domain(clock, real_now());
	if (u->rounds-- > 0 && clock->scale == 1.0) {
		take_job(u);
		return;
	}
	u->rounds = CHORES_EVERY;
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
	*u = (struct upkeep){.worker = worker, .store = store};
	u->timer = loop_timer_new(worker->loop, begin_round, u);
	loop_timer_set(u->timer, 0);
	return u;
}

void upkeep_stop(struct upkeep *u)
{
	u->stopped = true;
	loop_timer_stop(u->timer);
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
	if (u->busy)
		u->dead = true;
	else
		free(u);
}
