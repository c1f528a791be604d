/* The growing byte buffer and the two escapings that every output needs. */
#include "base/buf.h"

#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>

void buf_fini(struct buf *buf)
{
	free(buf->p);
	*buf = (struct buf){0};
}

void buf_clear(struct buf *buf)
{
	buf->n = 0;
	if (buf->p)
		buf->p[0] = '\0';
}

char *buf_take(struct buf *buf)
{
	char *p = buf->p ? buf->p : mem_alloc(1);
	*buf = (struct buf){0};
	return p;
}

void buf_reserve(struct buf *buf, size_t more)
{
	size_t need = 0;
	if (__builtin_add_overflow(buf->n, more, &need) || need > SIZE_MAX / 4)
		abort();
	if (need + 1 <= buf->room)
		return;
	size_t room = buf->room ? buf->room * 2 : 64;
	while (room < need + 1)
		room *= 2;
	buf->p = mem_resize(buf->p, room, 1);
	buf->room = room;
}

void buf_put(struct buf *buf, const void *p, size_t n)
{
	buf_reserve(buf, n);
	if (n)
		memcpy(buf->p + buf->n, p, n);
	buf->n += n;
	buf->p[buf->n] = '\0';
}

void buf_puts(struct buf *buf, const char *s)
{
	buf_put(buf, s, strlen(s));
}

void buf_putc(struct buf *buf, char c)
{
	buf_put(buf, &c, 1);
}

void buf_vprintf(struct buf *buf, const char *fmt, va_list args)
{
	va_list again;
	va_copy(again, args);
	int n = vsnprintf(NULL, 0, fmt, args);
	if (n < 0)
		abort();
	buf_reserve(buf, (size_t)n);
	vsnprintf(buf->p + buf->n, (size_t)n + 1, fmt, again);
	va_end(again);
	buf->n += (size_t)n;
}

void buf_printf(struct buf *buf, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	buf_vprintf(buf, fmt, args);
	va_end(args);
}

/* How many bytes from the front stand for themselves in JSON, and in HTML around it. */
static size_t json_plain(struct str s)
{
	static const bool odd[128] = {[0 ... 31] = true, ['"'] = true, ['\\'] = true, ['<'] = true, ['>'] = true, ['&'] = true, [127] = true};
	size_t n = 0;
	while (n < s.n && (unsigned char)s.p[n] < 128 && !odd[(unsigned char)s.p[n]])
		n++;
	return n;
}

void buf_put_json(struct buf *buf, struct str s)
{
	buf_putc(buf, '"');
	for (size_t i = 0; i < s.n;) {
		size_t plain = json_plain((struct str){s.p + i, s.n - i});
		buf_put(buf, s.p + i, plain);
		i += plain;
		if (i == s.n)
			break;
		unsigned char c = (unsigned char)s.p[i];
		size_t step = str_utf8_step(s.p + i, s.n - i);
		if (!step) {
			buf_puts(buf, "\\ufffd");
			i++;
			continue;
		}
		if (c == '"' || c == '\\')
			buf_printf(buf, "\\%c", c);
		else if (c == '\n')
			buf_puts(buf, "\\n");
		else if (c < 0x20 || c == 0x7f || c == '<' || c == '>' || c == '&')
			buf_printf(buf, "\\u%04x", c);
		else
			buf_put(buf, s.p + i, step);
		i += step;
	}
	buf_putc(buf, '"');
}

void buf_put_html(struct buf *buf, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		switch (s.p[i]) {
		case '&': buf_puts(buf, "&amp;"); break;
		case '<': buf_puts(buf, "&lt;"); break;
		case '>': buf_puts(buf, "&gt;"); break;
		case '"': buf_puts(buf, "&quot;"); break;
		case '\'': buf_puts(buf, "&#39;"); break;
		default: buf_putc(buf, s.p[i]);
		}
	}
}
