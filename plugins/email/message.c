/* From touch to message, by GMime: see message.h. Called by plugin.c. Never does input or output.
 *
 * GMime holds the tree and writes the headers of its parts, which change only with an encoding. The message's own headers are other ones
 * each time; GMime would encode them with its own ideas of charset and turn List-Unsubscribe into encoded words that no
 * mailbox provider reads, so they are made by header.c and written here. */
#include "message.h"

#include "attached.h"
#include "content.h"
#include "header.h"
#include "text.h"
#include "transfer.h"

#include <gmime/gmime.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

enum slot {
	SLOT_VERSION, SLOT_DATE, SLOT_FROM, SLOT_TO, SLOT_REPLY_TO, SLOT_SUBJECT, SLOT_MESSAGE_ID, SLOT_UNSUBSCRIBE,
	SLOT_UNSUBSCRIBE_POST, SLOT_FEEDBACK, SLOT_AUTO, SLOTS,
};

static const char *const slot_names[SLOTS] = {
	[SLOT_VERSION] = "MIME-Version",
	[SLOT_DATE] = "Date",
	[SLOT_FROM] = "From",
	[SLOT_TO] = "To",
	[SLOT_REPLY_TO] = "Reply-To",
	[SLOT_SUBJECT] = "Subject",
	[SLOT_MESSAGE_ID] = "Message-ID",
	[SLOT_UNSUBSCRIBE] = "List-Unsubscribe",           /* RFC 2369 */
	[SLOT_UNSUBSCRIBE_POST] = "List-Unsubscribe-Post", /* RFC 8058 */
	[SLOT_FEEDBACK] = "Feedback-ID",                   /* Gmail's complaint figures by campaign */
	[SLOT_AUTO] = "Auto-Submitted",                    /* RFC 3834: no holiday notes to a campaign, please */
};

enum part_slot { PART_TEXT, PART_HTML, PARTS };

enum { MESSAGE_MAX = 20 * 1024 * 1024 };

struct part {
	GMimePart *mime;  /* for its header; the body goes its own way */
	GString *header;  /* as GMime writes it, and the empty line behind it */
	GString *body;    /* before encoding */
	GString *encoded;
};

struct composer {
	struct composer_settings settings;
	GMimeMultipart *message;  /* not a GMimeMessage: that would parse every header which is set */
	GString *header;          /* of message, as GMime writes it */
	GString *slots[SLOTS];    /* values with their line ends; empty while the message has no such header */
	struct part parts[PARTS];
	GMimeFormatOptions *format;
	GMimeStream *out;
	GString *value; /* of the slot in hand */
};

/* A header as GMime writes it. */
static void read_header(struct composer *c, GString *out, GMimeObject *object)
{
	GByteArray *bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(c->out));
	g_mime_stream_reset(c->out);
	g_byte_array_set_size(bytes, 0);
	g_mime_header_list_write_to_stream(g_mime_object_get_header_list(object), c->format, c->out);
	g_string_truncate(out, 0);
	g_string_append_len(out, (const char *)bytes->data, (gssize)bytes->len);
}

static void read_part_header(struct composer *c, struct part *part)
{
	read_header(c, part->header, GMIME_OBJECT(part->mime));
	g_string_append(part->header, c->settings.newline);
}

static void part_init(struct part *part, GMimeMultipart *parent, const char *subtype)
{
	GMimeTextPart *text = g_mime_text_part_new_with_subtype(subtype);
	part->mime = GMIME_PART(text);
	part->body = g_string_sized_new(16384);
	part->encoded = g_string_sized_new(16384);
	part->header = g_string_sized_new(128);
	g_mime_object_set_content_type_parameter(GMIME_OBJECT(text), "charset", "utf-8");
	g_mime_multipart_add(parent, GMIME_OBJECT(text));
}

static GMimeMultipart *multipart_new(void)
{
	uint64_t random[2];
	char boundary[40];
	if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
		g_error("getrandom failed");
	snprintf(boundary, sizeof boundary, "=_%016" PRIx64 "%016" PRIx64, random[0], random[1]);
	GMimeMultipart *multipart = g_mime_multipart_new_with_subtype("alternative");
	g_mime_multipart_set_boundary(multipart, boundary); /* transfer.h: no body holds "=_" */
	return multipart;
}

/* Begins a header's value in c->value and says how many columns its line has taken. */
static size_t value_begin(struct composer *c, enum slot slot)
{
	c->value = c->slots[slot];
	g_string_assign(c->value, " ");
	return strlen(slot_names[slot]) + 2;
}

static void value_end(struct composer *c)
{
	g_string_append(c->value, c->settings.newline);
}

static void value_none(struct composer *c, enum slot slot)
{
	g_string_truncate(c->slots[slot], 0);
}

