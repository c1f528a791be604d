/* Whether a reader sees what a layout must show: the words of the template, the postal address and the way to unsubscribe. Called by template_layout.c for each
 * layout once; it never changes what is printed. Says what is surely wrong: content in a block of Liquid that may not be run, content or footer in a comment
 * of HTML or directly in an element that is not displayed. What style sheets do besides is not looked at. */
#include "playbook/template_parts.h"

#include <string.h>

struct looking {
	struct liquid_site *site;
	int depth;         /* of blocks of Liquid */
	bool comment;      /* <!-- is open */
	bool hidden;       /* "display:none" was said, and nothing was closed since */
};

static void look_at_tag(struct looking *l, struct str word)
{
	static const char *const blocks[] = {"if", "unless", "case", "for", "capture"};
	bool end = str_starts(word, STR("end"));
	struct str name = end ? (struct str){word.p + 3, word.n - 3} : word;
	for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
		if (str_is(name, blocks[i]))
			l->depth += end ? -1 : 1;
}

/* display:none and display: none. */
static bool says_none(struct str s)
{
	if (!str_starts(s, STR("display")))
		return false;
	for (s.p += 7, s.n -= 7; s.n && (s.p[0] == ' ' || s.p[0] == ':'); s.p++, s.n--)
		;
	return str_starts(s, STR("none"));
}

static void look_at_text(struct looking *l, struct str s)
{
	for (; s.n; s.p++, s.n--) {
		if (l->comment)
			l->comment = !str_starts(s, STR("-->"));
		else if (str_starts(s, STR("<!--")))
			l->comment = true;
		else if (str_starts(s, STR("</")))
			l->hidden = false;
		else if (says_none(s))
			l->hidden = true;
	}
}

static void look_at_output(struct looking *l, const struct liquid_token *token)
{
	bool content = str_is(token->text, "content");
	if (!content && !str_is(token->text, "footer"))
		return;
	if (l->comment)
		liquid_problem(l->site, token->line, "{{ %.*s }} stands in a comment of HTML, <!-- … -->: nobody sees it.", STR_ARG(token->text));
	else if (l->hidden)
		liquid_problem(l->site, token->line, "{{ %.*s }} stands in an element with display:none: nobody sees it.", STR_ARG(token->text));
	else if (content && l->depth > 0)
		liquid_problem(l->site, token->line, "{{ content }} stands inside {%% … %%}: where that is not run, a mail goes out without its words. Put it outside.");
}

void layout_seen(struct liquid_site *site, const struct liquid_tokens *tokens)
{
	struct looking l = {.site = site};
	for (size_t i = 0; i < tokens->count; i++) {
		const struct liquid_token *token = &tokens->items[i];
		if (token->kind == LIQUID_TEXT)
			look_at_text(&l, token->text);
		else if (token->kind == LIQUID_TAG)
			look_at_tag(&l, token->word);
		else
			look_at_output(&l, token);
	}
	if (l.comment)
		liquid_problem(site, 1, "a comment of HTML, <!--, is never closed: what stands behind it, nobody sees.");
}
