/* From the bytes of a message to what came back: see returns_came.h.
 *
 *   parts ──► delivery report │ feedback report │ receipt ─┐
 *     └─────► a bounce in words (empty return path, a daemon's name, X-Failed-Recipients) ──► came
 *     └─────► an automatic answer │ a person's answer ────┘
 *
 * GMime parses (at most 1,024 parts deep); of what it finds at most DEPTH levels and PARTS parts are looked at. The token is looked for where it proves most:
 * whom the message was delivered to, what it answers, the header of the message that it brings back, and last, of bounces, its words. */
#include "returns_came.h"

#include "returns_report.h"

#include <gmime/gmime.h>
#include <string.h>

enum { DEPTH = 16, PARTS = 64, LOOKED = 256 * 1024 /* bytes of a part */ };

struct reading {
	GMimeMessage *message;
	char *text, *html;        /* the first of each that is no attachment; UTF-8 */
	char *delivery, *feedback;
	char *original;           /* the header of what was brought back */
	bool receipt;             /* message/disposition-notification */
	bool report;              /* multipart/report */
	int parts;
};

const char *came_kind_name(enum came_kind kind)
{
	static const char *const names[CAME_KINDS] = {
		[CAME_NOTHING] = "nothing",     [CAME_HARD] = "hard",             [CAME_SOFT] = "soft",   [CAME_REFUSED] = "refused",
		[CAME_COMPLAINT] = "complaint", [CAME_AUTO_REPLY] = "auto_reply", [CAME_REPLY] = "reply", [CAME_UNSUBSCRIBE] = "unsubscribe",
	};
	return names[kind];
}

/* ---- parts ---- */

/* The bytes of a part, decoded, as a text without NUL. */
static char *part_bytes(GMimePart *part)
{
	GMimeDataWrapper *content = g_mime_part_get_content(part);
	if (!content)
		return g_strdup("");
	GMimeStream *stream = g_mime_stream_mem_new();
	g_mime_data_wrapper_write_to_stream(content, stream);
	GByteArray *bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream));
	gsize n = bytes->len < LOOKED ? bytes->len : LOOKED;
	char *out = g_malloc(n + 1);
	gsize kept = 0;
	for (gsize i = 0; i < n; i++)
		if (bytes->data[i])
			out[kept++] = (char)bytes->data[i];
	out[kept] = '\0';
	g_object_unref(stream);
	return out;
}

/* In UTF-8, whatever charset it says and whatever it is: UTF-8 where it is that, else as it says, else as Windows wrote it. */
static char *part_text(GMimePart *part)
{
	const char *charset = g_mime_object_get_content_type_parameter(GMIME_OBJECT(part), "charset");
	char *bytes = part_bytes(part), *out = NULL;
	if (!g_utf8_validate(bytes, -1, NULL) || (charset && !g_ascii_strncasecmp(charset, "iso-2022", 8)) || (charset && !g_ascii_strncasecmp(charset, "utf-7", 5))) {
		if (charset)
			out = g_convert(bytes, -1, "UTF-8", charset, NULL, NULL, NULL);
		if (!out)
			out = g_convert(bytes, -1, "UTF-8", "WINDOWS-1252", NULL, NULL, NULL);
	}
	if (!out)
		out = g_utf8_make_valid(bytes, -1);
	g_free(bytes);
	for (char *p = out; *p; p++) /* controls, and CR before LF */
		if ((unsigned char)*p < 0x20 && *p != '\n' && *p != '\t')
			*p = ' ';
	return out;
}

static bool is_attachment(GMimeObject *part)
{
	const char *disposition = g_mime_object_get_disposition(part);
	return disposition && !g_ascii_strcasecmp(disposition, "attachment");
}

static void keep(char **slot, char *text)
{
	if (*slot)
		g_free(text);
	else
		*slot = text;
}

