/* Between the files template*.c only: a body of Markdown with Liquid, from its tokens to a tree whose texts name tokens
 * by number.
 *
 * Markdown's structure is fixed here, when the template is loaded: cmark sees a word (the mark) for each output and
 * tag, never data. The walks of template_html.c and template_text.c turn the words back into Lua where they stand in
 * the tree. A line that holds nothing but tags ends a paragraph, as the empty line does that Liquid leaves there. */
#ifndef NURTURE_PLAYBOOK_TEMPLATE_PARTS_H
#define NURTURE_PLAYBOOK_TEMPLATE_PARTS_H

#include "playbook/liquid.h"

#include <cmark-gfm.h>

enum { MARKDOWN_DEEPEST = 20 };

struct template_bag; /* template_store.h */

struct markdown {
	struct template_bag *bag; /* files that go with it; NULL = none may */
	struct liquid_site *site;
	struct arena *arena;
	const struct liquid_token *tokens;
	size_t count;
	char mark[16]; /* how words for tokens begin; stands nowhere in the source */
	cmark_node *root;
	int *lines; /* template line of each line that cmark read */
	size_t line_count, line_room;
	int *visits; /* of each token: how often the tree names it */
};

/* Builds the tree; problems (raw HTML, too deep) are said. markdown_fini in any case. */
void markdown_init(struct markdown *markdown, struct liquid_site *site, struct arena *arena,
		   const struct liquid_token *tokens, size_t count);
void markdown_fini(struct markdown *markdown);
int markdown_line(const struct markdown *markdown, cmark_node *node);
/* Index after the endcapture that belongs to the capture at i. */
size_t markdown_capture_end(const struct liquid_token *tokens, size_t count, size_t i);

/* The number after the mark at p, and the length of the whole word `MARK12Q`; 0 when no word stands there. */
size_t markdown_word(const struct markdown *markdown, const char *p, const char *end, size_t *token);
/* Of an HTML block, a control item or a row of a table `<!--word word-->`: the words; p NULL when the node is no line of tags. */
struct str markdown_tag_line(const struct markdown *markdown, cmark_node *node);
bool markdown_only_tags(const struct markdown *markdown, struct str line); /* a line of nothing but tags */
void markdown_join_lists(struct markdown *markdown, cmark_node *parent, int depth); /* template_lists.c */
/* template_rows.c: which lines of the source are lines of tags within a table; in the arena. */
const bool *markdown_rows(const struct markdown *markdown, struct str source);
bool markdown_is_rule(struct str line); /* the line below a table's head: |---|:---:| */

/* One walk over the tree that writes Lua. */
struct markdown_walk {
	struct markdown *markdown;
	struct liquid *liquid;
	bool check;                       /* problems of structure are said (by the first walk) */
	const void *places[LIQUID_DEPTH]; /* where each open tag stands in the tree */
	size_t last;                      /* the tag visited before */
	int depth;
};
/* Calls text for what is plain in s and writes the outputs and tags that it names. place = where tags stand in the
 * tree. */
void markdown_texts(struct markdown_walk *walk, struct str s, enum liquid_context context, const void *place,
		    void (*text)(struct markdown_walk *walk, struct str s));
/* The same for the text of a code block. */
void markdown_code(struct markdown_walk *walk, cmark_node *node, enum liquid_context context,
		   void (*text)(struct markdown_walk *walk, struct str s));
bool markdown_has_marks(const struct markdown *markdown, const char *s);
/* What stands in texts: adds that of `s` (NULL: nothing). */
struct markdown_holds {
	bool words, outputs, tags; /* words: something that can be seen, whatever the data is */
};
void markdown_hold(const struct markdown *markdown, const char *s, struct markdown_holds *holds);
/* The tags that an HTML block, a control item or a row of a table holds, written; false if the node is something else. */
bool markdown_tags(struct markdown_walk *walk, cmark_node *node, const void *place);
/* The tree names every tag once and in order; else a problem. After the first walk. */
void markdown_check(struct markdown_walk *walk);

/* Words around the footer, by the playbook's language. */
const char *template_unsubscribe_word(const char *language);

struct template_body {
	const struct liquid_token *subject, *preheader; /* or NULL */
	size_t subject_count, preheader_count;
	const struct template_layout *layout;
	bool footer;
};

/* The frame of the HTML: template_layout.c. */
struct template_layout {
	const char *file;
	struct str text;
	struct liquid_tokens tokens;
};
void template_layout(struct markdown_walk *walk, const struct template_body *body, void (*content)(struct markdown_walk *walk));
struct templates;
/* templates/KIND/NAME.html, loaded and checked once; our own where there is no "layout"; NULL = there is none. */
const struct template_layout *template_layout_load(struct templates *templates, const struct playbook *playbook, struct str kind, struct str name,
						   struct problems *problems);

/* template_files.c: a picture beside the template that an address without a scheme names; NULL = it is another address, or a problem was said. */
const struct template_file *template_picture(struct markdown *markdown, struct str address, int line);
/* template_png.c: why a file cannot be printed as PNG ("is no PNG"); NULL = it can. */
const char *template_png_trouble(struct str bytes);
void template_attach(struct template_bag *bag, struct liquid_site *site, int line, struct str names);
bool template_is_file(struct str path); /* by its name */
/* template_topics.c: what `name:` says between the first two lines of ---, without quotes; "" where it does not stand. Of templates that nobody loads. */
struct str template_front(struct str text, const char *name);
/* template_reply.c: what `page:` of a letter says, or why it cannot. */
void template_reply_check(struct liquid_site *site, const struct playbook_files *files, struct str page, int line);
/* template_links.c: looks at an address without outputs. */
void template_link(struct markdown *markdown, struct str address, int line);
/* What looks like a link or a table and is none: a text that cmark left as it stood. */
void template_no_link(struct markdown *markdown, cmark_node *text);
void template_no_table(struct markdown *markdown, cmark_node *text);
void template_note(const struct liquid_site *site, int line, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* template_table.c, and what it calls for a cell. */
bool markdown_is_table(cmark_node *node);
bool markdown_is_row(cmark_node *node);
struct str markdown_row_tags(cmark_node *row); /* the only text of a row, which may be tags; p NULL: there are others */
void template_html_table(struct markdown_walk *walk, cmark_node *table);
void template_text_table(struct markdown_walk *walk, cmark_node *table);
void template_html_inlines(struct markdown_walk *walk, cmark_node *parent);
void template_text_inlines(struct markdown_walk *walk, cmark_node *parent);
void template_html(struct markdown_walk *walk, const struct template_body *body);
void template_text(struct markdown_walk *walk, const struct template_body *body);

#endif
