/* SMTP's answers, read strictly (RFC 5321 4.2; RFC 2034 and 3463 for the enhanced codes; 4.1.1.1 for EHLO's lines).
 * Pure functions: bytes in, reply out; never more than REPLY_MAX bytes kept.
 *
 * Refused: lines that end otherwise than in CRLF, or are longer than REPLY_LINE_MAX; NUL; codes outside 200–599 or that
 * differ within one reply; more than REPLY_MAX bytes or REPLY_LINES_MAX lines. */
#ifndef NURTURE_EMAIL_SMTP_REPLY_H
#define NURTURE_EMAIL_SMTP_REPLY_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

enum {
	REPLY_LINE_MAX = 2048, /* octets with CRLF; the RFC says 512, servers say more */
	REPLY_LINES_MAX = 100,
	REPLY_MAX = 32768,
};

struct smtp_reply {
	int code;              /* 200..599 */
	int subject, detail;   /* of the enhanced code X.subject.detail; -1 if it has none */
	GString *lines;        /* texts of the lines, each ended by '\n', code and separator gone */
	unsigned line_count;
	bool whole;            /* the next line begins another reply */
};

enum reply_progress {
	REPLY_MORE, /* not whole yet */
	REPLY_WHOLE,
	REPLY_BAD,  /* *why: a static text */
};

void smtp_reply_init(struct smtp_reply *reply);
void smtp_reply_fini(struct smtp_reply *reply);

/* Takes whole lines from n bytes until one reply is whole; *used = how many bytes it took. A new reply begins by itself. */
enum reply_progress smtp_reply_feed(struct smtp_reply *reply, const char *bytes, size_t n, size_t *used, const char **why);

/* "550 5.1.1 no such user": for people, one harmless line of at most max - 1 bytes. */
void smtp_reply_say(const struct smtp_reply *reply, char *out, size_t max);

/* The server's name for an accepted message: what follows "queued as", else the text. */
void smtp_reply_remote_id(const struct smtp_reply *reply, char *out, size_t max);

/* What EHLO's answer offers. */
struct smtp_offer {
	bool pipelining, starttls, utf8, eight_bit;
	bool auth_plain, auth_login;
	uint64_t size; /* the largest message; 0 = not said */
};
void smtp_reply_offer(const struct smtp_reply *reply, struct smtp_offer *out);

#endif
