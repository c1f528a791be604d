/* Parameters of a statement in PostgreSQL's binary format: single values, and arrays that the statement unnests.
 *
 * Inside the room store only. Parameters are numbered in the order in which they are made; arrays are made first and then
 * filled row by row. The memory is kept from statement to statement. */
#ifndef NURTURE_STORE_PARAM_H
#define NURTURE_STORE_PARAM_H

#include "base/buf.h"
#include "base/clock.h"

#include <stdbool.h>
#include <stdint.h>

enum { PARAMS_MAX = 40 };

/* Types of array elements, by their OIDs in pg_type (fixed for ever). */
enum param_type {
	PARAM_BOOL = 16, PARAM_BYTEA = 17, PARAM_INT8 = 20, PARAM_INT2 = 21, PARAM_INT4 = 23, PARAM_TEXT = 25, PARAM_TID = 27,
	PARAM_FLOAT8 = 701, PARAM_TIME = 1184, PARAM_JSONB = 3802,
};

/* Where a row lies (ctid). */
struct tid {
	uint32_t block;
	uint16_t item;
};

struct param {
	struct buf bytes;
	enum param_type type; /* of the elements */
	uint32_t count;       /* of elements */
	bool is_array, is_null, has_nulls, is_written; /* written: the value as a person writes it, not its binary format */
};
struct params {
	struct param items[PARAMS_MAX];
	size_t count;
};

void params_clear(struct params *params);
void params_fini(struct params *params);

void param_int8(struct params *params, int64_t v);
void param_int4(struct params *params, int32_t v);
void param_int2(struct params *params, int v);
void param_bool(struct params *params, bool v);
void param_float8(struct params *params, double v);
void param_time(struct params *params, moment_t v);   /* MOMENT_NEVER = infinity */
void param_text(struct params *params, struct str s); /* p NULL = SQL null */
void param_written(struct params *params, const char *s); /* of any type; NULL = SQL null */
void param_json(struct params *params, struct str s); /* jsonb; p NULL = SQL null */

/* The array stays valid until params_clear. */
struct param *param_array(struct params *params, enum param_type type);
void array_int8(struct param *array, int64_t v);
void array_int4(struct param *array, int32_t v);
void array_int2(struct param *array, int v);
void array_bool(struct param *array, bool v);
void array_float8(struct param *array, double v);
void array_time(struct param *array, moment_t v);
void array_text(struct param *array, struct str s);   /* text, bytea */
void array_tid(struct param *array, struct tid v);
void array_json(struct param *array, struct str s);
void array_null(struct param *array);
/* Empty text, id 0 and moment 0 as SQL null. */
void array_text_or_null(struct param *array, struct str s);
void array_int8_or_null(struct param *array, int64_t v);
void array_time_or_null(struct param *array, moment_t v);

/* The bytes as they go over the wire; the header of arrays is written now. */
struct str param_wire(struct param *param);

#endif
