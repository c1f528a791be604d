/* Writing PostgreSQL's binary format (src/backend/utils/adt: array_recv, timestamptz_recv, jsonb_recv). */
#include "store/param.h"

#include <assert.h>
#include <endian.h>
#include <string.h>

/* Microseconds from 1970-01-01 to 2000-01-01, where timestamptz counts from. */
static const int64_t POSTGRES_EPOCH = INT64_C(946684800000000);
enum { ARRAY_HEADER = 20, ARRAY_HEADER_EMPTY = 12 };

void params_clear(struct params *params)
{
	for (size_t i = 0; i < params->count; i++)
		buf_clear(&params->items[i].bytes);
	params->count = 0;
}

void params_fini(struct params *params)
{
	for (size_t i = 0; i < PARAMS_MAX; i++)
		buf_fini(&params->items[i].bytes);
	params->count = 0;
}

static struct param *add(struct params *params)
{
	assert(params->count < PARAMS_MAX);
	struct param *p = &params->items[params->count++];
	buf_clear(&p->bytes);
	*p = (struct param){.bytes = p->bytes};
	return p;
}

static void put16(struct buf *out, uint16_t v)
{
	v = htobe16(v);
	buf_put(out, &v, sizeof v);
}

static void put32(struct buf *out, uint32_t v)
{
	v = htobe32(v);
	buf_put(out, &v, sizeof v);
}

static void put64(struct buf *out, uint64_t v)
{
	v = htobe64(v);
	buf_put(out, &v, sizeof v);
}

static void put_double(struct buf *out, double v)
{
	uint64_t bits = 0;
	memcpy(&bits, &v, sizeof bits);
	put64(out, bits);
}

static uint64_t time_bits(moment_t v)
{
	return (uint64_t)(v == MOMENT_NEVER ? INT64_MAX : v - POSTGRES_EPOCH);
}

static void put_json(struct buf *out, struct str s)
{
	buf_putc(out, 1); /* version of jsonb's wire format */
	buf_put(out, s.p, s.n);
}

void param_int8(struct params *params, int64_t v)
{
	put64(&add(params)->bytes, (uint64_t)v);
}

void param_int4(struct params *params, int32_t v)
{
	put32(&add(params)->bytes, (uint32_t)v);
}

void param_int2(struct params *params, int v)
{
	put16(&add(params)->bytes, (uint16_t)v);
}

void param_bool(struct params *params, bool v)
{
	buf_putc(&add(params)->bytes, v);
}

void param_float8(struct params *params, double v)
{
	put_double(&add(params)->bytes, v);
}

void param_time(struct params *params, moment_t v)
{
	put64(&add(params)->bytes, time_bits(v));
}

void param_text(struct params *params, struct str s)
{
	struct param *p = add(params);
	p->is_null = !s.p;
	buf_put(&p->bytes, s.p, s.n);
}

void param_written(struct params *params, const char *s)
{
	struct param *p = add(params);
	p->is_written = true;
	p->is_null = !s;
	buf_puts(&p->bytes, s ? s : "");
}

void param_json(struct params *params, struct str s)
{
	struct param *p = add(params);
	p->is_null = !s.p;
	put_json(&p->bytes, s);
}

struct param *param_array(struct params *params, enum param_type type)
{
	static const char header[ARRAY_HEADER] = {0};
	struct param *p = add(params);
	p->is_array = true;
	p->type = type;
	buf_put(&p->bytes, header, sizeof header);
	return p;
}

static struct buf *element(struct param *array, enum param_type type, uint32_t size)
{
	assert(array->type == type);
	(void)type;
	array->count++;
	put32(&array->bytes, size);
	return &array->bytes;
}

void array_int8(struct param *array, int64_t v)
{
	put64(element(array, PARAM_INT8, 8), (uint64_t)v);
}

void array_int4(struct param *array, int32_t v)
{
	put32(element(array, PARAM_INT4, 4), (uint32_t)v);
}

void array_int2(struct param *array, int v)
{
	put16(element(array, PARAM_INT2, 2), (uint16_t)v);
}

void array_bool(struct param *array, bool v)
{
	buf_putc(element(array, PARAM_BOOL, 1), v);
}

void array_float8(struct param *array, double v)
{
	put_double(element(array, PARAM_FLOAT8, 8), v);
}

void array_time(struct param *array, moment_t v)
{
	put64(element(array, PARAM_TIME, 8), time_bits(v));
}

void array_text(struct param *array, struct str s)
{
	buf_put(element(array, array->type, (uint32_t)s.n), s.p, s.n);
}

void array_tid(struct param *array, struct tid v)
{
	struct buf *out = element(array, PARAM_TID, 6);
	put32(out, v.block);
	put16(out, v.item);
}

void array_json(struct param *array, struct str s)
{
	put_json(element(array, PARAM_JSONB, (uint32_t)s.n + 1), s);
}

void array_null(struct param *array)
{
	array->has_nulls = true;
	element(array, array->type, UINT32_MAX);
}

void array_text_or_null(struct param *array, struct str s)
{
	if (s.n)
		array_text(array, s);
	else
		array_null(array);
}

void array_int8_or_null(struct param *array, int64_t v)
{
	if (v)
		array_int8(array, v);
	else
		array_null(array);
}

void array_time_or_null(struct param *array, moment_t v)
{
	if (v)
		array_time(array, v);
	else
		array_null(array);
}

/* dimensions, flags, element type; then of the one dimension its size and lower bound. */
static void write_header(struct param *array)
{
	uint32_t header[5] = {htobe32(array->count > 0), htobe32(array->has_nulls), htobe32(array->type), htobe32(array->count), htobe32(1)};
	memcpy(array->bytes.p, header, sizeof header);
}

struct str param_wire(struct param *param)
{
	if (param->is_null)
		return (struct str){NULL, 0};
	if (!param->is_array)
		return buf_str(&param->bytes);
	write_header(param);
	return (struct str){param->bytes.p, param->count ? param->bytes.n : ARRAY_HEADER_EMPTY};
}
