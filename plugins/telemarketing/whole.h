/* A text that was cut to some bytes, as sentences are that show what somebody wrote: no JSON can be made of it, and no database takes it, when the cut went through a character. Pure. */
#ifndef TELEMARKETING_WHOLE_H
#define TELEMARKETING_WHOLE_H

#include <string.h>

/* Drops each character of UTF-8 that is not whole; text that was valid before it was cut is valid after. */
static inline void whole_characters(char *text)
{
	char *out = text;
	while (*text) {
		unsigned char first = (unsigned char)*text;
		size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1, n = 1;
		while (n < length && ((unsigned char)text[n] & 0xc0) == 0x80)
			n++;
		if (n == length) {
			memmove(out, text, n);
			out += n;
		}
		text += n;
	}
	*out = '\0';
}

#endif
