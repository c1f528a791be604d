/* From a body's tokens to cmark's tree, and back from the words in it to Lua. Called by template.c and the two walks.
 *
 * A tag that stands alone on its line becomes an HTML comment for cmark, which ends a paragraph and a list; lists that
 * a for repeats are then joined to one list, with the tags as items between. Every part of an if or for must stand in
 * the same node of the tree, else the HTML would come out broken for some leads: a problem at load. */
#include "playbook/template_parts.h"

#include <cmark-gfm-core-extensions.h>

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- the source that cmark reads ---- */

static bool is_control(const struct liquid_token *token)
{
	return token->kind == LIQUID_TAG;
}

size_t markdown_capture_end(const struct liquid_token *tokens, size_t count, size_t i)
{
	int depth = 0;
	for (; i < count; i++) {
		depth += str_is(tokens[i].word, "capture") - str_is(tokens[i].word, "endcapture");
		if (!depth)
			return i + 1;
	}
	return count;
}

static void choose_mark(struct markdown *markdown)
{
	for (int n = 0;; n++) {
		bool found = false;
		snprintf(markdown->mark, sizeof markdown->mark, "zLQ%dx", n);
		for (size_t i = 0; i < markdown->count && !found; i++)
			found = markdown->tokens[i].kind == LIQUID_TEXT &&
				memmem(markdown->tokens[i].text.p, markdown->tokens[i].text.n, markdown->mark,
				       strlen(markdown->mark));
		if (!found)
			return;
	}
}

static void note_line(struct markdown *markdown, int line)
{
	int *entry = arena_push(markdown->arena, &markdown->lines, markdown->line_count, &markdown->line_room,
				sizeof *entry);
	*entry = line;
	markdown->line_count++;
}

/* The number after the mark at p, and the length of the whole word `MARK12Q`; 0 when no word stands there. */
size_t markdown_word(const struct markdown *markdown, const char *p, const char *end, size_t *token)
{
	size_t n = strlen(markdown->mark);
	if ((size_t)(end - p) < n + 2 || memcmp(p, markdown->mark, n) != 0)
		return 0;
	char *stop = NULL;
	*token = strtoul(p + n, &stop, 10);
	return stop && stop < end && *stop == 'Q' && *token < markdown->count ? (size_t)(stop + 1 - p) : 0;
}

bool markdown_only_tags(const struct markdown *markdown, struct str line)
{
	const char *p = line.p, *end = line.p + line.n;
	bool any = false;
	while (p < end) {
		size_t token = 0, n = markdown_word(markdown, p, end, &token);
		if (n && !is_control(&markdown->tokens[token]))
			return false;
		if (!n && *p != ' ' && *p != '\t')
			return false;
		any |= n > 0;
		p += n ? n : 1;
	}
	return any;
}

static void put_line(const struct markdown *markdown, struct str line, bool row, struct buf *out)
{
	if (markdown_only_tags(markdown, line)) {
		size_t indent = 0;
		while (line.p[indent] == ' ' || line.p[indent] == '\t')
			indent++;
		buf_put(out, line.p, indent);
		buf_puts(out, row ? "|" : "<!--");
		buf_put(out, line.p + indent, line.n - indent);
		buf_puts(out, row ? "|" : "-->");
	} else {
		buf_put(out, line.p, line.n);
	}
	buf_putc(out, '\n');
}

static void build_source(struct markdown *markdown, struct buf *out)
{
	struct buf flat = {0};
	note_line(markdown, markdown->count ? markdown->tokens[0].line : 1);
	for (size_t i = 0; i < markdown->count; i++) {
		const struct liquid_token *token = &markdown->tokens[i];
		if (token->kind != LIQUID_TEXT) {
			buf_printf(&flat, "%s%zuQ", markdown->mark, i);
			if (str_is(token->word, "capture"))
				i = markdown_capture_end(markdown->tokens, markdown->count, i) - 1;
			continue;
		}
		int line = token->line;
		for (size_t k = 0; k < token->text.n; k++)
			if (token->text.p[k] == '\n')
				note_line(markdown, ++line);
		buf_put(&flat, token->text.p, token->text.n);
	}
	const bool *row = markdown_rows(markdown, buf_str(&flat));
	struct str rest = buf_str(&flat);
	for (; rest.p; row++)
		put_line(markdown, str_cut(&rest, '\n'), *row, out);
	buf_fini(&flat);
}

