/* Rows of leads as CSV (RFC 4180, UTF-8, LF, cells by base/cell.h) or NDJSON. What is unknown is an empty cell, or null; lists have semicolons in a
 * cell, as an import reads them. Called by the command `export` and by /v1/export. */
#include "report/export.h"

#include "base/cell.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const ours[] = {"lead", "created_at", "updated_at", "stage", "segments", "account_id", NULL};

static void add(struct export_shape *shape, const char *name, bool is_score)
{
	shape->columns[shape->count++] = (struct export_column){name, is_score};
	shape->scores = shape->scores || is_score;
}

static void add_all(struct export_shape *shape, const struct schema *schema)
{
	for (size_t i = 0; ours[i]; i++)
		add(shape, ours[i], false);
	for (size_t i = 0; i < schema->lead_count; i++)
		add(shape, schema->lead[i].name, false);
}

static bool is_among(const char *const *names, struct str name)
{
	for (; names && *names; names++)
		if (str_is(name, *names))
			return true;
	return false;
}

/* score.nurture, grade.main, band.main */
static bool is_score(const struct export_names *names, struct str name)
{
	struct str rest = name, kind = str_cut(&rest, '.');
	if (!rest.p)
		return false;
	return str_is(kind, "score") ? is_among(names->models, rest) : (str_is(kind, "grade") || str_is(kind, "band")) && is_among(names->grades, rest);
}

static int no_field(const struct export_names *names, struct str name, struct error *error)
{
	const char *known[512];
	size_t count = 0;
	for (size_t i = 0; ours[i]; i++)
		known[count++] = ours[i];
	for (size_t i = 0; i < names->schema->lead_count && count < 512; i++)
		known[count++] = names->schema->lead[i].name;
	const char *near = str_nearest(name, known, count);
	return error_set(error, ERROR_INVALID, "fields",
			 "there is no field \"%.*s\".%s%s%s Beside lead, created_at, updated_at, stage, segments and account_id there are the lead's fields, "
			 "score.MODEL, grade.GRADES and band.GRADES.",
			 name.n > 80 ? 80 : (int)name.n, name.p, near ? " Did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}

static int add_named(struct export_shape *shape, struct str fields, const struct export_names *names, struct arena *arena, struct error *error)
{
	add(shape, "lead", false);
	for (struct str rest = fields; rest.p;) {
		struct str name = str_trim(str_cut(&rest, ','));
		bool known = is_among(ours, name) || schema_lead_slot(names->schema, name) >= 0, scores = !known && is_score(names, name);
		bool again = false;
		for (size_t i = 1; i < shape->count; i++)
			again = again || str_is(name, shape->columns[i].name);
		if (again)
			return error_set(error, ERROR_INVALID, "fields", "the field \"%.*s\" is named twice.", STR_ARG(name));
		if (!known && !scores)
			return no_field(names, name, error);
		if (!str_is(name, "lead"))
			add(shape, arena_dup_n(arena, name.p, name.n), scores);
	}
	return 0;
}

int export_shape_read(struct export_shape *out, struct str format, struct str fields, const struct export_names *names, struct arena *arena,
		      struct error *error)
{
	size_t room = sizeof ours / sizeof *ours + names->schema->lead_count + 2;
	for (size_t i = 0; i < fields.n; i++)
		room += fields.p[i] == ',';
	*out = (struct export_shape){.csv = str_is(format, "csv"), .columns = arena_array(arena, room, sizeof *out->columns)};
	if (!out->csv && !str_is(format, "ndjson"))
		return error_set(error, ERROR_INVALID, "format", "format is csv or ndjson, not \"%.*s\".", format.n > 40 ? 40 : (int)format.n, format.p);
	if (fields.p)
		return add_named(out, fields, names, arena, error);
	add_all(out, names->schema);
	return 0;
}

void export_head(const struct export_shape *shape, struct buf *out)
{
	if (!shape->csv)
		return;
	for (size_t i = 0; i < shape->count; i++)
		buf_printf(out, "%s%s", i ? "," : "", shape->columns[i].name);
	buf_putc(out, '\n');
}

static json_t *value_of(json_t *row, const struct export_column *column)
{
	return json_object_get(column->is_score ? json_object_get(row, "scores") : row, column->name);
}

static void put_list(struct buf *out, json_t *list)
{
	struct buf text = {0};
	json_t *item;
	size_t i;
	json_array_foreach(list, i, item)
		buf_printf(&text, "%s%s", i ? ";" : "", json_string_value(item));
	cell_put(out, buf_str(&text));
	buf_fini(&text);
}

/* As short as it can be and still be the same number. */
static void put_real(struct buf *out, double number)
{
	char text[40];
	for (int digits = 15; digits <= 17; digits++) {
		snprintf(text, sizeof text, "%.*g", digits, number);
		if (strtod(text, NULL) == number)
			break;
	}
	buf_puts(out, text);
}

static void put_value(struct buf *out, json_t *value)
{
	if (json_is_string(value))
		cell_put(out, (struct str){json_string_value(value), json_string_length(value)});
	else if (json_is_integer(value))
		buf_printf(out, "%lld", (long long)json_integer_value(value));
	else if (json_is_real(value))
		put_real(out, json_real_value(value));
	else if (json_is_boolean(value))
		buf_puts(out, json_is_true(value) ? "yes" : "no");
	else if (json_is_array(value))
		put_list(out, value);
}

static void put_json(const struct export_shape *shape, json_t *row, struct buf *out)
{
	buf_putc(out, '{');
	for (size_t i = 0; i < shape->count; i++) {
		json_t *value = value_of(row, &shape->columns[i]);
		char *text = value ? json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;
		buf_puts(out, i ? ",\"" : "\"");
		buf_puts(out, shape->columns[i].name);
		buf_puts(out, "\":");
		buf_puts(out, text ? text : "null");
		free(text);
	}
	buf_puts(out, "}\n");
}

int64_t export_rows(const struct export_shape *shape, json_t *rows, struct buf *out)
{
	json_t *row;
	size_t i;
	int64_t last = 0;
	json_array_foreach(rows, i, row) {
		last = json_integer_value(json_object_get(row, "lead"));
		for (size_t c = 0; shape->csv && c < shape->count; c++) {
			if (c)
				buf_putc(out, ',');
			put_value(out, value_of(row, &shape->columns[c]));
		}
		if (shape->csv)
			buf_putc(out, '\n');
		else
			put_json(shape, row, out);
	}
	return last;
}
