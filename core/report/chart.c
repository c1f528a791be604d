/* See chart.h. Coordinates are of a box 360 wide, which is a telephone's width: text in it is of the size of the text around it there. */
#include "report/chart.h"

#include <math.h>
#include <stdio.h>

enum { WIDTH = 360, LEFT = 44, TOP = 10, SIDE = 300, ROW = 38, ROWS_LEFT = 8, ROWS_WIDTH = 344, AXIS = 24 };

static void begin(struct chart *chart, const char *id, const char *title, const char *what, int height)
{
	buf_printf(chart->out, "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-labelledby=\"%s-title %s-what\"><title id=\"%s-title\">", WIDTH, height, id, id, id);
	buf_put_html(chart->out, str_of(title));
	buf_printf(chart->out, "</title><desc id=\"%s-what\">", id);
	buf_put_html(chart->out, str_of(what));
	buf_puts(chart->out, "</desc>");
}

static void put_text(struct chart *chart, double x, double y, const char *anchor, const char *text)
{
	buf_printf(chart->out, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">", x, y, anchor);
	buf_put_html(chart->out, str_of(text));
	buf_puts(chart->out, "</text>");
}

static double bounded(double value, double low, double high)
{
	return isnan(value) || value < low ? low : value > high ? high : value;
}

/* ---- squares ---- */

static double square_x(double share)
{
	return LEFT + SIDE * bounded(share, 0, 1);
}
static double square_y(double share)
{
	return TOP + SIDE * (1 - bounded(share, 0, 1));
}

void chart_square_begin(struct chart *chart, struct buf *out, const char *id, const char *title, const char *what, const char *x_label, const char *y_label)
{
	*chart = (struct chart){.out = out};
	begin(chart, id, title, what, TOP + SIDE + 50);
	for (int i = 0; i <= 4; i++) {
		char label[16];
		double share = i / 4.0;
		snprintf(label, sizeof label, "%d %%", i * 25);
		buf_printf(out, "<path class=\"grid\" d=\"M%.1f %.1fH%dM%.1f %.1fV%d\"/>", (double)LEFT, square_y(share), LEFT + SIDE, square_x(share), (double)TOP, TOP + SIDE);
		put_text(chart, square_x(share), TOP + SIDE + 18, i == 4 ? "end" : i ? "middle" : "start", label);
		put_text(chart, LEFT - 5, square_y(share) + (i == 4 ? 10 : 4), "end", label);
	}
	put_text(chart, LEFT + SIDE / 2.0, TOP + SIDE + 40, "middle", x_label);
	buf_printf(out, "<g transform=\"translate(%d %d) rotate(90)\">", LEFT + SIDE + 5, TOP + SIDE / 2);
	put_text(chart, 0, 0, "middle", y_label);
	buf_puts(out, "</g>");
}

void chart_chance(struct chart *chart)
{
	buf_printf(chart->out, "<path class=\"chance\" d=\"M%.1f %.1fL%.1f %.1f\"/>", square_x(0), square_y(0), square_x(1), square_y(1));
}

void chart_curve(struct chart *chart, const json_t *points, const char *class)
{
	buf_printf(chart->out, "<path class=\"%s\" d=\"", class);
	for (size_t i = 0; i < json_array_size(points); i++) {
		const json_t *point = json_array_get(points, i);
		buf_printf(chart->out, "%c%.1f %.1f", i ? 'L' : 'M', square_x(json_number_value(json_array_get(point, 0))), square_y(json_number_value(json_array_get(point, 1))));
	}
	buf_puts(chart->out, "\"/>");
}

/* ---- rows ---- */

static double row_x(const struct chart *chart, double value)
{
	return ROWS_LEFT + ROWS_WIDTH * (bounded(value, chart->low, chart->high) - chart->low) / (chart->high - chart->low);
}

static void put_end(struct chart *chart, double value, const char *anchor)
{
	char label[32];
	snprintf(label, sizeof label, chart->percent ? "%.3g %%" : "%.3g", chart->percent ? value * 100 : value);
	put_text(chart, row_x(chart, value), chart->rows * ROW + TOP + AXIS - 6, anchor, label);
}

void chart_rows_begin(struct chart *chart, struct buf *out, const char *id, const char *title, const char *what, int rows, double low, double high, bool percent)
{
	*chart = (struct chart){.out = out, .low = low, .high = high > low ? high : low + 1, .rows = rows, .percent = percent};
	begin(chart, id, title, what, TOP + rows * ROW + AXIS);
	for (int i = 0; i <= 4; i++) {
		double x = ROWS_LEFT + ROWS_WIDTH * i / 4.0;
		buf_printf(out, "<path class=\"grid\" d=\"M%.1f %dV%d\"/>", x, TOP, TOP + rows * ROW);
	}
	put_end(chart, chart->low, "start");
	put_end(chart, (chart->low + chart->high) / 2, "middle");
	put_end(chart, chart->high, "end");
}

void chart_mark(struct chart *chart, double value)
{
	buf_printf(chart->out, "<path class=\"chance\" d=\"M%.1f %dV%d\"/>", row_x(chart, value), TOP, TOP + chart->rows * ROW);
}

/* Long names are cut here; the table has them whole. */
static void put_name(struct chart *chart, const char *name, double y)
{
	size_t n = 0, letters = 0, all = strlen(name);
	while (n < all && letters < 44) {
		size_t step = str_utf8_step(name + n, all - n);
		n += step ? step : 1;
		letters++;
	}
	buf_printf(chart->out, "<text x=\"%d\" y=\"%.1f\">", ROWS_LEFT, y);
	buf_put_html(chart->out, (struct str){name, n});
	buf_puts(chart->out, n < all ? "…</text>" : "</text>");
}

void chart_row(struct chart *chart, const char *name, const json_t *figure, const json_t *interval)
{
	double y = TOP + chart->row++ * ROW;
	put_name(chart, name, y + 14);
	y += 27;
	if (json_array_size(interval) == 2)
		buf_printf(chart->out, "<path class=\"sure\" d=\"M%.1f %.1fH%.1f\"/>", row_x(chart, json_number_value(json_array_get(interval, 0))), y,
			   row_x(chart, json_number_value(json_array_get(interval, 1))) + 0.5);
	if (json_is_number(figure))
		buf_printf(chart->out, "<circle class=\"dot\" cx=\"%.1f\" cy=\"%.1f\" r=\"4.5\"/>", row_x(chart, json_number_value(figure)), y);
}

void chart_end(struct chart *chart)
{
	buf_puts(chart->out, "</svg>");
}
