/* See template_rules.h. CSS 2.1, 4.1 (syntax) and Media Queries 3, as far as mails need them. */
#include "playbook/template_rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WIDEST = 100000, EM = 16, READABLE = 2 /* pixels: letters that are higher can be read */, FAR = -99 };

struct reading {
	struct style_rules *rules;
	struct style_rule *items;
	size_t room;
	struct arena *arena;
	struct str css;
	int line;
	size_t counted; /* up to here its lines are in `line` */
};

/* ---- declarations ---- */

/* Small letters without blanks, cut. */
static struct str squeeze(struct str s, char *out, size_t room)
{
	size_t n = 0;
	for (size_t i = 0; i < s.n && n + 1 < room; i++)
		if (!strchr(" \t\r\n\f", s.p[i]) || !s.p[i])
			out[n++] = s.p[i] >= 'A' && s.p[i] <= 'Z' ? (char)(s.p[i] | 0x20) : s.p[i];
	out[n] = '\0';
	return (struct str){out, n};
}

static bool is_none(const char *value)
{
	return strcmp(value, "none") == 0;
}

static bool is_invisible(const char *value)
{
	return strcmp(value, "hidden") == 0 || strcmp(value, "collapse") == 0;
}

static bool is_zero(const char *value)
{
	char *end;
	double number = strtod(value, &end);
	return end != value && number == 0;
}

static bool is_tiny(const char *value)
{
	char *end;
	double number = strtod(value, &end);
	bool absolute = !*end || strcmp(end, "px") == 0 || strcmp(end, "pt") == 0;
	return end != value && (number <= 0 || (absolute && number <= READABLE));
}

static bool is_far(const char *value)
{
	char *end;
	double number = strtod(value, &end);
	return end != value && number <= FAR;
}

static bool is_transparent(const char *value)
{
	return strcmp(value, "transparent") == 0;
}

static const struct {
	const char *name;
	enum hides what;
	bool (*hides)(const char *value);
} properties[] = {
	{"display", HIDES_DISPLAY, is_none}, {"visibility", HIDES_VISIBILITY, is_invisible}, {"opacity", HIDES_OPACITY, is_zero}, {"font-size", HIDES_SIZE, is_tiny},
	{"color", HIDES_COLOUR, is_transparent}, {"text-indent", HIDES_PLACE, is_far}, {"left", HIDES_PLACE, is_far}, {"top", HIDES_PLACE, is_far}, {"max-height", HIDES_HEIGHT, is_zero},
};

bool style_next(struct str *s, struct style_declaration *out)
{
	char name[24], value[48];
	while (s->p && s->n) {
		struct str rest = str_cut(s, ';'), key = squeeze(str_cut(&rest, ':'), name, sizeof name), is = squeeze(rest.p ? rest : (struct str){"", 0}, value, sizeof value);
		char *mark = memchr(value, '!', is.n);
		if (mark)
			*mark = '\0';
		for (size_t i = 0; value[0] && strcmp(value, "inherit") != 0 && i < sizeof properties / sizeof *properties; i++)
			if (str_is(key, properties[i].name)) {
				*out = (struct style_declaration){properties[i].what, properties[i].hides(value), mark && strcmp(mark + 1, "important") == 0};
				return true;
			}
	}
	return false;
}

static void declarations(struct reading *r, struct style_rule *rule, struct str body)
{
	struct style_declaration *items = NULL, one;
	size_t room = 0;
	while (style_next(&body, &one)) {
		*(struct style_declaration *)arena_push(r->arena, &items, rule->declaration_count, &room, sizeof one) = one;
		rule->declaration_count++;
	}
	rule->declarations = items;
}

/* ---- selectors ---- */

/* Weight of "td.small#x"; -1: it is not understood. */
static int weight_of(struct str part)
{
	int weight = 0;
	for (size_t i = 0; i < part.n; i++) {
		char c = part.p[i];
		bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || (c & 0x80);
		if (!letter && c != '.' && c != '#' && !(c == '*' && i == 0))
			return -1;
		weight += c == '#' ? 10000 : c == '.' ? 100 : i == 0 && c != '*' ? 1 : 0;
	}
	return weight;
}

static bool selector(struct style_rule *rule, struct str s)
{
	size_t i = 0;
	rule->selector = s = str_trim(s);
	while (i < s.n) {
		size_t from = i;
		while (i < s.n && !strchr(" \t\r\n\f", s.p[i]))
			i++;
		struct str part = {s.p + from, i - from};
		int weight = weight_of(part);
		if (weight < 0 || rule->part_count == RULE_PARTS)
			return false;
		rule->weight += weight;
		rule->parts[rule->part_count++] = part;
		while (i < s.n && strchr(" \t\r\n\f", s.p[i]))
			i++;
	}
	return rule->part_count > 0;
}

/* ---- media ---- */

static int pixels(const char *text, const char **end)
{
	char *after;
	double number = strtod(text, &after);
	if (!(number >= 0)) /* "nan" is a number for strtod, and less than nothing is no width */
		number = 0;
	bool em = strncmp(after, "em", 2) == 0 || strncmp(after, "rem", 3) == 0;
	number = em ? number * EM : number;
	*end = after + strcspn(after, ")");
	return number > WIDEST ? WIDEST : (int)number;
}

