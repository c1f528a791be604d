/* What came back, read: the answer of the parser (returns_message.c), told to the host by returns_tell.c.
 *
 * Pure functions of the bytes: nobody is asked, nothing is believed. What it says of a touch is a token that the host proves. */
#ifndef NURTURE_EMAIL_RETURNS_CAME_H
#define NURTURE_EMAIL_RETURNS_CAME_H

#include "returns_verp.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

enum came_kind {
	CAME_NOTHING,    /* nothing follows: a notice of a delay, a receipt, a challenge, another report */
	CAME_HARD, CAME_SOFT, CAME_REFUSED, CAME_COMPLAINT, CAME_AUTO_REPLY, CAME_REPLY,
	CAME_UNSUBSCRIBE, /* the mail that List-Unsubscribe asks for */
	CAME_KINDS,
};
const char *came_kind_name(enum came_kind kind); /* "hard", …, of CAME_NOTHING "nothing" */

enum { CAME_TEXT = 16384, CAME_QUOTED = 8192, CAME_REASON = 400 };

struct came {
	enum came_kind kind;
	const char *why;                  /* static: what it was taken for ("dsn", "text", "feedback report", "delay notice" …) */
	char token[VERP_TOKEN + 1];       /* "" = none was found */
	char address[ADDRESS_MAX + 1];    /* of bounces and complaints the recipient, of answers who wrote; "" = not known */
	char code[16];                    /* "5.1.1", or "" */
	char reason[CAME_REASON + 1];     /* what the other server said; UTF-8, one line */
	char key[65];                     /* names the message: the same each time that it is read */
	json_t *data;                     /* subject, text, quoted, message_id, in_reply_to, until …; owned */
};

/* Reads a message as it lay in the mailbox; one that is cut off at its end is read as far as it goes. false: it is no message at all (empty, or nothing
 * that looks like a header); *out is then of zeroes. recipient: whom it was delivered to, where that is known from elsewhere; or NULL. */
bool came_read(const char *bytes, size_t length, const char *recipient, struct came *out);
void came_fini(struct came *came);

/* ---- the parts of it (a file each) ---- */

/* What an answer of a server means: the enhanced code ("" = none) and its text (returns_verdict.c). CAME_NOTHING: it says nothing that is known. */
enum came_kind came_verdict(const char *code, const char *text);
/* The first enhanced code (5.1.1, #4.2.2) in a text; false: none. */
bool came_find_code(const char *text, char code[16]);

/* Bounces in words (returns_words.c): whether a subject is that of one; what the words say, into kind, code, reason and why. failed: its header says that somebody was
 * not reached. */
bool came_subject_of_bounce(const char *subject);
void came_words(const char *text, bool failed, struct came *out);

/* The headers and the text that tell an automatic answer from a person's (returns_auto.c). Values may be NULL. */
struct auto_signs {
	const char *auto_submitted, *precedence, *subject, *text;
	bool marked;      /* X-Autoreply, X-Autorespond and the like stand there */
	bool returns_nowhere; /* its return path is empty */
};
enum auto_answer { AUTO_NO, AUTO_REPLY, AUTO_CHALLENGE };
enum auto_answer came_is_auto(const struct auto_signs *signs);
/* The date until which somebody is away, as YYYY-MM-DD; false: none is said. (returns_date.c) */
bool came_find_date(const char *text, char out[11]);

/* Splits what a person wrote from what was quoted (returns_quote.c). Both are freed by the caller. */
void came_split(const char *text, char **own, char **quoted);
/* The words of an HTML page (returns_html.c). Freed by the caller. */
char *came_html_text(const char *html);

#endif
