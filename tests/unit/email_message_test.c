/* Messages of the e-mail plugin, read back by GMime: what was rendered is what a mail reader shows, and nothing more. */
#include "message.h"
#include "transfer.h"
#include "unit/check_main.h"

#include <gmime/gmime.h>
#include <string.h>

static struct mailbox from;
static struct composer *composer;

static void begin(const char *newline)
{
	const char *why;
	ck_assert(mailbox_parse("Nurture, Inc <hello@example.com>", &from, &why));
	composer = composer_new(&(struct composer_settings){.from = &from, .newline = newline});
}

static void end(void)
{
	composer_free(composer);
	mailbox_fini(&from);
}

static struct nurture_touch touch_of(const struct nurture_field *fields, size_t count)
{
	return (struct nurture_touch){
		.size = sizeof(struct nurture_touch),
		.touch_id = 42,
		.lead_id = 64,
		.kind = "email",
		.template_name = "thanks",
		.campaign = "thirty-day-nurture",
		.address = "jane@example.net",
		.name = "Jane Doe",
		.purpose = "marketing",
		.fields = fields,
		.field_count = count,
		.unsubscribe_url = "https://go.example.com/u/token?a=1&b=2",
		.postal_address = "Example & Sons\n1 Main Street",
	};
}

#define FIELD(name, value) {name, value, sizeof(value) - 1}
#define BODIES FIELD("text", "Hello Jane\n"), FIELD("html", "<p>Hello Jane</p>")

static GString *compose(const struct nurture_touch *touch)
{
	struct envelope envelope;
	char why[512] = "";
	ck_assert_msg(composer_compose(composer, touch, INT64_C(1700000000000000), &envelope, why) == COMPOSED, "%s", why);
	return envelope.message;
}

static GMimeMessage *parse(const GString *message)
{
	GMimeStream *stream = g_mime_stream_mem_new_with_buffer(message->str, message->len);
	GMimeParser *parser = g_mime_parser_new_with_stream(stream);
	GMimeMessage *parsed = g_mime_parser_construct_message(parser, NULL);
	g_object_unref(parser);
	g_object_unref(stream);
	return parsed;
}

static char *part_text(GMimeMessage *message, int i)
{
	GMimeMultipart *multipart = GMIME_MULTIPART(g_mime_message_get_mime_part(message));
	ck_assert_int_eq(g_mime_multipart_get_count(multipart), 2);
	return g_mime_text_part_get_text(GMIME_TEXT_PART(g_mime_multipart_get_part(multipart, i)));
}

static void assert_clean(const GString *m)
{
	size_t line = 0;
	for (size_t i = 0; i < m->len; i++) {
		unsigned char c = (unsigned char)m->str[i];
		ck_assert_msg(c && c < 0x80, "8-bit or NUL at %zu", i);
		if (c == '\n') {
			ck_assert_msg(i && m->str[i - 1] == '\r', "lone LF at %zu", i);
			line = 0;
			continue;
		}
		if (c == '\r')
			ck_assert_msg(m->str[i + 1] == '\n', "lone CR at %zu", i);
		else
			ck_assert_uint_le(++line, 998);
	}
	ck_assert_int_eq(m->str[m->len - 1], '\n');
}

