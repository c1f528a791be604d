/* The body on its pages: blocks are set, then dealt to pages, then drawn page by page. Called by pages.c.
 *
 * What always holds: a paragraph that goes over to the next page leaves at least two lines behind and takes two along; a heading stays with what follows it; a picture with its caption
 * and the QR code are never parted, a table's row only where it is higher than a page; the head of a table stands above its rows on each page; all of the body is drawn. */
#include "pages_parts.h"

#include "address_parts.h"

#include <math.h>
#include <string.h>

#define INDENT (6 * MM)
#define CAPTION_GAP (1.5 * MM)
enum { KEEP = 2 /* lines */, INVITATION_MOST = 600, SUBJECT_LEVEL = 4 /* as a heading of that level: bold, in the body's size */ };

struct piece {
	guint item;
	int first, count, page;
	double y;
};

struct flow {
	GPtrArray *blocks, *texts; /* of the body; what stands around it */
	GArray *items, *pieces;
	struct code *code;
	double y; /* where the next goes */
	int page;
	bool top; /* of a page: nothing is on it yet */
};

static bool wrong(struct nurture_problem *problem, const char *where, const char *message)
{
	g_strlcpy(problem->where, where, sizeof problem->where);
	g_strlcpy(problem->message, message, sizeof problem->message);
	return false;
}

static bool is_turned(const struct pages *pages)
{
	return pango_context_get_base_dir(pages->context) == PANGO_DIRECTION_RTL;
}

/* ---- setting ---- */

static double heading_size(const struct pages *pages, int level)
{
	static const double scale[7] = {1, 1.4, 1.2, 1.05, 1, 1, 1};
	return pages->size * scale[level];
}

/* How much stays blank above: nothing at a page's top. */
static double space_above(const struct pages *pages, const struct block *block)
{
	double line = pages->size * LEADING;
	if (block->level)
		return line * 1.1;
	return block->tight || block->marker[0] ? line * 0.25 : line * 0.6;
}

static void set_text(struct pages *pages, const struct block *block, struct item *item, double width)
{
	bool code = block->kind == BLOCK_CODE;
	double size = code ? pages->size * 0.9 : heading_size(pages, block->level);
	unsigned style = code ? SPAN_MONO : block->level ? SPAN_BOLD : 0;
	PangoLayout *layout = pages_text(pages, block->text->str, block->spans, size, style, width);
	if (hyphen_drop_unused(layout, block->text, block->spans)) {
		g_object_unref(layout);
		layout = pages_text(pages, block->text->str, block->spans, size, style, width);
	}
	item_add_cell(item, layout, 0);
	item->lines = pango_layout_get_line_count(layout);
	item->height = pages_layout_height(layout);
	item->line = item->height / item->lines;
	item->keeps = block->level > 0;
	pages_count_missing(pages, layout);
}

/* A text that is not of the body, as a block. */
static void add_text(struct pages *pages, struct flow *flow, const char *text, int level)
{
	struct block *block = body_text(text, level);
	struct item item = {.block = block, .x = pages->sheet.body.x, .before = space_above(pages, block)};
	g_ptr_array_add(flow->texts, block);
	if (block->text->len) {
		set_text(pages, block, &item, pages->sheet.body.width);
		g_array_append_val(flow->items, item);
	}
}

/* ---- pictures and the code ---- */

static const struct picture *picture_of(struct pages *pages, const struct letter_text *letter, const char *name)
{
	struct picture *picture = g_hash_table_lookup(pages->pictures, name);
	for (size_t i = 0; !picture && i < letter->picture_count; i++)
		if (strcmp(letter->pictures[i].name, name) == 0 && (picture = picture_new(letter->pictures[i].bytes, letter->pictures[i].length)) != NULL)
			g_hash_table_insert(pages->pictures, g_strdup(name), picture);
	return picture;
}

