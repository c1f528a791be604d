/* Content transfer encodings: see transfer.h. The quoted-printable encoder copies runs of plain characters whole: it is
 * the hot loop of composing a message. Called by message.c and the SMTP relay. */
#include "transfer.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum {
	LINE_MAX_OCTETS = 998, /* RFC 5322 2.1.1, without CRLF */
	QUOTED_LINE = 76,      /* RFC 2045 6.7 */
	BASE64_LINE_BYTES = 57,
};

/* What stands at `text` as a line end: 0, 1 or 2 bytes. */
static size_t line_end(const char *text, size_t n)
{
	if (text[0] == '\n')
		return 1;
	if (text[0] != '\r')
		return 0;
	return n > 1 && text[1] == '\n' ? 2 : 1;
}

static const char hex[] = "0123456789ABCDEF";

/* May stand for itself inside a quoted-printable line (not as its last character, if it is a space). */
static const bool plain[256] = {
	[' ' ... '<'] = true,
	['>' ... '~'] = true,
	['\t'] = true,
};

static bool is_from(const char *text, size_t n)
{
	return n >= 5 && !memcmp(text, "From ", 5);
}

static void append_hex(GString *out, unsigned char c)
{
	char code[3] = {'=', hex[c >> 4], hex[c & 15]};
	g_string_append_len(out, code, 3);
}

/* Whether the character at text must be written as =XX, seen from its place in the line. */
static bool must_quote(const char *text, size_t n, size_t column)
{
	unsigned char c = (unsigned char)*text;
	if (!plain[c])
		return true;
	if (column == 0 && (c == '.' || is_from(text, n)))
		return true;
	return (c == ' ' || c == '\t') && (n == 1 || line_end(text + 1, n - 1));
}

/* Are eight octets all of ' ' to '~', and none '='? By arithmetic on all of them at once. */
static bool eight_plain(const char *text)
{
	const uint64_t ones = 0x0101010101010101u, tops = 0x8080808080808080u;
	uint64_t w;
	memcpy(&w, text, sizeof w);
	uint64_t equals = w ^ ones * '=';
	uint64_t bad = w | (w + ones) | ((w - ones * ' ') & ~w) | ((equals - ones) & ~equals);
	return !(bad & tops);
}

/* Plain characters from text on that may be copied as they are with `room` columns left. */
static size_t plain_run(const char *text, size_t n, size_t room)
{
	size_t i = 0, limit = n < room ? n : room;
	while (i + 8 <= limit && eight_plain(text + i))
		i += 8;
	while (i < limit && plain[(unsigned char)text[i]])
		i++;
	if (i == n || !plain[(unsigned char)text[i]]) /* perhaps a line end: a space before it is looked at by itself */
		while (i && (text[i - 1] == ' ' || text[i - 1] == '\t'))
			i--;
	return i;
}

void transfer_append_quoted(GString *out, const char *text, size_t n, const char *newline)
{
	size_t column = 0;
	for (size_t i = 0; i < n;) {
		size_t end = line_end(text + i, n - i);
		if (end) {
			g_string_append(out, newline);
			column = 0;
			i += end;
			continue;
		}
		bool code = must_quote(text + i, n - i, column);
		size_t width = code ? 3 : 1;
		bool last = i + 1 == n || line_end(text + i + 1, n - i - 1);
		if (column + width > QUOTED_LINE - (last ? 0 : 1)) {
			g_string_append_c(out, '=');
			g_string_append(out, newline);
			column = 0;
			continue;
		}
		if (code) {
			append_hex(out, (unsigned char)text[i++]);
			column += 3;
			continue;
		}
		size_t run = column + 2 < QUOTED_LINE ? plain_run(text + i, n - i, QUOTED_LINE - 1 - column) : 0;
		run = run ? run : 1;
		g_string_append_len(out, text + i, (gssize)run);
		column += run;
		i += run;
	}
	if (column)
		g_string_append(out, newline);
}

/* The text with CRLF line ends: the canonical form that base64 carries. */
static GString *canonical(const char *text, size_t n)
{
	GString *out = g_string_sized_new(n + n / 32 + 16);
	for (size_t i = 0; i < n;) {
		size_t end = line_end(text + i, n - i), start = i;
		if (end) {
			g_string_append_len(out, "\r\n", 2);
			i += end;
			continue;
		}
		while (i < n && text[i] != '\r' && text[i] != '\n')
			i++;
		g_string_append_len(out, text + start, (gssize)(i - start));
	}
	return out;
}

