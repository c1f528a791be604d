/* Lays out plain text while a template runs: paragraphs wrapped at 76 characters, lists, quotes, headings, links as
 * "text (address)". The Lua that template_text.c makes calls it block by block, so what an if leaves out leaves no gap.
 * A block's text is printed to the run's output first (w_open) and laid out in place when it ends (w_close); a blank
 * block disappears. */
#include "playbook/liquid.h"

#include "base/mem.h"
#include "playbook/text.h"

#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>

enum { WIDTH = 76, NARROWEST = 24, DEEPEST = 24 };

struct level { /* a quote or an item that the next lines stand in */
	char marker[24];
	size_t width;
	bool quote, marked; /* marked: the marker was printed, blanks follow */
};
struct list {
	lua_Integer next; /* number of the next item; -1 = bullets */
	bool tight;
};
struct liquid_writer {
	struct level levels[DEEPEST];
	size_t depth;
	struct list lists[DEEPEST];
	size_t list_depth;
	size_t start; /* of the open block's text in out */
	bool begun, gap;
	struct buf laid;
};

struct liquid_writer *liquid_writer_new(void)
{
	return mem_alloc(sizeof(struct liquid_writer));
}

void liquid_writer_free(struct liquid_writer *writer)
{
	if (!writer)
		return;
	buf_fini(&writer->laid);
	free(writer);
}

void liquid_writer_reset(struct liquid_writer *writer)
{
	writer->depth = writer->list_depth = writer->start = 0;
	writer->begun = writer->gap = false;
}

static struct liquid_writer *writer_of(lua_State *lua)
{
	struct liquid_run *run = sandbox_host(lua);
	return run->writer;
}

/* ---- lines ---- */

static size_t prefix_width(const struct liquid_writer *writer)
{
	size_t width = 0;
	for (size_t i = 0; i < writer->depth; i++)
		width += writer->levels[i].width;
	return width;
}

static void put_prefix(struct liquid_writer *writer)
{
	for (size_t i = 0; i < writer->depth; i++) {
		struct level *level = &writer->levels[i];
		if (level->quote || !level->marked)
			buf_puts(&writer->laid, level->marker);
		else
			buf_printf(&writer->laid, "%*s", (int)level->width, "");
		level->marked = true;
	}
}

static void end_line(struct liquid_writer *writer)
{
	struct buf *laid = &writer->laid;
	while (laid->n && laid->p[laid->n - 1] == ' ')
		laid->n--;
	buf_putc(laid, '\n');
}

static void put_gap(struct liquid_writer *writer)
{
	if (!writer->begun || !writer->gap)
		return;
	for (size_t i = 0; i < writer->depth; i++) {
		const struct level *level = &writer->levels[i];
		if (!level->marked)
			break;
		buf_printf(&writer->laid, "%s", level->quote ? level->marker : "");
		if (!level->quote)
			buf_printf(&writer->laid, "%*s", (int)level->width, "");
	}
	end_line(writer);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* ASCII, and single spaces between words: then what fits on a line is known without looking at each word. Written so that the compiler makes vectors of it. */
static bool is_simple(struct str text)
{
	unsigned char odd = 0;
	for (size_t i = 0; i + 1 < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];
		odd |= (unsigned char)((c < ' ') | (c >= 0x80) | ((c == ' ') & (text.p[i + 1] == ' ')));
	}
	return !odd && (!text.n || (text.p[text.n - 1] > ' ' && (unsigned char)text.p[text.n - 1] < 0x80));
}

static void put_simple(struct liquid_writer *writer, struct str text, size_t room)
{
	while (text.n > room) {
		const char *blank = memrchr(text.p, ' ', room + 1);
		if (!blank)
			blank = memchr(text.p, ' ', text.n); /* the word is longer than a line */
		if (!blank)
			break;
		size_t n = (size_t)(blank - text.p);
		buf_put(&writer->laid, text.p, n);
		end_line(writer);
		put_prefix(writer);
		text = (struct str){blank + 1, text.n - n - 1};
	}
	buf_put(&writer->laid, text.p, text.n);
	end_line(writer);
}

