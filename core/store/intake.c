/* Requests that come at the same time are committed together: one group is in flight, the next one gathers meanwhile.
 *
 * Called by web, delivery and jobs. A group that fails on data is redone one request at a time, so that a bad one costs only itself;
 * one that met a deadlock is tried again. The transaction itself is in intake_group.c. */
#include "store/intake_group.h"
#include "store/private.h"

#include "base/mem.h"

#include <stdlib.h>

enum { GROUP_REQUESTS = 1000, GROUP_EVENTS = 4000 };

struct waiting {
	struct intake *intake;
	mono_t since; /* patience counts from here, also while another group is in flight */
};

struct intake_queue {
	struct waiting *waiting;
	size_t first, count, room;
	int flying; /* groups */
};

static void group_done(struct store *store, struct intake **requests, size_t count, const struct error *error, bool again);

static void submit(struct store *store, struct intake *const *requests, size_t count, mono_t since)
{
	store->intake->flying++;
	intake_group_submit(store, requests, count, since, group_done);
}

/* What was wrong with one of them is no reason to refuse the others; what is wrong with the database is. */
static bool is_of_data(const struct error *error)
{
	return error->code != ERROR_UNAVAILABLE;
}

static void group_done(struct store *store, struct intake **requests, size_t count, const struct error *error, bool again)
{
	store->intake->flying--;
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

void intake_pump(struct store *store)
{
	struct intake_queue *queue = store->intake;
	if (!queue || queue->flying || !queue->count)
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

void store_intake(struct store *store, struct intake *intake)
{
	if (!store->intake)
		store->intake = mem_alloc(sizeof *store->intake);
	make_room(store->intake);
	store->intake->waiting[store->intake->first + store->intake->count++] = (struct waiting){intake, mono_now()};
	store_pump_later(store);
}

void intake_queue_free(struct store *store)
{
	struct error error = {0};
	struct intake_queue *queue = store->intake;
	if (!queue)
		return;
	error_set(&error, ERROR_UNAVAILABLE, NULL, "the database connection is being closed.");
	for (; queue->count; queue->count--) {
		struct intake *intake = queue->waiting[queue->first++].intake;
		intake->fn(intake->arg, &error);
	}
	store->intake = NULL;
	free(queue->waiting);
	free(queue);
}
