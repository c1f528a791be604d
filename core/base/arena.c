/* Blocks in a list; the newest is filled from its start. A request larger than a block gets a block
 * of its own. */
#include "base/arena.h"

#include "base/mem.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 16 * 1024, ALIGN = 16 };

struct block {
	struct block *older;
	size_t size;
	size_t used;
	_Alignas(ALIGN) unsigned char bytes[];
};

struct arena {
	struct block *newest;
	size_t taken;
};

static struct block *block_new(struct arena *arena, size_t size)
{
	struct block *b = mem_resize(NULL, 1, sizeof *b + size);
	b->older = NULL;
	b->size = size;
	b->used = 0;
	arena->taken += sizeof *b + size;
	return b;
}

struct arena *arena_new(void)
{
	struct arena *arena = mem_alloc(sizeof *arena);
	arena->newest = block_new(arena, BLOCK);
	return arena;
}

static void free_newest(struct arena *arena)
{
	struct block *older = arena->newest->older;
	arena->taken -= sizeof *arena->newest + arena->newest->size;
	free(arena->newest);
	arena->newest = older;
}

static void free_down_to(struct arena *arena, bool keep_first)
{
	while (arena->newest && (arena->newest->older || !keep_first))
		free_newest(arena);
}

void arena_free(struct arena *arena)
{
	if (!arena)
		return;
	free_down_to(arena, false);
	free(arena);
}

void arena_reset(struct arena *arena)
{
	free_down_to(arena, true);
	arena->newest->used = 0;
}

struct arena_mark arena_mark(const struct arena *arena)
{
	return (struct arena_mark){arena->newest, arena->newest->used};
}

void arena_rewind(struct arena *arena, struct arena_mark mark)
{
	while (arena->newest != mark.block && arena->newest->older != mark.block)
		free_newest(arena);
	arena->newest->used = arena->newest == mark.block ? mark.used : 0;
}

/* As it comes: what stands in it is whatever was there before. */
static void *take(struct arena *arena, size_t size)
{
	if (size > SIZE_MAX / 2)
		abort();
	size_t need = (size + ALIGN - 1) / ALIGN * ALIGN;
	struct block *b = arena->newest;
	if (b->size - b->used < need) {
		size_t grown = arena->taken / 4;
		size_t want = grown > BLOCK ? (grown > 1u << 20 ? 1u << 20 : grown) : BLOCK;
		b = block_new(arena, need > want ? need : want);
		b->older = arena->newest;
		arena->newest = b;
	}
	void *p = b->bytes + b->used;
	b->used += need;
	return p;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	return memset(take(arena, size), 0, size);
}

void *arena_array(struct arena *arena, size_t count, size_t size)
{
	size_t total = 0;
	if (__builtin_mul_overflow(count, size, &total))
		abort();
	return arena_alloc(arena, total);
}

char *arena_dup_n(struct arena *arena, const void *p, size_t n)
{
	char *copy = take(arena, n + 1);
	if (n)
		memcpy(copy, p, n);
	copy[n] = '\0';
	return copy;
}

char *arena_dup(struct arena *arena, const char *s)
{
	return s ? arena_dup_n(arena, s, strlen(s)) : NULL;
}

struct str arena_str(struct arena *arena, struct str s)
{
	return (struct str){arena_dup_n(arena, s.p, s.n), s.n};
}

char *arena_printf(struct arena *arena, const char *fmt, ...)
{
	/* Into what is left of the newest block, where it mostly fits: then it is printed once. */
	struct block *newest = arena->newest;
	char *room = (char *)newest->bytes + newest->used;
	va_list args;
	va_start(args, fmt);
	int n = vsnprintf(room, newest->size - newest->used, fmt, args);
	va_end(args);
	if (n < 0)
		abort();
	char *out = take(arena, (size_t)n + 1);
	if (out == room)
		return out;
	va_start(args, fmt);
	vsnprintf(out, (size_t)n + 1, fmt, args);
	va_end(args);
	return out;
}

size_t arena_used(const struct arena *arena)
{
	return arena->taken;
}

void *arena_push(struct arena *arena, void *items_ptr, size_t count, size_t *room, size_t size)
{
	void *items = NULL;
	memcpy(&items, items_ptr, sizeof items);
	if (count == *room) {
		size_t more = *room ? *room * 2 : 8;
		void *bigger = arena_array(arena, more, size);
		if (count)
			memcpy(bigger, items, count * size);
		memcpy(items_ptr, &bigger, sizeof bigger);
		items = bigger;
		*room = more;
	}
	unsigned char *entry = (unsigned char *)items + count * size;
	memset(entry, 0, size);
	return entry;
}
