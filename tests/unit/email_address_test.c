/* Addresses, header values and texts of the e-mail plugin: nothing from outside ends a header or a command. */
#include "address.h"
#include "header.h"
#include "text.h"
#include "unit/check_main.h"

#include <string.h>

static const char *parse(const char *text, struct address *address)
{
	const char *why = NULL;
	return address_parse(text, address, &why) ? address->text : NULL;
}

START_TEST(ordinary_and_odd_addresses_are_taken_as_they_are)
{
	static const char *const good[] = {
		"jane@example.com", "j.a.n+e=x@a.b.c.example", "\"a b\"@example.com", "\"a\\\"@b\"@example.com",
		"o'neil@example.com", "jane@[192.0.2.1]", "jane@[IPv6:2001:db8::1]", "jane@localhost",
	};
	struct address a;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		ck_assert_msg(parse(good[i], &a) != NULL, "%s", good[i]);
		ck_assert_str_eq(a.text, good[i]);
		ck_assert(!a.utf8);
	}
}
END_TEST

START_TEST(what_is_no_address_is_refused)
{
	static const char *const bad[] = {
		"", "jane", "@example.com", "jane@", "jane@@example.com", "a b@example.com", "jane@exa mple.com",
		"jane@example.com\r\nRCPT TO:<eve@example.com>", "jane\n@example.com", "<jane@example.com>",
		"jane@example.com>", "jane@example.com ORCPT=x", "jane@-example.com", "jane@example-.com", "jane@a..b",
		".jane@example.com", "jane.@example.com", "ja..ne@example.com", "\"\"@example.com", "\"a\nb\"@example.com",
		"\"a@example.com", "jane@[300.1.1.1]", "jane@[IPv6:zz]", "jane@[]", "jane\x7f@example.com",
		"ja\xff@example.com", "ja\xe2\x80\xa8ne@example.com", "jane\xe2\x80\xae@example.com", "jane@b\xff.de",
		"jane,eve@example.com", "jane@example.com,eve@example.com", "jane@example.com.",
	};
	struct address a;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		ck_assert_msg(parse(bad[i], &a) == NULL, "%zu: %s", i, bad[i]);
}
END_TEST

START_TEST(lengths_are_those_of_rfc_5321)
{
	char text[400];
	struct address a;
	memset(text, 'a', sizeof text);
	strcpy(text + 64, "@example.com");
	ck_assert_ptr_nonnull(parse(text, &a));
	memset(text, 'a', sizeof text);
	strcpy(text + 65, "@example.com");
	ck_assert_ptr_null(parse(text, &a));
	for (int length = 253; length <= 255; length++) { /* j@ and labels of at most 63 */
		memset(text, 'a', sizeof text);
		text[0] = 'j', text[1] = '@';
		for (int i = 2 + 63; i < length - 1; i += 64)
			text[i] = '.';
		text[length] = '\0';
		ck_assert_int_eq(parse(text, &a) != NULL, length <= 254);
	}
	memset(text, 'a', sizeof text);
	text[0] = 'j', text[1] = '@';
	strcpy(text + 2 + 64, ".com");
	ck_assert_ptr_null(parse(text, &a));
}
END_TEST

START_TEST(a_domain_beyond_ascii_becomes_its_a_label)
{
	struct address a;
	ck_assert_str_eq(parse("jane@b\xc3\xbc"
			       "cher.example", &a), "jane@xn--bcher-kva.example");
	ck_assert(!a.utf8);
	ck_assert_str_eq(a.domain, "xn--bcher-kva.example");
	ck_assert_str_eq(parse("j\xc3\xa4ne@b\xc3\xbc"
			       "cher.example", &a), "j\xc3\xa4ne@xn--bcher-kva.example");
	ck_assert(a.utf8);
}
END_TEST

START_TEST(a_mailbox_has_a_name_and_an_address)
{
	struct mailbox m;
	const char *why;
	ck_assert(mailbox_parse("Nurture <hello@example.com>", &m, &why));
	ck_assert_str_eq(m.name, "Nurture");
	ck_assert_str_eq(m.address.domain, "example.com");
	mailbox_fini(&m);
	ck_assert(mailbox_parse("\"Doe, \\\"J\\\"\" <a@b>", &m, &why));
	ck_assert_str_eq(m.name, "Doe, \"J\"");
	mailbox_fini(&m);
	ck_assert(mailbox_parse("hello@example.com", &m, &why));
	ck_assert_str_eq(m.name, "");
	mailbox_fini(&m);
	ck_assert(!mailbox_parse("Nurture <hello>", &m, &why));
	mailbox_fini(&m);
	ck_assert(!mailbox_parse("Nurture hello@example.com", &m, &why));
	mailbox_fini(&m);
}
END_TEST

