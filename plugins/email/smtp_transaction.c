/* Letters over a connection: MAIL, RCPT, DATA, body, dot. See smtp_session.h for the states.
 *
 * Order of what matters (TRUST section 2): when DATA is written the host is asked for permission, so that the gate and its
 * commit run while the server answers; the body follows 354; the dot follows the permission. A body that one write takes
 * waits for the permission and goes with its dot: the server reads once. Refused or cancelled before
 * the dot: the connection is dropped, as SMTP has no other way to take a body back. A letter whose predecessor's dot
 * left in the same flight asks at once, too: its permission comes while that one is being answered. That can take minutes: a
 * permission that is old when 354 comes is asked for again before the body leaves. So when this process is
 * killed, two letters a connection can come into doubt, of which one can have arrived. */
#include "smtp_session.h"

#include "smtp_judged.h"
#include "transfer.h"

#include <stdio.h>
#include <string.h>

enum { BODY_AT_ONCE = 64 * 1024 }; /* larger ones are on their way while the permission is awaited */
enum { TRIES_MAX = 2 }; /* connections that may be lost under a letter before the host hears of it */

static void expect(struct session *s, enum command command)
{
	if (s->expected_count == EXPECTED_MAX)
		g_error("too many SMTP commands in flight");
	s->expected[(s->expected_first + s->expected_count++) % EXPECTED_MAX] = (uint8_t)command;
}

/* Each end of a letter: the session forgets it first, as the host may deliver the next from within. */
static void end_letter(struct letter **slot, enum nurture_outcome outcome, const char *reason, const char *remote_id,
		       int64_t until)
{
	struct letter *letter = *slot;
	*slot = NULL;
	if (letter)
		letter_end(letter, outcome, reason, remote_id, until);
}

static void end_as_judged(struct session *s, struct letter **slot, enum smtp_stage stage)
{
	struct letter *letter = *slot;
	*slot = NULL;
	if (letter)
		smtp_judged(s->pool, letter, stage, &s->reply);
}

/* Whether this connection can carry the letter at all; if not, it is ended. */
static bool is_carried(struct session *s, struct letter *letter)
{
	if (letter->utf8 && !s->offer.utf8) {
		fleet_without_utf8(s->pool->fleet, s->pool, letter);
		return false;
	}
	if (s->offer.size && letter->message->len > s->offer.size) {
		snprintf(s->why, sizeof s->why, "5.3.4 the message has %zu octets, the server takes %" G_GUINT64_FORMAT,
			 letter->message->len, s->offer.size);
		end_letter(&letter, NURTURE_DEFERRED, s->why, NULL, 0);
		return false;
	}
	return true;
}

static void write_mail(struct session *s)
{
	char size[40] = "";
	const char *utf8 = !s->letter->utf8 ? "" : s->offer.eight_bit ? " SMTPUTF8 BODY=8BITMIME" : " SMTPUTF8";
	if (s->offer.size)
		snprintf(size, sizeof size, " SIZE=%zu", s->letter->message->len);
	session_printf(s, "MAIL FROM:<%s>%s%s\r\n", s->letter->sender, size, utf8);
	expect(s, COMMAND_MAIL);
}

static void write_rcpt(struct session *s)
{
	session_printf(s, "RCPT TO:<%s>\r\n", s->letter->recipient);
	expect(s, COMMAND_RCPT);
}

static void write_data(struct session *s)
{
	session_printf(s, "DATA\r\n");
	expect(s, COMMAND_DATA);
	letter_ask(s->letter);
}

void transaction_start(struct session *s, struct letter *letter)
{
	if (!is_carried(s, letter)) {
		if (s->state == SESSION_IDLE)
			pool_dispatch_soon(s->pool);
		return;
	}
	s->letter = letter;
	letter->owner = s;
	s->transactions++;
	s->recipient_accepted = false;
	session_set(s, SESSION_ENVELOPE);
	session_arm(s, s->ending ? DEADLINE_FINAL : DEADLINE_COMMAND);
	if (s->dirty) {
		session_printf(s, "RSET\r\n");
		expect(s, COMMAND_RSET);
		s->dirty = false;
		if (!s->offer.pipelining)
			return;
	}
	write_mail(s);
	if (!s->offer.pipelining)
		return;
	write_rcpt(s);
	write_data(s);
}

