/* Requests that come at the same time are committed together: one group is in flight, the next one gathers meanwhile. Where there are two connections for
 * it, the second carries another group while the first waits for the disk, once enough has gathered to be worth a commit of its own; they share what is there.
 *
 * Called by web, delivery and jobs. A group that fails on data is redone one request at a time, so that a bad one costs only itself;
 * one that met a deadlock is tried again. The transaction itself is in intake_group.c; of single events, which go by themselves, in intake_once.c. */
#include "store/intake_group.h"
#include "store/private.h"

#include "base/mem.h"

#include <stdlib.h>

enum { GROUP_REQUESTS = 1000, GROUP_EVENTS = 4000, GROUP_BESIDE = 28 /* requests that wait: fewer go with the group after the one in flight */ };

struct waiting {
	struct intake *intake;
	mono_t since; /* patience counts from here, also while another group is in flight */
};

struct intake_queue {
	struct waiting *waiting;
	size_t count, room;
	struct store *owner;
	struct store *carriers[INTAKE_CARRIERS]; /* the owner alone, unless intake_through was called */
	int flying[INTAKE_CARRIERS];             /* groups of each */
	size_t aloft;                            /* requests in these groups */
	bool makes;                              /* the last single events brought new leads */
};

static void group_done(struct store *store, struct intake **requests, size_t count, const struct error *error, bool again);
static void once_done(struct store *store, struct intake **requests, size_t count, bool makes, const struct error *error, bool again);

static int *flying_of(struct store *store)
{
	struct intake_queue *queue = store->intake;
	for (size_t i = 1; i < INTAKE_CARRIERS; i++)
		if (store == queue->carriers[i])
			return &queue->flying[i];
	return queue->flying;
}

static void take_off(struct store *store, size_t count)
{
	++*flying_of(store);
	store->intake->aloft += count;
}

static void land(struct store *store, size_t count)
{
	--*flying_of(store);
	store->intake->aloft -= count;
}

static void submit(struct store *store, struct intake *const *requests, size_t count, mono_t since)
{
	take_off(store, count);
	intake_group_submit(store, requests, count, since, group_done);
}

static void submit_once(struct store *store, struct intake *const *requests, size_t count, bool makes, mono_t since)
{
	take_off(store, count);
	intake_once_submit(store, requests, count, makes, since, once_done);
}

static void redo_each(struct store *store, struct intake **requests, size_t count)
{
	for (size_t i = 0; i < count; i++)
		submit(store, &requests[i], 1, mono_now());
}

/* What was wrong with one of them is no reason to refuse the others; what is wrong with the database is. */
static bool is_of_data(const struct error *error)
{
	return error->code != ERROR_UNAVAILABLE;
}

static void group_done(struct store *store, struct intake **requests, size_t count, const struct error *error, bool again)
{
	land(store, count);
	if (error && again) {
		submit(store, requests, count, mono_now());
	} else if (error && count > 1 && is_of_data(error)) {
		redo_each(store, requests, count);
	} else {
		for (size_t i = 0; i < count; i++)
			requests[i]->fn(requests[i]->arg, error);
	}
	store_pump_later(store);
}

/* Of single events: what is left of those whose leads should be known goes by the statement that makes leads, and what that leaves, in a group of any.
 * Where one was new, others will be: the next group begins with the second of the three. */
static void once_done(struct store *store, struct intake **requests, size_t count, bool makes, const struct error *error, bool again)
{
	size_t left = 0;
	bool newcomers = false;
	land(store, count);
	if (error && again) {
		submit_once(store, requests, count, makes, mono_now());
	} else if (error && is_of_data(error)) {
		redo_each(store, requests, count);
	} else {
		for (size_t i = 0; i < count; i++) {
			newcomers = newcomers || requests[i]->events->left || requests[i]->events->created;
			if (requests[i]->events->left && !error)
				requests[left++] = requests[i];
			else
				requests[i]->fn(requests[i]->arg, error);
		}
		if (left && makes)
			submit(store, requests, left, mono_now());
		else if (left)
			submit_once(store, requests, left, true, mono_now());
		store->intake->makes = newcomers;
	}
	store_pump_later(store);
}

static size_t size_of(const struct intake *intake)
{
	return intake->event_count + intake->consent_count;
}

