/* See html_table.h. */
#include "report/html_table.h"

#include <math.h>

void html_text(struct buf *out, const char *text)
{
	buf_puts(out, "<bdi>");
	buf_put_html(out, str_of(text ? text : ""));
	buf_puts(out, "</bdi>");
}

static void put_number(struct buf *out, double value, enum html_kind kind)
{
	switch (kind) {
	case HTML_WHOLE:
		buf_printf(out, "%.0f", value);
		break;
	case HTML_COUNT:
		buf_printf(out, value == floor(value) ? "%.0f" : "%.1f", value);
		break;
	case HTML_SHARE:
	case HTML_SHARES:
		buf_printf(out, "%.1f\u00a0%%", 100 * value);
		break;
	case HTML_TIMES:
		buf_printf(out, "%.2f\u00a0×", value);
		break;
	case HTML_RANGE:
		buf_printf(out, "%.6g", value);
		break;
	default:
		buf_printf(out, "%.3f", value);
	}
}

void html_figure(struct buf *out, const json_t *value, enum html_kind kind)
{
	if (kind == HTML_TEXT) {
		html_text(out, json_string_value(value));
	} else if (json_array_size(value) == 2) {
		double low = json_number_value(json_array_get(value, 0)), high = json_number_value(json_array_get(value, 1));
		put_number(out, low, kind);
		if (kind == HTML_RANGE && low == high)
			return;
		buf_puts(out, " to ");
		put_number(out, high, kind);
	} else if (json_is_number(value)) {
		put_number(out, json_number_value(value), kind);
	} else {
		buf_puts(out, "–");
	}
}

static void put_row(struct buf *out, const struct html_column *columns, const json_t *row)
{
	buf_puts(out, "<tr>");
	for (const struct html_column *c = columns; c->key; c++) {
		buf_puts(out, c == columns ? "<th scope=\"row\">" : c->kind == HTML_TEXT ? "<td class=\"text\">" : "<td>");
		html_figure(out, json_object_get(row, c->key), c->kind);
		buf_puts(out, c == columns ? "</th>" : "</td>");
	}
	buf_puts(out, "</tr>");
}

void html_table(struct buf *out, const char *caption, const struct html_column *columns, const json_t *rows)
{
	buf_puts(out, "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"");
	buf_put_html(out, str_of(caption));
	buf_puts(out, "\"><table><caption>");
	html_text(out, caption);
	buf_puts(out, "</caption><thead><tr>");
	for (const struct html_column *c = columns; c->key; c++)
		buf_printf(out, "<th scope=\"col\"%s>%s</th>", c == columns || c->kind == HTML_TEXT ? " class=\"text\"" : "", c->heading);
	buf_puts(out, "</tr></thead><tbody>");
	for (size_t i = 0; i < json_array_size(rows); i++)
		put_row(out, columns, json_array_get(rows, i));
	buf_puts(out, "</tbody></table></div>");
}
