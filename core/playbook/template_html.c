/* The HTML of a mail: the body with inline styles, made for mail programs that know little CSS, in its layout (template_layout.c); of a letter the body alone. Walks
 * cmark's tree once, when the template is loaded, and writes literals and Lua; what a lead wrote is escaped when it is
 * printed. */
#include "playbook/template_parts.h"

#include <stdio.h>

#define P_TAG "<p style=\"margin:0 0 16px;\">"

static const char *const heading_styles[7] = {
	"",
	"margin:0 0 16px;font-size:26px;line-height:32px;font-weight:bold;",
	"margin:24px 0 12px;font-size:21px;line-height:28px;font-weight:bold;",
	"margin:20px 0 8px;font-size:17px;line-height:24px;font-weight:bold;",
	"margin:16px 0 8px;font-size:16px;line-height:24px;font-weight:bold;",
	"margin:16px 0 8px;font-size:14px;line-height:20px;font-weight:bold;",
	"margin:16px 0 8px;font-size:14px;line-height:20px;font-weight:normal;",
};

static void put(struct markdown_walk *walk, const char *text)
{
	liquid_literal(walk->liquid, str_of(text));
}

static void put_text(struct markdown_walk *walk, struct str s)
{
	struct buf escaped = {0};
	liquid_put_html(&escaped, s);
	liquid_literal(walk->liquid, buf_str(&escaped));
	buf_fini(&escaped);
}

static void put_raw(struct markdown_walk *walk, struct str s)
{
	liquid_literal(walk->liquid, s);
}

/* ---- addresses ---- */

/* An address without outputs is finished here; that of a link is asked for again when the mail is written. */
static void put_fixed_address(struct markdown_walk *walk, cmark_node *node, const char *address, bool link)
{
	struct buf url = {0};
	buf_puts(&url, address);
	buf_reserve(&url, 1);
	liquid_finish_url(&url, 0, NULL);
	if (str_is(buf_str(&url), "#") && strcmp(address, "#") != 0)
		liquid_problem(walk->markdown->site, markdown_line(walk->markdown, node),
			       "the address \"%.200s\" cannot stand in a mail. Write http:, https:, mailto: or tel:.",
			       address);
	if (link && url.n > 4 && str_same_nocase((struct str){url.p, 4}, STR("http"))) {
		liquid_call(walk->liquid, "link(%zu)", liquid_keep(walk->liquid, buf_str(&url)));
	} else {
		put_text(walk, buf_str(&url));
	}
	buf_fini(&url);
}

/* An address with outputs, or one that public_url comes before. */
static void put_address(struct markdown_walk *walk, cmark_node *node, bool link)
{
	const char *address = cmark_node_get_url(node);
	if (link && !markdown_has_marks(walk->markdown, address))
		template_link(walk->markdown, str_of(address), markdown_line(walk->markdown, node));
	if (!markdown_has_marks(walk->markdown, address) && !(address[0] == '/' && address[1] != '/')) {
		put_fixed_address(walk, node, address, link);
		return;
	}
	liquid_emit(walk->liquid, "mark()");
	markdown_texts(walk, str_of(address), LIQUID_URL, address, put_raw);
	liquid_emit(walk->liquid, link ? "url(true,true)" : "url(true)");
}

/* ---- what stands inside a line ---- */

static void inlines(struct markdown_walk *walk, cmark_node *parent, bool plain);

static void literal(struct markdown_walk *walk, cmark_node *node)
{
	const char *text = cmark_node_get_literal(node);
	template_no_link(walk->markdown, node);
	template_no_table(walk->markdown, node);
	markdown_texts(walk, str_of(text ? text : ""), LIQUID_HTML, cmark_node_parent(node), put_text);
}

static void link(struct markdown_walk *walk, cmark_node *node)
{
	put(walk, "<a href=\"");
	put_address(walk, node, true);
	put(walk, "\" style=\"color:#1d4ed8;text-decoration:underline;\">");
	inlines(walk, node, false);
	put(walk, "</a>");
}

/* ![words](file.png "Caption"): what stands below a picture on paper. */
static void caption(struct markdown_walk *walk, cmark_node *node)
{
	const char *title = cmark_node_get_title(node);
	put(walk, "\" title=\"");
	markdown_texts(walk, str_of(title ? title : ""), LIQUID_HTML, cmark_node_parent(node), put_text);
}

static bool is_in_table(cmark_node *node)
{
	while (node && !markdown_is_table(node))
		node = cmark_node_parent(node);
	return node != NULL;
}

