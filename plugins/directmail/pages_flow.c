/* The body on its pages: blocks are set, then dealt to pages, then drawn page by page. Called by pages.c.
 *
 * What always holds: a paragraph that goes over to the next page leaves at least two lines behind and takes two along; a heading stays with what follows it; a picture, a table's row
 * and the QR code are never parted; all of the body is drawn. */
#include "pages_parts.h"

#include "address_parts.h"

#include <math.h>
#include <string.h>

#define INDENT (6 * MM)
#define PICTURE_HIGHEST (60 * MM)
enum { KEEP = 2 /* lines */ };

struct item {
	const struct block *block; /* NULL = the code */
	PangoLayout *cells[CELLS_MOST], *marker;
	double cell_x[CELLS_MOST];
	int cell_count, lines;     /* lines: of text that may be parted; 0 = it may not */
	double x, height, line, before;
	const struct picture *picture;
	double picture_width;
};

struct piece {
	guint item;
	int first, count, page;
	double y;
};

struct flow {
	GPtrArray *blocks;
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
	item->cells[item->cell_count++] = layout;
	item->lines = pango_layout_get_line_count(layout);
	item->height = pages_layout_height(layout);
	item->line = item->height / item->lines;
	if (block->marker[0])
		item->marker = pages_text(pages, block->marker, NULL, pages->size, 0, -1);
	pages_count_missing(pages, layout);
}

/* ---- tables ---- */

/* The cell that begins at *from; its spans counted from there. */
static PangoLayout *cell_of(struct pages *pages, const struct block *row, size_t *from, double width)
{
	const char *text = row->text->str + *from;
	size_t n = strcspn(text, "\x1f");
	char *words = g_strndup(text, n);
	GArray *spans = g_array_new(FALSE, FALSE, sizeof(struct span));
	for (guint i = 0; i < row->spans->len; i++) {
		struct span span = g_array_index(row->spans, struct span, i);
		if (span.end <= *from || span.start >= *from + n)
			continue;
		span.start = span.start > *from ? span.start - (guint)*from : 0;
		span.end = MIN(span.end, (guint)(*from + n)) - (guint)*from;
		g_array_append_val(spans, span);
	}
	PangoLayout *layout = pages_text(pages, words, spans, pages->size, 0, width);
	g_array_unref(spans);
	g_free(words);
	*from += n + (text[n] == CELL_END);
	return layout;
}

static bool is_row(const struct flow *flow, guint i)
{
	return i < flow->blocks->len && ((const struct block *)g_ptr_array_index(flow->blocks, i))->kind == BLOCK_ROW;
}

static bool is_table_row(const struct flow *flow, guint i, guint first)
{
	return is_row(flow, i) && (i == first || ((const struct block *)g_ptr_array_index(flow->blocks, i))->tight);
}

/* Columns as wide as their widest cell; when all together are too wide, the wide ones give. */
static void column_widths(struct pages *pages, const struct flow *flow, guint first, double room, double widths[CELLS_MOST])
{
	double sum = 0;
	for (guint i = first; is_table_row(flow, i, first); i++) {
		const struct block *row = g_ptr_array_index(flow->blocks, i);
		size_t from = 0;
		for (int c = 0; c < CELLS_MOST && from < row->text->len; c++) {
			PangoLayout *cell = cell_of(pages, row, &from, -1);
			widths[c] = MAX(widths[c], pages_layout_width(cell) + 4 * MM);
			g_object_unref(cell);
		}
	}
	for (int c = 0; c < CELLS_MOST; c++)
		sum += widths[c];
	for (int c = 0; sum > room && c < CELLS_MOST; c++)
		widths[c] *= room / sum;
}

