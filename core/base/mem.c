/* Allocation that aborts instead of failing. Called from everywhere; never returns NULL for a
 * non-NULL request. */
#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *checked(void *p)
{
	if (!p) {
		fputs("fatal memory.exhausted\n", stderr);
		abort();
	}
	return p;
}

void *mem_alloc(size_t size)
{
	return checked(calloc(1, size ? size : 1));
}

void *mem_array(size_t count, size_t size)
{
	return checked(calloc(count ? count : 1, size ? size : 1));
}

void *mem_resize(void *p, size_t count, size_t size)
{
	size_t total = 0;
	if (__builtin_mul_overflow(count, size, &total))
		return checked(NULL);
	return checked(realloc(p, total ? total : 1));
}

char *mem_dup(const char *s)
{
	return s ? mem_dup_n(s, strlen(s)) : NULL;
}

char *mem_dup_n(const void *p, size_t n)
{
	char *copy = mem_alloc(n + 1);
	if (n)
		memcpy(copy, p, n);
	return copy;
}

char *mem_printf(const char *fmt, ...)
{
	va_list args;
	char *out = NULL;
	va_start(args, fmt);
	int n = vasprintf(&out, fmt, args);
	va_end(args);
	return checked(n < 0 ? NULL : out);
}