/* "only screen and (max-width: 600px)" → its widths. false: not for every reader. */
static bool span_of(struct str query, struct style_span *span)
{
	char text[200];
	(void)squeeze(query, text, sizeof text);
	const char *p = text;
	*span = (struct style_span){0, WIDEST};
	if (strncmp(p, "only", 4) == 0)
		p += 4;
	if (strncmp(p, "screen", 6) == 0)
		p += 6;
	else if (strncmp(p, "all", 3) == 0)
		p += 3;
	while (*p) {
		p += strncmp(p, "and", 3) == 0 ? 3 : 0;
		bool least = strncmp(p, "(min-width:", 11) == 0, most = strncmp(p, "(max-width:", 11) == 0;
		if (!least && !most)
			return false;
		int at = pixels(p + 11, &p);
		span->least = least && at > span->least ? at : span->least;
		span->most = most && at < span->most ? at : span->most;
		if (*p++ != ')')
			return false;
	}
	return span->least <= span->most;
}

/* Gives how many spans. */
static size_t spans_of(struct str queries, struct style_span spans[RULE_SPANS])
{
	size_t n = 0;
	if (!str_trim(queries).n)
		queries = STR("all");
	while (queries.p && queries.n && n < RULE_SPANS)
		n += span_of(str_cut(&queries, ','), &spans[n]);
	return n;
}

static void add_width(struct style_rules *rules, int width)
{
	size_t i = 0;
	while (i < rules->width_count && rules->widths[i] < width)
		i++;
	if (width < 1 || width > WIDEST || rules->width_count == RULE_WIDTHS || (i < rules->width_count && rules->widths[i] == width))
		return;
	memmove(rules->widths + i + 1, rules->widths + i, (rules->width_count - i) * sizeof *rules->widths);
	rules->widths[i] = width;
	rules->width_count++;
}

/* ---- the sheet ---- */

static int line_at(struct reading *r, const char *p)
{
	for (; r->css.p + r->counted < p; r->counted++)
		r->line += r->css.p[r->counted] == '\n';
	return r->line;
}

static void add_rules(struct reading *r, struct str selectors, struct str body, const struct style_span *spans, size_t span_count)
{
	while (selectors.p && selectors.n) {
		struct style_rule rule = {.span_count = span_count};
		if (!selector(&rule, str_cut(&selectors, ',')))
			continue;
		rule.line = line_at(r, rule.selector.p);
		memcpy(rule.spans, spans, span_count * sizeof *spans);
		declarations(r, &rule, body);
		if (!rule.declaration_count)
			continue;
		*(struct style_rule *)arena_push(r->arena, &r->items, r->rules->count++, &r->room, sizeof rule) = rule;
		for (size_t i = 0; i < span_count; i++) {
			add_width(r->rules, spans[i].least);
			add_width(r->rules, spans[i].least - 1);
			add_width(r->rules, spans[i].most);
			add_width(r->rules, spans[i].most + 1);
		}
	}
}

/* What stands before the next brace, and within it up to its end. */
static bool next_block(struct str *css, struct str *before, struct str *within)
{
	size_t open = 0, i, depth = 1;
	while (open < css->n && css->p[open] != '{')
		open++;
	if (open == css->n)
		return false;
	for (i = open + 1; i < css->n && depth; i++)
		depth += css->p[i] == '{' ? 1 : css->p[i] == '}' ? (size_t)-1 : 0;
	*before = (struct str){css->p, open};
	*within = (struct str){css->p + open + 1, i - open - 1 - (depth == 0)};
	*css = (struct str){css->p + i, css->n - i};
	return true;
}

/* Statements without braces, as @import, and what is left of a block that was closed twice. */
static struct str head_of(struct str before)
{
	for (size_t i = before.n; i > 0; i--)
		if (before.p[i - 1] == ';' || before.p[i - 1] == '}')
			return (struct str){before.p + i, before.n - i};
	return before;
}

static void sheet(struct reading *r, struct str css, const struct style_span *spans, size_t span_count, bool inner)
{
	struct str before, within;
	while (next_block(&css, &before, &within)) {
		struct str head = str_trim(head_of(before));
		struct style_span narrower[RULE_SPANS];
		if (!str_starts(head, STR("@")))
			add_rules(r, head, within, spans, span_count);
		else if (!inner && head.n >= 6 && str_same_nocase((struct str){head.p, 6}, STR("@media")))
			sheet(r, within, narrower, spans_of((struct str){head.p + 6, head.n - 6}, narrower), true);
	}
}

static void blank(char *out, size_t n)
{
	memset(out, ' ', n);
}

/* Comments, and the marks that hide a sheet from programs of last century, become blanks, so that lines and places stay. */
static struct str without_comments(struct str css, struct arena *arena)
{
	char *out = arena_dup_n(arena, css.n ? css.p : "", css.n);
	bool within = false;
	for (size_t i = 0; i < css.n; i++) {
		if (!within && str_starts((struct str){out + i, css.n - i}, STR("<!--")))
			blank(out + i, 4);
		else if (!within && str_starts((struct str){out + i, css.n - i}, STR("-->")))
			blank(out + i, 3);
		bool ends = within && i + 1 < css.n && css.p[i] == '*' && css.p[i + 1] == '/';
		within |= !within && i + 1 < css.n && css.p[i] == '/' && css.p[i + 1] == '*';
		if (within && out[i] != '\n')
			out[i] = ' ';
		if (ends) {
			out[++i] = ' ';
			within = false;
		}
	}
	return (struct str){out, css.n};
}

void style_rules_read(struct style_rules *rules, struct str css, struct arena *arena)
{
	struct style_span all = {0, WIDEST};
	memset(rules, 0, sizeof *rules);
	struct reading r = {.rules = rules, .arena = arena, .css = without_comments(css, arena), .line = 1};
	add_width(rules, WIDEST);
	sheet(&r, r.css, &all, 1, false);
	rules->items = r.items;
}
