/* SMTP's answers: what is read, what is refused, what it means. */
#include "smtp_reply.h"
#include "smtp_verdict.h"
#include "unit/check_main.h"

#include <string.h>

/* Feeds text in pieces of `step` octets, as a connection would; returns the last progress. */
static enum reply_progress feed(struct smtp_reply *reply, const char *text, size_t n, size_t step, const char **why)
{
	GString *in = g_string_new(NULL);
	enum reply_progress progress = REPLY_MORE;
	for (size_t i = 0; i < n && progress == REPLY_MORE; i += step) {
		size_t used = 0;
		g_string_append_len(in, text + i, (gssize)MIN(step, n - i));
		progress = smtp_reply_feed(reply, in->str, in->len, &used, why);
		ck_assert_uint_le(used, in->len);
		g_string_erase(in, 0, (gssize)used);
	}
	g_string_free(in, TRUE);
	return progress;
}

START_TEST(replies_are_read_however_they_are_cut)
{
	static const char text[] = "250-2.1.5 first\r\n250-second\r\n250\r\n";
	for (size_t step = 1; step <= sizeof text; step++) {
		struct smtp_reply r;
		const char *why;
		smtp_reply_init(&r);
		ck_assert_int_eq(feed(&r, text, sizeof text - 1, step, &why), REPLY_WHOLE);
		ck_assert_int_eq(r.code, 250);
		ck_assert_int_eq(r.subject, 1);
		ck_assert_int_eq(r.detail, 5);
		ck_assert_str_eq(r.lines->str, "2.1.5 first\nsecond\n\n");
		smtp_reply_fini(&r);
	}
}
END_TEST

START_TEST(one_reply_is_taken_at_a_time)
{
	static const char text[] = "250 a\r\n354 b\r\n25";
	struct smtp_reply r;
	const char *why;
	size_t used;
	smtp_reply_init(&r);
	ck_assert_int_eq(smtp_reply_feed(&r, text, sizeof text - 1, &used, &why), REPLY_WHOLE);
	ck_assert_uint_eq(used, 7);
	ck_assert_int_eq(smtp_reply_feed(&r, text + 7, sizeof text - 8, &used, &why), REPLY_WHOLE);
	ck_assert_int_eq(r.code, 354);
	ck_assert_int_eq(smtp_reply_feed(&r, text + 14, 2, &used, &why), REPLY_MORE);
	smtp_reply_fini(&r);
}
END_TEST

START_TEST(what_is_no_reply_is_refused)
{
	static const struct {
		const char *text;
		size_t n;
	} bad[] = {
#define BAD(text) {text, sizeof(text) - 1}
		BAD("hello\r\n"), BAD("25\r\n"), BAD("250 a\n"), BAD("\n"), BAD("\r\n"), BAD("150 a\r\n"), BAD("600 a\r\n"),
		BAD("2x0 a\r\n"), BAD("250_a\r\n"), BAD("2500 a\r\n"), BAD("250 a\0b\r\n"), BAD("250 a\rb\r\n"),
		BAD("250-a\r\n251 b\r\n"), BAD("250-a\r\nb\r\n"), BAD(" 250 a\r\n"), BAD("-250 a\r\n"),
	};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct smtp_reply r;
		const char *why = NULL;
		smtp_reply_init(&r);
		ck_assert_msg(feed(&r, bad[i].text, bad[i].n, 1, &why) == REPLY_BAD, "%zu", i);
		ck_assert_ptr_nonnull(why);
		smtp_reply_fini(&r);
	}
}
END_TEST

START_TEST(endless_lines_and_endless_replies_end)
{
	char *line = g_strnfill(REPLY_LINE_MAX + 10, 'x');
	struct smtp_reply r;
	const char *why;
	size_t used;
	smtp_reply_init(&r);
	memcpy(line, "250 ", 4);
	ck_assert_int_eq(smtp_reply_feed(&r, line, REPLY_LINE_MAX, &used, &why), REPLY_MORE);
	ck_assert_int_eq(smtp_reply_feed(&r, line, REPLY_LINE_MAX + 1, &used, &why), REPLY_BAD);
	g_free(line);
	enum reply_progress progress = REPLY_MORE;
	for (int i = 0; i < 100000 && progress == REPLY_MORE; i++)
		progress = smtp_reply_feed(&r, "250-abc\r\n", 9, &used, &why);
	ck_assert_int_eq(progress, REPLY_BAD);
	ck_assert_uint_le(r.lines->len, REPLY_MAX + REPLY_LINE_MAX);
	smtp_reply_fini(&r);
}
END_TEST

