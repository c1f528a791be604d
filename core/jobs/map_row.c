/* A row by its map: who it is, what is said of the lead, what it permits, what became of it. */
#include "jobs/map_parts.h"

#include "base/buf.h"

#include "model/phone.h"

#include <stdio.h>
#include <stdlib.h>

static struct str country_of(const struct import_map *map, const struct csv_row *row, struct arena *arena)
{
	for (size_t i = 0; i < map->field_count; i++) {
		const struct field_map *field = &map->fields[i];
		struct str text = strcmp(field->field->name, "country") == 0 ? pattern_text(&field->from, &map->empties, row, arena) : STR("");
		if (text.n || (strcmp(field->field->name, "country") == 0 && field->otherwise.n))
			return text.n ? text : field->otherwise;
	}
	return map->country;
}

/* Who has neither address nor id is named by his number. */
static int take_phone_name(const struct import_map *map, const struct csv_row *row, struct arena *arena, struct import_row *out, struct error *error)
{
	char number[PHONE_MAX];
	struct str text = pattern_text(&map->phone, &map->empties, row, arena);
	if (!text.n)
		return error_set(error, ERROR_INVALID, "email", "nothing in this row says who it is.");
	if (!phone_named(text, country_of(map, row, arena), number))
		return error_set(error, ERROR_INVALID, "phone", "\"%.*s\" names nobody: the number needs its country code, like \"+49 30 123456\", or the row or the playbook its country.",
				 (int)(text.n < 60 ? text.n : 60), text.p);
	out->phone = str_of(arena_dup(arena, number));
	return 0;
}

static int take_identity(const struct import_map *map, const struct csv_row *row, struct arena *arena, struct import_row *out, struct error *error)
{
	struct str email = pattern_text(&map->email, &map->empties, row, arena);
	out->external_id = pattern_text(&map->external_id, &map->empties, row, arena);
	out->email = STR("");
	if (email.n && model_email_normalise(email, arena, &out->email, error))
		return -1;
	if (out->external_id.n > 200)
		return error_set(error, ERROR_INVALID, "external_id", "it is longer than 200 bytes.");
	if (!out->email.n && !out->external_id.n)
		return take_phone_name(map, row, arena, out, error);
	return 0;
}

/* ---- fields ---- */

static void put_value(struct buf *out, const struct value *value)
{
	if (value->type == VALUE_TEXT) {
		buf_put_json(out, value->text);
		return;
	}
	json_t *json = value_to_json(value);
	char *text = json_dumps(json, JSON_COMPACT | JSON_ENCODE_ANY);
	buf_puts(out, text);
	free(text);
	json_decref(json);
}

static int read_field(const struct import_map *map, const struct field_map *field, const struct csv_row *row, struct arena *arena, struct value *value,
		      struct error *error)
{
	struct str text = pattern_text(&field->from, &map->empties, row, arena);
	if (!text.n)
		text = field->otherwise;
	enum field_type type = field->field->type;
	if (text.n && ((type == FIELD_DATE && date_read(field->dates, text, arena, &text, error)) ||
		       (type == FIELD_NUMBER && number_read(field->decimal, text, arena, &text, error)))) {
		snprintf(error->where, sizeof error->where, "%s", field->field->name);
		return -1;
	}
	return value_from_text(field->field, text, arena, value, error);
}

static void put_field(struct buf *out, const char *name, const struct value *value)
{
	buf_putc(out, out->n ? ',' : '{');
	buf_put_json(out, str_of(name));
	buf_putc(out, ':');
	put_value(out, value);
}

/* {"set": {…}, "fill": {…}, "new": {…}}, the latter two where there is something in them. */
static struct str put_together(struct buf parts[POLICY_COUNT], struct arena *arena)
{
	static const char *const keys[] = {[POLICY_REPLACE] = "{\"set\":", [POLICY_FILL] = ",\"fill\":", [POLICY_KEEP] = ",\"new\":"};
	struct buf out = {0};
	for (int i = 0; i < POLICY_COUNT; i++) {
		if (!parts[i].n && i != POLICY_REPLACE)
			continue;
		buf_puts(&out, keys[i]);
		buf_puts(&out, parts[i].n ? parts[i].p : "{");
		buf_putc(&out, '}');
	}
	buf_putc(&out, '}');
	struct str text = arena_str(arena, buf_str(&out));
	buf_fini(&out);
	return text;
}

/* An external id beside an address is a field as any other; alone it is what its lead is made with. Beside an id the address is one too, by the map's policy: where the id
 * finds the lead, "replace" is put in then (store/bulk.h). */
