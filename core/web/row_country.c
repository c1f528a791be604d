/* See row_country.h. */
#include "web/row_country.h"

#include "model/country.h"

const char *web_row_country(json_t *row, const char *key, struct arena *arena)
{
	char codes[COUNTRIES_TEXT];
	const char *word = json_string_value(json_object_get(row, key));
	if (!word || !str_trim(str_of(word)).n)
		return NULL;
	size_t count = country_named(str_of(word), codes);
	if (count > 1)
		return arena_printf(arena, "%s: \"%.80s\" may be several countries (%s): write the two letters of the one that is meant", key, word, codes);
	if (!count)
		return arena_printf(arena, "%s: \"%.80s\" is no country: write its name or its two letters, like Germany or DE", key, word);
	json_object_set_new(row, key, json_string(codes));
	return NULL;
}
