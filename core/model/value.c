/* Reading and writing the values of fields. One way in for all of it: JSON of the API, cells of a CSV file, values in a
 * playbook. A value that was read is of its field's type, its text is text (base/str.h) and standard fields are
 * spelled one way. Lists are in the order of the field's choices, without repeats, so that the same is equal. */
#include "model/value.h"

#include "model/phone.h"

#include "base/calendar.h"
#include "base/mem.h"
#include "model/country.h"

#include <math.h>
#include <stdio.h>

enum { TEXT_MAX = 10000, LIST_MAX = 200, SHOWN = 60 };

/* So much of a text as a message shows: whole characters. */
static int shown_bytes(struct str s)
{
	size_t n = s.n > SHOWN ? SHOWN : s.n;
	while (n && n < s.n && ((unsigned char)s.p[n] & 0xc0) == 0x80)
		n--;
	return (int)n;
}
#define SHOW(s) shown_bytes(s), (s).n ? (s).p : ""

static const char *const type_names[] = {
	[FIELD_TEXT] = "text",        [FIELD_NUMBER] = "a number", [FIELD_DATE] = "a date",
	[FIELD_YES_NO] = "yes or no", [FIELD_CHOICE] = "a choice", [FIELD_CHOICES] = "a list of choices",
};

bool value_same(const struct value *a, const struct value *b)
{
	if (a->type != b->type)
		return false;
	switch (a->type) {
	case VALUE_EMPTY: return true;
	case VALUE_TEXT: return str_same(a->text, b->text);
	case VALUE_NUMBER: return a->number == b->number;
	case VALUE_YES_NO: return a->yes == b->yes;
	case VALUE_DATE: return a->date == b->date;
	case VALUE_LIST: break;
	}
	if (a->list.count != b->list.count)
		return false;
	for (size_t i = 0; i < a->list.count; i++)
		if (!str_same(a->list.items[i], b->list.items[i]))
			return false;
	return true;
}

struct value value_copy(struct arena *arena, const struct value *v)
{
	struct value copy = *v;
	if (v->type == VALUE_TEXT)
		copy.text = arena_str(arena, v->text);
	if (v->type == VALUE_LIST) {
		struct str *items = arena_array(arena, v->list.count, sizeof *items);
		for (size_t i = 0; i < v->list.count; i++)
			items[i] = arena_str(arena, v->list.items[i]);
		copy.list.items = items;
	}
	return copy;
}

/* ---- texts of standard fields ---- */

static int put_text(struct str text, struct arena *arena, struct value *out)
{
	*out = (struct value){.type = VALUE_TEXT, .text = arena_str(arena, text)};
	return 0;
}

static int read_email(struct str text, struct arena *arena, struct value *out, struct error *error)
{
	out->type = VALUE_TEXT;
	return model_email_normalise(text, arena, &out->text, error);
}

static int read_country(struct str text, struct arena *arena, struct value *out, struct error *error)
{
	char code[COUNTRIES_TEXT];
	size_t count = country_named(text, code);
	if (count > 1)
		return error_set(error, ERROR_INVALID, "country", "\"%.*s\" may be several countries: %s. Write the two letters of the one that is meant.", SHOW(text), code);
	if (!count)
		return error_set(error, ERROR_INVALID, "country", "\"%.*s\" is not a country. Write its name or its two letters, like Germany or DE.", SHOW(text));
	return put_text(str_of(code), arena, out);
}

static int read_zone(struct str text, struct arena *arena, struct value *out, struct error *error)
{
	if (!calendar_zone_known(text))
		return error_set(
			error, ERROR_INVALID, "time_zone",
			"there is no time zone \"%.*s\". Write its name by continent and city, like \"Europe/Berlin\".",
			SHOW(text));
	return put_text(text, arena, out);
}

/* The primary tag alone: "de-AT" becomes "de". */
static int read_language(struct str text, struct arena *arena, struct value *out, struct error *error)
{
	struct str rest = text;
	struct str tag = str_cut(&rest, '-');
	char small[4] = "";
	bool good = tag.n == 2 || tag.n == 3;
	for (size_t i = 0; good && i < tag.n; i++) {
		char c = tag.p[i];
		small[i] = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
		good = small[i] >= 'a' && small[i] <= 'z';
	}
	if (!good)
		return error_set(error, ERROR_INVALID, "language",
				 "\"%.*s\" is not a language. Write its letters, like \"en\" or \"de\".", SHOW(text));
	return put_text(str_of(small), arena, out);
}

