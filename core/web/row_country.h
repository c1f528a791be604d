/* Countries in rows of files: how they are written, and what is said where they are none. For the resources that take rows. */
#ifndef NURTURE_WEB_ROW_COUNTRY_H
#define NURTURE_WEB_ROW_COUNTRY_H

#include "base/arena.h"

#include <jansson.h>

/* Puts the country's two letters in the place of its name under row[key], as leads' fields are read (model/country.h). NULL, also where the row says none; or why it cannot be
 * used, with the word, in the arena. */
const char *web_row_country(json_t *row, const char *key, struct arena *arena);

#endif