static void set_ascii(struct composer *c, enum slot slot, const char *value)
{
	value_begin(c, slot);
	g_string_append(c->value, value);
	value_end(c);
}

struct composer *composer_new(const struct composer_settings *settings)
{
	g_mime_init();
	struct composer *c = g_new0(struct composer, 1);
	c->settings = *settings;
	c->message = multipart_new();
	c->header = g_string_sized_new(128);
	for (size_t i = 0; i < SLOTS; i++)
		c->slots[i] = g_string_sized_new(128);
	c->format = g_mime_format_options_clone(g_mime_format_options_get_default());
	g_mime_format_options_set_newline_format(c->format, strcmp(settings->newline, "\r\n") ? GMIME_NEWLINE_FORMAT_UNIX
											       : GMIME_NEWLINE_FORMAT_DOS);
	part_init(&c->parts[PART_TEXT], c->message, "plain");
	part_init(&c->parts[PART_HTML], c->message, "html");
	c->out = g_mime_stream_mem_new();
	read_header(c, c->header, GMIME_OBJECT(c->message));
	for (size_t i = 0; i < PARTS; i++)
		read_part_header(c, &c->parts[i]);
	set_ascii(c, SLOT_VERSION, "1.0");
	return c;
}

void composer_free(struct composer *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < PARTS; i++) {
		g_object_unref(c->parts[i].mime);
		g_string_free(c->parts[i].body, TRUE);
		g_string_free(c->parts[i].encoded, TRUE);
		g_string_free(c->parts[i].header, TRUE);
	}
	for (size_t i = 0; i < SLOTS; i++)
		g_string_free(c->slots[i], TRUE);
	g_string_free(c->header, TRUE);
	g_object_unref(c->message);
	g_object_unref(c->out);
	g_mime_format_options_free(c->format);
	g_free(c);
}

static void set_mailbox(struct composer *c, enum slot slot, const char *name, const struct address *address)
{
	size_t column = value_begin(c, slot);
	header_append_mailbox(c->value, name, address, column, c->settings.newline);
	value_end(c);
}

