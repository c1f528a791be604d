/* Reading rows of a PGresult in binary format. Inside the room store only: results never leave it.
 *
 * The statement's columns have exactly the types that are asked for here (casts stand in the SQL); NULL reads as 0, "", false. */
#ifndef NURTURE_STORE_ROW_H
#define NURTURE_STORE_ROW_H

#include "base/arena.h"
#include "base/clock.h"
#include "store/param.h"

#include <libpq-fe.h>
#include <stdbool.h>

static inline bool row_is_null(const PGresult *rows, int row, int column)
{
	return PQgetisnull(rows, row, column);
}
int row_int2(const PGresult *rows, int row, int column);
int32_t row_int4(const PGresult *rows, int row, int column);
int64_t row_int8(const PGresult *rows, int row, int column);
bool row_bool(const PGresult *rows, int row, int column);
double row_float8(const PGresult *rows, int row, int column);
struct tid row_tid(const PGresult *rows, int row, int column);
moment_t row_time(const PGresult *rows, int row, int column); /* infinity = MOMENT_NEVER; NULL = 0 */
/* text, bytea; valid until the result is cleared. */
struct str row_peek(const PGresult *rows, int row, int column);
struct str row_text(const PGresult *rows, int row, int column, struct arena *arena); /* ended by NUL */
/* jsonb: its text; valid until the result is cleared. */
struct str row_json_peek(const PGresult *rows, int row, int column);
struct str row_json(const PGresult *rows, int row, int column, struct arena *arena);

#endif
