/* The sections, in the order in which they are told, and the one JSON object that they become. A new table that holds what is known of people gets a row here; what plugins keep in
 * tables of their own comes by `channels`. */
#include "report/person.h"

#include <stdlib.h>

const struct report_section report_person[REPORT_PERSON_SECTIONS] = {
	{"leads", "person_leads", false, false},
	{"account", "person_account", false, false},
	{"identities", "person_identities", false, false},
	{"consent", "person_consent", false, false},
	{"suppressions", "person_suppressions", false, false},
	{"scores", "person_scores", false, false},
	{"events", "person_events", true, false},
	{"score_changes", "person_score_changes", true, false},
	{"enrollments", "person_enrollments", false, false},
	{"campaign_log", "person_campaign_log", true, false},
	{"touches", "person_touches", true, false},
	{"handoffs", "person_handoffs", false, false},
	{"opportunities", "person_opportunities", false, false},
	{"import_errors", "person_import_errors", false, false},
	{"audit", "person_audit", false, false},
	{"channels", "person_channels", true, true},
};

static void put(struct report_person_text *text, const json_t *value)
{
	char *dumped = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY | text->flags);
	buf_puts(&text->out, dumped ? dumped : "null");
	free(dumped);
}

static void close_channel(struct report_person_text *text)
{
	if (text->channel)
		buf_puts(&text->out, "]");
	json_decref(text->channel);
	text->channel = NULL;
}

/* The list of this channel is open, also where the page before ended in it. */
static void open_channel(struct report_person_text *text, json_t *channel)
{
	if (text->channel && json_equal(text->channel, channel))
		return;
	const char *between = text->channel ? ",\n " : "\n ";
	close_channel(text);
	buf_puts(&text->out, between);
	put(text, channel);
	buf_puts(&text->out, ": [");
	text->channel = json_incref(channel);
	text->any = false;
}

void report_person_begin(struct report_person_text *text, size_t section)
{
	buf_printf(&text->out, "%s\"%s\": %s", section ? ",\n" : "{", report_person[section].name, report_person[section].by_channel ? "{" : "[");
	text->any = false;
}

void report_person_rows(struct report_person_text *text, size_t section, json_t *rows)
{
	size_t i;
	json_t *row;
	json_array_foreach (rows, i, row) {
		if (report_person[section].by_channel) {
			open_channel(text, json_object_get(row, "channel"));
			json_object_del(row, "channel");
		}
		json_object_del(row, "cursor");
		buf_puts(&text->out, text->any ? ",\n  " : "\n  ");
		put(text, row);
		text->any = true;
	}
}

void report_person_end(struct report_person_text *text, size_t section)
{
	close_channel(text);
	buf_puts(&text->out, report_person[section].by_channel ? "}" : "]");
	if (section + 1 == REPORT_PERSON_SECTIONS)
		buf_puts(&text->out, "}\n");
}

void report_person_fini(struct report_person_text *text)
{
	json_decref(text->channel);
	text->channel = NULL;
	buf_fini(&text->out);
}
