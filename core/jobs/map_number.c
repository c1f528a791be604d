/* Numbers as people write them in files: 12,5 or 12.5, 1.234,5 or 1,234.5. The map says which (decimal); where it does not, a number with a comma is refused:
 * 1,234 is two numbers, and one of them is a thousand times the other. */
#include "jobs/map_parts.h"

#include "base/buf.h"

#include <string.h>

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* How many bytes part thousands here: the other mark, a blank, one that does not break (U+00A0, U+202F), an apostrophe; 0 = nothing does. */
static size_t parts_thousands(struct str rest, char decimal)
{
	if (rest.n && (rest.p[0] == (decimal == ',' ? '.' : ',') || rest.p[0] == ' ' || rest.p[0] == '\''))
		return 1;
	if (str_starts(rest, STR("\xC2\xA0")))
		return 2;
	return str_starts(rest, STR("\xE2\x80\xAF")) ? 3 : 0;
}

static size_t digits(struct str rest)
{
	size_t n = 0;
	while (n < rest.n && is_digit(rest.p[n]))
		n++;
	return n;
}

static struct str behind(struct str rest, size_t n)
{
	return (struct str){rest.p + n, rest.n - n};
}

/* The whole part, without what parts its thousands: then one to three digits stand first, and three behind each mark. */
static bool put_whole(struct str *rest, char decimal, struct buf *out)
{
	size_t n = digits(*rest), first = n, mark;
	for (;;) {
		buf_put(out, rest->p, n);
		*rest = behind(*rest, n);
		mark = parts_thousands(*rest, decimal);
		if (!mark)
			return true;
		*rest = behind(*rest, mark);
		n = digits(*rest);
		if (first < 1 || first > 3 || n != 3)
			return false;
	}
}

static bool put_number(struct str text, char decimal, struct buf *out)
{
	struct str rest = text;
	if (rest.n && (rest.p[0] == '-' || rest.p[0] == '+')) {
		if (rest.p[0] == '-')
			buf_putc(out, '-');
		rest = behind(rest, 1);
	}
	size_t sign = out->n;
	if (!put_whole(&rest, decimal, out))
		return false;
	if (out->n == sign)
		buf_putc(out, '0'); /* ,5 */
	else if (!rest.n)
		return true;
	size_t tenths = rest.n && rest.p[0] == decimal ? digits(behind(rest, 1)) : 0;
	if (!tenths || tenths + 1 != rest.n)
		return false;
	buf_putc(out, '.');
	buf_put(out, rest.p + 1, tenths);
	return true;
}

int number_read(char decimal, struct str text, struct arena *arena, struct str *out, struct error *error)
{
	struct buf number = {0};
	text = str_trim(text);
	*out = text;
	int shown = (int)(text.n < 40 ? text.n : 40);
	if (!decimal && memchr(text.p, ',', text.n) && digits(text) + digits(behind(text, text.n - 1)) > 0)
		return error_set(error, ERROR_INVALID, NULL, "\"%.*s\" has a comma in it. Say in the map what it means: decimal = \",\" (12,5 is twelve and a half) or "
				 "decimal = \".\" (1,234 is more than a thousand).", shown, text.p);
	if (!decimal)
		return 0;
	bool good = put_number(text, decimal, &number);
	*out = good ? arena_str(arena, buf_str(&number)) : text;
	buf_fini(&number);
	return good ? 0 : error_set(error, ERROR_INVALID, NULL, "\"%.*s\" is no number as the map says they are written (decimal = \"%c\").", shown, text.p, decimal);
}
