/* Texts of a map: literal parts and {columns}, each with filters behind it, in the words of Liquid: {name | split: " " | first}. All names are
 * resolved when the map is bound, so a row costs no look-up.
 *
 * `split` makes a list; first, last, shift (without the first), pop (without the last) and join work on it; a list that is left at the end is
 * joined as it was split. A text that says nothing stays so, but for `default`. */
#include "jobs/map_parts.h"

#include "base/buf.h"
#include "base/cell.h"
#include "playbook/text.h"

#include <stdio.h>

struct work {
	struct arena *arena;
	struct str text;
	struct str split; /* p NULL = it is no list */
};
struct filter {
	const char *name;
	size_t args;
	void (*run)(struct work *work, const struct str *args);
};

bool empties_has(const struct empties *empties, struct str text)
{
	for (size_t i = 0; i < empties->count; i++)
		if (str_is(text, empties->items[i]))
			return true;
	return text.n == 0;
}

/* ---- filters ---- */

static void set(struct work *work, struct buf *out)
{
	work->text = arena_str(work->arena, buf_str(out));
	buf_fini(out);
}

static const char *seek(struct str text, struct str what)
{
	return what.n && text.n >= what.n ? memmem(text.p, text.n, what.p, what.n) : NULL;
}

static void f_strip(struct work *work, const struct str *args)
{
	(void)args;
	work->text = str_trim(work->text);
}

static void convert(struct work *work, enum text_case which)
{
	char *out = arena_alloc(work->arena, TEXT_CASE_ROOM(work->text.n) + 1);
	work->text = (struct str){out, text_convert(work->text, which, out)};
}

static void f_upcase(struct work *work, const struct str *args)
{
	(void)args;
	convert(work, TEXT_UPPER);
}

static void f_downcase(struct work *work, const struct str *args)
{
	(void)args;
	convert(work, TEXT_LOWER);
}

static void f_capitalize(struct work *work, const struct str *args)
{
	(void)args;
	convert(work, TEXT_CAPITAL);
}

static void f_split(struct work *work, const struct str *args)
{
	work->split = args[0];
	if (str_is(args[0], " "))
		work->text = str_trim(work->text);
}

static const char *last_split(const struct work *work)
{
	const char *found = NULL;
	for (struct str rest = work->text; (rest.p = seek(rest, work->split)) != NULL;) {
		found = rest.p++;
		rest.n = (size_t)(work->text.p + work->text.n - rest.p);
	}
	return found;
}

/* From or up to a place; a blank that splits may stand there several times. */
static void cut(struct work *work, const char *from, const char *to)
{
	work->text = (struct str){from, (size_t)(to - from)};
	if (str_is(work->split, " "))
		work->text = str_trim(work->text);
}

static void f_first(struct work *work, const struct str *args)
{
	const char *at = seek(work->text, work->split);
	(void)args;
	if (at)
		cut(work, work->text.p, at);
}

static void f_last(struct work *work, const struct str *args)
{
	const char *at = last_split(work);
	(void)args;
	if (at)
		cut(work, at + work->split.n, work->text.p + work->text.n);
}

static void f_shift(struct work *work, const struct str *args)
{
	const char *at = seek(work->text, work->split), *end = work->text.p + work->text.n;
	(void)args;
	cut(work, at ? at + work->split.n : end, end);
}

static void f_pop(struct work *work, const struct str *args)
{
	const char *at = last_split(work);
	(void)args;
	cut(work, work->text.p, at ? at : work->text.p);
}

static void replace(struct work *work, struct str what, struct str by)
{
	struct buf out = {0};
	struct str rest = work->text;
	for (const char *at = NULL; (at = seek(rest, what)) != NULL;) {
		buf_put(&out, rest.p, (size_t)(at - rest.p));
		buf_put(&out, by.p, by.n);
		rest.n -= (size_t)(at - rest.p) + what.n;
		rest.p = at + what.n;
	}
	buf_put(&out, rest.p, rest.n);
	set(work, &out);
}

static void f_join(struct work *work, const struct str *args)
{
	replace(work, work->split, args[0]);
	work->split = (struct str){0};
}

static void f_replace(struct work *work, const struct str *args)
{
	replace(work, args[0], args[1]);
}

static void f_remove(struct work *work, const struct str *args)
{
	replace(work, args[0], STR(""));
}

