/* Rows as JSON objects. Inside the room only. */
#ifndef NURTURE_STORE_QUERY_H
#define NURTURE_STORE_QUERY_H

#include "store/op.h"

/* New reference. The result is in text format; a column called "*" is an object whose members stand beside the others. */
json_t *query_row(const PGresult *rows, int row);

#endif