static int take_fields(const struct import_map *map, const struct csv_row *row, struct arena *arena, struct import_row *made, struct error *error)
{
	struct buf parts[POLICY_COUNT] = {{0}};
	int result = 0;
	static const enum bulk_address addresses[] = {[POLICY_REPLACE] = BULK_ADDRESS_REPLACE, [POLICY_FILL] = BULK_ADDRESS_FILL, [POLICY_KEEP] = BULK_ADDRESS_KEEP};
	made->address = addresses[import_map_policy(map)];
	if (made->email.n && made->external_id.n)
		put_field(&parts[POLICY_REPLACE], "external_id", &(struct value){.type = VALUE_TEXT, .text = made->external_id});
	if (made->email.n && made->external_id.n && made->address == BULK_ADDRESS_FILL)
		put_field(&parts[POLICY_FILL], "email", &(struct value){.type = VALUE_TEXT, .text = made->email});
	struct str phone = made->phone.n ? STR("") : pattern_text(&map->phone, &map->empties, row, arena);
	if (phone.n)
		put_field(&parts[import_map_policy(map)], "phone", &(struct value){.type = VALUE_TEXT, .text = phone});
	for (size_t i = 0; i < map->field_count && result == 0; i++) {
		struct value value = {0};
		const struct field_map *field = &map->fields[i];
		result = read_field(map, field, row, arena, &value, error);
		if (result == 0 && value.type != VALUE_EMPTY)
			put_field(&parts[field->policy], field->field->name, &value);
	}
	if (result == 0)
		made->data = put_together(parts, arena);
	for (int i = 0; i < POLICY_COUNT; i++)
		buf_fini(&parts[i]);
	return result;
}

/* ---- permissions ---- */

/* A word that is neither yes nor no is nobody's permission, and nobody's withdrawal that we could overlook: the row is refused. */
static int take_consents(const struct import_map *map, const struct csv_row *row, struct arena *arena, struct import_row *out, struct error *error)
{
	out->consents = arena_array(arena, map->consent_count + 1, sizeof *out->consents);
	for (size_t i = 0; i < map->consent_count; i++) {
		const struct consent_map *consent = &map->consents[i];
		struct str text = str_trim(row->cells[consent->column]);
		bool yes = consent->granted.n && str_same_nocase(text, consent->granted), no = consent->withdrawn.n && str_same_nocase(text, consent->withdrawn);
		if (!yes && !no && empties_has(&map->empties, text))
			continue;
		if (!yes && !no)
			return error_set(error, ERROR_INVALID, "consent", "\"%.*s\" says neither that %.*s is permitted nor that it is not.", (int)(text.n < 40 ? text.n : 40),
					 text.p, STR_ARG(consent->channel));
		out->consents[out->consent_count++] = (struct import_consent){consent->channel, consent->purpose, consent->wording, yes};
	}
	return 0;
}

/* ---- when ---- */

static int take_moment(const struct import_map *map, const struct pattern *from, const struct csv_row *row, struct arena *arena, moment_t *out, struct error *error)
{
	enum date_order order = DATE_TOLD;
	const char *named = json_string_value(json_object_get(map->json, "dates"));
	struct str text = pattern_text(from, &map->empties, row, arena);
	*out = 0;
	if (!text.n)
		return 0;
	if (named)
		(void)date_order_from(str_of(named), &order);
	if (date_read(order, text, arena, &text, error) == 0 && moment_parse(text, out, error) == 0)
		return 0;
	snprintf(error->where, sizeof error->where, "at");
	return -1;
}

static int take_outcome(const struct import_map *map, const struct csv_row *row, struct arena *arena, struct import_row *out, struct error *error)
{
	if (take_moment(map, &map->at, row, arena, &out->at, error))
		return -1;
	if (map->outcome >= 0 && str_same(row->cells[map->outcome], map->won))
		out->outcome = map->won_verb;
	else if (map->outcome >= 0 && map->lost.n && str_same(row->cells[map->outcome], map->lost))
		out->outcome = map->lost_verb;
	if (!out->outcome.n)
		return 0;
	if (take_moment(map, &map->outcome_at, row, arena, &out->outcome_at, error))
		return -1;
	if (!out->outcome_at)
		out->outcome_at = out->at;
	return 0;
}

int import_map_row(const struct import_map *map, const struct csv_row *row, struct arena *arena, struct import_row *out, struct error *error)
{
	*out = (struct import_row){0};
	if (row->count != map->header->count)
		return error_set(error, ERROR_INVALID, "row", "it has %zu columns; the header has %zu.", row->count, map->header->count);
	if (take_identity(map, row, arena, out, error) || take_consents(map, row, arena, out, error) || take_fields(map, row, arena, out, error))
		return -1;
	return take_outcome(map, row, arena, out, error);
}
