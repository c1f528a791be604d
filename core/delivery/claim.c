/* Claiming what is due, up to the plugin's capacity, and the items made of it. */
#include "base/log.h"
#include "base/mem.h"
#include "delivery/parts.h"

#include <stdlib.h>

static void haul_drop(struct haul *haul)
{
	if (--haul->left)
		return;
	store_claims_free(haul->claims);
	edition_unref(haul->edition);
	free(haul);
}

void item_free(struct item *item)
{
	item->delivery->items--;
	if (item->delivery->careful)
		item->delivery->careful--;
	haul_drop(item->haul);
	free(item);
}

static struct item *item_new(struct delivery *d, struct haul *haul, const struct claim *claim)
{
	struct item *item = mem_alloc(sizeof *item);
	*item = (struct item){.delivery = d, .haul = haul, .claim = claim};
	haul->left++;
	d->items++;
	return item;
}

static void on_claims(void *arg, struct claims *claims, const struct error *error)
{
	struct delivery *d = arg;
	d->claiming = false;
	if (error) {
		if (!d->stopping)
			delivery_trouble(d, "claim", error);
		delivery_pump(d);
		return;
	}
	d->more = claims->count > 0; /* perhaps: an empty claim ends it */
	struct haul *haul = mem_alloc(sizeof *haul);
	*haul = (struct haul){.claims = claims, .edition = edition_ref(playbook_current_edition(d->current)), .left = 1};
	for (size_t i = 0; i < claims->count; i++)
		delivery_prepare(item_new(d, haul, &claims->items[i]));
	haul_drop(haul);
	delivery_pump(d);
}

/* How many may be taken now; one at a time while it is not known whether a channel that was down works again, or which touch killed the
 * process before. */
static uint32_t room(const struct delivery *d)
{
	uint32_t capacity = d->down || d->careful ? 1 : d->capacity;
	if (d->down && mono_now() < d->down_until)
		return 0;
	if (d->items >= capacity || (d->items > capacity / 2 && capacity > 8))
		return 0; /* claims of half a capacity at least: a claim costs some round trips whatever its size */
	return capacity - d->items;
}

void delivery_claim(struct delivery *d)
{
	struct edition *edition = playbook_current_edition(d->current);
	uint32_t limit = room(d);
	if (!limit || !edition || d->loading_edition || !d->held)
		return;
	if (limit > BATCH_LEADS)
		limit = BATCH_LEADS;
	struct claim_request request = {
		.owner = d->worker->owner, .token = d->worker->owner, .channel = d->name, .now = delivery_now(d), .limit = limit,
		.longest_cap = edition->longest_cap};
	d->claiming = true;
	d->more = false; /* the next poll says, or on_claims */
	store_claim(d->reads, &edition->playbook->schema, &request, on_claims, d);
}