/* The dot, and behind it the envelope of the next letter, if the server takes several commands at once. */
static void write_dot(struct session *s)
{
	session_write(s, ".\r\n", 3);
	s->dot_at = s->written;
	expect(s, COMMAND_FINAL);
	s->ending = s->letter;
	s->letter = NULL;
	session_set(s, SESSION_FINAL);
	session_arm(s, DEADLINE_FINAL);
	struct letter *next = s->offer.pipelining ? pool_take(s->pool) : NULL;
	if (next)
		transaction_start(s, next);
}

static void write_body(struct session *s)
{
	session_write(s, s->letter->message->str, s->letter->message->len);
	s->body_written = true;
}

static void write_body_and_dot(struct session *s)
{
	session_hold(s);
	if (!s->body_written)
		write_body(s);
	write_dot(s);
	session_release(s);
}

static void begin_body(struct session *s)
{
	s->body_written = false;
	session_set(s, SESSION_BODY);
	if (letter_permission_is_old(s->letter)) {
		letter_forget_permission(s->letter);
		letter_ask(s->letter);
	}
	if (s->letter->permission == PERMISSION_GIVEN) {
		write_body_and_dot(s);
		return;
	}
	if (s->letter->message->len > BODY_AT_ONCE)
		write_body(s);
	session_arm(s, DEADLINE_BODY);
}

/* The letter in hand is not to be sent after all. If the dot of the one before is out, its answer comes first: on_data drops the connection then. */
static void drop(struct session *s, const char *why)
{
	if (!s->ending)
		session_lost(s, why, false);
}

void transaction_permitted(struct session *s)
{
	if (s->letter->permission == PERMISSION_GIVEN) {
		if (s->state == SESSION_BODY)
			write_body_and_dot(s);
		return;
	}
	end_letter(&s->letter, NURTURE_CANCELLED, "permission was refused", NULL, 0);
	drop(s, "permission was refused");
}

void transaction_cancel(struct session *s, struct letter *letter)
{
	if (letter != s->letter)
		return; /* its dot has left: it ends as it ends */
	end_letter(&s->letter, NURTURE_CANCELLED, NULL, NULL, 0);
	drop(s, "the letter was called back");
}

/* No more of this transaction: the connection is for the next letter. */
static void next_letter(struct session *s)
{
	if (s->state != SESSION_DEAD && s->expected_count == 0)
		session_ready(s);
}

/* For the log and for other letters: the answer itself may name this letter's recipient. */
static const char closing_words[] = "421: the server is closing";

static void on_refused(struct session *s, enum smtp_stage stage)
{
	bool closing = s->reply.code == 421;
	smtp_reply_say(&s->reply, s->why, sizeof s->why);
	if (closing && stage == STAGE_MAIL && s->transactions > 1) { /* enough for one connection: the letter takes another */
		session_lost(s, s->why, false);
		return;
	}
	end_as_judged(s, &s->letter, stage);
	if (closing) {
		pool_failed(s->pool, stage == STAGE_MAIL ? s->why : closing_words);
		session_lost(s, s->why, false);
	} else if (!s->offer.pipelining) {
		next_letter(s);
	}
}

static void on_mail(struct session *s)
{
	if (s->reply.code / 100 != 2) {
		on_refused(s, STAGE_MAIL);
		return;
	}
	s->dirty = true;
	if (!s->offer.pipelining)
		write_rcpt(s);
}

static void on_rcpt(struct session *s)
{
	if (s->reply.code / 100 != 2) {
		on_refused(s, STAGE_RCPT);
		return;
	}
	s->recipient_accepted = true;
	if (!s->offer.pipelining)
		write_data(s);
}

