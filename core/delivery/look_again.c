/* The plugin asks once more about touches that it has looked at: hundreds in one small question, whether anything has changed that could keep them back. Of whom that can be said nothing
 * more is asked; of all others the answer is a whole look (look.c), and so it is where nobody can say. Nothing is written. */
#include "base/mem.h"
#include "delivery/gather.h"
#include "delivery/parts.h"

#include <stdlib.h>

enum { GROUP = 500, FLIGHTS = 2 };

/* A turn that was computed before a look may be committed after it: it says the moment when it began. Of real time. */
static const int64_t slack_us = 60 * MOMENT_SECOND;

struct asker { /* one question */
	struct gathered gathered;
	int64_t touch_id;
	moment_t since;
	nurture_look_fn *fn;
	void *arg;
};

struct flight {
	struct looking_again *looking;
	struct asker *askers[GROUP];
	size_t count;
};

struct looking_again {
	struct delivery *delivery;
	struct store *store;
	struct gather asked;
	int flying;
};

static void flush(void *arg);

static void tell(struct asker *asker, enum nurture_standing standing, const char *reason, bool whole)
{
	asker->fn(asker->arg, &(struct nurture_look){.size = sizeof(struct nurture_look), .touch_id = asker->touch_id, .standing = standing, .reason = reason, .address = "", .name = "",
						     .whole = whole});
	free(asker);
}

static void answer(struct delivery *d, struct asker *asker, bool same)
{
	bool may_go = !standing_waits(d) && !d->faulted;
	if (d->stopping) {
		tell(asker, NURTURE_LOOK_LATER, "the channel closes", true);
	} else if (same && may_go) {
		tell(asker, NURTURE_LOOK_GO, "", false);
	} else {
		look_take(d, asker->touch_id, asker->fn, asker->arg);
		free(asker);
	}
}

static void on_same(void *arg, const bool *same, size_t count, const struct error *error)
{
	struct flight *flight = arg;
	struct looking_again *looking = flight->looking;
	struct delivery *d = looking->delivery;
	if (error && !d->stopping)
		delivery_trouble(d, "look", error);
	for (size_t i = 0; i < flight->count; i++)
		answer(d, flight->askers[i], !error && i < count && same[i]);
	free(flight);
	looking->flying--;
	flush(looking);
}

static void take_off(struct looking_again *looking)
{
	struct flight *flight = mem_alloc(sizeof *flight);
	struct delivery *d = looking->delivery;
	int64_t ids[GROUP];
	moment_t since = INT64_MAX, slack = (moment_t)((double)slack_us * (d->clock_known && d->clock.scale > 1 ? d->clock.scale : 1));
	*flight = (struct flight){.looking = looking};
	for (struct asker *asker; flight->count < GROUP && (asker = gather_take(&looking->asked)); flight->count++) {
		since = asker->since < since ? asker->since : since;
		flight->askers[flight->count] = asker;
		ids[flight->count] = asker->touch_id;
	}
	looking->flying++;
	store_look_again(looking->store, d->name, ids, flight->count, since - slack, on_same, flight);
}

static void flush(void *arg)
{
	struct looking_again *looking = arg;
	while (!looking->delivery->stopping && looking->flying < FLIGHTS && gather_first(&looking->asked))
		take_off(looking);
}

void look_again_take(void *arg, int64_t touch_id, moment_t since, nurture_look_fn *fn, void *fn_arg)
{
	struct delivery *d = arg;
	struct asker *asker = mem_alloc(sizeof *asker);
	if (!d->looking_again) {
		d->looking_again = mem_alloc(sizeof *d->looking_again);
		*d->looking_again = (struct looking_again){.delivery = d, .store = store_new(d->worker->loop, d->worker->conninfo, "delivery.again")};
		gather_init(&d->looking_again->asked, d->worker->loop, flush, d->looking_again);
	}
	*asker = (struct asker){.touch_id = touch_id, .since = since, .fn = fn, .arg = fn_arg};
	gather_put(&d->looking_again->asked, asker);
}

static void on_end(void *asker)
{
	tell(asker, NURTURE_LOOK_LATER, "the channel closes", true);
}

void look_again_fini(struct delivery *d)
{
	struct looking_again *looking = d->looking_again;
	if (!looking)
		return;
	store_free(looking->store); /* what flies comes back with an error */
	gather_fini(&looking->asked, on_end);
	free(looking);
	d->looking_again = NULL;
}