static bool set_picture(struct pages *pages, const struct letter_text *letter, const struct block *block, struct item *item, double width, struct nurture_problem *problem)
{
	const struct box *body = &pages->sheet.body;
	double room = body->height;
	item->picture = picture_of(pages, letter, block->picture);
	if (!item->picture)
		return wrong(problem, "picture", "a picture of the letter is not there, or is no PNG that can be shown.");
	if (block->text->len) { /* the caption: below, and never without its picture */
		PangoLayout *caption = pages_text(pages, block->text->str, NULL, pages->size * 0.9, SPAN_ITALIC, width);
		item_add_cell(item, caption, 0);
		pages_count_missing(pages, caption);
		room -= pages_layout_height(caption) + CAPTION_GAP;
	}
	picture_size(item->picture, width, MAX(room, body->height / 2), &item->picture_width, &item->picture_height);
	item->height = item->picture_height + body->height - room;
	return true;
}

/* Invitation, address, code: beside the QR code. */
static PangoLayout *code_text(struct pages *pages, const struct letter_text *letter, const char *invitation, double width)
{
	GString *text = g_string_new(NULL);
	GArray *spans = g_array_new(FALSE, FALSE, sizeof(struct span));
	const char *bare = strstr(letter->url, "://"), *mark = is_turned(pages) ? "\xe2\x80\x8f" : ""; /* U+200F: the line belongs to the right */
	post_clean(invitation, ' ', text);
	g_string_append_printf(text, "%s%s", text->len ? "\n" : "", mark);
	post_clean(bare ? bare + 3 : letter->url, ' ', text);
	if (letter->code && *letter->code) {
		g_string_append_printf(text, "\n%s", mark);
		struct span span = {.start = (guint)text->len, .style = SPAN_BOLD | SPAN_MONO};
		post_clean(letter->code, ' ', text);
		span.end = (guint)text->len;
		g_array_append_val(spans, span);
	}
	PangoLayout *layout = pages_text(pages, text->str, spans, pages->size * 0.95, 0, width);
	g_array_unref(spans);
	g_string_free(text, TRUE);
	return layout;
}

static bool add_code(struct pages *pages, const struct letter_text *letter, struct flow *flow, struct nurture_problem *problem)
{
	struct item item = {.x = pages->sheet.body.x, .before = pages->size * LEADING};
	const char *invitation = letter->invitation;
	if (!letter->url || !*letter->url)
		return true;
	flow->code = code_new(letter->url);
	if (!flow->code)
		return wrong(problem, "url", "it is too long for a QR code that a telephone can read from a letter.");
	if (invitation && strlen(invitation) > INVITATION_MOST) { /* a text of its own, that may go over to the next page */
		add_text(pages, flow, invitation, 0);
		invitation = NULL;
	}
	double size = code_size(flow->code);
	item_add_cell(&item, code_text(pages, letter, invitation, pages->sheet.body.width - size - 3 * MM), is_turned(pages) ? 0 : size + 3 * MM);
	item.height = MAX(size, pages_layout_height(item.cells[0].layout));
	pages_count_missing(pages, item.cells[0].layout);
	g_array_append_val(flow->items, item);
	return true;
}

/* ---- all blocks ---- */

/* Sets one block, a table whole. Gives the number of blocks that are done; 0 with the problem. */
static guint add_block(struct pages *pages, const struct letter_text *letter, struct flow *flow, guint i, struct nurture_problem *problem)
{
	const struct block *block = g_ptr_array_index(flow->blocks, i);
	double indent = block->depth * INDENT, width = pages->sheet.body.width - indent;
	struct item item = {.block = block, .x = pages->sheet.body.x + (is_turned(pages) ? 0 : indent), .before = space_above(pages, block)};
	guint first = flow->items->len, done = 1;
	if (block->kind == BLOCK_ROW) {
		done = table_set(pages, flow->blocks, i, item.x, width, flow->items);
	} else if (block->kind == BLOCK_PICTURE) {
		if (!set_picture(pages, letter, block, &item, width, problem))
			return 0;
		g_array_append_val(flow->items, item);
	} else {
		if (block->kind != BLOCK_PAGE)
			set_text(pages, block, &item, width);
		g_array_append_val(flow->items, item);
	}
	if (block->marker[0] && flow->items->len > first)
		g_array_index(flow->items, struct item, first).marker = pages_text(pages, block->marker, NULL, pages->size, 0, -1);
	return done;
}

/* ---- dealing to pages ---- */

static void next_page(const struct pages *pages, struct flow *flow)
{
	flow->page++;
	flow->y = pages->sheet.body.y;
	flow->top = true;
}

static double bottom(const struct pages *pages)
{
	return pages->sheet.body.y + pages->sheet.body.height + 0.01;
}

