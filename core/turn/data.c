/* Finds one key of an event's data, a JSON object, without building a tree: conditions ask for a key of many events. The text was
 * checked when it was taken in; here whatever is not an object with that key is "not there". Only the top level is looked at. */
#include "turn/inside.h"

struct scan {
	const char *p, *end;
};

static void skip_space(struct scan *s)
{
	while (s->p < s->end && (*s->p == ' ' || *s->p == '\t' || *s->p == '\n' || *s->p == '\r'))
		s->p++;
}

/* At a quote: leaves s behind the closing one; *out is what stands between, escapes and all. */
static bool raw_string(struct scan *s, struct str *out)
{
	const char *start = ++s->p;
	while (s->p < s->end && *s->p != '"')
		s->p += *s->p == '\\' ? 2 : 1;
	if (s->p >= s->end)
		return false;
	*out = (struct str){start, (size_t)(s->p - start)};
	s->p++;
	return true;
}

/* Any value: its text as it stands. */
static bool raw_value(struct scan *s, struct str *out)
{
	struct str inner;
	const char *start = s->p;
	int depth = 0;
	if (s->p < s->end && *s->p == '"') {
		if (!raw_string(s, &inner))
			return false;
		*out = (struct str){start, (size_t)(s->p - start)};
		return true;
	}
	while (s->p < s->end) {
		char c = *s->p;
		if (c == '"') {
			if (!raw_string(s, &inner))
				return false;
			continue;
		}
		if (depth == 0 && (c == ',' || c == '}' || c == ']'))
			break;
		depth += (c == '{' || c == '[') - (c == '}' || c == ']');
		s->p++;
	}
	*out = str_trim((struct str){start, (size_t)(s->p - start)});
	return out->n > 0;
}

static bool find_key(struct str json, struct str key, struct str *out)
{
	struct scan s = {json.p, json.p + json.n};
	skip_space(&s);
	if (s.p >= s.end || *s.p++ != '{')
		return false;
	for (;;) {
		struct str name, value;
		skip_space(&s);
		if (s.p >= s.end || *s.p != '"' || !raw_string(&s, &name))
			return false;
		skip_space(&s);
		if (s.p >= s.end || *s.p++ != ':')
			return false;
		skip_space(&s);
		if (!raw_value(&s, &value))
			return false;
		if (str_same(name, key)) {
			*out = value;
			return true;
		}
		skip_space(&s);
		if (s.p >= s.end || *s.p++ != ',')
			return false;
	}
}

static int hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool hex4(const char *p, const char *end, unsigned *out)
{
	*out = 0;
	if (end - p < 4)
		return false;
	for (int i = 0; i < 4; i++) {
		int digit = hex_digit(p[i]);
		if (digit < 0)
			return false;
		*out = *out << 4 | (unsigned)digit;
	}
	return true;
}

static char *put_utf8(char *q, unsigned c)
{
	if (c < 0x80) {
		*q++ = (char)c;
	} else if (c < 0x800) {
		*q++ = (char)(0xc0 | c >> 6);
		*q++ = (char)(0x80 | (c & 0x3f));
	} else if (c < 0x10000) {
		*q++ = (char)(0xe0 | c >> 12);
		*q++ = (char)(0x80 | (c >> 6 & 0x3f));
		*q++ = (char)(0x80 | (c & 0x3f));
	} else {
		*q++ = (char)(0xf0 | c >> 18);
		*q++ = (char)(0x80 | (c >> 12 & 0x3f));
		*q++ = (char)(0x80 | (c >> 6 & 0x3f));
		*q++ = (char)(0x80 | (c & 0x3f));
	}
	return q;
}

/* After "\u": leaves *p behind what was read. */
static unsigned unicode_escape(const char **p, const char *end)
{
	unsigned c = 0, low = 0;
	if (!hex4(*p, end, &c))
		return '?';
	*p += 4;
	if (c >= 0xd800 && c < 0xdc00 && end - *p >= 6 && (*p)[0] == '\\' && (*p)[1] == 'u' && hex4(*p + 2, end, &low) && low >= 0xdc00 && low < 0xe000) {
		*p += 6;
		return 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
	}
	return c >= 0xd800 && c < 0xe000 ? '?' : c;
}

static struct str unescape(struct str raw, struct arena *arena)
{
	static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
	if (!raw.n || !memchr(raw.p, '\\', raw.n))
		return raw;
	char *start = arena_alloc(arena, raw.n + 1), *q = start;
	for (const char *p = raw.p, *end = raw.p + raw.n; p < end;) {
		if (*p != '\\' || p + 1 >= end) {
			*q++ = *p++;
			continue;
		}
		const char *plain = strchr(from, p[1]);
		char c = p[1];
		p += 2;
		if (c == 'u')
			q = put_utf8(q, unicode_escape(&p, end));
		else
			*q++ = (char)(plain && c ? to[plain - from] : c);
	}
	return (struct str){start, (size_t)(q - start)};
}

bool turn_data(struct str json, struct str key, struct arena *arena, struct value *out)
{
	struct str raw;
	if (!find_key(json, key, &raw))
		return false;
	*out = (struct value){0};
	if (raw.p[0] == '"') {
		out->type = VALUE_TEXT;
		out->text = unescape((struct str){raw.p + 1, raw.n - 2}, arena);
	} else if (str_is(raw, "true") || str_is(raw, "false")) {
		out->type = VALUE_YES_NO;
		out->yes = raw.p[0] == 't';
	} else if (str_to_double(raw, &out->number)) {
		out->type = VALUE_NUMBER;
	}
	return out->type != VALUE_EMPTY;
}

bool turn_data_id(struct str json, struct str key, int64_t *out)
{
	struct str raw;
	if (!find_key(json, key, &raw))
		return false;
	if (raw.n > 2 && raw.p[0] == '"')
		raw = (struct str){raw.p + 1, raw.n - 2};
	return str_to_int(raw, out);
}

struct str turn_data_text(struct str json, const char *key, struct arena *arena)
{
	struct value value;
	if (turn_data(json, str_of(key), arena, &value) && value.type == VALUE_TEXT)
		return value.text;
	return (struct str){"", 0};
}
