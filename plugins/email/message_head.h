/* The fields of a message's header, which are other ones each time: who, to whom, when, what, how to stop. Values by header.c; no field of a touch can end or add one.
 *
 * What always holds: the Message-ID depends on the touch and the sender's domain alone, so that a repeat has the same. */
#ifndef NURTURE_EMAIL_MESSAGE_HEAD_H
#define NURTURE_EMAIL_MESSAGE_HEAD_H

#include "address.h"

#include <nurture/plugin.h>

#include <glib.h>
#include <time.h>

enum slot {
	SLOT_VERSION, SLOT_DATE, SLOT_FROM, SLOT_TO, SLOT_REPLY_TO, SLOT_SUBJECT, SLOT_MESSAGE_ID, SLOT_UNSUBSCRIBE,
	SLOT_UNSUBSCRIBE_POST, SLOT_FEEDBACK, SLOT_AUTO, SLOT_PRECEDENCE, SLOTS,
};

struct message_head {
	const char *newline;
	const struct address *unsubscribe_to; /* NULL, or: a mailbox that is read; List-Unsubscribe names it with the token, beside the URL (RFC 2369) */
	GString *slots[SLOTS]; /* values with their line ends; empty while the message has no such field */
	GString *value;        /* of the slot in hand */
	time_t date;           /* what the slot of the date says */
};

/* Borrows both. */
void message_head_init(struct message_head *head, const char *newline, const struct address *unsubscribe_to);
void message_head_fini(struct message_head *head);
/* Those of this touch. reply_to may be NULL. now: domain time, microseconds. */
void message_head_set(struct message_head *head, const struct nurture_touch *touch, const struct nurture_field *subject, int64_t now, const struct mailbox *from,
		      const struct mailbox *reply_to, const struct address *to);
/* All of them, and the empty line behind them. */
void message_head_append(const struct message_head *head, GString *out);

#endif
