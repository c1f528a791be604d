/* What an import's map may say; the messages name the key, and the file where there is one. */
#include "model/import_shape.h"

#include "base/str.h"

#include <stdarg.h>
#include <stdio.h>

static int refuse(const char *name, struct error *error, const char *key, const char *fmt, ...) __attribute__((format(printf, 4, 5)));
static int refuse(const char *name, struct error *error, const char *key, const char *fmt, ...)
{
	char where[256], message[700];
	va_list args;
	va_start(args, fmt);
	vsnprintf(message, sizeof message, fmt, args);
	va_end(args);
	snprintf(where, sizeof where, "%.150s%s%.100s", name ? name : "", name ? ": " : "", key);
	return error_set(error, ERROR_INVALID, where, "%s", message);
}

static int check_keys(const char *name, const json_t *object, const char *in, const char *const *known, size_t count, struct error *error)
{
	const char *key;
	json_t *value;
	json_object_foreach((json_t *)object, key, value) {
		size_t i = 0;
		while (i < count && strcmp(key, known[i]) != 0)
			i++;
		if (i < count)
			continue;
		const char *near = str_nearest(str_of(key), known, count);
		char place[200];
		snprintf(place, sizeof place, "%.90s%s%.90s", in, in[0] ? "." : "", key);
		return refuse(name, error, place, near ? "there is no \"%.60s\" here. Did you mean \"%s\"?" : "there is no \"%.60s\" here.%s", key,
			      near ? near : in[0] ? "" : " What a column says of a lead stands in fields = { … }.");
	}
	return 0;
}

static int check_text(const char *name, const json_t *object, const char *in, const char *key, bool must, struct error *error)
{
	const json_t *value = json_object_get(object, key);
	char place[200];
	if (!value && !must)
		return 0;
	snprintf(place, sizeof place, "%.90s%s%.90s", in, in[0] ? "." : "", key);
	if (!json_is_string(value) || !json_string_length(value))
		return refuse(name, error, place, "it must be a text in quotes.");
	return 0;
}

/* The column that begins here, behind its brace, is closed; what stands in quotes (of a filter) closes nothing (jobs/map_pattern.c reads it so). */
static const char *behind_column(const char *p)
{
	for (char quote = '\0'; *p; p++) {
		if (quote)
			quote = *p == quote ? '\0' : quote;
		else if (*p == '"' || *p == '\'')
			quote = *p;
		else if (*p == '}')
			return p + 1;
	}
	return NULL;
}

static int check_closed(const char *name, const json_t *text, const char *place, struct error *error)
{
	for (const char *p = json_string_value(text); p && (p = strchr(p, '{')) != NULL;) {
		const char *open = p + 1;
		p = behind_column(open);
		if (!p)
			return refuse(name, error, place, "\"{%.60s\" is never closed: write {column}. A quote in it is closed, too.", open);
	}
	return 0;
}

/* A text that may have columns in it. */
static int check_pattern(const char *name, const json_t *object, const char *in, const char *key, bool must, struct error *error)
{
	char place[200];
	snprintf(place, sizeof place, "%.90s%s%.90s", in, in[0] ? "." : "", key);
	return check_text(name, object, in, key, must, error) || check_closed(name, json_object_get(object, key), place, error) ? -1 : 0;
}

struct choice {
	const char *key;
	const char *const *names;
	size_t count;
};
static const char *const policies[] = {"replace", "fill", "keep"};
static const char *const dates[] = {"day month year", "month day year", "year month day"};
static const char *const encodings[] = {"utf-8", "utf-16le", "utf-16be", "windows-1252", "windows-1250", "windows-1251"};
static const char *const decimals[] = {".", ","};
static const struct choice policy_choice = {"policy", policies, 3}, dates_choice = {"dates", dates, 3}, encoding_choice = {"encoding", encodings, 6},
			   decimal_choice = {"decimal", decimals, 2};

static int check_choice(const char *name, const json_t *object, const char *in, const struct choice *choice, struct error *error)
{
	char list[160] = "";
	size_t n = 0;
	const json_t *value = json_object_get(object, choice->key);
	for (size_t i = 0; i < choice->count; i++) {
		if (json_is_string(value) && strcmp(json_string_value(value), choice->names[i]) == 0)
			return 0;
		n += (size_t)snprintf(list + n, sizeof list - n, "%s\"%s\"", i ? ", " : "", choice->names[i]);
	}
	return value ? refuse(name, error, in, "%s must be one of %s.", choice->key, list) : 0;
}

static int check_fields(const char *name, const json_t *fields, struct error *error)
{
	static const char *const keys[] = {"from", "policy", "default", "dates", "decimal"};
	const char *field;
	json_t *value;
	if (fields && !json_is_object(fields) && json_array_size(fields))
		return refuse(name, error, "fields", "it must be { field = \"column\", … }.");
	json_object_foreach((json_t *)fields, field, value) {
		char place[100];
		snprintf(place, sizeof place, "fields.%.80s", field);
		if (json_is_string(value) && json_string_length(value)) {
			if (check_closed(name, value, place, error))
				return -1;
			continue;
		}
		if (!json_is_object(value))
			return refuse(name, error, place, "it must be the name of a column, text with {column} in it, or "
				      "{ from = …, policy = …, default = …, dates = …, decimal = … }.");
		if (check_keys(name, value, place, keys, sizeof keys / sizeof *keys, error) || check_choice(name, value, place, &policy_choice, error) ||
		    check_choice(name, value, place, &dates_choice, error) || check_choice(name, value, place, &decimal_choice, error) ||
		    check_pattern(name, value, place, "from", !json_object_get(value, "default"), error) ||
		    check_text(name, value, place, "default", false, error))
			return -1;
	}
	return 0;
}

