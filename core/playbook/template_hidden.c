/* See template_hidden.h. What holds of an element is found as CSS 2.1, 6.4 says it: the heavier rule, of two as heavy the later one; an element's own style above rules, important above
 * all. Each question has an answer for every width at which one may change: a bit of a mask. */
#include "playbook/template_hidden.h"
#include "playbook/template_place.h"

#include <stdio.h>
#include <string.h>

enum { OWN = 1000000, IMPORTANT = 10000000 };

/* ---- the page's <style> elements ---- */

struct sheets {
	struct buf css;
	struct html_place place;
	bool media; /* a block is open for what media="…" says */
	int line;   /* of the layout, where css ends */
};

static void put(struct sheets *s, struct str text)
{
	buf_put(&s->css, text.p, text.n);
}

/* What is no style leaves its lines. */
static void put_lines(struct sheets *s, struct str text)
{
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] == '\n')
			put(s, STR("\n"));
}

static void piece(struct sheets *s, enum html_in was, struct str text)
{
	const struct html_place *now = &s->place;
	bool style = strcmp(now->tag, "style") == 0;
	if (was == HTML_TEXT && now->in == HTML_TEXT && strcmp(now->raw, "style") == 0 && !now->conditional) {
		put(s, text);
	} else if (was == HTML_VALUE && now->in == HTML_VALUE && style && strcmp(now->attribute, "media") == 0) {
		put(s, STR("@media "));
		put(s, text);
		put(s, STR("{"));
		s->media = true;
	} else {
		put_lines(s, text);
	}
	if (style && now->closing && s->media) {
		put(s, STR("}"));
		s->media = false;
	}
}

static void read_token(struct sheets *s, const struct liquid_token *token)
{
	struct str rest = token->text;
	for (; s->line < token->line; s->line++)
		put(s, STR("\n"));
	while (token->kind == LIQUID_TEXT && rest.n) {
		enum html_in was = s->place.in;
		size_t n = html_place_step(&s->place, rest);
		piece(s, was, (struct str){rest.p, n});
		for (size_t i = 0; i < n; i++)
			s->line += rest.p[i] == '\n';
		rest = (struct str){rest.p + n, rest.n - n};
	}
	if (token->kind == LIQUID_OUTPUT && s->place.raw[0])
		put(s, STR("?")); /* what data say here is not known: no selector, no value */
}

void hidden_begin(struct hidden *hidden, const struct liquid_tokens *layout, struct arena *arena)
{
	struct sheets sheets = {.line = 1};
	memset(hidden, 0, sizeof *hidden);
	for (size_t i = 0; i < layout->count; i++)
		read_token(&sheets, &layout->items[i]);
	style_rules_read(&hidden->rules, buf_str(&sheets.css), arena);
	buf_fini(&sheets.css);
}

/* ---- attributes ---- */

static void append(char *out, size_t room, struct str piece)
{
	size_t n = strlen(out), more = piece.n < room - 1 - n ? piece.n : room - 1 - n;
	memcpy(out + n, piece.p, more);
	out[n + more] = '\0';
}

/* What does not fit is left out by whole declarations: half a "font-size:16px" may be one that hides. */
static void append_style(struct hidden_element *next, struct str piece)
{
	if (next->style_cut)
		return;
	next->style_cut = strlen(next->style) + piece.n >= sizeof next->style;
	append(next->style, sizeof next->style, piece);
	char *end = next->style_cut ? strrchr(next->style, ';') : NULL;
	if (next->style_cut)
		next->style[end ? end - next->style : 0] = '\0';
}

void hidden_attribute(struct hidden *hidden, const char *name, struct str piece)
{
	struct hidden_element *next = &hidden->next;
	if (strcmp(name, "class") == 0)
		append(next->classes, sizeof next->classes, piece);
	else if (strcmp(name, "id") == 0)
		append(next->id, sizeof next->id, piece);
	else if (strcmp(name, "style") == 0)
		append_style(next, piece);
}

/* ---- which rules are meant ---- */

static bool has_class(const char *classes, struct str class)
{
	static const char blanks[] = " \t\r\n\f";
	for (const char *p = classes + strspn(classes, blanks); *p; p += strspn(p, blanks)) {
		size_t n = strcspn(p, blanks);
		if (str_same((struct str){p, n}, class))
			return true;
		p += n;
	}
	return false;
}

/* "td.small#x" */
static bool fits(struct str part, const struct hidden_element *element)
{
	for (size_t i = 0; i < part.n;) {
		size_t from = i + (part.p[i] == '.' || part.p[i] == '#'), n = 0;
		while (from + n < part.n && part.p[from + n] != '.' && part.p[from + n] != '#')
			n++;
		struct str name = {part.p + from, n};
		bool same = part.p[i] == '.'   ? has_class(element->classes, name)
			    : part.p[i] == '#' ? str_is(name, element->id)
					       : str_is(name, "*") || str_same_nocase(name, str_of(element->tag));
		if (!same)
			return false;
		i = from + n;
	}
	return true;
}

