/* Tables of a letter's body: which column gets how much room. Called by pages_flow.c.
 *
 * A column is as wide as its widest cell. Where all together are wider than the page, wide columns give, down to their longest word; then the type grows smaller, down to SMALLEST
 * points; and columns that have no room even so stand in a table of their own below, behind the first column once more. That is noted in the letter's report. No cell is left out. */
#include "pages_parts.h"

#include <string.h>

#define GAP (4 * MM)       /* between columns; in smaller type half of it */
#define SMALLEST 7.0
#define STEP 0.5
#define WORD_MOST (25 * MM) /* longer words are broken */
#define WORD_LEAST (3 * MM)

struct words {
	GString *text;
	GArray *spans;
};

struct column {
	double whole, word; /* its widest cell and its longest word, in the body's size */
};

/* Columns that stand side by side. */
struct band {
	guint from, to;
	bool first; /* the table's first column once more, before them */
};

struct table {
	struct pages *pages;
	const GPtrArray *blocks;
	guint first, rows;
	GPtrArray *cells; /* of all rows, struct words *, `columns` a row */
	struct column *columns;
	guint count;
	double room, size, gap;
};

void item_add_cell(struct item *item, PangoLayout *layout, double x)
{
	item->cells = g_renew(struct cell, item->cells, (gsize)item->cell_count + 1);
	item->cells[item->cell_count++] = (struct cell){layout, x};
}

static void words_free(void *data)
{
	struct words *words = data;
	if (!words)
		return;
	g_string_free(words->text, TRUE);
	g_array_unref(words->spans);
	g_free(words);
}

static const struct block *row_of(const struct table *table, guint row)
{
	return g_ptr_array_index(table->blocks, table->first + row);
}

static guint count_rows(const GPtrArray *blocks, guint first)
{
	guint i = first + 1;
	while (i < blocks->len) {
		const struct block *block = g_ptr_array_index(blocks, i);
		if (block->kind != BLOCK_ROW || !block->tight)
			break;
		i++;
	}
	return i - first;
}

static guint count_cells(const struct block *row)
{
	guint count = 0;
	for (const char *p = row->text->str; *p; count++) {
		size_t n = strcspn(p, "\x1f");
		p += n + (p[n] == CELL_END);
	}
	return count;
}

/* ---- cells ---- */

/* The cell that begins at *from; its spans counted from there. NULL: there is none. */
static struct words *take_cell(const struct block *row, size_t *from)
{
	const char *text = row->text->str + *from;
	if (*from >= row->text->len)
		return NULL;
	size_t n = strcspn(text, "\x1f");
	struct words *words = g_new(struct words, 1);
	*words = (struct words){g_string_new_len(text, (gssize)n), g_array_new(FALSE, FALSE, sizeof(struct span))};
	for (guint i = 0; i < row->spans->len; i++) {
		struct span span = g_array_index(row->spans, struct span, i);
		if (span.end <= *from || span.start >= *from + n)
			continue;
		span.start = span.start > *from ? span.start - (guint)*from : 0;
		span.end = MIN(span.end, (guint)(*from + n)) - (guint)*from;
		g_array_append_val(words->spans, span);
	}
	*from += n + (text[n] == CELL_END);
	return words;
}

static void measure(const struct table *table, const struct words *words, struct column *column)
{
	PangoLayout *layout = pages_text(table->pages, words->text->str, words->spans, table->pages->size, 0, -1);
	column->whole = MAX(column->whole, pages_layout_width(layout));
	pango_layout_set_wrap(layout, PANGO_WRAP_WORD);
	pango_layout_set_width(layout, 0); /* each word on a line of its own: as wide as the longest */
	column->word = MAX(column->word, pages_layout_width(layout));
	g_object_unref(layout);
}

static void read_cells(struct table *table)
{
	for (guint r = 0; r < table->rows; r++)
		table->count = MAX(table->count, count_cells(row_of(table, r)));
	table->columns = g_new0(struct column, table->count + 1);
	table->cells = g_ptr_array_new_full(table->rows * table->count, words_free);
	for (guint r = 0; r < table->rows; r++) {
		size_t from = 0;
		for (guint c = 0; c < table->count; c++) {
			struct words *words = take_cell(row_of(table, r), &from);
			if (words)
				measure(table, words, &table->columns[c]);
			g_ptr_array_add(table->cells, words);
		}
	}
}

/* ---- room ---- */

/* What a column needs at least, without the gap behind it. */
static double least(const struct table *table, guint c)
{
	double word = MAX(table->columns[c].word * table->size / table->pages->size + 0.5, WORD_LEAST);
	return MIN(word, WORD_MOST);
}

