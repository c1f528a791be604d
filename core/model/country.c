/* The list is ICU's; it is read once into one bit for each pair of letters. */
#include "model/country.h"

#include <unicode/uloc.h>

enum { LETTERS = 26 };

static int pair(const char *p)
{
	int a = p[0] & ~32, b = p[1] & ~32; /* to capitals */
	return a >= 'A' && a <= 'Z' && b >= 'A' && b <= 'Z' ? (a - 'A') * LETTERS + (b - 'A') : -1;
}

static const bool *countries(void)
{
	static bool known[LETTERS * LETTERS];
	static bool read;
	const char *const *codes = read ? NULL : uloc_getISOCountries();
	for (; codes && *codes; codes++)
		if (pair(*codes) >= 0)
			known[pair(*codes)] = true;
	read = true;
	return known;
}

bool country_code(struct str text, char out[3])
{
	if (text.n != 2)
		return false;
	int at = pair(text.p);
	if (at < 0 || !countries()[at])
		return false;
	out[0] = (char)('A' + at / LETTERS);
	out[1] = (char)('A' + at % LETTERS);
	out[2] = '\0';
	return true;
}
