/* The plugin asks once more about touches that it has looked at: hundreds in one small question, whether anything has changed that could keep them back. Of whom that can be said nothing
 * more is asked; of all others the answer is a whole look (look.c), and so it is where nobody can say. Nothing is written. */
#include "base/mem.h"
#include "delivery/parts.h"

#include <stdlib.h>

enum { GROUP = 500, FLIGHTS = 2 };

/* A turn that was computed before a look may be committed after it: it says the moment when it began. */
static const int64_t slack_us = 60 * MOMENT_SECOND;

struct asker { /* one question */
	TAILQ_ENTRY(asker) entry;
	int64_t touch_id;
	moment_t since;
	nurture_look_fn *fn;
	void *arg;
};
TAILQ_HEAD(askers, asker);

struct flight {
	struct looking_again *looking;
	struct askers askers;
};

struct looking_again {
	struct delivery *delivery;
	struct store *store;
	struct askers waiting;
	int flying;
	bool scheduled;
};

static void flush(struct looking_again *looking);

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
	struct asker *asker;
	size_t i = 0;
	if (error && !d->stopping)
		delivery_trouble(d, "look", error);
	while ((asker = TAILQ_FIRST(&flight->askers))) {
		TAILQ_REMOVE(&flight->askers, asker, entry);
		answer(d, asker, !error && i < count && same[i]);
		i++;
	}
	free(flight);
	looking->flying--;
	flush(looking);
}

static void take_off(struct looking_again *looking)
{
	struct flight *flight = mem_alloc(sizeof *flight);
	int64_t ids[GROUP];
	size_t count = 0;
	struct asker *asker;
	moment_t since = 0;
	*flight = (struct flight){.looking = looking};
	TAILQ_INIT(&flight->askers);
	while (count < GROUP && (asker = TAILQ_FIRST(&looking->waiting))) {
		TAILQ_REMOVE(&looking->waiting, asker, entry);
		TAILQ_INSERT_TAIL(&flight->askers, asker, entry);
		since = !count || asker->since < since ? asker->since : since;
		ids[count++] = asker->touch_id;
	}
	looking->flying++;
	store_look_again(looking->store, looking->delivery->name, ids, count, since - slack_us, on_same, flight);
}

static void flush(struct looking_again *looking)
{
	while (!looking->delivery->stopping && looking->flying < FLIGHTS && !TAILQ_EMPTY(&looking->waiting))
		take_off(looking);
}

static void on_later(void *arg)
{
	struct looking_again *looking = arg;
	looking->scheduled = false;
	flush(looking);
}

void look_again_take(void *arg, int64_t touch_id, moment_t since, nurture_look_fn *fn, void *fn_arg)
{
	struct delivery *d = arg;
	struct asker *asker = mem_alloc(sizeof *asker);
	if (!d->looking_again) {
		d->looking_again = mem_alloc(sizeof *d->looking_again);
		*d->looking_again = (struct looking_again){.delivery = d, .store = store_new(d->worker->loop, d->worker->conninfo, "delivery.again")};
		TAILQ_INIT(&d->looking_again->waiting);
	}
	*asker = (struct asker){.touch_id = touch_id, .since = since, .fn = fn, .arg = fn_arg};
	TAILQ_INSERT_TAIL(&d->looking_again->waiting, asker, entry);
	if (d->looking_again->scheduled)
		return;
	d->looking_again->scheduled = true;
	loop_later(d->worker->loop, on_later, d->looking_again);
}

void look_again_fini(struct delivery *d)
{
	struct looking_again *looking = d->looking_again;
	struct asker *asker;
	if (!looking)
		return;
	store_free(looking->store); /* what flies comes back with an error */
	while ((asker = TAILQ_FIRST(&looking->waiting))) {
		TAILQ_REMOVE(&looking->waiting, asker, entry);
		tell(asker, NURTURE_LOOK_LATER, "the channel closes", true);
	}
	free(looking);
	d->looking_again = NULL;
}
