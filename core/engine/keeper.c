/* The keeper of scaled time (`--time-scale N`): one engine worker, by the lease clock/0, moves the clock's row.
 *
 * Between its moves domain time stands. A move goes on `scale` times as fast as real time has passed, but never past the
 * next moment at which something falls due, and not at all while something due is not done (store_clock_advance asks both
 * in the statement that moves). So each mail of a thirty-day campaign goes out on its right day, however fast the days
 * pass. While the server is down, time stands too: it goes on from where it was. */
#include "base/log.h"
#include "base/mem.h"
#include "engine/parts.h"
#include "store/lease.h"

#include <stdlib.h>

static const int64_t tick_us = 20000, most_us = 200000, complain_us = 10 * MOMENT_SECOND;

struct keeper {
	struct worker *worker;
	struct store *store;
	struct loop_timer *tick_timer, *lease_timer;
	const char **channels;
	bool held, moving, complained;
	mono_t last;      /* when the row was moved, or could not be */
	mono_t stands_since;
};

static void on_lease(void *arg, uint64_t shards, int owners, const struct error *error)
{
	struct keeper *keeper = arg;
	(void)owners;
	loop_timer_set(keeper->lease_timer, LEASE_RENEW_SECONDS * MOMENT_SECOND);
	if (error)
		return;
	bool held = shards & 1;
	if (held && !keeper->held) {
		log_info("clock.keeper", log_double("scale", keeper->worker->time_scale));
		keeper->last = keeper->stands_since = mono_now();
		loop_timer_set(keeper->tick_timer, tick_us);
	}
	keeper->held = held;
}

static void on_lease_timer(void *arg)
{
	struct keeper *keeper = arg;
	store_lease_tick(keeper->store, "clock", keeper->worker->owner, 1, on_lease, keeper);
}

/* Somebody who waits for his letters should learn what they wait for. */
static void complain(struct keeper *keeper, mono_t now)
{
	if (keeper->complained || now - keeper->stands_since < complain_us)
		return;
	keeper->complained = true;
	log_warn("clock.stands", log_str("message", "scaled time waits for turns or touches that are due and not done; see nurture status"));
}

static void on_moved(void *arg, const struct clock *clock, bool moved, const struct error *error)
{
	struct keeper *keeper = arg;
	mono_t now = mono_now();
	(void)clock;
	keeper->moving = false;
	if (error && error->code == ERROR_DENIED)
		keeper->held = false;
	if (!keeper->held)
		return;
	if (moved) {
		keeper->stands_since = now;
		keeper->complained = false;
	} else {
		complain(keeper, now);
	}
	loop_timer_set(keeper->tick_timer, tick_us);
}

static void on_tick(void *arg)
{
	struct keeper *keeper = arg;
	mono_t now = mono_now();
	int64_t passed = now - keeper->last;
	if (!keeper->held || keeper->moving)
		return;
	keeper->moving = true;
	keeper->last = now;
	passed = passed > most_us ? most_us : passed; /* what was spent waiting is not made up for */
	store_clock_advance(keeper->store, keeper->worker->owner, (int64_t)((double)passed * keeper->worker->time_scale), keeper->channels,
			    keeper->worker->config->channel_count, on_moved, keeper);
}

struct keeper *keeper_new(struct worker *worker)
{
	struct keeper *keeper = mem_alloc(sizeof *keeper);
	const struct config *config = worker->config;
	*keeper = (struct keeper){.worker = worker, .store = store_new(worker->loop, worker->conninfo, "engine.clock")};
	keeper->channels = mem_array(config->channel_count + 1, sizeof *keeper->channels);
	for (size_t i = 0; i < config->channel_count; i++)
		keeper->channels[i] = config->channels[i].name;
	keeper->tick_timer = loop_timer_new(worker->loop, on_tick, keeper);
	keeper->lease_timer = loop_timer_new(worker->loop, on_lease_timer, keeper);
	loop_timer_set(keeper->lease_timer, 0);
	return keeper;
}

void keeper_free(struct keeper *keeper)
{
	if (!keeper)
		return;
	keeper->held = false;
	store_free(keeper->store);
	loop_timer_free(keeper->tick_timer);
	loop_timer_free(keeper->lease_timer);
	free(keeper->channels);
	free(keeper);
}