/* As E.164 has it when it is written for callers from abroad, else as it stands: its country is the turn's to know. */
static int read_phone(struct str text, struct arena *arena, struct value *out, struct error *error)
{
	char number[PHONE_MAX];
	(void)error;
	return put_text(phone_international(text, number) ? str_of(number) : text, arena, out);
}

typedef int text_reader(struct str text, struct arena *arena, struct value *out, struct error *error);
static const struct {
	const char *field;
	text_reader *read;
} readers[] = {{"email", read_email}, {"country", read_country}, {"time_zone", read_zone}, {"language", read_language}, {"phone", read_phone}};

static bool has_line_break(struct str text)
{
	return text.n && (memchr(text.p, '\n', text.n) || memchr(text.p, '\r', text.n));
}

static int read_text(const struct field *field, struct str text, struct arena *arena, struct value *out,
		     struct error *error)
{
	if (text.n > TEXT_MAX)
		return error_set(error, ERROR_LIMIT, field->name, "%s is longer than %d bytes.", field->name, TEXT_MAX);
	if (!str_is_text(text))
		return error_set(error, ERROR_INVALID, field->name,
				 "%s is not text: it has control characters or is not UTF-8.", field->name);
	if (text.n == 0) {
		*out = (struct value){0};
		return 0;
	}
	if (field->standard && strcmp(field->name, "address") != 0 && has_line_break(text))
		return error_set(error, ERROR_INVALID, field->name, "%s must stand on one line.", field->name);
	for (size_t i = 0; field->standard && i < sizeof readers / sizeof *readers; i++)
		if (strcmp(field->name, readers[i].field) == 0)
			return readers[i].read(text, arena, out, error);
	return put_text(text, arena, out);
}

/* ---- choices ---- */

enum { NO_CHOICE = -1, TWO_CHOICES = -2 };

/* The only one of these that differs from the name in the case of letters alone (ASCII). */
static int find_loosely(const char *const *texts, size_t count, struct str name)
{
	int found = NO_CHOICE;
	for (size_t i = 0; texts && i < count; i++) {
		if (!texts[i] || !str_same_nocase(name, str_of(texts[i])))
			continue;
		if (found >= 0)
			return TWO_CHOICES;
		found = (int)i;
	}
	return found;
}

/* By its name; else as people and other systems write it: in other letters, or by the label that our forms show. A choice's name goes before
 * another one's label, and what could be two is none. */
static int find_choice(const struct field *field, struct str name)
{
	if (!name.n)
		return NO_CHOICE;
	for (size_t i = 0; i < field->choice_count; i++)
		if (str_is(name, field->choices[i]))
			return (int)i;
	int found = find_loosely(field->choices, field->choice_count, name);
	return found != NO_CHOICE ? found : find_loosely(field->choice_labels, field->choice_count, name);
}

/* Message 15. */
static int no_choice(const struct field *field, struct str name, struct error *error)
{
	char list[700] = "";
	size_t n = 0;
	for (size_t i = 0; i < field->choice_count && n < sizeof list - 80; i++)
		n += (size_t)snprintf(list + n, sizeof list - n, "%s%.60s", i ? ", " : "", field->choices[i]);
	return error_set(error, ERROR_INVALID, field->name, "%s has no choice \"%.*s\". Its choices are %s.",
			 field->name, SHOW(name), list);
}

int value_refuse_label(const struct field *field, const json_t *json, struct error *error)
{
	bool choice = field->type == FIELD_CHOICE || field->type == FIELD_CHOICES;
	for (size_t i = 0; choice && i < json_array_size(json); i++)
		if (value_refuse_label(field, json_array_get(json, i), error))
			return -1;
	struct str name = choice && json_is_string(json) ? (struct str){json_string_value(json), json_string_length(json)} : STR("");
	for (size_t i = 0; i < field->choice_count && name.n; i++)
		if (str_is(name, field->choices[i]))
			return 0;
	return name.n ? no_choice(field, name, error) : 0;
}

