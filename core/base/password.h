/* Passwords of people, by libsodium's argon2id (RFC 9106). Blocking: a look takes some 64 MiB and a tenth of a second, so never on a worker's loop (web has
 * a thread for it, hasher.h). Whoever holds a password wipes it. */
#ifndef NURTURE_BASE_PASSWORD_H
#define NURTURE_BASE_PASSWORD_H

#include "base/error.h"
#include "base/str.h"

#include <stdbool.h>

enum { PASSWORD_LEAST = 10, PASSWORD_MOST = 256, PASSWORD_HASH = 128 /* bytes with NUL */ };

/* Fit to be one of `name`: 10 to 256 bytes of text, not the name, not one letter again and again. -1 with a sentence. */
int password_check(struct str password, const char *name, struct error *error) MUST_USE;
/* What is kept of it: "$argon2id$v=19$…". -1: there is no memory. */
int password_hash(struct str password, char out[PASSWORD_HASH]) MUST_USE;
/* Is it the one? The same work whatever stands there; hash NULL or "" (nobody of that name, or without a password): the same work, and no. */
bool password_is(const char *hash, struct str password);

#endif
