/* How a running template prints: literals, values in each context, and marks, which take back what was printed
 * (captures, addresses, blank paragraphs). The C functions here are called by generated Lua only, under the short names
 * of the table at the end; the rendering they work for is the sandbox's host pointer. Nothing here parses data. */
#include "playbook/liquid.h"

#include <lauxlib.h>

static struct liquid_run *run_of(lua_State *lua)
{
	return sandbox_host(lua);
}

static void check_output(lua_State *lua, struct liquid_run *run, size_t added)
{
	sandbox_charge(lua, 1 + added / 64);
	if (run->out.n > LIQUID_OUTPUT_MOST)
		luaL_error(lua, "the text gets longer than %d MB", LIQUID_OUTPUT_MOST / (1024 * 1024));
}

/* ---- printing ---- */

/* Most of what prints is followed by a literal: its number is one argument more of the call before it (liquid_call). */
void liquid_print_behind(lua_State *lua, struct liquid_run *run, int argument)
{
	int given = 0;
	lua_Integer number = lua_tointegerx(lua, argument, &given);
	if (!given)
		return;
	struct str s = run->code->literals[number];
	buf_put(&run->out, s.p, s.n);
	check_output(lua, run, s.n);
}

/* t(n): the n-th literal. */
static int print_literal(lua_State *lua)
{
	liquid_print_behind(lua, run_of(lua), 1);
	return 0;
}

/* The printed form of argument 1, not escaped; points into Lua's text or the scratch buffer. */
static struct str printed(lua_State *lua, struct liquid_run *run)
{
	struct str s;
	if (lua_type(lua, 1) == LUA_TSTRING) {
		s.p = lua_tolstring(lua, 1, &s.n);
		return s;
	}
	buf_clear(&run->scratch);
	liquid_put_value(lua, 1, &run->scratch);
	return buf_str(&run->scratch);
}

static void put_plain(lua_State *lua, struct liquid_run *run, struct str s)
{
	buf_put(&run->out, s.p, s.n);
	check_output(lua, run, s.n);
}

static void put_html(lua_State *lua, struct liquid_run *run, struct str s)
{
	check_output(lua, run, s.n);
	liquid_put_html(&run->out, s);
}

/* A value inside an address. After a ? it is one value of the query, before it a part of the address itself. */
static void put_url_part(lua_State *lua, struct liquid_run *run, struct str s)
{
	size_t from = run->mark_count ? run->marks[run->mark_count - 1] : 0;
	check_output(lua, run, s.n);
	bool query = run->out.n > from && memchr(run->out.p + from, '?', run->out.n - from);
	liquid_put_url_part(&run->out, s, query);
}

static int print_plain(lua_State *lua) /* o */
{
	struct liquid_run *run = run_of(lua);
	put_plain(lua, run, printed(lua, run));
	liquid_print_behind(lua, run, 2);
	return 0;
}

static int print_html(lua_State *lua) /* e */
{
	struct liquid_run *run = run_of(lua);
	put_html(lua, run, printed(lua, run));
	liquid_print_behind(lua, run, 2);
	return 0;
}

static int print_url_part(lua_State *lua) /* q */
{
	struct liquid_run *run = run_of(lua);
	put_url_part(lua, run, printed(lua, run));
	liquid_print_behind(lua, run, 2);
	return 0;
}

/* The printed form of the lead's field whose slot is argument 1: the same as of L(slot). */
static struct str printed_field(lua_State *lua, struct liquid_run *run)
{
	const struct lead *lead = run->input->view.lead;
	const struct value *value = lead && lead->fields ? &lead->fields[lua_tointeger(lua, 1)] : NULL;
	if (!value || value->type == VALUE_EMPTY)
		return STR("");
	if (value->type == VALUE_TEXT)
		return value->text;
	liquid_push_field(lua, value, liquid_zone(run));
	lua_replace(lua, 1);
	return printed(lua, run);
}

static int print_plain_field(lua_State *lua) /* oL */
{
	struct liquid_run *run = run_of(lua);
	put_plain(lua, run, printed_field(lua, run));
	liquid_print_behind(lua, run, 2);
	return 0;
}

static int print_html_field(lua_State *lua) /* eL */
{
	struct liquid_run *run = run_of(lua);
	put_html(lua, run, printed_field(lua, run));
	liquid_print_behind(lua, run, 2);
	return 0;
}

static int print_url_field(lua_State *lua) /* qL */
{
	struct liquid_run *run = run_of(lua);
	put_url_part(lua, run, printed_field(lua, run));
	liquid_print_behind(lua, run, 2);
	return 0;
}

/* eb: `newline_to_br` was the last filter: its breaks stay, all else is escaped. */
static int print_breaks(lua_State *lua)
{
	struct liquid_run *run = run_of(lua);
	struct str rest = printed(lua, run), br = STR("<br />\n");
	check_output(lua, run, rest.n);
	while (rest.p) {
		const char *hit = memmem(rest.p, rest.n, br.p, br.n);
		size_t n = hit ? (size_t)(hit - rest.p) : rest.n;
		liquid_put_html(&run->out, (struct str){rest.p, n});
		if (hit)
			buf_put(&run->out, br.p, br.n);
		rest = hit ? (struct str){hit + br.n, rest.n - n - br.n} : (struct str){NULL, 0};
	}
	liquid_print_behind(lua, run, 2);
	return 0;
}

/* ---- marks: what is printed from here on can be taken back ---- */

