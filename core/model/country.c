/* The list is ICU's; it is read once into one bit for each pair of letters. */
#include "model/country.h"

#include <stdio.h>
#include <string.h>
#include <unicode/uloc.h>
#include <unicode/ustring.h>

enum { LETTERS = 26 };

static int pair(const char *p)
{
	int a = p[0] & ~32, b = p[1] & ~32; /* to capitals */
	return a >= 'A' && a <= 'Z' && b >= 'A' && b <= 'Z' ? (a - 'A') * LETTERS + (b - 'A') : -1;
}

enum { CODES_MOST = 300 };

/* ICU lists some that ISO 3166 only keeps free: parts of countries whose law holds in them. */
static bool is_part_of_another(const char *code)
{
	static const char parts[] = " AC CP DG EA IC TA ";
	char word[5];
	snprintf(word, sizeof word, " %.2s ", code);
	return strstr(parts, word);
}

const char *const *country_codes(void)
{
	static const char *codes[CODES_MOST + 1];
	size_t n = 0;
	if (codes[0])
		return codes;
	for (const char *const *code = uloc_getISOCountries(); *code && n < CODES_MOST; code++)
		if (!is_part_of_another(*code))
			codes[n++] = *code;
	return codes;
}

static const bool *countries(void)
{
	static bool known[LETTERS * LETTERS];
	static bool read;
	const char *const *codes = read ? NULL : country_codes();
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

const char *country_name(const char *code, const char *language, char *out, size_t size)
{
	char locale[8];
	UChar name[128];
	UErrorCode status = U_ZERO_ERROR;
	snprintf(locale, sizeof locale, "und_%.2s", code);
	int32_t n = uloc_getDisplayCountry(locale, language, name, 128, &status);
	u_strToUTF8(out, (int32_t)size, NULL, name, n, &status);
	if (U_FAILURE(status) || status == U_STRING_NOT_TERMINATED_WARNING || !*out)
		snprintf(out, size, "%.2s", code);
	return out;
}