static struct smtp_reply reply_of(const char *text)
{
	struct smtp_reply r;
	const char *why = NULL;
	char line[512];
	size_t used;
	int n = snprintf(line, sizeof line, "%s\r\n", text);
	smtp_reply_init(&r);
	ck_assert_msg(smtp_reply_feed(&r, line, (size_t)n, &used, &why) == REPLY_WHOLE, "%s: %s", text, why);
	return r;
}

START_TEST(enhanced_codes_are_those_of_their_own_class)
{
	static const struct {
		const char *text;
		int subject, detail;
	} cases[] = {{"550 5.1.1 x", 1, 1}, {"550 4.1.1 x", -1, -1}, {"550 5.7.515 x", 7, 515}, {"550 5.1", -1, -1},
		     {"550 5.1.", -1, -1},  {"550 5.1.1x", -1, -1},  {"550 5.1.1", 1, 1},       {"550 5.1111.1 x", -1, -1},
		     {"250 2.0.0 Ok", 0, 0}, {"550", -1, -1}};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct smtp_reply r = reply_of(cases[i].text);
		ck_assert_msg(r.subject == cases[i].subject && r.detail == cases[i].detail, "%s", cases[i].text);
		smtp_reply_fini(&r);
	}
}
END_TEST

START_TEST(a_reason_is_one_harmless_line_of_utf8)
{
	struct smtp_reply r = reply_of("550 5.1.1 no\x1b[31m \xff user\t!");
	char said[100];
	smtp_reply_say(&r, said, sizeof said);
	ck_assert_str_eq(said, "550 5.1.1 no [31m \xef\xbf\xbd user !");
	ck_assert(g_utf8_validate(said, -1, NULL));
	char little[12];
	smtp_reply_say(&r, little, sizeof little);
	ck_assert_uint_lt(strlen(little), sizeof little);
	smtp_reply_fini(&r);
}
END_TEST

START_TEST(the_servers_name_for_a_message_is_found)
{
	static const char *const cases[][2] = {
		{"250 2.0.0 Ok: queued as 4Fx1Yz2", "4Fx1Yz2"},
		{"250 OK id=1abc-0001-XY", "OK id=1abc-0001-XY"},
		{"250 2.0.0 5e1b3d2a Message accepted for delivery", "5e1b3d2a Message accepted for delivery"},
		{"250", ""},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct smtp_reply r = reply_of(cases[i][0]);
		char id[64];
		smtp_reply_remote_id(&r, id, sizeof id);
		ck_assert_str_eq(id, cases[i][1]);
		smtp_reply_fini(&r);
	}
}
END_TEST

START_TEST(what_ehlo_offers_is_understood)
{
	static const char text[] = "250-mx.example greets PIPELINING\r\n250-pipelining\r\n250-SIZE 35882577\r\n250-AUTH=LOGIN\r\n"
				   "250-AUTH XOAUTH2 PLAIN\r\n250-STARTTLSX\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n";
	struct smtp_reply r;
	struct smtp_offer offer;
	const char *why;
	smtp_reply_init(&r);
	ck_assert_int_eq(feed(&r, text, sizeof text - 1, 7, &why), REPLY_WHOLE);
	smtp_reply_offer(&r, &offer);
	ck_assert(offer.pipelining && offer.eight_bit && offer.utf8 && offer.auth_plain && offer.auth_login);
	ck_assert(!offer.starttls);
	ck_assert_uint_eq(offer.size, 35882577);
	smtp_reply_fini(&r);
	struct smtp_reply greeting_only = reply_of("250 PIPELINING");
	smtp_reply_offer(&greeting_only, &offer);
	ck_assert(!offer.pipelining);
	smtp_reply_fini(&greeting_only);
}
END_TEST

