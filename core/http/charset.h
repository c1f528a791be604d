/* Which byte may stand where in HTTP: one table, one bit a set. Used by the parsers of this room only. */
#ifndef NURTURE_HTTP_CHARSET_H
#define NURTURE_HTTP_CHARSET_H

#include "base/str.h"

#include <stdbool.h>

enum {
	CHAR_TOKEN = 1,  /* RFC 9110 5.6.2 tchar: methods, field names */
	CHAR_VALUE = 2,  /* RFC 9110 5.5 field-value: visible, space, tab, and bytes above 127 */
	CHAR_PATH = 4,   /* RFC 3986 pchar, "/", and "%" */
	CHAR_QUERY = 8,  /* visible ASCII but "#": browsers send more in a query than RFC 3986 allows */
	CHAR_HOST = 16,  /* letters, digits, "-", ".", "_" */
	CHAR_DIGIT = 32,
	CHAR_HEX = 64,
};

extern const unsigned char charset_bits[256];

static inline bool charset_has(char c, unsigned set)
{
	return charset_bits[(unsigned char)c] & set;
}
static inline bool charset_all(struct str s, unsigned set)
{
	for (size_t i = 0; i < s.n; i++)
		if (!charset_has(s.p[i], set))
			return false;
	return true;
}

/* Decodes %XX (and + as a space where plus says so) into out, which has room for s.n + 1 bytes; a NUL is added. Returns the
 * length, or SIZE_MAX when a "%" is not followed by two hexadecimal digits. */
size_t charset_percent_decode(struct str s, bool plus, char *out);

#endif
