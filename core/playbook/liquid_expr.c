/* Expressions of Liquid, written as Lua: values, filters, conditions. Called by liquid_compile.c and liquid_tags.c.
 *
 * The Lua is one expression of calls only, so it can stand anywhere; how deep it nests is bounded here, before Lua's
 * own limit. As in Liquid, `and` and `or` are read from the right, and only nil and false are false. */
#include "playbook/liquid.h"

#include <stdio.h>
#include <stdlib.h>

enum { FILTERS_MOST = 16, ARGUMENTS_MOST = 8, TERMS_MOST = 24, SEGMENTS_MOST = 12 };

void liquid_lua_text(struct buf *out, struct str text)
{
	buf_putc(out, '"');
	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];
		if (c < ' ' || c == '"' || c == '\\' || c == 0x7f)
			buf_printf(out, "\\%03u", c);
		else
			buf_putc(out, (char)c);
	}
	buf_putc(out, '"');
}

static void put_number(struct liquid_lexer *lexer, struct buf *out)
{
	int64_t whole = 0;
	double number = 0;
	struct str text = lexer->text;
	if (str_to_int(text, &whole) && whole > -(INT64_C(1) << 53) && whole < (INT64_C(1) << 53))
		buf_printf(out, "(%lld)", (long long)whole);
	else if (str_to_double(text, &number) && memchr(text.p, '.', text.n))
		buf_printf(out, "(%.*s)", STR_ARG(text));
	else
		buf_putc(out, '0'),
			liquid_wrong(lexer, "%.*s is too large a number.", text.n > 40 ? 40 : STR_ARG(text));
	liquid_next(lexer);
}

/* .name  ["name"]  [3]  [variable] */
static size_t read_segments(struct liquid_lexer *lexer, struct liquid_segment *segments)
{
	size_t count = 0;
	while (lexer->kind == LEX_MARK && (str_is(lexer->text, ".") || str_is(lexer->text, "["))) {
		bool dot = str_is(lexer->text, ".");
		if (count == SEGMENTS_MOST) {
			liquid_wrong(lexer, "this name has more than %d parts.", SEGMENTS_MOST);
			break;
		}
		struct liquid_segment *segment = &segments[count++];
		*segment = (struct liquid_segment){0};
		liquid_next(lexer);
		if (lexer->kind == (dot ? LEX_NAME : LEX_TEXT)) {
			segment->name = lexer->text;
			liquid_next(lexer);
		} else if (dot) {
			liquid_wrong(lexer, "a name is missing after the dot.");
		} else {
			struct buf lua = {0};
			liquid_value(lexer, &lua);
			segment->lua = arena_dup_n(lexer->liquid->arena, lua.p, lua.n);
			buf_fini(&lua);
		}
		if (!dot && !lexer->failed && !liquid_take(lexer, "]"))
			liquid_wrong(lexer, "a ] is missing.");
	}
	return count;
}

struct word {
	const char *name, *lua;
};
static const struct word literals[] = {{"true", "true"},  {"false", "false"}, {"nil", "nil"}, {"null", "nil"},
				       {"empty", "\"\""}, {"blank", "\"\""},  {NULL, NULL}};

static const char *literal_of(struct str name)
{
	for (const struct word *word = literals; word->name; word++)
		if (str_is(name, word->name))
			return word->lua;
	return NULL;
}

