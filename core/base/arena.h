/* An arena: memory of one turn, one request or one playbook, freed in one go.
 *
 * Everything allocated lives until arena_reset or arena_free. Not for threads. */
#ifndef NURTURE_BASE_ARENA_H
#define NURTURE_BASE_ARENA_H

#include "base/str.h"

#include <stddef.h>

struct arena;

struct arena *arena_new(void);
void arena_free(struct arena *arena); /* takes NULL */
/* Forgets everything, keeps the first block, so a hot loop allocates nothing from the system. */
void arena_reset(struct arena *arena);

/* What was allocated since the mark is forgotten, most recent mark first; a block stays at hand, so a loop that rewinds allocates nothing either. */
struct arena_mark {
	const void *block;
	size_t used;
};
struct arena_mark arena_mark(const struct arena *arena);
void arena_rewind(struct arena *arena, struct arena_mark mark);

void *arena_alloc(struct arena *arena, size_t size);               /* zeroed, aligned to 16 */
void *arena_array(struct arena *arena, size_t count, size_t size); /* aborts on overflow */
char *arena_dup(struct arena *arena, const char *s);               /* NULL gives NULL */
char *arena_dup_n(struct arena *arena, const void *p, size_t n);   /* NUL is added */
struct str arena_str(struct arena *arena, struct str s);
char *arena_printf(struct arena *arena, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
size_t arena_used(const struct arena *arena); /* bytes taken from the system */

/* Grows an arena array by doubling: *items holds count entries of size bytes in room for *room. The
 * returned pointer is the new, zeroed last entry; the caller raises its count. */
void *arena_push(struct arena *arena, void *items_ptr, size_t count, size_t *room, size_t size);

#endif
