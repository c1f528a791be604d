/* What a person wrote, without what their program quoted: everything from the line that introduces the quotation. Where nothing stands above it (answers
 * below the quotation), the lines that are not quoted. Nothing is lost: both are kept apart. */
#include "returns_came.h"

#include <glib.h>
#include <string.h>

/* A line that begins so, small. */
static const char *const banners[] = {
	"-----original message", "----- original message", "-------- original message", "-----urspr\xc3\xbcngliche nachricht", "-------- urspr\xc3\xbcngliche nachricht",
	"-----message d'origine", "-----mensaje original", "-----messaggio originale", "-----oorspronkelijk bericht", "-------- forwarded message", "---------- forwarded message",
	"________________________________", NULL,
};
/* A line (or two, joined) that begins with one of the first, has the second in it and ends with a colon. */
static const struct {
	const char *begin, *verb;
} attributions[] = {
	{"on ", " wrote"}, {"am ", " schrieb"}, {"le ", "crit"}, {"el ", "escribi\xc3\xb3"}, {"il ", "ha scritto"}, {"op ", " schreef"}, {"op ", "geschreven"},
	{"em ", "escreveu"}, {"den ", "skrev"}, {"dne ", "napsal"}, {"w dniu ", "pisze"},
};
/* Outlook: a block of headers, at once. */
static const char *const from_words[] = {"from: ", "von: ", "de : ", "de: ", "da: ", "van: ", NULL};
static const char *const sent_words[] = {"sent: ", "gesendet: ", "envoy\xc3\xa9 : ", "envoy\xc3\xa9: ", "enviado: ", "inviato: ", "verzonden: ", "date: ", "datum: ", NULL};

static bool begins_with(const char *line, const char *const *words)
{
	for (size_t i = 0; words[i]; i++)
		if (g_str_has_prefix(line, words[i]))
			return true;
	return false;
}

static bool attributes(const char *line)
{
	size_t n = strlen(line);
	for (size_t i = 0; i < sizeof attributions / sizeof *attributions; i++)
		if (n < 400 && g_str_has_prefix(line, attributions[i].begin) && strstr(line, attributions[i].verb) && line[n - 1] == ':')
			return true;
	return false;
}

/* Does the quotation begin here? lines: small, stripped; NULL-ended. */
static bool introduces(char *const *lines, size_t i)
{
	const char *line = lines[i];
	if (begins_with(line, banners))
		return true;
	if (begins_with(line, from_words) && lines[i + 1] && (begins_with(lines[i + 1], sent_words) || (lines[i + 2] && begins_with(lines[i + 2], sent_words))))
		return true;
	if (attributes(line))
		return true;
	if (!lines[i + 1] || !*line || strlen(line) > 300)
		return false;
	char *both = g_strconcat(line, " ", lines[i + 1], NULL); /* folded by the program that wrote it */
	bool found = attributes(both);
	g_free(both);
	return found;
}

static bool is_quoted(const char *line)
{
	while (*line == ' ')
		line++;
	return *line == '>';
}

static void add_line(GString *out, const char *line)
{
	g_string_append(out, line);
	g_string_append_c(out, '\n');
}

/* Answers below, or between: what is quoted goes to the one, the rest to the other. */
static void part_lines(char *const *lines, char *const *small, GString *own, GString *quoted)
{
	for (size_t i = 0; lines[i]; i++)
		add_line(is_quoted(lines[i]) || (introduces(small, i) && !begins_with(small[i], banners)) ? quoted : own, lines[i]);
}

static char *finish(GString *text)
{
	char *out = g_string_free(text, FALSE);
	g_strchomp(out);
	size_t blank = strspn(out, "\r\n");
	memmove(out, out + blank, strlen(out + blank) + 1);
	return out;
}

void came_split(const char *text, char **own_out, char **quoted_out)
{
	char **lines = g_strsplit(text, "\n", -1), **low = g_new0(char *, g_strv_length(lines) + 1);
	GString *own = g_string_new(NULL), *quoted = g_string_new(NULL);
	bool behind = false;
	for (size_t i = 0; lines[i]; i++) {
		g_strchomp(lines[i]);
		low[i] = g_strstrip(g_utf8_strdown(lines[i], -1));
	}
	for (size_t i = 0; lines[i]; i++) {
		behind = behind || introduces(low, i);
		add_line(behind || is_quoted(lines[i]) ? quoted : own, lines[i]);
	}
	char *first = finish(own);
	if (!*first && quoted->len) { /* nothing above: below, then */
		g_string_truncate(quoted, 0);
		own = g_string_new(NULL);
		part_lines(lines, low, own, quoted);
		g_free(first);
		first = finish(own);
	}
	*own_out = first;
	*quoted_out = finish(quoted);
	g_strfreev(low);
	g_strfreev(lines);
}