static void place(struct flow *flow, guint item, int first, int count, double height)
{
	struct piece piece = {.item = item, .first = first, .count = count, .page = flow->page, .y = flow->y};
	g_array_append_val(flow->pieces, piece);
	flow->y += height;
	flow->top = false;
}

static bool may_part(const struct pages *pages, const struct item *item)
{
	return item->lines && (!item->whole || item->height > pages->sheet.body.height);
}

/* What must be on the same page as the heading above it: headings of what follows, and its first lines. */
static double least_height(const struct pages *pages, const struct flow *flow, guint i)
{
	double sum = 0;
	bool keeps = true;
	for (; i < flow->items->len && keeps && sum < pages->sheet.body.height; i++) {
		const struct item *item = &g_array_index(flow->items, struct item, i);
		int lines = item->lines < 2 * KEEP ? item->lines : KEEP;
		keeps = item->keeps;
		sum += item->before + (may_part(pages, item) && !keeps ? lines * item->line : item->height);
	}
	return sum;
}

/* How many of the `left` lines go where there is room for `fit`. */
static int lines_here(int left, int fit, bool top)
{
	if (fit >= left)
		return left;
	int here = left - fit < KEEP ? left - KEEP : fit;
	if (here < KEEP)
		here = 0;
	return top && here <= 0 ? MAX(fit, 1) : here;
}

/* The head of a row's table once more, at the top of a page, where it leaves most of the page to the rows. */
static void repeat_head(const struct pages *pages, struct flow *flow, const struct item *row)
{
	const struct item *head = row->head ? &g_array_index(flow->items, struct item, row->head - 1) : NULL;
	if (!head || head->height > pages->sheet.body.height / 4)
		return;
	place(flow, row->head - 1, 0, head->lines, head->height);
}

static void deal_lines(const struct pages *pages, struct flow *flow, guint i, const struct item *item)
{
	for (int done = 0; done < item->lines;) {
		flow->y += flow->top || done ? 0 : item->before;
		int fit = (int)floor((bottom(pages) - flow->y) / item->line), here = lines_here(item->lines - done, MAX(fit, 0), flow->top);
		if (here)
			place(flow, i, done, here, here * item->line);
		done += here;
		if (done < item->lines) {
			next_page(pages, flow);
			repeat_head(pages, flow, item);
		}
	}
}

static void deal(const struct pages *pages, struct flow *flow, guint i)
{
	const struct item *item = &g_array_index(flow->items, struct item, i);
	if (item->block && item->block->kind == BLOCK_PAGE) {
		if (!flow->top)
			next_page(pages, flow);
		return;
	}
	bool parts = may_part(pages, item);
	double needed = item->height + (item->keeps ? least_height(pages, flow, i + 1) : 0);
	if ((item->keeps || !parts) && !flow->top && flow->y + item->before + needed > bottom(pages)) {
		next_page(pages, flow);
		repeat_head(pages, flow, item);
	}
	if (parts) {
		deal_lines(pages, flow, i, item);
	} else {
		flow->y += flow->top ? 0 : item->before;
		place(flow, i, 0, item->lines, item->height);
	}
}

/* What stands before the body. */
static void begin(struct pages *pages, const struct letter_text *letter, const char *above, struct flow *flow)
{
	GString *subject = g_string_new(NULL);
	post_clean(letter->subject, ' ', subject);
	add_text(pages, flow, above, 0);
	add_text(pages, flow, subject->str, SUBJECT_LEVEL);
	g_string_free(subject, TRUE);
}

struct flow *flow_new(struct pages *pages, const struct letter_text *letter, const char *above, struct nurture_problem *problem)
{
	struct flow *flow = g_new0(struct flow, 1);
	bool good = true;
	flow->blocks = body_blocks(letter->html, hyphen_of(letter->language && *letter->language ? letter->language : "en"));
	flow->texts = g_ptr_array_new_with_free_func(body_block_free);
	flow->items = g_array_new(FALSE, FALSE, sizeof(struct item));
	flow->pieces = g_array_new(FALSE, FALSE, sizeof(struct piece));
	flow->y = pages->sheet.text;
	flow->top = true;
	begin(pages, letter, above, flow);
	guint body = flow->items->len;
	for (guint i = 0, done = 0; i < flow->blocks->len && good; i += done)
		good = (done = add_block(pages, letter, flow, i, problem)) > 0;
	if (body && flow->items->len > body) {
		struct item *first = &g_array_index(flow->items, struct item, body);
		first->before = MAX(first->before, pages->size * LEADING);
	}
	good = good && add_code(pages, letter, flow, problem);
	for (guint i = 0; good && i < flow->items->len; i++)
		deal(pages, flow, i);
	if (good)
		return flow;
	flow_free(flow);
	return NULL;
}

