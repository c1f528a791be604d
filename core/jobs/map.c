/* Reading a map and turning rows by it. Every text of the map is a pattern: literal parts and {columns}; a field's pattern
 * may also be the bare name of a column. All names are resolved when the map is bound, so a row costs no look-up. */
#include "jobs/map.h"

#include "base/cell.h"
#include "base/buf.h"
#include "base/luadata.h"
#include "base/mem.h"
#include "model/import_shape.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

struct part {
	struct str literal;
	int column; /* -1 = literal */
};
struct pattern {
	struct part *parts;
	size_t count, room;
};
struct field_map {
	const struct field *field;
	struct pattern from;
};

struct import_map {
	struct arena *arena;
	const char *path;
	json_t *json;
	char *canonical;
	const struct csv_row *header;
	struct pattern email, external_id;
	struct field_map *fields;
	size_t field_count, field_room;
	int outcome;        /* column, or -1 */
	struct str won, verb;
	const char **empties;
	size_t empty_count;
};

/* ---- reading ---- */

static int refuse(const struct import_map *map, struct error *error, const char *key, const char *fmt, ...) __attribute__((format(printf, 4, 5)));
static int refuse(const struct import_map *map, struct error *error, const char *key, const char *fmt, ...)
{
	char where[256], message[700];
	va_list args;
	va_start(args, fmt);
	vsnprintf(message, sizeof message, fmt, args);
	va_end(args);
	snprintf(where, sizeof where, "%.150s: %.80s", map->path, key);
	return error_set(error, ERROR_INVALID, where, "%s", message);
}

struct import_map *import_map_new(json_t *rules, const char *name, struct error *error)
{
	struct import_map *map = mem_alloc(sizeof *map);
	*map = (struct import_map){.arena = arena_new(), .json = rules, .outcome = -1};
	map->path = arena_dup(map->arena, name);
	map->canonical = json_dumps(rules, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY);
	if (map->canonical && import_shape_check(rules, name, error) == 0)
		return map;
	import_map_free(map);
	return NULL;
}

struct import_map *import_map_load(const char *path, struct error *error)
{
	json_t *json = luadata_file(path, error);
	return json ? import_map_new(json, path, error) : NULL;
}

void import_map_free(struct import_map *map)
{
	if (!map)
		return;
	json_decref(map->json);
	free(map->canonical);
	arena_free(map->arena);
	free(map);
}

char import_map_separator(const struct import_map *map)
{
	const char *text = json_string_value(json_object_get(map->json, "separator"));
	return (char)(text ? text[0] : ',');
}

struct str import_map_text(const struct import_map *map)
{
	return str_of(map->canonical);
}

/* ---- binding ---- */

static int column_of(const struct import_map *map, struct str name)
{
	for (size_t i = 0; i < map->header->count; i++)
		if (str_same(map->header->cells[i], name))
			return (int)i;
	return -1;
}

static int no_column(const struct import_map *map, const char *key, struct str name, struct error *error)
{
	const char *names[CSV_COLUMNS_MAX];
	for (size_t i = 0; i < map->header->count; i++)
		names[i] = map->header->cells[i].p;
	const char *near = str_nearest(name, names, map->header->count);
	return refuse(map, error, key, near ? "the file has no column \"%.*s\". Did you mean \"%s\"?" : "the file has no column \"%.*s\".%s",
		      (int)(name.n < 80 ? name.n : 80), name.p, near ? near : "");
}

static void add_part(const struct import_map *map, struct pattern *pattern, struct str literal, int column)
{
	if (column < 0 && !literal.n)
		return;
	struct part *part = arena_push(map->arena, &pattern->parts, pattern->count, &pattern->room, sizeof *pattern->parts);
	*part = (struct part){literal, column};
	pattern->count++;
}

static int bind_pattern(const struct import_map *map, const char *key, struct str text, bool bare, struct pattern *out, struct error *error)
{
	const char *open;
	if (bare && !memchr(text.p, '{', text.n)) {
		int column = column_of(map, text);
		if (column < 0)
			return no_column(map, key, text, error);
		add_part(map, out, (struct str){0}, column);
		return 0;
	}
	while (text.n && (open = memchr(text.p, '{', text.n))) {
		size_t before = (size_t)(open - text.p);
		const char *close = memchr(open, '}', text.n - before);
		if (!close)
			return refuse(map, error, key, "a { is never closed: write {column}.");
		struct str name = {open + 1, (size_t)(close - open) - 1};
		int column = column_of(map, name);
		if (column < 0)
			return no_column(map, key, name, error);
		add_part(map, out, (struct str){text.p, before}, -1);
		add_part(map, out, (struct str){0}, column);
		text = (struct str){close + 1, text.n - before - (size_t)(close + 1 - open)};
	}
	add_part(map, out, text, -1);
	return 0;
}

static int no_field(const struct import_map *map, const char *name, const struct schema *schema, struct error *error)
{
	const char **names = mem_array(schema->lead_count + 1, sizeof *names);
	for (size_t i = 0; i < schema->lead_count; i++)
		names[i] = schema->lead[i].name;
	const char *near = str_nearest(str_of(name), names, schema->lead_count);
	free(names);
	return refuse(map, error, "fields", near ? "there is no field \"%.80s\". Did you mean \"%s\"?"
						 : "there is no field \"%.80s\". Declare it in the playbook's fields.lua and publish.%s", name, near ? near : "");
}

