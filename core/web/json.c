/* JSON from outside: what is refused before anybody looks at it. */
#include "web/context.h"

#include <string.h>

enum { DEPTH = 64, KEYS = 250000 /* of ten thousand events with 25 each; parsing so many takes a quarter of a second */ };

/* Looked at before parsing, so that nothing recurses on hostile input or builds what nobody wants. NULL = fine. */
static const char *misshapen(struct str text)
{
	int depth = 0, keys = 0;
	bool in_string = false;
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];
		if (in_string) {
			if (c == '\\')
				i++;
			else if (c == '"')
				in_string = false;
		} else if (c == '"') {
			in_string = true;
		} else if (c == '{' || c == '[') {
			if (++depth > DEPTH)
				return "the JSON is nested deeper than 64 levels.";
		} else if (c == '}' || c == ']') {
			depth--;
		} else if (c == ':' && ++keys > KEYS) {
			return "the JSON has more than 250,000 keys: send it in parts.";
		}
	}
	return NULL;
}

/* Many programs write a byte order mark before UTF-8; RFC 8259, section 8.1, lets who reads JSON pass over it. */
static struct str past_mark(struct str text)
{
	static const struct str mark = STR("\xEF\xBB\xBF");
	return str_starts(text, mark) ? (struct str){text.p + mark.n, text.n - mark.n} : text;
}

json_t *web_json_parse(struct str text, struct error *error)
{
	json_error_t wrong;
	text = past_mark(text);
	const char *why = misshapen(text);
	if (why) {
		error_set(error, ERROR_INVALID, "body", "%s", why);
		return NULL;
	}
	json_t *json = json_loadb(text.p, text.n, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &wrong);
	if (!json && json_error_code(&wrong) == json_error_null_character)
		error_set(error, ERROR_INVALID, "body", "\\u0000 is no character of a text (line %d, column %d).", wrong.line, wrong.column);
	else if (!json)
		error_set(error, ERROR_INVALID, "body", "this is not JSON: %s (line %d, column %d).", wrong.text, wrong.line,
			  wrong.column);
	return json;
}

json_t *web_json_body(struct web_request *req)
{
	struct error error;
	struct str type = http_content_type(req->http);
	if (type.n && !str_is(type, "application/json")) {
		web_refuse(req, ERROR_INVALID, "Content-Type", "send application/json; this is %.*s.", STR_ARG(type));
		return NULL;
	}
	json_t *json = web_json_parse(http_body(req->http), &error);
	if (!json) {
		web_fail(req, &error);
		return NULL;
	}
	if (!json_is_object(json)) {
		json_decref(json);
		web_refuse(req, ERROR_INVALID, "body", "send one JSON object.");
		return NULL;
	}
	return json;
}

const char *web_json_foreign(json_t *object, const char *const *names)
{
	const char *key;
	json_t *value;
	json_object_foreach (object, key, value) {
		size_t i = 0;
		while (names[i] && strcmp(names[i], key) != 0)
			i++;
		if (!names[i])
			return key;
	}
	return NULL;
}

const char *web_row_foreign(json_t *row, const char *const *names, struct arena *arena)
{
	enum { SHOWN = 60 };
	const char *key = web_json_foreign(row, names), *all = names[0];
	if (!key)
		return NULL;
	size_t shown = strlen(key);
	for (shown = shown > SHOWN ? SHOWN : shown; ((unsigned char)key[shown] & 0xc0) == 0x80;)
		shown--;
	for (size_t i = 1; names[i]; i++)
		all = arena_printf(arena, "%s, %s", all, names[i]);
	return arena_printf(arena, "there is no \"%.*s\" here: there is %s.", (int)shown, key, all);
}
