/* The settings of the channel (README.md has the table for people). Read once by `open`, constant afterwards. */
#ifndef NURTURE_EMAIL_SETTINGS_H
#define NURTURE_EMAIL_SETTINGS_H

#include "address.h"
#include "dkim.h"
#include "returns_settings.h"
#include "quota.h"

#include <nurture/plugin.h>

enum relay_scheme { RELAY_MAILDIR, RELAY_SMTP, RELAY_SMTPS };

enum tls_policy {
	TLS_OPPORTUNISTIC, /* STARTTLS if it is offered; the certificate is not looked at */
	TLS_REQUIRE,       /* TLS with a certificate that verifies for the host's name, or nothing is sent */
	TLS_NONE,          /* never STARTTLS; a password may go in the clear */
};

/* How long each answer may take, in machine time (RFC 5321 4.5.3.2). */
enum deadline {
	DEADLINE_CONNECT,  /* address look-up, TCP, TLS handshake: each */
	DEADLINE_GREETING, /* the first 220 */
	DEADLINE_COMMAND,  /* EHLO, STARTTLS, AUTH, MAIL, RCPT */
	DEADLINE_DATA,     /* 354 */
	DEADLINE_BODY,     /* some of the message must have left */
	DEADLINE_FINAL,    /* the answer to the final dot */
	DEADLINE_IDLE,     /* an unused connection is closed after it */
	DEADLINES,
};

/* One SMTP server. What a relay's own table does not say is as the channel says. */
struct server {
	char *name;     /* for people, figures and notes: scheme, user, host and port, without a password */
	enum relay_scheme scheme;
	char *host;     /* name or address without brackets */
	uint16_t port;
	char *user;     /* or NULL */
	char *password; /* or NULL */
	uint32_t weight;      /* its share of what goes out, against the others' */
	uint32_t connections; /* at once */
	uint32_t per_minute;  /* messages; 0 = no limit */
	enum tls_policy tls;
	char *tls_ca;   /* file of trusted certificates, relative ones made whole; NULL = the system's */
	struct warm_up warm_up;
};

/* What goes to some domains together. */
struct domain_limit {
	char *pattern;        /* providers.h */
	uint32_t per_minute;  /* 0 = no limit */
	uint32_t connections; /* messages on their way at once; 0 = no limit */
};

enum { SERVERS_MAX = 32, DOMAINS_MAX = 200 };

/* From which share of complaints on it is said, is it slowed, is nothing sent any more; of what a provider's people got in seven days. */
struct brake_settings {
	double warn, slow, stop;
};

struct settings {
	const char *data_dir; /* borrowed while it is read */
	enum relay_scheme scheme; /* of the first relay: a folder, or servers */
	char *path;     /* maildir */
	struct server *servers; /* smtp, smtps: in the order of the settings */
	size_t server_count;
	struct domain_limit *domains; /* the first that fits counts */
	size_t domain_count;
	struct retry retry;
	struct brake_settings brake;
	uint32_t per_minute;    /* for the servers that do not say */
	struct warm_up warm_up; /* as well */
	struct mailbox from;
	struct mailbox reply_to;    /* name NULL = none */
	struct address return_path; /* text "" = the address of `from` */
	struct address bounces;     /* text "" = none; else each envelope's sender is this with a token of the touch */
	struct returns_settings returns;
	uint32_t connections;   /* for the servers that do not say; so are tls and tls_ca */
	enum tls_policy tls;
	char *tls_ca;
	char *helo;     /* NULL = the machine's name */
	int64_t deadlines[DEADLINES]; /* microseconds */
	struct dkim dkim;
};

/* data_dir: where relative paths begin. 0, or -1 with *problem; *out must be given to settings_fini in both cases. */
int settings_read(struct settings *out, const json_t *object, const char *data_dir, struct nurture_problem *problem)
	__attribute__((warn_unused_result));
/* Every key of dkim could be read: who sends or shows must have them. 0, or -1 with *problem. */
int settings_can_sign(const struct settings *settings, struct nurture_problem *problem) __attribute__((warn_unused_result));
void settings_fini(struct settings *settings);

#endif