static const char *header(const char *text, size_t n)
{
	static char out[8192];
	GString *value = g_string_new(NULL);
	header_append_text(value, text, n, 9, "\r\n");
	ck_assert_uint_lt(value->len, sizeof out);
	memcpy(out, value->str, value->len + 1);
	g_string_free(value, TRUE);
	return out;
}

#define HEADER(text) header(text, sizeof(text) - 1)

START_TEST(no_text_can_end_its_header)
{
	ck_assert_str_eq(HEADER("a\r\nBcc: eve@example.com"), "a Bcc: eve@example.com");
	ck_assert_str_eq(HEADER("a\0b\x01\x1b[31mc"), "a b [31mc");
	ck_assert_str_eq(HEADER("a\xe2\x80\xa8"
				"Bcc: x\xe2\x80\xa9y\xc2\x85z"), "a Bcc: x y z");
	ck_assert_str_eq(HEADER("\n\n  lead and trail \r\n"), "lead and trail");
	ck_assert_str_eq(HEADER("abc\xe2\x80\xae"
				"def"), "abc def");
}
END_TEST

START_TEST(text_that_looks_encoded_is_encoded_once_more)
{
	ck_assert_str_eq(HEADER("=?utf-8?Q?Bcc:?= x"), "=?utf-8?B?PT91dGYtOD9RP0JjYzo/PSB4?=");
	ck_assert_str_eq(HEADER("Z\xc3\xbcrich"), "=?utf-8?B?WsO8cmljaA==?=");
	ck_assert_str_eq(HEADER("\xff"), "=?utf-8?B?77+9?=");
	/* the first word takes what its line has left */
	GString *subject = g_string_new("");
	header_append_text(subject, "Gr\xc3\xbc\xc3\x9f" "e an alle, die uns in diesem Jahr gelesen haben", 52, 9, "\r\n");
	ck_assert_msg(subject->str[0] == '=' && strcspn(subject->str, "\r") <= 67, "%s", subject->str);
	g_string_free(subject, TRUE);
}
END_TEST

/* Every line of a header value, in octets. */
static size_t longest_line(const char *value)
{
	size_t longest = 0;
	while (*value) {
		size_t line = strcspn(value, "\r\n");
		longest = MAX(longest, line);
		value += line;
		value += strspn(value, "\r\n");
	}
	return longest;
}

START_TEST(long_values_are_folded)
{
	char text[4096];
	memset(text, 'x', sizeof text);
	ck_assert_uint_le(longest_line(header(text, sizeof text)), 76);
	for (size_t i = 7; i < sizeof text; i += 8)
		text[i] = ' ';
	ck_assert_uint_le(longest_line(header(text, sizeof text)), 76);
	for (size_t i = 0; i + 1 < sizeof text; i += 2)
		memcpy(text + i, "\xc3\xbc", 2);
	ck_assert_uint_le(longest_line(header(text, sizeof text)), 76);
}
END_TEST

START_TEST(a_name_is_quoted_where_it_must_be)
{
	struct address a;
	GString *out = g_string_new(NULL);
	ck_assert_ptr_nonnull(parse("j@example.com", &a));
	header_append_mailbox(out, "Jane Doe", &a, 4, "\n");
	ck_assert_str_eq(out->str, "Jane Doe <j@example.com>");
	g_string_truncate(out, 0);
	header_append_mailbox(out, "Doe, \"J\" <eve@example.com>", &a, 4, "\n");
	ck_assert_str_eq(out->str, "\"Doe, \\\"J\\\" <eve@example.com>\" <j@example.com>");
	g_string_truncate(out, 0);
	header_append_mailbox(out, "", &a, 4, "\n");
	ck_assert_str_eq(out->str, "j@example.com");
	g_string_free(out, TRUE);
}
END_TEST

START_TEST(a_slip_of_the_pen_finds_the_setting)
{
	const char *const names[] = {"relay", "from", "reply_to", "connections", NULL};
	ck_assert_str_eq(text_nearest("conections", names), "connections");
	ck_assert_str_eq(text_nearest("fomr", names), "from");
	ck_assert_ptr_null(text_nearest("colour", names));
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(ordinary_and_odd_addresses_are_taken_as_they_are),
	UNIT(what_is_no_address_is_refused),
	UNIT(lengths_are_those_of_rfc_5321),
	UNIT(a_domain_beyond_ascii_becomes_its_a_label),
	UNIT(a_mailbox_has_a_name_and_an_address),
	UNIT(no_text_can_end_its_header),
	UNIT(text_that_looks_encoded_is_encoded_once_more),
	UNIT(long_values_are_folded),
	UNIT(a_name_is_quoted_where_it_must_be),
	UNIT(a_slip_of_the_pen_finds_the_setting),
};
UNIT_MAIN("email/address", cases)
