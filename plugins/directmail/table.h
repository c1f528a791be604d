/* The data file: CSV (RFC 4180) in a charset, columns by the settings. A text that a spreadsheet would take for a formula gets an apostrophe before it. Used in the thread only. */
#ifndef DIRECTMAIL_TABLE_H
#define DIRECTMAIL_TABLE_H

#include "out.h"
#include "settings.h"

struct table;

/* out and settings are borrowed until table_free. NULL with the problem. */
struct table *table_new(struct out *out, const struct settings *settings, struct nurture_problem *problem);
void table_free(struct table *table); /* NULL is taken */
void table_head(struct table *table);
/* What a source ("name", "city") says is asked by `get`; NULL = "". false: the file cannot be written. */
typedef const char *table_get_fn(void *arg, const char *source);
bool table_row(struct table *table, table_get_fn *get, void *arg);
/* So many characters the charset does not have: each is a question mark in the file. */
int64_t table_replaced(const struct table *table);

#endif
