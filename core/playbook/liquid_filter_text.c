/* Filters that change, cut and join texts, and `default` and `size`, as Shopify documents them. Each takes its value as
 * argument 1; nil is "". Lengths and positions count characters. Called by generated Lua; the number of arguments was
 * checked at load. */
#include "playbook/liquid.h"

#include "playbook/text.h"

#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>

enum { TEXT_MOST = LIQUID_OUTPUT_MOST };

static struct str arg(lua_State *lua, int index)
{
	struct str s = liquid_to_text(lua, index);
	sandbox_charge(lua, 1 + s.n / 16);
	return s;
}

static int push(lua_State *lua, struct str s)
{
	lua_pushlstring(lua, s.n ? s.p : "", s.n);
	return 1;
}

static lua_Integer arg_whole(lua_State *lua, int index, lua_Integer standard)
{
	if (lua_isnoneornil(lua, index))
		return standard;
	liquid_to_number(lua, index);
	double number = lua_tonumber(lua, index);
	return number > -1e9 && number < 1e9 ? (lua_Integer)number : number > 0 ? 1000000000 : -1000000000;
}

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static struct str strip(struct str s, bool left, bool right)
{
	while (left && s.n && is_space(*s.p))
		s.p++, s.n--;
	while (right && s.n && is_space(s.p[s.n - 1]))
		s.n--;
	return s;
}

/* ---- whole texts ---- */

static int join_two(lua_State *lua, int first, int second)
{
	arg(lua, 1);
	arg(lua, 2);
	if (lua_rawlen(lua, 1) + lua_rawlen(lua, 2) > TEXT_MOST)
		return luaL_error(lua, "the text gets longer than %d MB", TEXT_MOST / (1024 * 1024));
	lua_pushvalue(lua, first);
	lua_pushvalue(lua, second);
	lua_concat(lua, 2);
	return 1;
}

static int f_append(lua_State *lua)
{
	return join_two(lua, 1, 2);
}

static int f_prepend(lua_State *lua)
{
	return join_two(lua, 2, 1);
}

static int convert(lua_State *lua, enum text_case which)
{
	struct str s = arg(lua, 1);
	luaL_Buffer buffer;
	char *out = luaL_buffinitsize(lua, &buffer, TEXT_CASE_ROOM(s.n));
	luaL_pushresultsize(&buffer, text_convert(s, which, out));
	return 1;
}

static int f_upcase(lua_State *lua)
{
	return convert(lua, TEXT_UPPER);
}

static int f_downcase(lua_State *lua)
{
	return convert(lua, TEXT_LOWER);
}

static int f_capitalize(lua_State *lua)
{
	return convert(lua, TEXT_CAPITAL);
}

static int f_strip(lua_State *lua)
{
	return push(lua, strip(arg(lua, 1), true, true));
}

static int f_lstrip(lua_State *lua)
{
	return push(lua, strip(arg(lua, 1), true, false));
}

static int f_rstrip(lua_State *lua)
{
	return push(lua, strip(arg(lua, 1), false, true));
}

/* ---- replacing ---- */

enum which { ALL, FIRST, LAST };

static const char *find_last(struct str s, struct str what)
{
	for (size_t i = s.n - what.n + 1; what.n <= s.n && i-- > 0;)
		if (memcmp(s.p + i, what.p, what.n) == 0)
			return s.p + i;
	return NULL;
}

static int replace(lua_State *lua, enum which which, bool with_text)
{
	struct str s = arg(lua, 1), what = arg(lua, 2), with = with_text ? arg(lua, 3) : STR("");
	struct liquid_run *run = sandbox_host(lua);
	struct buf *out = &run->scratch;
	buf_clear(out);
	if (which == LAST)
		sandbox_charge(lua, (s.n / 32 + 1) * (what.n / 32)); /* the search from behind is a plain one */
	while (what.n) {
		const char *hit = which == LAST ? find_last(s, what) : memmem(s.p, s.n, what.p, what.n);
		if (!hit)
			break;
		size_t before = (size_t)(hit - s.p);
		sandbox_charge(lua, 1 + with.n / 16);
		buf_put(out, s.p, before);
		buf_put(out, with.p, with.n);
		s = (struct str){hit + what.n, s.n - before - what.n};
		if (out->n > TEXT_MOST)
			return luaL_error(lua, "the text gets longer than %d MB", TEXT_MOST / (1024 * 1024));
		if (which != ALL)
			break;
	}
	buf_put(out, s.p, s.n);
	return push(lua, buf_str(out));
}

static int f_replace(lua_State *lua)
{
	return replace(lua, ALL, true);
}

static int f_replace_first(lua_State *lua)
{
	return replace(lua, FIRST, true);
}

static int f_replace_last(lua_State *lua)
{
	return replace(lua, LAST, true);
}

static int f_remove(lua_State *lua)
{
	return replace(lua, ALL, false);
}

static int f_remove_first(lua_State *lua)
{
	return replace(lua, FIRST, false);
}

static int f_remove_last(lua_State *lua)
{
	return replace(lua, LAST, false);
}

/* ---- cutting ---- */

static int f_truncate(lua_State *lua)
{
	lua_settop(lua, 3);
	struct str s = arg(lua, 1), end = lua_isnil(lua, 3) ? STR("...") : arg(lua, 3);
	lua_Integer most = arg_whole(lua, 2, 50);
	size_t length = text_length(s), end_length = text_length(end);
	if (most < 0 || length <= (size_t)most)
		return push(lua, s);
	push(lua, text_slice(s, 0, (size_t)most > end_length ? (size_t)most - end_length : 0));
	push(lua, end);
	lua_concat(lua, 2);
	return 1;
}

