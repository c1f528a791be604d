/* See country.h. Called by lists.c and returns.c; what names there are the server knows. */
#include "country.h"

#include <nurture/requests.h>

#include <stdio.h>
#include <string.h>

enum { SHOWN = 80 };

bool country_read(const struct office *office, const json_t *row, char codes[COUNTRY_CODES], char why[COUNTRY_WHY])
{
	const char *word = json_string_value(json_object_get(row, "country"));
	*codes = 0;
	if (!word || !word[strspn(word, " ")])
		return true;
	size_t count = office->host->country(office->host->data, word, codes, COUNTRY_CODES);
	if (count == 1)
		return true;
	if (count)
		snprintf(why, COUNTRY_WHY, "\"%.*s\" may be several countries (%s): write the two letters of the one that is meant", SHOWN, word, codes);
	else
		snprintf(why, COUNTRY_WHY, "\"%.*s\" is no country: write its name or its two letters, like Germany or DE", SHOWN, word);
	nurture_whole_characters(why);
	return false;
}
