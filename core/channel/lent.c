/* One mapping of its own for each loan, filled with rubbish and protected when it is over. A process of the kit makes few hundred. */
#include "channel/lent.h"


#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { LENT_SIZE = 256 * 1024, LENT_MAX = 4096, LENT_ALIGN = 16 };

struct lent {
	const char *what, *when;
	char *p;
	size_t used;
	bool away;
};

static struct lent lents[LENT_MAX];
static size_t lent_count;
static struct lent *json_lent; /* where jansson takes its memory from, while lent_json copies */

struct lent *lent_new(const char *what, const char *when)
{
	if (lent_count == LENT_MAX)
		abort();
	struct lent *lent = &lents[lent_count];
	void *p = mmap(NULL, LENT_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (p == MAP_FAILED)
		abort();
	*lent = (struct lent){.what = what, .when = when, .p = p};
	lent_count++;
	return lent;
}

void *lent_take(struct lent *lent, size_t size)
{
	size_t whole = (size + LENT_ALIGN - 1) / LENT_ALIGN * LENT_ALIGN;
	if (whole < size || whole > LENT_SIZE - lent->used)
		abort(); /* the kit lends little */
	void *p = lent->p + lent->used;
	lent->used += whole;
	return p;
}

const char *lent_dup(struct lent *lent, const char *text)
{
	size_t size = text ? strlen(text) + 1 : 0;
	return text ? memcpy(lent_take(lent, size), text, size) : NULL;
}

static void *json_take(size_t size)
{
	return lent_take(json_lent, size);
}

static void json_drop(void *p)
{
	(void)p;
}

json_t *lent_json(struct lent *lent, const json_t *value)
{
	json_malloc_t take;
	json_free_t drop;
	json_get_alloc_funcs(&take, &drop);
	json_lent = lent;
	json_set_alloc_funcs(json_take, json_drop);
	json_t *copy = json_deep_copy(value);
	json_set_alloc_funcs(take, drop);
	return copy;
}

void lent_away(struct lent *lent)
{
	memset(lent->p, 0xA5, lent->used);
	lent->away = true;
	if (mprotect(lent->p, LENT_SIZE, PROT_NONE) || madvise(lent->p, LENT_SIZE, MADV_DONTNEED))
		abort();
}

const struct lent *lent_find(const void *address)
{
	for (size_t i = 0; i < lent_count; i++)
		if (lents[i].away && (const char *)address >= lents[i].p && (const char *)address < lents[i].p + LENT_SIZE)
			return &lents[i];
	return NULL;
}

const char *lent_what(const struct lent *lent)
{
	return lent->what;
}

const char *lent_when(const struct lent *lent)
{
	return lent->when;
}
