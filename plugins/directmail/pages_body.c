/* The body of a letter: from the HTML that the server makes of a template's Markdown to blocks. Called by pages_flow.c.
 *
 * The server writes a small HTML: the structure is the template's alone, and what a lead's data brings is escaped there. So this reads no HTML of strangers; a tag that it does
 * not know is left out, its text is kept, and nothing in it can name a file or a place. A rule (--- in the Markdown) begins a new page. */
#include "pages_parts.h"

#include "address_parts.h"

#include <stdlib.h>
#include <string.h>

enum { LISTS_MOST = 20, DEPTH_MOST = 12 };

struct list {
	bool ordered;
	long next;
};

struct reading {
	GPtrArray *blocks;
	const struct hyphen *hyphen;
	struct block *open; /* texts go to it; NULL = the next text opens a paragraph */
	struct list lists[LISTS_MOST];
	int list_count, quotes, heading, bold, italic, mono, row, row_bold;
	bool pre, item_begins, table_begins, blank; /* blank: a space is owed before the next text */
	char *href;
	guint link_start;
};

void body_block_free(void *data)
{
	struct block *block = data;
	g_string_free(block->text, TRUE);
	g_array_unref(block->spans);
	g_free(block->picture);
	g_free(block);
}

struct block *body_text(const char *text, int level)
{
	struct block *block = g_new0(struct block, 1);
	block->level = level;
	block->text = g_string_new(text);
	block->spans = g_array_new(FALSE, FALSE, sizeof(struct span));
	return block;
}

/* ---- blocks ---- */

static void trim(struct block *block)
{
	while (block->text->len && strchr(" \n", block->text->str[block->text->len - 1]))
		g_string_truncate(block->text, block->text->len - 1);
	for (guint i = 0; i < block->spans->len; i++) {
		struct span *span = &g_array_index(block->spans, struct span, i);
		span->end = MIN(span->end, (guint)block->text->len);
	}
}

static void close_block(struct reading *r)
{
	if (r->open)
		trim(r->open);
	r->open = NULL;
	r->blank = false;
}

static struct block *open_block(struct reading *r, enum block_kind kind)
{
	struct block *block = g_new0(struct block, 1);
	close_block(r);
	block->kind = kind;
	block->level = r->heading;
	block->depth = MIN(r->list_count + r->quotes, DEPTH_MOST);
	block->text = g_string_new(NULL);
	block->spans = g_array_new(FALSE, FALSE, sizeof(struct span));
	if (r->item_begins && r->list_count) {
		struct list *list = &r->lists[r->list_count - 1];
		if (list->ordered)
			g_snprintf(block->marker, sizeof block->marker, "%ld.", list->next++);
		else
			g_strlcpy(block->marker, r->list_count % 2 ? "•" : "–", sizeof block->marker);
		r->item_begins = false;
	}
	g_ptr_array_add(r->blocks, block);
	return r->open = block;
}

static struct block *text_block(struct reading *r)
{
	return r->open ? r->open : open_block(r, r->pre ? BLOCK_CODE : BLOCK_TEXT);
}

/* ---- texts ---- */

static void put(struct reading *r, const char *text, size_t n)
{
	struct block *block = text_block(r);
	unsigned style = (r->bold || r->row_bold ? SPAN_BOLD : 0) | (r->italic ? SPAN_ITALIC : 0) | (r->mono ? SPAN_MONO : 0);
	struct span span = {.start = (guint)block->text->len, .style = style};
	if (r->hyphen && !r->mono && !r->pre && !r->heading)
		hyphen_put(r->hyphen, text, n, block->text);
	else
		g_string_append_len(block->text, text, (gssize)n);
	span.end = (guint)block->text->len;
	if (style && span.end > span.start)
		g_array_append_val(block->spans, span);
}