static int read_choice(const struct field *field, struct str name, struct value *out, struct error *error)
{
	int at = find_choice(field, name);
	if (name.n == 0) {
		*out = (struct value){0};
		return 0;
	}
	if (at < 0)
		return no_choice(field, name, error);
	*out = (struct value){.type = VALUE_TEXT, .text = str_of(field->choices[at])};
	return 0;
}

static void put_list(const struct field *field, const bool *chosen, struct arena *arena, struct value *out)
{
	struct str *items = arena_array(arena, field->choice_count, sizeof *items);
	size_t count = 0;
	for (size_t i = 0; i < field->choice_count; i++)
		if (chosen[i])
			items[count++] = str_of(field->choices[i]);
	*out = count ? (struct value){.type = VALUE_LIST, .list = {items, count}} : (struct value){0};
}

static int choose(const struct field *field, struct str name, bool *chosen, struct error *error)
{
	int at = find_choice(field, name);
	if (at < 0)
		return no_choice(field, name, error);
	chosen[at] = true;
	return 0;
}

/* ---- JSON ---- */

static int wrong_type(const struct field *field, const json_t *json, struct error *error)
{
	const char *kind = json_is_string(json)    ? "text"
			   : json_is_number(json)  ? "a number"
			   : json_is_boolean(json) ? "yes or no"
			   : json_is_array(json)   ? "a list"
						   : "an object";
	struct str text =
		json_is_string(json) ? (struct str){json_string_value(json), json_string_length(json)} : STR("");
	if (json_is_string(json) && field->type == FIELD_NUMBER)
		return error_set(error, ERROR_INVALID, field->name,
				 "%s is a number; \"%.*s\" is text. Leave the quotes away.", field->name, SHOW(text));
	if (json_is_string(json) && field->type == FIELD_YES_NO)
		return error_set(error, ERROR_INVALID, field->name,
				 "%s is yes or no; \"%.*s\" is text. Write true or false.", field->name, SHOW(text));
	if (json_is_number(json) && (field->type == FIELD_TEXT || field->type == FIELD_CHOICE))
		return error_set(error, ERROR_INVALID, field->name, "%s is %s; %.14g is a number. Put it in quotes.",
				 field->name, type_names[field->type], json_number_value(json));
	return error_set(error, ERROR_INVALID, field->name, "%s is %s, not %s.", field->name, type_names[field->type],
			 kind);
}

static int list_from_json(const struct field *field, const json_t *json, struct arena *arena, struct value *out,
			  struct error *error)
{
	bool *chosen = arena_array(arena, field->choice_count + 1, sizeof *chosen);
	if (json_array_size(json) > LIST_MAX)
		return error_set(error, ERROR_LIMIT, field->name, "%s has more than %d entries.", field->name,
				 LIST_MAX);
	for (size_t i = 0; i < json_array_size(json); i++) {
		const json_t *item = json_array_get(json, i);
		if (!json_is_string(item))
			return error_set(error, ERROR_INVALID, field->name,
					 "%s is a list of choices: every entry is text.", field->name);
		if (choose(field, (struct str){json_string_value(item), json_string_length(item)}, chosen, error) < 0)
			return -1;
	}
	put_list(field, chosen, arena, out);
	return 0;
}

static int read_date(const struct field *field, struct str text, struct value *out, struct error *error)
{
	struct error why = {0};
	out->type = VALUE_DATE;
	if (text.n == 0) {
		*out = (struct value){0};
		return 0;
	}
	if (moment_parse(text, &out->date, &why) < 0)
		return error_set(error, ERROR_INVALID, field->name, "%s is a date: %.300s", field->name, why.message);
	return 0;
}

