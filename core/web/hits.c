/* The queue of opens and clicks: whoever reads a mail is answered at once, and what is to be kept of it is written with all that came meanwhile.
 *
 *   waiting ─► (one group on its way) ─► written
 *      ▲              │
 *      └──────────────┘ no database: again in a second, as long as there is room; then the oldest are let go and counted
 *
 * Nothing here was promised to anybody: a worker that is killed loses what came in its last fraction of a second. */
#include "web/hits.h"

#include "base/log.h"
#include "base/mem.h"

#include <stdlib.h>

enum { GROUP = 4000, ROOM = 8 << 20 /* octets */ };
static const int64_t SOON_US = 20000, AGAIN_US = 1000000, DRAIN_US = 5000000;

/* Hits whose texts live with them. */
struct batch_of_hits {
	struct arena *arena;
	struct hit *items;
	size_t count, room, octets;
};

struct web_hits {
	struct web *web;
	struct batch_of_hits waiting, flying;
	size_t written;               /* of flying */
	bool busy, settling;
	mono_t drain_until;
	struct loop_timer *timer;
	void (*drained)(struct web *web);
};

static void pump(void *arg);

struct web_hits *web_hits_new(struct web *web)
{
	struct web_hits *hits = mem_alloc(sizeof *hits);
	hits->web = web;
	hits->waiting.arena = arena_new();
	hits->flying.arena = arena_new();
	hits->timer = loop_timer_new(web->worker->loop, pump, hits);
	return hits;
}

void web_hits_free(struct web_hits *hits)
{
	if (!hits)
		return;
	loop_timer_free(hits->timer);
	arena_free(hits->waiting.arena);
	arena_free(hits->flying.arena);
	free(hits);
}

static bool is_empty(const struct web_hits *hits)
{
	return !hits->waiting.count && !hits->busy && hits->written == hits->flying.count;
}

static void look_drained(struct web_hits *hits)
{
	void (*drained)(struct web *web) = hits->drained;
	if (!drained || (!is_empty(hits) && mono_now() < hits->drain_until))
		return;
	hits->drained = NULL;
	drained(hits->web);
}

static void on_written(void *arg, const struct error *error)
{
	struct web_hits *hits = arg;
	hits->busy = false;
	if (error && error->code == ERROR_UNAVAILABLE) {
		loop_timer_set(hits->timer, AGAIN_US);
	} else {
		if (error)
			log_error("hits.lost", log_int("count", (int64_t)hits->flying.count), log_str("message", error->message));
		hits->written = hits->flying.count < hits->written + GROUP ? hits->flying.count : hits->written + GROUP;
		loop_timer_set(hits->timer, hits->waiting.count >= GROUP || hits->written < hits->flying.count ? 0 : SOON_US);
	}
	look_drained(hits);
}

/* Those that wait become those that are written. */
static void take(struct web_hits *hits)
{
	struct batch_of_hits empty = {.arena = hits->flying.arena};
	arena_reset(empty.arena);
	hits->flying = hits->waiting;
	hits->waiting = empty;
	hits->written = 0;
}

static void on_time(void *arg, moment_t now, const struct error *error)
{
	struct web_hits *hits = arg;
	size_t left = hits->flying.count - hits->written;
	if (error) {
		on_written(hits, error);
		return;
	}
	for (size_t i = hits->written; i < hits->flying.count; i++)
		if (!hits->flying.items[i].at)
			hits->flying.items[i].at = now;
	store_hits(hits->web->store, hits->flying.items + hits->written, left < GROUP ? left : GROUP, now, on_written, hits);
}

static void pump(void *arg)
{
	struct web_hits *hits = arg;
	if (hits->busy)
		return;
	if (hits->written == hits->flying.count && hits->waiting.count)
		take(hits);
	if (hits->written == hits->flying.count) {
		look_drained(hits);
		return;
	}
	hits->busy = true;
	web_now(hits->web, on_time, hits);
}

void web_hits_add(struct web_hits *hits, const struct hit *hit)
{
	struct batch_of_hits *waiting = &hits->waiting;
	if (waiting->octets >= ROOM) {
		log_warn("hits.lost", log_int("count", (int64_t)waiting->count));
		arena_reset(waiting->arena);
		*waiting = (struct batch_of_hits){.arena = waiting->arena};
	}
	struct hit *kept = arena_push(waiting->arena, &waiting->items, waiting->count, &waiting->room, sizeof *kept);
	*kept = *hit;
	kept->url = arena_str(waiting->arena, hit->url);
	kept->visitor = arena_str(waiting->arena, hit->visitor);
	waiting->octets += sizeof *kept + hit->url.n + hit->visitor.n;
	if (!waiting->count++ && !hits->busy && !loop_timer_is_set(hits->timer))
		loop_timer_set(hits->timer, SOON_US);
}

/* ---- settling ---- */

static void on_settled(void *arg, size_t made, bool more, const struct error *error)
{
	struct web_hits *hits = arg;
	hits->settling = false;
	metrics_add(hits->web->worker->metrics, METRIC_EVENTS_TAKEN, (int64_t)made);
	if (error && error->code != ERROR_UNAVAILABLE)
		log_error("clicks.settle", log_str("message", error->message));
	if (more)
		web_hits_tick(hits);
}

static void on_settle_time(void *arg, moment_t now, const struct error *error)
{
	struct web_hits *hits = arg;
	if (error)
		hits->settling = false;
	else
		store_clicks_settle(hits->web->store, now, on_settled, hits);
}

void web_hits_tick(struct web_hits *hits)
{
	if (hits->settling)
		return;
	hits->settling = true;
	web_now(hits->web, on_settle_time, hits);
}

/* ---- the end ---- */

void web_hits_drain(struct web_hits *hits, void (*fn)(struct web *web))
{
	hits->drained = fn;
	hits->drain_until = mono_now() + DRAIN_US;
	loop_timer_set(hits->timer, 0);
}