START_TEST(a_message_reads_back_as_it_was_rendered)
{
	static const struct nurture_field fields[] = {FIELD("subject", "Gr\xc3\xbc\xc3\x9f"
							      "e, =?utf-8?Q?Jane?=!"), BODIES};
	struct nurture_touch touch = touch_of(fields, 3);
	begin("\r\n");
	GString *m = compose(&touch);
	assert_clean(m);
	GMimeMessage *parsed = parse(m);
	ck_assert_str_eq(g_mime_message_get_subject(parsed), "Gr\xc3\xbc\xc3\x9f"
							     "e, =?utf-8?Q?Jane?=!");
	ck_assert_str_eq(g_mime_object_get_header(GMIME_OBJECT(parsed), "Date"), "Tue, 14 Nov 2023 22:13:20 +0000");
	ck_assert_str_eq(g_mime_object_get_header(GMIME_OBJECT(parsed), "List-Unsubscribe"),
			 "<https://go.example.com/u/token?a=1&b=2>");
	ck_assert_str_eq(g_mime_object_get_header(GMIME_OBJECT(parsed), "List-Unsubscribe-Post"),
			 "List-Unsubscribe=One-Click");
	ck_assert_str_eq(g_mime_object_get_header(GMIME_OBJECT(parsed), "Feedback-ID"),
			 "thirty-day-nurture:thanks:marketing:example.com");
	char *text = part_text(parsed, 0), *html = part_text(parsed, 1);
	ck_assert_str_eq(text, "Hello Jane\r\n\r\n-- \r\nExample & Sons\r\n1 Main Street\r\nUnsubscribe: "
			       "https://go.example.com/u/token?a=1&b=2\r\n");
	ck_assert_ptr_nonnull(strstr(html, "<p>Hello Jane</p>"));
	ck_assert_ptr_nonnull(strstr(html, "Example &amp; Sons<br>"));
	ck_assert_ptr_nonnull(strstr(html, "href=\"https://go.example.com/u/token?a=1&amp;b=2\""));
	g_free(text);
	g_free(html);
	g_object_unref(parsed);
	g_string_free(m, TRUE);
	end();
}
END_TEST

START_TEST(what_the_template_placed_is_not_added_again)
{
	static const struct nurture_field fields[] = {
		FIELD("subject", "s"),
		FIELD("text", "Bye: https://go.example.com/u/token?a=1&b=2\nExample & Sons, \n"),
		FIELD("html", "<html><body><p>Example &amp; Sons<br />\n 1 Main Street</p>"
			      "<a href=\"https://go.example.com/u/token?a=1&amp;b=2\">no more</a></body></html>"),
	};
	struct nurture_touch touch = touch_of(fields, 3);
	begin("\r\n");
	GString *m = compose(&touch);
	GMimeMessage *parsed = parse(m);
	char *text = part_text(parsed, 0), *html = part_text(parsed, 1);
	ck_assert_ptr_null(strstr(text, "Unsubscribe:"));
	ck_assert_ptr_nonnull(strstr(text, "1 Main Street")); /* only half of it was there */
	ck_assert_ptr_null(strstr(html, "Unsubscribe"));
	ck_assert_ptr_null(strstr(strstr(html, "Sons") + 1, "Sons"));
	g_free(text);
	g_free(html);
	g_object_unref(parsed);
	g_string_free(m, TRUE);
	end();
}
END_TEST

/* However much stands behind it, and wherever it is cut when the end is looked at first. */
START_TEST(what_stands_far_from_the_end_is_not_added_again_either)
{
	static char text[16000];
	struct nurture_field fields[] = {FIELD("subject", "s"), {"text", text, 0}, FIELD("html", "<p>x</p>")};
	struct nurture_touch touch = touch_of(fields, 3);
	begin("\r\n");
	for (size_t behind = 0; behind < 14000; behind = behind < 900 ? behind + 1 : behind * 5 / 4) {
		int n = snprintf(text, sizeof text, "Bye: https://go.example.com/u/token?a=1&b=2\nExample & Sons\n1 Main Street\n");
		memset(text + n, 'x', behind);
		for (size_t i = 70; i < behind; i += 70)
			text[(size_t)n + i] = '\n';
		fields[1].length = (size_t)n + behind;
		text[fields[1].length] = '\0';
		GString *m = compose(&touch);
		GMimeMessage *parsed = parse(m);
		char *got = part_text(parsed, 0);
		ck_assert_msg(!strstr(got, "Unsubscribe:") && !strstr(strstr(got, "Main Street") + 1, "Main Street"), "with %zu behind it", behind);
		g_free(got);
		g_object_unref(parsed);
		g_string_free(m, TRUE);
	}
	end();
}
END_TEST

