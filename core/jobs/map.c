/* Reading a map, and binding it to the columns of a file and the fields of the playbook: all that can be wrong with it is said before the first
 * row. Every text of the map is a pattern (map_pattern.c); a field's pattern may also be the bare name of a column. */
#include "jobs/map_parts.h"

#include "base/luadata.h"
#include "base/mem.h"
#include "model/import_shape.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- reading ---- */

static int refuse(const struct import_map *map, struct error *error, const char *key, const char *fmt, ...) __attribute__((format(printf, 4, 5)));
static int refuse(const struct import_map *map, struct error *error, const char *key, const char *fmt, ...)
{
	char where[256], message[700];
	va_list args;
	va_start(args, fmt);
	vsnprintf(message, sizeof message, fmt, args);
	va_end(args);
	snprintf(where, sizeof where, "%.120s: %.100s", map->path, key);
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

/* "map.lua: fields.city.from" → "map.lua:7: fields.city.from": the line of the name, or of what it should stand in. */
static void tell_line(struct error *error, const char *path, const json_t *lines)
{
	char key[256], where[256];
	size_t n = strlen(path);
	if (!lines || strncmp(error->where, path, n) != 0 || strncmp(error->where + n, ": ", 2) != 0)
		return;
	snprintf(key, sizeof key, "%s", error->where + n + 2);
	snprintf(where, sizeof where, "%s", key);
	while (!json_object_get(lines, key)) {
		char *dot = strrchr(key, '.');
		if (!dot)
			return;
		*dot = '\0';
	}
	snprintf(error->where, sizeof error->where, "%.120s:%lld: %.100s", path, (long long)json_integer_value(json_object_get(lines, key)), where);
}

struct import_map *import_map_load(const char *path, struct error *error)
{
	json_t *lines = NULL, *json = luadata_file(path, &lines, error);
	struct import_map *map = json ? import_map_new(json, path, error) : NULL;
	if (map)
		map->lines = json_incref(lines);
	else if (json)
		tell_line(error, path, lines);
	json_decref(lines);
	return map;
}

void import_map_free(struct import_map *map)
{
	if (!map)
		return;
	json_decref(map->json);
	json_decref(map->lines);
	free(map->canonical);
	arena_free(map->arena);
	free(map);
}

char import_map_separator(const struct import_map *map)
{
	const char *text = json_string_value(json_object_get(map->json, "separator"));
	return (char)(text ? text[0] : '\0');
}

bool import_map_encoding(const struct import_map *map, enum encoding *encoding)
{
	return encoding_from(str_of(json_string_value(json_object_get(map->json, "encoding"))), encoding);
}

struct str import_map_text(const struct import_map *map)
{
	return str_of(map->canonical);
}

/* ---- binding ---- */

static int wrong(const struct import_map *map, const char *key, const struct error *why, struct error *error)
{
	return refuse(map, error, key, "%s", why->message);
}

static int bind_pattern(const struct import_map *map, const char *key, const char *text, bool bare, struct pattern *out, struct error *error)
{
	struct error why = {0};
	return text && pattern_bind(out, str_of(text), bare, map->header, map->arena, &why) ? wrong(map, key, &why, error) : 0;
}

static int bind_column(const struct import_map *map, const char *key, const json_t *name, int *out, struct error *error)
{
	struct error why = {0};
	return pattern_column(map->header, str_of(json_string_value(name)), out, &why) ? wrong(map, key, &why, error) : 0;
}

/* What other systems' files call our standard fields; NULL = nothing that is known here. */
static const char *usual_name(const char *name)
{
	static const struct { const char *theirs, *ours; } all[] = {
		{"street", "address"}, {"address1", "address"}, {"address_1", "address"}, {"zip", "postal_code"}, {"zip_code", "postal_code"}, {"postcode", "postal_code"},
		{"plz", "postal_code"}, {"state", "region"}, {"province", "region"}, {"town", "city"}, {"mobile", "phone"}, {"telephone", "phone"},
		{"firstname", "first_name"}, {"given_name", "first_name"}, {"lastname", "last_name"}, {"surname", "last_name"}, {"family_name", "last_name"},
		{"name", "first_name\" and \"last_name"}, {"job_title", "title"}, {"organisation", "company"}, {"organization", "company"}, {"account", "company"}};
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if (strcmp(all[i].theirs, name) == 0)
			return all[i].ours;
	return NULL;
}

static int no_field(const struct import_map *map, const char *place, const char *name, const struct schema *schema, struct error *error)
{
	if (schema_account_slot(schema, str_of(name)) >= 0)
		return refuse(map, error, place, "%.80s is a field of companies, and an import brings leads: their companies come by their e-mail's domain (name them with company = "
			      "\"column\"). Take this line out, and set it with PATCH /v1/accounts/{id}.", name);
	const char *usual = usual_name(name), **names = mem_array(schema->lead_count + 1, sizeof *names);
	for (size_t i = 0; i < schema->lead_count; i++)
		names[i] = schema->lead[i].name;
	const char *near = usual ? usual : str_nearest(str_of(name), names, schema->lead_count);
	free(names);
	return refuse(map, error, place, near ? "there is no field \"%.80s\". Did you mean \"%s\"?"
						 : "there is no field \"%.80s\". Declare it in the playbook's fields.lua and publish.%s", name, near ? near : "");
}

/* What holds for all fields, where a field says nothing of its own. The shape was looked at (model/import_shape.c). */
static enum policy policy_of(const json_t *object, enum policy otherwise)
{
	static const char *const names[] = {[POLICY_REPLACE] = "replace", [POLICY_FILL] = "fill", [POLICY_KEEP] = "keep"};
	const char *text = json_string_value(json_object_get(object, "policy"));
	for (int i = 0; text && i < POLICY_COUNT; i++)
		if (strcmp(text, names[i]) == 0)
			return (enum policy)i;
	return otherwise;
}

enum policy import_map_policy(const struct import_map *map)
{
	return policy_of(map->json, POLICY_REPLACE);
}

static enum date_order dates_of(const json_t *object, enum date_order otherwise)
{
	enum date_order order = otherwise;
	const char *text = json_string_value(json_object_get(object, "dates"));
	return text && date_order_from(str_of(text), &order) ? order : otherwise;
}

static char decimal_of(const json_t *object, char otherwise)
{
	const char *text = json_string_value(json_object_get(object, "decimal"));
	return text ? text[0] : otherwise;
}

static int bind_field(struct import_map *map, const char *place, const struct field *to, const json_t *value, struct error *error)
{
	const json_t *from = json_is_object(value) ? json_object_get(value, "from") : value;
	const char *otherwise = json_string_value(json_object_get(value, "default"));
	struct field_map *field = arena_push(map->arena, &map->fields, map->field_count, &map->field_room, sizeof *map->fields);
	*field = (struct field_map){.field = to, .policy = policy_of(value, import_map_policy(map)),
				    .dates = dates_of(value, dates_of(map->json, DATE_TOLD)),
				    .decimal = decimal_of(value, decimal_of(map->json, '\0')), .otherwise = str_of(otherwise)};
	map->field_count++;
	return bind_pattern(map, place, json_string_value(from), true, &field->from, error);
}

static int refuse_field(const struct import_map *map, const char *place, const char *name, int slot, const struct schema *schema, struct error *error)
{
	if (slot == LEAD_EMAIL || slot == LEAD_EXTERNAL_ID)
		return refuse(map, error, place, "%s names the lead: it stands in the map itself, not under fields.", name);
	if (slot < 0)
		return no_field(map, place, name, schema, error);
	if (value_refuse_computed(&schema->lead[slot], error))
		return refuse(map, error, place, "%s is worked out by the server from the other fields. It is not imported.", name);
	return 0;
}

static int bind_fields(struct import_map *map, const struct schema *schema, struct error *error)
{
	const char *name;
	json_t *value;
	json_object_foreach(json_object_get(map->json, "fields"), name, value) {
		char place[100];
		int slot = schema_lead_slot(schema, str_of(name));
		snprintf(place, sizeof place, "fields.%.80s", name);
		if (refuse_field(map, place, name, slot, schema, error) || bind_field(map, place, &schema->lead[slot], value, error))
			return -1;
	}
	return 0;
}

static struct str text_of(const json_t *object, const char *key, const char *otherwise)
{
	const char *text = json_string_value(json_object_get(object, key));
	return str_of(text ? text : otherwise);
}

static int bind_consents(struct import_map *map, struct error *error)
{
	const char *channel;
	json_t *value;
	json_object_foreach(json_object_get(map->json, "consent"), channel, value) {
		struct consent_map *consent = arena_push(map->arena, &map->consents, map->consent_count, &map->consent_room, sizeof *map->consents);
		*consent = (struct consent_map){.channel = str_of(channel), .purpose = text_of(value, "purpose", "marketing"), .wording = text_of(value, "wording", ""),
						.granted = text_of(value, "granted", ""), .withdrawn = text_of(value, "withdrawn", "")};
		char place[100];
		snprintf(place, sizeof place, "consent.%.60s.column", channel);
		map->consent_count++;
		if (bind_column(map, place, json_object_get(value, "column"), &consent->column, error))
			return -1;
	}
	return 0;
}

static void bind_empties(struct import_map *map)
{
	const json_t *empty = json_object_get(map->json, "empty");
	map->empties.items = arena_array(map->arena, json_array_size(empty) + 1, sizeof *map->empties.items);
	for (size_t i = 0; i < json_array_size(empty); i++)
		map->empties.items[map->empties.count++] = json_string_value(json_array_get(empty, i));
}

static int bind_rest(struct import_map *map, struct error *error)
{
	const json_t *outcome = json_object_get(map->json, "outcome");
	bind_empties(map);
	if (bind_pattern(map, "email", json_string_value(json_object_get(map->json, "email")), false, &map->email, error) ||
	    bind_pattern(map, "external_id", json_string_value(json_object_get(map->json, "external_id")), false, &map->external_id, error) ||
	    bind_pattern(map, "phone", json_string_value(json_object_get(map->json, "phone")), false, &map->phone, error) ||
	    bind_pattern(map, "at", json_string_value(json_object_get(map->json, "at")), true, &map->at, error) || bind_consents(map, error))
		return -1;
	map->won = text_of(outcome, "won", "");
	map->won_verb = text_of(outcome, "event", "");
	map->lost = text_of(outcome, "lost", "");
	map->lost_verb = text_of(outcome, "lost_event", "");
	if (bind_pattern(map, "outcome.at", json_string_value(json_object_get(outcome, "at")), true, &map->outcome_at, error))
		return -1;
	return outcome ? bind_column(map, "outcome.column", json_object_get(outcome, "column"), &map->outcome, error) : 0;
}

int import_map_bind(struct import_map *map, const struct csv_row *header, const struct schema *schema, const char *country, struct error *error)
{
	map->header = header;
	map->country = str_of(country);
	if (bind_fields(map, schema, error) == 0 && bind_rest(map, error) == 0)
		return 0;
	tell_line(error, map->path, map->lines);
	return -1;
}
