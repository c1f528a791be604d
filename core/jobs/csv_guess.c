/* The cells of a line that is no CSV, as far as they can be told: for the file of refused rows, where somebody mends them. Called by csv.c. */
#include "jobs/csv.h"

#include <string.h>

/* A quoted cell that ends where a cell may: its length with both quotes; 0 = it is none. */
static size_t quoted(struct str rest, char separator)
{
	if (!rest.n || rest.p[0] != '"')
		return 0;
	for (size_t i = 1; i < rest.n; i++) {
		if (rest.p[i] != '"')
			continue;
		if (i + 1 == rest.n || rest.p[i + 1] == separator)
			return i + 1;
		if (rest.p[++i] != '"')
			return 0;
	}
	return 0;
}

/* What stands between the quotes, where two are one. */
static struct str unquote(struct str cell, struct arena *arena)
{
	size_t n = 0;
	char *out = arena_alloc(arena, cell.n + 1);
	for (size_t i = 1; i + 1 < cell.n; i++) {
		out[n++] = cell.p[i];
		i += cell.p[i] == '"';
	}
	out[n] = '\0';
	return (struct str){out, n};
}

void csv_guess(struct str line, char separator, struct arena *arena, struct csv_row *row)
{
	size_t room = 0;
	row->cells = NULL;
	row->count = 0;
	while (line.n && (line.p[line.n - 1] == '\n' || line.p[line.n - 1] == '\r'))
		line.n--;
	for (bool more = true; more;) {
		bool last = row->count + 1 == CSV_COLUMNS_MAX;
		size_t n = last ? 0 : quoted(line, separator), raw = 0;
		while (!n && raw < line.n && (last || line.p[raw] != separator))
			raw++;
		struct str *cell = arena_push(arena, &row->cells, row->count++, &room, sizeof *row->cells);
		*cell = n ? unquote((struct str){line.p, n}, arena) : arena_str(arena, (struct str){line.p, raw});
		n += raw;
		more = n < line.n;
		line = more ? (struct str){line.p + n + 1, line.n - n - 1} : (struct str){0};
	}
}