void liquid_value(struct liquid_lexer *lexer, struct buf *out)
{
	static _Thread_local int depth; /* of [ ] inside [ ] */
	if (lexer->kind == LEX_TEXT) {
		liquid_lua_text(out, lexer->text);
		liquid_next(lexer);
	} else if (lexer->kind == LEX_NUMBER) {
		put_number(lexer, out);
	} else if (lexer->kind == LEX_NAME) {
		struct str name = lexer->text;
		const char *literal = literal_of(name);
		struct liquid_segment segments[SEGMENTS_MOST];
		liquid_next(lexer);
		depth++;
		if (depth > 8)
			liquid_wrong(lexer, "brackets stand in brackets too deep.");
		size_t count = read_segments(lexer, segments);
		depth--;
		if (lexer->failed)
			buf_puts(out, "nil");
		else if (literal && !count)
			buf_puts(out, literal);
		else
			liquid_name(lexer, name, segments, count, out);
	} else {
		if (lexer->kind == LEX_MARK && str_is(lexer->text, "("))
			liquid_wrong(lexer, "brackets ( ) only stand around the range of a for: (1..5). Liquid's "
					    "conditions know none.");
		liquid_wrong(lexer, "a value is missing here.");
		buf_puts(out, "nil");
	}
}

/* ---- filters ---- */

static const char *nearest_filter(struct str name)
{
	const char *names[128];
	size_t count = 0;
	for (size_t t = 0; liquid_filter_tables[t]; t++)
		for (const struct liquid_filter *filter = liquid_filter_tables[t]; filter->name && count < 128;
		     filter++)
			names[count++] = filter->name;
	return str_nearest(name, names, count);
}

static void wrong_filter(struct liquid_lexer *lexer, struct str name)
{
	const char *nearest = nearest_filter(name);
	if (str_is(name, "raw"))
		liquid_wrong(lexer, "there is no filter \"raw\": what leads wrote is always escaped.");
	else if (nearest)
		liquid_wrong(lexer, "there is no filter \"%.*s\". Did you mean \"%s\"?", STR_ARG(name), nearest);
	else
		liquid_wrong(lexer, "there is no filter \"%.*s\".", STR_ARG(name));
}

/* `allow_false: true` is the only named value that the standard filters have (of default). */
static bool named_value(struct liquid_lexer *lexer, const struct liquid_filter *filter, struct buf *out)
{
	struct liquid_lexer ahead = *lexer;
	liquid_next(&ahead);
	if (lexer->kind != LEX_NAME || ahead.kind != LEX_MARK || !str_is(ahead.text, ":"))
		return false;
	if (strcmp(filter->name, "default") != 0 || !str_is(lexer->text, "allow_false")) {
		liquid_wrong(lexer, "the filter %s has no \"%.*s:\".", filter->name, STR_ARG(lexer->text));
		return true;
	}
	liquid_next(lexer);
	liquid_next(lexer);
	buf_puts(out, ",");
	liquid_value(lexer, out);
	return true;
}

static int read_arguments(struct liquid_lexer *lexer, const struct liquid_filter *filter, struct buf *out)
{
	int count = 0;
	if (!liquid_take(lexer, ":"))
		return 0;
	do {
		if (named_value(lexer, filter, out))
			continue;
		buf_puts(out, ",");
		liquid_value(lexer, out);
		count++;
	} while (!lexer->failed && count < ARGUMENTS_MOST && liquid_take(lexer, ","));
	return count;
}

static void say_count(struct liquid_lexer *lexer, const struct liquid_filter *filter, int count)
{
	const char *s = filter->most == 1 ? "" : "s";
	if (filter->most == 0)
		liquid_wrong(lexer, "the filter %s takes no value after a colon, and %d stand%s here.", filter->name,
			     count, count == 1 ? "s" : "");
	else if (filter->least == filter->most)
		liquid_wrong(lexer, "the filter %s takes %d value%s after a colon, not %d.", filter->name, filter->most,
			     s, count);
	else
		liquid_wrong(lexer, "the filter %s takes %d to %d values after a colon, not %d.", filter->name,
			     filter->least, filter->most, count);
}

/* Wraps *value in one call. */
static void read_filter(struct liquid_lexer *lexer, struct buf *value, struct str *last)
{
	struct str name = lexer->text;
	const struct liquid_filter *filter = lexer->kind == LEX_NAME ? liquid_filter_find(name) : NULL;
	if (!filter) {
		if (lexer->kind == LEX_NAME)
			wrong_filter(lexer, name);
		else
			liquid_wrong(lexer, "a filter's name is missing after |.");
		return;
	}
	struct buf call = {0};
	liquid_next(lexer);
	buf_printf(&call, "f_%s(%s", filter->name, value->p);
	int count = read_arguments(lexer, filter, &call);
	buf_putc(&call, ')');
	if (!lexer->failed && (count < filter->least || count > filter->most))
		say_count(lexer, filter, count);
	buf_fini(value);
	*value = call;
	*last = name;
}

