/* Countries by ISO 3166-1 alpha-2, as ICU knows them. For leads' fields and for consent and hours by country. */
#ifndef NURTURE_MODEL_COUNTRY_H
#define NURTURE_MODEL_COUNTRY_H

#include "base/str.h"

#include <stddef.h>

/* Writes the code in capitals ("de" → "DE"); false when there is no such country. */
bool country_code(struct str text, char out[3]);

/* All of them, NULL-ended, in the order of their codes; never freed. */
const char *const *country_codes(void);
/* What people who speak `language` ("de") call it, in UTF-8; the code itself when nobody knows. */
const char *country_name(const char *code, const char *language, char *out, size_t size);

#endif
