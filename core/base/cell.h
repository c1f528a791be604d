/* Cells of CSV files (RFC 4180) that people open with a spreadsheet. A text that one would take for a formula (= + - @, also full-width, tab or CR in
 * front, blanks before it or not) gets an apostrophe before it, unless it is a plain number, as telephone numbers (+49…) are. So that no value is
 * changed on its way out and in again, a text that already looks so apostrophed gets one more, and reading takes exactly one away. */
#ifndef NURTURE_BASE_CELL_H
#define NURTURE_BASE_CELL_H

#include "base/buf.h"

/* Puts one cell, in quotes where it needs them; no separator. */
void cell_put(struct buf *out, struct str text);
/* What a cell says: without the apostrophe that cell_put puts. */
struct str cell_text(struct str cell);

#endif
