/* Tables of a body: one walk over the rows for the HTML, with what mail programs want in each cell, and one for the plain text, which liquid_table.c lays
 * out when the template runs. Called by template_html.c and template_text.c. */
#include "playbook/liquid_lines.h"
#include "playbook/template_parts.h"

#include <cmark-gfm-core-extensions.h>

#include <stdio.h>

enum { PAPER_COLUMNS = 12 }; /* so many have room beside one another on a letter, if their words are short (plugins/directmail/pages_table.c) */

#define CELL "padding:6px 16px 6px 0;vertical-align:top;text-align:"

static void put(struct markdown_walk *walk, const char *text)
{
	liquid_literal(walk->liquid, str_of(text));
}

bool markdown_is_table(cmark_node *node)
{
	return node && strcmp(cmark_node_get_type_string(node), "table") == 0;
}

bool markdown_is_row(cmark_node *node)
{
	return node && markdown_is_table(cmark_node_parent(node));
}

static bool is_empty_row(cmark_node *row)
{
	for (cmark_node *cell = cmark_node_first_child(row); cell; cell = cmark_node_next(cell))
		if (cmark_node_first_child(cell))
			return false;
	return true;
}

struct str markdown_row_tags(cmark_node *row)
{
	cmark_node *cell = cmark_node_first_child(row), *text = cell ? cmark_node_first_child(cell) : NULL;
	bool alone = text && !cmark_node_next(text) && cmark_node_get_type(text) == CMARK_NODE_TEXT;
	for (cmark_node *other = cell ? cmark_node_next(cell) : NULL; other && alone; other = cmark_node_next(other))
		alone = !cmark_node_first_child(other);
	return alone ? str_trim(str_of(cmark_node_get_literal(text))) : (struct str){NULL, 0};
}

static const char *align_of(cmark_node *table, size_t column)
{
	uint8_t *aligns = cmark_gfm_extensions_get_table_alignments(table);
	return column >= cmark_gfm_extensions_get_table_columns(table) ? "left" : aligns[column] == 'r' ? "right" : aligns[column] == 'c' ? "center" : "left";
}

/* ---- HTML ---- */

static void html_row(struct markdown_walk *walk, cmark_node *table, cmark_node *row, bool head)
{
	size_t column = 0;
	char open[300];
	put(walk, "<tr>");
	for (cmark_node *cell = cmark_node_first_child(row); cell; cell = cmark_node_next(cell), column++) {
		const char *align = align_of(table, column);
		snprintf(open, sizeof open, "<%s align=\"%s\" style=\"" CELL "%s;border-bottom:%s;\">", head ? "th" : "td", align, align,
			 head ? "2px solid #9ca3af" : "1px solid #d1d5db");
		put(walk, open);
		template_html_inlines(walk, cell);
		put(walk, head ? "</th>" : "</td>");
	}
	put(walk, "</tr>\n");
}

static void html_body(struct markdown_walk *walk, cmark_node *table, cmark_node *first)
{
	put(walk, "<tbody>\n");
	for (cmark_node *row = first; row; row = cmark_node_next(row))
		if (!markdown_tags(walk, row, table))
			html_row(walk, table, row, false);
	put(walk, "</tbody>\n");
}

void template_html_table(struct markdown_walk *walk, cmark_node *table)
{
	cmark_node *head = cmark_node_first_child(table);
	if (cmark_gfm_extensions_get_table_columns(table) > TABLE_COLUMNS)
		liquid_problem(walk->markdown->site, markdown_line(walk->markdown, table), "the table has %d columns: %d are the most.",
			       cmark_gfm_extensions_get_table_columns(table), TABLE_COLUMNS);
	else if (walk->markdown->site->letter && cmark_gfm_extensions_get_table_columns(table) > PAPER_COLUMNS)
		template_note(walk->markdown->site, markdown_line(walk->markdown, table), "the table has %d columns: what has no room beside the others on paper stands in a part of its own below.",
			      cmark_gfm_extensions_get_table_columns(table));
	put(walk, "<table border=\"0\" cellpadding=\"0\" cellspacing=\"0\" style=\"margin:0 0 16px;border-collapse:collapse;font-size:15px;line-height:22px;\">\n");
	if (!is_empty_row(head)) {
		put(walk, "<thead>\n");
		html_row(walk, table, head, true);
		put(walk, "</thead>\n");
	}
	html_body(walk, table, cmark_node_next(head));
	put(walk, "</table>\n");
}

/* ---- plain text ---- */

static void text_row(struct markdown_walk *walk, cmark_node *row)
{
	for (cmark_node *cell = cmark_node_first_child(row); cell; cell = cmark_node_next(cell)) {
		liquid_emit(walk->liquid, "w_open()");
		template_text_inlines(walk, cell);
		liquid_emit(walk->liquid, "w_cell()");
	}
}

void template_text_table(struct markdown_walk *walk, cmark_node *table)
{
	char aligns[TABLE_COLUMNS + 1];
	size_t columns = cmark_gfm_extensions_get_table_columns(table);
	if (columns > TABLE_COLUMNS)
		return; /* it was said */
	for (size_t i = 0; i < columns; i++)
		aligns[i] = align_of(table, i)[0];
	aligns[columns] = '\0';
	liquid_emit(walk->liquid, "w_table(\"%s\")", aligns);
	for (cmark_node *row = cmark_node_first_child(table); row; row = cmark_node_next(row))
		if (!markdown_tags(walk, row, table))
			text_row(walk, row);
	liquid_emit(walk->liquid, "w_table_end()");
}