static void read_leaf(struct reading *r, GMimePart *part)
{
	GMimeContentType *type = g_mime_object_get_content_type(GMIME_OBJECT(part));
	if (g_mime_content_type_is_type(type, "message", "delivery-status") || g_mime_content_type_is_type(type, "message", "global-delivery-status"))
		keep(&r->delivery, part_bytes(part));
	else if (g_mime_content_type_is_type(type, "message", "feedback-report"))
		keep(&r->feedback, part_bytes(part));
	else if (g_mime_content_type_is_type(type, "message", "disposition-notification"))
		r->receipt = true;
	else if (g_mime_content_type_is_type(type, "text", "rfc822-headers") || g_mime_content_type_is_type(type, "message", "global-headers") ||
		 g_mime_content_type_is_type(type, "message", "rfc822"))
		keep(&r->original, part_bytes(part));
	else if (is_attachment(GMIME_OBJECT(part)))
		return;
	else if (g_mime_content_type_is_type(type, "text", "plain") && !r->text)
		r->text = part_text(part);
	else if (g_mime_content_type_is_type(type, "text", "html") && !r->html)
		r->html = part_text(part);
}

static void read_part(struct reading *r, GMimeObject *part, int depth)
{
	if (!part || depth > DEPTH || r->parts++ > PARTS)
		return;
	if (GMIME_IS_MULTIPART(part)) {
		GMimeContentType *type = g_mime_object_get_content_type(part);
		r->report = r->report || g_mime_content_type_is_type(type, "multipart", "report");
		int n = g_mime_multipart_get_count(GMIME_MULTIPART(part));
		for (int i = 0; i < n && i < PARTS; i++)
			read_part(r, g_mime_multipart_get_part(GMIME_MULTIPART(part), i), depth + 1);
	} else if (GMIME_IS_MESSAGE_PART(part)) {
		GMimeMessage *inner = g_mime_message_part_get_message(GMIME_MESSAGE_PART(part));
		if (inner && !r->original)
			r->original = g_mime_object_get_headers(GMIME_OBJECT(inner), NULL);
	} else if (GMIME_IS_PART(part)) {
		read_leaf(r, GMIME_PART(part));
	}
}

static void reading_fini(struct reading *r)
{
	g_free(r->text), g_free(r->html), g_free(r->delivery), g_free(r->feedback), g_free(r->original);
	if (r->message)
		g_object_unref(r->message);
}

/* ---- headers ---- */

static const char *header(const struct reading *r, const char *name)
{
	return g_mime_object_get_header(GMIME_OBJECT(r->message), name);
}

/* Decoded, one line, at most so many bytes. */
static char *header_text(const struct reading *r, const char *name)
{
	const char *raw = header(r, name);
	char line[CAME_REASON + 1];
	if (!raw)
		return NULL;
	char *decoded = g_mime_utils_header_decode_text(NULL, raw);
	report_reason(decoded ? decoded : raw, line);
	g_free(decoded);
	return g_strdup(line);
}

static bool find_in_header(const struct reading *r, const char *name, char token[VERP_TOKEN + 1])
{
	GMimeHeaderList *list = g_mime_object_get_header_list(GMIME_OBJECT(r->message));
	int n = g_mime_header_list_get_count(list);
	for (int i = 0; i < n; i++) {
		GMimeHeader *h = g_mime_header_list_get_header_at(list, i);
		const char *value = g_mime_header_get_raw_value(h);
		if (!g_ascii_strcasecmp(g_mime_header_get_name(h), name) && value && verp_find(value, strlen(value), token))
			return true;
	}
	return false;
}

static bool find_in(const char *text, char token[VERP_TOKEN + 1])
{
	return text && verp_find(text, strlen(text), token);
}

