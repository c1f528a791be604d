/* Footers, preheader and page frame of a mail: see content.h. */
#include "content.h"

#include "text.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

/* What is looked for stands in a footer, mostly: the end is looked at first, then more of it. */
static bool has(const char *in, size_t n, const char *what)
{
	enum { FOOTER = 768, WIDER = 4 };
	size_t length = strlen(what);
	for (size_t tail = FOOTER + length; tail < n; tail *= WIDER)
		if (memmem(in + n - tail, tail, what, length))
			return true;
	return memmem(in, n, what, length) != NULL;
}

/* The n-th byte that can be seen, of HTML: tags are skipped, the entities that escaping makes are read. Moves *i. */
static char next_seen(const char *html, size_t n, size_t *i)
{
	static const struct {
		const char *name;
		char is;
	} entities[] = {{"&amp;", '&'}, {"&lt;", '<'},   {"&gt;", '>'},   {"&quot;", '"'},
			{"&#39;", '\''}, {"&#34;", '"'}, {"&#x27;", '\''}, {"&nbsp;", ' '}};
	while (*i < n) {
		const char *p = html + *i;
		if (*p == '<') {
			const char *end = memchr(p, '>', n - *i);
			*i = end ? (size_t)(end + 1 - html) : n;
			continue;
		}
		for (size_t k = 0; *p == '&' && k < sizeof entities / sizeof *entities; k++) {
			size_t length = strlen(entities[k].name);
			if (n - *i >= length && !memcmp(p, entities[k].name, length)) {
				*i += length;
				return entities[k].is;
			}
		}
		++*i;
		return *p;
	}
	return '\0';
}

static bool is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* What can be seen of a page or text, without blanks: two renderings of one postal address compare equal. */
static void append_seen(GString *out, const char *in, size_t n, bool html)
{
	for (size_t i = 0; i < n;) {
		char c = html ? next_seen(in, n, &i) : in[i++];
		if (c && !is_blank(c))
			g_string_append_c(out, c);
	}
}

/* Does the body show this text, however it is broken into lines and marked up? */
static bool shows(const char *body, size_t n, const char *what, bool html)
{
	size_t word = strcspn(what, " \t\r\n&<>\"',");
	if (has(body, n, what))
		return true;
	if (word && !memmem(body, n, what, word))
		return false;
	GString *seen = g_string_sized_new(n), *wanted = g_string_sized_new(64);
	append_seen(seen, body, n, html);
	append_seen(wanted, what, strlen(what), false);
	bool found = wanted->len == 0 || has(seen->str, seen->len, wanted->str);
	g_string_free(seen, TRUE);
	g_string_free(wanted, TRUE);
	return found;
}

static bool shows_url(const char *body, size_t n, const char *url)
{
	if (has(body, n, url))
		return true;
	GString *escaped = g_string_new(NULL);
	text_append_html(escaped, url, strlen(url));
	bool found = has(body, n, escaped->str);
	g_string_free(escaped, TRUE);
	return found;
}

/* What the body still lacks; NULL members are there already. */
struct lack {
	const char *url;
	const char *address;
};

static struct lack lacks(const struct content *c, const char *body, size_t n, bool html)
{
	bool url = c->unsubscribe_url && *c->unsubscribe_url;
	bool address = c->postal_address && *c->postal_address;
	return (struct lack){
		.url = url && !shows_url(body, n, c->unsubscribe_url) ? c->unsubscribe_url : NULL,
		.address = address && !shows(body, n, c->postal_address, html) ? c->postal_address : NULL,
	};
}

void content_append_text(GString *out, const struct content *c)
{
	struct lack lack = lacks(c, c->text, c->text_length, false);
	g_string_append_len(out, c->text, (gssize)c->text_length);
	if (!lack.url && !lack.address)
		return;
	if (out->len && out->str[out->len - 1] != '\n')
		g_string_append_c(out, '\n');
	g_string_append(out, "\n-- \n");
	if (lack.address)
		g_string_append_printf(out, "%s\n", lack.address);
	if (lack.url)
		g_string_append_printf(out, "Unsubscribe: %s\n", lack.url);
}

