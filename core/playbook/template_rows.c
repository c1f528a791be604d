/* Lines of tags within a table: for cmark any other block ends a table, a comment too, so there a line of tags stands as a row of one cell,
 *
 *     | Plan          | Price          |
 *     |---------------|---------------:|
 *     {% for p in data.plans %}                        |MARK4Q|
 *     | {{ p.name }}  | {{ p.price }}  |
 *     {% endfor %}                                     |MARK9Q|
 *
 * but only where all that it opens is closed in the table: a table within an if ends before the endif. Called once for each body, before cmark reads it. */
#include "playbook/template_parts.h"

struct lines {
	const struct markdown *markdown;
	struct str *items;
	size_t count;
	bool *rows;
};

static bool is_blank(struct str line)
{
	return str_trim(line).n == 0;
}

/* | a | b \| c |: 2 */
static size_t cells_of(struct str line)
{
	struct str s = str_trim(line);
	size_t cells = 1, from = s.n && s.p[0] == '|';
	for (size_t i = from; i + 1 < s.n; i++) {
		cells += s.p[i] == '|';
		i += s.p[i] == '\\';
	}
	return cells;
}

static bool has_bar(struct str line)
{
	return line.n && memchr(line.p, '|', line.n);
}

bool markdown_is_rule(struct str line)
{
	bool bar = false, dash = false;
	for (size_t i = 0; i < line.n; i++) {
		if (!strchr("|-: \t", line.p[i]))
			return false;
		bar |= line.p[i] == '|';
		dash |= line.p[i] == '-';
	}
	return bar && dash;
}

/* What the tags of a line do to the depth; *lowest is the least it reaches on the way. */
static int balance(const struct markdown *markdown, struct str line, int depth, int *lowest)
{
	static const char *const opens[] = {"if", "unless", "case", "for", NULL};
	for (const char *p = line.p; p < line.p + line.n;) {
		size_t token = 0, n = markdown_word(markdown, p, line.p + line.n, &token);
		struct str word = n ? markdown->tokens[token].word : (struct str){"", 0};
		for (size_t i = 0; opens[i]; i++) {
			depth += str_is(word, opens[i]);
			depth -= str_starts(word, STR("end")) && str_is((struct str){word.p + 3, word.n - 3}, opens[i]);
		}
		*lowest = depth < *lowest ? depth : *lowest;
		p += n ? n : 1;
	}
	return depth;
}

/* The line of tags that closes what the one at `from` opens, if all between are rows; lines->count: there is none. */
static size_t closing(const struct lines *lines, size_t from)
{
	int depth = 0, lowest = 0;
	for (size_t i = from; i < lines->count && !is_blank(lines->items[i]); i++) {
		bool tags = markdown_only_tags(lines->markdown, lines->items[i]);
		if (!tags && !has_bar(lines->items[i]))
			break;
		if (tags)
			depth = balance(lines->markdown, lines->items[i], depth, &lowest);
		if (lowest < 0)
			break;
		if (depth == 0)
			return i;
	}
	return lines->count;
}

/* cmark leaves out what is more. */
static void check_row(const struct lines *lines, size_t i, size_t columns)
{
	size_t cells = lines->rows[i] ? 1 : cells_of(lines->items[i]);
	if (cells > columns)
		liquid_problem(lines->markdown->site, lines->markdown->lines[i], "this row has %zu cells, and its table %zu columns.", cells, columns);
}

/* Behind a table's rule: the line where the table ends. */
static size_t body(struct lines *lines, size_t i, size_t columns)
{
	while (i < lines->count && !is_blank(lines->items[i])) {
		size_t last = i;
		if (markdown_only_tags(lines->markdown, lines->items[i]))
			last = closing(lines, i);
		if (last == lines->count)
			break;
		for (; i <= last; i++) {
			lines->rows[i] = markdown_only_tags(lines->markdown, lines->items[i]);
			check_row(lines, i, columns);
		}
	}
	return i;
}

static bool is_fence(struct str line)
{
	struct str s = str_trim(line);
	return str_starts(s, STR("```")) || str_starts(s, STR("~~~"));
}

static struct lines split(const struct markdown *markdown, struct str source)
{
	struct lines lines = {.markdown = markdown};
	size_t most = 1;
	for (size_t i = 0; i < source.n; i++)
		most += source.p[i] == '\n';
	lines.items = arena_array(markdown->arena, most, sizeof *lines.items);
	lines.rows = arena_array(markdown->arena, most, sizeof *lines.rows);
	for (struct str rest = source; rest.p && lines.count < most;)
		lines.items[lines.count++] = str_cut(&rest, '\n');
	return lines;
}

const bool *markdown_rows(const struct markdown *markdown, struct str source)
{
	struct lines lines = split(markdown, source);
	bool code = false;
	for (size_t i = 0; i < lines.count; i++) {
		code ^= is_fence(lines.items[i]);
		size_t columns = cells_of(lines.items[i]);
		if (i && !code && markdown_is_rule(lines.items[i]) && has_bar(lines.items[i - 1]) && cells_of(lines.items[i - 1]) == columns)
			i = body(&lines, i + 1, columns) - 1;
	}
	return lines.rows;
}