START_TEST(a_repeat_has_the_same_message_id)
{
	static const struct nurture_field fields[] = {FIELD("subject", "s"), BODIES};
	struct nurture_touch touch = touch_of(fields, 3);
	char *ids[3];
	begin("\r\n");
	for (int i = 0; i < 3; i++) {
		touch.attempt = (uint32_t)i + 1;
		touch.touch_id = i < 2 ? 42 : 43;
		GString *m = compose(&touch);
		GMimeMessage *parsed = parse(m);
		ids[i] = g_strdup(g_mime_message_get_message_id(parsed));
		ck_assert(g_str_has_suffix(ids[i], "@example.com"));
		g_object_unref(parsed);
		g_string_free(m, TRUE);
	}
	ck_assert_str_eq(ids[0], ids[1]);
	ck_assert_str_ne(ids[0], ids[2]);
	for (int i = 0; i < 3; i++)
		g_free(ids[i]);
	end();
}
END_TEST

START_TEST(no_field_adds_a_header)
{
	static const struct nurture_field fields[] = {
		FIELD("subject", "s\r\nBcc: eve@example.com\r\n\r\n<b>"),
		FIELD("from", "Eve\r\nBcc: eve@example.com <eve@example.org>"),
		FIELD("reply_to", "x\nX-Evil: 1 <r@example.org>"), BODIES};
	struct nurture_touch touch = touch_of(fields, 5);
	touch.name = "Jane\r\nBcc: eve@example.com";
	touch.campaign = "c\r\nBcc: eve@example.com";
	begin("\r\n");
	GString *m = compose(&touch);
	assert_clean(m);
	GMimeMessage *parsed = parse(m);
	ck_assert_ptr_null(g_mime_object_get_header(GMIME_OBJECT(parsed), "Bcc"));
	ck_assert_ptr_null(g_mime_object_get_header(GMIME_OBJECT(parsed), "X-Evil"));
	ck_assert_int_eq(internet_address_list_length(g_mime_message_get_to(parsed)), 1);
	ck_assert_int_eq(internet_address_list_length(g_mime_message_get_from(parsed)), 1);
	g_object_unref(parsed);
	g_string_free(m, TRUE);
	end();
}
END_TEST

START_TEST(headers_of_one_message_do_not_stay_for_the_next)
{
	static const struct nurture_field fields[] = {FIELD("subject", "s"), BODIES, FIELD("reply_to", "r@example.org")};
	struct nurture_touch touch = touch_of(fields, 4);
	begin("\r\n");
	for (int i = 0; i < 4; i++) {
		touch.field_count = i % 2 ? 3 : 4;
		touch.unsubscribe_url = i % 2 ? NULL : "https://go.example.com/u/t";
		GString *m = compose(&touch);
		ck_assert_int_eq(strstr(m->str, "Reply-To:") != NULL, i % 2 == 0);
		ck_assert_int_eq(strstr(m->str, "List-Unsubscribe:") != NULL, i % 2 == 0);
		ck_assert_int_eq(strstr(m->str, "List-Unsubscribe-Post:") != NULL, i % 2 == 0);
		g_string_free(m, TRUE);
	}
	end();
}
END_TEST

