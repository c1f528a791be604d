/* A mailbox by IMAP4rev1 (RFC 3501; RFC 6851 MOVE, RFC 4315 UIDPLUS where they are there): see returns_box.h. Nothing of a message is changed by reading it. */
#include "returns_box.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A folder's name as a quoted string, in modified UTF-7 (RFC 3501 5.1.3): "R&D" is "R&-D". Names of ours hold no line ends (settings_returns.c). */
static char *quoted(const char *text)
{
	GString *out = g_string_new("\"");
	char *name = g_convert(text, -1, "UTF-7-IMAP", "UTF-8", NULL, NULL, NULL);
	for (const char *p = name ? name : text; *p; p++) {
		if (*p == '"' || *p == '\\')
			g_string_append_c(out, '\\');
		g_string_append_c(out, *p);
	}
	g_string_append_c(out, '"');
	g_free(name);
	return g_string_free(out, FALSE);
}

/* The size of the literal that a line ends with; -1: it ends with none. */
static long literal(const char *line)
{
	size_t n = strlen(line);
	const char *open = n && line[n - 1] == '}' ? strrchr(line, '{') : NULL;
	char *end;
	if (!open)
		return -1;
	long size = strtol(open + 1, &end, 10);
	return *end == '}' && size >= 0 ? size : -1;
}

typedef void line_fn(void *arg, const char *line);

/* Reads to the answer with our tag. Literals are kept in *into where one is wanted. 0 OK, 1 NO or BAD (text in *said), -1 failed. */
static int answer(struct dialog *d, line_fn *fn, void *arg, GByteArray *into, char said[DIALOG_WHY])
{
	const char *line;
	while ((line = dialog_line(d))) {
		if (g_str_has_prefix(line, "n1 ")) {
			snprintf(said, DIALOG_WHY, "%s", line + 3);
			return g_ascii_strncasecmp(line + 3, "OK", 2) != 0;
		}
		long size = literal(line);
		if (fn && size < 0)
			fn(arg, line);
		if (size < 0)
			continue;
		GByteArray *drop = into ? NULL : g_byte_array_new();
		bool good = dialog_bytes(d, (size_t)size, into ? BOX_MESSAGE : 0, into ? into : drop);
		if (drop)
			g_byte_array_unref(drop);
		if (!good)
			return -1;
	}
	return -1;
}

static bool must(struct dialog *d, const char *what, int result, const char *said)
{
	if (result > 0)
		dialog_fail(d, "%s: %.200s", what, said);
	return result == 0;
}

struct found {
	GHashTable *aside;
	struct box_item *items;
	int count;
};

static void on_search(void *arg, const char *line)
{
	struct found *found = arg;
	if (g_ascii_strncasecmp(line, "* SEARCH", 8) != 0)
		return;
	for (const char *p = line + 8; *p && found->count < BOX_LIST;) {
		char *end;
		unsigned long uid = strtoul(p, &end, 10);
		if (end == p)
			break;
		struct box_item *item = &found->items[found->count];
		*item = (struct box_item){.number = uid};
		snprintf(item->name, sizeof item->name, "%lu", uid);
		found->count += !g_hash_table_contains(found->aside, item->name);
		p = end;
	}
}

static int imap_list(struct dialog *d, const char *folder, enum box_after after, GHashTable *aside, struct box_item *items)
{
	struct found found = {.aside = aside, .items = items};
	char said[DIALOG_WHY], *name = quoted(folder);
	bool good = dialog_say(d, "n1 SELECT %s\r\n", name) && must(d, "SELECT", answer(d, NULL, NULL, NULL, said), said);
	g_free(name);
	good = good && dialog_say(d, "n1 UID SEARCH UNDELETED UNFLAGGED%s\r\n", after == AFTER_SEEN ? " UNSEEN" : "") &&
	       must(d, "SEARCH", answer(d, on_search, &found, NULL, said), said);
	return good ? found.count : -1;
}

static enum box_got imap_read(struct dialog *d, const struct box_item *item, GByteArray *into)
{
	char said[DIALOG_WHY];
	if (!dialog_say(d, "n1 UID FETCH %lu (BODY.PEEK[]<0.%d>)\r\n", (unsigned long)item->number, BOX_MESSAGE))
		return BOX_BROKEN;
	int result = answer(d, NULL, NULL, into, said);
	return result < 0 ? BOX_BROKEN : result > 0 ? BOX_REFUSED : BOX_GOT;
}

/* NO is an answer here; *said has it. */
static int order(struct dialog *d, char said[DIALOG_WHY], const char *fmt, unsigned long uid, const char *argument)
{
	char *line = argument ? g_strdup_printf("%s %lu %s", fmt, uid, argument) : g_strdup_printf("%s %lu", fmt, uid);
	int result = dialog_say(d, "n1 UID %s\r\n", line) ? answer(d, NULL, NULL, NULL, said) : -1;
	g_free(line);
	return result;
}

/* Where the server has no UIDPLUS it stays, marked, until a mail program expunges: others' deleted mail is not ours to remove. */
static bool delete_one(struct dialog *d, unsigned long uid)
{
	char said[DIALOG_WHY];
	if (!must(d, "STORE", order(d, said, "STORE", uid, "+FLAGS.SILENT (\\Deleted)"), said))
		return false;
	return order(d, said, "EXPUNGE", uid, NULL) >= 0;
}

static bool move_one(struct dialog *d, unsigned long uid, const char *to)
{
	char said[DIALOG_WHY], *name = quoted(to);
	int result = order(d, said, "MOVE", uid, name);
	if (result > 0 && strstr(said, "TRYCREATE")) {
		(void)(dialog_say(d, "n1 CREATE %s\r\n", name) && answer(d, NULL, NULL, NULL, said) >= 0);
		result = order(d, said, "MOVE", uid, name);
	}
	if (result > 0) { /* no MOVE, perhaps */
		result = order(d, said, "COPY", uid, name);
		if (result > 0 && strstr(said, "TRYCREATE")) {
			(void)(dialog_say(d, "n1 CREATE %s\r\n", name) && answer(d, NULL, NULL, NULL, said) >= 0);
			result = order(d, said, "COPY", uid, name);
		}
		result = must(d, "COPY", result, said) && delete_one(d, uid) ? 0 : -1;
	}
	g_free(name);
	return result == 0;
}

static bool imap_settle(struct dialog *d, const struct box_item *item, enum box_fate fate, enum box_after after, const char *to)
{
	char said[DIALOG_WHY];
	unsigned long uid = (unsigned long)item->number;
	if (fate == BOX_LEFT)
		return true;
	if (fate == BOX_ASIDE) /* NO: it is passed over by its name all the same */
		return order(d, said, "STORE", uid, "+FLAGS.SILENT (\\Flagged)") >= 0;
	switch (after) {
	case AFTER_MOVE: return move_one(d, uid, to);
	case AFTER_SEEN: return must(d, "STORE", order(d, said, "STORE", uid, "+FLAGS.SILENT (\\Seen)"), said);
	case AFTER_DELETE: break;
	}
	return delete_one(d, uid);
}

static bool imap_end(struct dialog *d)
{
	char said[DIALOG_WHY];
	return dialog_say(d, "n1 LOGOUT\r\n") && answer(d, NULL, NULL, NULL, said) == 0;
}

const struct box_kind box_imap = {.list = imap_list, .read = imap_read, .settle = imap_settle, .end = imap_end};