static void around(struct work *work, struct str before, struct str after)
{
	struct buf out = {0};
	buf_put(&out, before.p, before.n);
	buf_put(&out, work->text.p, work->text.n);
	buf_put(&out, after.p, after.n);
	set(work, &out);
}

static void f_append(struct work *work, const struct str *args)
{
	around(work, STR(""), args[0]);
}

static void f_prepend(struct work *work, const struct str *args)
{
	around(work, args[0], STR(""));
}

static void f_default(struct work *work, const struct str *args)
{
	if (!work->text.n)
		work->text = args[0];
}

static const struct filter filters[] = {
	{"strip", 0, f_strip},     {"upcase", 0, f_upcase}, {"downcase", 0, f_downcase}, {"capitalize", 0, f_capitalize}, {"split", 1, f_split},
	{"first", 0, f_first},     {"last", 0, f_last},     {"shift", 0, f_shift},       {"pop", 0, f_pop},               {"join", 1, f_join},
	{"replace", 2, f_replace}, {"remove", 1, f_remove}, {"append", 1, f_append},     {"prepend", 1, f_prepend},       {"default", 1, f_default},
};
enum { FILTERS = sizeof filters / sizeof *filters };

/* ---- binding ---- */

enum { NAMES_SHOWN = 20, NAMES_ROOM = 400 };

static void list_columns(const struct csv_row *header, char out[NAMES_ROOM])
{
	size_t n = 0, shown = 0;
	out[0] = '\0';
	for (size_t i = 0; i < header->count; i++) {
		if (!header->cells[i].n)
			continue;
		if (shown++ == NAMES_SHOWN || n > NAMES_ROOM - 80) {
			snprintf(out + n, NAMES_ROOM - n, ", …");
			return;
		}
		n += (size_t)snprintf(out + n, NAMES_ROOM - n, "%s\"%.40s\"", n ? ", " : "", header->cells[i].p);
	}
}

static int no_column(const struct csv_row *header, struct str name, struct error *error)
{
	char list[NAMES_ROOM];
	const char *names[CSV_COLUMNS_MAX];
	size_t count = 0;
	for (size_t i = 0; i < header->count; i++)
		if (header->cells[i].n)
			names[count++] = header->cells[i].p;
	const char *near = str_nearest(name, names, count);
	list_columns(header, list);
	return error_set(error, ERROR_INVALID, NULL, "the file has no column \"%.*s\". %s%.80s%s Its columns are %s.", (int)(name.n < 80 ? name.n : 80), name.p,
			 near ? "Did you mean \"" : "What is the same for all rows is written { default = \"…\" }.", near ? near : "", near ? "\"?" : "", list);
}

static bool is_column(struct str head, struct str name, bool exact)
{
	return exact ? str_same(head, name) : str_same_nocase(str_trim(head), str_trim(name));
}

int pattern_column(const struct csv_row *header, struct str name, int *out, struct error *error)
{
	for (int exact = 1; exact >= 0 && str_trim(name).n; exact--) {
		size_t found = 0, last = 0;
		for (size_t i = 0; i < header->count; i++)
			if (is_column(header->cells[i], name, exact))
				found++, last = i;
		*out = (int)last;
		if (found > 1)
			return error_set(error, ERROR_INVALID, NULL, "the file has two columns \"%.80s\". Give one of them another name: which is meant cannot be told.", header->cells[last].p);
		if (found == 1)
			return 0;
	}
	return no_column(header, name, error);
}

static int no_filter(struct str name, struct error *error)
{
	const char *names[FILTERS];
	for (size_t i = 0; i < FILTERS; i++)
		names[i] = filters[i].name;
	const char *near = str_nearest(name, names, FILTERS);
	return error_set(error, ERROR_INVALID, NULL, near ? "there is no filter \"%.*s\". Did you mean \"%s\"?" : "there is no filter \"%.*s\".%s",
			 (int)(name.n < 40 ? name.n : 40), name.p, near ? near : "");
}

/* Cuts at the first `sep` outside of quotes, as str_cut. */
static struct str cut_outside(struct str *s, char sep)
{
	char quote = '\0';
	for (size_t i = 0; i < s->n; i++) {
		char c = s->p[i];
		if (quote)
			quote = c == quote ? '\0' : quote;
		else if (c == '"' || c == '\'')
			quote = c;
		if (quote || c != sep)
			continue;
		struct str before = {s->p, i};
		*s = (struct str){s->p + i + 1, s->n - i - 1};
		return before;
	}
	struct str all = *s;
	*s = (struct str){0};
	return all;
}