/* Whether this one carries the next group: it is there, and idle; beside another group only what is worth it. One that is away may carry it only when all are. */
static bool may_fly(const struct intake_queue *queue, const struct store *store)
{
	bool carries = false, flies = false, up = false;
	for (size_t i = 0; i < INTAKE_CARRIERS; i++) {
		const struct store *other = queue->carriers[i];
		if (other == store && queue->flying[i])
			return false;
		carries = carries || other == store;
		flies = flies || queue->flying[i];
		up = up || (other && store_is_up(other));
	}
	return carries && (store_is_up(store) || !up) && (!flies || queue->count >= GROUP_BESIDE);
}

/* Where two carry, neither takes more than half of all that is there, if what it leaves is worth a commit: who took nearly all would leave the other a few, and
 * the clients of each would wait while the other's group is away. */
static size_t most_of(const struct intake_queue *queue)
{
	size_t half = (queue->count + queue->aloft + 1) / 2;
	bool shares = queue->carriers[1] && half < GROUP_REQUESTS && queue->count >= half + GROUP_BESIDE;
	return shares ? half : GROUP_REQUESTS;
}

/* The oldest, and those behind it that can go with it; the others move up. */
static size_t take_group(struct intake_queue *queue, bool single, struct intake *group[GROUP_REQUESTS])
{
	struct waiting *from = queue->waiting;
	size_t taken = 0, size = 0, kept = 0, most = most_of(queue);
	for (size_t i = 0; i < queue->count; i++) {
		bool fits = taken < most && (!taken || size + size_of(from[i].intake) <= GROUP_EVENTS);
		if (fits && intake_is_single(from[i].intake) == single) {
			group[taken++] = from[i].intake;
			size += size_of(from[i].intake);
		} else {
			from[kept++] = from[i];
		}
	}
	queue->count = kept;
	return taken;
}

static void pump_carriers(const struct intake_queue *queue)
{
	for (size_t i = 0; i < INTAKE_CARRIERS; i++)
		if (queue->carriers[i] && may_fly(queue, queue->carriers[i]))
			store_pump_later(queue->carriers[i]);
}

void intake_pump(struct store *store)
{
	struct intake_queue *queue = store->intake;
	struct intake *group[GROUP_REQUESTS];
	if (!queue || !queue->count || !may_fly(queue, store))
		return;
	mono_t since = queue->waiting->since;
	bool single = intake_is_single(queue->waiting->intake);
	size_t taken = take_group(queue, single, group);
	if (single)
		submit_once(store, group, taken, queue->makes, since);
	else
		submit(store, group, taken, since);
	if (queue->count)
		pump_carriers(queue);
}

static void make_room(struct intake_queue *queue)
{
	if (queue->count < queue->room)
		return;
	queue->room = queue->room ? queue->room * 2 : 64;
	queue->waiting = mem_resize(queue->waiting, queue->room, sizeof *queue->waiting);
}

static struct intake_queue *queue_of(struct store *store)
{
	if (!store->intake) {
		store->intake = mem_alloc(sizeof *store->intake);
		store->intake->owner = store->intake->carriers[0] = store;
	}
	return store->intake;
}

void store_intake(struct store *store, struct intake *intake)
{
	struct intake_queue *queue = queue_of(store);
	make_room(queue);
	queue->waiting[queue->count++] = (struct waiting){intake, mono_now()};
	pump_carriers(queue);
}

void store_intake_through(struct store *store, struct store *const *carriers, size_t count)
{
	struct intake_queue *queue = queue_of(store);
	for (size_t i = 0; i < INTAKE_CARRIERS; i++) {
		queue->carriers[i] = i < count ? carriers[i] : NULL;
		if (queue->carriers[i])
			queue->carriers[i]->intake = queue;
	}
}

void intake_queue_free(struct store *store)
{
	struct error error = {0};
	struct intake_queue *queue = store->intake;
	if (!queue)
		return;
	store->intake = NULL;
	for (size_t i = 0; i < INTAKE_CARRIERS; i++)
		if (store == queue->carriers[i])
			queue->carriers[i] = NULL;
	if (store != queue->owner)
		return;
	error_set(&error, ERROR_UNAVAILABLE, NULL, "the database connection is being closed.");
	for (size_t i = 0; i < queue->count; i++)
		queue->waiting[i].intake->fn(queue->waiting[i].intake->arg, &error);
	free(queue->waiting);
	free(queue);
}
