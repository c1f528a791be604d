/* A growing byte buffer, always ended by a NUL that is not counted. */
#ifndef NURTURE_BASE_BUF_H
#define NURTURE_BASE_BUF_H

#include "base/str.h"

#include <stdarg.h>
#include <stddef.h>

struct buf {
	char *p; /* NULL until something is put in */
	size_t n;
	size_t room;
};

void buf_fini(struct buf *buf);
void buf_clear(struct buf *buf); /* keeps the room */
char *buf_take(struct buf *buf); /* the caller frees it; never NULL; buf is empty after */
void buf_reserve(struct buf *buf, size_t more);
void buf_put(struct buf *buf, const void *p, size_t n);
void buf_puts(struct buf *buf, const char *s);
void buf_putc(struct buf *buf, char c);
void buf_printf(struct buf *buf, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buf_vprintf(struct buf *buf, const char *fmt, va_list args) __attribute__((format(printf, 2, 0)));
/* A JSON string with its quotes; invalid UTF-8 becomes U+FFFD; < > & are escaped, so it may stand in HTML. */
void buf_put_json(struct buf *buf, struct str s);
/* Text for HTML content or a quoted attribute: & < > " ' become entities. */
void buf_put_html(struct buf *buf, struct str s);

static inline struct str buf_str(const struct buf *buf)
{
	return (struct str){buf->n ? buf->p : "", buf->n};
}

#endif
