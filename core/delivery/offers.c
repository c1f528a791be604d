/* Touches of the plugin's queue that somebody has in hand (plugin.h, offer): what agents took in the same moment goes in one statement. Nothing is kept: without the
 * database the plugin hears that nobody can say, and asks again. */
#include "base/mem.h"
#include "delivery/parts.h"

#include <stdlib.h>

enum { GROUP = 200 };
static const int64_t spare = MOMENT_MINUTE; /* told for so much longer than asked, so that not each sign of life is written */

struct offered {
	TAILQ_ENTRY(offered) entry;
	struct offer offer;
	nurture_offer_fn *fn; /* NULL = nobody waits */
	void *arg;
};
TAILQ_HEAD(offereds, offered);

struct offering {
	struct delivery *delivery;
	struct offereds waiting;
	struct offered *group[GROUP]; /* on their way */
	struct offer offers[GROUP];
	size_t count;
	bool scheduled;
};

static void say(struct offered *offered, enum nurture_offered word)
{
	if (offered->fn)
		offered->fn(offered->arg, offered->offer.touch_id, word);
	free(offered);
}

static void flush(struct offering *offering);

static void on_written(void *arg, const bool *held, size_t count, const struct error *error)
{
	struct offering *offering = arg;
	struct delivery *d = offering->delivery;
	struct offered *group[GROUP];
	if (d->stopping)
		return;
	if (error)
		delivery_trouble(d, "offer", error);
	memcpy(group, offering->group, sizeof group);
	offering->count = 0; /* the plugin may offer more from inside */
	for (size_t i = 0; i < count; i++)
		say(group[i], error ? NURTURE_OFFERED_LATER : held[i] ? NURTURE_OFFERED : NURTURE_OFFERED_OVER);
	flush(offering);
}

/* One of a touch at a time: of two in one statement nobody knows which holds. */
static bool is_in_group(const struct offering *offering, int64_t touch_id)
{
	for (size_t i = 0; i < offering->count; i++)
		if (offering->offers[i].touch_id == touch_id)
			return true;
	return false;
}

static void flush(struct offering *offering)
{
	struct delivery *d = offering->delivery;
	struct offered *offered;
	if (offering->count || d->stopping)
		return;
	while (offering->count < GROUP && (offered = TAILQ_FIRST(&offering->waiting)) && !is_in_group(offering, offered->offer.touch_id)) {
		TAILQ_REMOVE(&offering->waiting, offered, entry);
		offering->offers[offering->count] = offered->offer;
		offering->group[offering->count++] = offered;
	}
	if (offering->count)
		store_offers(d->writes, d->name, offering->offers, offering->count, delivery_now(d), on_written, offering);
}

static void on_later(void *arg)
{
	struct offering *offering = arg;
	offering->scheduled = false;
	flush(offering);
}

/* Machine time as the domain counts it. */
static moment_t after(const struct delivery *d, int64_t length)
{
	double ahead = (double)length * d->clock.scale;
	return delivery_now(d) + (ahead < (double)(400 * MOMENT_DAY) ? (moment_t)ahead : 400 * MOMENT_DAY);
}

void offers_take(void *arg, int64_t touch_id, int64_t lease, nurture_offer_fn *fn, void *fn_arg)
{
	struct delivery *d = arg;
	struct offered *offered = mem_alloc(sizeof *offered);
	if (!d->offering) {
		d->offering = mem_alloc(sizeof *d->offering);
		*d->offering = (struct offering){.delivery = d};
		TAILQ_INIT(&d->offering->waiting);
	}
	*offered = (struct offered){.offer = {.touch_id = touch_id}, .fn = fn, .arg = fn_arg};
	if (lease > 0)
		offered->offer.needed = after(d, lease), offered->offer.until = after(d, lease + spare);
	TAILQ_INSERT_TAIL(&d->offering->waiting, offered, entry);
	if (d->offering->scheduled)
		return;
	d->offering->scheduled = true;
	loop_later(d->worker->loop, on_later, d->offering);
}

/* The plugin is closed, and the stores are gone: it hears of nothing any more. */
void offers_fini(struct delivery *d)
{
	struct offering *offering = d->offering;
	struct offered *offered;
	if (!offering)
		return;
	for (size_t i = 0; i < offering->count; i++)
		say(offering->group[i], NURTURE_OFFERED_LATER);
	while ((offered = TAILQ_FIRST(&offering->waiting))) {
		TAILQ_REMOVE(&offering->waiting, offered, entry);
		say(offered, NURTURE_OFFERED_LATER);
	}
	free(offering);
	d->offering = NULL;
}
