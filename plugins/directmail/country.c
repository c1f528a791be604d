/* See country.h. Called by lists.c and returns.c; what names there are the server knows. */
#include "country.h"

#include <stdio.h>
#include <string.h>

enum { SHOWN = 80 };

/* So much of a text as an answer shows: whole characters. */
static int shown_bytes(const char *text)
{
	size_t n = strlen(text);
	if (n <= SHOWN)
		return (int)n;
	n = SHOWN;
	while (n && ((unsigned char)text[n] & 0xc0) == 0x80)
		n--;
	return (int)n;
}

bool country_read(const struct office *office, const json_t *row, char codes[COUNTRY_CODES], char why[COUNTRY_WHY])
{
	const char *word = json_string_value(json_object_get(row, "country"));
	*codes = 0;
	if (!word || !word[strspn(word, " ")])
		return true;
	size_t count = office->host->country(office->host->data, word, codes, COUNTRY_CODES);
	if (count > 1)
		snprintf(why, COUNTRY_WHY, "\"%.*s\" may be several countries (%s): write the two letters of the one that is meant", shown_bytes(word), word, codes);
	else if (!count)
		snprintf(why, COUNTRY_WHY, "\"%.*s\" is no country: write its name or its two letters, like Germany or DE", shown_bytes(word), word);
	return count == 1;
}
