/* Where words may be parted: soft hyphens by the patterns of the language (libhyphen, Debian's hyphen-LANGUAGE packages). Called by pages_body.c.
 *
 * A language without patterns on this machine is set without parting words; letters stay right, only raggeder. Words of fewer than seven letters stay whole. */
#include "pages_parts.h"

#define SOFT "\xc2\xad" /* U+00AD */

#include <hyphen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FOLDER "/usr/share/hyphen"
enum { WORD_LEAST = 7, WORD_MOST = 100 };

struct hyphen {
	HyphenDict *dict;
	GIConv charset; /* from UTF-8 to the patterns' own; of patterns in UTF-8: NO_CONV */
};
#define NO_CONV ((GIConv)-1)

static bool is_tag(const char *language)
{
	for (const char *p = language; *p; p++)
		if (!g_ascii_isalnum(*p) && *p != '-' && *p != '_')
			return false;
	return *language != '\0' && strlen(language) < 20;
}

/* The German file has a list of 69,000 whole words before its patterns, which takes libhyphen seconds to read: of large files the patterns behind NEXTLEVEL are enough. */
static HyphenDict *load_file(const char *path)
{
	enum { LARGE = 400 * 1024 };
	char *text = NULL;
	gsize n = 0;
	HyphenDict *dict = NULL;
	if (!g_file_get_contents(path, &text, &n, NULL))
		return NULL;
	char *level = n > LARGE ? strstr(text, "\nNEXTLEVEL") : NULL, *line = strchr(text, '\n');
	if (level && line && line < level) { /* the first line names the charset */
		size_t rest = n - (size_t)(level + strlen("\nNEXTLEVEL") - text);
		memmove(line, level + strlen("\nNEXTLEVEL"), rest + 1);
		n = (gsize)(line - text) + rest;
	}
	FILE *file = fmemopen(text, n, "r");
	if (file) {
		dict = hnj_hyphen_load_file(file);
		fclose(file);
	}
	g_free(text);
	return dict;
}

/* "de-AT": hyph_de_AT.dic, else the language's; most countries have a link. */
static HyphenDict *load(const char *language)
{
	static const char *const homes[][2] = {{"en", "en_US"}, {"de", "de_DE"}, {"fr", "fr_FR"}, {"es", "es_ES"}, {"it", "it_IT"}, {"nl", "nl_NL"}, {"pt", "pt_PT"}, {"pl", "pl_PL"},
					       {"sv", "sv_SE"}, {"da", "da_DK"}, {"no", "nb_NO"}, {"nb", "nb_NO"}, {"cs", "cs_CZ"}, {"ru", "ru_RU"}, {"uk", "uk_UA"}, {"hu", "hu_HU"}};
	char tag[24], path[100];
	g_strlcpy(tag, language, sizeof tag);
	g_strdelimit(tag, "-", '_');
	for (int round = 0; round < 3; round++) {
		if (round == 1)
			tag[strcspn(tag, "_")] = '\0';
		for (size_t i = 0; round == 2 && i < G_N_ELEMENTS(homes); i++)
			if (strcmp(tag, homes[i][0]) == 0) {
				g_strlcpy(tag, homes[i][1], sizeof tag);
				break;
			}
		g_snprintf(path, sizeof path, FOLDER "/hyph_%s.dic", tag);
		HyphenDict *dict = g_file_test(path, G_FILE_TEST_IS_REGULAR) ? load_file(path) : NULL;
		if (dict)
			return dict;
	}
	return NULL;
}

/* As iconv names it: "ISO8859-1", "microsoft-cp1251". */
static const char *charset_name(const char *name)
{
	return g_str_has_prefix(name, "microsoft-") ? name + strlen("microsoft-") : name;
}

static struct hyphen *open_language(const char *language)
{
	struct hyphen *hyphen = g_new0(struct hyphen, 1);
	hyphen->dict = load(language);
	hyphen->charset = hyphen->dict && !hyphen->dict->utf8 ? g_iconv_open(charset_name(hyphen->dict->cset), "UTF-8") : NO_CONV;
	return hyphen;
}

/* Kept for the life of the thread, as a job of a file a letter would read them ten thousand times; a template's `language:` may come from data, so only so many. */
const struct hyphen *hyphen_of(const char *language)
{
	enum { LANGUAGES_MOST = 100 };
	static _Thread_local GHashTable *known;
	if (!known)
		known = g_hash_table_new(g_str_hash, g_str_equal);
	struct hyphen *hyphen = g_hash_table_lookup(known, language);
	if (!hyphen && is_tag(language) && g_hash_table_size(known) < LANGUAGES_MOST) {
		hyphen = open_language(language);
		g_hash_table_insert(known, g_strdup(language), hyphen);
	}
	bool usable = hyphen && hyphen->dict && (hyphen->dict->utf8 || hyphen->charset != NO_CONV);
	return usable ? hyphen : NULL;
}

