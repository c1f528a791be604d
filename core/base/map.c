/* Open addressing with linear probing, at most two thirds full; the hash is keyed with a random seed of the process, so
 * keys from outside cannot be made to collide. */
#include "base/map.h"

#include "base/hash.h"
#include "base/mem.h"

#include <stdint.h>
#include <stdlib.h>

struct slot {
	struct str key;
	uint64_t hash;
	void *value; /* NULL = free */
};

struct map {
	struct slot *slots;
	size_t room; /* a power of two, or 0 */
	size_t count;
};

struct map *map_new(void)
{
	return mem_alloc(sizeof(struct map));
}

void map_free(struct map *map)
{
	if (!map)
		return;
	free(map->slots);
	free(map);
}

static struct slot *find(const struct map *map, struct str key, uint64_t hash)
{
	size_t i = hash & (map->room - 1);
	while (map->slots[i].value && !(map->slots[i].hash == hash && str_same(map->slots[i].key, key)))
		i = (i + 1) & (map->room - 1);
	return &map->slots[i];
}

void *map_get(const struct map *map, struct str key)
{
	return map->room ? find(map, key, hash_seeded(key))->value : NULL;
}

static void grow(struct map *map)
{
	struct map bigger = {.room = map->room ? map->room * 2 : 16, .count = map->count};
	bigger.slots = mem_array(bigger.room, sizeof *bigger.slots);
	for (size_t i = 0; i < map->room; i++)
		if (map->slots[i].value)
			*find(&bigger, map->slots[i].key, map->slots[i].hash) = map->slots[i];
	free(map->slots);
	*map = bigger;
}

void *map_put(struct map *map, struct str key, void *value)
{
	if (map->count * 3 >= map->room * 2)
		grow(map);
	uint64_t hash = hash_seeded(key);
	struct slot *slot = find(map, key, hash);
	void *before = slot->value;
	if (!before)
		map->count++;
	*slot = (struct slot){key, hash, value};
	return before;
}

void *map_remove(struct map *map, struct str key)
{
	if (!map->room)
		return NULL;
	struct slot *slot = find(map, key, hash_seeded(key));
	void *before = slot->value;
	if (!before)
		return NULL;
	*slot = (struct slot){0};
	map->count--;
	/* close the gap: whoever probed past it must be found again */
	for (size_t i = (size_t)(slot - map->slots + 1) & (map->room - 1); map->slots[i].value; i = (i + 1) & (map->room - 1)) {
		struct slot moved = map->slots[i];
		map->slots[i] = (struct slot){0};
		*find(map, moved.key, moved.hash) = moved;
	}
	return before;
}

size_t map_count(const struct map *map)
{
	return map->count;
}

bool map_next(const struct map *map, size_t *cursor, struct str *key, void **value)
{
	for (; *cursor < map->room; ++*cursor) {
		const struct slot *slot = &map->slots[*cursor];
		if (slot->value) {
			*key = slot->key;
			*value = slot->value;
			++*cursor;
			return true;
		}
	}
	return false;
}
