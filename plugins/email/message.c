/* From touch to message, by GMime: see message.h. Called by plugin.c. Never does input or output.
 *
 * GMime holds the tree and writes the headers of its parts, which change only with an encoding. The message's own headers are other ones
 * each time; GMime would encode them with its own ideas of charset and turn List-Unsubscribe into encoded words that no
 * mailbox provider reads, so they are made by message_head.c and written here. */
#include "message.h"

#include "attached.h"
#include "content.h"
#include "message_head.h"
#include "text.h"
#include "transfer.h"

#include <gmime/gmime.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

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
	struct message_head head;
	struct part parts[PARTS];
	GMimeFormatOptions *format;
	GMimeStream *out;
	struct encoded *encoded; /* files of messages before this one */
	const char *broken; /* composer_broken */
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

struct composer *composer_new(const struct composer_settings *settings)
{
	g_mime_init();
	struct composer *c = g_new0(struct composer, 1);
	c->settings = *settings;
	c->message = multipart_new();
	c->header = g_string_sized_new(128);
	message_head_init(&c->head, settings->newline, settings->unsubscribe_to);
	c->format = g_mime_format_options_clone(g_mime_format_options_get_default());
	g_mime_format_options_set_newline_format(c->format, strcmp(settings->newline, "\r\n") ? GMIME_NEWLINE_FORMAT_UNIX
											       : GMIME_NEWLINE_FORMAT_DOS);
	part_init(&c->parts[PART_TEXT], c->message, "plain");
	part_init(&c->parts[PART_HTML], c->message, "html");
	c->out = g_mime_stream_mem_new();
	read_header(c, c->header, GMIME_OBJECT(c->message));
	for (size_t i = 0; i < PARTS; i++)
		read_part_header(c, &c->parts[i]);
	c->encoded = encoded_new(c->settings.newline);
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
	message_head_fini(&c->head);
	encoded_free(c->encoded);
	g_string_free(c->header, TRUE);
	g_object_unref(c->message);
	g_object_unref(c->out);
	g_mime_format_options_free(c->format);
	g_free(c);
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

const char *composer_broken(const struct composer *c)
{
	return c->broken;
}

/* Why the touch can be no message at all, or NULL. */
static const char *refusal(struct composer *c, const struct nurture_touch *touch)
{
	const char *url = touch->unsubscribe_url;
	c->broken = "subject";
	if (is_blank(field(touch, "subject")))
		return "the template rendered no subject";
	c->broken = "html";
	if (is_blank(field(touch, "html")) || is_blank(field(touch, "text")))
		return "the template rendered no html or no text";
	c->broken = NULL;
	if (url && (!text_is_ascii(url, strlen(url)) || strpbrk(url, " <>\"") || strlen(url) > 900))
		return "the unsubscribe URL is no URL";
	return NULL;
}

static void append_boundary(const struct composer *c, GString *out, const char *boundary, bool last)
{
	g_string_append(out, "--");
	g_string_append(out, boundary);
	g_string_append(out, last ? "--" : "");
	g_string_append(out, c->settings.newline);
}

static void append_part(const struct composer *c, GString *out, enum part_slot slot, const char *boundary)
{
	const struct part *part = &c->parts[slot];
	append_boundary(c, out, boundary, false);
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
	append_boundary(c, out, boundary, false);
	attached_append_head(out, "related; type=\"text/html\"", related, c->settings.newline);
	g_string_append(out, c->settings.newline);
	append_part(c, out, PART_HTML, related);
	attached_append_files(out, c->encoded, files, true, related, c->settings.newline);
	append_boundary(c, out, related, true);
	g_string_append(out, c->settings.newline);
}

static void append_alternative(const struct composer *c, GString *out, const struct attached *files)
{
	const char *boundary = g_mime_multipart_get_boundary(c->message);
	append_part(c, out, PART_TEXT, boundary);
	append_html(c, out, files, boundary);
	append_boundary(c, out, boundary, true);
}

/* The bodies are encoded already, so they are put between their boundaries here: GMime would look at each octet again. */
static GString *write_message(const struct composer *c, const struct attached *files)
{
	GString *out = g_string_sized_new(c->parts[PART_TEXT].encoded->len + c->parts[PART_HTML].encoded->len + attached_size(files) + 4096);
	const char *newline = c->settings.newline;
	char mixed[ATTACHED_BOUNDARY];
	if (!files->attached) {
		g_string_append_len(out, c->header->str, (gssize)c->header->len);
		message_head_append(&c->head, out);
		append_alternative(c, out, files);
		return out;
	}
	attached_boundary(mixed, g_mime_multipart_get_boundary(c->message), 'm');
	attached_append_head(out, "mixed", mixed, newline);
	message_head_append(&c->head, out);
	append_boundary(c, out, mixed, false);
	g_string_append_len(out, c->header->str, (gssize)c->header->len);
	g_string_append(out, newline);
	append_alternative(c, out, files);
	g_string_append(out, newline);
	attached_append_files(out, c->encoded, files, false, mixed, newline);
	append_boundary(c, out, mixed, true);
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
	const char *reason = refusal(c, touch);
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
	c->broken = "from";
	if (pick_mailbox(field(touch, "from"), c->settings.from, &own_from, &from, why))
		goto out;
	c->broken = "reply_to";
	if (pick_mailbox(field(touch, "reply_to"), c->settings.reply_to, &own_reply, &reply_to, why))
		goto out;
	message_head_set(&c->head, touch, field(touch, "subject"), now, from, reply_to, &to);
	set_bodies(c, touch);
	struct attached files = attached_of(touch);
	c->broken = "";
	if (check_size(c, &files, why))
		goto out;
	c->broken = NULL;
	GString *message = write_message(c, &files);
	if (c->settings.dkim && !dkim_sign(c->settings.dkim, message, c->settings.newline, now)) {
		snprintf(why, 512, "the message could not be signed (dkim)");
		g_string_free(message, TRUE);
		goto out;
	}
	out->message = message;
	address_copy(&out->recipient, &to);
	address_copy(&out->sender, c->settings.return_path ? c->settings.return_path : &from->address);
	out->utf8 = to.utf8 || from->address.utf8 || (reply_to && reply_to->address.utf8);
	result = COMPOSED;
out:
	mailbox_fini(&own_from);
	mailbox_fini(&own_reply);
	return result;
}
