/* Which kind of form a body is, and the parameters of a header value. */
#include "http/form.h"

#include "http/target.h"

static bool type_is(struct str header, const char *type)
{
	return str_same_nocase(str_trim(str_cut(&header, ';')), str_of(type));
}

static int urlencoded_parse(struct arena *arena, struct str body, struct http_params *out, struct error *error)
{
	const char *why = "";
	struct str where = {0};
	if (target_params(arena, body, out, &why, &where))
		return 0;
	const char *field = where.p && where.n && str_is_text(where) ? arena_dup_n(arena, where.p, where.n) : "body";
	return error_set(error, ERROR_INVALID, field, "%s", why);
}

int form_parse(struct arena *arena, struct str content_type, struct str body, struct http_params *out, struct error *error)
{
	*out = (struct http_params){0};
	if (type_is(content_type, "application/x-www-form-urlencoded"))
		return urlencoded_parse(arena, body, out, error);
	if (type_is(content_type, "multipart/form-data"))
		return multipart_parse(arena, content_type, body, out, error);
	return error_set(error, ERROR_INVALID, "Content-Type",
			 "A form comes as application/x-www-form-urlencoded or multipart/form-data.");
}

/* Reads "…" at the start of *s with its \ escapes, and cuts it off. p NULL when it does not end. */
static struct str cut_quoted(struct arena *arena, struct str *s)
{
	char *out = arena_alloc(arena, s->n + 1);
	size_t n = 0;
	for (size_t i = 1; i < s->n; i++) {
		if (s->p[i] == '"') {
			*s = (struct str){s->p + i + 1, s->n - i - 1};
			return (struct str){out, n};
		}
		/* Browsers write %22 for a quote and never escape a backslash (WHATWG): only \" and \\ are escapes here. */
		if (s->p[i] == '\\' && i + 1 < s->n && (s->p[i + 1] == '"' || s->p[i + 1] == '\\'))
			i++;
		out[n++] = s->p[i];
	}
	return (struct str){0};
}

static struct str cut_value(struct arena *arena, struct str *s)
{
	if (s->n && s->p[0] == '"') {
		struct str value = cut_quoted(arena, s);
		const struct str none = {0};
		struct str between = value.p ? str_cut(s, ';') : none;
		return str_trim(between).n ? none : value;
	}
	return str_trim(str_cut(s, ';'));
}

struct str form_parameter(struct arena *arena, struct str header, const char *name)
{
	struct str found = {0};
	str_cut(&header, ';');
	while (header.p) {
		header = str_trim(header);
		size_t n = 0;
		while (n < header.n && header.p[n] != '=' && header.p[n] != ';')
			n++;
		struct str key = str_trim((struct str){header.p, n});
		if (n == header.n || header.p[n] == ';') {
			str_cut(&header, ';');
			continue;
		}
		header = str_trim((struct str){header.p + n + 1, header.n - n - 1});
		struct str value = cut_value(arena, &header);
		if (!value.p)
			return (struct str){0};
		if (!str_same_nocase(key, str_of(name)))
			continue;
		if (found.p)
			return (struct str){0}; /* two of them: which one is meant is not ours to guess */
		found = value;
	}
	return found;
}
