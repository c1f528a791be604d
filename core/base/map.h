/* A hash map from text to pointer. Keys are borrowed: they must outlive the map. NULL is no value. */
#ifndef NURTURE_BASE_MAP_H
#define NURTURE_BASE_MAP_H

#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>

struct map;

struct map *map_new(void);
void map_free(struct map *map); /* takes NULL; the values are not touched */
void *map_get(const struct map *map, struct str key); /* NULL when absent */
/* Puts value under key; returns the value that stood there before, or NULL. */
void *map_put(struct map *map, struct str key, void *value);
void *map_remove(struct map *map, struct str key);
size_t map_count(const struct map *map);
/* Walks in no order: start with *cursor = 0; false at the end. The map must not change meanwhile. */
bool map_next(const struct map *map, size_t *cursor, struct str *key, void **value);

#endif