static void image(struct markdown_walk *walk, cmark_node *node)
{
	if (walk->markdown->site->letter && is_in_table(node))
		liquid_problem(walk->markdown->site, markdown_line(walk->markdown, node), "a picture cannot stand in a table of a letter. Write it before or below the table.");
	const struct template_file *file = template_picture(walk->markdown, str_of(cmark_node_get_url(node)), markdown_line(walk->markdown, node));
	put(walk, "<img src=\"");
	if (file)
		put(walk, arena_printf(walk->markdown->arena, "cid:%s", file->content_id));
	else
		put_address(walk, node, false);
	if (!cmark_node_first_child(node))
		template_note(walk->markdown->site, markdown_line(walk->markdown, node), "a picture without words is nothing to who does not see it: write ![what it shows](%s).",
			      cmark_node_get_url(node));
	put(walk, "\" alt=\"");
	inlines(walk, node, true);
	if (walk->markdown->site->letter)
		caption(walk, node);
	put(walk, "\" style=\"max-width:100%;height:auto;border:0;\">");
}

static void raw_html(struct markdown_walk *walk, cmark_node *node)
{
	const char *text = cmark_node_get_literal(node);
	struct str rest = str_trim(str_of(text ? text : "")), line = str_cut(&rest, '\n');
	if (!str_starts(line, STR("<!--")))
		liquid_problem(walk->markdown->site, markdown_line(walk->markdown, node),
			       "HTML cannot stand in a template (%.*s). Write Markdown.", line.n > 60 ? 60 : (int)line.n, line.p);
}

static void wrapped(struct markdown_walk *walk, cmark_node *node, bool plain, const char *open, const char *close)
{
	put(walk, plain ? "" : open);
	inlines(walk, node, plain);
	put(walk, plain ? "" : close);
}

static void inline_node(struct markdown_walk *walk, cmark_node *node, bool plain)
{
	switch (cmark_node_get_type(node)) {
	case CMARK_NODE_TEXT: literal(walk, node); break;
	case CMARK_NODE_SOFTBREAK: put(walk, "\n"); break;
	case CMARK_NODE_LINEBREAK: put(walk, plain ? " " : "<br>\n"); break;
	case CMARK_NODE_CODE:
		put(walk, plain ? "" : "<code style=\"font-family:Menlo,Consolas,monospace;font-size:14px;\">");
		literal(walk, node);
		put(walk, plain ? "" : "</code>");
		break;
	case CMARK_NODE_HTML_INLINE: raw_html(walk, node); break;
	case CMARK_NODE_EMPH: wrapped(walk, node, plain, "<em>", "</em>"); break;
	case CMARK_NODE_STRONG: wrapped(walk, node, plain, "<strong>", "</strong>"); break;
	case CMARK_NODE_LINK:
		if (plain)
			inlines(walk, node, true);
		else
			link(walk, node);
		break;
	case CMARK_NODE_IMAGE:
		if (plain)
			inlines(walk, node, true);
		else
			image(walk, node);
		break;
	default: break;
	}
}

static void inlines(struct markdown_walk *walk, cmark_node *parent, bool plain)
{
	if (++walk->depth > MARKDOWN_DEEPEST * 2)
		liquid_problem(walk->markdown->site, markdown_line(walk->markdown, parent),
			       "emphasis and links stand in one another too deep.");
	else
		for (cmark_node *node = cmark_node_first_child(parent); node; node = cmark_node_next(node))
			inline_node(walk, node, plain);
	walk->depth--;
}

/* ---- blocks ---- */

static void blocks(struct markdown_walk *walk, cmark_node *parent, bool tight);

/* Data stands in it, and either no words of its own, or tags, which may leave them out. */
static bool may_be_blank(const struct markdown_walk *walk, cmark_node *node)
{
	cmark_iter *iter = cmark_iter_new(node);
	struct markdown_holds holds = {0};
	while (cmark_iter_next(iter) != CMARK_EVENT_DONE) {
		cmark_node *at = cmark_iter_get_node(iter);
		cmark_node_type type = cmark_node_get_type(at);
		bool words = holds.words;
		markdown_hold(walk->markdown, cmark_node_get_literal(at), &holds);
		if (type != CMARK_NODE_TEXT && type != CMARK_NODE_CODE)
			holds.words = words; /* a comment */
	}
	cmark_iter_free(iter);
	return holds.tags || (holds.outputs && !holds.words);
}

