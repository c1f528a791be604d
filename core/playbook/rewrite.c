/* A walk over the tokens of the file to the model, to its rules, to their `points` and `max`; what is to be changed becomes a list of edits by
 * place, applied from the first to the last. */
#include "playbook/rewrite.h"

#include "base/buf.h"
#include "playbook/lexer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct edit {
	size_t at, remove;
	struct str text;
	size_t order; /* of two at one place */
};
struct rewriting {
	struct str bytes; /* without a byte order mark */
	struct lexed_file file;
	const char *line_end; /* as the file has them: by its first */
	const struct rewrite *asked;
	struct arena *arena;
	struct error *error;
	struct edit *edits;
	size_t count, room;
};

static size_t offset(const struct rewriting *w, const struct lexed *token)
{
	return (size_t)(token->text.p - w->bytes.p);
}

static void put_edit(struct rewriting *w, size_t at, size_t removed, struct str text)
{
	struct edit *edit = arena_push(w->arena, &w->edits, w->count, &w->room, sizeof *edit);
	*edit = (struct edit){at, removed, text, w->count++};
}

/* ---- finding ---- */

/* The token that closes the brace at `open`; TOKEN_END when none does. */
static size_t closing(const struct rewriting *w, size_t open)
{
	int depth = 0;
	size_t i = open;
	for (; w->file.tokens[i].kind != TOKEN_END; i++) {
		const struct lexed *t = &w->file.tokens[i];
		if (lexed_is(t, "{") || lexed_is(t, "(") || lexed_is(t, "["))
			depth++;
		else if ((lexed_is(t, "}") || lexed_is(t, ")") || lexed_is(t, "]")) && --depth == 0)
			break;
	}
	return i;
}

/* The last token of what begins at i: of braces, brackets or a function its end, else itself. */
static size_t whole(const struct rewriting *w, size_t i)
{
	static const char *const opens[] = {"function", "if", "do", "repeat"}, *const ends[] = {"end", "until"};
	const struct lexed *t = &w->file.tokens[i];
	if (lexed_is(t, "{") || lexed_is(t, "(") || lexed_is(t, "["))
		return closing(w, i);
	if (t->kind != TOKEN_KEYWORD || !lexed_is(t, "function"))
		return i;
	for (int depth = 0; w->file.tokens[i].kind != TOKEN_END; i++) {
		t = &w->file.tokens[i];
		for (size_t k = 0; t->kind == TOKEN_KEYWORD && k < sizeof opens / sizeof *opens; k++)
			depth += lexed_is(t, opens[k]);
		for (size_t k = 0; t->kind == TOKEN_KEYWORD && k < sizeof ends / sizeof *ends; k++)
			depth -= lexed_is(t, ends[k]);
		if (depth == 0)
			break;
	}
	return i;
}

/* word "name" { from token `from` on, before `end`, not inside other braces: the brace, or `end`. */
static size_t find_declared(const struct rewriting *w, const char *word, const char *name, size_t from, size_t end)
{
	for (size_t i = from; i + 2 < end; i++) {
		const struct lexed *t = &w->file.tokens[i];
		if (t[0].kind == TOKEN_NAME && lexed_is(t, word) && t[1].kind == TOKEN_TEXT && str_is(t[1].text, name) && lexed_is(&t[2], "{"))
			return i + 2;
		i = whole(w, i);
	}
	return end;
}

/* The token after `key =` in the braces at `open`, or 0. */
static size_t find_property(const struct rewriting *w, size_t open, size_t close, const char *key)
{
	for (size_t i = open + 1; i + 2 < close; i++) {
		const struct lexed *t = &w->file.tokens[i];
		if (t[0].kind == TOKEN_NAME && lexed_is(t, key) && lexed_is(&t[1], "="))
			return i + 2;
		i = whole(w, i);
	}
	return 0;
}

/* ---- numbers ---- */

static struct str show_number(struct arena *arena, double number)
{
	return str_of(number == floor(number) ? arena_printf(arena, "%.0f", number == 0 ? 0.0 : number) : arena_printf(arena, "%.1f", number));
}

