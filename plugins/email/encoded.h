/* Files in base64, kept: a campaign's mails carry the same ones, and a PDF of 5 MB costs more to encode than all else of a mail. Used by attached.c alone. */
#ifndef NURTURE_EMAIL_ENCODED_H
#define NURTURE_EMAIL_ENCODED_H

#include <glib.h>

enum { ENCODED_FILES = 32, ENCODED_BYTES = 64 << 20 /* of files and what they became */ };

struct encoded;

struct encoded *encoded_new(const char *newline); /* newline is borrowed */
void encoded_free(struct encoded *encoded);       /* takes NULL */
/* The lines of these bytes; until the next call. Bytes are compared whole: what lies where another file lay before is another file. */
const GString *encoded_of(struct encoded *encoded, const void *bytes, size_t n);
size_t encoded_made(const struct encoded *encoded); /* how often something was encoded */

#endif