START_TEST(no_octets_make_the_parser_stumble)
{
	static const char *const seeds[] = {"250-2.1.5 first\r\n250 second\r\n", "550 5.7.515 x\r\n", "250-SIZE 99999999999999999999999\r\n",
					    "250-AUTH PLAIN = LOGIN\r\n250 \r\n", "421\r\n"};
	unsigned seed = 7;
	for (int round = 0; round < 200000; round++) {
		const char *text = seeds[round % 5];
		size_t n = strlen(text), used;
		char copy[128], said[40];
		const char *why;
		struct smtp_reply r;
		struct smtp_offer offer;
		memcpy(copy, text, n);
		for (int change = 0; change < 3; change++) {
			seed = seed * 1103515245 + 12345;
			copy[(seed >> 8) % n] = (char)(seed >> 24 & 1 ? seed >> 16 : (unsigned)"\r\n-250 \0."[(seed >> 16) & 7]);
		}
		smtp_reply_init(&r);
		if (smtp_reply_feed(&r, copy, n, &used, &why) == REPLY_WHOLE) {
			ck_assert(r.code >= 200 && r.code <= 599);
			smtp_reply_offer(&r, &offer);
			smtp_reply_say(&r, said, sizeof said);
			ck_assert(g_utf8_validate(said, -1, NULL));
			smtp_reply_remote_id(&r, said, sizeof said);
			smtp_judge(STAGE_RCPT, &r);
		}
		smtp_reply_fini(&r);
	}
}
END_TEST

static enum nurture_outcome judge(enum smtp_stage stage, const char *text)
{
	struct smtp_reply r = reply_of(text);
	enum nurture_outcome outcome = smtp_judge(stage, &r).outcome;
	smtp_reply_fini(&r);
	return outcome;
}

START_TEST(a_broken_sender_never_costs_a_recipient)
{
	static const char *const ours[] = {"550 5.7.1 SPF check failed", "550 5.7.26 x", "550 5.7.515 x", "530 5.7.0 x", "535 x",
					   "530 x",        "550 5.1.8 x",  "503 x",         "501 5.5.4 x", "554 5.7.1 client host blocked using x"};
	for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
		for (int stage = STAGE_MAIL; stage <= STAGE_FINAL; stage++)
			ck_assert_msg(judge((enum smtp_stage)stage, ours[i]) == NURTURE_CHANNEL_DOWN, "%s at %d", ours[i], stage);
	ck_assert_int_eq(judge(STAGE_MAIL, "550 x"), NURTURE_CHANNEL_DOWN);
	ck_assert_int_eq(judge(STAGE_MAIL, "550 5.7.1 x"), NURTURE_CHANNEL_DOWN);
}
END_TEST

static enum smtp_fault fault(enum smtp_stage stage, const char *text)
{
	struct smtp_reply r = reply_of(text);
	enum smtp_fault is = smtp_judge(stage, &r).fault;
	smtp_reply_fini(&r);
	return is;
}

/* As the large providers' pages, and their servers, say it. */
START_TEST(whose_fault_it_is_is_read_from_code_and_words)
{
	static const struct {
		enum smtp_stage stage;
		enum smtp_fault fault;
		const char *text;
	} said[] = {
		{STAGE_FINAL, FAULT_SENDER, "550 5.7.26 Your email has been blocked because the sender is unauthenticated. Gmail requires all senders to authenticate"},
		{STAGE_FINAL, FAULT_SENDER, "550 5.7.26 Unauthenticated email from example.com is not accepted due to domain's DMARC policy"},
		{STAGE_FINAL, FAULT_SENDER, "550 5.7.515 Access denied, sending domain example.com does not meet the required authentication level"},
		{STAGE_FINAL, FAULT_SENDER, "550 5.7.509 Access denied, sending domain does not pass DMARC verification"},
		{STAGE_FINAL, FAULT_SENDER, "554 5.7.9 Message not accepted for policy reasons: failed DMARC"},
		{STAGE_RCPT, FAULT_SENDER, "550 5.7.25 The IP address sending this message does not have a PTR record setup"},
		{STAGE_RCPT, FAULT_SENDER, "550 SPF validation failed"},
		{STAGE_FINAL, FAULT_MESSAGE, "550 5.7.1 Our system has detected that this message is likely unsolicited mail"},
		{STAGE_FINAL, FAULT_MESSAGE, "554 Message rejected as spam by Content Filtering"},
		{STAGE_FINAL, FAULT_MESSAGE, "550 5.7.350 Remote server returned message detected as spam"},
		{STAGE_RCPT, FAULT_RELAY, "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org"},
		{STAGE_RCPT, FAULT_RELAY, "550 5.7.606 Access denied, banned sending IP [192.0.2.1]"},
		{STAGE_RCPT, FAULT_RELAY, "554 5.7.1 <a@example.net>: Relay access denied"},
		{STAGE_RCPT, FAULT_RELAY, "550 relaying denied"},
		{STAGE_MAIL, FAULT_RELAY, "530 5.7.0 Must issue a STARTTLS command first"},
		{STAGE_RCPT, FAULT_ADDRESS, "550 5.1.1 The email account that you tried to reach does not exist"},
		{STAGE_RCPT, FAULT_ADDRESS, "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found"},
		{STAGE_RCPT, FAULT_ADDRESS, "554 5.7.13 account disabled"},
		{STAGE_RCPT, FAULT_ADDRESS, "550 Requested action not taken: mailbox unavailable"},
		{STAGE_RCPT, FAULT_ADDRESS, "556 domain takes no mail"},
		{STAGE_RCPT, FAULT_MAILBOX, "552 5.2.2 The email account that you tried to reach is over quota"},
		{STAGE_RCPT, FAULT_MAILBOX, "550 Mailbox full"},
		{STAGE_RCPT, FAULT_MAILBOX, "452 4.2.2 over quota"},
		{STAGE_RCPT, FAULT_MOMENT, "421 4.7.28 unusual rate of unsolicited mail"},
		{STAGE_RCPT, FAULT_MOMENT, "450 4.7.1 greylisted"},
		{STAGE_FINAL, FAULT_NONE, "250 2.0.0 OK"},
	};
	for (size_t i = 0; i < sizeof said / sizeof *said; i++)
		ck_assert_msg(fault(said[i].stage, said[i].text) == said[i].fault, "%s: %d", said[i].text, fault(said[i].stage, said[i].text));
	ck_assert_str_eq(smtp_fault_kind(FAULT_ADDRESS), "hard");
	ck_assert_str_eq(smtp_fault_kind(FAULT_MAILBOX), "soft");
	ck_assert_str_eq(smtp_fault_kind(FAULT_MESSAGE), "policy");
	ck_assert_ptr_null(smtp_fault_kind(FAULT_RELAY));
}
END_TEST

