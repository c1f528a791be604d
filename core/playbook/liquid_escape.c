/* How values are made safe where they stand: in HTML, inside an address. Called by liquid_run.c. An address is finished
 * as a whole, so no mixture of the template's text and a lead's data can become another scheme or host than the
 * template says. */
#include "playbook/liquid.h"

#include <stdio.h>

/* A long text is looked through once for each character, which costs a tenth of looking at each octet: a mail has a dozen sealed addresses without any. */
static bool is_harmless(struct str s)
{
	enum { LONG = 32 };
	return s.n >= LONG && !memchr(s.p, '&', s.n) && !memchr(s.p, '<', s.n) && !memchr(s.p, '>', s.n) && !memchr(s.p, '"', s.n) && !memchr(s.p, '\'', s.n);
}

void liquid_put_html(struct buf *out, struct str s)
{
	static const char *const entities[256] = {
		['&'] = "&amp;", ['<'] = "&lt;", ['>'] = "&gt;", ['"'] = "&quot;", ['\''] = "&#39;"};
	size_t start = 0;
	if (is_harmless(s)) {
		buf_put(out, s.p, s.n);
		return;
	}
	for (size_t i = 0; i < s.n; i++) {
		const char *entity = entities[(unsigned char)s.p[i]];
		if (!entity)
			continue;
		buf_put(out, s.p + start, i - start);
		buf_puts(out, entity);
		start = i + 1;
	}
	buf_put(out, s.p + start, s.n - start);
}

/* What a byte may do in an address: stand anywhere, stand as it is but not inside a value of the query (RFC 3986
 * reserved characters and %), be percent-encoded (0), or not be there at all: control characters. */
enum { ENCODED, PLAIN, RESERVED, DROPPED };
#define UNTIL(from, to, class) [from... to] = class
static const unsigned char url_class[256] = {
	UNTIL(0, 0x1f, DROPPED), [0x7f] = DROPPED, UNTIL('a', 'z', PLAIN), UNTIL('A', 'Z', PLAIN),
	UNTIL('0', '9', PLAIN),  ['-'] = PLAIN,    ['.'] = PLAIN,          ['_'] = PLAIN,
	['~'] = PLAIN,           ['%'] = RESERVED, [':'] = RESERVED,       ['/'] = RESERVED,
	['?'] = RESERVED,        ['#'] = RESERVED, ['@'] = RESERVED,       ['!'] = RESERVED,
	['$'] = RESERVED,        ['&'] = RESERVED, ['('] = RESERVED,       [')'] = RESERVED,
	['*'] = RESERVED,        ['+'] = RESERVED, [','] = RESERVED,       [';'] = RESERVED,
	['='] = RESERVED,        ['['] = RESERVED, [']'] = RESERVED,
};

static bool stays(unsigned char c, bool query)
{
	return url_class[c] == PLAIN || (!query && url_class[c] == RESERVED);
}

static void put_percent(struct buf *out, unsigned char c)
{
	static const char hex[] = "0123456789ABCDEF";
	char text[3] = {'%', hex[c >> 4], hex[c & 15]};
	buf_put(out, text, 3);
}

void liquid_put_url_part(struct buf *out, struct str s, bool query)
{
	for (size_t i = 0; i < s.n; i++) {
		size_t start = i;
		while (i < s.n && stays((unsigned char)s.p[i], query))
			i++;
		buf_put(out, s.p + start, i - start);
		if (i < s.n && url_class[(unsigned char)s.p[i]] != DROPPED)
			put_percent(out, (unsigned char)s.p[i]);
	}
}

/* Where the scheme's colon stands; 0 when the address has none. */
static size_t scheme_length(struct str url)
{
	for (size_t i = 0; i < url.n; i++) {
		if (url.p[i] == ':')
			return i ? i : 1;
		if (url.p[i] == '/' || url.p[i] == '?' || url.p[i] == '#')
			return 0;
	}
	return 0;
}

static bool may_be_opened(struct str url)
{
	static const char *const schemes[] = {"http", "https", "mailto", "tel"};
	size_t n = scheme_length(url);
	if (!n)
		return url.n && !(url.n > 1 && url.p[0] == '/' && (url.p[1] == '/' || url.p[1] == '\\')) &&
		       url.p[0] != '\\';
	for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++)
		if (str_same_nocase((struct str){url.p, n}, str_of(schemes[i])))
			return true;
	return false;
}

/* Already as it must be: most addresses are. */
static bool is_clean(struct str url)
{
	for (size_t i = 0; i < url.n; i++)
		if (!stays((unsigned char)url.p[i], false))
			return false;
	return true;
}

void liquid_finish_url(struct buf *out, size_t from, const char *base)
{
	struct str raw = str_trim((struct str){out->p + from, out->n - from});
	struct buf clean = {0};
	bool opens = may_be_opened(raw);
	if (opens && raw.p[0] != '/' && raw.n == out->n - from && is_clean(raw))
		return;
	if (!opens)
		raw = STR("#");
	if (base && raw.p[0] == '/') {
		size_t n = strlen(base);
		buf_put(&clean, base, n && base[n - 1] == '/' ? n - 1 : n);
	}
	liquid_put_url_part(&clean, raw, false);
	out->n = from;
	buf_put(out, clean.p, clean.n);
	buf_fini(&clean);
}