/* A plain number at token i, with its minus, up to a comma or the end of the braces, gets another value. */
static int put_number(struct rewriting *w, size_t i, double number, const char *what, const char *rule)
{
	const struct lexed *t = &w->file.tokens[i];
	size_t last = i + (lexed_is(t, "-") ? 1 : 0);
	const struct lexed *number_at = &w->file.tokens[last], *after = number_at + 1;
	if (number_at->kind != TOKEN_NUMBER || !(lexed_is(after, ",") || lexed_is(after, ";") || lexed_is(after, "}")))
		return error_set(w->error, ERROR_INVALID, NULL, "line %d: %s of rule \"%s\" is not written as a plain number, so no other can stand in its place.",
				 t->line, what, rule);
	put_edit(w, offset(w, t), offset(w, number_at) + number_at->text.n - offset(w, t), show_number(w->arena, number));
	return 0;
}

static const struct rewrite_case *find_case(const struct rewrite_rule *rule, struct str choice)
{
	for (size_t i = 0; i < rule->case_count; i++)
		if (str_same(rule->cases[i].choice, choice))
			return &rule->cases[i];
	return NULL;
}

/* choice = 3, or ["choice"] = 3: the token after the = or 0. */
static size_t read_choice(const struct rewriting *w, size_t i, struct str *choice)
{
	const struct lexed *t = &w->file.tokens[i];
	if (t[0].kind == TOKEN_NAME && lexed_is(&t[1], "=")) {
		*choice = t[0].text;
		return i + 2;
	}
	if (lexed_is(&t[0], "[") && t[1].kind == TOKEN_TEXT && lexed_is(&t[2], "]") && lexed_is(&t[3], "=")) {
		*choice = t[1].text;
		return i + 4;
	}
	return 0;
}

static int put_cases(struct rewriting *w, size_t open, const struct rewrite_rule *rule)
{
	size_t close = closing(w, open), put = 0;
	bool has_otherwise = false;
	for (size_t i = open + 1; i < close; i++) {
		struct str choice;
		size_t value = read_choice(w, i, &choice);
		const struct rewrite_case *found = value ? find_case(rule, choice) : NULL;
		if (!value)
			continue;
		if (!found)
			return error_set(w->error, ERROR_INVALID, NULL, "line %d: rule \"%s\" chooses by \"%.*s\", of which nothing is known.",
					 w->file.tokens[i].line, rule->name, STR_ARG(choice));
		if (put_number(w, value, found->points, "a choice", rule->name))
			return -1;
		has_otherwise |= str_is(choice, "otherwise");
		put++;
		i = value;
	}
	const struct rewrite_case *otherwise = find_case(rule, STR("otherwise"));
	if (otherwise && !has_otherwise && otherwise->points != 0)
		put_edit(w, offset(w, &w->file.tokens[close]), 0, str_of(arena_printf(w->arena, "%sotherwise = %s ", lexed_is(&w->file.tokens[close - 1], ",") ? "" : ", ",
									     show_number(w->arena, otherwise->points).p)));
	if (put + (otherwise && !has_otherwise) < rule->case_count)
		return error_set(w->error, ERROR_INVALID, NULL, "line %d: the choices of rule \"%s\" are not all written as choice = points.",
				 w->file.tokens[open].line, rule->name);
	return 0;
}

static int put_points(struct rewriting *w, const struct rewrite_rule *rule, size_t open, size_t close)
{
	size_t points = find_property(w, open, close, "points"), max = find_property(w, open, close, "max");
	const struct lexed *t = &w->file.tokens[points];
	if (rule->kept)
		return 0;
	if (!points)
		return error_set(w->error, ERROR_INVALID, NULL, "line %d: rule \"%s\" has no points = in its braces.", w->file.tokens[open].line, rule->name);
	bool chooses = lexed_is(t, "choose") && t[1].kind == TOKEN_TEXT && lexed_is(&t[2], "{");
	if (chooses != (rule->case_count > 0))
		return error_set(w->error, ERROR_INVALID, NULL, "line %d: the points of rule \"%s\" are not written as a plain number or choose \"field\" { … }.",
				 t->line, rule->name);
	if (chooses ? put_cases(w, points + 2, rule) : put_number(w, points, rule->points, "points", rule->name))
		return -1;
	return max && rule->max > 0 ? put_number(w, max, rule->max, "max", rule->name) : 0;
}

/* ---- comments ---- */

static const char MARK[] = "-- fit: ";

/* Where the line begins in which `at` stands. */
static size_t line_start(const struct rewriting *w, size_t at)
{
	while (at > 0 && w->bytes.p[at - 1] != '\n')
		at--;
	return at;
}