void flow_free(struct flow *flow)
{
	if (!flow)
		return;
	for (guint i = 0; i < flow->items->len; i++) {
		struct item *item = &g_array_index(flow->items, struct item, i);
		for (int c = 0; c < item->cell_count; c++)
			g_object_unref(item->cells[c].layout);
		g_free(item->cells);
		if (item->marker)
			g_object_unref(item->marker);
	}
	g_array_unref(flow->items);
	g_array_unref(flow->pieces);
	g_ptr_array_unref(flow->blocks);
	g_ptr_array_unref(flow->texts);
	code_free(flow->code);
	g_free(flow);
}

int flow_pages(const struct flow *flow)
{
	return flow->pieces->len ? g_array_index(flow->pieces, struct piece, flow->pieces->len - 1).page + 1 : 1;
}

/* ---- drawing ---- */

static void show_lines(struct pages *pages, PangoLayout *layout, double x, double y, int first, int count)
{
	PangoLayoutIter *iter = pango_layout_get_iter(layout);
	int top = 0, from, line = 0;
	do {
		PangoRectangle extents;
		pango_layout_iter_get_line_extents(iter, NULL, &extents);
		pango_layout_iter_get_line_yrange(iter, &from, NULL);
		if (line == first)
			top = from;
		if (line >= first && line < first + count) {
			cairo_move_to(pages->cairo, x + (double)extents.x / PANGO_SCALE, y + (double)(pango_layout_iter_get_baseline(iter) - top) / PANGO_SCALE);
			pango_cairo_show_layout_line(pages->cairo, pango_layout_iter_get_line_readonly(iter));
		}
		line++;
	} while (line < first + count && pango_layout_iter_next_line(iter));
	pango_layout_iter_free(iter);
}

static void show_marker(struct pages *pages, const struct item *item, double y)
{
	double width = pages->sheet.body.width - item->block->depth * INDENT;
	if (is_turned(pages))
		pages_show(pages, item->marker, item->x + width + 2 * MM, y);
	else
		pages_show(pages, item->marker, item->x - 2 * MM - pages_layout_width(item->marker), y);
}

static void show_picture(struct pages *pages, const struct item *item, double y)
{
	double x = is_turned(pages) ? item->x + pages->sheet.body.width - item->block->depth * INDENT - item->picture_width : item->x;
	picture_show(item->picture, pages->cairo, x, y, item->picture_width, item->picture_height);
	if (item->cell_count)
		pages_show(pages, item->cells[0].layout, item->x, y + item->picture_height + CAPTION_GAP);
}

static void show_piece(const struct flow *flow, struct pages *pages, const struct piece *piece)
{
	const struct item *item = &g_array_index(flow->items, struct item, piece->item);
	cairo_set_source_rgb(pages->cairo, 0, 0, 0);
	if (item->marker && piece->first == 0)
		show_marker(pages, item, piece->y);
	if (item->picture) {
		show_picture(pages, item, piece->y);
		return;
	}
	for (int c = 0; c < item->cell_count; c++)
		if (item->lines)
			show_lines(pages, item->cells[c].layout, item->x + item->cells[c].x, piece->y, piece->first, piece->count);
		else
			pages_show(pages, item->cells[c].layout, item->x + item->cells[c].x, piece->y);
	if (!item->block) {
		double side = code_size(flow->code), width = pages->sheet.body.width;
		code_show(flow->code, pages->cairo, is_turned(pages) ? item->x + width - side : item->x, piece->y);
	}
}

void flow_show(const struct flow *flow, struct pages *pages, int page)
{
	for (guint i = 0; i < flow->pieces->len; i++) {
		const struct piece *piece = &g_array_index(flow->pieces, struct piece, i);
		if (piece->page == page)
			show_piece(flow, pages, piece);
	}
}