static int check_consent(const char *name, const json_t *consent, struct error *error)
{
	static const char *const keys[] = {"column", "granted", "withdrawn", "purpose", "wording"};
	const char *channel;
	json_t *value;
	if (consent && !json_is_object(consent))
		return refuse(name, error, "consent", "it must be { email = { column = …, granted = …, withdrawn = … }, … }.");
	json_object_foreach((json_t *)consent, channel, value) {
		char place[100];
		snprintf(place, sizeof place, "consent.%.80s", channel);
		if (!json_is_object(value))
			return refuse(name, error, place, "%.60s must be { column = …, granted = …, withdrawn = … }.", channel);
		if (check_keys(name, value, place, keys, 5, error) || check_text(name, value, place, "column", true, error) || check_text(name, value, place, "granted", false, error) ||
		    check_text(name, value, place, "withdrawn", false, error) || check_text(name, value, place, "purpose", false, error) ||
		    check_text(name, value, place, "wording", false, error))
			return -1;
		if (!json_object_get(value, "granted") && !json_object_get(value, "withdrawn"))
			return refuse(name, error, place, "%.60s says neither what granted nor what withdrawn looks like in the column.", channel);
	}
	return 0;
}

static int check_outcome(const char *name, const json_t *outcome, struct error *error)
{
	static const char *const keys[] = {"column", "won", "event", "lost", "lost_event", "at"};
	if (!outcome)
		return 0;
	if (!json_is_object(outcome))
		return refuse(name, error, "outcome", "it must be { column = …, won = …, event = … }.");
	if (!json_object_get(outcome, "lost") != !json_object_get(outcome, "lost_event"))
		return refuse(name, error, "outcome", "lost and lost_event are said together: what the column says then, and the event that it is.");
	return check_keys(name, outcome, "outcome", keys, sizeof keys / sizeof *keys, error) || check_text(name, outcome, "outcome", "lost", false, error) ||
		       check_text(name, outcome, "outcome", "lost_event", false, error) || check_pattern(name, outcome, "outcome", "at", false, error) || check_text(name, outcome, "outcome", "column", true, error) ||
		       check_text(name, outcome, "outcome", "won", true, error) || check_text(name, outcome, "outcome", "event", true, error)
		? -1 : 0;
}

static int check_empty(const char *name, const json_t *empty, struct error *error)
{
	if (empty && !json_is_array(empty) && json_object_size(empty))
		return refuse(name, error, "empty", "it must be a list of texts: { \"unknown\" }.");
	for (size_t i = 0; i < json_array_size(empty); i++)
		if (!json_is_string(json_array_get(empty, i)))
			return refuse(name, error, "empty", "it must be a list of texts.");
	return 0;
}

int import_shape_check(const json_t *map, const char *name, struct error *error)
{
	static const char *const keys[] = {"email", "external_id", "phone", "fields", "empty", "at", "outcome", "consent", "policy", "dates", "decimal", "separator", "encoding"};
	if (!json_is_object(map))
		return error_set(error, ERROR_INVALID, name ? name : "body", "a map is one %s with names: email, fields, …", name ? "return { … }" : "object");
	if (check_keys(name, map, "", keys, sizeof keys / sizeof *keys, error) || check_pattern(name, map, "", "email", false, error) ||
	    check_pattern(name, map, "", "external_id", false, error) || check_pattern(name, map, "", "phone", false, error) ||
	    check_pattern(name, map, "", "at", false, error) || check_text(name, map, "", "separator", false, error) ||
	    check_choice(name, map, "policy", &policy_choice, error) || check_choice(name, map, "dates", &dates_choice, error) ||
	    check_choice(name, map, "decimal", &decimal_choice, error) || check_choice(name, map, "encoding", &encoding_choice, error))
		return -1;
	if (!json_object_get(map, "email") && !json_object_get(map, "external_id") && !json_object_get(map, "phone"))
		return refuse(name, error, "email", json_object_get(json_object_get(map, "fields"), "phone")
			? "nothing says who a row is: phone stands in fields, where it is a field like any other. Write phone = \"{Column}\" beside fields, or give email or external_id."
			: "nothing says who a row is: give email, external_id or phone.");
	for (size_t i = 0; i < 3; i++) {
		const char *text = json_string_value(json_object_get(map, keys[i]));
		if (text && !strchr(text, '{'))
			return refuse(name, error, keys[i], "\"%.60s\" is the same for every row. The column of this name is \"{%.60s}\".", text, text);
	}
	if (json_object_get(map, "phone") && json_object_get(json_object_get(map, "fields"), "phone"))
		return refuse(name, error, "fields.phone", "phone stands in the map itself already, where it names who has nothing else and is a field of all others.");
	if (json_string_length(json_object_get(map, "separator")) > 1)
		return refuse(name, error, "separator", "it must be one character.");
	return check_fields(name, json_object_get(map, "fields"), error) || check_empty(name, json_object_get(map, "empty"), error) ||
		       check_outcome(name, json_object_get(map, "outcome"), error) || check_consent(name, json_object_get(map, "consent"), error)
		? -1 : 0;
}

bool import_shape_is_list(struct str kind)
{
	static const char *const kinds[] = {"email", "domain", "phone", "address", "competitor"};
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (str_is(kind, kinds[i]))
			return true;
	return false;
}