int markdown_line(const struct markdown *markdown, cmark_node *node)
{
	int line = 0;
	for (; node && line <= 0; node = cmark_node_parent(node))
		line = cmark_node_get_start_line(node);
	return line > 0 && (size_t)line <= markdown->line_count ? markdown->lines[line - 1] : 1;
}

/* `<!--word word-->`, or a row `|word word|`: the words; p NULL when the node is no line of tags. */
struct str markdown_tag_line(const struct markdown *markdown, cmark_node *node)
{
	const char *literal = cmark_node_get_type(node) == CMARK_NODE_ITEM ? cmark_node_get_user_data(node) : NULL;
	if (cmark_node_get_type(node) == CMARK_NODE_HTML_BLOCK)
		literal = cmark_node_get_literal(node);
	struct str s = markdown_is_row(node) ? markdown_row_tags(node) : (struct str){NULL, 0};
	if (s.n)
		return markdown_only_tags(markdown, s) ? s : (struct str){NULL, 0};
	s = str_trim(str_of(literal));
	if (!literal || !str_starts(s, STR("<!--")) || !str_ends(s, STR("-->")) || s.n < 7)
		return (struct str){NULL, 0};
	s = (struct str){s.p + 4, s.n - 7};
	return markdown_only_tags(markdown, s) ? s : (struct str){NULL, 0};
}

/* ---- life ---- */

/* CommonMark, and tables. */
static cmark_node *parse(struct str source)
{
	cmark_gfm_core_extensions_ensure_registered();
	cmark_parser *parser = cmark_parser_new(CMARK_OPT_DEFAULT);
	cmark_parser_attach_syntax_extension(parser, cmark_find_syntax_extension("table"));
	cmark_parser_feed(parser, source.p, source.n);
	cmark_node *root = cmark_parser_finish(parser);
	cmark_parser_free(parser);
	return root;
}

void markdown_init(struct markdown *markdown, struct liquid_site *site, struct arena *arena,
		   const struct liquid_token *tokens, size_t count)
{
	struct buf source = {0};
	*markdown = (struct markdown){.site = site, .arena = arena, .tokens = tokens, .count = count};
	markdown->visits = arena_array(arena, count + 1, sizeof *markdown->visits);
	choose_mark(markdown);
	build_source(markdown, &source);
	markdown->root = parse(buf_str(&source));
	markdown_join_lists(markdown, markdown->root, 0);
	buf_fini(&source);
}

void markdown_fini(struct markdown *markdown)
{
	cmark_node_free(markdown->root);
	markdown->root = NULL;
}

/* ---- back from words to Lua ---- */

bool markdown_has_marks(const struct markdown *markdown, const char *s)
{
	return s && strstr(s, markdown->mark);
}

void markdown_hold(const struct markdown *markdown, const char *s, struct markdown_holds *holds)
{
	const char *end = s ? s + strlen(s) : NULL;
	while (s < end) {
		size_t token = 0, n = markdown_word(markdown, s, end, &token);
		if (!n)
			holds->words |= str_trim((struct str){s, 1}).n > 0;
		else if (is_control(&markdown->tokens[token]))
			holds->tags = true;
		else
			holds->outputs = true;
		s += n ? n : 1;
	}
}

static bool goes_on(struct str word)
{
	return str_starts(word, STR("end")) || str_is(word, "else") || str_is(word, "elsif") || str_is(word, "when");
}

static void check_place(struct markdown_walk *walk, size_t i, const void *place)
{
	const struct liquid_token *token = &walk->markdown->tokens[i];
	const struct liquid *liquid = walk->liquid;
	const void *expected = place;
	int line = 0;
	if (goes_on(token->word) && liquid->depth) {
		expected = walk->places[liquid->depth - 1];
		line = liquid->blocks[liquid->depth - 1].line;
	} else if (str_is(token->word, "break") || str_is(token->word, "continue")) {
		for (size_t d = liquid->depth; d-- && !line;)
			if (strcmp(liquid->blocks[d].tag, "for") == 0) {
				expected = walk->places[d];
				line = liquid->blocks[d].line;
			}
	}
	if (walk->check && expected != place)
		liquid_problem(walk->markdown->site, token->line,
			       "{%% %.*s %%} stands in another paragraph, list item, cell or link than its beginning on line "
			       "%d. Put both on lines of their own.",
			       STR_ARG(token->word), line);
	else if (walk->check && i < walk->last)
		liquid_problem(walk->markdown->site, token->line,
			       "Markdown moves this tag. Put it on a line of its own.");
}