/* Marks that turn the direction of text come from nobody but who wants to deceive. */
static bool is_dropped(gunichar c)
{
	return (c < 0x20 && c != '\n' && c != '\t') || c == 0x7f || (c >= 0x80 && c < 0xa0) || (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0xfeff ||
	       (c >= 0xe0000 && c <= 0xe007f);
}

static void put_clean(struct reading *r, GString *text)
{
	GString *clean = g_string_sized_new(text->len);
	for (const char *p = text->str; *p;) {
		gunichar c = g_utf8_get_char_validated(p, -1);
		bool broken = c == (gunichar)-1 || c == (gunichar)-2;
		if (broken)
			g_string_append(clean, "\xef\xbf\xbd");
		else if (!is_dropped(c))
			g_string_append_unichar(clean, c == 0x2028 || c == 0x2029 ? '\n' : c);
		p = broken ? p + 1 : g_utf8_next_char(p);
	}
	put(r, clean->str, clean->len);
	g_string_free(clean, TRUE);
}

static bool begins_line(const struct reading *r)
{
	return !r->open || !r->open->text->len || strchr("\n\x1f", r->open->text->str[r->open->text->len - 1]);
}

/* One space for any run of them, none at a line's beginning. */
static void put_words(struct reading *r, const GString *text)
{
	GString *words = g_string_sized_new(text->len);
	bool blank = r->blank;
	for (const char *p = text->str; *p; p++) {
		if (strchr(" \t\n\r", *p)) {
			blank = true;
			continue;
		}
		if (blank && (words->len || !begins_line(r)))
			g_string_append_c(words, ' ');
		blank = false;
		g_string_append_c(words, *p);
	}
	if (words->len)
		put_clean(r, words);
	r->blank = blank;
	g_string_free(words, TRUE);
}

static size_t entity(const char *p, size_t n, GString *out)
{
	static const struct {
		const char *name, *text;
	} names[] = {{"&amp;", "&"}, {"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&#39;", "'"}, {"&nbsp;", "\xc2\xa0"}};
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
		if (n >= strlen(names[i].name) && strncmp(p, names[i].name, strlen(names[i].name)) == 0) {
			g_string_append(out, names[i].text);
			return strlen(names[i].name);
		}
	g_string_append_c(out, *p);
	return 1;
}

static void decode(const char *p, size_t n, GString *out)
{
	for (size_t i = 0; i < n;)
		if (p[i] == '&')
			i += entity(p + i, n - i, out);
		else
			g_string_append_c(out, p[i++]);
}

static void text(struct reading *r, const char *p, size_t n)
{
	GString *plain = g_string_sized_new(n);
	decode(p, n, plain);
	if (r->pre)
		put_clean(r, plain);
	else
		put_words(r, plain);
	g_string_free(plain, TRUE);
}

/* ---- tags ---- */

/* The value of an attribute, decoded; NULL: it is not there. tag: what stands between < and >. */
static char *attribute(const char *tag, size_t n, const char *name)
{
	char *wanted = g_strdup_printf(" %s=\"", name);
	const char *found = g_strstr_len(tag, (gssize)n, wanted);
	GString *value = g_string_new(NULL);
	if (found) {
		const char *start = found + strlen(wanted), *end = memchr(start, '"', n - (size_t)(start - tag));
		if (end)
			decode(start, (size_t)(end - start), value);
	}
	g_free(wanted);
	return g_string_free(value, found == NULL);
}

static void on_block(struct reading *r, bool closing)
{
	(void)closing;
	close_block(r);
}

static void begin_list(struct reading *r, const char *tag, size_t n, bool ordered, bool closing)
{
	close_block(r);
	if (closing) {
		r->list_count -= r->list_count > 0;
	} else if (r->list_count < LISTS_MOST) {
		char *start = attribute(tag, n, "start");
		r->lists[r->list_count++] = (struct list){.ordered = ordered, .next = start ? strtol(start, NULL, 10) : 1};
		g_free(start);
	}
	r->item_begins = false;
}

static void end_link(struct reading *r)
{
	struct block *block = r->open;
	const char *url = r->href;
	if (!url)
		return;
	for (const char *const *scheme = (const char *const[]){"mailto:", "tel:", NULL}; *scheme; scheme++)
		if (g_str_has_prefix(url, *scheme))
			url += strlen(*scheme);
	GString *said = g_string_new(NULL);
	if (block && r->link_start <= block->text->len)
		for (const char *p = block->text->str + r->link_start; *p; p = g_utf8_next_char(p))
			if (g_utf8_get_char(p) != 0xad)
				g_string_append_unichar(said, g_utf8_get_char(p));
	const char *bare = strstr(url, "://");
	if (*url && strcmp(url, "#") != 0 && strcmp(said->str, url) != 0 && !(bare && strcmp(said->str, bare + 3) == 0)) {
		GString *printed = g_string_new(NULL);
		const struct hyphen *hyphen = r->hyphen;
		g_string_printf(printed, said->len ? " (%s)" : "%s", url);
		r->hyphen = NULL; /* who types it in must not type a hyphen */
		put_clean(r, printed);
		r->hyphen = hyphen;
		g_string_free(printed, TRUE);
	}
	g_string_free(said, TRUE);
	g_free(r->href);
	r->href = NULL;
}

static void link_tag(struct reading *r, const char *tag, size_t n, bool closing)
{
	if (closing) {
		end_link(r);
		return;
	}
	if (r->blank && r->open && r->open->text->len)
		put(r, " ", 1);
	r->blank = false;
	g_free(r->href);
	r->href = attribute(tag, n, "href");
	r->link_start = r->open ? (guint)r->open->text->len : 0;
}

static void picture_tag(struct reading *r, const char *tag, size_t n)
{
	char *source = attribute(tag, n, "src");
	char *caption = attribute(tag, n, "title");
	if (source && g_str_has_prefix(source, "cid:")) {
		struct block *block = open_block(r, BLOCK_PICTURE);
		block->picture = g_strdup(source + 4);
		post_clean(caption, ' ', block->text);
		close_block(r);
	}
	g_free(caption);
	g_free(source);
}

static void row_tag(struct reading *r, bool closing)
{
	close_block(r);
	r->row = !closing;
	if (r->row) {
		struct block *before = r->blocks->len ? g_ptr_array_index(r->blocks, r->blocks->len - 1) : NULL;
		open_block(r, BLOCK_ROW)->tight = before && before->kind == BLOCK_ROW && !r->table_begins;
		r->table_begins = false;
	}
}

static void cell_tag(struct reading *r, bool closing, bool head)
{
	r->row_bold = head && !closing;
	r->blank = false;
	if (head && r->open && r->open->kind == BLOCK_ROW)
		r->open->head = true;
	if (closing && r->open && r->open->kind == BLOCK_ROW)
		g_string_append_c(r->open->text, CELL_END);
}

static void break_tag(struct reading *r)
{
	if (r->open)
		g_string_append_c(r->open->text, '\n');
	r->blank = false;
}

static void item_tag(struct reading *r, bool closing)
{
	close_block(r);
	if (!closing && !r->list_count) /* out of any list */
		return;
	r->item_begins = !closing;
}

static bool inline_tag(struct reading *r, const char *name, int step)
{
	int *count = strcmp(name, "strong") == 0 || strcmp(name, "b") == 0 ? &r->bold : strcmp(name, "em") == 0 || strcmp(name, "i") == 0 ? &r->italic :
		     strcmp(name, "code") == 0 ? &r->mono : NULL;
	if (!count)
		return false;
	if (step > 0 && r->blank && r->open && r->open->text->len)
		put(r, " ", 1), r->blank = false;
	*count = MAX(0, *count + step);
	return true;
}

static void tag(struct reading *r, const char *p, size_t n)
{
	bool closing = n && *p == '/';
	char name[16] = "";
	size_t from = closing, k = 0;
	while (from + k < n && g_ascii_isalnum(p[from + k]) && k + 1 < sizeof name)
		name[k] = p[from + k], k++;
	name[k] = '\0';
	bool in_row = r->row && r->open;
	if (inline_tag(r, name, closing ? -1 : 1) || (in_row && strcmp(name, "p") == 0))
		return;
	if (name[0] == 'h' && name[1] >= '1' && name[1] <= '6' && !name[2])
		on_block(r, closing), r->heading = closing ? 0 : name[1] - '0';
	else if (strcmp(name, "p") == 0 || strcmp(name, "div") == 0)
		on_block(r, closing);
	else if (strcmp(name, "pre") == 0)
		on_block(r, closing), r->pre = !closing;
	else if (strcmp(name, "blockquote") == 0)
		on_block(r, closing), r->quotes = MAX(0, r->quotes + (closing ? -1 : 1));
	else if (strcmp(name, "ul") == 0 || strcmp(name, "ol") == 0)
		begin_list(r, p, n, *name == 'o', closing);
	else if (strcmp(name, "li") == 0)
		item_tag(r, closing);
	else if (strcmp(name, "br") == 0)
		break_tag(r);
	else if (strcmp(name, "hr") == 0)
		open_block(r, BLOCK_PAGE), close_block(r);
	else if (strcmp(name, "a") == 0)
		link_tag(r, p, n, closing);
	else if (strcmp(name, "img") == 0)
		picture_tag(r, p, n);
	else if (strcmp(name, "table") == 0)
		on_block(r, closing), r->table_begins = !closing;
	else if (strcmp(name, "tr") == 0)
		row_tag(r, closing);
	else if (strcmp(name, "td") == 0 || strcmp(name, "th") == 0)
		cell_tag(r, closing, name[1] == 'h');
}

/* Where the tag ends that begins at p: a > outside of quotes. */
static const char *tag_end(const char *p)
{
	bool quoted = false;
	for (; *p; p++) {
		if (*p == '"')
			quoted = !quoted;
		else if (*p == '>' && !quoted)
			return p;
	}
	return NULL;
}

static bool is_empty(const struct block *block)
{
	return (block->kind == BLOCK_TEXT || block->kind == BLOCK_CODE) && !block->text->len && !*block->marker;
}

GPtrArray *body_blocks(const char *html, const struct hyphen *hyphen)
{
	struct reading r = {.blocks = g_ptr_array_new_with_free_func(body_block_free), .hyphen = hyphen};
	for (const char *p = html ? html : ""; *p;) {
		const char *end = *p == '<' ? tag_end(p) : NULL;
		size_t n = end ? (size_t)(end - p) + 1 : strcspn(p + 1, "<") + 1;
		if (end)
			tag(&r, p + 1, n - 2);
		else
			text(&r, p, n);
		p += n;
	}
	close_block(&r);
	g_free(r.href);
	for (guint i = r.blocks->len; i--;)
		if (is_empty(g_ptr_array_index(r.blocks, i)))
			g_ptr_array_remove_index(r.blocks, i);
	return r.blocks;
}
