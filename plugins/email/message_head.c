/* The fields of a message's header: see message_head.h. Called by message.c. */
#include "message_head.h"

#include "header.h"
#include "returns_verp.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

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
	[SLOT_PRECEDENCE] = "Precedence",                  /* of marketing alone: for those who answer by older rules (RFC 2076 3.9) */
};


/* Begins a header's value in h->value and says how many columns its line has taken. */
static size_t value_begin(struct message_head *h, enum slot slot)
{
	h->value = h->slots[slot];
	g_string_assign(h->value, " ");
	return strlen(slot_names[slot]) + 2;
}

static void value_end(struct message_head *h)
{
	g_string_append(h->value, h->newline);
}

static void value_none(struct message_head *h, enum slot slot)
{
	g_string_truncate(h->slots[slot], 0);
}

static void set_ascii(struct message_head *h, enum slot slot, const char *value)
{
	value_begin(h, slot);
	g_string_append(h->value, value);
	value_end(h);
}

static void set_mailbox(struct message_head *h, enum slot slot, const char *name, const struct address *address)
{
	size_t column = value_begin(h, slot);
	header_append_mailbox(h->value, name, address, column, h->newline);
	value_end(h);
}

static void set_date(struct message_head *h, int64_t now)
{
	static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
	static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
					     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	time_t seconds = (time_t)(now / 1000000);
	struct tm tm;
	if (h->slots[SLOT_DATE]->len && seconds == h->date)
		return;
	h->date = seconds;
	gmtime_r(&seconds, &tm);
	value_begin(h, SLOT_DATE);
	g_string_append_printf(h->value, "%s, %d %s %d %02d:%02d:%02d +0000", days[tm.tm_wday], tm.tm_mday,
			       months[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
	value_end(h);
}

/* The token proves in an answer or a bounce that it was ours. Without one: the touch's number alone would repeat when a database is begun anew, and providers
 * drop what they have seen: lead_id, hidden in a hash, makes that unlikely without showing it. */
static void set_message_id(struct message_head *h, const struct nurture_touch *touch, const char *domain)
{
	char ids[64];
	if (NURTURE_HAS(touch, return_token) && touch->return_token) {
		value_begin(h, SLOT_MESSAGE_ID);
		g_string_append_printf(h->value, "<%" PRId64 ".%.39s@%s>", touch->touch_id, touch->return_token, domain);
		value_end(h);
		return;
	}
	snprintf(ids, sizeof ids, "%" PRId64 "/%" PRId64, touch->touch_id, touch->lead_id);
	char *hash = g_compute_checksum_for_string(G_CHECKSUM_SHA256, ids, -1);
	value_begin(h, SLOT_MESSAGE_ID);
	g_string_append_printf(h->value, "<%" PRId64 ".%.16s@%s>", touch->touch_id, hash, domain);
	value_end(h);
	g_free(hash);
}

static void set_feedback(struct message_head *h, const struct nurture_touch *touch, const char *domain)
{
	const char *const words[] = {touch->campaign, touch->template_name, touch->purpose, domain};
	value_begin(h, SLOT_FEEDBACK);
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (i)
			g_string_append_c(h->value, ':');
		header_append_token(h->value, words[i] ? words[i] : "", 64);
	}
	value_end(h);
}

/* By mail, for programs that have no other way: what comes to that address with that subject takes the consent back (returns_message.c). */
static void append_mailto(struct message_head *h, const struct nurture_touch *touch)
{
	struct address to;
	if (h->unsubscribe_to && NURTURE_HAS(touch, return_token) && touch->return_token && verp_write(h->unsubscribe_to, touch->return_token, &to))
		g_string_append_printf(h->value, ",%s <mailto:%s?subject=unsubscribe>", h->newline, to.text);
}

static void set_unsubscribe(struct message_head *h, const struct nurture_touch *touch)
{
	const char *url = touch->unsubscribe_url;
	if (!url || !*url) {
		value_none(h, SLOT_UNSUBSCRIBE);
		value_none(h, SLOT_UNSUBSCRIBE_POST);
		return;
	}
	value_begin(h, SLOT_UNSUBSCRIBE);
	g_string_append_printf(h->value, "<%s>", url);
	append_mailto(h, touch);
	value_end(h);
	set_ascii(h, SLOT_UNSUBSCRIBE_POST, "List-Unsubscribe=One-Click");
}

void message_head_set(struct message_head *h, const struct nurture_touch *touch, const struct nurture_field *subject, int64_t now, const struct mailbox *from,
		      const struct mailbox *reply_to, const struct address *to)
{
	set_date(h, now);
	set_mailbox(h, SLOT_FROM, from->name, &from->address);
	set_mailbox(h, SLOT_TO, touch->name ? touch->name : "", to);
	if (reply_to)
		set_mailbox(h, SLOT_REPLY_TO, reply_to->name, &reply_to->address);
	else
		value_none(h, SLOT_REPLY_TO);
	size_t column = value_begin(h, SLOT_SUBJECT);
	header_append_text(h->value, subject->value, subject->length, column, h->newline);
	value_end(h);
	set_message_id(h, touch, from->address.domain);
	set_unsubscribe(h, touch);
	set_feedback(h, touch, from->address.domain);
	set_ascii(h, SLOT_AUTO, "auto-generated");
	if (touch->purpose && !strcmp(touch->purpose, "marketing"))
		set_ascii(h, SLOT_PRECEDENCE, "bulk");
	else
		value_none(h, SLOT_PRECEDENCE);
}

void message_head_append(const struct message_head *h, GString *out)
{
	for (size_t i = 0; i < SLOTS; i++) {
		if (!h->slots[i]->len)
			continue;
		g_string_append(out, slot_names[i]);
		g_string_append_c(out, ':');
		g_string_append_len(out, h->slots[i]->str, (gssize)h->slots[i]->len);
	}
	g_string_append(out, h->newline);
}

void message_head_init(struct message_head *h, const char *newline, const struct address *unsubscribe_to)
{
	*h = (struct message_head){.newline = newline, .unsubscribe_to = unsubscribe_to};
	for (size_t i = 0; i < SLOTS; i++)
		h->slots[i] = g_string_sized_new(128);
	set_ascii(h, SLOT_VERSION, "1.0");
}

void message_head_fini(struct message_head *h)
{
	for (size_t i = 0; i < SLOTS; i++)
		g_string_free(h->slots[i], TRUE);
}