/* Nobody's holiday note answers either; "bulk" is what a crowd gets. A mailbox that is read is named beside the link, with the touch's token. */
START_TEST(what_is_automatic_says_so_and_what_can_be_left_says_how)
{
	static const struct nurture_field fields[] = {FIELD("subject", "Hi"), BODIES};
	struct address bounces;
	const char *why;
	begin("\r\n");
	struct nurture_touch touch = touch_of(fields, 3);
	touch.return_token = "abcdefghijklmnopqrstuvwxyz234567abcdefg";
	GString *m = compose(&touch);
	ck_assert(strstr(m->str, "\r\nAuto-Submitted: auto-generated\r\n") && strstr(m->str, "\r\nPrecedence: bulk\r\n") && !strstr(m->str, "mailto:"));
	g_string_free(m, TRUE);
	touch.purpose = "confirm";
	m = compose(&touch);
	ck_assert(strstr(m->str, "\r\nAuto-Submitted: auto-generated\r\n") && !strstr(m->str, "Precedence"));
	g_string_free(m, TRUE);
	composer_free(composer);
	ck_assert(address_parse("back@example.com", &bounces, &why));
	composer = composer_new(&(struct composer_settings){.from = &from, .newline = "\r\n", .unsubscribe_to = &bounces});
	m = compose(&touch);
	ck_assert(strstr(m->str, "\r\nList-Unsubscribe: <https://go.example.com/u/token?a=1&b=2>,\r\n"
				 " <mailto:back+abcdefghijklmnopqrstuvwxyz234567abcdefg@example.com?subject=unsubscribe>\r\n"));
	g_string_free(m, TRUE);
	touch.unsubscribe_url = NULL;
	m = compose(&touch);
	ck_assert(!strstr(m->str, "List-Unsubscribe"));
	g_string_free(m, TRUE);
	end();
}
END_TEST

START_TEST(what_can_be_no_message_is_refused_with_a_word)
{
	static const struct nurture_field good[] = {FIELD("subject", "s"), BODIES};
	static const struct nurture_field empty[] = {FIELD("subject", " \n"), BODIES};
	static const struct nurture_field forged[] = {FIELD("subject", "s"), BODIES, FIELD("from", "nobody")};
	struct nurture_touch touch = touch_of(good, 3);
	struct envelope envelope;
	char why[512] = "";
	begin("\r\n");
	touch.address = "jane@example.net\r\nRCPT TO:<eve@example.com>";
	ck_assert_int_eq(composer_compose(composer, &touch, 0, &envelope, why), COMPOSE_BAD_ADDRESS);
	touch = touch_of(good, 2);
	ck_assert_int_eq(composer_compose(composer, &touch, 0, &envelope, why), COMPOSE_BAD_TEMPLATE);
	touch = touch_of(empty, 3);
	ck_assert_int_eq(composer_compose(composer, &touch, 0, &envelope, why), COMPOSE_BAD_TEMPLATE);
	touch = touch_of(forged, 4);
	ck_assert_int_eq(composer_compose(composer, &touch, 0, &envelope, why), COMPOSE_BAD_TEMPLATE);
	ck_assert_str_eq(why, "the template's from \"nobody\": not an e-mail address");
	end();
}
END_TEST

/* All texts of up to 4 characters from a set that holds every trap. */
static size_t trap_text(char *text, unsigned number)
{
	static const char traps[] = {'\r', '\n', '.', 'a', ' ', '=', '\0', (char)0xC3};
	size_t n = 0;
	for (; number; number /= 9)
		if (number % 9)
			text[n++] = traps[number % 9 - 1];
	return n;
}

START_TEST(every_lone_cr_lf_and_dot_stays_in_one_message)
{
	char text[8];
	for (unsigned number = 1; number < 9 * 9 * 9 * 9; number++) {
		size_t n = trap_text(text, number);
		for (int kind = 0; kind < 3; kind++) {
			GString *out = g_string_new(NULL);
			if (kind == 0)
				transfer_append(out, text, n, "\r\n");
			else if (kind == 1)
				transfer_append_quoted(out, text, n, "\r\n");
			else
				transfer_append_base64(out, text, n, "\r\n");
			g_string_prepend(out, "X: y\r\n\r\n");
			assert_clean(out);
			transfer_stuff_dots(out);
			ck_assert_ptr_null(strstr(out->str, "\r\n.\r\n"));
			ck_assert_ptr_null(strstr(out->str, "=_"));
			g_string_free(out, TRUE);
		}
	}
}
END_TEST

/* The inverse, by GMime: lines come back with CRLF. */
static GString *decode(const GString *encoded, GMimeContentEncoding encoding)
{
	GMimeEncoding state;
	GString *out = g_string_sized_new(encoded->len + 1);
	g_mime_encoding_init_decode(&state, encoding);
	out->len = g_mime_encoding_step(&state, encoded->str, encoded->len, out->str);
	out->str[out->len] = '\0';
	return out;
}

