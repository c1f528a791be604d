/* What the files of address.h share. */
#ifndef NURTURE_DIRECTMAIL_ADDRESS_PARTS_H
#define NURTURE_DIRECTMAIL_ADDRESS_PARTS_H

#include "address.h"

#include <stdbool.h>

/* How addresses of a country are written. */
struct post_country {
	char code[3];
	/* Lines from the top, parted by '/': N name, O organisation, B street2, A street, C city, R region, Z postal code; anything else stands as it is where both its neighbours
	 * are given. */
	const char *lines;
	const char *local; /* the same, written in the country's own characters, where that turns the order round; NULL = as above */
	/* Forms of the postal code as it is printed, parted by '|': # a digit, @ a letter, anything else as it is. NULL = it has none; "" = any. */
	const char *codes;
	const char *needs;   /* of A, C, R, Z: what a post there cannot do without */
	const char *words;   /* languages of its street words (address_words.c), parted by blanks */
	bool capitals;       /* the city in capitals within the country, too */
};

/* The rule for countries that have no row. */
extern const struct post_country post_country_rest;
/* The country's row, or the rule for the rest; NULL when no country has this code. code: two letters, any case ("UK" is GB). */
const struct post_country *post_country(const char *code);
/* The code in capitals. false: there is no such country. */
bool post_country_code(const char *code, char out[3]);

/* "California" or "ca" → "CA" where posts of the country write codes; else NULL. */
const char *post_region_code(const char *country, const char *region);

/* The code as it is printed: "sw1a1aa" → "SW1A 1AA", "D-1067" → false: it has none of the country's forms, and out is what was given. */
bool post_code_print(const struct post_country *country, const char *code, GString *out);

/* Appends text fit for a line: address.h. Line ends become `newline`. Ends and runs of blanks are trimmed. */
void post_clean(const char *text, char newline, GString *out);
/* Appends text in capitals as `language` has them ("tr": i → İ). */
void post_capitals(const char *text, const char *language, GString *out);

/* One spelling of a street word ("street" → "st"), or NULL: a word like any other; "" = it is left out ("ulica"). languages: as post_country.words. */
const char *post_street_word(const char *languages, const char *word);
/* "hauptstrasse" → "hauptstr": endings that a language writes together with the name. Changes word in place. */
void post_street_ending(const char *languages, GString *word);

#endif
