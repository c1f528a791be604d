/* Telephone numbers by ITU-T E.164: "+", country code, number; at most 15 digits. */
#ifndef NURTURE_MODEL_PHONE_H
#define NURTURE_MODEL_PHONE_H

#include "base/phone.h"

/* "+49 (0)30 / 123-456" → "+4930123456": true when it is written with its country code (+ or 00 before it). An extension, letters, or a length that no
 * number has: false, and it stays as a person wrote it. */
bool phone_international(struct str text, char out[PHONE_MAX]);
/* The number that names a lead: with its country code, or as it is dialled in `country` ("DE"; "" = not known). */
bool phone_named(struct str text, struct str country, char out[PHONE_MAX]);
static inline bool phone_is_e164(struct str text)
{
	return text.n > 7 && text.n < PHONE_MAX && text.p[0] == '+';
}

#endif
