/* The files of a message as MIME parts: pictures that its HTML shows (multipart/related, RFC 2387) and attachments (multipart/mixed). Pure; called by message.c.
 *
 * What always holds: no name, type or id can end its header, and no part holds a boundary of ours (transfer.h: base64 has no "_"). */
#ifndef NURTURE_EMAIL_ATTACHED_H
#define NURTURE_EMAIL_ATTACHED_H

#include "encoded.h"

#include <nurture/plugin.h>

#include <glib.h>

enum { ATTACHED_BOUNDARY = 64 };

struct attached {
	const struct nurture_file *files; /* of the touch: borrowed */
	size_t count;
	size_t shown, attached;           /* how many of each */
};

struct attached attached_of(const struct nurture_touch *touch);
size_t attached_size(const struct attached *files); /* of all of them in base64, about */
const struct nurture_file *attached_largest(const struct attached *files); /* NULL = there are none */

/* Another boundary, made of the message's own ("=_…"), told from it by its third character. */
void attached_boundary(char out[ATTACHED_BOUNDARY], const char *boundary, char letter);
/* "Content-Type: multipart/KIND; boundary=…" and its line end. */
void attached_append_head(GString *out, const char *kind, const char *boundary, const char *newline);
/* Those that are shown, or those that are attached, each with the delimiter before it. */
void attached_append_files(GString *out, struct encoded *encoded, const struct attached *files, bool shown, const char *boundary, const char *newline);

#endif