static int bind_args(struct filter_use *use, struct str text, struct error *error)
{
	size_t count = 0;
	for (struct str rest = text; rest.p && str_trim(rest).n; count++) {
		struct str arg = str_trim(cut_outside(&rest, ','));
		if (arg.n < 2 || (arg.p[0] != '"' && arg.p[0] != '\'') || arg.p[arg.n - 1] != arg.p[0] || count == FILTER_ARGS)
			return error_set(error, ERROR_INVALID, NULL, "what the filter %s is given must be texts in quotes.", use->filter->name);
		use->args[count] = (struct str){arg.p + 1, arg.n - 2};
	}
	if (count != use->filter->args)
		return error_set(error, ERROR_INVALID, NULL, "the filter %s takes %zu texts, not %zu.", use->filter->name, use->filter->args, count);
	return 0;
}

static int bind_filter(struct part *part, struct str text, struct arena *arena, struct error *error)
{
	struct str args = text, name = str_trim(cut_outside(&args, ':'));
	struct filter_use *use = arena_push(arena, &part->filters, part->filter_count, &part->filter_room, sizeof *part->filters);
	part->filter_count++;
	for (size_t i = 0; i < FILTERS && !use->filter; i++)
		if (str_is(name, filters[i].name))
			use->filter = &filters[i];
	return use->filter ? bind_args(use, args, error) : no_filter(name, error);
}

static int bind_column(struct part *part, struct str inside, const struct csv_row *header, struct arena *arena, struct error *error)
{
	struct error not_used;
	if (pattern_column(header, inside, &part->column, &not_used) == 0)
		return 0; /* also one with | in its name */
	struct str rest = inside, name = str_trim(cut_outside(&rest, '|'));
	if (pattern_column(header, name, &part->column, error))
		return -1;
	while (rest.p)
		if (bind_filter(part, cut_outside(&rest, '|'), arena, error))
			return -1;
	return 0;
}

static struct part *add_part(struct pattern *pattern, struct arena *arena)
{
	struct part *part = arena_push(arena, &pattern->parts, pattern->count++, &pattern->room, sizeof *pattern->parts);
	part->column = -1;
	return part;
}

int pattern_bind(struct pattern *out, struct str text, bool bare, const struct csv_row *header, struct arena *arena, struct error *error)
{
	if (bare && !memchr(text.p, '{', text.n))
		return bind_column(add_part(out, arena), text, header, arena, error);
	for (const char *open = NULL; text.n && (open = memchr(text.p, '{', text.n)) != NULL;) {
		struct str literal = {text.p, (size_t)(open - text.p)}, rest = {open + 1, text.n - (size_t)(open + 1 - text.p)};
		struct str inside = cut_outside(&rest, '}');
		if (!rest.p)
			return error_set(error, ERROR_INVALID, NULL, "a { is never closed: write {column}.");
		if (literal.n)
			add_part(out, arena)->literal = literal;
		if (bind_column(add_part(out, arena), inside, header, arena, error))
			return -1;
		text = rest;
	}
	if (text.n)
		add_part(out, arena)->literal = text;
	return 0;
}

/* ---- rows ---- */

static struct str part_text(const struct part *part, const struct empties *empties, const struct csv_row *row, struct arena *arena)
{
	struct work work = {.arena = arena, .text = cell_text(row->cells[part->column])};
	if (empties_has(empties, work.text))
		work.text = STR("");
	for (size_t i = 0; i < part->filter_count; i++)
		if (work.text.n || part->filters[i].filter->run == f_default)
			part->filters[i].filter->run(&work, part->filters[i].args);
	return work.text;
}

struct str pattern_text(const struct pattern *pattern, const struct empties *empties, const struct csv_row *row, struct arena *arena)
{
	struct buf out = {0};
	if (pattern->count == 1 && pattern->parts[0].column >= 0)
		return part_text(&pattern->parts[0], empties, row, arena);
	for (size_t i = 0; i < pattern->count; i++) {
		const struct part *part = &pattern->parts[i];
		struct str text = part->column < 0 ? part->literal : part_text(part, empties, row, arena);
		if (part->column >= 0 && !text.n) {
			buf_fini(&out);
			return STR("");
		}
		buf_put(&out, text.p, text.n);
	}
	struct str text = arena_str(arena, buf_str(&out));
	buf_fini(&out);
	return text;
}
