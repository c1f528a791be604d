/* The country of a row in a file of addresses, as whoever wrote the file calls it. */
#ifndef DIRECTMAIL_COUNTRY_H
#define DIRECTMAIL_COUNTRY_H

#include "office.h"

enum { COUNTRY_CODES = 64, COUNTRY_WHY = 300 };

/* The two letters of the row's "country", whatever it is called there. true with "": the row has none. false: it is none, or may be several, and `why` says so. */
bool country_read(const struct office *office, const json_t *row, char codes[COUNTRY_CODES], char why[COUNTRY_WHY]);

#endif