/* machine: a bounce or a report, whose words may name the message; a person's words quote it, which proves no more than any mail that was passed on. */
static void find_token(const struct reading *r, const char *recipient, bool machine, struct came *out)
{
	static const char *const to[] = {"Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "X-Delivered-To", "To", "Cc"};
	static const char *const answers[] = {"In-Reply-To", "References", "X-Original-Message-ID", "Original-Message-ID"};
	bool found = find_in(recipient, out->token);
	for (size_t i = 0; !found && i < sizeof to / sizeof *to; i++)
		found = find_in_header(r, to[i], out->token);
	for (size_t i = 0; !found && i < sizeof answers / sizeof *answers; i++)
		found = find_in_header(r, answers[i], out->token);
	if (found || !machine)
		return;
	(void)(find_in(r->original, out->token) || find_in(r->delivery, out->token) || find_in(r->feedback, out->token) || find_in(r->text, out->token));
}

static bool returns_nowhere(const struct reading *r)
{
	const char *path = header(r, "Return-Path");
	if (!path)
		return false;
	char *copy = g_strstrip(g_strdup(path));
	bool empty = !*copy || !strcmp(copy, "<>");
	g_free(copy);
	return empty;
}

/* Who wrote: the address of From. */
static void read_sender(const struct reading *r, char out[ADDRESS_MAX + 1])
{
	InternetAddressList *from = g_mime_message_get_from(r->message);
	for (int i = 0; from && i < internet_address_list_length(from); i++) {
		InternetAddress *each = internet_address_list_get_address(from, i);
		if (INTERNET_ADDRESS_IS_MAILBOX(each)) {
			const char *address = internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(each));
			if (address)
				report_address(address, out);
			return;
		}
	}
}

/* ---- bounces in words ---- */

static bool from_daemon(const struct reading *r)
{
	static const char *const names[] = {"mailer-daemon", "postmaster", "mail delivery s", "mailerdaemon", "mail-daemon", "microsoftexchange", "mdaemon"};
	const char *from = header(r, "From");
	char *low = g_ascii_strdown(from ? from : "", -1);
	bool found = false;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		found = found || strstr(low, names[i]) != NULL;
	g_free(low);
	return found;
}

static bool is_bounce_in_words(const struct reading *r, const char *subject)
{
	const char *submitted = header(r, "Auto-Submitted");
	bool machine = returns_nowhere(r) || from_daemon(r) || (submitted && !g_ascii_strncasecmp(submitted, "auto-generated", 14));
	return header(r, "X-Failed-Recipients") || (r->report && !r->receipt) || (machine && (came_subject_of_bounce(subject) || from_daemon(r)));
}

static void read_bounce_in_words(const struct reading *r, struct came *out)
{
	const char *failed = header(r, "X-Failed-Recipients");
	char *html = !r->text && r->html ? came_html_text(r->html) : NULL;
	came_words(r->text ? r->text : html ? html : "", failed != NULL, out);
	g_free(html);
	if (failed) {
		char *first = g_strndup(failed, strcspn(failed, ","));
		report_address(first, out->address);
		g_free(first);
	}
}

/* ---- answers ---- */

static void put(struct came *out, const char *name, const char *value, size_t most)
{
	if (!value || !*value)
		return;
	char *cut = g_strndup(value, strnlen(value, most)), *valid = g_utf8_make_valid(cut, -1);
	json_object_set_new(out->data, name, json_string(valid));
	g_free(valid);
	g_free(cut);
}

