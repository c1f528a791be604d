/* Touches of the plugin's queue that somebody has in hand (plugin.h, offer): what agents took in the same moment goes in one statement. Nothing is kept: without the
 * database the plugin hears that nobody can say, and asks again. */
#include "base/mem.h"
#include "delivery/gather.h"
#include "delivery/parts.h"

#include <stdlib.h>

enum { GROUP = 200 };
static const int64_t spare = MOMENT_MINUTE; /* told for so much longer than asked, so that not each sign of life is written */

struct offered {
	struct gathered gathered;
	struct offer offer;
	nurture_offer_fn *fn; /* NULL = nobody waits */
	void *arg;
};

struct offering {
	struct delivery *delivery;
	struct gather asked;
	struct offered *group[GROUP]; /* on their way */
	struct offer offers[GROUP];
	size_t count;
};

static void say(struct offered *offered, enum nurture_offered word)
{
	if (offered->fn)
		offered->fn(offered->arg, offered->offer.touch_id, word);
	free(offered);
}

static void flush(void *arg);

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

static void flush(void *arg)
{
	struct offering *offering = arg;
	struct delivery *d = offering->delivery;
	struct offered *offered;
	if (offering->count || d->stopping)
		return;
	while (offering->count < GROUP && (offered = gather_first(&offering->asked)) && !is_in_group(offering, offered->offer.touch_id)) {
		gather_take(&offering->asked);
		offering->offers[offering->count] = offered->offer;
		offering->group[offering->count++] = offered;
	}
	if (offering->count)
		store_offers(d->writes, d->name, offering->offers, offering->count, delivery_now(d), on_written, offering);
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
		gather_init(&d->offering->asked, d->worker->loop, flush, d->offering);
	}
	*offered = (struct offered){.offer = {.touch_id = touch_id}, .fn = fn, .arg = fn_arg};
	if (lease > 0)
		offered->offer.needed = after(d, lease), offered->offer.until = after(d, lease + spare);
	gather_put(&d->offering->asked, offered);
}

static void on_end(void *offered)
{
	say(offered, NURTURE_OFFERED_LATER);
}

/* The plugin is closed, and the stores are gone: it hears of nothing any more. */
void offers_fini(struct delivery *d)
{
	struct offering *offering = d->offering;
	if (!offering)
		return;
	for (size_t i = 0; i < offering->count; i++)
		say(offering->group[i], NURTURE_OFFERED_LATER);
	gather_fini(&offering->asked, on_end);
	free(offering);
	d->offering = NULL;
}
