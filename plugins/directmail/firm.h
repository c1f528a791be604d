/* Keys by which an organisation is known to the lists, whoever of it is written to and at whichever house: its name with the postal code, and its domain. */
#ifndef DIRECTMAIL_FIRM_H
#define DIRECTMAIL_FIRM_H

#include "address.h"
#include "out.h"

/* SHA-256 in hex, as of people (letter_view.h); "" = there is no such key. domain: of the account, "" = none. */
void firm_keys(const struct post_address *address, const char *sender_country, const char *domain, char firm[OUT_HASH_TEXT], char site[OUT_HASH_TEXT]);

#endif
