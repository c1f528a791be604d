/* Values of header fields (RFC 5322, 2047), ready to stand behind "Name: ". Pure functions.
 *
 * Every function first makes the text one harmless line (text.h), so that no value can end its header, and writes text
 * that looks like an encoded word as an encoded word, so that it is shown as it was and never decoded. Lines are folded
 * before 78 columns where there is a place to fold. */
#ifndef NURTURE_EMAIL_HEADER_H
#define NURTURE_EMAIL_HEADER_H

#include "address.h"

/* Unstructured text (Subject). column = how much of the line is taken already. newline: "\r\n" or "\n". */
void header_append_text(GString *out, const char *text, size_t n, size_t column, const char *newline);

/* `Name <address>`, or the address alone when the name is empty. */
void header_append_mailbox(GString *out, const char *name, const struct address *address, size_t column,
			   const char *newline);

/* A token: letters, digits, "-._"; all else becomes "-"; at most max bytes; "-" if nothing is left. */
void header_append_token(GString *out, const char *text, size_t max);

#endif
