/* The table of meanings: see smtp_verdict.h. Sources: RFC 5321 4.2, RFC 3463, RFC 7372 (5.7.20 to 5.7.26: authentication of mail), RFC 7293, 7504, the IANA
 * registry of enhanced codes; Google's "SMTP error reference" and "Email sender guidelines" (5.7.25 to 5.7.30, 4.7.32, 5.7.40), Microsoft's "Non-delivery
 * reports" and the requirements for high volume senders (5.7.515, 5.7.509, 5.7.708, 5.7.512, 5.7.606 to 649), Yahoo's sender hub (554 5.7.9 "not accepted for
 * policy reasons", 553 5.7.1 [BL21]), Apple's and GMX's postmaster pages. Where servers say it in words only, the words of a row must stand in the answer. */
#include "smtp_verdict.h"

#include <string.h>

enum { ANY = -1, MINUTE = 60, HOUR = 3600 };

#define AT(stage) (1u << (stage))
#define EVERYWHERE (AT(STAGE_MAIL) | AT(STAGE_RCPT) | AT(STAGE_DATA) | AT(STAGE_FINAL))
#define LATER (AT(STAGE_RCPT) | AT(STAGE_DATA) | AT(STAGE_FINAL))

/* Small letters; one of them must stand in the answer. */
static const char *const listed[] = {"blocklist", "block list", "blacklist", "black list", "blocked using", "spamhaus", "spamcop", "barracuda", "dnsbl", " rbl",
				     "banned sending ip", "banned sender", "your network is blocked", "[bl2", "poor reputation", "ip address has been blocked", NULL};
static const char *const relaying[] = {"relaying", "relay access", "relay denied", "unable to relay", "relay not permitted", "to relay", "authentication required",
				       "authenticate first", "not logged in", "must be authenticated", "login required", "please log in", NULL};
static const char *const unauthenticated[] = {"spf", "dkim", "dmarc", "unauthenticated", "not authenticated properly", "sender authentication", "reverse dns",
					      "ptr record", "rdns", "does not meet the required authentication", "domain alignment", "message is not signed", NULL};
static const char *const full[] = {"mailbox full", "mailbox is full", "over quota", "overquota", "quota exceeded", "exceeded storage", "out of storage", "inbox is full", NULL};
static const char *const nobody[] = {"user unknown", "unknown user", "no such user", "does not exist", "no mailbox", "mailbox unavailable", "mailbox not found",
				     "unknown recipient", "recipient unknown", "invalid recipient", "invalid mailbox", "user not found", "account disabled",
				     "account has been disabled", "recipient not found", NULL};
static const char *const spam[] = {"spam", "policy", "content", "reputation", "unsolicited", "bulk", "phish", "virus", "malware", "suspicious", "blocked", "abuse", NULL};

