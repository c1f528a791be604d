/* E-mail addresses: what may stand in MAIL FROM, RCPT TO and the address headers. Pure functions.
 *
 * RFC 5321 4.1.2 without source routes, comments or folding; RFC 6531 for local parts beyond ASCII. A domain beyond ASCII
 * becomes its A-label (IDNA 2008), so that only the local part can need SMTPUTF8. */
#ifndef NURTURE_EMAIL_ADDRESS_H
#define NURTURE_EMAIL_ADDRESS_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

enum {
	ADDRESS_LOCAL_MAX = 64,   /* octets, RFC 5321 4.5.3.1.1 */
	ADDRESS_DOMAIN_MAX = 255, /* octets, 4.5.3.1.2 */
	ADDRESS_MAX = 254,        /* a path of 256 with its angle brackets, 4.5.3.1.3 */
};

struct address {
	char text[ADDRESS_MAX + 1]; /* local@domain, ready for the wire */
	const char *domain;         /* inside text */
	bool utf8;                  /* the local part is beyond ASCII: needs SMTPUTF8 */
};

/* Reads one address (no name, no brackets). false: *why is a static text. */
bool address_parse(const char *text, struct address *out, const char **why);

/* A mailbox: `Name <address>`, `"Name, with comma" <address>` or an address alone. */
struct mailbox {
	char *name; /* owned; "" if there is none */
	struct address address;
};
bool mailbox_parse(const char *text, struct mailbox *out, const char **why);
void mailbox_fini(struct mailbox *mailbox); /* takes one of zeroes */

/* Tells people apart for counting: the same for ann@, Ann+news@ and a.nn@example.com. Not an address. */
uint64_t address_person(const char *address);

/* Corrects the pointer into itself after a struct copy. */
void address_copy(struct address *to, const struct address *from);

#endif
