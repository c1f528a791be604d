/* What comes back is told apart: every file of tests/data/returns by its name, and what the table below says of it; and what is no message, or a large one. */
#include "returns_came.h"
#include "letter.h"
#include "returns_sns.h"
#include "returns_tell.h"

#include "unit/check_main.h"

#include <gmime/gmime.h>
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TOKEN "abcdefghijklmnopqrstuvwxyz234567abcdefg"

static const struct sample {
	const char *file, *kind, *code, *address;
	const char *data; /* what else must stand there: "name=value" */
	bool strange;     /* names no mail of ours */
} samples[] = {
	{"dsn-postfix", "hard", "5.1.1", "lead@example.net", NULL, false},
	{"dsn-headers-only", "hard", "5.1.1", "lead@example.net", NULL, false},
	{"dsn-full", "soft", "5.2.2", "lead@example.net", NULL, false},
	{"dsn-expired", "soft", "4.4.1", "lead@example.net", NULL, false},
	{"dsn-delayed", "nothing", "", "", NULL, false},
	{"dsn-delivered", "nothing", "", "", NULL, false},
	{"dsn-policy", "refused", "5.7.1", "lead@example.net", NULL, false},
	{"dsn-dmarc", "refused", "5.7.26", "lead@example.net", NULL, false},
	{"dsn-571-unknown", "hard", "5.7.1", "lead@example.net", NULL, false},
	{"dsn-exchange", "hard", "5.1.10", "lead@example.net", NULL, false},
	{"dsn-nullmx", "hard", "5.1.0", "lead@example.net", NULL, false},
	{"dsn-second-failed", "hard", "5.1.1", "lead@example.net", NULL, false},
	{"dsn-upper", "hard", "5.1.1", "LEAD@EXAMPLE.NET", NULL, false},
	{"dsn-other-token", "hard", "5.1.1", "lead@example.net", NULL, true},
	{"dsn-global", "hard", "5.1.1", "lead@example.net", NULL, false},
	{"dsn-base64", "hard", "5.1.1", "lead@example.net", NULL, false},
	{"words-qmail", "hard", "5.1.1", "", NULL, false},
	{"words-exim", "hard", "", "lead@example.net", NULL, false},
	{"words-exim-timeout", "soft", "", "lead@example.net", NULL, false},
	{"words-exim-delay", "nothing", "", "", NULL, false},
	{"words-yahoo", "hard", "", "", NULL, false},
	{"words-gmail-full", "soft", "5.2.2", "lead@example.net", NULL, false},
	{"words-exchange-2003", "hard", "", "", NULL, false},
	{"words-german", "hard", "", "", NULL, false},
	{"words-wrong-charset", "soft", "", "", NULL, false},
	{"arf-abuse", "complaint", "", "lead@example.net", NULL, false},
	{"arf-redacted", "complaint", "", "", NULL, false},
	{"arf-auth-failure", "nothing", "", "", NULL, false},
	{"arf-not-spam", "nothing", "", "", NULL, false},
	{"auto-rfc3834", "auto_reply", "", "lead@example.net", "until=2027-01-15", false},
	{"auto-exchange", "auto_reply", "", "lead@example.net", "until=2027-01-15", false},
	{"auto-precedence", "auto_reply", "", "lead@example.net", "until=2027-01-15", false},
	{"auto-subject-only", "auto_reply", "", "lead@example.net", "until=2027-01-15", false},
	{"auto-japanese", "auto_reply", "", "lead@example.net", NULL, false},
	{"auto-null-path", "auto_reply", "", "lead@example.net", NULL, false},
	{"challenge", "nothing", "", "lead@example.net", NULL, false},
	{"receipt", "nothing", "", "", NULL, true},
	{"reply-top", "reply", "", "lead@example.net", "text=Yes, please call me.\n\nLead", false},
	{"reply-folded", "reply", "", "lead@example.net", "text=Interested.", false},
	{"reply-below", "reply", "", "lead@example.net", "text=Tuesday is fine.", false},
	{"reply-outlook", "reply", "", "lead@example.net", "text=Danke, bitte schicken Sie mir ein Angebot.", false},
	{"reply-html", "reply", "", "lead@example.net", "text=Price & terms, please.", false},
	{"reply-by-address", "reply", "", "lead@example.net", "text=What does it cost?", true},
	{"lf-reply", "reply", "", "lead@example.net", "text=Fine.", false},
	{"reply-mentions-vacation", "reply", "", "lead@example.net", "subject=Re: Hello", false},
	{"cut-off", "hard", "5.1.1", "lead@example.net", NULL, false},
	{"nested", "nothing", "", "", NULL, false},
};

