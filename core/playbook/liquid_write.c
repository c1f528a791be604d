/* Lays out plain text while a template runs: paragraphs, lists, quotes, headings, links as
 * "text (address)". The Lua that template_text.c makes calls it block by block, so what an if leaves out leaves no gap.
 * A block's text is printed to the run's output first (w_open) and laid out in place when it ends (w_close); a blank
 * block disappears. Lines are liquid_lines.c's, tables liquid_table.c's. */
#include "playbook/liquid_lines.h"

#include "base/mem.h"

#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>

struct liquid_writer *liquid_writer_new(void)
{
	return mem_alloc(sizeof(struct liquid_writer));
}

void liquid_writer_free(struct liquid_writer *writer)
{
	if (!writer)
		return;
	buf_fini(&writer->laid);
	buf_fini(&writer->table.text);
	free(writer->table.ends);
	free(writer);
}

void liquid_writer_reset(struct liquid_writer *writer)
{
	writer->depth = writer->list_depth = writer->start = 0;
	writer->begun = writer->gap = false;
}

struct liquid_writer *liquid_writer_of(lua_State *lua)
{
	struct liquid_run *run = sandbox_host(lua);
	return run->writer;
}

/* ---- blocks ---- */

enum { BLOCK_PARAGRAPH = 0, BLOCK_TITLE = 1, BLOCK_HEADING = 2, BLOCK_CODE = 9 };

static int w_open(lua_State *lua)
{
	struct liquid_run *run = sandbox_host(lua);
	run->writer->start = run->out.n;
	liquid_print_behind(lua, run, 1);
	return 0;
}

static void lay_out(struct liquid_writer *writer, struct str text, lua_Integer kind)
{
	struct str rest = text, line, last = {"", 0};
	while (rest.p) {
		line = str_cut(&rest, '\n');
		if (kind == BLOCK_CODE)
			lines_as_is(writer, line);
		else
			lines_wrapped(writer, str_trim(line));
		last = str_trim(line);
	}
	if (kind == BLOCK_TITLE || kind == BLOCK_HEADING)
		lines_underline(writer, last, kind == BLOCK_TITLE ? '=' : '-');
}

/* w_close(kind) */
static int w_close(lua_State *lua)
{
	struct liquid_run *run = sandbox_host(lua);
	struct liquid_writer *writer = run->writer;
	lua_Integer kind = lua_tointeger(lua, 1);
	struct str text = {run->out.n ? run->out.p + writer->start : "", run->out.n - writer->start};
	sandbox_charge(lua, 1 + text.n / 8);
	if (kind != BLOCK_CODE)
		text = str_trim(text);
	else if (text.n && text.p[text.n - 1] == '\n')
		text.n--;
	if (str_trim(text).n) {
		buf_clear(&writer->laid);
		lines_gap(writer);
		lay_out(writer, text, kind);
		lines_done(writer);
		run->out.n = writer->start;
		buf_put(&run->out, writer->laid.p, writer->laid.n);
	} else {
		run->out.n = writer->start;
	}
	writer->start = run->out.n;
	return 0;
}

static int w_rule(lua_State *lua)
{
	struct liquid_run *run = sandbox_host(lua);
	buf_clear(&run->writer->laid);
	lines_gap(run->writer);
	lines_as_is(run->writer, STR("----------------------------------------"));
	lines_done(run->writer);
	buf_put(&run->out, run->writer->laid.p, run->writer->laid.n);
	return 0;
}

static struct level *push_level(lua_State *lua)
{
	struct liquid_writer *writer = liquid_writer_of(lua);
	if (writer->depth == LINES_DEEPEST)
		luaL_error(lua, "lists and quotes stand in one another too deep");
	struct level *level = &writer->levels[writer->depth++];
	*level = (struct level){0};
	return level;
}

static int w_quote(lua_State *lua)
{
	struct level *level = push_level(lua);
	level->quote = true;
	level->width = (size_t)snprintf(level->marker, sizeof level->marker, "> ");
	return 0;
}

