/* Slots with generations; a free list through next_free (slot number + 1, 0 = none). */
#include "channel/tickets.h"

#include "base/mem.h"

#include <stdlib.h>

void tickets_fini(struct tickets *tickets)
{
	free(tickets->slots);
	*tickets = (struct tickets){0};
}

static void grow(struct tickets *tickets)
{
	uint32_t old = tickets->room, room = old ? old * 2 : 16;
	tickets->slots = mem_resize(tickets->slots, room, sizeof *tickets->slots);
	for (uint32_t i = old; i < room; i++)
		tickets->slots[i] = (struct ticket){.next_free = i + 1 < room ? i + 2 : 0};
	tickets->room = room;
	tickets->first_free = old + 1;
}

struct nurture_handle tickets_take(struct tickets *tickets, void *cookie)
{
	if (!tickets->first_free)
		grow(tickets);
	uint32_t id = tickets->first_free;
	struct ticket *t = &tickets->slots[id - 1];
	tickets->first_free = t->next_free;
	*t = (struct ticket){.generation = t->generation + 1, .live = true, .cookie = cookie};
	tickets->live++;
	return (struct nurture_handle){.id = id, .generation = t->generation};
}

struct ticket *tickets_get(struct tickets *tickets, struct nurture_handle handle)
{
	if (handle.id == 0 || handle.id > tickets->room)
		return NULL;
	struct ticket *t = &tickets->slots[handle.id - 1];
	return t->live && t->generation == handle.generation ? t : NULL;
}

void tickets_give_back(struct tickets *tickets, struct nurture_handle handle)
{
	struct ticket *t = tickets_get(tickets, handle);
	if (!t)
		return;
	*t = (struct ticket){.generation = t->generation, .next_free = tickets->first_free};
	tickets->first_free = (uint32_t)handle.id;
	tickets->live--;
}

bool tickets_next(struct tickets *tickets, uint32_t *at, struct nurture_handle *handle)
{
	for (; *at < tickets->room; (*at)++) {
		if (!tickets->slots[*at].live)
			continue;
		*handle = (struct nurture_handle){.id = *at + 1, .generation = tickets->slots[*at].generation};
		(*at)++;
		return true;
	}
	return false;
}
