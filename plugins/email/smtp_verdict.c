/* The table of meanings: see smtp_verdict.h. Sources: RFC 5321 4.2, RFC 3463, the IANA registry of enhanced codes, and
 * Google's and Microsoft's lists of bulk sender errors (5.7.26, 5.7.515 …: unauthenticated mail, that is: our set-up). */
#include "smtp_verdict.h"

enum { ANY = -1, MINUTE = 60, HOUR = 3600, WAIT_MAX_S = 12 * HOUR };

#define AT(stage) (1u << (stage))
#define EVERYWHERE (AT(STAGE_MAIL) | AT(STAGE_RCPT) | AT(STAGE_DATA) | AT(STAGE_FINAL))
#define LATER (AT(STAGE_RCPT) | AT(STAGE_DATA) | AT(STAGE_FINAL))

static const struct row {
	int low, high;       /* codes */
	int subject, detail; /* of the enhanced code; ANY also where there is none */
	unsigned stages;
	enum nurture_outcome outcome;
	int wait_s;
} rows[] = { /* the first that fits */
	{421, 421, ANY, ANY, AT(STAGE_MAIL), NURTURE_CHANNEL_DOWN, 0},    /* the server closes: nothing to do with the letter */
	{454, 454, 7, 0, EVERYWHERE, NURTURE_CHANNEL_DOWN, 0},            /* temporary authentication failure */
	{400, 499, 2, 2, EVERYWHERE, NURTURE_DEFERRED, 4 * HOUR},         /* mailbox full */
	{400, 499, 7, ANY, EVERYWHERE, NURTURE_DEFERRED, 30 * MINUTE},    /* rate limits, reputation, greylisting */
	{400, 499, ANY, ANY, AT(STAGE_MAIL), NURTURE_DEFERRED, 5 * MINUTE},
	{400, 499, ANY, ANY, EVERYWHERE, NURTURE_DEFERRED, 15 * MINUTE},

	{530, 530, ANY, ANY, EVERYWHERE, NURTURE_CHANNEL_DOWN, 0},        /* authentication required, STARTTLS first */
	{534, 535, ANY, ANY, EVERYWHERE, NURTURE_CHANNEL_DOWN, 0},
	{538, 538, ANY, ANY, EVERYWHERE, NURTURE_CHANNEL_DOWN, 0},
	{500, 599, 7, 2, LATER, NURTURE_REJECTED, 0},                     /* a mailing list that takes no mail of ours */
	{500, 599, 7, 13, LATER, NURTURE_REJECTED, 0},                    /* recipient's account disabled */
	{500, 599, 7, 17, LATER, NURTURE_REJECTED, 0},                    /* the mailbox has another owner now (RFC 7293) */
	{500, 599, 7, 18, LATER, NURTURE_REJECTED, 0},                    /* the domain has */
	{500, 599, 7, ANY, EVERYWHERE, NURTURE_CHANNEL_DOWN, 0},          /* policy, authentication, SPF/DKIM/DMARC: sender broken */
	{500, 599, 1, 7, EVERYWHERE, NURTURE_CHANNEL_DOWN, 0},            /* bad sender's address */
	{500, 599, 1, 8, EVERYWHERE, NURTURE_CHANNEL_DOWN, 0},
	{500, 599, 5, 3, EVERYWHERE, NURTURE_DEFERRED, 15 * MINUTE},      /* too many recipients */
	{500, 599, 5, ANY, EVERYWHERE, NURTURE_CHANNEL_DOWN, 0},          /* we do not speak as the server wants */
	{500, 599, 6, 7, EVERYWHERE, NURTURE_REJECTED, 0},                /* the address needs SMTPUTF8, its server has none */
	{500, 599, 3, 4, EVERYWHERE, NURTURE_DEFERRED, HOUR},             /* message too big: the template's fault */
	{500, 599, 2, 2, EVERYWHERE, NURTURE_DEFERRED, 4 * HOUR},         /* mailbox full, though said for good */
	{500, 599, 3, ANY, EVERYWHERE, NURTURE_DEFERRED, 15 * MINUTE},    /* the mail system's state, not the mailbox's */
	{500, 599, ANY, ANY, AT(STAGE_MAIL), NURTURE_CHANNEL_DOWN, 0},    /* no recipient named yet: it can only be us */
	{500, 599, 1, ANY, LATER, NURTURE_REJECTED, 0},                   /* addressing */
	{500, 599, 2, ANY, LATER, NURTURE_REJECTED, 0},                   /* mailbox */
	{500, 599, 4, ANY, LATER, NURTURE_REJECTED, 0},                   /* routing: no such host, loop */
	{552, 552, ANY, ANY, LATER, NURTURE_DEFERRED, 4 * HOUR},          /* RFC 5321 4.5.3.1.10: take it as 452 */
	{500, 500, ANY, ANY, LATER, NURTURE_CHANNEL_DOWN, 0},             /* syntax error, not implemented, bad sequence */
	{502, 504, ANY, ANY, LATER, NURTURE_CHANNEL_DOWN, 0},
	{555, 555, ANY, ANY, LATER, NURTURE_CHANNEL_DOWN, 0},             /* parameters not known */
	{554, 554, ANY, ANY, AT(STAGE_RCPT) | AT(STAGE_DATA), NURTURE_DEFERRED, HOUR}, /* often "your network is blocked" */
	{500, 599, ANY, ANY, AT(STAGE_DATA), NURTURE_DEFERRED, 15 * MINUTE},
	{500, 599, ANY, ANY, AT(STAGE_RCPT) | AT(STAGE_FINAL), NURTURE_REJECTED, 0},
	{200, 299, ANY, ANY, AT(STAGE_FINAL), NURTURE_SENT, 0},
};

static bool fits(const struct row *row, enum smtp_stage stage, const struct smtp_reply *reply)
{
	return reply->code >= row->low && reply->code <= row->high && (row->stages & AT(stage)) &&
	       (row->subject == ANY || row->subject == reply->subject) &&
	       (row->detail == ANY || row->detail == reply->detail);
}

struct smtp_verdict smtp_judge(enum smtp_stage stage, const struct smtp_reply *reply)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (fits(&rows[i], stage, reply))
			return (struct smtp_verdict){rows[i].outcome, rows[i].wait_s};
	/* A 2xx or 3xx where it has no place: after the dot nobody knows, before it nothing is lost. */
	if (stage == STAGE_FINAL)
		return (struct smtp_verdict){NURTURE_UNKNOWN, 0};
	return (struct smtp_verdict){NURTURE_DEFERRED, 15 * MINUTE};
}

int64_t smtp_wait_us(int wait_s, uint32_t attempt)
{
	unsigned doublings = attempt > 1 ? attempt - 1 : 0;
	int64_t wait = (int64_t)wait_s << (doublings < 10 ? doublings : 10);
	return (wait < WAIT_MAX_S ? wait : WAIT_MAX_S) * INT64_C(1000000);
}