static int w_level_end(lua_State *lua)
{
	struct liquid_writer *writer = liquid_writer_of(lua);
	writer->depth -= writer->depth > 0;
	return 0;
}

/* w_list(first number or -1, tight) */
static int w_list(lua_State *lua)
{
	struct liquid_writer *writer = liquid_writer_of(lua);
	if (writer->list_depth == LINES_DEEPEST)
		return luaL_error(lua, "lists stand in one another too deep");
	writer->lists[writer->list_depth++] = (struct list){lua_tointeger(lua, 1), lua_toboolean(lua, 2)};
	return 0;
}

static int w_list_end(lua_State *lua)
{
	struct liquid_writer *writer = liquid_writer_of(lua);
	writer->list_depth -= writer->list_depth > 0;
	writer->gap = !writer->list_depth || !writer->lists[writer->list_depth - 1].tight;
	return 0;
}

static int w_item(lua_State *lua)
{
	struct liquid_writer *writer = liquid_writer_of(lua);
	struct level *level = push_level(lua);
	struct list *list = writer->list_depth ? &writer->lists[writer->list_depth - 1] : NULL;
	if (list && list->next >= 0)
		level->width = (size_t)snprintf(level->marker, sizeof level->marker, "%lld. ", (long long)list->next++);
	else
		level->width = (size_t)snprintf(level->marker, sizeof level->marker, "- ");
	return 0;
}

static void put_literal(lua_State *lua, struct liquid_run *run)
{
	struct str literal = run->code->literals[lua_tointeger(lua, 1)];
	sandbox_charge(lua, 1 + literal.n / 64);
	buf_put(&run->out, literal.p, literal.n);
}

/* After mark() text mark() address: leaves `text (address)`, or one of them when they say the same. w_link(n) after mark() text: the address is the n-th literal,
 * which may be opened as it is. */
static void put_link(lua_State *lua, struct liquid_run *run)
{
	bool fixed = lua_gettop(lua) > 0;
	size_t marks = fixed ? 1 : 2;
	if (run->mark_count < marks)
		luaL_error(lua, "no mark is set");
	run->mark_count -= marks;
	size_t text = run->marks[run->mark_count], address = fixed ? run->out.n : run->marks[run->mark_count + 1];
	buf_reserve(&run->out, 1);
	if (fixed)
		put_literal(lua, run);
	else
		liquid_finish_url(&run->out, address, run->input->public_url);
	buf_clear(&run->scratch);
	buf_put(&run->scratch, run->out.p + address, run->out.n - address);
	struct str url = buf_str(&run->scratch), said = str_trim((struct str){run->out.p + text, address - text});
	struct str bare = str_starts(url, STR("mailto:")) ? (struct str){url.p + 7, url.n - 7} : url;
	bool same = str_same(said, url) || str_same(said, bare), alone = same || !said.n;
	if (liquid_replace_link(run, address)) {
		buf_clear(&run->scratch);
		buf_put(&run->scratch, run->out.p + address, run->out.n - address);
		url = buf_str(&run->scratch);
	} else if (same || str_is(url, "#")) {
		run->out.n = address;
		return;
	}
	run->out.n = alone ? text : address;
	buf_puts(&run->out, alone ? "" : " (");
	buf_put(&run->out, url.p, url.n);
	buf_puts(&run->out, alone ? "" : ")");
}

static int w_link(lua_State *lua)
{
	struct liquid_run *run = sandbox_host(lua);
	put_link(lua, run);
	liquid_print_behind(lua, run, 2);
	return 0;
}

const luaL_Reg liquid_write_words[] = {
	{"w_open", w_open},
	{"w_close", w_close},
	{"w_rule", w_rule},
	{"w_quote", w_quote},
	{"w_list", w_list},
	{"w_item", w_item},
	{"w_quote_end", w_level_end},
	{"w_item_end", w_level_end},
	{"w_list_end", w_list_end},
	{"w_link", w_link},
	{NULL, NULL},
};