static char *load(const char *file, gsize *n)
{
	char *path = g_strdup_printf("%s/tests/data/returns/%s.eml", NURTURE_SOURCE, file), *bytes;
	ck_assert_msg(g_file_get_contents(path, &bytes, n, NULL), "%s", path);
	g_free(path);
	return bytes;
}

static void look_at(const struct sample *s, const struct came *came)
{
	ck_assert_msg(!strcmp(came_kind_name(came->kind), s->kind), "%s is %s (%s: %s), not %s", s->file, came_kind_name(came->kind), came->why, came->reason, s->kind);
	ck_assert_msg(!strcmp(came->code, s->code), "%s: code %s", s->file, came->code);
	ck_assert_msg(!strcmp(came->address, s->address), "%s: address %s", s->file, came->address);
	ck_assert_msg(!strcmp(came->token, s->strange ? "" : TOKEN), "%s: token %s", s->file, came->token);
	ck_assert_uint_eq(strlen(came->key), 64);
	if (!s->data)
		return;
	char *name = g_strndup(s->data, strcspn(s->data, "="));
	const char *value = json_string_value(json_object_get(came->data, name));
	ck_assert_msg(value && !strcmp(value, strchr(s->data, '=') + 1), "%s: %s is \"%s\"", s->file, name, value ? value : "(none)");
	g_free(name);
}

START_TEST(every_sample_is_what_its_name_says)
{
	g_mime_init();
	for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
		struct came came, again;
		gsize n;
		char *bytes = load(samples[i].file, &n);
		ck_assert_msg(came_read(bytes, n, NULL, &came), "%s", samples[i].file);
		look_at(&samples[i], &came);
		ck_assert(came_read(bytes, n, NULL, &again));
		ck_assert_str_eq(came.key, again.key);
		came_fini(&again);
		came_fini(&came);
		g_free(bytes);
	}
}
END_TEST

/* Every file is in the table: a new one that nobody expects anything of is a mistake. */
START_TEST(no_sample_is_forgotten)
{
	char *path = g_strdup_printf("%s/tests/data/returns", NURTURE_SOURCE);
	GDir *dir = g_dir_open(path, 0, NULL);
	const char *file;
	size_t count = 0;
	ck_assert(dir);
	while ((file = g_dir_read_name(dir)))
		count += g_str_has_suffix(file, ".eml") && strcmp(file, "no-header.eml") != 0;
	g_dir_close(dir);
	g_free(path);
	ck_assert_uint_eq(count, sizeof samples / sizeof *samples);
}
END_TEST

START_TEST(what_is_no_message_is_none_and_what_is_cut_anywhere_does_no_harm)
{
	struct came came;
	gsize n;
	g_mime_init();
	char *bytes = load("no-header", &n);
	ck_assert(!came_read(bytes, n, NULL, &came));
	ck_assert(!came_read("", 0, NULL, &came));
	g_free(bytes);
	bytes = load("dsn-postfix", &n);
	for (gsize cut = 0; cut < n; cut += 7) {
		(void)came_read(bytes, cut, NULL, &came);
		came_fini(&came);
	}
	for (gsize i = 0; i < n; i += 3) { /* any byte a NUL, or not ASCII */
		char was = bytes[i];
		bytes[i] = i % 2 ? '\0' : (char)0xff;
		(void)came_read(bytes, n, NULL, &came);
		came_fini(&came);
		bytes[i] = was;
	}
	g_free(bytes);
}
END_TEST

START_TEST(the_recipient_is_believed_before_what_the_message_says)
{
	struct came came;
	gsize n;
	g_mime_init();
	char *bytes = load("reply-top", &n);
	ck_assert(came_read(bytes, n, "bounces+zyxwvutsrqponmlkjihgfedcba765432zyxwvut@example.com", &came));
	ck_assert_str_eq(came.token, "zyxwvutsrqponmlkjihgfedcba765432zyxwvut");
	ck_assert_str_eq(json_string_value(json_object_get(came.data, "quoted")), "On Mon, 4 Jan 2027 at 10:00, Ann <ann@example.com> wrote:\n> Hello\n> Body of ours.");
	came_fini(&came);
	g_free(bytes);
}
END_TEST

