/* Whose turn it is, before anything is claimed: what a limit of the plugin's puts off is due later, and neither claimed nor written for that. And what waits for a
 * publish, as no message could be made of it.
 *
 *   due ──► the plugin says: now ──► claimed
 *                 └── later: due_at is its turn, promised
 *
 * The plugin is asked when all that was claimed before is delivered, so that it knows what it has. One step at a time (d->claiming). What fails is tried again
 * with the next poll. */
#include "base/log.h"
#include "base/mem.h"
#include "delivery/parts.h"

#include <stdlib.h>
#include <string.h>

static const int64_t again_us = MOMENT_SECOND, farthest = 400 * MOMENT_DAY;

/* A claim of `limit` that waits for its look. */
struct look {
	struct delivery *delivery;
	uint32_t limit, go; /* so many may come */
	bool more;          /* there may be others behind those that were looked at */
	struct arena *arena;
	struct turn_due *waits;
	size_t wait_count;
};

static void look_over(struct look *look)
{
	struct delivery *d = look->delivery;
	uint32_t limit = look->go < look->limit ? look->go : look->limit;
	bool more = look->more;
	arena_free(look->arena);
	free(look);
	d->claiming = false;
	if (d->stopping)
		return;
	if (limit && d->state == DELIVERY_RUNS && d->held && !standing_waits(d) && !d->faulted) {
		delivery_claim_now(d, limit);
		return;
	}
	d->more |= more;
	delivery_pump(d);
}

static void put_off(struct look *look);

/* Their turns are promised, and are nobody else's: it is tried until it is written, or the channel is not ours. */
static void on_put_off(void *arg, const struct error *error)
{
	struct look *look = arg;
	struct delivery *d = look->delivery;
	if (error && !d->stopping) {
		delivery_trouble(d, "turns", error);
		if (error->code != ERROR_DENIED && d->state == DELIVERY_RUNS) {
			d->turns.waits = look;
			loop_timer_set(d->retry_timer, again_us);
			return;
		}
		look->go = 0; /* the first of a claim would be those that wait */
		look->more = true;
	}
	look_over(look);
}

static void put_off(struct look *look)
{
	struct delivery *d = look->delivery;
	store_turns_put_off(d->writes, d->worker->owner, d->name, look->waits, look->wait_count, on_put_off, look);
}

void turns_retry(struct delivery *d)
{
	struct look *look = d->turns.waits;
	d->turns.waits = NULL;
	if (look)
		put_off(look);
}

void turns_fini(struct delivery *d)
{
	if (d->turns.waits)
		look_over(d->turns.waits);
}

/* In machine time, as the plugin counts; the domain's may run faster. */
static moment_t turn_of(const struct delivery *d, const struct nurture_turn *turn, moment_t now)
{
	double ahead = (double)turn->wait * d->clock.scale;
	moment_t at = turn->until > now ? turn->until : now + (ahead < (double)farthest ? (int64_t)ahead : farthest);
	return at < now + farthest ? at : now + farthest;
}

/* Puts those that wait together at the front. */
static size_t gather(struct delivery *d, struct turn_due *due, const struct nurture_turn *turns, size_t count, struct arena *arena)
{
	moment_t now = delivery_now(d);
	size_t waits = 0;
	for (size_t i = 0; i < count; i++) {
		char reason[CHANNEL_REASON_MAX + 1];
		struct turn_due one = due[i];
		if (one.ours || (!turns[i].wait && turns[i].until <= now))
			continue;
		one.turn = turn_of(d, &turns[i], now);
		one.reason = arena_str(arena, channel_clean(turns[i].reason, reason));
		due[waits++] = one;
	}
	return waits;
}

static size_t ask(struct delivery *d, struct turn_due *due, size_t count, struct arena *arena)
{
	struct nurture_turn *turns = arena_array(arena, count + 1, sizeof *turns);
	for (size_t i = 0; i < count; i++)
		turns[i] = (struct nurture_turn){.address = due[i].ours ? "" : arena_dup_n(arena, due[i].address.p, due[i].address.n),
						 .purpose = due[i].ours ? "internal" : arena_dup_n(arena, due[i].purpose.p, due[i].purpose.n),
						 .expires_at = due[i].expires_at, .promised = due[i].promised};
	worker_note(d->worker, "plugin %s says whose turn it is", d->plugin->name);
	channel_turns(d->channel, turns, count);
	size_t waits = gather(d, due, turns, count, arena);
	worker_note(d->worker, "%s", "");
	return waits;
}

static void on_due(void *arg, struct turn_due *due, size_t count, const struct error *error)
{
	struct look *look = arg;
	struct delivery *d = look->delivery;
	if (error || d->stopping || d->state != DELIVERY_RUNS || !d->held) {
		if (error && !d->stopping)
			delivery_trouble(d, "turns", error);
		look_over(look);
		return;
	}
	size_t waits = count ? ask(d, due, count, look->arena) : 0;
	look->go = (uint32_t)(count - waits);
	look->more = count == TURNS_MOST || look->go > look->limit;
	metrics_add(d->worker->metrics, METRIC_TOUCHES_PUT_OFF, (int64_t)waits);
	if (!waits) {
		look_over(look);
		return;
	}
	look->waits = arena_array(look->arena, waits, sizeof *look->waits);
	memcpy(look->waits, due, waits * sizeof *due);
	look->wait_count = waits;
	put_off(look);
}

void turns_claim(struct delivery *d, uint32_t limit)
{
	if (!TAILQ_EMPTY(&d->unprepared))
		return; /* d->more stands: when they are delivered */
	struct look *look = mem_alloc(sizeof *look);
	*look = (struct look){.delivery = d, .limit = limit, .arena = arena_new()};
	d->claiming = true;
	d->more = false; /* the next poll says, or what is found */
	store_turns_due(d->reads, d->name, delivery_now(d), TURNS_MOST, on_due, look);
}

/* ---- anew, and after a publish ---- */

void turns_anew(void *delivery)
{
	((struct delivery *)delivery)->turns.anew = true;
}

void turns_unpark(struct delivery *d)
{
	d->turns.unpark = true;
}

static void on_moved(struct delivery *d, const char *what, const struct error *error)
{
	d->turns.busy = false;
	if (d->stopping)
		return;
	if (error) {
		delivery_trouble(d, what, error);
		d->turns.not_before = mono_now() + again_us;
	}
	d->more = true;
	delivery_pump(d);
}

static void on_anew(void *arg, const struct error *error)
{
	struct delivery *d = arg;
	d->turns.anew = error != NULL;
	on_moved(d, "turns", error);
}

static void on_unparked(void *arg, const struct error *error)
{
	struct delivery *d = arg;
	d->turns.unpark |= error != NULL;
	on_moved(d, "unpark", error);
}

bool turns_pump(struct delivery *d)
{
	if (d->turns.busy)
		return true;
	if ((!d->turns.anew && !d->turns.unpark) || !d->held || mono_now() < d->turns.not_before)
		return false;
	d->turns.busy = true;
	if (d->turns.anew) {
		store_turns_anew(d->writes, d->worker->owner, d->name, delivery_now(d), on_anew, d);
	} else {
		d->turns.unpark = false;
		store_turns_unpark(d->writes, d->worker->owner, d->name, delivery_now(d), on_unparked, d);
	}
	return true;
}