static bool is_ours(struct str line)
{
	return str_starts(str_trim(line), str_of(MARK));
}

/* What an earlier fit said in the lines above `start` goes. */
static void remove_comments(struct rewriting *w, size_t start)
{
	size_t from = start;
	while (from > 0) {
		size_t above = line_start(w, from - 1);
		if (!is_ours((struct str){w->bytes.p + above, from - above}))
			break;
		from = above;
	}
	if (from < start)
		put_edit(w, from, start - from, STR(""));
}

/* A line must not end, and not end the comment, wherever its words come from. */
static void put_line(struct buf *out, struct str indent, const char *text, const char *line_end)
{
	buf_put(out, indent.p, indent.n);
	buf_puts(out, MARK);
	for (const char *p = text; *p; p++)
		buf_putc(out, (unsigned char)*p < ' ' || *p == 127 ? ' ' : *p);
	buf_puts(out, line_end);
}

/* Above the declaration whose word is token `word`; one that does not begin its line gets a line of its own. */
static void put_comments(struct rewriting *w, size_t word, const char *const *lines, size_t count)
{
	size_t at = offset(w, &w->file.tokens[word]), start = line_start(w, at);
	struct str before = {w->bytes.p + start, at - start};
	bool first = str_trim(before).n == 0;
	struct str indent = first ? before : STR("  ");
	struct buf text = {0};
	if (first)
		remove_comments(w, start);
	else if (count)
		buf_puts(&text, w->line_end);
	for (size_t i = 0; i < count; i++)
		put_line(&text, indent, lines[i], w->line_end);
	if (!first && count)
		buf_put(&text, indent.p, indent.n);
	put_edit(w, first ? start : at, 0, arena_str(w->arena, buf_str(&text)));
	buf_fini(&text);
}

/* ---- all of it ---- */

static int rewrite_rule(struct rewriting *w, const struct rewrite_rule *rule, size_t from, size_t end)
{
	size_t open = find_declared(w, "rule", rule->name, from, end);
	if (open == end)
		return error_set(w->error, ERROR_INVALID, NULL, "rule \"%s\" is not written out in model \"%s\": it cannot be found by its name.", rule->name,
				 w->asked->model);
	put_comments(w, open - 2, &rule->comment, rule->comment ? 1 : 0);
	return put_points(w, rule, open, closing(w, open));
}

static int compare_edits(const void *a, const void *b)
{
	const struct edit *x = a, *y = b;
	return x->at != y->at ? (x->at < y->at ? -1 : 1) : x->order < y->order ? -1 : x->order > y->order;
}

static struct str apply(struct rewriting *w, struct str whole)
{
	struct buf out = {0};
	size_t at = 0;
	qsort(w->edits, w->count, sizeof *w->edits, compare_edits);
	buf_put(&out, whole.p, whole.n - w->bytes.n);
	for (size_t i = 0; i < w->count; i++) {
		const struct edit *e = &w->edits[i];
		buf_put(&out, w->bytes.p + at, e->at - at);
		buf_put(&out, e->text.p, e->text.n);
		at = e->at + e->remove;
	}
	buf_put(&out, w->bytes.p + at, w->bytes.n - at);
	struct str text = arena_str(w->arena, buf_str(&out));
	buf_fini(&out);
	return text;
}

int playbook_rewrite(struct str bytes, const struct rewrite *asked, struct arena *arena, struct str *out, struct error *error)
{
	struct rewriting w = {.bytes = playbook_without_mark(bytes), .file = playbook_lex(bytes, arena), .asked = asked, .arena = arena, .error = error};
	const char *line = memchr(w.bytes.p, '\n', w.bytes.n);
	w.line_end = line && line > w.bytes.p && line[-1] == '\r' ? "\r\n" : "\n";
	size_t end = w.file.count - 1, open = find_declared(&w, "model", asked->model, 0, end);
	if (open == end)
		return error_set(error, ERROR_INVALID, NULL, "model \"%s\" is not written out in this file: it cannot be found by its name.", asked->model);
	put_comments(&w, open - 2, asked->header, asked->header_count);
	size_t close = closing(&w, open);
	for (size_t i = 0; i < asked->rule_count; i++)
		if (rewrite_rule(&w, &asked->rules[i], open + 1, close))
			return -1;
	*out = apply(&w, bytes);
	return 0;
}
