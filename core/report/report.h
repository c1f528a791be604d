/* What is summed up: each report is a named query of store/report.sql and a table of columns. Rendering only; who runs the
 * query gives the rows. */
#ifndef NURTURE_REPORT_REPORT_H
#define NURTURE_REPORT_REPORT_H

#include "base/buf.h"

#include <jansson.h>

enum report_kind { REPORT_TEXT, REPORT_COUNT, REPORT_SHARE /* 0..1, printed as per cent */, REPORT_MOMENT, REPORT_NUMBER };

struct report_column {
	const char *key;      /* in the rows */
	const char *heading;
	enum report_kind kind;
};
struct report {
	const char *name;     /* "grades": the query is "report_grades" */
	const char *title;
	const struct report_column *columns; /* key NULL ends */
};

extern const struct report reports[]; /* name NULL ends */
const struct report *report_find(struct str name); /* NULL when there is none */

/* A table for people: headings, columns aligned, numbers to the right; "nothing yet" for no rows. Control characters in the data are
 * shown as spaces. */
void report_table(const struct report_column *columns, json_t *rows, struct buf *out);

#endif