static void set_row(struct pages *pages, const struct block *row, struct item *item, const double widths[CELLS_MOST])
{
	double x = 0;
	size_t from = 0;
	while (item->cell_count < CELLS_MOST && from < row->text->len) {
		int c = item->cell_count++;
		item->cells[c] = cell_of(pages, row, &from, MAX(widths[c] - 4 * MM, 5 * MM));
		item->cell_x[c] = x;
		x += widths[c];
		item->height = MAX(item->height, pages_layout_height(item->cells[c]));
		pages_count_missing(pages, item->cells[c]);
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

/* Invitation, address, code: beside the QR code. */
static PangoLayout *code_text(struct pages *pages, const struct letter_text *letter, double width)
{
	GString *text = g_string_new(NULL);
	GArray *spans = g_array_new(FALSE, FALSE, sizeof(struct span));
	const char *bare = strstr(letter->url, "://"), *mark = is_turned(pages) ? "\xe2\x80\x8f" : ""; /* U+200F: the line belongs to the right */
	post_clean(letter->invitation, ' ', text);
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
	if (!letter->url || !*letter->url)
		return true;
	flow->code = code_new(letter->url);
	if (!flow->code)
		return wrong(problem, "url", "it is too long for a QR code that a telephone can read from a letter.");
	double size = code_size(flow->code);
	item.cells[0] = code_text(pages, letter, pages->sheet.body.width - size - 3 * MM);
	item.cell_count = 1;
	item.cell_x[0] = is_turned(pages) ? 0 : size + 3 * MM;
	item.height = MAX(size, pages_layout_height(item.cells[0]));
	pages_count_missing(pages, item.cells[0]);
	g_array_append_val(flow->items, item);
	return true;
}

/* ---- all blocks ---- */

static bool add_block(struct pages *pages, const struct letter_text *letter, struct flow *flow, guint i, double widths[CELLS_MOST], struct nurture_problem *problem)
{
	const struct block *block = g_ptr_array_index(flow->blocks, i);
	double indent = block->depth * INDENT, width = pages->sheet.body.width - indent;
	struct item item = {.block = block, .x = pages->sheet.body.x + (is_turned(pages) ? 0 : indent), .before = space_above(pages, block)};
	if (block->kind == BLOCK_TEXT || block->kind == BLOCK_CODE) {
		set_text(pages, block, &item, width);
	} else if (block->kind == BLOCK_ROW) {
		if (!block->tight) {
			memset(widths, 0, CELLS_MOST * sizeof *widths);
			column_widths(pages, flow, i, width, widths);
		}
		set_row(pages, block, &item, widths);
	} else if (block->kind == BLOCK_PICTURE) {
		item.picture = picture_of(pages, letter, block->picture);
		if (!item.picture)
			return wrong(problem, "picture", "a picture of the letter is not there, or is no PNG that can be shown.");
		picture_size(item.picture, width, PICTURE_HIGHEST, &item.picture_width, &item.height);
	}
	g_array_append_val(flow->items, item);
	return true;
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

/* What must be on the same page as the heading above it. */
static double least_height(const struct flow *flow, guint i)
{
	if (i >= flow->items->len)
		return 0;
	const struct item *item = &g_array_index(flow->items, struct item, i);
	int lines = item->lines < 2 * KEEP ? item->lines : KEEP;
	return item->before + (item->lines ? lines * item->line : item->height);
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

static void deal_lines(const struct pages *pages, struct flow *flow, guint i, const struct item *item)
{
	for (int done = 0; done < item->lines;) {
		flow->y += flow->top || done ? 0 : item->before;
		int fit = (int)floor((bottom(pages) - flow->y) / item->line), here = lines_here(item->lines - done, MAX(fit, 0), flow->top);
		if (here)
			place(flow, i, done, here, here * item->line);
		done += here;
		if (done < item->lines)
			next_page(pages, flow);
	}
}

static void deal(const struct pages *pages, struct flow *flow, guint i)
{
	const struct item *item = &g_array_index(flow->items, struct item, i);
	bool heading = item->block && item->block->level;
	if (item->block && item->block->kind == BLOCK_PAGE) {
		if (!flow->top)
			next_page(pages, flow);
		return;
	}
	double needed = item->height + (heading ? least_height(flow, i + 1) : 0);
	if ((heading || !item->lines) && !flow->top && flow->y + item->before + needed > bottom(pages))
		next_page(pages, flow);
	if (item->lines) {
		deal_lines(pages, flow, i, item);
	} else {
		flow->y += flow->top ? 0 : item->before;
		place(flow, i, 0, 0, item->height);
	}
}

struct flow *flow_new(struct pages *pages, const struct letter_text *letter, double first_top, struct nurture_problem *problem)
{
	struct flow *flow = g_new0(struct flow, 1);
	double widths[CELLS_MOST] = {0};
	bool good = true;
	flow->blocks = body_blocks(letter->html, hyphen_of(letter->language && *letter->language ? letter->language : "en"));
	flow->items = g_array_new(FALSE, FALSE, sizeof(struct item));
	flow->pieces = g_array_new(FALSE, FALSE, sizeof(struct piece));
	flow->y = first_top;
	flow->top = true;
	for (guint i = 0; i < flow->blocks->len && good; i++)
		good = add_block(pages, letter, flow, i, widths, problem);
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
			g_object_unref(item->cells[c]);
		if (item->marker)
			g_object_unref(item->marker);
	}
	g_array_unref(flow->items);
	g_array_unref(flow->pieces);
	g_ptr_array_unref(flow->blocks);
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

static void show_piece(const struct flow *flow, struct pages *pages, const struct piece *piece)
{
	const struct item *item = &g_array_index(flow->items, struct item, piece->item);
	if (item->picture) {
		double x = is_turned(pages) ? item->x + pages->sheet.body.width - item->block->depth * INDENT - item->picture_width : item->x;
		picture_show(item->picture, pages->cairo, x, piece->y, item->picture_width, item->height);
		return;
	}
	cairo_set_source_rgb(pages->cairo, 0, 0, 0);
	if (item->marker && piece->first == 0)
		show_marker(pages, item, piece->y);
	for (int c = 0; c < item->cell_count; c++)
		if (item->lines)
			show_lines(pages, item->cells[c], item->x, piece->y, piece->first, piece->count);
		else
			pages_show(pages, item->cells[c], item->x + item->cell_x[c], piece->y);
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
