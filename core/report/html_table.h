/* Tables of a page from rows of JSON: a caption, a heading for each column, names to the left and figures to the right. Every text is escaped. */
#ifndef NURTURE_REPORT_HTML_TABLE_H
#define NURTURE_REPORT_HTML_TABLE_H

#include "base/buf.h"

#include <jansson.h>

enum html_kind {
	HTML_TEXT,
	HTML_WHOLE,
	HTML_COUNT,   /* also fractions, of ties shared out: one digit */
	HTML_SHARE,   /* per cent */
	HTML_NUMBER,  /* three digits */
	HTML_TIMES,   /* 2.3 × */
	HTML_RANGE,   /* [low, high] of numbers */
	HTML_SHARES,  /* [low, high] of shares: an interval */
	HTML_NUMBERS  /* [low, high], three digits: an interval */
};
struct html_column {
	const char *key, *heading;
	enum html_kind kind;
};

void html_table(struct buf *out, const char *caption, const struct html_column *columns /* key NULL ends */, const json_t *rows);
void html_text(struct buf *out, const char *text); /* escaped; text of others cannot turn around what stands beside it */
void html_figure(struct buf *out, const json_t *value, enum html_kind kind); /* "–" for what is not known */

#endif