/* The word in small letters and the patterns' charset; 0: it has letters that they do not know, or too many. */
static size_t pattern_word(const struct hyphen *hyphen, const char *word, size_t n, char out[WORD_MOST + 1])
{
	char *small = g_utf8_strdown(word, (gssize)n), *from = small, *to = out;
	gsize left = strlen(small), room = WORD_MOST;
	bool good = true;
	if (hyphen->charset == NO_CONV)
		good = g_strlcpy(out, small, WORD_MOST) < WORD_MOST;
	else
		good = g_iconv(hyphen->charset, &from, &left, &to, &room) == 0;
	if (good && hyphen->charset != NO_CONV)
		*to = '\0';
	good = good && g_utf8_strlen(small, -1) == g_utf8_strlen(word, (gssize)n);
	g_free(small);
	return good ? strlen(out) : 0;
}

static void free_changes(char **rep, int *pos, int *cut, size_t n)
{
	for (size_t i = 0; rep && i < n; i++)
		free(rep[i]);
	free(rep);
	free(pos);
	free(cut);
}

/* One word of letters. Only where parting changes no letter; two stay before, three come behind. */
static void put_word(const struct hyphen *hyphen, const char *word, size_t n, GString *out)
{
	char marks[WORD_MOST + 8] = {0}, pattern[WORD_MOST + 1];
	char **rep = NULL;
	int *pos = NULL, *cut = NULL;
	long letters = g_utf8_strlen(word, (gssize)n), letter = 0;
	size_t bytes = letters >= WORD_LEAST ? pattern_word(hyphen, word, n, pattern) : 0;
	if (!bytes || hnj_hyphen_hyphenate2(hyphen->dict, pattern, (int)bytes, marks, NULL, &rep, &pos, &cut) != 0) {
		g_string_append_len(out, word, (gssize)n);
		return;
	}
	for (const char *p = word; p < word + n; p = g_utf8_next_char(p)) {
		g_string_append_len(out, p, g_utf8_next_char(p) - p);
		letter++;
		if (letter >= 2 && letters - letter >= 3 && (marks[letter - 1] & 1) && !(rep && rep[letter - 1]))
			g_string_append(out, SOFT);
	}
	free_changes(rep, pos, cut, bytes);
}

/* What stands between blanks: its letters are a word, unless there is a sign in their midst (an address, a number). */
static void put_piece(const struct hyphen *hyphen, const char *piece, const char *end, GString *out)
{
	const char *first = piece, *last = end;
	while (first < last && !g_unichar_isalpha(g_utf8_get_char(first)))
		first = g_utf8_next_char(first);
	while (last > first && !g_unichar_isalpha(g_utf8_get_char(g_utf8_prev_char(last))))
		last = g_utf8_prev_char(last);
	bool whole = true;
	for (const char *p = first; p < last; p = g_utf8_next_char(p))
		whole = whole && g_unichar_isalpha(g_utf8_get_char(p));
	g_string_append_len(out, piece, first - piece);
	if (whole && first < last)
		put_word(hyphen, first, (size_t)(last - first), out);
	else
		g_string_append_len(out, first, last - first);
	g_string_append_len(out, last, end - last);
}

void hyphen_put(const struct hyphen *hyphen, const char *text, size_t n, GString *out)
{
	for (const char *end = text + n, *p = text; p < end;) {
		const char *start = p;
		while (p < end && *p != ' ' && *p != '\n')
			p++;
		put_piece(hyphen, start, p, out);
		for (; p < end && (*p == ' ' || *p == '\n'); p++)
			g_string_append_c(out, *p);
	}
}

/* ---- the hyphens that were needed ---- */

static bool ends_line(PangoLayout *layout, guint end)
{
	for (const GSList *item = pango_layout_get_lines_readonly(layout); item; item = item->next) {
		const PangoLayoutLine *line = item->data;
		if ((guint)(line->start_index + line->length) == end)
			return true;
	}
	return false;
}

static void move_spans(GArray *spans, guint from)
{
	for (guint i = 0; i < spans->len; i++) {
		struct span *span = &g_array_index(spans, struct span, i);
		span->start -= span->start > from ? 2 : 0;
		span->end -= span->end > from ? 2 : 0;
	}
}

bool hyphen_drop_unused(PangoLayout *layout, GString *text, GArray *spans)
{
	guint dropped = 0;
	for (char *p = strstr(text->str, SOFT); p; p = strstr(p, SOFT)) {
		guint at = (guint)(p - text->str);
		if (ends_line(layout, at + dropped + 2)) {
			p += 2;
			continue;
		}
		g_string_erase(text, at, 2);
		move_spans(spans, at);
		dropped += 2;
		p = text->str + at;
	}
	return dropped > 0;
}
