/* The lease watch/0, asked for every few seconds. Called by watch.c and by the loop. Freed while an answer is on its way it lives on until
 * that has come.
 *
 *   ask ─► mine (fn) ─► renewed …        stop ─► given back ─► over
 *       └► another's ─► asked again */
#include "jobs/watch_lease.h"

#include "base/log.h"
#include "base/mem.h"
#include "store/lease.h"

#include <stdlib.h>

enum { REFUSED = 3 /* a reload's old generation gives it back sooner */ };

struct watch_lease {
	struct worker *worker;
	struct store *store;
	struct loop_timer *timer;
	loop_fn *fn;
	void *arg;
	bool asking, mine, stopping, dead;
	int refused; /* times that it was not given, in a row */
};

static void on_released(void *arg, const struct error *error)
{
	struct watch_lease *l = arg;
	(void)error; /* it runs out by itself */
	l->asking = false;
	if (l->dead)
		free(l);
}

static void release(struct watch_lease *l)
{
	l->asking = true;
	l->mine = false;
	store_lease_release(l->store, "watch", l->worker->owner, ~UINT64_C(0), on_released, l);
}

static void take(struct watch_lease *l, bool mine, bool refused)
{
	bool held = l->mine;
	l->mine = mine;
	l->refused = refused ? l->refused + 1 : 0;
	if (l->refused == REFUSED)
		log_warn("watch.elsewhere", log_str("message", "another node watches its playbook folder: this one publishes nothing when a file is saved, until that one stops"));
	if (!mine || held)
		return;
	log_info("watch.here", log_str("folder", l->worker->config->playbook));
	l->fn(l->arg);
}

static void on_lease(void *arg, uint64_t shards, int owners, const struct error *error)
{
	struct watch_lease *l = arg;
	bool mine = !error && (shards & 1);
	(void)owners;
	l->asking = false;
	if (l->dead) {
		free(l);
	} else if (l->stopping) {
		release(l);
	} else {
		loop_timer_set(l->timer, LEASE_RENEW_SECONDS * MOMENT_SECOND);
		take(l, mine, !error && !mine);
	}
}

static void on_timer(void *arg)
{
	struct watch_lease *l = arg;
	if (l->asking)
		return;
	l->asking = true;
	store_lease_tick(l->store, "watch", l->worker->owner, 1, on_lease, l);
}

struct watch_lease *watch_lease_new(struct worker *worker, struct store *store, loop_fn *fn, void *arg)
{
	struct watch_lease *l = mem_alloc(sizeof *l);
	*l = (struct watch_lease){.worker = worker, .store = store, .fn = fn, .arg = arg};
	l->timer = loop_timer_new(worker->loop, on_timer, l);
	loop_timer_set(l->timer, 0);
	return l;
}

void watch_lease_free(struct watch_lease *l)
{
	if (!l)
		return;
	loop_timer_free(l->timer);
	l->timer = NULL;
	l->dead = true;
	if (!l->asking)
		free(l);
}

bool watch_lease_is_mine(const struct watch_lease *l)
{
	return l->mine;
}

bool watch_lease_is_busy(const struct watch_lease *l)
{
	return l->asking;
}

void watch_lease_stop(struct watch_lease *l)
{
	l->stopping = true;
	loop_timer_stop(l->timer);
	if (!l->asking)
		release(l);
}