static void read_answer(const struct reading *r, const char *subject, struct came *out)
{
	char *html = !r->text && r->html ? came_html_text(r->html) : NULL, *own, *quoted, until[11];
	const char *text = r->text ? r->text : html ? html : "";
	struct auto_signs signs = {
		.auto_submitted = header(r, "Auto-Submitted"), .precedence = header(r, "Precedence"), .subject = subject, .text = text,
		.marked = header(r, "X-Autoreply") || header(r, "X-Autorespond") || header(r, "X-Autogenerated") || header(r, "X-Mail-Autoreply") ||
			  header(r, "X-Auto-Response-Suppress") || header(r, "X-AutoReply-From") || header(r, "X-Vacation") || header(r, "X-POST-MessageClass"),
		.returns_nowhere = returns_nowhere(r)};
	enum auto_answer automatic = came_is_auto(&signs);
	came_split(text, &own, &quoted);
	g_free(html);
	out->kind = automatic == AUTO_CHALLENGE ? CAME_NOTHING : automatic == AUTO_REPLY ? CAME_AUTO_REPLY : CAME_REPLY;
	out->why = automatic == AUTO_CHALLENGE ? "challenge" : automatic == AUTO_REPLY ? "automatic answer" : "answer";
	read_sender(r, out->address);
	put(out, "text", own, CAME_TEXT);
	put(out, "quoted", quoted, CAME_QUOTED);
	if (automatic == AUTO_REPLY && ((subject && came_find_date(subject, until)) || came_find_date(own, until)))
		put(out, "until", until, 10);
	g_free(own);
	g_free(quoted);
}

/* What our List-Unsubscribe names as the subject (message.c); mail programs send it by themselves, so it may look automatic. */
static bool is_unsubscribe(const char *subject)
{
	char *copy = g_strstrip(g_strdup(subject ? subject : ""));
	bool is = !g_ascii_strcasecmp(copy, "unsubscribe");
	g_free(copy);
	return is;
}

/* ---- all of it ---- */

static void read_ids(const struct reading *r, const char *bytes, size_t length, struct came *out)
{
	char *id = header_text(r, "Message-ID"), *answers = header_text(r, "In-Reply-To"), *thread = header_text(r, "References");
	char *hash = id && strlen(id) > 2 ? g_compute_checksum_for_string(G_CHECKSUM_SHA256, id, -1)
					  : g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *)bytes, length);
	g_strlcpy(out->key, hash, sizeof out->key);
	put(out, "message_id", id, CAME_REASON);
	put(out, "in_reply_to", answers, CAME_REASON);
	put(out, "references", thread, CAME_REASON);
	g_free(hash), g_free(id), g_free(answers), g_free(thread);
}

static GMimeMessage *parse(const char *bytes, size_t length)
{
	GMimeStream *stream = g_mime_stream_mem_new_with_buffer(bytes, length);
	GMimeParser *parser = g_mime_parser_new_with_stream(stream);
	GMimeMessage *message = g_mime_parser_construct_message(parser, NULL);
	g_object_unref(parser);
	g_object_unref(stream);
	return message;
}

bool came_read(const char *bytes, size_t length, const char *recipient, struct came *out)
{
	struct reading r = {0};
	*out = (struct came){.why = "no message"};
	r.message = length ? parse(bytes, length) : NULL;
	if (!r.message || g_mime_header_list_get_count(g_mime_object_get_header_list(GMIME_OBJECT(r.message))) == 0) {
		reading_fini(&r);
		return false;
	}
	out->data = json_object();
	read_part(&r, g_mime_message_get_mime_part(r.message), 0);
	char *subject = header_text(&r, "Subject");
	bool machine = true;
	if (r.delivery)
		report_delivery(r.delivery, out);
	else if (r.feedback)
		report_feedback(r.feedback, out);
	else if (r.receipt)
		out->why = "receipt";
	else if (is_bounce_in_words(&r, subject))
		read_bounce_in_words(&r, out);
	else {
		machine = false;
		read_answer(&r, subject, out);
	}
	find_token(&r, recipient, machine, out);
	if (!machine && out->token[0] && is_unsubscribe(subject)) {
		out->kind = CAME_UNSUBSCRIBE;
		out->why = "unsubscribe";
	}
	put(out, "subject", subject, CAME_REASON);
	read_ids(&r, bytes, length, out);
	g_free(subject);
	reading_fini(&r);
	return true;
}

void came_fini(struct came *came)
{
	json_decref(came->data);
	*came = (struct came){0};
}