static int f_truncatewords(lua_State *lua)
{
	lua_settop(lua, 3);
	struct str s = arg(lua, 1), end = lua_isnil(lua, 3) ? STR("...") : arg(lua, 3);
	lua_Integer most = arg_whole(lua, 2, 15), words = 0;
	luaL_Buffer buffer;
	luaL_buffinit(lua, &buffer);
	most = most < 1 ? 1 : most;
	struct str whole = s;
	for (s = strip(s, true, true); s.n; s = strip(s, true, false)) {
		size_t n = 0;
		if (words++ == most)
			break;
		while (n < s.n && !is_space(s.p[n]))
			n++;
		if (words > 1)
			luaL_addchar(&buffer, ' ');
		luaL_addlstring(&buffer, s.p, n);
		s = (struct str){s.p + n, s.n - n};
	}
	if (!s.n) {
		luaL_pushresult(&buffer);
		return push(lua, whole);
	}
	luaL_addlstring(&buffer, end.p, end.n);
	luaL_pushresult(&buffer);
	return 1;
}

/* slice: from [, count], of a text or a list; a negative from counts from the end. */
static int f_slice(lua_State *lua)
{
	lua_settop(lua, 3);
	bool list = liquid_is_list(lua, 1);
	struct str s = list ? STR("") : arg(lua, 1);
	lua_Integer length = list ? (lua_Integer)lua_rawlen(lua, 1) : (lua_Integer)text_length(s);
	lua_Integer from = arg_whole(lua, 2, 0), count = arg_whole(lua, 3, 1);
	from = from < 0 ? from + length : from;
	if (from < 0 || from > length || count < 0)
		from = length, count = 0;
	if (!list)
		return push(lua, text_slice(s, (size_t)from, (size_t)count));
	count = count > length - from ? length - from : count;
	sandbox_charge(lua, (size_t)count);
	lua_createtable(lua, (int)count, 0);
	for (lua_Integer i = 1; i <= count; i++) {
		lua_rawgeti(lua, 1, from + i);
		lua_rawseti(lua, -2, i);
	}
	return 1;
}

static void split_words(lua_State *lua, struct str s)
{
	lua_Integer count = 0;
	for (s = strip(s, true, false); s.n; s = strip(s, true, false)) {
		size_t n = 0;
		while (n < s.n && !is_space(s.p[n]))
			n++;
		sandbox_charge(lua, 2);
		push(lua, (struct str){s.p, n});
		lua_rawseti(lua, -2, ++count);
		s = (struct str){s.p + n, s.n - n};
	}
}

/* Empty parts at the end are left out, as Ruby does; an empty separator gives the characters, a space the words. */
static int f_split(lua_State *lua)
{
	struct str rest = arg(lua, 1), sep = arg(lua, 2);
	lua_newtable(lua);
	if (str_is(sep, " ")) {
		split_words(lua, rest);
		return 1;
	}
	lua_Integer count = 0, filled = 0;
	while (rest.p && (rest.n || count)) {
		const char *hit = sep.n ? memmem(rest.p, rest.n, sep.p, sep.n) : NULL;
		struct str part = hit     ? (struct str){rest.p, (size_t)(hit - rest.p)}
				  : sep.n ? rest
					  : text_slice(rest, 0, 1);
		size_t used = part.n + (hit ? sep.n : 0);
		sandbox_charge(lua, 2 + part.n / 16);
		push(lua, part);
		lua_rawseti(lua, -2, ++count);
		filled = part.n ? count : filled;
		rest = hit || (!sep.n && used < rest.n) ? (struct str){rest.p + used, rest.n - used}
							: (struct str){NULL, 0};
	}
	for (; count > filled; count--) {
		lua_pushnil(lua);
		lua_rawseti(lua, -2, count);
	}
	return 1;
}

/* ---- any value ---- */

static int f_size(lua_State *lua)
{
	liquid_push_member(lua, 1, STR("size"));
	return 1;
}

/* default: value [, allow_false]: for nil, false and empty. */
static int f_default(lua_State *lua)
{
	lua_settop(lua, 3);
	bool is_false = lua_type(lua, 1) == LUA_TBOOLEAN && !lua_toboolean(lua, 1);
	bool use = lua_isnil(lua, 1) || (is_false && !lua_toboolean(lua, 3)) || liquid_is_empty(lua, 1);
	lua_pushvalue(lua, use ? 2 : 1);
	return 1;
}

const struct liquid_filter liquid_filters_text[] = {
	{"append", f_append, 1, 1},
	{"capitalize", f_capitalize, 0, 0},
	{"default", f_default, 1, 1},
	{"downcase", f_downcase, 0, 0},
	{"lstrip", f_lstrip, 0, 0},
	{"prepend", f_prepend, 1, 1},
	{"remove", f_remove, 1, 1},
	{"remove_first", f_remove_first, 1, 1},
	{"remove_last", f_remove_last, 1, 1},
	{"replace", f_replace, 2, 2},
	{"replace_first", f_replace_first, 2, 2},
	{"replace_last", f_replace_last, 2, 2},
	{"rstrip", f_rstrip, 0, 0},
	{"size", f_size, 0, 0},
	{"slice", f_slice, 1, 2},
	{"split", f_split, 1, 1},
	{"strip", f_strip, 0, 0},
	{"truncate", f_truncate, 0, 2},
	{"truncatewords", f_truncatewords, 0, 2},
	{"upcase", f_upcase, 0, 0},
	{NULL, NULL, 0, 0},
};