static const struct row {
	int low, high;       /* codes */
	int subject, detail; /* of the enhanced code; ANY also where there is none */
	unsigned stages;
	enum nurture_outcome outcome;
	enum smtp_fault fault;
	int wait_s;
	const char *const *words; /* NULL = whatever it says */
} rows[] = { /* the first that fits */
	/* the moment: tried again */
	{421, 421, ANY, ANY, AT(STAGE_MAIL), NURTURE_CHANNEL_DOWN, FAULT_RELAY, 0, NULL},  /* the server closes: nothing to do with the letter */
	{454, 454, 7, 0, EVERYWHERE, NURTURE_CHANNEL_DOWN, FAULT_RELAY, 0, NULL},          /* temporary authentication failure */
	{400, 499, 2, 2, EVERYWHERE, NURTURE_DEFERRED, FAULT_MAILBOX, 4 * HOUR, NULL},     /* mailbox full */
	{452, 452, ANY, ANY, LATER, NURTURE_DEFERRED, FAULT_MAILBOX, HOUR, full},
	{400, 499, 7, ANY, EVERYWHERE, NURTURE_DEFERRED, FAULT_MOMENT, 15 * MINUTE, NULL}, /* rate limits, reputation, greylisting */
	{400, 499, ANY, ANY, EVERYWHERE, NURTURE_DEFERRED, FAULT_MOMENT, 0, NULL},

	/* the relay */
	{530, 530, ANY, ANY, EVERYWHERE, NURTURE_CHANNEL_DOWN, FAULT_RELAY, 0, NULL},      /* authentication required, STARTTLS first */
	{534, 535, ANY, ANY, EVERYWHERE, NURTURE_CHANNEL_DOWN, FAULT_RELAY, 0, NULL},
	{538, 538, ANY, ANY, EVERYWHERE, NURTURE_CHANNEL_DOWN, FAULT_RELAY, 0, NULL},

	/* ours as a sender, by number: RFC 7372; Google 5.7.25-27, .29, .30, .40; Microsoft 5.7.509, .515 */
	{500, 599, 7, 20, EVERYWHERE, NURTURE_CHANNEL_DOWN, FAULT_SENDER, 0, NULL},        /* no passing DKIM signature */
	{500, 599, 7, 21, EVERYWHERE, NURTURE_CHANNEL_DOWN, FAULT_SENDER, 0, NULL},        /* no acceptable one */
	{500, 599, 7, 22, EVERYWHERE, NURTURE_CHANNEL_DOWN, FAULT_SENDER, 0, NULL},        /* none of the author's domain */
	{500, 599, 7, 23, EVERYWHERE, NURTURE_CHANNEL_DOWN, FAULT_SENDER, 0, NULL},        /* SPF failed */
	{500, 599, 7, 24, EVERYWHERE, NURTURE_CHANNEL_DOWN, FAULT_SENDER, 0, NULL},        /* SPF could not be looked at */
	{500, 599, 7, 25, EVERYWHERE, NURTURE_CHANNEL_DOWN, FAULT_SENDER, 0, NULL},        /* reverse DNS */
	{500, 599, 7, 26, EVERYWHERE, NURTURE_CHANNEL_DOWN, FAULT_SENDER, 0, NULL},        /* several; Google: DMARC, unauthenticated */
	{500, 599, 7, 27, EVERYWHERE, NURTURE_CHANNEL_DOWN, FAULT_SENDER, 0, NULL},        /* sender's null MX (RFC 7505); Google: SPF of bulk mail */
	{500, 599, 7, 29, EVERYWHERE, NURTURE_CHANNEL_DOWN, FAULT_SENDER, 0, NULL},        /* Google: no TLS */
	{500, 599, 7, 30, EVERYWHERE, NURTURE_CHANNEL_DOWN, FAULT_SENDER, 0, NULL},        /* Google: DKIM of bulk mail */
	{500, 599, 7, 40, EVERYWHERE, NURTURE_CHANNEL_DOWN, FAULT_SENDER, 0, NULL},        /* Google: no DMARC record */
	{500, 599, 7, 509, EVERYWHERE, NURTURE_CHANNEL_DOWN, FAULT_SENDER, 0, NULL},       /* Microsoft: DMARC */
	{500, 599, 7, 512, EVERYWHERE, NURTURE_CHANNEL_DOWN, FAULT_SENDER, 0, NULL},       /* Microsoft: no valid From */
	{500, 599, 7, 515, EVERYWHERE, NURTURE_CHANNEL_DOWN, FAULT_SENDER, 0, NULL},       /* Microsoft: bulk mail without SPF, DKIM, DMARC */
	{500, 599, 1, 7, EVERYWHERE, NURTURE_CHANNEL_DOWN, FAULT_SENDER, 0, NULL},         /* the sender's address is none */
	{500, 599, 1, 8, EVERYWHERE, NURTURE_CHANNEL_DOWN, FAULT_SENDER, 0, NULL},         /* its domain does not exist */

	/* the recipient, said with 5.7.x */
	{500, 599, 7, 2, LATER, NURTURE_REJECTED, FAULT_MESSAGE, 0, NULL},                 /* a mailing list that takes no mail of ours */
	{500, 599, 7, 13, LATER, NURTURE_REJECTED, FAULT_ADDRESS, 0, NULL},                /* recipient's account disabled */
	{500, 599, 7, 17, LATER, NURTURE_REJECTED, FAULT_ADDRESS, 0, NULL},                /* the mailbox has another owner now (RFC 7293) */
	{500, 599, 7, 18, LATER, NURTURE_REJECTED, FAULT_ADDRESS, 0, NULL},                /* the domain has */

	/* 5.7.x and none, by words */
	{500, 599, 7, ANY, EVERYWHERE, NURTURE_CHANNEL_DOWN, FAULT_RELAY, 0, listed},
	{554, 554, ANY, ANY, AT(STAGE_MAIL) | AT(STAGE_RCPT), NURTURE_CHANNEL_DOWN, FAULT_RELAY, 0, listed},
	{500, 599, 7, ANY, EVERYWHERE, NURTURE_CHANNEL_DOWN, FAULT_SENDER, 0, unauthenticated},
	{500, 599, 7, ANY, EVERYWHERE, NURTURE_CHANNEL_DOWN, FAULT_RELAY, 0, relaying},
	{550, 554, -1, -1, AT(STAGE_RCPT), NURTURE_CHANNEL_DOWN, FAULT_RELAY, 0, (const char *const[]){"relaying denied", "relay access denied", "relay not permitted", NULL}},
	{500, 599, 7, ANY, LATER, NURTURE_REJECTED, FAULT_MESSAGE, 0, spam},
	{500, 599, 7, ANY, LATER, NURTURE_REJECTED, FAULT_ADDRESS, 0, nobody},
	{500, 599, 7, ANY, AT(STAGE_MAIL) | AT(STAGE_RCPT), NURTURE_CHANNEL_DOWN, FAULT_RELAY, 0, NULL}, /* nothing was shown yet: "access denied" */
	{500, 599, 7, ANY, LATER, NURTURE_REJECTED, FAULT_MESSAGE, 0, NULL},

	{500, 599, 5, 3, EVERYWHERE, NURTURE_DEFERRED, FAULT_MOMENT, 15 * MINUTE, NULL},   /* too many recipients */
	{500, 599, 5, ANY, EVERYWHERE, NURTURE_CHANNEL_DOWN, FAULT_RELAY, 0, NULL},        /* we do not speak as the server wants */
	{500, 599, 6, 7, EVERYWHERE, NURTURE_REJECTED, FAULT_MESSAGE, 0, NULL},            /* the address needs SMTPUTF8, its server has none */
	{500, 599, 3, 4, EVERYWHERE, NURTURE_DEFERRED, FAULT_MOMENT, HOUR, NULL},          /* message too big: the template's fault */
	{500, 599, 2, 2, EVERYWHERE, NURTURE_DEFERRED, FAULT_MAILBOX, 4 * HOUR, NULL},     /* mailbox full, though said for good */
	{550, 554, ANY, ANY, LATER, NURTURE_DEFERRED, FAULT_MAILBOX, 4 * HOUR, full},
	{500, 599, 3, ANY, EVERYWHERE, NURTURE_DEFERRED, FAULT_MOMENT, 15 * MINUTE, NULL}, /* the mail system's state, not the mailbox's */
	{500, 599, ANY, ANY, AT(STAGE_MAIL), NURTURE_CHANNEL_DOWN, FAULT_RELAY, 0, NULL},  /* no recipient named yet: it can only be us */
	{500, 599, 1, ANY, LATER, NURTURE_REJECTED, FAULT_ADDRESS, 0, NULL},               /* addressing */
	{500, 599, 2, ANY, LATER, NURTURE_REJECTED, FAULT_ADDRESS, 0, NULL},               /* mailbox disabled */
	{500, 599, 4, ANY, LATER, NURTURE_REJECTED, FAULT_ADDRESS, 0, NULL},               /* routing: no such host */
	{552, 552, ANY, ANY, LATER, NURTURE_DEFERRED, FAULT_MAILBOX, 4 * HOUR, NULL},      /* RFC 5321 4.5.3.1.10: take it as 452 */
	{500, 500, ANY, ANY, LATER, NURTURE_CHANNEL_DOWN, FAULT_RELAY, 0, NULL},           /* syntax error, not implemented, bad sequence */
	{502, 504, ANY, ANY, LATER, NURTURE_CHANNEL_DOWN, FAULT_RELAY, 0, NULL},
	{555, 555, ANY, ANY, LATER, NURTURE_CHANNEL_DOWN, FAULT_RELAY, 0, NULL},           /* parameters not known */
	{521, 521, ANY, ANY, LATER, NURTURE_REJECTED, FAULT_ADDRESS, 0, NULL},             /* the domain takes no mail (RFC 7504) */
	{556, 556, ANY, ANY, LATER, NURTURE_REJECTED, FAULT_ADDRESS, 0, NULL},
	{550, 553, ANY, ANY, AT(STAGE_RCPT) | AT(STAGE_FINAL), NURTURE_REJECTED, FAULT_ADDRESS, 0, nobody},
	{550, 554, ANY, ANY, LATER, NURTURE_CHANNEL_DOWN, FAULT_SENDER, 0, unauthenticated},
	{550, 554, ANY, ANY, LATER, NURTURE_REJECTED, FAULT_MESSAGE, 0, spam},
	{554, 554, ANY, ANY, AT(STAGE_RCPT) | AT(STAGE_DATA), NURTURE_DEFERRED, FAULT_MOMENT, HOUR, NULL}, /* "transaction failed": of what, nobody says */
	{500, 599, ANY, ANY, AT(STAGE_DATA), NURTURE_DEFERRED, FAULT_MOMENT, 15 * MINUTE, NULL},
	{500, 599, ANY, ANY, AT(STAGE_RCPT), NURTURE_REJECTED, FAULT_ADDRESS, 0, NULL},
	{500, 599, ANY, ANY, AT(STAGE_FINAL), NURTURE_REJECTED, FAULT_MESSAGE, 0, NULL},   /* the recipient was taken: it is what was sent */
	{200, 299, ANY, ANY, AT(STAGE_FINAL), NURTURE_SENT, FAULT_NONE, 0, NULL},
};

