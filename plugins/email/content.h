/* The two bodies of a message before they are encoded: what the template rendered, and what the law and the mailbox
 * providers want beside it. Pure functions; called by message.c alone.
 *
 * What always holds: if the touch has an unsubscribe URL or the sender a postal address, both parts show them: where the
 * template did not, a footer does. */
#ifndef NURTURE_EMAIL_CONTENT_H
#define NURTURE_EMAIL_CONTENT_H

#include <glib.h>

struct content {
	const char *text; /* of the template; "" if none: it is then made of the footer alone */
	size_t text_length;
	const char *html;
	size_t html_length;
	const char *preheader; /* the line that inboxes show beside the subject; NULL or "" = none */
	const char *unsubscribe_url; /* or NULL */
	const char *postal_address;  /* or NULL; may have lines */
};

void content_append_text(GString *out, const struct content *content);
void content_append_html(GString *out, const struct content *content);

#endif
