/* Requests that come at the same time are committed together: one group is in flight, the next one gathers meanwhile. A second connection
 * carries another group while the first waits for the disk, once enough has gathered to be worth a commit of its own.
 *
 * Called by web, delivery and jobs. A group that fails on data is redone one request at a time, so that a bad one costs only itself;
 * one that met a deadlock is tried again. The transaction itself is in intake_group.c. */
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
	size_t first, count, room;
	struct store *stores[2]; /* the second one is NULL unless intake_beside was called */
	int flying[2];           /* groups of each */
};

static void group_done(struct store *store, struct intake **requests, size_t count, const struct error *error, bool again);

static int *flying_of(struct store *store)
{
	return &store->intake->flying[store != store->intake->stores[0]];
}

static void submit(struct store *store, struct intake *const *requests, size_t count, mono_t since)
{
	++*flying_of(store);
	intake_group_submit(store, requests, count, since, group_done);
}

/* What was wrong with one of them is no reason to refuse the others; what is wrong with the database is. */
static bool is_of_data(const struct error *error)
{
	return error->code != ERROR_UNAVAILABLE;
}

static void group_done(struct store *store, struct intake **requests, size_t count, const struct error *error, bool again)
{
	--*flying_of(store);
	if (error && again) {
		submit(store, requests, count, mono_now());
	} else if (error && count > 1 && is_of_data(error)) {
		for (size_t i = 0; i < count; i++)
			submit(store, &requests[i], 1, mono_now());
	} else {
		for (size_t i = 0; i < count; i++)
			requests[i]->fn(requests[i]->arg, error);
	}
	store_pump_later(store);
}

static size_t size_of(const struct intake *intake)
{
	return intake->event_count + intake->consent_count;
}

/* Which of the two carries the next group: one that is there, and idle; beside another group only what is worth it. */
static bool may_fly(const struct intake_queue *queue, const struct store *store)
{
	size_t self = store != queue->stores[0];
	const struct store *other = queue->stores[!self];
	if (queue->flying[self] || (!store_is_up(store) && other && store_is_up(other)))
		return false;
	return !queue->flying[!self] || queue->count >= GROUP_BESIDE;
}

void intake_pump(struct store *store)
{
	struct intake_queue *queue = store->intake;
	if (!queue || !queue->count || !may_fly(queue, store))
		return;
	const struct waiting *from = queue->waiting + queue->first;
	struct intake *group[GROUP_REQUESTS];
	size_t taken = 0, size = 0;
	while (taken < queue->count && taken < GROUP_REQUESTS && (!taken || size + size_of(from[taken].intake) <= GROUP_EVENTS)) {
		group[taken] = from[taken].intake;
		size += size_of(group[taken++]);
	}
	queue->first += taken;
	queue->count -= taken;
	submit(store, group, taken, from->since);
}

static void make_room(struct intake_queue *queue)
{
	if (queue->first + queue->count < queue->room)
		return;
	if (queue->first > queue->room / 2) {
		memmove(queue->waiting, queue->waiting + queue->first, queue->count * sizeof *queue->waiting);
		queue->first = 0;
		return;
	}
	queue->room = queue->room ? queue->room * 2 : 64;
	queue->waiting = mem_resize(queue->waiting, queue->room, sizeof *queue->waiting);
}

static struct intake_queue *queue_of(struct store *store)
{
	if (!store->intake) {
		store->intake = mem_alloc(sizeof *store->intake);
		store->intake->stores[0] = store;
	}
	return store->intake;
}

void store_intake(struct store *store, struct intake *intake)
{
	struct intake_queue *queue = queue_of(store);
	make_room(queue);
	queue->waiting[queue->first + queue->count++] = (struct waiting){intake, mono_now()};
	for (size_t i = 0; i < 2; i++)
		if (queue->stores[i] && may_fly(queue, queue->stores[i]))
			store_pump_later(queue->stores[i]);
}

void store_intake_beside(struct store *store, struct store *second)
{
	struct intake_queue *queue = queue_of(store);
	queue->stores[1] = second;
	second->intake = queue;
}

void intake_queue_free(struct store *store)
{
	struct error error = {0};
	struct intake_queue *queue = store->intake;
	if (!queue)
		return;
	store->intake = NULL;
	if (store == queue->stores[1]) {
		queue->stores[1] = NULL;
		return;
	}
	error_set(&error, ERROR_UNAVAILABLE, NULL, "the database connection is being closed.");
	for (; queue->count; queue->count--) {
		struct intake *intake = queue->waiting[queue->first++].intake;
		intake->fn(intake->arg, &error);
	}
	free(queue->waiting);
	free(queue);
}
