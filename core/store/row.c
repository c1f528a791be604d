/* Reading PostgreSQL's binary format. */
#include "store/row.h"

#include <assert.h>
#include <endian.h>
#include <string.h>

static const int64_t POSTGRES_EPOCH = INT64_C(946684800000000); /* 2000-01-01 */

/* The value's bytes, or NULL for SQL null. A wrong length is a statement that does not fit its C: our own bug. */
static const char *fixed(const PGresult *rows, int row, int column, int size)
{
	if (PQgetisnull(rows, row, column))
		return NULL;
	assert(PQgetlength(rows, row, column) == size);
	(void)size;
	return PQgetvalue(rows, row, column);
}

int row_int2(const PGresult *rows, int row, int column)
{
	uint16_t v = 0;
	const char *p = fixed(rows, row, column, sizeof v);
	if (!p)
		return 0;
	memcpy(&v, p, sizeof v);
	return (int16_t)be16toh(v);
}

int32_t row_int4(const PGresult *rows, int row, int column)
{
	uint32_t v = 0;
	const char *p = fixed(rows, row, column, sizeof v);
	if (!p)
		return 0;
	memcpy(&v, p, sizeof v);
	return (int32_t)be32toh(v);
}

static uint64_t bits64(const char *p)
{
	uint64_t v = 0;
	memcpy(&v, p, sizeof v);
	return be64toh(v);
}

int64_t row_int8(const PGresult *rows, int row, int column)
{
	const char *p = fixed(rows, row, column, 8);
	return p ? (int64_t)bits64(p) : 0;
}

struct tid row_tid(const PGresult *rows, int row, int column)
{
	uint32_t block = 0;
	uint16_t item = 0;
	const char *p = fixed(rows, row, column, 6);
	if (p) {
		memcpy(&block, p, sizeof block);
		memcpy(&item, p + sizeof block, sizeof item);
	}
	return (struct tid){be32toh(block), be16toh(item)};
}

bool row_bool(const PGresult *rows, int row, int column)
{
	const char *p = fixed(rows, row, column, 1);
	return p && *p;
}

double row_float8(const PGresult *rows, int row, int column)
{
	double v = 0;
	const char *p = fixed(rows, row, column, 8);
	if (p) {
		uint64_t bits = bits64(p);
		memcpy(&v, &bits, sizeof v);
	}
	return v;
}

moment_t row_time(const PGresult *rows, int row, int column)
{
	const char *p = fixed(rows, row, column, 8);
	if (!p)
		return 0;
	int64_t v = (int64_t)bits64(p);
	return v == INT64_MAX ? MOMENT_NEVER : v + POSTGRES_EPOCH;
}

struct str row_peek(const PGresult *rows, int row, int column)
{
	return (struct str){PQgetvalue(rows, row, column), (size_t)PQgetlength(rows, row, column)};
}

struct str row_text(const PGresult *rows, int row, int column, struct arena *arena)
{
	struct str s = row_peek(rows, row, column);
	return s.n ? (struct str){arena_dup_n(arena, s.p, s.n), s.n} : STR("");
}

struct str row_json_peek(const PGresult *rows, int row, int column)
{
	struct str s = row_peek(rows, row, column);
	return s.n ? (struct str){s.p + 1, s.n - 1} : STR(""); /* the first byte is the version of the wire format */
}

struct str row_json(const PGresult *rows, int row, int column, struct arena *arena)
{
	struct str s = row_json_peek(rows, row, column);
	return s.n ? (struct str){arena_dup_n(arena, s.p, s.n), s.n} : STR("");
}
