/* See code.h. Whether it is one of ours the table says; nothing secret is here. */
#include "code.h"

#include <string.h>

enum { DIGITS = 16 };

bool code_read(const char *typed, char out[CODE_TEXT])
{
	static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
	int n = 0;
	char *to = out;
	*out = '\0';
	for (const char *p = typed; *p; p++) {
		char c = (char)(*p >= 'a' && *p <= 'z' ? *p - 32 : *p);
		if (strchr(" -._\t\r\n", c))
			continue;
		c = (char)(c == 'O' ? '0' : c == 'I' || c == 'L' ? '1' : c);
		if (n == DIGITS || !strchr(digits, c)) {
			*out = '\0';
			return false;
		}
		*to++ = c;
		if (++n % 4 == 0 && n < DIGITS)
			*to++ = '-';
	}
	*(n == DIGITS ? to : out) = '\0';
	return n == DIGITS;
}