/* One line of text, wrapped at the width that the levels leave. */
static void put_wrapped(struct liquid_writer *writer, struct str text)
{
	size_t prefix = prefix_width(writer), room = prefix + NARROWEST < WIDTH ? WIDTH - prefix : NARROWEST, used = 0;
	put_prefix(writer);
	if (is_simple(text)) {
		put_simple(writer, text, room);
		return;
	}
	buf_reserve(&writer->laid, text.n + 1);
	for (size_t i = 0; i < text.n;) {
		size_t start = i, length = 0;
		for (; i < text.n && !is_blank(text.p[i]); i++)
			length += (text.p[i] & 0xc0) != 0x80; /* bytes that begin a character */
		struct str word = {text.p + start, i - start};
		if (used && used + 1 + length > room) {
			end_line(writer);
			put_prefix(writer);
			used = 0;
		}
		if (used)
			buf_putc(&writer->laid, ' ');
		buf_put(&writer->laid, word.p, word.n);
		used += (used ? 1 : 0) + length;
		while (i < text.n && is_blank(text.p[i]))
			i++;
	}
	end_line(writer);
}

static void put_as_is(struct liquid_writer *writer, struct str text)
{
	put_prefix(writer);
	buf_put(&writer->laid, text.p, text.n);
	end_line(writer);
}

static void put_underline(struct liquid_writer *writer, struct str text, char c)
{
	size_t length = text_length(text);
	put_prefix(writer);
	for (size_t i = 0; i < (length > WIDTH ? WIDTH : length); i++)
		buf_putc(&writer->laid, c);
	end_line(writer);
}

/* ---- blocks ---- */

enum { BLOCK_PARAGRAPH = 0, BLOCK_TITLE = 1, BLOCK_HEADING = 2, BLOCK_CODE = 9 };

static int w_open(lua_State *lua)
{
	struct liquid_run *run = sandbox_host(lua);
	run->writer->start = run->out.n;
	return 0;
}

static void lay_out(struct liquid_writer *writer, struct str text, lua_Integer kind)
{
	struct str rest = text, line, last = {"", 0};
	while (rest.p) {
		line = str_cut(&rest, '\n');
		if (kind == BLOCK_CODE)
			put_as_is(writer, line);
		else
			put_wrapped(writer, str_trim(line));
		last = str_trim(line);
	}
	if (kind == BLOCK_TITLE || kind == BLOCK_HEADING)
		put_underline(writer, last, kind == BLOCK_TITLE ? '=' : '-');
}

static void block_done(struct liquid_writer *writer)
{
	writer->begun = true;
	writer->gap = !writer->list_depth || !writer->lists[writer->list_depth - 1].tight;
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
		put_gap(writer);
		lay_out(writer, text, kind);
		block_done(writer);
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
	put_gap(run->writer);
	put_as_is(run->writer, STR("----------------------------------------"));
	block_done(run->writer);
	buf_put(&run->out, run->writer->laid.p, run->writer->laid.n);
	return 0;
}

static struct level *push_level(lua_State *lua)
{
	struct liquid_writer *writer = writer_of(lua);
	if (writer->depth == DEEPEST)
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
	struct liquid_writer *writer = writer_of(lua);
	writer->depth -= writer->depth > 0;
	return 0;
}

/* w_list(first number or -1, tight) */
static int w_list(lua_State *lua)
{
	struct liquid_writer *writer = writer_of(lua);
	if (writer->list_depth == DEEPEST)
		return luaL_error(lua, "lists stand in one another too deep");
	writer->lists[writer->list_depth++] = (struct list){lua_tointeger(lua, 1), lua_toboolean(lua, 2)};
	return 0;
}

static int w_list_end(lua_State *lua)
{
	struct liquid_writer *writer = writer_of(lua);
	writer->list_depth -= writer->list_depth > 0;
	writer->gap = !writer->list_depth || !writer->lists[writer->list_depth - 1].tight;
	return 0;
}

static int w_item(lua_State *lua)
{
	struct liquid_writer *writer = writer_of(lua);
	struct level *level = push_level(lua);
	struct list *list = writer->list_depth ? &writer->lists[writer->list_depth - 1] : NULL;
	if (list && list->next >= 0)
		level->width = (size_t)snprintf(level->marker, sizeof level->marker, "%lld. ", (long long)list->next++);
	else
		level->width = (size_t)snprintf(level->marker, sizeof level->marker, "- ");
	return 0;
}

/* After mark() text mark() address: leaves `text (address)`, or one of them when they say the same. */
static int w_link(lua_State *lua)
{
	struct liquid_run *run = sandbox_host(lua);
	if (run->mark_count < 2)
		return luaL_error(lua, "no mark is set");
	size_t address = run->marks[run->mark_count - 1], text = run->marks[run->mark_count - 2];
	run->mark_count -= 2;
	buf_reserve(&run->out, 1);
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
		return 0;
	}
	run->out.n = alone ? text : address;
	buf_puts(&run->out, alone ? "" : " (");
	buf_put(&run->out, url.p, url.n);
	buf_puts(&run->out, alone ? "" : ")");
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
