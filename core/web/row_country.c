/* See row_country.h. */
#include "web/row_country.h"

#include "model/country.h"

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

const char *web_row_country(json_t *row, const char *key, struct arena *arena)
{
	char codes[COUNTRIES_TEXT];
	const char *word = json_string_value(json_object_get(row, key));
	if (!word || !str_trim(str_of(word)).n)
		return NULL;
	size_t count = country_named(str_of(word), codes);
	int shown = shown_bytes(word);
	if (count > 1)
		return arena_printf(arena, "%s: \"%.*s\" may be several countries (%s): write the two letters of the one that is meant", key, shown, word, codes);
	if (!count)
		return arena_printf(arena, "%s: \"%.*s\" is no country: write its name or its two letters, like Germany or DE", key, shown, word);
	json_object_set_new(row, key, json_string(codes));
	return NULL;
}