static int bind_fields(struct import_map *map, const struct schema *schema, struct error *error)
{
	const char *name;
	json_t *value;
	json_object_foreach(json_object_get(map->json, "fields"), name, value) {
		int slot = schema_lead_slot(schema, str_of(name));
		if (slot == LEAD_EMAIL || slot == LEAD_EXTERNAL_ID)
			return refuse(map, error, "fields", "%s names the lead: it stands in the map itself, not under fields.", name);
		if (slot < 0)
			return no_field(map, name, schema, error);
		if (value_refuse_computed(&schema->lead[slot], error))
			return refuse(map, error, "fields", "%s is worked out by the server from the other fields. It is not imported.", name);
		if (!json_is_string(value))
			return refuse(map, error, name, "it must be the name of a column, or text with {column} in it.");
		struct field_map *field = arena_push(map->arena, &map->fields, map->field_count, &map->field_room, sizeof *map->fields);
		*field = (struct field_map){.field = &schema->lead[slot]};
		map->field_count++;
		if (bind_pattern(map, name, str_of(json_string_value(value)), true, &field->from, error))
			return -1;
	}
	return 0;
}

static int bind_rest(struct import_map *map, struct error *error)
{
	const char *email = json_string_value(json_object_get(map->json, "email"));
	const char *id = json_string_value(json_object_get(map->json, "external_id"));
	const json_t *outcome = json_object_get(map->json, "outcome"), *empty = json_object_get(map->json, "empty");
	if ((email && bind_pattern(map, "email", str_of(email), false, &map->email, error)) ||
	    (id && bind_pattern(map, "external_id", str_of(id), false, &map->external_id, error)))
		return -1;
	map->empties = arena_array(map->arena, json_array_size(empty) + 1, sizeof *map->empties);
	for (size_t i = 0; i < json_array_size(empty); i++) {
		const char *text = json_string_value(json_array_get(empty, i));
		if (!text)
			return refuse(map, error, "empty", "it must be a list of texts.");
		map->empties[map->empty_count++] = text;
	}
	if (!outcome)
		return 0;
	struct str column = str_of(json_string_value(json_object_get(outcome, "column")));
	map->outcome = column_of(map, column);
	map->won = str_of(json_string_value(json_object_get(outcome, "won")));
	map->verb = str_of(json_string_value(json_object_get(outcome, "event")));
	return map->outcome < 0 ? no_column(map, "outcome", column, error) : 0;
}

int import_map_bind(struct import_map *map, const struct csv_row *header, const struct schema *schema, struct error *error)
{
	map->header = header;
	for (size_t i = 0; i < header->count; i++)
		for (size_t k = 0; k < i; k++)
			if (str_same(header->cells[i], header->cells[k]))
				return refuse(map, error, "columns", "the file has two columns \"%.80s\".", header->cells[i].p);
	return bind_fields(map, schema, error) || bind_rest(map, error) ? -1 : 0;
}

/* ---- rows ---- */

static bool is_empty(const struct import_map *map, struct str text)
{
	for (size_t i = 0; i < map->empty_count; i++)
		if (str_is(text, map->empties[i]))
			return true;
	return text.n == 0;
}

/* "" when any column in it says nothing: half an address is none. */
static struct str expand(const struct import_map *map, const struct pattern *pattern, const struct csv_row *row, struct arena *arena)
{
	struct buf out = {0};
	for (size_t i = 0; i < pattern->count; i++) {
		const struct part *part = &pattern->parts[i];
		struct str text = part->column < 0 ? part->literal : cell_text(row->cells[part->column]);
		if (part->column >= 0 && is_empty(map, text)) {
			buf_fini(&out);
			return (struct str){"", 0};
		}
		buf_put(&out, text.p, text.n);
	}
	struct str text = arena_str(arena, buf_str(&out));
	buf_fini(&out);
	return text;
}

static int take_identity(const struct import_map *map, const struct csv_row *row, struct arena *arena, struct import_row *out, struct error *error)
{
	struct str email = expand(map, &map->email, row, arena);
	out->external_id = expand(map, &map->external_id, row, arena);
	out->email = (struct str){"", 0};
	if (email.n && model_email_normalise(email, arena, &out->email, error))
		return -1;
	if (out->external_id.n > 200)
		return error_set(error, ERROR_INVALID, "external_id", "it is longer than 200 bytes.");
	if (!out->email.n && !out->external_id.n)
		return error_set(error, ERROR_INVALID, "email", "nothing in this row says who it is.");
	return 0;
}

int import_map_row(const struct import_map *map, const struct csv_row *row, struct arena *arena, struct import_row *out, struct error *error)
{
	*out = (struct import_row){0};
	if (row->count != map->header->count)
		return error_set(error, ERROR_INVALID, "row", "it has %zu columns; the header has %zu.", row->count, map->header->count);
	if (take_identity(map, row, arena, out, error))
		return -1;
	json_t *set = json_object();
	int result = 0;
	for (size_t i = 0; i < map->field_count && result == 0; i++) {
		struct value value;
		struct str text = expand(map, &map->fields[i].from, row, arena);
		result = value_from_text(map->fields[i].field, text, arena, &value, error);
		if (result == 0 && value.type != VALUE_EMPTY)
			json_object_set_new_nocheck(set, map->fields[i].field->name, value_to_json(&value));
	}
	json_t *data = json_pack("{s:o}", "set", set);
	char *text = result == 0 && data ? json_dumps(data, JSON_COMPACT) : NULL;
	if (text)
		out->data = arena_str(arena, str_of(text));
	free(text);
	json_decref(data);
	if (map->outcome >= 0 && str_same(row->cells[map->outcome], map->won))
		out->won = map->verb;
	return result;
}
