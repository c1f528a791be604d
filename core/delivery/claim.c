/* Claiming what is due, up to the plugin's capacity, and the items made of it.
 *
 * A claim whose COMMIT may or may not have happened (the connection was lost, and the database could not say) would leave touches that are
 * ours and that we do not know. So after one that failed we give back what stands under our token and is not in hand: at once, and now and
 * then until no session of ours can still be alive that would commit it late. */
#include "base/log.h"
#include "base/mem.h"
#include "delivery/parts.h"

#include <stdlib.h>

static const int64_t unsure_us = 180 * MOMENT_SECOND; /* statement_timeout and tcp_user_timeout are shorter */
static const int64_t look_again_us = 30 * MOMENT_SECOND;
enum { PREPARE_AT_ONCE = 8 };

/* ---- hauls ---- */

/* A row that stays because the database was away goes with the next recovery. */
static void on_hauls_over(void *arg, const struct error *error)
{
	(void)arg, (void)error;
}

void hauls_flush(struct delivery *d)
{
	if (d->over_count && !d->stopping)
		store_hauls_over(d->writes, d->name, d->hauls_over, d->over_count, on_hauls_over, d);
	d->over_count = 0;
}

static void haul_drop(struct delivery *d, struct haul *haul)
{
	if (--haul->left)
		return;
	if (haul->claims->count && haul->claims->haul_id && !d->stopping)
		d->hauls_over[d->over_count++] = haul->claims->haul_id;
	if (d->over_count == HAULS_OVER)
		hauls_flush(d);
	store_claims_free(haul->claims);
	edition_unref(haul->edition);
	free(haul);
}

void item_free(struct item *item)
{
	if (!item->delivery->stopping)
		answers_forget(item);
	TAILQ_REMOVE(&item->delivery->in_hand, item, among);
	item->delivery->items--;
	if (item->delivery->careful)
		item->delivery->careful--;
	haul_drop(item->delivery, item->haul);
	free(item);
}

static struct item *item_new(struct delivery *d, struct haul *haul, const struct claim *claim)
{
	struct item *item = mem_alloc(sizeof *item);
	*item = (struct item){.delivery = d, .haul = haul, .claim = claim};
	haul->left++;
	TAILQ_INSERT_TAIL(&d->in_hand, item, among);
	d->items++;
	return item;
}

/* ---- a few at a time: connections of the plugin that wait for an answer of ours do not wait for all that was claimed ---- */

void delivery_prepare_some(void *arg)
{
	struct delivery *d = arg;
	struct item *item;
	for (int i = 0; i < PREPARE_AT_ONCE && (item = TAILQ_FIRST(&d->unprepared)); i++) {
		TAILQ_REMOVE(&d->unprepared, item, entry);
		delivery_prepare(item);
	}
	if (d->stopping)
		return;
	if (!TAILQ_EMPTY(&d->unprepared))
		loop_timer_set(d->prepare_timer, 0);
	else if (d->more)
		delivery_pump(d); /* whose turn it is, is asked when all are delivered */
}

static void take(struct delivery *d, struct haul *haul)
{
	for (size_t i = 0; i < haul->claims->count; i++) {
		struct item *item = item_new(d, haul, &haul->claims->items[i]);
		TAILQ_INSERT_TAIL(&d->unprepared, item, entry);
	}
	if (!d->stopping && !TAILQ_EMPTY(&d->unprepared))
		loop_timer_set(d->prepare_timer, 0);
}

static void on_claims(void *arg, struct claims *claims, const struct error *error)
{
	struct delivery *d = arg;
	d->claiming = false;
	if (error) {
		d->unclaim_at = mono_now();
		d->unsure_until = d->unclaim_at + unsure_us;
		if (!d->stopping)
			delivery_trouble(d, "claim", error);
		delivery_pump(d);
		return;
	}
	d->more = claims->count > 0; /* perhaps: an empty claim ends it */
	struct haul *haul = mem_alloc(sizeof *haul);
	*haul = (struct haul){.begun = d->claim_begun, .claims = claims, .edition = edition_ref(playbook_current_edition(d->current)), .left = 1};
	take(d, haul);
	haul_drop(d, haul);
	delivery_pump(d);
}

/* How many may be taken now; one at a time while it is not known whether a channel that was down works again, or which touch killed the
 * process before. What only waits to be recorded is no load for the plugin; but of all there are never more than twice what it takes, nor than are kept
 * for a crash (answers.c). */
static uint32_t room(const struct delivery *d)
{
	bool one = d->down || d->careful;
	uint32_t capacity = one ? 1 : d->capacity, over = one ? 0 : (uint32_t)(d->recording.waiting_count + d->recording.count), busy = d->items - over;
	if (d->faulted || standing_waits(d) || (d->down && mono_now() < d->down_until))
		return 0;
	if (busy >= capacity || (busy > capacity / 2 && capacity > 8))
		return 0; /* claims of half a capacity at least: a claim costs some round trips whatever its size */
	uint32_t most = capacity > CHANNEL_CAPACITY_MAX / 2 ? CHANNEL_CAPACITY_MAX : 2 * capacity, left = d->items < most ? most - d->items : 0;
	return capacity - busy < left ? capacity - busy : left;
}

/* Who probes, one at a time, asks nobody whose turn it is: the plugin says it again when it has the touch. */
void delivery_claim(struct delivery *d)
{
	uint32_t limit = room(d);
	if (!limit || !playbook_current_edition(d->current) || d->loading_edition || !d->held)
		return;
	if (limit > BATCH_LEADS)
		limit = BATCH_LEADS;
	if (!d->down && !d->careful && channel_limits(d->channel))
		turns_claim(d, limit);
	else
		delivery_claim_now(d, limit);
}

void delivery_claim_now(struct delivery *d, uint32_t limit)
{
	struct edition *edition = playbook_current_edition(d->current);
	struct claim_request request = {
		.owner = d->worker->owner, .token = d->worker->owner, .channel = d->name, .now = delivery_now(d), .limit = limit,
		.longest_cap = edition->longest_cap, .late_before = delivery_now(d) - GATE_PROMISE};
	d->claiming = true;
	d->claim_begun = mono_now();
	d->more = false; /* the next poll says, or on_claims */
	store_claim(d->reads, &edition->playbook->schema, &request, on_claims, d);
}

/* ---- claims that nobody knows of ---- */

static void on_unclaimed(void *arg, int given_back, const struct error *error)
{
	struct delivery *d = arg;
	mono_t now = mono_now();
	d->claiming = false;
	if (error) {
		d->unclaim_at = now + MOMENT_SECOND;
		if (!d->stopping)
			delivery_trouble(d, "unclaim", error);
	} else if (now >= d->unsure_until) {
		d->unsure_until = 0;
	} else {
		d->unclaim_at = now + look_again_us;
	}
	if (given_back)
		log_warn("channel.claims.given_back", log_str("channel", d->name), log_int("touches", given_back));
	d->more |= given_back > 0;
	delivery_pump(d);
}

void delivery_unclaim(struct delivery *d)
{
	if (!d->unsure_until || d->claiming || mono_now() < d->unclaim_at)
		return;
	int64_t *held = mem_array(d->items + 1, sizeof *held);
	const struct item *item;
	size_t count = 0;
	TAILQ_FOREACH(item, &d->in_hand, among)
		held[count++] = item->claim->touch.id;
	d->claiming = true;
	store_unclaim(d->reads, d->name, d->worker->owner, held, count, on_unclaimed, d);
	free(held);
}
