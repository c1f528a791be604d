/* Countries by ISO 3166-1 alpha-2, as ICU knows them, and by their names. For leads' fields and for consent and hours by country. */
#ifndef NURTURE_MODEL_COUNTRY_H
#define NURTURE_MODEL_COUNTRY_H

#include "base/str.h"

#include <stddef.h>

/* Writes the code in capitals ("de" → "DE"); false when there is no such country. */
bool country_code(struct str text, char out[3]);

/* The same for a name of the country: in English (also as the Universal Postal Union has it, "Korea (Rep.)", and as people write, "USA"), in the country's own languages, in any
 * language of Europe and in those of most people elsewhere; whatever case, marks and signs it is written with. Gives how many countries may be meant: 1 with the code in `out`; 0; or
 * more, with all their codes, parted by blanks ("KP KR"). Reads ICU's data the first time: some 20 ms, and some 200 once in a
 * process for a word that is neither a code nor a name in English or the country's own languages. Not for several threads at once. */
enum { COUNTRIES_TEXT = 64 };
size_t country_named(struct str text, char out[COUNTRIES_TEXT]);

/* All of them, NULL-ended, in the order of their codes; never freed. */
const char *const *country_codes(void);
/* What people who speak `language` ("de") call it, in UTF-8; the code itself when nobody knows. */
const char *country_name(const char *code, const char *language, char *out, size_t size);

#endif