static double whole(const struct table *table, guint c)
{
	return MAX(table->columns[c].whole * table->size / table->pages->size + 0.5, least(table, c));
}

/* Which columns from `from` on have room side by side: one at least. */
static struct band band_from(const struct table *table, guint from)
{
	struct band band = {.from = from, .to = from, .first = from > 0};
	double used = band.first ? least(table, 0) + table->gap : 0;
	while (band.to < table->count && (band.to == from || used + least(table, band.to) <= table->room))
		used += least(table, band.to++) + table->gap;
	return band;
}

/* The largest type in which all columns have room, else the smallest. */
static void choose_size(struct table *table)
{
	const double body = table->pages->size;
	int steps = (int)((body - SMALLEST) / STEP);
	for (int step = 0; step <= steps; step++) {
		table->size = body - step * STEP;
		table->gap = step ? GAP / 2 : GAP;
		if (band_from(table, 0).to == table->count)
			return;
	}
}

/* Room for the band's columns, as share of what is left beyond the least that each needs. */
static double share(const struct table *table, const struct band *band)
{
	double needed = band->first ? least(table, 0) + table->gap : 0, wanted = band->first ? whole(table, 0) - least(table, 0) : 0;
	for (guint c = band->from; c < band->to; c++) {
		needed += least(table, c) + (c + 1 < band->to ? table->gap : 0);
		wanted += whole(table, c) - least(table, c);
	}
	return wanted > 0 ? CLAMP((table->room - needed) / wanted, 0, 1) : 0;
}

/* ---- rows ---- */

static PangoLayout *set_cell(const struct table *table, struct words *words, double width)
{
	PangoLayout *layout = pages_text(table->pages, words->text->str, words->spans, table->size, 0, width);
	if (hyphen_drop_unused(layout, words->text, words->spans)) {
		g_object_unref(layout);
		layout = pages_text(table->pages, words->text->str, words->spans, table->size, 0, width);
	}
	return layout;
}

/* Appends the cell of a column and gives where the next one begins. A column that stands a second time is set from what is left of its words' hyphens. */
static double add_cell(const struct table *table, guint row, guint c, double x, double part, struct item *item)
{
	struct words *words = g_ptr_array_index(table->cells, row * table->count + c);
	double width = least(table, c) + part * (whole(table, c) - least(table, c));
	if (words) {
		PangoLayout *layout = set_cell(table, words, width);
		bool turned = pango_context_get_base_dir(table->pages->context) == PANGO_DIRECTION_RTL;
		int lines = pango_layout_get_line_count(layout);
		item_add_cell(item, layout, turned ? table->room - x - width : x);
		if (lines > item->lines) {
			item->lines = lines;
			item->height = pages_layout_height(layout);
		}
		pages_count_missing(table->pages, layout);
	}
	return x + width + table->gap;
}

static void add_row(const struct table *table, const struct band *band, guint row, double x, guint head, GArray *items)
{
	const struct block *block = row_of(table, row);
	double line = table->size * table->pages->leading, at = 0, part = share(table, band);
	struct item item = {.block = block, .x = x, .before = row ? line * 0.25 : line * (band->from ? 1 : 0.6), .whole = true, .keeps = block->head, .head = head};
	if (band->first)
		at = add_cell(table, row, 0, at, part, &item);
	for (guint c = band->from; c < band->to; c++)
		at = add_cell(table, row, c, at, part, &item);
	item.line = item.lines ? item.height / item.lines : 0;
	g_array_append_val(items, item);
}

static void add_band(const struct table *table, const struct band *band, double x, GArray *items)
{
	guint head = row_of(table, 0)->head ? items->len + 1 : 0;
	for (guint row = 0; row < table->rows; row++)
		add_row(table, band, row, x, row ? head : 0, items);
}

guint table_set(struct pages *pages, const GPtrArray *blocks, guint first, double x, double width, GArray *items)
{
	struct table table = {.pages = pages, .blocks = blocks, .first = first, .rows = count_rows(blocks, first), .room = width};
	guint bands = 0;
	read_cells(&table);
	choose_size(&table);
	for (struct band band = {0}; band.to < table.count; bands++) {
		band = band_from(&table, band.to);
		add_band(&table, &band, x, items);
	}
	if (bands > 1)
		pages_note(pages, "a table of %u columns is wider than the page: it stands in %u parts below one another.", table.count, bands);
	g_ptr_array_unref(table.cells);
	g_free(table.columns);
	return table.rows;
}