static void write_tag(struct markdown_walk *walk, size_t i, const void *place)
{
	struct markdown *markdown = walk->markdown;
	const struct liquid_token *token = &markdown->tokens[i];
	check_place(walk, i, place);
	walk->last = i;
	markdown->visits[i]++;
	if (str_is(token->word, "capture")) {
		size_t end = markdown_capture_end(markdown->tokens, markdown->count, i);
		liquid_all(walk->liquid, token, end - i, LIQUID_PROSE);
		return;
	}
	size_t before = walk->liquid->depth;
	liquid_tag(walk->liquid, token);
	if (walk->liquid->depth > before)
		walk->places[before] = place;
}

void markdown_texts(struct markdown_walk *walk, struct str s, enum liquid_context context, const void *place,
		    void (*text)(struct markdown_walk *walk, struct str s))
{
	const struct markdown *markdown = walk->markdown;
	const char *end = s.p + s.n;
	while (s.n) {
		size_t token = 0, n = 0;
		const char *hit = memmem(s.p, s.n, markdown->mark, strlen(markdown->mark));
		size_t before = hit ? (size_t)(hit - s.p) : s.n;
		if (hit)
			n = markdown_word(markdown, hit, end, &token);
		if (hit && !n)
			before += strlen(markdown->mark);
		if (before)
			text(walk, (struct str){s.p, before});
		if (n && is_control(&markdown->tokens[token]))
			write_tag(walk, token, place);
		else if (n)
			liquid_output(walk->liquid, &markdown->tokens[token], context);
		s = (struct str){s.p + before + n, s.n - before - n};
	}
}

/* Inside code a line of tags is a line of the text: its tags are written, the line goes. */
void markdown_code(struct markdown_walk *walk, cmark_node *node, enum liquid_context context,
		   void (*text)(struct markdown_walk *walk, struct str s))
{
	struct str rest = str_of(cmark_node_get_literal(node));
	while (rest.n) {
		const char *start = rest.p;
		struct str line = str_cut(&rest, '\n'), bare = str_trim(line);
		struct str tags = {bare.p + 4, bare.n - 7};
		bool comment = bare.n > 7 && str_starts(bare, STR("<!--")) && str_ends(bare, STR("-->"));
		if (comment && markdown_only_tags(walk->markdown, tags))
			markdown_texts(walk, tags, context, node, text);
		else
			markdown_texts(walk, (struct str){start, line.n + (rest.p ? 1 : 0)}, context, node, text);
	}
}

static void no_text(struct markdown_walk *walk, struct str s)
{
	(void)walk;
	(void)s;
}

bool markdown_tags(struct markdown_walk *walk, cmark_node *node, const void *place)
{
	struct str tags = markdown_tag_line(walk->markdown, node);
	if (tags.p)
		markdown_texts(walk, tags, LIQUID_PLAIN, place, no_text);
	return tags.p != NULL;
}

void markdown_check(struct markdown_walk *walk)
{
	const struct markdown *markdown = walk->markdown;
	for (size_t i = 0; i < markdown->count; i++) {
		if (markdown->tokens[i].kind != LIQUID_TAG)
			continue;
		if (markdown->visits[i] != 1)
			liquid_problem(markdown->site, markdown->tokens[i].line,
				       "{%% %.*s %%} stands where Markdown %s it. Put it on a line of its own.",
				       STR_ARG(markdown->tokens[i].word),
				       markdown->visits[i] ? "repeats" : "leaves out");
		if (str_is(markdown->tokens[i].word, "capture"))
			i = markdown_capture_end(markdown->tokens, markdown->count, i) - 1;
	}
}