static void set_date(struct composer *c, int64_t now)
{
	static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
	static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
					     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	time_t seconds = (time_t)(now / 1000000);
	struct tm tm;
	gmtime_r(&seconds, &tm);
	value_begin(c, SLOT_DATE);
	g_string_append_printf(c->value, "%s, %d %s %d %02d:%02d:%02d +0000", days[tm.tm_wday], tm.tm_mday,
			       months[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
	value_end(c);
}

/* The token proves in an answer or a bounce that it was ours. Without one: the touch's number alone would repeat when a database is begun anew, and providers
 * drop what they have seen: lead_id, hidden in a hash, makes that unlikely without showing it. */
static void set_message_id(struct composer *c, const struct nurture_touch *touch, const char *domain)
{
	char ids[64];
	if (NURTURE_HAS(touch, return_token) && touch->return_token) {
		value_begin(c, SLOT_MESSAGE_ID);
		g_string_append_printf(c->value, "<%" PRId64 ".%.39s@%s>", touch->touch_id, touch->return_token, domain);
		value_end(c);
		return;
	}
	snprintf(ids, sizeof ids, "%" PRId64 "/%" PRId64, touch->touch_id, touch->lead_id);
	char *hash = g_compute_checksum_for_string(G_CHECKSUM_SHA256, ids, -1);
	value_begin(c, SLOT_MESSAGE_ID);
	g_string_append_printf(c->value, "<%" PRId64 ".%.16s@%s>", touch->touch_id, hash, domain);
	value_end(c);
	g_free(hash);
}

static void set_feedback(struct composer *c, const struct nurture_touch *touch, const char *domain)
{
	const char *const words[] = {touch->campaign, touch->template_name, touch->purpose, domain};
	value_begin(c, SLOT_FEEDBACK);
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (i)
			g_string_append_c(c->value, ':');
		header_append_token(c->value, words[i] ? words[i] : "", 64);
	}
	value_end(c);
}

static void set_unsubscribe(struct composer *c, const char *url)
{
	if (!url || !*url) {
		value_none(c, SLOT_UNSUBSCRIBE);
		value_none(c, SLOT_UNSUBSCRIBE_POST);
		return;
	}
	value_begin(c, SLOT_UNSUBSCRIBE);
	g_string_append_printf(c->value, "<%s>", url);
	value_end(c);
	set_ascii(c, SLOT_UNSUBSCRIBE_POST, "List-Unsubscribe=One-Click");
}

static const struct nurture_field *field(const struct nurture_touch *touch, const char *name)
{
	static const struct nurture_field none = {.name = "", .value = "", .length = 0};
	for (size_t i = 0; i < touch->field_count; i++)
		if (!strcmp(touch->fields[i].name, name))
			return &touch->fields[i];
	return &none;
}

static bool is_blank(const struct nurture_field *f)
{
	for (size_t i = 0; i < f->length; i++)
		if (!g_ascii_isspace(f->value[i]))
			return false;
	return true;
}

/* The mailbox that a template's field names, else the one of the settings. 0: *out is one of them; *own must be freed. */
static int pick_mailbox(const struct nurture_field *f, const struct mailbox *standard, struct mailbox *own,
			const struct mailbox **out, char why[512])
{
	*out = standard;
	if (is_blank(f))
		return 0;
	const char *reason = NULL;
	GString *line = g_string_sized_new(f->length + 8);
	text_append_line(line, f->value, f->length, 1000);
	bool good = mailbox_parse(line->str, own, &reason);
	if (!good)
		snprintf(why, 512, "the template's %s \"%.200s\": %s", f->name, line->str, reason);
	g_string_free(line, TRUE);
	*out = own;
	return good ? 0 : -1;
}

static const char *const encoding_names[] = {
	[TRANSFER_7BIT] = "7bit",
	[TRANSFER_QUOTED] = "quoted-printable",
	[TRANSFER_BASE64] = "base64",
};

static void part_encode(struct composer *c, struct part *part)
{
	g_string_truncate(part->encoded, 0);
	enum transfer transfer = transfer_append(part->encoded, part->body->str, part->body->len, c->settings.newline);
	GMimeContentEncoding encoding = g_mime_content_encoding_from_string(encoding_names[transfer]);
	if (g_mime_part_get_content_encoding(part->mime) == encoding)
		return;
	g_mime_part_set_content_encoding(part->mime, encoding);
	read_part_header(c, part);
}

static void set_bodies(struct composer *c, const struct nurture_touch *touch)
{
	const struct nurture_field *text = field(touch, "text"), *html = field(touch, "html");
	GString *preheader = g_string_new(NULL);
	text_append_line(preheader, field(touch, "preheader")->value, field(touch, "preheader")->length, 500);
	struct content content = {
		.text = text->value,
		.text_length = text->length,
		.html = html->value,
		.html_length = html->length,
		.preheader = preheader->str,
		.unsubscribe_url = touch->unsubscribe_url,
		.postal_address = touch->postal_address,
	};
	g_string_truncate(c->parts[PART_TEXT].body, 0);
	g_string_truncate(c->parts[PART_HTML].body, 0);
	content_append_text(c->parts[PART_TEXT].body, &content);
	content_append_html(c->parts[PART_HTML].body, &content);
	for (size_t i = 0; i < PARTS; i++)
		part_encode(c, &c->parts[i]);
	g_string_free(preheader, TRUE);
}

/* Why the touch can be no message at all, or NULL. */
static const char *refusal(const struct nurture_touch *touch)
{
	const char *url = touch->unsubscribe_url;
	if (is_blank(field(touch, "subject")))
		return "the template rendered no subject";
	if (is_blank(field(touch, "html")) || is_blank(field(touch, "text")))
		return "the template rendered no html or no text";
	if (url && (!text_is_ascii(url, strlen(url)) || strpbrk(url, " <>\"") || strlen(url) > 900))
		return "the unsubscribe URL is no URL";
	return NULL;
}

static void set_headers(struct composer *c, const struct nurture_touch *touch, int64_t now, const struct mailbox *from,
			const struct mailbox *reply_to, const struct address *to)
{
	const struct nurture_field *subject = field(touch, "subject");
	set_date(c, now);
	set_mailbox(c, SLOT_FROM, from->name, &from->address);
	set_mailbox(c, SLOT_TO, touch->name ? touch->name : "", to);
	if (reply_to)
		set_mailbox(c, SLOT_REPLY_TO, reply_to->name, &reply_to->address);
	else
		value_none(c, SLOT_REPLY_TO);
	size_t column = value_begin(c, SLOT_SUBJECT);
	header_append_text(c->value, subject->value, subject->length, column, c->settings.newline);
	value_end(c);
	set_message_id(c, touch, from->address.domain);
	set_unsubscribe(c, touch->unsubscribe_url);
	set_feedback(c, touch, from->address.domain);
	set_ascii(c, SLOT_AUTO, "auto-generated");
}

static void append_part(const struct composer *c, GString *out, enum part_slot slot, const char *boundary)
{
	const struct part *part = &c->parts[slot];
	g_string_append_printf(out, "--%s%s", boundary, c->settings.newline);
	g_string_append_len(out, part->header->str, (gssize)part->header->len);
	g_string_append_len(out, part->encoded->str, (gssize)part->encoded->len);
	g_string_append(out, c->settings.newline);
}

/* The HTML, with the pictures that it shows beside it (RFC 2387). */
static void append_html(const struct composer *c, GString *out, const struct attached *files, const char *boundary)
{
	char related[ATTACHED_BOUNDARY];
	if (!files->shown) {
		append_part(c, out, PART_HTML, boundary);
		return;
	}
	attached_boundary(related, boundary, 'r');
	g_string_append_printf(out, "--%s%s", boundary, c->settings.newline);
	attached_append_head(out, "related; type=\"text/html\"", related, c->settings.newline);
	g_string_append(out, c->settings.newline);
	append_part(c, out, PART_HTML, related);
	attached_append_files(out, files, true, related, c->settings.newline);
	g_string_append_printf(out, "--%s--%s", related, c->settings.newline);
	g_string_append(out, c->settings.newline);
}

static void append_alternative(const struct composer *c, GString *out, const struct attached *files)
{
	const char *boundary = g_mime_multipart_get_boundary(c->message);
	append_part(c, out, PART_TEXT, boundary);
	append_html(c, out, files, boundary);
	g_string_append_printf(out, "--%s--%s", boundary, c->settings.newline);
}

static void append_slots(const struct composer *c, GString *out)
{
	for (size_t i = 0; i < SLOTS; i++) {
		if (!c->slots[i]->len)
			continue;
		g_string_append(out, slot_names[i]);
		g_string_append_c(out, ':');
		g_string_append_len(out, c->slots[i]->str, (gssize)c->slots[i]->len);
	}
	g_string_append(out, c->settings.newline);
}

/* The bodies are encoded already, so they are put between their boundaries here: GMime would look at each octet again. */
static GString *write_message(const struct composer *c, const struct attached *files)
{
	GString *out = g_string_sized_new(c->parts[PART_TEXT].encoded->len + c->parts[PART_HTML].encoded->len + attached_size(files) + 4096);
	const char *newline = c->settings.newline;
	char mixed[ATTACHED_BOUNDARY];
	if (!files->attached) {
		g_string_append_len(out, c->header->str, (gssize)c->header->len);
		append_slots(c, out);
		append_alternative(c, out, files);
		return out;
	}
	attached_boundary(mixed, g_mime_multipart_get_boundary(c->message), 'm');
	attached_append_head(out, "mixed", mixed, newline);
	append_slots(c, out);
	g_string_append_printf(out, "--%s%s", mixed, newline);
	g_string_append_len(out, c->header->str, (gssize)c->header->len);
	g_string_append(out, newline);
	append_alternative(c, out, files);
	g_string_append(out, newline);
	attached_append_files(out, files, false, mixed, newline);
	g_string_append_printf(out, "--%s--%s", mixed, newline);
	return out;
}

/* What no mailbox would take is refused here, with its largest part. */
static int check_size(const struct composer *c, const struct attached *files, char why[512])
{
	size_t text = c->parts[PART_TEXT].encoded->len, html = c->parts[PART_HTML].encoded->len, all = text + html + attached_size(files);
	const struct nurture_file *large = attached_largest(files);
	if (all <= MESSAGE_MAX)
		return 0;
	const char *name = large && large->length > html && large->length > text ? large->name : html > text ? "the HTML" : "the text";
	snprintf(why, 512, "the message has %.1f MB: %d MB are the most. The largest of it is %.200s", (double)all / (1024 * 1024), MESSAGE_MAX / (1024 * 1024), name);
	return -1;
}

enum compose_result composer_compose(struct composer *c, const struct nurture_touch *touch, int64_t now,
				     struct envelope *out, char why[512])
{
	struct mailbox own_from = {0}, own_reply = {0};
	const struct mailbox *from, *reply_to;
	const char *reason = refusal(touch);
	struct address to;
	enum compose_result result = COMPOSE_BAD_TEMPLATE;
	if (reason) {
		snprintf(why, 512, "%s", reason);
		return result;
	}
	if (!address_parse(touch->address ? touch->address : "", &to, &reason)) {
		snprintf(why, 512, "5.1.3 %s", reason);
		return COMPOSE_BAD_ADDRESS;
	}
	if (pick_mailbox(field(touch, "from"), c->settings.from, &own_from, &from, why) ||
	    pick_mailbox(field(touch, "reply_to"), c->settings.reply_to, &own_reply, &reply_to, why))
		goto out;
	set_headers(c, touch, now, from, reply_to, &to);
	set_bodies(c, touch);
	struct attached files = attached_of(touch);
	if (check_size(c, &files, why))
		goto out;
	GString *message = write_message(c, &files);
	if (c->settings.dkim && !dkim_sign(c->settings.dkim, message, c->settings.newline, now)) {
		snprintf(why, 512, "the message could not be signed (dkim)");
		g_string_free(message, TRUE);
		goto out;
	}
	out->message = message;
	address_copy(&out->recipient, &to);
	address_copy(&out->sender, c->settings.return_path ? c->settings.return_path : &from->address);
	result = COMPOSED;
out:
	mailbox_fini(&own_from);
	mailbox_fini(&own_reply);
	return result;
}