void liquid_filtered(struct liquid_lexer *lexer, struct buf *out, struct str *last)
{
	struct buf value = {0};
	struct str before = {"", 0};
	int count = 0;
	liquid_value(lexer, &value);
	while (!lexer->failed && liquid_take(lexer, "|")) {
		if (++count > FILTERS_MOST)
			liquid_wrong(lexer, "more than %d filters stand in one line. Use assign.", FILTERS_MOST);
		else
			read_filter(lexer, &value, &before);
	}
	buf_put(out, value.p, value.n);
	buf_fini(&value);
	if (last)
		*last = before;
}

/* ---- conditions ---- */

struct operator
{
	const char *mark, *format; /* two %s */
};
static const struct operator operators[] = {
	{"==", "(%s==%s)"},  {"!=", "(%s~=%s)"}, {"<>", "(%s~=%s)"},  {"<", "lt(%s,%s)"},
	{"<=", "le(%s,%s)"}, {">", "gt(%s,%s)"}, {">=", "ge(%s,%s)"}, {"contains", "has(%s,%s)"},
};

static bool special(const struct liquid_lexer *lexer, const char **function)
{
	if (lexer->kind != LEX_NAME || !(str_is(lexer->text, "empty") || str_is(lexer->text, "blank")))
		return false;
	*function = str_is(lexer->text, "empty") ? "empty" : "blank";
	return true;
}

static void compare(struct liquid_lexer *lexer, const struct operator* op, const char *left, const char *left_special,
		    struct buf *out)
{
	const char *function = left_special;
	struct buf right = {0};
	bool right_special = !function && special(lexer, &function);
	liquid_value(lexer, &right);
	bool equal = strcmp(op->mark, "==") == 0, unequal = strcmp(op->mark, "!=") == 0 || strcmp(op->mark, "<>") == 0;
	if (function && (equal || unequal))
		buf_printf(out, "(%s is_%s(%s))", equal ? "" : "not", function, right_special ? left : right.p);
	else if (function)
		liquid_wrong(lexer, "%s can only be asked with == and !=.", function);
	else
		buf_printf(out, op->format, left, right.p);
	buf_fini(&right);
}

static void read_term(struct liquid_lexer *lexer, struct buf *out)
{
	struct buf left = {0};
	const char *left_special = NULL;
	special(lexer, &left_special);
	liquid_value(lexer, &left);
	for (size_t i = 0; !lexer->failed && i < sizeof operators / sizeof *operators; i++) {
		if (liquid_take(lexer, operators[i].mark)) {
			compare(lexer, &operators[i], left.p, left_special, out);
			goto out;
		}
	}
	if (liquid_take(lexer, "="))
		liquid_wrong(lexer, "one = sets, two == ask. Write ==.");
	if (lexer->kind == LEX_MARK && str_is(lexer->text, "|"))
		liquid_wrong(lexer, "a filter cannot stand in a condition. Use assign before it.");
	buf_put(out, left.p, left.n);
out:
	buf_fini(&left);
}

void liquid_condition(struct liquid_lexer *lexer, struct buf *out)
{
	int terms = 0;
	for (;;) {
		if (++terms > TERMS_MOST)
			liquid_wrong(lexer, "more than %d conditions stand in one line.", TERMS_MOST);
		read_term(lexer, out);
		if (lexer->failed)
			break;
		bool both = liquid_take(lexer, "and");
		if (!both && !liquid_take(lexer, "or"))
			break;
		buf_puts(out, both ? " and (" : " or (");
	}
	while (--terms > 0)
		buf_putc(out, ')');
}