/* The last part is the element, the others stand around it in this order. */
static bool is_meant(const struct hidden *hidden, const struct style_rule *rule)
{
	size_t part = rule->part_count - 1;
	if (!fits(rule->parts[part], &hidden->next))
		return false;
	for (size_t i = hidden->depth; i > 0 && part > 0; i--)
		part -= fits(rule->parts[part - 1], &hidden->open[i - 1]);
	return part == 0;
}

static uint64_t widths_of(const struct style_rules *rules, const struct style_rule *rule)
{
	uint64_t mask = 0;
	for (size_t i = 0; i < rules->width_count; i++)
		for (size_t k = 0; k < rule->span_count; k++)
			if (rules->widths[i] >= rule->spans[k].least && rules->widths[i] <= rule->spans[k].most)
				mask |= UINT64_C(1) << i;
	return mask;
}

/* ---- what holds ---- */

struct holding {
	uint64_t said[HIDES_COUNT], away[HIDES_COUNT];
	int weight[HIDES_COUNT][RULE_WIDTHS];
	const struct style_rule *by[HIDES_COUNT][RULE_WIDTHS]; /* whose word it is; NULL = the element's own style */
};

static void say(struct holding *h, const struct style_declaration *d, const struct style_rule *by, int weight, uint64_t widths)
{
	weight += d->important ? IMPORTANT : 0;
	for (size_t i = 0; i < RULE_WIDTHS; i++) {
		uint64_t bit = UINT64_C(1) << i;
		if (!(widths & bit) || ((h->said[d->what] & bit) && weight < h->weight[d->what][i]))
			continue;
		h->weight[d->what][i] = weight;
		h->by[d->what][i] = by;
		h->said[d->what] |= bit;
		h->away[d->what] = d->hides ? h->away[d->what] | bit : h->away[d->what] & ~bit;
	}
}

static void hold(struct hidden *hidden, struct holding *h)
{
	struct style_declaration own;
	struct str style = str_of(hidden->next.style);
	for (size_t i = 0; i < hidden->rules.count; i++) {
		const struct style_rule *rule = &hidden->rules.items[i];
		if (!is_meant(hidden, rule))
			continue;
		for (size_t k = 0; k < rule->declaration_count; k++)
			say(h, &rule->declarations[k], rule, rule->weight, widths_of(&hidden->rules, rule));
	}
	while (style_next(&style, &own))
		say(h, &own, NULL, OWN, UINT64_MAX);
}

/* The rule whose word holds, for what and at what width it hides first; NULL: no rule's does. */
static const struct style_rule *rule_that_hides(const struct holding *h)
{
	for (int what = 0; what < HIDES_COUNT; what++)
		for (size_t i = 0; i < RULE_WIDTHS; i++)
			if ((h->away[what] & (UINT64_C(1) << i)) && h->by[what][i])
				return h->by[what][i];
	return NULL;
}

static void settle(struct hidden *hidden)
{
	struct holding h = {0};
	const struct hidden_element *around = hidden->depth ? &hidden->open[hidden->depth - 1] : NULL;
	hold(hidden, &h);
	hidden->next.rule = rule_that_hides(&h);
	for (int what = 0; what < HIDES_COUNT; what++) {
		uint64_t inherited = around ? around->away[what] : 0;
		hidden->next.away[what] = what >= HIDES_VISIBILITY ? (inherited & ~h.said[what]) | h.away[what] : inherited | h.away[what];
	}
}

/* ---- tags ---- */

static void close_tag(struct hidden *hidden, const char *tag)
{
	size_t i = hidden->depth;
	while (i && strcmp(hidden->open[i - 1].tag, tag) != 0)
		i--;
	if (i)
		hidden->depth = i - 1;
}

void hidden_tag(struct hidden *hidden, const char *tag, bool closing, bool alone)
{
	if (closing) {
		close_tag(hidden, tag);
	} else if (!alone && hidden->depth == HIDDEN_DEEPEST) {
		hidden->unsure = true;
	} else if (!alone) {
		snprintf(hidden->next.tag, sizeof hidden->next.tag, "%s", tag);
		settle(hidden);
		hidden->open[hidden->depth++] = hidden->next;
	}
	memset(&hidden->next, 0, sizeof hidden->next);
}

void hidden_back(struct hidden *hidden, size_t depth)
{
	hidden->unsure |= hidden->depth < depth;
	hidden->depth = hidden->depth < depth ? hidden->depth : depth;
}

const struct hidden_element *hidden_by(const struct hidden *hidden)
{
	uint64_t all = hidden->rules.width_count == RULE_WIDTHS ? UINT64_MAX : (UINT64_C(1) << hidden->rules.width_count) - 1;
	const struct hidden_element *here = hidden->depth ? &hidden->open[hidden->depth - 1] : NULL;
	uint64_t away[HIDES_COUNT], union_of = 0;
	for (int what = 0; here && what < HIDES_COUNT; what++)
		union_of |= away[what] = here->away[what];
	if (hidden->unsure || !here || (union_of & all) != all)
		return NULL;
	for (size_t i = 0; i < hidden->depth; i++) /* the outermost that hides for one of the same reasons */
		for (int what = 0; what < HIDES_COUNT; what++)
			if (away[what] && hidden->open[i].away[what])
				return &hidden->open[i];
	return here;
}
