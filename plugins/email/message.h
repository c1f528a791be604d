/* Makes the message of a touch (RFC 5322): multipart/alternative, text and HTML.
 *
 * One composer serves a channel: it keeps GMime's tree of header, multipart and two parts, and its output stream, from
 * message to message, as building the tree anew costs more than all else (measured: 151 µs a message of 10 KB built and
 * encoded by GMime, 64 µs with bodies encoded by transfer.c, 41 µs with the tree kept, 20 µs with bodies past GMime).
 *
 * What always holds: the Message-ID depends on touch_id, lead_id and the sender's domain alone, so that a repeat has the
 * same; no field of the touch can add a header, end one, or end a body part. */
#ifndef NURTURE_EMAIL_MESSAGE_H
#define NURTURE_EMAIL_MESSAGE_H

#include "address.h"
#include "dkim.h"

#include <nurture/plugin.h>

#include <glib.h>

struct composer;

struct composer_settings {
	const struct mailbox *from;
	const struct mailbox *reply_to; /* NULL = none */
	const struct address *return_path; /* NULL = the address of `from` */
	const struct address *unsubscribe_to; /* NULL, or: a mailbox that is read; List-Unsubscribe names it with the token, beside the URL (RFC 2369) */
	const struct dkim *dkim;        /* NULL = unsigned: the relay does it */
	const char *newline;            /* "\r\n" for SMTP, "\n" for files */
};

struct envelope {
	struct address sender;
	struct address recipient;
	bool utf8;        /* one of its addresses, in envelope or header, is not ASCII (RFC 6531) */
	GString *message; /* the caller's */
};

enum compose_result {
	COMPOSED,
	COMPOSE_BAD_ADDRESS,  /* of the recipient: for good */
	COMPOSE_BAD_TEMPLATE, /* what was rendered is no message: a person must look at the playbook */
};

/* Borrows what settings point to. */
struct composer *composer_new(const struct composer_settings *settings);
void composer_free(struct composer *composer); /* takes NULL */

/* now: domain time, for Date. Not COMPOSED: *why (512 bytes) says why, and *out is untouched. */
enum compose_result composer_compose(struct composer *composer, const struct nurture_touch *touch, int64_t now,
				     struct envelope *out, char why[512]);
/* After COMPOSE_BAD_TEMPLATE: the field of the template that is wrong, "" = it cannot be said; NULL: no template is, it may be tried again. */
const char *composer_broken(const struct composer *composer);

#endif
