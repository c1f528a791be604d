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
	snprintf(where, sizeof where, "%.150s%s%.80s", name ? name : "", name ? ": " : "", key);
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
		return refuse(name, error, in, near ? "there is no \"%.60s\" here. Did you mean \"%s\"?" : "there is no \"%.60s\" here.%s", key, near ? near : "");
	}
	return 0;
}

static int check_text(const char *name, const json_t *object, const char *key, bool must, struct error *error)
{
	const json_t *value = json_object_get(object, key);
	if (!value && !must)
		return 0;
	if (!json_is_string(value) || !json_string_length(value))
		return refuse(name, error, key, "it must be a text in quotes.");
	return 0;
}

int import_shape_check(const json_t *map, const char *name, struct error *error)
{
	static const char *const keys[] = {"email", "external_id", "fields", "empty", "outcome", "separator"};
	static const char *const outcome_keys[] = {"column", "won", "event"};
	const json_t *outcome = json_object_get(map, "outcome"), *fields = json_object_get(map, "fields"), *empty;
	if (!json_is_object(map))
		return error_set(error, ERROR_INVALID, name ? name : "body", "a map is one %s with names: email, fields, …", name ? "return { … }" : "object");
	if (check_keys(name, map, "map", keys, sizeof keys / sizeof *keys, error) || check_text(name, map, "email", false, error) ||
	    check_text(name, map, "external_id", false, error) || check_text(name, map, "separator", false, error))
		return -1;
	if (!json_object_get(map, "email") && !json_object_get(map, "external_id"))
		return refuse(name, error, "email", "nothing says who a row is: give email or external_id.");
	if (json_string_length(json_object_get(map, "separator")) > 1)
		return refuse(name, error, "separator", "it must be one character.");
	if (fields && (!json_is_object(fields) && json_array_size(fields)))
		return refuse(name, error, "fields", "it must be { field = \"column\", … }.");
	empty = json_object_get(map, "empty");
	if (empty && !json_is_array(empty) && json_object_size(empty))
		return refuse(name, error, "empty", "it must be a list of texts: { \"unknown\" }.");
	if (!outcome)
		return 0;
	if (!json_is_object(outcome))
		return refuse(name, error, "outcome", "it must be { column = …, won = …, event = … }.");
	return check_keys(name, outcome, "outcome", outcome_keys, 3, error) || check_text(name, outcome, "column", true, error) ||
		       check_text(name, outcome, "won", true, error) || check_text(name, outcome, "event", true, error)
		? -1 : 0;
}
