/* The words of an HTML mail that has no plain text: tags away, blocks as lines, a quotation marked by '>' as in plain text. Never more than that: it is
 * kept as text and shown as text. */
#include "returns_came.h"

#include <glib.h>
#include <stdlib.h>
#include <string.h>

static const char *const blocks[] = {"p", "/p", "br", "div", "/div", "tr", "/tr", "li", "h1", "h2", "h3", "/h1", "/h2", "/h3", "table", "/table", "hr", NULL};
static const char *const hidden[] = {"style", "script", "head", "title", NULL};
static const struct {
	const char *name, *text;
} entities[] = {{"amp", "&"}, {"lt", "<"}, {"gt", ">"}, {"quot", "\""}, {"apos", "'"}, {"nbsp", " "}, {"auml", "\xc3\xa4"}, {"ouml", "\xc3\xb6"},
		{"uuml", "\xc3\xbc"}, {"Auml", "\xc3\x84"}, {"Ouml", "\xc3\x96"}, {"Uuml", "\xc3\x9c"}, {"szlig", "\xc3\x9f"}, {"eacute", "\xc3\xa9"},
		{"egrave", "\xc3\xa8"}, {"agrave", "\xc3\xa0"}, {"ccedil", "\xc3\xa7"}};

static bool is_one_of(const char *name, const char *const *names)
{
	for (size_t i = 0; names[i]; i++)
		if (!g_ascii_strcasecmp(name, names[i]))
			return true;
	return false;
}

static void put_line(GString *out, int quoted)
{
	while (out->len && out->str[out->len - 1] == ' ')
		g_string_truncate(out, out->len - 1);
	if (out->len >= 2 && out->str[out->len - 1] == '\n' && out->str[out->len - 2] == '\n')
		return;
	g_string_append_c(out, '\n');
	for (int i = 0; i < quoted && i < 5; i++)
		g_string_append(out, "> ");
}

static const char *put_entity(GString *out, const char *p)
{
	const char *end = memchr(p, ';', strnlen(p, 11));
	if (!end || end == p + 1) {
		g_string_append_c(out, '&');
		return p + 1;
	}
	if (p[1] == '#') {
		gunichar c = (gunichar)(p[2] == 'x' || p[2] == 'X' ? strtoul(p + 3, NULL, 16) : strtoul(p + 2, NULL, 10));
		if (c >= 32 && g_unichar_validate(c))
			g_string_append_unichar(out, c == 160 ? ' ' : c);
		return end + 1;
	}
	for (size_t i = 0; i < sizeof entities / sizeof *entities; i++)
		if (strlen(entities[i].name) == (size_t)(end - p - 1) && !strncmp(entities[i].name, p + 1, (size_t)(end - p - 1))) {
			g_string_append(out, entities[i].text);
			return end + 1;
		}
	return end + 1;
}

/* Behind the end tag of what is not shown; the end, if there is none. */
static const char *skip_hidden(const char *p, const char *name)
{
	size_t n = strlen(name);
	for (; *p; p++)
		if (p[0] == '<' && p[1] == '/' && !g_ascii_strncasecmp(p + 2, name, n))
			break;
	const char *end = *p ? strchr(p, '>') : NULL;
	return end ? end + 1 : p + strlen(p);
}

static const char *put_tag(GString *out, const char *p, int *quoted)
{
	char name[16] = "";
	size_t n = 0;
	if (g_str_has_prefix(p, "<!--")) {
		const char *end = strstr(p, "-->");
		return end ? end + 3 : p + strlen(p);
	}
	for (const char *q = p + 1; (g_ascii_isalnum(*q) || (*q == '/' && q == p + 1)) && n + 1 < sizeof name; q++)
		name[n++] = *q;
	name[n] = '\0';
	const char *end = strchr(p, '>');
	if (!end)
		return p + strlen(p);
	if (is_one_of(name, hidden))
		return skip_hidden(end + 1, name);
	*quoted += !g_ascii_strcasecmp(name, "blockquote");
	*quoted -= !g_ascii_strcasecmp(name, "/blockquote") && *quoted > 0;
	if (is_one_of(name, blocks) || strstr(name, "blockquote"))
		put_line(out, *quoted);
	return end + 1;
}

char *came_html_text(const char *html)
{
	GString *out = g_string_new(NULL);
	int quoted = 0;
	for (const char *p = html; *p;) {
		if (*p == '<' && (g_ascii_isalpha(p[1]) || p[1] == '/' || p[1] == '!')) {
			p = put_tag(out, p, &quoted);
		} else if (*p == '&') {
			p = put_entity(out, p);
		} else if (g_ascii_isspace(*p)) {
			if (out->len && out->str[out->len - 1] != ' ' && out->str[out->len - 1] != '\n')
				g_string_append_c(out, ' ');
			p++;
		} else {
			g_string_append_c(out, *p++);
		}
	}
	return g_string_free(out, FALSE);
}