static bool says(const struct row *row, const char *text)
{
	if (!row->words)
		return true;
	for (const char *const *word = row->words; *word; word++)
		if (strstr(text, *word))
			return true;
	return false;
}

static bool fits(const struct row *row, enum smtp_stage stage, const struct smtp_reply *reply, const char *text)
{
	return reply->code >= row->low && reply->code <= row->high && (row->stages & AT(stage)) &&
	       (row->subject == ANY || row->subject == reply->subject) &&
	       (row->detail == ANY || row->detail == reply->detail) && says(row, text);
}

static struct smtp_verdict judge(enum smtp_stage stage, const struct smtp_reply *reply, const char *text)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (fits(&rows[i], stage, reply, text))
			return (struct smtp_verdict){rows[i].outcome, rows[i].fault, rows[i].wait_s};
	/* A 2xx or 3xx where it has no place: after the dot nobody knows, before it nothing is lost. */
	if (stage == STAGE_FINAL)
		return (struct smtp_verdict){NURTURE_UNKNOWN, FAULT_NONE, 0};
	return (struct smtp_verdict){NURTURE_DEFERRED, FAULT_MOMENT, 15 * MINUTE};
}

struct smtp_verdict smtp_judge(enum smtp_stage stage, const struct smtp_reply *reply)
{
	if (reply->code / 100 == 2)
		return judge(stage, reply, "");
	char *text = g_ascii_strdown(reply->lines ? reply->lines->str : "", -1);
	struct smtp_verdict verdict = judge(stage, reply, text);
	g_free(text);
	return verdict;
}

const char *smtp_fault_kind(enum smtp_fault fault)
{
	switch (fault) {
	case FAULT_ADDRESS: return "hard";
	case FAULT_MESSAGE:
	case FAULT_SENDER: return "policy";
	case FAULT_MOMENT:
	case FAULT_MAILBOX: return "soft";
	case FAULT_NONE:
	case FAULT_RELAY: break;
	}
	return NULL;
}
