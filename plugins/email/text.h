/* Text that came from outside, made fit for a header, an HTML page or a log line. Pure functions on GString.
 *
 * What always holds: what they append is well-formed UTF-8 (a broken byte became U+FFFD) and, for the header functions,
 * holds no CR, LF, NUL, other control, line or paragraph separator, nor a character that turns the direction of text. */
#ifndef NURTURE_EMAIL_TEXT_H
#define NURTURE_EMAIL_TEXT_H

#include <glib.h>
#include <stdbool.h>

/* Decodes one character of n > 0 bytes; *step = bytes taken (1 for a broken one, which is U+FFFD). */
gunichar text_next(const char *bytes, size_t n, size_t *step);

/* Appends text as one line: controls, separators and runs of space become one space, ends are trimmed, and it stops at
 * max bytes, between characters. */
void text_append_line(GString *out, const char *text, size_t n, size_t max);

/* Appends text with & < > " ' as entities. */
void text_append_html(GString *out, const char *text, size_t n);

/* Is the text all printable ASCII (and spaces)? */
bool text_is_ascii(const char *text, size_t n);

/* The nearest of the NULL-ended names within a typing slip or two, or NULL. */
const char *text_nearest(const char *wanted, const char *const *names);

#endif
