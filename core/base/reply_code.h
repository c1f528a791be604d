/* The code of a letter: 16 letters and digits in four groups, "K7M2-QX9P-4TNB-8FJD", made from the number of its touch without a table. It is printed beside the
 * QR code, typed into /r/ and read out on the telephone. Made by delivery, read by web; nobody who was not sent one can make one.
 *
 * Under the same keys as the tokens in links (token.h): 48 bits of the number and 32 bits of a keyed hash of it, permuted under the key, so that neighbours have nothing
 * in common. The same touch has the same code; old keys verify for ever. Of 4,000 million codes that somebody makes up one passes here, and then names a touch among
 * 2^48: who reads codes limits how often one may try, and asks whether there is such a touch. */
#ifndef NURTURE_BASE_REPLY_CODE_H
#define NURTURE_BASE_REPLY_CODE_H

#include "base/token.h"

enum { REPLY_CODE_TEXT = 20 }; /* with NUL */
/* Stands where a code would, in a letter that is only looked at: it is nobody's. */
#define REPLY_CODE_SAMPLE "SAMP-LE00-0000-0000"

/* The digits are Crockford's base 32, capital: no I, L, O, U. false, and out is "": a number beyond 48 bits, which no touch has in the first four million million. */
bool reply_code_write(const struct token_keys *keys, int64_t touch_id, char out[REPLY_CODE_TEXT]);
/* Reading is forgiving: small letters, O for 0, I and L for 1, blanks, hyphens, dashes and dots anywhere or nowhere. false for all that is not exactly a code of ours;
 * takes the same time whatever is wrong with 16 digits. */
bool reply_code_read(const struct token_keys *keys, struct str text, int64_t *touch_id);
/* It has the shape of a code, whoever made it: 16 such digits. */
bool reply_code_is(struct str text);

#endif
