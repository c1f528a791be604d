/* Where bounces go: bounces+TOKEN@example.com (variable envelope return path). The token names the touch and is the host's to make and to prove; here it is
 * put into an address and found in one, or in a Message-ID of ours, <TOUCH.TOKEN@domain>. Pure functions. */
#ifndef NURTURE_EMAIL_RETURNS_VERP_H
#define NURTURE_EMAIL_RETURNS_VERP_H

#include "address.h"

enum { VERP_TOKEN = 39 }; /* characters */

/* The sender of one message. false: it would be longer than an address may be; *out is untouched. */
bool verp_write(const struct address *bounces, const char *token, struct address *out);
/* The longest local part that leaves room for a token. */
enum { VERP_LOCAL_MAX = ADDRESS_LOCAL_MAX - 1 - VERP_TOKEN };
/* The first text in `text` that looks like a token of ours: behind a '+' and before an '@' ("bounces+TOKEN@", or with "=40" and the like around it), or
 * behind "NUMBER." and before an '@'. In any case of letters. */
bool verp_find(const char *text, size_t length, char token[VERP_TOKEN + 1]);

#endif
