/* What an answer of the server means for a letter. Pure.
 *
 * The question behind every row of the table: whose fault is it? The address's (rejected, hard: nobody is there), the mailbox's or the moment's (deferred, tried
 * again for days), this message's (rejected, policy: nobody is marked as bad for it), ours as a sender (every other letter would fare the same: a person
 * must look, nobody is marked), or this relay's (another relay may do better). Where it cannot be told, deferred: it costs time only. */
#ifndef NURTURE_EMAIL_SMTP_VERDICT_H
#define NURTURE_EMAIL_SMTP_VERDICT_H

#include "smtp_reply.h"

#include <nurture/plugin.h>

enum smtp_stage { STAGE_MAIL, STAGE_RCPT, STAGE_DATA, STAGE_FINAL };

enum smtp_fault {
	FAULT_NONE,    /* sent, or nobody knows */
	FAULT_MOMENT,  /* deferred: try again; at the end rejected as "soft" */
	FAULT_MAILBOX, /* full, over quota: the same, with longer waits */
	FAULT_ADDRESS, /* rejected as "hard" */
	FAULT_MESSAGE, /* rejected as "policy": spam, content, reputation with this recipient */
	FAULT_SENDER,  /* SPF, DKIM, DMARC, reverse DNS: mend the set-up */
	FAULT_RELAY,   /* this relay does not serve us: login, relaying, its address on a blocklist */
};

struct smtp_verdict {
	enum nurture_outcome outcome; /* SENT for a good FINAL; for other good answers the caller does not ask. FAULT_SENDER, FAULT_RELAY: CHANNEL_DOWN */
	enum smtp_fault fault;
	int wait_s;                   /* DEFERRED: seconds of domain time that the next attempt waits at least */
};

struct smtp_verdict smtp_judge(enum smtp_stage stage, const struct smtp_reply *reply);
/* "hard", "soft", "policy": what the host is told of a rejected one. */
const char *smtp_fault_kind(enum smtp_fault fault);

#endif