/* A person's words prove nothing, for whoever answers quotes; a bounce's may name the message. */
START_TEST(a_token_in_a_person_s_words_is_not_looked_at)
{
	static const char mail[] = "From: a@example.net\nTo: b@example.com\nSubject: hi\n\nbounces+" TOKEN "@example.com\n";
	struct came came;
	g_mime_init();
	ck_assert(came_read(mail, strlen(mail), NULL, &came));
	ck_assert_str_eq(came.token, "");
	ck_assert_int_eq(came.kind, CAME_REPLY);
	came_fini(&came);
}
END_TEST

START_TEST(a_token_in_an_address_is_found_only_whole)
{
	struct address bounces, sender;
	char token[VERP_TOKEN + 1];
	const char *why;
	ck_assert(address_parse("bounces@example.com", &bounces, &why));
	ck_assert(verp_write(&bounces, TOKEN, &sender));
	ck_assert_str_eq(sender.text, "bounces+" TOKEN "@example.com");
	ck_assert(verp_find(sender.text, strlen(sender.text), token));
	ck_assert_str_eq(token, TOKEN);
	ck_assert(!verp_write(&bounces, "short", &sender));
	ck_assert(address_parse("a-local-part-that-is-too-long@example.com", &bounces, &why));
	ck_assert(!verp_write(&bounces, TOKEN, &sender));
	static const char *const none[] = {"", "+@", "x" TOKEN "@e", "+x" TOKEN "@e", "+" TOKEN, "+" TOKEN "x@e", "." TOKEN "@e", TOKEN "@e"};
	for (size_t i = 0; i < sizeof none / sizeof *none; i++)
		ck_assert_msg(!verp_find(none[i], strlen(none[i]), token), "%s", none[i]);
	ck_assert(verp_find("<7." TOKEN "@e>", strlen("<7." TOKEN "@e>"), token));
}
END_TEST

START_TEST(codes_and_words_mean_what_their_tables_say)
{
	static const struct {
		enum came_kind kind;
		const char *code, *text;
	} rows[] = {
		{CAME_HARD, "5.1.1", ""}, {CAME_HARD, "5.1.10", ""}, {CAME_SOFT, "5.2.2", ""}, {CAME_REFUSED, "5.7.509", ""}, {CAME_SOFT, "4.2.2", ""},
		{CAME_SOFT, "4.1.1", "user unknown"}, {CAME_REFUSED, "4.7.0", "rate limit"}, {CAME_HARD, "5.1.1", "user unknown, see our antispam: blocklist"},
		{CAME_REFUSED, "5.7.1", "listed at spamhaus; user unknown"}, {CAME_NOTHING, "", "hello"}, {CAME_SOFT, "5.4.7", ""}, {CAME_NOTHING, "5.1.99", ""},
	};
	char code[16];
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		ck_assert_msg(came_verdict(rows[i].code, rows[i].text) == rows[i].kind, "%s %s", rows[i].code, rows[i].text);
	ck_assert(came_find_code("550-5.1.1 no (#4.0.0)", code));
	ck_assert_str_eq(code, "5.1.1");
	ck_assert(!came_find_code("host 5.1.1.7 and 15.1.1 and v5.1.1 and 5.1", code));
}
END_TEST

START_TEST(a_message_of_a_megabyte_of_anything_ends)
{
	static const char *const fills[] = {"&", "<", "<a", "> ", "until ", "On x\n", "+aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@", "5.1.", "-----original message\n", "\xff\xfe", "&amp"};
	struct came came;
	g_mime_init();
	for (size_t f = 0; f < sizeof fills / sizeof *fills; f++)
		for (int html = 0; html < 2; html++) {
			GString *mail = g_string_new("From: MAILER-DAEMON@example.net\nSubject: Undelivered\nContent-Type: text/");
			g_string_append(mail, html ? "html\n\n" : "plain\n\n");
			if (f % 2)
				g_string_overwrite(mail, 6, "Some-Person..");
			while (mail->len < 1024 * 1024)
				g_string_append(mail, fills[f]);
			ck_assert(came_read(mail->str, mail->len, NULL, &came));
			came_fini(&came);
			g_string_free(mail, TRUE);
		}
}
END_TEST

static char heard[200];

static void on_complained(void *relay, const char *address)
{
	(void)relay;
	snprintf(heard, sizeof heard, "complaint %s", address);
}

static void on_came_back(void *relay, const char *address, const char *code, const char *reason)
{
	(void)relay, (void)reason;
	snprintf(heard, sizeof heard, "%s %s", code, address);
}

static const char *hears(enum came_kind kind, const char *named, const char *sent_to)
{
	struct desk desk = {.complained = on_complained, .came_back = on_came_back};
	struct came came = {.kind = kind, .code = "5.7.26"};
	g_strlcpy(came.address, named, sizeof came.address);
	heard[0] = '\0';
	came_recorded(&desk, &came, sent_to);
	return heard;
}

