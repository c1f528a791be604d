/* `table` for scripts: concat, insert, remove, sort, unpack, count. Each charges what it touches; none calls a
 * metamethod of a script (there are none), and sort ends after n·log n comparisons whatever the comparator says.
 * The length of a list with holes is any of its borders, and can be made to lie near 2^63: no such list is worked on, so
 * sums of positions never overflow. */
#include "playbook/sandbox_parts.h"

#include <stdio.h>

enum { UNPACK_MOST = 250, TEXT_MOST = 1 << 24, LIST_MOST = 1 << 24 /* more than the memory of a script can hold */ };

static lua_Integer check_list(lua_State *lua, int arg)
{
	luaL_checktype(lua, arg, LUA_TTABLE);
	lua_Unsigned n = lua_rawlen(lua, arg);
	if (n > LIST_MOST)
		luaL_error(lua, "this list has holes: its end is nowhere");
	return (lua_Integer)n;
}

static int table_concat(lua_State *lua)
{
	lua_Integer n = check_list(lua, 1), from = luaL_optinteger(lua, 3, 1), to = luaL_optinteger(lua, 4, n);
	size_t sep_n = 0, total = 0;
	const char *sep = luaL_optlstring(lua, 2, "", &sep_n);
	luaL_argcheck(lua, from >= 1, 3, "lists start at 1");
	luaL_Buffer buffer;
	luaL_buffinit(lua, &buffer);
	for (lua_Integer i = from; i >= 1 && i <= to; i++) {
		int type = lua_rawgeti(lua, 1, i);
		if (type != LUA_TSTRING && type != LUA_TNUMBER)
			return luaL_error(lua, "concat: value %d is a %s, not text", (int)i, luaL_typename(lua, -1));
		size_t piece = 0;
		lua_tolstring(lua, -1, &piece);
		total += piece + sep_n;
		sandbox_charge(lua, 1 + (piece + sep_n) / 16);
		if (total > TEXT_MOST)
			return luaL_error(lua, "concat: the text gets longer than %d bytes", TEXT_MOST);
		luaL_addvalue(&buffer);
		if (i < to)
			luaL_addlstring(&buffer, sep, sep_n);
	}
	luaL_pushresult(&buffer);
	return 1;
}

/* insert(list, value) or insert(list, position, value) */
static int table_insert(lua_State *lua)
{
	lua_Integer n = check_list(lua, 1), at = n + 1;
	int top = lua_gettop(lua);
	luaL_argcheck(lua, top == 2 || top == 3, top, "insert takes a list, perhaps a position, and a value");
	if (top == 3) {
		at = luaL_checkinteger(lua, 2);
		luaL_argcheck(lua, at >= 1 && at <= n + 1, 2, "the position is outside the list");
	}
	sandbox_charge(lua, (size_t)(n + 1 - at));
	for (lua_Integer i = n; i >= at; i--) {
		lua_rawgeti(lua, 1, i);
		lua_rawseti(lua, 1, i + 1);
	}
	lua_pushvalue(lua, top);
	lua_rawseti(lua, 1, at);
	return 0;
}

static int table_remove(lua_State *lua)
{
	lua_Integer n = check_list(lua, 1), at = luaL_optinteger(lua, 2, n);
	if (n == 0)
		return 0;
	luaL_argcheck(lua, at >= 1 && at <= n, 2, "the position is outside the list");
	sandbox_charge(lua, (size_t)(n - at));
	lua_rawgeti(lua, 1, at);
	for (lua_Integer i = at; i < n; i++) {
		lua_rawgeti(lua, 1, i + 1);
		lua_rawseti(lua, 1, i);
	}
	lua_pushnil(lua);
	lua_rawseti(lua, 1, n);
	return 1;
}

static int table_unpack(lua_State *lua)
{
	lua_Integer n = check_list(lua, 1), from = luaL_optinteger(lua, 2, 1), to = luaL_optinteger(lua, 3, n);
	if (from > to)
		return 0;
	if (from < 1 || to > INT32_MAX || to - from >= UNPACK_MOST)
		return luaL_error(lua, "unpack gives at most %d values", UNPACK_MOST);
	luaL_checkstack(lua, UNPACK_MOST, "unpack");
	for (lua_Integer i = from; i <= to; i++)
		lua_rawgeti(lua, 1, i);
	return (int)(to - from + 1);
}

