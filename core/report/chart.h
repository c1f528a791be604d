/* Charts as inline SVG: curves in a square from 0 to 1, and rows of figures with their intervals. No scripts, no fonts, no colours of their own: classes
 * that the page's style fills, so that they follow a light or a dark screen. Every text is escaped. A chart says in words what it shows (title, desc);
 * who cannot see it has the table that stands beside it. */
#ifndef NURTURE_REPORT_CHART_H
#define NURTURE_REPORT_CHART_H

#include "base/buf.h"

#include <jansson.h>
#include <stdbool.h>

struct chart {
	struct buf *out;
	double low, high; /* of rows: what stands at the left and the right end */
	int rows, row;
	bool percent;     /* labels of the ends */
};

/* A square of shares: both axes go from 0 to 100 %. id: unique in the page. */
void chart_square_begin(struct chart *chart, struct buf *out, const char *id, const char *title, const char *what, const char *x_label, const char *y_label);
void chart_curve(struct chart *chart, const json_t *points /* [[x, y] …], shares */, const char *class);
void chart_chance(struct chart *chart); /* the line of whoever throws dice */
/* Rows: a name, a figure, its interval (json [low, high] or null). */
void chart_rows_begin(struct chart *chart, struct buf *out, const char *id, const char *title, const char *what, int rows, double low, double high, bool percent);
void chart_mark(struct chart *chart, double value); /* a line from top to bottom */
void chart_row(struct chart *chart, const char *name, const json_t *figure, const json_t *interval);
void chart_end(struct chart *chart);

#endif
