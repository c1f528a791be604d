/* The plain text of a mail: the same tree as the HTML, walked a second time. Writes Lua that calls the layout words of
 * liquid_write.c, which wrap lines and number items when the template runs. Says no problems: the walk of
 * template_html.c has. */
#include "playbook/template_parts.h"

static void put(struct markdown_walk *walk, struct str s)
{
	liquid_literal(walk->liquid, s);
}

/* ---- inside a line ---- */

static void inlines(struct markdown_walk *walk, cmark_node *parent);

static void literal(struct markdown_walk *walk, cmark_node *node)
{
	const char *text = cmark_node_get_literal(node);
	markdown_texts(walk, str_of(text ? text : ""), LIQUID_PROSE, cmark_node_parent(node), put);
}

/* An address without outputs, which public_url does not come before, is finished here. */
static void fixed_link(struct markdown_walk *walk, const char *address)
{
	struct buf url = {0};
	buf_puts(&url, address);
	liquid_finish_url(&url, 0, NULL);
	liquid_call(walk->liquid, "w_link(%zu)", liquid_keep(walk->liquid, buf_str(&url)));
	buf_fini(&url);
}

static void link(struct markdown_walk *walk, cmark_node *node)
{
	const char *address = cmark_node_get_url(node);
	liquid_call(walk->liquid, "mark()");
	inlines(walk, node);
	if (str_starts(str_of(address), STR("http")) && !markdown_has_marks(walk->markdown, address)) {
		fixed_link(walk, address);
		return;
	}
	liquid_emit(walk->liquid, "mark()");
	markdown_texts(walk, str_of(address), LIQUID_URL, address, put);
	liquid_emit(walk->liquid, "w_link()");
}

static void inline_node(struct markdown_walk *walk, cmark_node *node)
{
	switch (cmark_node_get_type(node)) {
	case CMARK_NODE_TEXT:
	case CMARK_NODE_CODE: literal(walk, node); break;
	case CMARK_NODE_SOFTBREAK: put(walk, STR(" ")); break;
	case CMARK_NODE_LINEBREAK: put(walk, STR("\n")); break;
	case CMARK_NODE_EMPH:
	case CMARK_NODE_STRONG:
	case CMARK_NODE_IMAGE: inlines(walk, node); break;
	case CMARK_NODE_LINK: link(walk, node); break;
	default: break;
	}
}

static void inlines(struct markdown_walk *walk, cmark_node *parent)
{
	if (++walk->depth <= MARKDOWN_DEEPEST * 2)
		for (cmark_node *node = cmark_node_first_child(parent); node; node = cmark_node_next(node))
			inline_node(walk, node);
	walk->depth--;
}

/* ---- blocks ---- */

static void blocks(struct markdown_walk *walk, cmark_node *parent);

static void list(struct markdown_walk *walk, cmark_node *node)
{
	bool ordered = cmark_node_get_list_type(node) == CMARK_ORDERED_LIST;
	liquid_emit(walk->liquid, "w_list(%d,%s)", ordered ? cmark_node_get_list_start(node) : -1,
		    cmark_node_get_list_tight(node) ? "true" : "false");
	for (cmark_node *item = cmark_node_first_child(node); item; item = cmark_node_next(item)) {
		if (markdown_tags(walk, item, node))
			continue;
		liquid_emit(walk->liquid, "w_item()");
		blocks(walk, item);
		liquid_emit(walk->liquid, "w_item_end()");
	}
	liquid_emit(walk->liquid, "w_list_end()");
}

static void block_of_inlines(struct markdown_walk *walk, cmark_node *node, int kind)
{
	liquid_call(walk->liquid, "w_open()");
	inlines(walk, node);
	liquid_emit(walk->liquid, "w_close(%d)", kind);
}

void template_text_inlines(struct markdown_walk *walk, cmark_node *parent)
{
	inlines(walk, parent);
}

static void block(struct markdown_walk *walk, cmark_node *node)
{
	if (markdown_is_table(node)) {
		template_text_table(walk, node);
		return;
	}
	int level = 0;
	switch (cmark_node_get_type(node)) {
	case CMARK_NODE_PARAGRAPH: block_of_inlines(walk, node, 0); break;
	case CMARK_NODE_HEADING:
		level = cmark_node_get_heading_level(node);
		block_of_inlines(walk, node, level > 2 ? 3 : level);
		break;
	case CMARK_NODE_LIST: list(walk, node); break;
	case CMARK_NODE_CODE_BLOCK:
		liquid_emit(walk->liquid, "w_open()");
		markdown_code(walk, node, LIQUID_PROSE, put);
		liquid_emit(walk->liquid, "w_close(9)");
		break;
	case CMARK_NODE_BLOCK_QUOTE:
		liquid_emit(walk->liquid, "w_quote()");
		blocks(walk, node);
		liquid_emit(walk->liquid, "w_quote_end()");
		break;
	case CMARK_NODE_THEMATIC_BREAK: liquid_emit(walk->liquid, "w_rule()"); break;
	case CMARK_NODE_HTML_BLOCK: markdown_tags(walk, node, cmark_node_parent(node)); break;
	default: break;
	}
}

static void blocks(struct markdown_walk *walk, cmark_node *parent)
{
	if (++walk->depth <= MARKDOWN_DEEPEST)
		for (cmark_node *node = cmark_node_first_child(parent); node; node = cmark_node_next(node))
			block(walk, node);
	walk->depth--;
}

static void footer(struct markdown_walk *walk)
{
	struct liquid *liquid = walk->liquid;
	liquid_emit(liquid, "do local u,p=owes(false) if u or p then w_open()");
	put(walk, STR("-- \n"));
	liquid_emit(liquid, "if p then o(N(%d))", (int)WORD_POSTAL_ADDRESS);
	put(walk, STR("\n"));
	liquid_emit(liquid, "end if u then");
	put(walk, str_of(template_unsubscribe_word(walk->markdown->site->playbook->language)));
	put(walk, STR(": "));
	liquid_emit(liquid, "mark()q(N(%d))url(false)", (int)WORD_UNSUBSCRIBE_URL);
	liquid_emit(liquid, "end w_close(9) end end");
}

void template_text(struct markdown_walk *walk, const struct template_body *body)
{
	/* what the subject assigns is known in the body, as in the HTML, whose title prints it */
	liquid_emit(walk->liquid, "mark()");
	liquid_all(walk->liquid, body->subject, body->subject_count, LIQUID_PROSE);
	liquid_all(walk->liquid, body->preheader, body->preheader_count, LIQUID_PROSE);
	liquid_emit(walk->liquid, "cut()");
	blocks(walk, walk->markdown->root);
	if (body->footer)
		footer(walk);
}
