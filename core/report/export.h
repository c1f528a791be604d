/* Leads as files: which fields, in which form. The rows come from the named query export_page, page by page; who asks for them (the command, HTTP)
 * writes them away. Rendering only. */
#ifndef NURTURE_REPORT_EXPORT_H
#define NURTURE_REPORT_EXPORT_H

#include "base/arena.h"
#include "base/buf.h"
#include "model/value.h"

#include <jansson.h>

enum { EXPORT_PAGE = 1000 /* rows of one query */ };

struct export_column {
	const char *name;   /* heading; the key in a row, or in its object `scores` */
	bool is_score;      /* score.MODEL, grade.GRADES, band.GRADES */
};
struct export_shape {
	bool csv;           /* else NDJSON */
	bool scores;        /* some column is one */
	struct export_column *columns; /* always begins with "lead", so that a file that broke off can be gone on with */
	size_t count;
};

/* What may be asked for beside the fields. */
struct export_names {
	const struct schema *schema;
	const char *const *models, *const *grades; /* NULL-ended */
};
/* format: "csv", "ndjson"; fields: names with commas between them, or NULL = all of the lead's fields. Everything wrong is named. */
int export_shape_read(struct export_shape *out, struct str format, struct str fields, const struct export_names *names, struct arena *arena,
		      struct error *error) MUST_USE;
/* The first line of a CSV file; nothing of NDJSON. */
void export_head(const struct export_shape *shape, struct buf *out);
/* Appends a page's rows, each ended by a line end. Returns the last row's lead, or 0 when there are none. */
int64_t export_rows(const struct export_shape *shape, json_t *rows, struct buf *out);

#endif