static void append_html_lines(GString *out, const char *text)
{
	while (*text) {
		size_t line = strcspn(text, "\r\n");
		text_append_html(out, text, line);
		text += line;
		text += strspn(text, "\r\n");
		if (*text)
			g_string_append(out, "<br>\n");
	}
}

static void append_footer(GString *out, struct lack lack)
{
	g_string_append(out, "\n<p style=\"margin-top:2em;font-size:small;color:#666\">");
	if (lack.address)
		append_html_lines(out, lack.address);
	if (lack.address && lack.url)
		g_string_append(out, "<br>\n");
	if (lack.url) {
		g_string_append(out, "<a href=\"");
		text_append_html(out, lack.url, strlen(lack.url));
		g_string_append(out, "\">Unsubscribe</a>");
	}
	g_string_append(out, "</p>\n");
}

/* The page may have it already, where it stands hidden before all else. */
static bool has_preheader(const char *body, size_t n, const char *preheader)
{
	enum { BEFORE = 200 };
	GString *escaped = g_string_new(NULL);
	text_append_html(escaped, preheader, strlen(preheader));
	bool found = has(body, n < BEFORE + escaped->len ? n : BEFORE + escaped->len, escaped->str);
	g_string_free(escaped, TRUE);
	return found;
}

static void append_preheader(GString *out, const char *body, size_t n, const char *preheader)
{
	if (!preheader || !*preheader || has_preheader(body, n, preheader))
		return;
	g_string_append(out, "<div style=\"display:none;max-height:0;overflow:hidden\">");
	text_append_html(out, preheader, strlen(preheader));
	g_string_append(out, "</div>\n");
}

/* Does a tag like "<body", in any case, stand here and really end there? */
static bool is_tag(const char *html, size_t n, size_t at, const char *tag)
{
	size_t length = strlen(tag);
	const char *p = html + at;
	return n - at > length && (p[1] | 0x20) == (tag[1] | 0x20) && strncasecmp(p, tag, length) == 0 && strchr("> \t\r\n", p[length]);
}

/* Its first place; n if there is none. */
static size_t find_tag(const char *html, size_t n, const char *tag)
{
	for (const char *p = html; (p = memchr(p, '<', n - (size_t)(p - html))) != NULL; p++)
		if (is_tag(html, n, (size_t)(p - html), tag))
			return (size_t)(p - html);
	return n;
}

static size_t find_last_tag(const char *html, size_t n, const char *tag)
{
	size_t end = n;
	for (const char *p; (p = memrchr(html, '<', end)) != NULL; end = (size_t)(p - html))
		if (is_tag(html, n, (size_t)(p - html), tag))
			return (size_t)(p - html);
	return n;
}

void content_append_html(GString *out, const struct content *c)
{
	struct lack lack = lacks(c, c->html, c->html_length, true);
	const char *html = c->html;
	size_t n = c->html_length, begin = 0, body = find_tag(html, n, "<body");
	bool page = body < n || find_tag(html, n, "<html") < n;
	if (body < n) {
		const char *end = memchr(html + body, '>', n - body);
		begin = end ? (size_t)(end + 1 - html) : n;
	}
	size_t end = page ? find_last_tag(html, n, "</body") : n;
	end = end < begin ? begin : end;
	if (!page)
		g_string_append(out, "<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"></head><body>\n");
	g_string_append_len(out, html, (gssize)begin);
	append_preheader(out, html + begin, end - begin, c->preheader);
	g_string_append_len(out, html + begin, (gssize)(end - begin));
	if (lack.url || lack.address)
		append_footer(out, lack);
	g_string_append_len(out, html + end, (gssize)(n - end));
	if (!page)
		g_string_append(out, "\n</body></html>\n");
}