void transfer_append_binary(GString *out, const void *bytes, size_t n, const char *newline)
{
	for (size_t i = 0; i < n; i += BASE64_LINE_BYTES) {
		size_t take = MIN((size_t)BASE64_LINE_BYTES, n - i);
		gchar line[BASE64_LINE_BYTES / 3 * 4 + 8];
		gint state = 0, save = 0;
		gsize length = g_base64_encode_step((const guchar *)bytes + i, take, FALSE, line, &state, &save);
		length += g_base64_encode_close(FALSE, line + length, &state, &save);
		g_string_append_len(out, line, (gssize)length);
		g_string_append(out, newline);
	}
}

void transfer_append_base64(GString *out, const char *text, size_t n, const char *newline)
{
	GString *bytes = canonical(text, n);
	transfer_append_binary(out, bytes->str, bytes->len, newline);
	g_string_free(bytes, TRUE);
}

struct survey {
	bool beyond; /* octets beyond ASCII */
	bool odd;    /* controls but LF and TAB */
};

/* Written so that the compiler makes vectors of it: this looks at every octet of every message. */
static struct survey survey(const char *text, size_t n)
{
	const unsigned char *p = (const unsigned char *)text;
	unsigned char bits = 0, odd = 0;
	for (size_t i = 0; i < n; i++) {
		bits |= p[i];
		odd |= (unsigned char)((p[i] < 0x20) & (p[i] != '\n') & (p[i] != '\t')) | (unsigned char)(p[i] == 0x7F);
	}
	return (struct survey){.beyond = bits >> 7, .odd = odd};
}

static size_t count_beyond(const char *text, size_t n)
{
	size_t count = 0;
	for (size_t i = 0; i < n; i++)
		count += (unsigned char)text[i] >> 7;
	return count;
}

/* ASCII without odd controls, whose lines end in LF alone, so: may it go as it is? Then it is appended; else out is as before. A message has hundreds of lines:
 * each is looked for once, and there is room for all, however short they are. */
static bool append_7bit(GString *out, const char *text, size_t n, const char *newline)
{
	size_t width = strlen(newline), before = out->len;
	for (const char *p = text; (p = memchr(p, '_', (size_t)(text + n - p))) != NULL; p++)
		if (p > text && p[-1] == '=')
			return false; /* it might be the boundary */
	g_string_set_size(out, before + n * width + width);
	char *to = out->str + before;
	for (const char *line = text, *all = text + n; line < all;) {
		const char *end = memchr(line, '\n', (size_t)(all - line));
		size_t length = (size_t)((end ? end : all) - line);
		if (length > LINE_MAX_OCTETS || *line == '.' || is_from(line, length)) {
			g_string_truncate(out, before);
			return false;
		}
		memcpy(to, line, length);
		memcpy(to + length, newline, width);
		to += length + width;
		line += length + 1;
	}
	g_string_truncate(out, (size_t)(to - out->str));
	return true;
}

enum transfer transfer_append(GString *out, const char *text, size_t n, const char *newline)
{
	struct survey found = survey(text, n);
	if (!found.beyond && !found.odd && append_7bit(out, text, n, newline))
		return TRANSFER_7BIT;
	if (found.beyond && count_beyond(text, n) > n / 4) {
		transfer_append_base64(out, text, n, newline);
		return TRANSFER_BASE64;
	}
	transfer_append_quoted(out, text, n, newline);
	return TRANSFER_QUOTED;
}

/* The next dot that begins a line, from byte i on, or NULL. */
static const char *line_dot(const GString *message, size_t i)
{
	if (i == 0 && message->len && message->str[0] == '.')
		return message->str;
	const char *all = message->str + message->len; /* a NUL stands there */
	for (const char *p = message->str + i; (p = memchr(p, '\n', (size_t)(all - p))) != NULL; p++)
		if (p[1] == '.')
			return p + 1;
	return NULL;
}

void transfer_stuff_dots(GString *message)
{
	const char *dot = line_dot(message, 0);
	if (!dot)
		return;
	GString *stuffed = g_string_sized_new(message->len + message->len / 64 + 16);
	size_t done = 0;
	for (; dot; dot = line_dot(message, done)) {
		size_t upto = (size_t)(dot + 1 - message->str);
		g_string_append_len(stuffed, message->str + done, (gssize)(upto - done));
		g_string_append_c(stuffed, '.');
		done = upto;
	}
	g_string_append_len(stuffed, message->str + done, (gssize)(message->len - done));
	g_string_assign(message, "");
	g_string_append_len(message, stuffed->str, (gssize)stuffed->len);
	g_string_free(stuffed, TRUE);
}
