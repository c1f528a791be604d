/* Countries by ISO 3166-1 alpha-2, as ICU knows them. For leads' fields and for consent and hours by country. */
#ifndef NURTURE_MODEL_COUNTRY_H
#define NURTURE_MODEL_COUNTRY_H

#include "base/str.h"

/* Writes the code in capitals ("de" → "DE"); false when there is no such country. */
bool country_code(struct str text, char out[3]);

#endif
