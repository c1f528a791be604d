/* The jobs worker: its parts and their timers. It decides nothing about leads: of a rescore it only
 * tells how far the engines are. Everything waits asynchronously; reading and checking the playbook (milliseconds) is its longest step.
 *
 * Draining: no new work is begun; a publish that is on its way is waited for; a rescore goes on in the engines,
 * and its job is taken by whoever comes next. */
#include "jobs/jobs.h"

#include "base/log.h"
#include "base/mem.h"
#include "jobs/posted.h"
#include "jobs/presence.h"
#include "jobs/runner.h"
#include "jobs/upkeep.h"
#include "jobs/uploads.h"
#include "jobs/waking.h"
#include "jobs/watch.h"

#include <stdio.h>
#include <stdlib.h>

enum { DRAIN_LOOK_MS = 50 };

struct jobs {
	struct worker *worker;
	struct store *store;
	struct watch *watch;
	struct upkeep *upkeep;
	struct waking *waking;
	struct presence *presence;
	struct uploads *uploads;
	struct posted *posted;
	struct runner *runner, *purger;
	struct loop_timer *drain_look;
	worker_drained_fn *drained;
	void *drained_arg;
};

static void on_drain_look(void *arg)
{
	struct jobs *jobs = arg;
	if (watch_is_busy(jobs->watch) || upkeep_is_busy(jobs->upkeep) || waking_is_busy(jobs->waking) || uploads_is_busy(jobs->uploads) ||
	    posted_is_busy(jobs->posted) || runner_is_busy(jobs->runner) || runner_is_busy(jobs->purger))
		loop_timer_set(jobs->drain_look, DRAIN_LOOK_MS * INT64_C(1000));
	else
		jobs->drained(jobs->drained_arg);
}

static void stop(void *self)
{
	struct jobs *jobs = self;
	struct store *store = jobs->store;
	watch_free(jobs->watch);
	upkeep_free(jobs->upkeep);
	waking_free(jobs->waking);
	presence_stop(jobs->presence);
	uploads_free(jobs->uploads);
	posted_free(jobs->posted);
	runner_free(jobs->runner);
	runner_free(jobs->purger);
	store_free(store); /* what is in flight is answered here, and frees itself */
	presence_free(jobs->presence);
	loop_timer_free(jobs->drain_look);
	free(jobs);
}

static void *start(struct worker *worker, struct error *error)
{
	struct jobs *jobs = mem_alloc(sizeof *jobs);
	jobs->worker = worker;
	char name[64];
	snprintf(name, sizeof name, "nurture job %s", worker->owner); /* by it others know that our jobs are in hand */
	jobs->store = store_new(worker->loop, worker->conninfo, name);
	jobs->drain_look = loop_timer_new(worker->loop, on_drain_look, jobs);
	jobs->upkeep = upkeep_new(worker, jobs->store);
	jobs->waking = waking_new(worker, jobs->store);
	jobs->presence = presence_new(worker, jobs->store);
	jobs->uploads = uploads_new(worker, jobs->store);
	jobs->posted = posted_new(worker, jobs->store);
	jobs->runner = runner_new(worker, jobs->store, "preview,backtest,fit,forecast");
	jobs->purger = runner_new(worker, jobs->store, "retention");
	if (worker->playbook_dir >= 0) {
		jobs->watch = watch_new(worker, jobs->store, error);
		if (!jobs->watch) {
			stop(jobs);
			return NULL;
		}
	}
	return jobs;
}

static void drain(void *self, worker_drained_fn *fn, void *arg)
{
	struct jobs *jobs = self;
	jobs->drained = fn;
	jobs->drained_arg = arg;
	watch_stop(jobs->watch);
	upkeep_stop(jobs->upkeep);
	waking_stop(jobs->waking);
	presence_stop(jobs->presence);
	uploads_stop(jobs->uploads);
	posted_stop(jobs->posted);
	runner_stop(jobs->runner);
	runner_stop(jobs->purger);
	loop_timer_set(jobs->drain_look, 0);
}

const struct worker_role jobs_role = {.name = "jobs", .start = start, .drain = drain, .stop = stop};