/* A server may ask for a body though it took no recipient: it gets an empty one (RFC 2920 3.1). */
static void on_data(struct session *s)
{
	if (s->reply.code == 354 && s->letter && s->recipient_accepted) {
		s->dirty = false; /* whatever comes now ends the transaction */
		begin_body(s);
	} else if (s->reply.code == 354 && !s->letter && !s->recipient_accepted) {
		session_write(s, ".\r\n", 3);
		expect(s, COMMAND_FINAL);
		s->dirty = false;
		session_set(s, SESSION_FINAL);
	} else if (s->reply.code == 354) {
		session_lost(s, "354 without an accepted MAIL and RCPT", false);
	} else {
		on_refused(s, STAGE_DATA);
		next_letter(s);
	}
}

static void on_final(struct session *s)
{
	bool closing = s->reply.code == 421;
	end_as_judged(s, &s->ending, STAGE_FINAL);
	if (s->state == SESSION_DEAD)
		return;
	if (closing) {
		smtp_reply_say(&s->reply, s->why, sizeof s->why);
		pool_failed(s->pool, closing_words);
		session_lost(s, s->why, false);
		return;
	}
	next_letter(s);
}

static void on_rset(struct session *s)
{
	if (s->reply.code / 100 != 2) {
		smtp_reply_say(&s->reply, s->why, sizeof s->why);
		session_lost(s, s->why, false);
	} else if (!s->offer.pipelining && s->letter) {
		write_mail(s);
	}
}

/* For which answer the time runs next. */
static void arm_next(struct session *s)
{
	static const enum deadline deadlines[] = {
		[COMMAND_RSET] = DEADLINE_COMMAND, [COMMAND_MAIL] = DEADLINE_COMMAND, [COMMAND_RCPT] = DEADLINE_COMMAND,
		[COMMAND_DATA] = DEADLINE_DATA,    [COMMAND_FINAL] = DEADLINE_FINAL,
	};
	if (s->expected_count && s->state != SESSION_DEAD)
		session_arm(s, deadlines[s->expected[s->expected_first]]);
}

void transaction_reply(struct session *s)
{
	static void (*const handlers[])(struct session *) = {
		[COMMAND_RSET] = on_rset, [COMMAND_MAIL] = on_mail,   [COMMAND_RCPT] = on_rcpt,
		[COMMAND_DATA] = on_data, [COMMAND_FINAL] = on_final,
	};
	if (s->expected_count == 0) {
		smtp_reply_say(&s->reply, s->why, sizeof s->why);
		session_lost(s, s->why, false);
		return;
	}
	enum command command = s->expected[s->expected_first];
	s->expected_first = (s->expected_first + 1) % EXPECTED_MAX;
	s->expected_count--;
	handlers[command](s);
	arm_next(s);
}

/* Did the dot leave this machine? What is still in the buffer did not; TLS may have taken it already, which counts. */
static bool dot_left(struct session *s)
{
	return s->written - session_unsent(s) >= s->dot_at;
}

static const char lost_words[] = "connections are lost in the middle of a letter";

/* Before the dot: nothing has happened, so another connection may try, once; not after a deadline. Then an attempt is spent,
 * lest a letter of which the server dies come first for ever. */
static void give_back(struct session *s, struct letter **slot, const char *why, bool late)
{
	struct letter *letter = *slot;
	bool stale = s->transactions > 1 && !s->recipient_accepted && !late; /* an old connection, closed by the server */
	*slot = NULL;
	if (stale || (!late && ++letter->tries < TRIES_MAX)) {
		pool_return(s->pool, letter);
		return;
	}
	if (!late)
		pool_failed(s->pool, lost_words);
	smtp_put_off(s->pool, letter, FAULT_MOMENT, 0, why);
}

void transaction_lost(struct session *s, const char *why, bool late)
{
	s->expected_count = 0;
	if (s->letter)
		give_back(s, &s->letter, why, late);
	if (s->ending && !dot_left(s))
		give_back(s, &s->ending, why, late);
	if (s->ending)
		pool_failed(s->pool, lost_words);
	end_letter(&s->ending, NURTURE_UNKNOWN, why, NULL, 0);
}
