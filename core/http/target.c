/* Paths and queries, read strictly: what a proxy or a file system might read otherwise is refused, not repaired
 * (TRUST 25). A decoded part never holds a slash, backslash, NUL or control character, and is never "." or "..". */
#include "http/target.h"

#include "http/charset.h"

#include <stdint.h>

static bool no(const char **why, const char *text)
{
	*why = text;
	return false;
}

static bool has_control(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f)
			return true;
	return false;
}

/* Decodes only what needs it: most parts are returned as they stand. p is NULL when the escapes are broken. */
static struct str decode(struct arena *arena, struct str raw, bool plus)
{
	if (!raw.n || (!memchr(raw.p, '%', raw.n) && !(plus && memchr(raw.p, '+', raw.n))))
		return (struct str){raw.p ? raw.p : "", raw.n};
	char *out = arena_alloc(arena, raw.n + 1);
	size_t n = charset_percent_decode(raw, plus, out);
	return n == SIZE_MAX ? (struct str){NULL, 0} : (struct str){out, n};
}

static bool parse_segment(struct arena *arena, struct str raw, bool last, struct str *out, const char **why)
{
	*out = decode(arena, raw, false);
	if (!out->p)
		return no(why, "The path has a \"%\" without two hexadecimal digits.");
	if (!out->n && !last)
		return no(why, "The path has an empty part.");
	if (str_is(*out, ".") || str_is(*out, ".."))
		return no(why, "The path has a dot part.");
	if (out->n && (memchr(out->p, '/', out->n) || memchr(out->p, '\\', out->n)))
		return no(why, "The path has an escaped slash.");
	if (has_control(*out) || !str_is_utf8(*out))
		return no(why, "The path has bytes that are no text.");
	return true;
}

static bool parse_path(struct arena *arena, struct target *out, const char **why)
{
	struct str rest = {out->path.p + 1, out->path.n - 1};
	if (!charset_all(out->path, CHAR_PATH))
		return no(why, "The path has bytes that must be percent-encoded.");
	if (!rest.n)
		return true;
	size_t slashes = 0;
	for (size_t i = 0; i < rest.n; i++)
		slashes += rest.p[i] == '/';
	if (slashes >= TARGET_SEGMENTS)
		return no(why, "The path has too many parts.");
	out->segments = arena_array(arena, slashes + 1, sizeof *out->segments);
	while (rest.p) {
		struct str raw = str_cut(&rest, '/');
		if (!parse_segment(arena, raw, !rest.p, &out->segments[out->count++], why))
			return false;
	}
	return true;
}

bool target_params(struct arena *arena, struct str text, struct http_params *out, const char **why, struct str *where)
{
	size_t most = text.n ? 1 : 0;
	*out = (struct http_params){0};
	for (size_t i = 0; i < text.n; i++)
		most += text.p[i] == '&';
	if (most > TARGET_PARAMS)
		return no(why, "There are too many fields.");
	struct http_param *items = arena_array(arena, most, sizeof *items);
	out->items = items;
	struct str rest = most ? text : (struct str){0};
	while (rest.p) {
		struct str raw_value = str_cut(&rest, '&');
		if (!raw_value.n)
			continue;
		struct str raw_name = str_cut(&raw_value, '=');
		struct http_param *item = &items[out->count++];
		item->name = *where = decode(arena, raw_name, true);
		item->value = decode(arena, raw_value, true);
		item->type = STR("");
		if (!item->name.p || !item->value.p)
			return no(why, "A \"%\" stands without two hexadecimal digits.");
		if (!str_is_utf8(item->name) || !str_is_utf8(item->value))
			return no(why, "The text is not valid UTF-8.");
		if (has_control(item->name) || (item->value.n && memchr(item->value.p, 0, item->value.n)))
			return no(why, "The text has control characters.");
	}
	return true;
}

bool target_parse(struct arena *arena, struct str text, struct target *out, const char **why)
{
	struct str where = {0};
	struct str rest = text;
	*out = (struct target){.path = str_cut(&rest, '?')};
	out->query_text = rest.p ? rest : STR("");
	if (!out->path.n || out->path.p[0] != '/')
		return no(why, "The target must be a path that begins with \"/\".");
	if (!parse_path(arena, out, why))
		return false;
	if (!charset_all(out->query_text, CHAR_QUERY))
		return no(why, "The query has bytes that must be percent-encoded.");
	return target_params(arena, out->query_text, &out->query, why, &where);
}

struct str http_param(const struct http_params *params, const char *name)
{
	for (size_t i = 0; i < params->count; i++)
		if (str_is(params->items[i].name, name))
			return params->items[i].value;
	return (struct str){0};
}