static int table_count(lua_State *lua)
{
	luaL_checktype(lua, 1, LUA_TTABLE);
	lua_Integer n = 0;
	for (lua_pushnil(lua); lua_next(lua, 1); lua_pop(lua, 1))
		n++;
	sandbox_charge(lua, (size_t)n);
	lua_pushinteger(lua, n);
	return 1;
}

/* ---- sort: merging between two lists, so it is stable and a senseless comparator only gives a senseless order ---- */

enum { ARG_LIST = 1, ARG_BEFORE, FROM_LIST, TO_LIST, SORT_TOP = TO_LIST };

/* The value on top stands before the one below it. */
static bool comes_before(lua_State *lua)
{
	if (!lua_isnil(lua, ARG_BEFORE)) {
		lua_pushvalue(lua, ARG_BEFORE);
		lua_pushvalue(lua, -2);
		lua_pushvalue(lua, -4);
		lua_call(lua, 2, 1);
		bool yes = lua_toboolean(lua, -1);
		lua_pop(lua, 1);
		return yes;
	}
	int type = lua_type(lua, -1);
	if (type != lua_type(lua, -2) || (type != LUA_TNUMBER && type != LUA_TSTRING))
		luaL_error(lua, "sort: cannot compare %s with %s", luaL_typename(lua, -1), luaL_typename(lua, -2));
	return lua_compare(lua, -1, -2, LUA_OPLT);
}

/* Merges from[low, middle) and from[middle, high) into to[low, high). 1-based. */
static void merge(lua_State *lua, lua_Integer low, lua_Integer middle, lua_Integer high)
{
	lua_Integer left = low, right = middle;
	for (lua_Integer out = low; out < high; out++) {
		bool take_right = left >= middle;
		if (left < middle && right < high) {
			sandbox_charge(lua, 4);
			lua_rawgeti(lua, FROM_LIST, left);
			lua_rawgeti(lua, FROM_LIST, right);
			take_right = comes_before(lua);
			lua_pop(lua, 2);
		}
		lua_rawgeti(lua, FROM_LIST, take_right ? right++ : left++);
		lua_rawseti(lua, TO_LIST, out);
	}
}

static void copy_list(lua_State *lua, int from, int to, lua_Integer n)
{
	for (lua_Integer i = 1; i <= n; i++) {
		lua_rawgeti(lua, from, i);
		lua_rawseti(lua, to, i);
	}
}

static int table_sort(lua_State *lua)
{
	lua_Integer n = check_list(lua, ARG_LIST);
	if (!lua_isnoneornil(lua, ARG_BEFORE))
		luaL_checktype(lua, ARG_BEFORE, LUA_TFUNCTION);
	sandbox_charge(lua, (size_t)n * 4);
	lua_settop(lua, ARG_BEFORE);
	lua_createtable(lua, (int)n, 0);
	lua_createtable(lua, (int)n, 0);
	luaL_checkstack(lua, LUA_MINSTACK, "sort");
	copy_list(lua, ARG_LIST, FROM_LIST, n);
	for (lua_Integer width = 1; width < n; width *= 2) {
		for (lua_Integer low = 1; low <= n; low += 2 * width) {
			lua_Integer middle = low + width <= n ? low + width : n + 1;
			lua_Integer high = low + 2 * width <= n ? low + 2 * width : n + 1;
			merge(lua, low, middle, high);
		}
		lua_pushvalue(lua, FROM_LIST);
		lua_pushvalue(lua, TO_LIST);
		lua_replace(lua, FROM_LIST);
		lua_replace(lua, TO_LIST);
	}
	copy_list(lua, FROM_LIST, ARG_LIST, n);
	return 0;
}

const luaL_Reg sandbox_table_functions[] = {
	{"concat", table_concat},
	{"count", table_count},
	{"insert", table_insert},
	{"remove", table_remove},
	{"sort", table_sort},
	{"unpack", table_unpack},
	{NULL, NULL},
};