START_TEST(brake_and_hold_hear_of_whom_it_was_sent_to_and_not_of_whom_it_names)
{
	ck_assert_str_eq(hears(CAME_REFUSED, "lead@example.net", "lead@example.net"), "5.7.26 lead@example.net");
	ck_assert_str_eq(hears(CAME_REFUSED, "LEAD@Example.net", "lead@example.net"), "5.7.26 lead@example.net");
	ck_assert_str_eq(hears(CAME_REFUSED, "", "lead@example.net"), "5.7.26 lead@example.net");
	ck_assert_str_eq(hears(CAME_REFUSED, "x@gmail.com", "lead@example.net"), ""); /* forged, or handed on */
	ck_assert_str_eq(hears(CAME_HARD, "x@gmail.com", "lead@example.net"), "");
	ck_assert_str_eq(hears(CAME_COMPLAINT, "x@gmail.com", "lead@example.net"), "complaint lead@example.net");
	ck_assert_str_eq(hears(CAME_COMPLAINT, "", "Lead@Example.net"), "complaint lead@example.net"); /* redacted */
	ck_assert_str_eq(hears(CAME_COMPLAINT, "x@gmail.com", NULL), "");
	ck_assert_str_eq(hears(CAME_REPLY, "lead@example.net", "lead@example.net"), "");
	came_recorded(NULL, &(struct came){.kind = CAME_COMPLAINT}, "lead@example.net");
}
END_TEST

START_TEST(a_certificate_comes_from_amazon_s_hosts_alone)
{
	static const char *const ours[] = {"https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-1.pem", "https://sns.us-gov-west-1.amazonaws.com/x.pem", "https://sns.cn-north-1.amazonaws.com.cn/x.pem"};
	static const char *const others[] = {
		"", "http://sns.eu-west-1.amazonaws.com/x.pem", "https://sns.eu-west-1.amazonaws.com", "https://sns.amazonaws.com/x.pem", "https://snsxeu-west-1.amazonaws.com/x.pem",
		"https://sns.eu-west-1.amazonaws.com.evil.example/x.pem", "https://evil.example/sns.eu-west-1.amazonaws.com/x.pem", "https://sns.a.b.amazonaws.com/x.pem",
		"https://sns.eu-west-1.amazonaws.com:8443/x.pem", "https://sns.eu-west-1.amazonaws.com@evil.example/x.pem", "https://evil.example@sns.eu-west-1.amazonaws.com/x.pem",
		"https://sns.eu-west-1.amazonaws.com\\@evil.example/x.pem", "https://sns.EU-west-1.amazonaws.com/x.pem", "https://sns.eu-west-1.amazonaws.com/ x.pem",
		"HTTPS://sns.eu-west-1.amazonaws.com/x.pem", "https://s3.eu-west-1.amazonaws.com/x.pem", "https://sns.eu-west-1.amazonaws.com?/x.pem",
		"https://sns.s3-eu-west-1.amazonaws.com/x.pem", "https://sns.s3.amazonaws.com/x.pem", "https://sns.eu-west.amazonaws.com/x.pem", "https://sns.-1.amazonaws.com/x.pem"};
	for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
		ck_assert_msg(sns_url_is_ours(ours[i], NULL), "%s", ours[i]);
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		ck_assert_msg(!sns_url_is_ours(others[i], NULL), "%s", others[i]);
	ck_assert(sns_url_is_ours("https://localhost:1/x.pem", "localhost:1"));
	ck_assert(!sns_url_is_ours("https://localhost:12/x.pem", "localhost:1"));
	ck_assert(!sns_url_is_ours(ours[0], "localhost:1"));
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(every_sample_is_what_its_name_says),
	UNIT(no_sample_is_forgotten),
	UNIT(what_is_no_message_is_none_and_what_is_cut_anywhere_does_no_harm),
	UNIT(the_recipient_is_believed_before_what_the_message_says),
	UNIT(a_token_in_a_person_s_words_is_not_looked_at),
	UNIT(a_token_in_an_address_is_found_only_whole),
	UNIT(codes_and_words_mean_what_their_tables_say),
	UNIT(a_message_of_a_megabyte_of_anything_ends),
	UNIT(brake_and_hold_hear_of_whom_it_was_sent_to_and_not_of_whom_it_names),
	UNIT(a_certificate_comes_from_amazon_s_hosts_alone),
};
UNIT_MAIN("email/returns", cases)
