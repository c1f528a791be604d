/* The name of a touch in the envelope's sender and in the Message-ID: what comes back is tied to its touch by it, and nobody who was not sent that mail
 * can make one. 39 small letters and digits, as mail servers may change the case of a local part, which is at most 64 octets long.
 *
 * Sealed under the same keys as the tokens in links (token.h): 96 bits of a keyed BLAKE2b hash over the touch and a hash of the address it was sent to,
 * and both encrypted under that (SIV: the same touch has the same token, and no number shows). Old keys verify for ever. */
#ifndef NURTURE_BASE_RETURN_TOKEN_H
#define NURTURE_BASE_RETURN_TOKEN_H

#include "base/token.h"

enum { RETURN_TOKEN_TEXT = 40 }; /* with NUL */

void return_token_write(const struct token_keys *keys, int64_t touch_id, struct str address, char out[RETURN_TOKEN_TEXT]);
/* Letters in any case. false for all that is not exactly a token of ours. *address: what return_token_address gave, under *key, for the one it was sent to. */
bool return_token_read(const struct token_keys *keys, struct str text, int64_t *touch_id, uint32_t *address, const struct token_key **key);
/* A hash of an address as leads have it: tells which of a lead's addresses, not what it is. Under the key, so that nobody finds another address that has the same. */
uint32_t return_token_address(const struct token_key *key, struct str address);

#endif
