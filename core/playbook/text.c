/* Text by characters. Letter case is Unicode's simple mapping, by ICU; plain ASCII never asks ICU. */
#include "playbook/text.h"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

static size_t step(struct str s, size_t i)
{
	if ((unsigned char)s.p[i] < 0x80)
		return 1;
	size_t n = str_utf8_step(s.p + i, s.n - i);
	return n ? n : 1;
}

size_t text_length(struct str s)
{
	size_t length = 0, i = 0;
	while (i < s.n && (unsigned char)s.p[i] < 0x80)
		i++;
	for (length = i; i < s.n; i += step(s, i))
		length++;
	return length;
}

struct str text_slice(struct str s, size_t from, size_t count)
{
	size_t i = 0;
	while (i < s.n && from--)
		i += step(s, i);
	size_t start = i;
	while (i < s.n && count--)
		i += step(s, i);
	return (struct str){s.p + start, i - start};
}

static size_t put_ascii(char c, bool upper, char *out)
{
	if (upper ? c >= 'a' && c <= 'z' : c >= 'A' && c <= 'Z')
		c ^= 0x20;
	*out = c;
	return 1;
}

static size_t put_letter(const char *p, size_t n, bool upper, char *out)
{
	UChar32 c = 0;
	int32_t i = 0;
	U8_NEXT_UNSAFE(p, i, c);
	if (upper && c == 0xdf) {
		memcpy(out, "SS", 2);
		return 2;
	}
	UChar32 other = upper ? u_toupper(c) : u_tolower(c);
	if (other == c) {
		memcpy(out, p, n);
		return n;
	}
	int32_t written = 0;
	U8_APPEND_UNSAFE(out, written, other);
	return (size_t)written;
}

size_t text_convert(struct str s, enum text_case which, char *out)
{
	size_t written = 0, n = 0;
	for (size_t i = 0; i < s.n; i += n) {
		bool upper = which == TEXT_UPPER || (which == TEXT_CAPITAL && i == 0);
		n = step(s, i);
		if ((unsigned char)s.p[i] < 0x80 || n == 1)
			written += put_ascii(s.p[i], upper, out + written);
		else
			written += put_letter(s.p + i, n, upper, out + written);
	}
	return written;
}
