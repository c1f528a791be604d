/* The settings of what comes back (README.md), read by settings_returns.c, constant afterwards. */
#ifndef NURTURE_EMAIL_RETURNS_SETTINGS_H
#define NURTURE_EMAIL_RETURNS_SETTINGS_H

#include "returns_box.h"

struct box_settings { /* one mailbox */
	char *url;           /* without user, password and folder */
	char *shown;         /* "imaps://user@host/INBOX": for log and status */
	char *user, *password, *folder;
	char *ca;            /* file of trusted certificates; NULL = the system's */
	bool pop3;
	bool plain;          /* no TLS for imap:// and pop3:// */
	enum box_after after;
	char *to;            /* the folder of AFTER_MOVE */
	double every;        /* seconds between looks */
	double patience;     /* seconds for an answer */
};

enum { BOXES_MOST = 10 };
struct returns_settings {
	struct box_settings boxes[BOXES_MOST];
	size_t box_count;
	uint32_t soft_most, soft_days;
	char *ses_topic;     /* Amazon's name of it; NULL = no web hook */
	char *ses_host;      /* instead of Amazon's hosts; NULL = those */
	char *ses_ca;        /* file of trusted certificates of it; NULL = the system's */
};
void returns_settings_fini(struct returns_settings *settings); /* takes one of zeroes */

#endif