static int set_mark(lua_State *lua)
{
	struct liquid_run *run = run_of(lua);
	if (run->mark_count == LIQUID_MARKS)
		return luaL_error(lua, "captures stand in captures too deep");
	run->marks[run->mark_count++] = run->out.n;
	liquid_print_behind(lua, run, 1);
	return 0;
}

static size_t take_mark(lua_State *lua)
{
	struct liquid_run *run = run_of(lua);
	if (!run->mark_count)
		luaL_error(lua, "no mark is set");
	return run->marks[--run->mark_count];
}

/* cut(): what was printed since mark(), as a value. */
static int cut(lua_State *lua)
{
	struct liquid_run *run = run_of(lua);
	size_t from = take_mark(lua);
	sandbox_charge(lua, (run->out.n - from) / 16);
	lua_pushlstring(lua, run->out.n ? run->out.p + from : "", run->out.n - from);
	run->out.n = from;
	return 1;
}

/* What the renderer's caller puts for the link; NULL: it stays. */
static const char *other_link(const struct template_input *input, struct str url)
{
	if (!input->link || (input->unsubscribe_url && str_is(url, input->unsubscribe_url)))
		return NULL;
	return input->link(input->link_arg, url);
}

/* The same of the link whose address is out[from…], which becomes it. */
bool liquid_replace_link(struct liquid_run *run, size_t from)
{
	const char *other = other_link(run->input, (struct str){run->out.p + from, run->out.n - from});
	if (!other)
		return false;
	run->out.n = from;
	buf_puts(&run->out, other);
	return true;
}

/* url(escaped, link): what was printed since mark() is an address; it is made one that may be opened. */
static int finish_url(lua_State *lua)
{
	struct liquid_run *run = run_of(lua);
	size_t from = take_mark(lua);
	buf_reserve(&run->out, 1);
	liquid_finish_url(&run->out, from, run->input->public_url);
	if (lua_toboolean(lua, 2))
		liquid_replace_link(run, from);
	if (lua_toboolean(lua, 1)) {
		buf_clear(&run->scratch);
		buf_put(&run->scratch, run->out.p + from, run->out.n - from);
		run->out.n = from;
		liquid_put_html(&run->out, buf_str(&run->scratch));
	}
	return 0;
}

/* link(n): the n-th literal is the whole address of a link, and one that may be opened. */
static int print_link(lua_State *lua)
{
	struct liquid_run *run = run_of(lua);
	struct str url = run->code->literals[lua_tointeger(lua, 1)];
	const char *other = other_link(run->input, url);
	put_html(lua, run, other ? str_of(other) : url);
	liquid_print_behind(lua, run, 2);
	return 0;
}

/* drop(n): what was printed since mark() goes away when it is blank but for its first n bytes (an opening tag). */
static int drop_blank(lua_State *lua)
{
	struct liquid_run *run = run_of(lua);
	size_t from = take_mark(lua), skip = (size_t)lua_tointeger(lua, 1);
	bool dropped = run->out.n >= from + skip &&
		       !str_trim((struct str){run->out.p + from + skip, run->out.n - from - skip}).n;
	if (dropped)
		run->out.n = from;
	lua_pushboolean(lua, !dropped);
	return 1;
}

/* The address stands in what was printed so far: as a link where this is HTML. */
static bool says_url(struct liquid_run *run, const char *url, bool html)
{
	struct buf wanted = {0};
	size_t from = html ? 6 : 0;
	buf_clear(&run->scratch);
	buf_puts(&run->scratch, url);
	liquid_finish_url(&run->scratch, 0, run->input->public_url);
	buf_puts(&wanted, html ? "href=\"" : "");
	if (html)
		liquid_put_html(&wanted, buf_str(&run->scratch));
	else
		buf_put(&wanted, run->scratch.p, run->scratch.n);
	bool said = wanted.n > from && run->out.n && memmem(run->out.p, run->out.n, wanted.p, wanted.n);
	buf_fini(&wanted);
	return said;
}

/* owes(html): whether the unsubscribe address and the postal address, where there is one, are still to be printed. */
static int owes(lua_State *lua)
{
	struct liquid_run *run = run_of(lua);
	const struct template_input *input = run->input;
	bool url = input->unsubscribe_url && *input->unsubscribe_url;
	lua_pushboolean(lua, url && !(run->used_unsubscribe && says_url(run, input->unsubscribe_url, lua_toboolean(lua, 1))));
	lua_pushboolean(lua, !run->used_postal && input->postal_address && *input->postal_address);
	return 2;
}

/* pixel(): the picture that says that the mail was opened, where one is wanted. */
static int print_pixel(lua_State *lua)
{
	struct liquid_run *run = run_of(lua);
	if (!run->input->pixel_url)
		return 0;
	buf_puts(&run->out, "<img src=\"");
	liquid_put_html(&run->out, str_of(run->input->pixel_url));
	buf_puts(&run->out, "\" width=\"1\" height=\"1\" alt=\"\" style=\"display:block;border:0;\">\n");
	return 0;
}

const luaL_Reg liquid_print_words[] = {
	{"cut", cut},         {"drop", drop_blank},  {"e", print_html},       {"eL", print_html_field},
	{"eb", print_breaks}, {"link", print_link},  {"mark", set_mark},      {"o", print_plain},      {"oL", print_plain_field},
	{"owes", owes},       {"pixel", print_pixel}, {"q", print_url_part},  {"qL", print_url_field},
	{"t", print_literal}, {"url", finish_url},   {NULL, NULL},
};