int value_from_json(const struct field *field, const json_t *json, struct arena *arena, struct value *out,
		    struct error *error)
{
	*out = (struct value){0};
	if (json_is_null(json))
		return 0;
	bool is_text = json_is_string(json);
	struct str text = is_text ? (struct str){json_string_value(json), json_string_length(json)} : STR("");
	if (is_text && field->type == FIELD_TEXT)
		return read_text(field, text, arena, out, error);
	if (is_text && field->type == FIELD_CHOICE)
		return read_choice(field, text, out, error);
	if (is_text && field->type == FIELD_DATE)
		return read_date(field, text, out, error);
	if (json_is_number(json) && field->type == FIELD_NUMBER && isfinite(json_number_value(json))) {
		*out = (struct value){.type = VALUE_NUMBER, .number = json_number_value(json)};
		return 0;
	}
	if (json_is_boolean(json) && field->type == FIELD_YES_NO) {
		*out = (struct value){.type = VALUE_YES_NO, .yes = json_is_true(json)};
		return 0;
	}
	if (json_is_array(json) && field->type == FIELD_CHOICES)
		return list_from_json(field, json, arena, out, error);
	return wrong_type(field, json, error);
}

json_t *value_to_json(const struct value *v)
{
	char text[MOMENT_TEXT];
	json_t *list = NULL;
	switch (v->type) {
	case VALUE_EMPTY: return json_null();
	case VALUE_TEXT: return json_stringn(v->text.p, v->text.n);
	case VALUE_NUMBER:
		if (v->number == trunc(v->number) && fabs(v->number) < 9007199254740992.0)
			return json_integer((json_int_t)v->number);
		return json_real(v->number);
	case VALUE_YES_NO: return json_boolean(v->yes);
	case VALUE_DATE: return json_string(moment_format(v->date, text));
	case VALUE_LIST: break;
	}
	list = json_array();
	for (size_t i = 0; i < v->list.count; i++)
		json_array_append_new(list, json_stringn(v->list.items[i].p, v->list.items[i].n));
	return list;
}

/* ---- cells ---- */

static bool read_yes(struct str text, bool *out)
{
	static const char *const yes[] = {"yes", "true", "1", "y"}, *const no[] = {"no", "false", "0", "n"};
	for (size_t i = 0; i < 4; i++) {
		if (str_same_nocase(text, str_of(yes[i])) || str_same_nocase(text, str_of(no[i]))) {
			*out = str_same_nocase(text, str_of(yes[i]));
			return true;
		}
	}
	return false;
}

/* Several choices in one cell are separated by ";" or ",". */
static int list_from_text(const struct field *field, struct str text, struct arena *arena, struct value *out,
			  struct error *error)
{
	bool *chosen = arena_array(arena, field->choice_count + 1, sizeof *chosen);
	int whole = find_choice(field, text); /* a label may have a comma in it */
	if (whole >= 0) {
		chosen[whole] = true;
		put_list(field, chosen, arena, out);
		return 0;
	}
	char sep = memchr(text.p, ';', text.n) ? ';' : ',';
	for (struct str rest = text; rest.p;) {
		struct str name = str_trim(str_cut(&rest, sep));
		if (name.n && choose(field, name, chosen, error) < 0)
			return -1;
	}
	put_list(field, chosen, arena, out);
	return 0;
}

int value_from_text(const struct field *field, struct str text, struct arena *arena, struct value *out,
		    struct error *error)
{
	*out = (struct value){0};
	struct str trimmed = str_trim(text);
	if (trimmed.n == 0)
		return 0;
	switch (field->type) {
	case FIELD_TEXT: return read_text(field, text, arena, out, error);
	case FIELD_CHOICE: return read_choice(field, trimmed, out, error);
	case FIELD_CHOICES: return list_from_text(field, trimmed, arena, out, error);
	case FIELD_DATE: return read_date(field, trimmed, out, error);
	case FIELD_NUMBER:
		out->type = VALUE_NUMBER;
		if (str_to_double(trimmed, &out->number))
			return 0;
		return error_set(error, ERROR_INVALID, field->name, "%s is a number; \"%.*s\" is not.", field->name,
				 SHOW(trimmed));
	case FIELD_YES_NO:
		out->type = VALUE_YES_NO;
		if (read_yes(trimmed, &out->yes))
			return 0;
		return error_set(error, ERROR_INVALID, field->name, "%s is yes or no; \"%.*s\" is neither.",
				 field->name, SHOW(trimmed));
	}
	return 0;
}