/* A block that data may leave blank goes away with its tags. */
static void block_of_inlines(struct markdown_walk *walk, cmark_node *node, const char *open, const char *close)
{
	bool droppable = may_be_blank(walk, node);
	if (droppable)
		liquid_call(walk->liquid, "mark()");
	put(walk, open);
	inlines(walk, node, false);
	if (droppable)
		liquid_emit(walk->liquid, "if drop(%zu) then", strlen(open));
	put(walk, close);
	if (droppable)
		liquid_emit(walk->liquid, "end");
}

static void heading(struct markdown_walk *walk, cmark_node *node)
{
	char open[160], close[16];
	int level = cmark_node_get_heading_level(node);
	snprintf(open, sizeof open, "<h%d style=\"%s\">", level, heading_styles[level]);
	snprintf(close, sizeof close, "</h%d>\n", level);
	block_of_inlines(walk, node, open, close);
}

static void list(struct markdown_walk *walk, cmark_node *node)
{
	bool ordered = cmark_node_get_list_type(node) == CMARK_ORDERED_LIST;
	int start = cmark_node_get_list_start(node);
	char open[120], from[32] = "";
	if (ordered && start != 1)
		snprintf(from, sizeof from, " start=\"%d\"", start);
	snprintf(open, sizeof open, "<%s%s style=\"margin:0 0 16px;padding-left:24px;\">\n", ordered ? "ol" : "ul",
		 from);
	put(walk, open);
	for (cmark_node *item = cmark_node_first_child(node); item; item = cmark_node_next(item)) {
		if (markdown_tags(walk, item, node))
			continue;
		put(walk, "<li style=\"margin:0 0 6px;\">");
		blocks(walk, item, cmark_node_get_list_tight(node));
		put(walk, "</li>\n");
	}
	put(walk, ordered ? "</ol>\n" : "</ul>\n");
}

static void code_block(struct markdown_walk *walk, cmark_node *node)
{
	put(walk, "<pre style=\"margin:0 0 "
		  "16px;padding:12px;background:#f3f4f6;font-family:Menlo,Consolas,monospace;font-size:14px;"
		  "line-height:20px;white-space:pre-wrap;\">");
	markdown_code(walk, node, LIQUID_HTML, put_text);
	put(walk, "</pre>\n");
}

void template_html_inlines(struct markdown_walk *walk, cmark_node *parent)
{
	inlines(walk, parent, false);
}

static void block(struct markdown_walk *walk, cmark_node *node, bool tight)
{
	if (markdown_is_table(node)) {
		template_html_table(walk, node);
		return;
	}
	switch (cmark_node_get_type(node)) {
	case CMARK_NODE_PARAGRAPH:
		if (tight) {
			inlines(walk, node, false);
			put(walk, cmark_node_next(node) ? "\n" : "");
		} else {
			block_of_inlines(walk, node, P_TAG, "</p>\n");
		}
		break;
	case CMARK_NODE_HEADING: heading(walk, node); break;
	case CMARK_NODE_LIST: list(walk, node); break;
	case CMARK_NODE_CODE_BLOCK: code_block(walk, node); break;
	case CMARK_NODE_BLOCK_QUOTE:
		put(walk, "<blockquote style=\"margin:0 0 16px;padding:0 0 0 16px;border-left:3px solid "
			  "#d1d5db;color:#4b5563;\">\n");
		blocks(walk, node, false);
		put(walk, "</blockquote>\n");
		break;
	case CMARK_NODE_THEMATIC_BREAK:
		put(walk, "<hr style=\"margin:24px 0;border:0;border-top:1px solid #e5e7eb;\">\n");
		break;
	case CMARK_NODE_HTML_BLOCK:
		if (!markdown_tags(walk, node, cmark_node_parent(node)))
			raw_html(walk, node);
		break;
	default: break;
	}
}

static void blocks(struct markdown_walk *walk, cmark_node *parent, bool tight)
{
	if (++walk->depth > MARKDOWN_DEEPEST)
		liquid_problem(walk->markdown->site, markdown_line(walk->markdown, parent),
			       "lists and quotes stand in one another more than %d deep.", MARKDOWN_DEEPEST);
	else
		for (cmark_node *node = cmark_node_first_child(parent); node; node = cmark_node_next(node))
			block(walk, node, tight);
	walk->depth--;
}

/* ---- the document ---- */

static void content(struct markdown_walk *walk)
{
	blocks(walk, walk->markdown->root, false);
}

void template_html(struct markdown_walk *walk, const struct template_body *body)
{
	if (body->layout)
		template_layout(walk, body, content);
	else
		content(walk); /* a letter: the channel lays it out */
}