START_TEST(a_bad_recipient_is_rejected_and_a_bad_moment_deferred)
{
	ck_assert_int_eq(judge(STAGE_RCPT, "550 5.1.1 x"), NURTURE_REJECTED);
	ck_assert_int_eq(judge(STAGE_RCPT, "550 x"), NURTURE_REJECTED);
	ck_assert_int_eq(judge(STAGE_RCPT, "550 5.2.1 x"), NURTURE_REJECTED);
	ck_assert_int_eq(judge(STAGE_FINAL, "550 5.1.1 x"), NURTURE_REJECTED);
	ck_assert_int_eq(judge(STAGE_RCPT, "552 5.2.2 x"), NURTURE_DEFERRED);
	ck_assert_int_eq(judge(STAGE_RCPT, "552 x"), NURTURE_DEFERRED);
	ck_assert_int_eq(judge(STAGE_RCPT, "450 4.7.1 x"), NURTURE_DEFERRED);
	ck_assert_int_eq(judge(STAGE_FINAL, "451 x"), NURTURE_DEFERRED);
	ck_assert_int_eq(judge(STAGE_FINAL, "250 x"), NURTURE_SENT);
	ck_assert_int_eq(judge(STAGE_FINAL, "354 x"), NURTURE_UNKNOWN);
}
END_TEST

START_TEST(every_answer_at_every_stage_means_something)
{
	char text[32];
	for (int code = 200; code < 600; code++)
		for (int stage = STAGE_MAIL; stage <= STAGE_FINAL; stage++) {
			snprintf(text, sizeof text, "%d x", code);
			enum nurture_outcome outcome = judge((enum smtp_stage)stage, text);
			ck_assert(outcome != 0);
			ck_assert(outcome != NURTURE_SENT || (stage == STAGE_FINAL && code < 300));
			ck_assert(outcome != NURTURE_REJECTED || (code >= 500 && stage != STAGE_MAIL));
		}
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(replies_are_read_however_they_are_cut),
	UNIT(one_reply_is_taken_at_a_time),
	UNIT(what_is_no_reply_is_refused),
	UNIT(endless_lines_and_endless_replies_end),
	UNIT(enhanced_codes_are_those_of_their_own_class),
	UNIT(a_reason_is_one_harmless_line_of_utf8),
	UNIT(the_servers_name_for_a_message_is_found),
	UNIT(what_ehlo_offers_is_understood),
	UNIT(no_octets_make_the_parser_stumble),
	UNIT(a_broken_sender_never_costs_a_recipient),
	UNIT(whose_fault_it_is_is_read_from_code_and_words),
	UNIT(a_bad_recipient_is_rejected_and_a_bad_moment_deferred),
	UNIT(every_answer_at_every_stage_means_something),
};
UNIT_MAIN("email/reply", cases)
