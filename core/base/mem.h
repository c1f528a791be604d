/* Small allocations that may not fail: out of memory aborts with a log line (STYLE 5).
 * Sizes that come from outside are checked by the caller before they get here. */
#ifndef NURTURE_BASE_MEM_H
#define NURTURE_BASE_MEM_H

#include <stddef.h>

void *mem_alloc(size_t size);                      /* zeroed; never NULL; free() it */
void *mem_array(size_t count, size_t size);        /* zeroed; aborts on overflow */
void *mem_resize(void *p, size_t count, size_t size); /* realloc; the new part is not zeroed */
char *mem_dup(const char *s);                      /* NULL gives NULL */
char *mem_dup_n(const void *p, size_t n);          /* copies n bytes and ends them with NUL */
char *mem_printf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
