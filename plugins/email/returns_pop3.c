/* A mailbox by POP3 (RFC 1939): see returns_box.h. There are no folders and no marks: what is done is deleted, at the end of the session; what a person must
 * look at stays, and is passed over by its UIDL for as long as this process lives. */
#include "returns_box.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool ordered(struct dialog *d, const char *what)
{
	const char *line = dialog_line(d);
	if (line && !g_str_has_prefix(line, "+OK"))
		dialog_fail(d, "%s: %.200s", what, line);
	return line && g_str_has_prefix(line, "+OK");
}

static int pop3_list(struct dialog *d, const char *folder, enum box_after after, GHashTable *aside, struct box_item *items)
{
	const char *line;
	int count = 0;
	(void)folder, (void)after;
	if (!dialog_say(d, "UIDL\r\n") || !ordered(d, "UIDL"))
		return -1;
	while ((line = dialog_line(d)) && strcmp(line, ".") != 0) {
		char *end;
		unsigned long number = strtoul(line, &end, 10);
		if (!number || *end != ' ' || count == BOX_LIST || g_hash_table_contains(aside, end + 1))
			continue;
		items[count].number = number;
		g_strlcpy(items[count++].name, end + 1, sizeof items->name);
	}
	return line ? count : -1;
}

static enum box_got pop3_read(struct dialog *d, const struct box_item *item, GByteArray *into)
{
	const char *line;
	if (!dialog_say(d, "RETR %lu\r\n", (unsigned long)item->number) || !(line = dialog_line(d)))
		return BOX_BROKEN;
	if (!g_str_has_prefix(line, "+OK"))
		return BOX_REFUSED;
	while ((line = dialog_line(d)) && strcmp(line, ".") != 0) {
		size_t n;
		line += *line == '.'; /* RFC 1939, 3: dots at the beginning are doubled */
		n = strlen(line);
		if (into->len + n + 2 > BOX_MESSAGE)
			continue;
		g_byte_array_append(into, (const guint8 *)line, (guint)n);
		g_byte_array_append(into, (const guint8 *)"\r\n", 2);
	}
	return line ? BOX_GOT : BOX_BROKEN;
}

static bool pop3_settle(struct dialog *d, const struct box_item *item, enum box_fate fate, enum box_after after, const char *to)
{
	(void)after, (void)to;
	return fate != BOX_DONE || (dialog_say(d, "DELE %lu\r\n", (unsigned long)item->number) && ordered(d, "DELE"));
}

static bool pop3_end(struct dialog *d)
{
	return dialog_say(d, "QUIT\r\n") && ordered(d, "QUIT");
}

const struct box_kind box_pop3 = {.list = pop3_list, .read = pop3_read, .settle = pop3_settle, .end = pop3_end};
