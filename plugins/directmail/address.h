/* Postal addresses: from the parts that a lead has to the lines that stand on a letter, what a post would miss, and the keys by which addresses are compared.
 *
 * Pure: no database, no files (ICU's own data aside), no clock. What always holds: texts that come out are well-formed UTF-8 without line ends, control
 * characters or marks that turn the direction of text, whatever went in; nothing is cut: a city of 300 letters comes out with 300 letters. */
#ifndef NURTURE_DIRECTMAIL_ADDRESS_H
#define NURTURE_DIRECTMAIL_ADDRESS_H

#include <glib.h>
#include <stddef.h>

/* The parts, as they came. UTF-8 ended by NUL; NULL or blank = not given. */
struct post_address {
	const char *name;         /* of the person */
	const char *organisation;
	const char *street;       /* with the house number; or a post office box */
	const char *street2;      /* building, floor, suite */
	const char *city;
	const char *region;       /* state, province, prefecture: a code (CA) or a name */
	const char *postal_code;
	const char *country;      /* ISO 3166-1: two letters, any case; "" = the sender's own */
};

enum { POST_LINES = 10 };

struct post_lines {
	size_t count;
	char *line[POST_LINES]; /* owned: post_lines_fini */
};

/* The lines by the rules of the country that it goes to, as it is posted in sender_country (two letters; "" = as if posted within): abroad the city is in
 * capitals and the last line is the country, in capitals, in the sender's language (language: "de"; NULL or "" = the language of most there). Parts that are
 * not given leave no blank line. Fills *out, which needs post_lines_fini. */
void post_address_lines(const struct post_address *address, const char *sender_country, const char *language, struct post_lines *out);
void post_lines_fini(struct post_lines *lines);

/* What a post there needs and is not given, or cannot be: "name" (neither person nor organisation), "street", "city", "region", "postal_code" (missing, or not
 * of the form that the country's codes have), "country" (no country has that code). NULL = nothing. Constant. */
const char *post_address_missing(const struct post_address *address, const char *sender_country);

/* Which rules make a key: its first characters, "1|". Keys of other rules are never the same as ours: make them anew. */
#define POST_KEY_RULES "1|"

/* The address's key: country, code, street and house number without case, marks, blanks, points, and with the street words of its languages in one spelling; "Hauptstraße 12 a"
 * and "HAUPTSTR. 12A" have one. Where there is no code the city stands in for it. Empties out first; left empty where the parts are too few to know a place by: nobody is the
 * double of nobody. */
void post_address_key(const struct post_address *address, const char *sender_country, GString *out);
/* The household's: the address's key and the organisation, as people of two firms under one roof are no household. Empty as above. */
void post_household_key(const struct post_address *address, const char *sender_country, GString *out);
/* The person's: the address's key and the name, in any order of its words. Empty as above, and where there is no name. */
void post_person_key(const struct post_address *address, const char *sender_country, GString *out);

#endif