static void append_canonical(GString *out, const char *text)
{
	for (; *text; text++)
		g_string_append(out, *text == '\n' ? "\r\n" : (char[]){*text, 0});
}

START_TEST(encodings_decode_to_what_they_were_made_of)
{
	static const GMimeContentEncoding encodings[] = {[TRANSFER_7BIT] = GMIME_CONTENT_ENCODING_7BIT,
							 [TRANSFER_QUOTED] = GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE,
							 [TRANSFER_BASE64] = GMIME_CONTENT_ENCODING_BASE64};
	static const char *const pieces[] = {"a", "word ", "\n", "  \n", ".\n", ".", "From me\n", "=", "\xc3\xbc", "\t\n",
					     "\xe2\x82\xac", "0123456789 0123456789 0123456789 0123456789 0123456789 ",
					     "\xf0\x9f\x98\x80", "=_x"};
	unsigned seed = 1;
	for (int round = 0; round < 3000; round++) {
		GString *text = g_string_new(NULL), *wanted = g_string_new(NULL), *out = g_string_new(NULL);
		for (int i = 0; i < 40; i++) {
			seed = seed * 1103515245 + 12345;
			g_string_append(text, pieces[(seed >> 16) % (sizeof pieces / sizeof *pieces)]);
		}
		g_string_append_c(text, '\n');
		append_canonical(wanted, text->str);
		enum transfer transfer = TRANSFER_QUOTED;
		if (round % 3 == 0)
			transfer = transfer_append(out, text->str, text->len, "\r\n");
		else if (round % 3 == 1)
			transfer_append_quoted(out, text->str, text->len, "\r\n");
		else
			transfer_append_base64(out, text->str, text->len, "\r\n"), transfer = TRANSFER_BASE64;
		GString *back = decode(out, encodings[transfer]);
		ck_assert_str_eq(back->str, wanted->str);
		g_string_free(back, TRUE);
		g_string_free(text, TRUE);
		g_string_free(wanted, TRUE);
		g_string_free(out, TRUE);
	}
}
END_TEST

START_TEST(quoted_lines_are_at_most_76_columns)
{
	char text[500];
	for (size_t i = 0; i < sizeof text; i++)
		text[i] = (char)(i % 7 == 3 ? '=' : i % 11 == 0 ? ' ' : 'x');
	for (size_t n = 1; n < sizeof text; n++) {
		GString *out = g_string_new(NULL);
		transfer_append_quoted(out, text, n, "\n");
		for (const char *line = out->str; *line; line = strchr(line, '\n') + 1)
			ck_assert_uint_le(strcspn(line, "\n"), 76);
		g_string_free(out, TRUE);
	}
}
END_TEST

START_TEST(dots_are_doubled_where_a_line_begins)
{
	GString *m = g_string_new(".a\r\nb.\r\n.\r\n..c\r\n");
	transfer_stuff_dots(m);
	ck_assert_str_eq(m->str, "..a\r\nb.\r\n..\r\n...c\r\n");
	g_string_free(m, TRUE);
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(a_message_reads_back_as_it_was_rendered),
	UNIT(what_the_template_placed_is_not_added_again),
	UNIT(what_stands_far_from_the_end_is_not_added_again_either),
	UNIT(a_repeat_has_the_same_message_id),
	UNIT(no_field_adds_a_header),
	UNIT(headers_of_one_message_do_not_stay_for_the_next),
	UNIT(what_is_automatic_says_so_and_what_can_be_left_says_how),
	UNIT(what_can_be_no_message_is_refused_with_a_word),
	UNIT(every_lone_cr_lf_and_dot_stays_in_one_message),
	UNIT(encodings_decode_to_what_they_were_made_of),
	UNIT(quoted_lines_are_at_most_76_columns),
	UNIT(dots_are_doubled_where_a_line_begins),
};
UNIT_MAIN("email/message", cases)
