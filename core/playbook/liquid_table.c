/* Tables in plain text. Cells are gathered while the template runs; when the table ends its columns stand beside one another where a line has room for them:
 *
 *   Plan    Seats  Price
 *   ------  -----  -----        and else each row is told for itself, a line a cell, each behind the word of its column:   Plan: Basic
 *   Basic       5   10 €
 *
 * Called by the Lua that template_table.c makes. Rows without a word disappear. */
#include "playbook/liquid_lines.h"

#include "base/mem.h"
#include "playbook/text.h"

#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

enum { BETWEEN = 2 };

/* w_table(one letter a column) */
static int w_table(lua_State *lua)
{
	struct table *table = &liquid_writer_of(lua)->table;
	size_t n = 0;
	const char *aligns = luaL_checklstring(lua, 1, &n);
	table->columns = n < TABLE_COLUMNS ? n : TABLE_COLUMNS;
	memcpy(table->aligns, aligns, table->columns);
	table->count = 0;
	buf_clear(&table->text);
	return 0;
}

/* w_cell(): what was printed since w_open() is the next cell, in one line. */
static int w_cell(lua_State *lua)
{
	struct liquid_run *run = sandbox_host(lua);
	struct liquid_writer *writer = run->writer;
	struct table *table = &writer->table;
	struct str text = str_trim((struct str){run->out.n ? run->out.p + writer->start : "", run->out.n - writer->start});
	sandbox_charge(lua, 1 + text.n / 8);
	if (table->count == table->room) {
		table->room = table->room ? table->room * 2 : 64;
		table->ends = mem_resize(table->ends, table->room, sizeof *table->ends);
	}
	for (size_t i = 0; i < text.n; i++) {
		bool blank = text.p[i] == ' ' || (text.p[i] >= '\t' && text.p[i] <= '\r');
		if (!blank || text.p[i - 1] > ' ' || text.p[i - 1] < 0) /* the first is none: it is trimmed */
			buf_putc(&table->text, blank ? ' ' : text.p[i]);
	}
	table->ends[table->count++] = table->text.n;
	run->out.n = writer->start;
	return 0;
}

static struct str cell_of(const struct table *table, size_t row, size_t column)
{
	size_t i = row * table->columns + column, from = i ? table->ends[i - 1] : 0;
	return i < table->count && table->ends[i] > from ? (struct str){table->text.p + from, table->ends[i] - from} : (struct str){"", 0};
}

static bool is_blank_row(const struct table *table, size_t row)
{
	for (size_t i = 0; i < table->columns; i++)
		if (cell_of(table, row, i).n)
			return false;
	return true;
}

/* ---- beside one another ---- */

/* false: a line has no room for them. */
static bool measure(const struct table *table, size_t rows, size_t room, size_t widths[TABLE_COLUMNS])
{
	size_t all = (table->columns - 1) * BETWEEN;
	for (size_t i = 0; i < table->columns; i++) {
		widths[i] = 1;
		for (size_t row = 0; row < rows; row++) {
			size_t n = text_length(cell_of(table, row, i));
			widths[i] = n > widths[i] ? n : widths[i];
		}
		all += widths[i];
	}
	return all <= room;
}

static void put_blanks(struct buf *line, size_t n)
{
	while (n--)
		buf_putc(line, ' ');
}

static void put_row(struct liquid_writer *writer, size_t row, const size_t widths[TABLE_COLUMNS])
{
	const struct table *table = &writer->table;
	struct buf line = {0};
	for (size_t i = 0; i < table->columns; i++) {
		struct str cell = cell_of(table, row, i);
		size_t rest = widths[i] - text_length(cell), before = table->aligns[i] == 'r' ? rest : table->aligns[i] == 'c' ? rest / 2 : 0;
		put_blanks(&line, (i ? BETWEEN : 0) + before);
		buf_put(&line, cell.p, cell.n);
		put_blanks(&line, rest - before);
	}
	lines_as_is(writer, buf_str(&line));
	buf_fini(&line);
}

static void put_rule(struct liquid_writer *writer, const size_t widths[TABLE_COLUMNS])
{
	struct buf line = {0};
	for (size_t i = 0; i < writer->table.columns; i++) {
		put_blanks(&line, i ? BETWEEN : 0);
		for (size_t k = 0; k < widths[i]; k++)
			buf_putc(&line, '-');
	}
	lines_as_is(writer, buf_str(&line));
	buf_fini(&line);
}

static void put_columns(struct liquid_writer *writer, size_t rows, const size_t widths[TABLE_COLUMNS])
{
	bool head = !is_blank_row(&writer->table, 0);
	lines_gap(writer);
	if (head) {
		put_row(writer, 0, widths);
		put_rule(writer, widths);
	}
	for (size_t row = 1; row < rows; row++)
		if (!is_blank_row(&writer->table, row))
			put_row(writer, row, widths);
	lines_done(writer);
}

/* ---- one by one ---- */

static void put_record(struct liquid_writer *writer, size_t row)
{
	const struct table *table = &writer->table;
	lines_gap(writer);
	for (size_t i = 0; i < table->columns; i++) {
		struct str head = cell_of(table, 0, i), cell = cell_of(table, row, i);
		struct buf line = {0};
		if (cell.n)
			buf_printf(&line, "%.*s%s%.*s", STR_ARG(head), head.n ? ": " : "", STR_ARG(cell));
		if (cell.n)
			lines_wrapped(writer, buf_str(&line));
		buf_fini(&line);
	}
	lines_done(writer);
	writer->gap = true;
}

/* w_table_end() */
static int w_table_end(lua_State *lua)
{
	struct liquid_run *run = sandbox_host(lua);
	struct liquid_writer *writer = run->writer;
	const struct table *table = &writer->table;
	size_t widths[TABLE_COLUMNS] = {0}, rows = table->columns ? table->count / table->columns : 0;
	buf_clear(&writer->laid);
	sandbox_charge(lua, 1 + table->text.n / 4);
	if (rows && table->text.n && measure(table, rows, lines_room(writer), widths)) {
		put_columns(writer, rows, widths);
	} else if (table->text.n) {
		for (size_t row = 1; row < rows; row++)
			if (!is_blank_row(table, row))
				put_record(writer, row);
	}
	buf_put(&run->out, writer->laid.p, writer->laid.n);
	writer->start = run->out.n;
	return 0;
}

const luaL_Reg liquid_table_words[] = {
	{"w_table", w_table},
	{"w_cell", w_cell},
	{"w_table_end", w_table_end},
	{NULL, NULL},
};
