/* See template_place.h. Called by template_layout.c while a playbook is loaded; never when a mail is written. */
#include "playbook/template_place.h"

#include <string.h>

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f';
}

static char small(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

static bool begins(struct str s, size_t at, const char *with)
{
	size_t n = strlen(with);
	return s.n - at >= n && str_same_nocase((struct str){s.p + at, n}, str_of(with));
}

static bool among(const char *name, const char *const *names)
{
	while (*names && strcmp(*names, name) != 0)
		names++;
	return *names != NULL;
}

/* Where `what` begins in s from `at`; s.n = nowhere. */
static size_t find(struct str s, size_t at, const char *what)
{
	while (at < s.n && !begins(s, at, what))
		at++;
	return at;
}

/* A name up to one of `ends` or a blank, in small letters. */
static size_t take_name(struct str s, size_t at, const char *ends, char out[HTML_NAME])
{
	size_t n = 0, from = at;
	while (at < s.n && !is_space(s.p[at]) && !(s.p[at] && strchr(ends, s.p[at]))) {
		if (n < HTML_NAME - 1)
			out[n++] = small(s.p[at]);
		at++;
	}
	out[n] = '\0';
	return at - from;
}

/* ---- tags ---- */

static const char *const raws[] = {"style", "script", "title", "textarea", "xmp", "iframe", "noembed", "noframes", NULL};
static const char *const unseen[] = {"head", "template", "noscript", "object", "select", "datalist", "svg", "audio", "video", "canvas", NULL};
static const char *const voids[] = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr", NULL};

bool html_is_void(const char *tag)
{
	return among(tag, voids);
}

static void end_tag(struct html_place *place)
{
	bool same = strcmp(place->tag, place->hidden) == 0, open = !place->closing && !html_is_void(place->tag);
	place->in = HTML_TEXT;
	if (open && among(place->tag, raws))
		memcpy(place->raw, place->tag, sizeof place->raw);
	if (place->conditional) /* others do not see that tag */
		return;
	if (open && strcmp(place->tag, "body") == 0 && strcmp(place->hidden, "head") == 0) /* </head> may be left out */
		place->hidden[0] = '\0';
	if (!place->hidden[0] && open && (place->hides || among(place->tag, unseen))) {
		memcpy(place->hidden, place->tag, sizeof place->hidden);
		place->depth = 1;
	} else if (place->hidden[0] && same && open) {
		place->depth++;
	} else if (place->hidden[0] && same && place->closing && --place->depth == 0) {
		place->hidden[0] = '\0';
	}
}

static size_t in_tag(struct html_place *place, struct str s)
{
	char c = s.p[0];
	if (is_space(c))
		return 1;
	if (c == '>') {
		place->equals = false;
		end_tag(place);
		return 1;
	}
	if (place->equals) {
		place->equals = false;
		place->in = HTML_VALUE;
		place->quote = c == '"' || c == '\'' ? c : ' ';
		return place->quote != ' ';
	}
	if (c == '/' || c == '=') {
		place->equals = c == '=' && place->attribute[0];
		return 1;
	}
	size_t n = take_name(s, 0, "/>=", place->attribute);
	place->hides |= strcmp(place->attribute, "hidden") == 0;
	return n;
}

/* ---- values ---- */

static size_t value_length(const struct html_place *place, struct str s)
{
	size_t n = 0;
	while (n < s.n && (place->quote == ' ' ? !is_space(s.p[n]) && s.p[n] != '>' : s.p[n] != place->quote))
		n++;
	return n;
}

struct str html_place_value(const struct html_place *place, struct str s)
{
	size_t n = value_length(place, s);
	return n < s.n ? (struct str){s.p, n} : (struct str){NULL, 0};
}

static size_t in_value(struct html_place *place, struct str s)
{
	size_t n = value_length(place, s);
	if (n == 0) {
		place->in = HTML_TAG;
		place->attribute[0] = '\0';
		return place->quote != ' ';
	}
	return n;
}

/* ---- texts and comments ---- */

static size_t open_comment(struct html_place *place, struct str s)
{
	size_t n = begins(s, 4, "[if") ? find(s, 4, "]>") : s.n;
	if (n < s.n && begins(s, n + 2, "<!-->")) /* <!--[if !mso]><!-->: only Outlook does not see what follows */
		return n + 7;
	if (n < s.n) {
		place->conditional = true;
		return n + 2;
	}
	if (begins(s, 4, ">") || begins(s, 4, "->"))
		return s.p[4] == '>' ? 5 : 6;
	place->in = HTML_COMMENT;
	return 4;
}

static size_t open_tag(struct html_place *place, struct str s)
{
	place->closing = s.n > 1 && s.p[1] == '/';
	place->in = HTML_TAG;
	place->hides = place->equals = false;
	place->attribute[0] = '\0';
	size_t from = place->closing ? 2 : 1;
	return from + take_name(s, from, "/>", place->tag);
}

static bool opens_tag(struct str s, size_t at)
{
	char next = at + 1 < s.n ? small(s.p[at + 1]) : ' ';
	return s.p[at] == '<' && ((next >= 'a' && next <= 'z') || next == '/' || next == '!' || next == '?');
}

static size_t in_raw(struct html_place *place, struct str s)
{
	size_t i = 0, n = strlen(place->raw);
	while (i < s.n && !(s.p[i] == '<' && begins(s, i, "</") && begins(s, i + 2, place->raw) &&
			    (i + 2 + n == s.n || is_space(s.p[i + 2 + n]) || strchr("/>", s.p[i + 2 + n]))))
		i++;
	if (i)
		return i;
	place->raw[0] = '\0';
	return open_tag(place, s);
}

static size_t in_text(struct html_place *place, struct str s)
{
	size_t i = 0;
	while (i < s.n && !opens_tag(s, i) && !(place->conditional && begins(s, i, "-->")))
		i++;
	if (i)
		return i;
	if (begins(s, 0, "-->") || begins(s, 0, "<![endif]-->")) {
		place->conditional = false;
		return s.p[0] == '-' ? 3 : strlen("<![endif]-->");
	}
	return begins(s, 0, "<!--") ? open_comment(place, s) : open_tag(place, s);
}

static size_t in_comment(struct html_place *place, struct str s)
{
	size_t n = find(s, 0, "-->"), other = find(s, 0, "--!>");
	if (n == s.n && other == s.n)
		return s.n;
	place->in = HTML_TEXT;
	return other < n ? other + 4 : n + 3;
}

size_t html_place_step(struct html_place *place, struct str s)
{
	switch (place->in) {
	case HTML_TAG: return in_tag(place, s);
	case HTML_VALUE: return in_value(place, s);
	case HTML_COMMENT: return in_comment(place, s);
	case HTML_TEXT: break;
	}
	return place->raw[0] ? in_raw(place, s) : in_text(place, s);
}

bool html_place_shows(const struct html_place *place)
{
	return place->in == HTML_TEXT && !place->raw[0] && !place->conditional && !place->hidden[0];
}
