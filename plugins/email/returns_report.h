/* Reports in the bodies of messages: fields of RFC 822's form, in groups with an empty line between. Delivery status (RFC 3464), feedback (RFC 5965). */
#ifndef NURTURE_EMAIL_RETURNS_REPORT_H
#define NURTURE_EMAIL_RETURNS_REPORT_H

#include "returns_came.h"

/* message/delivery-status: kind, code, reason, address of the recipient that failed. Its group of the message and up to 100 of recipients are looked at; a
 * delay, a relay or a delivery is CAME_NOTHING. */
void report_delivery(const char *text, struct came *out);
/* message/feedback-report: CAME_COMPLAINT or CAME_NOTHING (authentication failures, "not spam"). */
void report_feedback(const char *text, struct came *out);
/* The value of the first field of that name, unfolded and stripped; freed by the caller. NULL: there is none. */
char *report_field(const char *text, const char *name);
/* "rfc822; <user@example.com>" and the like: the address alone. */
void report_address(const char *text, char out[ADDRESS_MAX + 1]);
/* One line of UTF-8 without controls. */
void report_reason(const char *text, char out[CAME_REASON + 1]);

#endif
