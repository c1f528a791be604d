/* Bodies made fit for any mail server: content transfer encodings (RFC 2045) and SMTP's dots. Pure functions.
 *
 * What always holds of encoded text: 7-bit, no line over 998 octets, no lone CR or LF, no NUL, and lines that begin with a
 * dot or "From " are written so that no careless relay can break them, and "=_" (which begins the boundary between the
 * parts of a message) stands nowhere. CR, LF and CRLF in the input all end a line. */
#ifndef NURTURE_EMAIL_TRANSFER_H
#define NURTURE_EMAIL_TRANSFER_H

#include <glib.h>

enum transfer { TRANSFER_7BIT, TRANSFER_QUOTED, TRANSFER_BASE64 };

/* Appends text in the lightest encoding that is safe for it and says which. It ends with a newline. */
enum transfer transfer_append(GString *out, const char *text, size_t n, const char *newline);

/* One encoding; 7bit is the caller's promise. For tests, and for transfer_append. */
void transfer_append_quoted(GString *out, const char *text, size_t n, const char *newline);
void transfer_append_base64(GString *out, const char *text, size_t n, const char *newline);

/* Bytes that are no text, as they are, in lines of base64. */
void transfer_append_binary(GString *out, const void *bytes, size_t n, const char *newline);

/* Doubles every dot that begins a line of a message with CRLF line ends (RFC 5321 4.5.2). */
void transfer_stuff_dots(GString *message);

#endif
