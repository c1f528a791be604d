/* A conversation with a mailbox's server, in lines: libcurl connects, makes TLS and logs in; what is said then is the caller's (returns_imap.c, returns_pop3.c).
 *
 * Blocks, with deadlines: for the mailbox's own thread only. (libcurl's own fetching is not used: its multi interface waits inside the loop for the end of
 * a command, and it makes new connections in the middle of a session, where a message's number of POP3 means another one.) */
#ifndef NURTURE_EMAIL_RETURNS_DIALOG_H
#define NURTURE_EMAIL_RETURNS_DIALOG_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

enum { DIALOG_LINE = 1024 * 1024 /* a longer one ends the conversation; IMAP lists all that is there in one */, DIALOG_WHY = 256 };

struct dialog_to {
	const char *url;       /* imap://host:port, imaps://…, pop3://…, pop3s://… */
	const char *user, *password;
	const char *ca;        /* file of trusted certificates; NULL = the system's */
	bool plain;            /* no TLS for imap:// and pop3://; else STARTTLS, or nothing */
	double seconds;        /* for connecting, and for each answer */
	int stop_fd;           /* readable: all ends at once */
};
struct dialog;

/* NULL, and *why. */
struct dialog *dialog_open(const struct dialog_to *to, char why[DIALOG_WHY]);
void dialog_close(struct dialog *dialog); /* takes NULL; says no good-bye */
/* false, NULL: it failed, and will from now on; dialog_why says how. */
bool dialog_say(struct dialog *dialog, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Without its line end; borrowed until the next call. */
const char *dialog_line(struct dialog *dialog);
/* The next n bytes, of which `most` are kept at the end of *into. */
bool dialog_bytes(struct dialog *dialog, size_t n, size_t most, GByteArray *into);
const char *dialog_why(const struct dialog *dialog);
/* What the server said is no answer: it ends here. */
void dialog_fail(struct dialog *dialog, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
