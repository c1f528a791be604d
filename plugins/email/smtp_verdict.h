/* What an answer of the server means for a letter. Pure.
 *
 * The question behind every row of the table: whose fault is it? The recipient's (rejected: this one, for good), ours as a
 * sender (channel_down: every other letter would fare the same, and nobody must be marked as bad for it), or the moment's
 * (deferred). Where it cannot be told, deferred: it costs time only. */
#ifndef NURTURE_EMAIL_SMTP_VERDICT_H
#define NURTURE_EMAIL_SMTP_VERDICT_H

#include "smtp_reply.h"

#include <nurture/plugin.h>

enum smtp_stage { STAGE_MAIL, STAGE_RCPT, STAGE_DATA, STAGE_FINAL };

struct smtp_verdict {
	enum nurture_outcome outcome; /* SENT for a good FINAL; for other good answers the caller does not ask */
	int wait_s;                   /* DEFERRED: seconds of domain time before the first repeat */
};

struct smtp_verdict smtp_judge(enum smtp_stage stage, const struct smtp_reply *reply);

/* When a letter should be tried again after this attempt (1 …): doubling, at most half a day. Microseconds. */
int64_t smtp_wait_us(int wait_s, uint32_t attempt);

#endif
