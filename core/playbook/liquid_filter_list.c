/* Filters of lists, as Shopify documents them. What is no list counts as a list of one, nil as an empty one; nothing
 * changes the list it was given. Called by generated Lua. */
#include "playbook/liquid.h"

#include "playbook/text.h"

#include <lauxlib.h>
#include <stdio.h>

/* Makes argument 1 a list and returns its length. */
static lua_Integer take_list(lua_State *lua, int arguments)
{
	lua_settop(lua, arguments);
	if (!liquid_is_list(lua, 1)) {
		lua_createtable(lua, 1, 0);
		if (!lua_isnil(lua, 1)) {
			lua_pushvalue(lua, 1);
			lua_rawseti(lua, -2, 1);
		}
		lua_replace(lua, 1);
	}
	lua_Integer n = (lua_Integer)lua_rawlen(lua, 1);
	sandbox_charge(lua, (size_t)n * 2 + 1);
	luaL_checkstack(lua, LUA_MINSTACK, "list");
	return n;
}

/* Pushes what counts of element i: the element, or its member named by argument 2 if there is one. */
static void push_key(lua_State *lua, lua_Integer i)
{
	lua_rawgeti(lua, 1, i);
	if (lua_type(lua, 2) == LUA_TSTRING) {
		struct str key;
		key.p = lua_tolstring(lua, 2, &key.n);
		liquid_push_member(lua, -1, key);
		lua_remove(lua, -2);
	}
}

static int f_join(lua_State *lua)
{
	lua_Integer n = take_list(lua, 2);
	struct liquid_run *run = sandbox_host(lua);
	struct str sep = lua_isnil(lua, 2) ? STR(" ") : liquid_to_text(lua, 2);
	buf_clear(&run->scratch);
	for (lua_Integer i = 1; i <= n; i++) {
		lua_rawgeti(lua, 1, i);
		liquid_put_value(lua, -1, &run->scratch);
		lua_pop(lua, 1);
		if (i < n)
			buf_put(&run->scratch, sep.p, sep.n);
		if (run->scratch.n > LIQUID_OUTPUT_MOST)
			return luaL_error(lua, "the text gets longer than %d MB", LIQUID_OUTPUT_MOST / (1024 * 1024));
	}
	sandbox_charge(lua, run->scratch.n / 16);
	lua_pushlstring(lua, run->scratch.n ? run->scratch.p : "", run->scratch.n);
	return 1;
}

static int f_first(lua_State *lua)
{
	lua_rawgeti(lua, 1, take_list(lua, 1) ? 1 : 0);
	return 1;
}

static int f_last(lua_State *lua)
{
	lua_rawgeti(lua, 1, take_list(lua, 1));
	return 1;
}

static int f_reverse(lua_State *lua)
{
	lua_Integer n = take_list(lua, 1);
	lua_createtable(lua, (int)n, 0);
	for (lua_Integer i = 1; i <= n; i++) {
		lua_rawgeti(lua, 1, n - i + 1);
		lua_rawseti(lua, -2, i);
	}
	return 1;
}

static int f_concat(lua_State *lua)
{
	lua_Integer n = take_list(lua, 2);
	if (!liquid_is_list(lua, 2))
		return luaL_error(lua, "concat needs a list after the colon");
	lua_Integer more = (lua_Integer)lua_rawlen(lua, 2);
	sandbox_charge(lua, (size_t)more);
	lua_createtable(lua, (int)(n + more), 0);
	for (lua_Integer i = 1; i <= n + more; i++) {
		lua_rawgeti(lua, i <= n ? 1 : 2, i <= n ? i : i - n);
		lua_rawseti(lua, -2, i);
	}
	return 1;
}

/* ---- sorting: merging in a stable order; nil comes last ---- */

enum { FROM = 3, TO = 4, FROM_KEYS = 5, TO_KEYS = 6 };

static bool comes_after(lua_State *lua, int a, int b, bool natural)
{
	int type_a = lua_type(lua, a), type_b = lua_type(lua, b);
	if (type_a == LUA_TNIL || type_b == LUA_TNIL)
		return type_a == LUA_TNIL && type_b != LUA_TNIL;
	if (natural || (type_a == type_b && type_a == LUA_TSTRING)) {
		struct str x, y;
		x.p = lua_tolstring(lua, a, &x.n);
		y.p = lua_tolstring(lua, b, &y.n);
		return str_compare(x, y) > 0;
	}
	if (type_a != type_b || type_a != LUA_TNUMBER)
		luaL_error(lua, "sort cannot compare a %s with a %s", luaL_typename(lua, a), luaL_typename(lua, b));
	return lua_compare(lua, b, a, LUA_OPLT);
}

static void move(lua_State *lua, lua_Integer from, lua_Integer to)
{
	lua_rawgeti(lua, FROM, from);
	lua_rawseti(lua, TO, to);
	lua_rawgeti(lua, FROM_KEYS, from);
	lua_rawseti(lua, TO_KEYS, to);
}

static void merge(lua_State *lua, lua_Integer low, lua_Integer middle, lua_Integer high, bool natural)
{
	lua_Integer left = low, right = middle;
	for (lua_Integer out = low; out < high; out++) {
		bool take_right = left >= middle;
		if (left < middle && right < high) {
			sandbox_charge(lua, 4);
			lua_rawgeti(lua, FROM_KEYS, left);
			lua_rawgeti(lua, FROM_KEYS, right);
			take_right = comes_after(lua, -2, -1, natural);
			lua_pop(lua, 2);
		}
		move(lua, take_right ? right++ : left++, out);
	}
}

static void push_sort_key(lua_State *lua, lua_Integer i, bool natural)
{
	push_key(lua, i);
	if (!natural || lua_isnil(lua, -1))
		return;
	struct str s = liquid_to_text(lua, -1);
	luaL_Buffer buffer;
	char *out = luaL_buffinitsize(lua, &buffer, TEXT_CASE_ROOM(s.n));
	luaL_pushresultsize(&buffer, text_convert(s, TEXT_LOWER, out));
	lua_remove(lua, -2);
}

static int sort(lua_State *lua, bool natural)
{
	lua_Integer n = take_list(lua, 2);
	for (int i = FROM; i <= TO_KEYS; i++)
		lua_createtable(lua, (int)n, 0);
	for (lua_Integer i = 1; i <= n; i++) {
		lua_rawgeti(lua, 1, i);
		lua_rawseti(lua, FROM, i);
		push_sort_key(lua, i, natural);
		lua_rawseti(lua, FROM_KEYS, i);
	}
	for (lua_Integer width = 1; width < n; width *= 2) {
		for (lua_Integer low = 1; low <= n; low += 2 * width)
			merge(lua, low, low + width <= n ? low + width : n + 1,
			      low + 2 * width <= n ? low + 2 * width : n + 1, natural);
		for (int pair = FROM; pair <= FROM_KEYS; pair += 2) {
			lua_pushvalue(lua, pair);
			lua_copy(lua, pair + 1, pair);
			lua_replace(lua, pair + 1);
		}
	}
	lua_pushvalue(lua, FROM);
	return 1;
}

static int f_sort(lua_State *lua)
{
	return sort(lua, false);
}

static int f_sort_natural(lua_State *lua)
{
	return sort(lua, true);
}

/* ---- choosing ---- */

/* Keeps the elements that `keep` says, in order; it finds what counts of the element on top of the stack. */
static int choose(lua_State *lua, lua_Integer n, bool (*keep)(lua_State *lua))
{
	lua_newtable(lua);
	int out = lua_gettop(lua);
	lua_Integer count = 0;
	for (lua_Integer i = 1; i <= n; i++) {
		push_key(lua, i);
		bool yes = keep(lua);
		lua_settop(lua, out);
		if (yes) {
			lua_rawgeti(lua, 1, i);
			lua_rawseti(lua, out, ++count);
		}
	}
	return 1;
}

static bool is_new(lua_State *lua) /* argument 3: a table of what was seen */
{
	if (lua_isnil(lua, -1))
		lua_pushlightuserdata(lua, lua); /* stands for nil */
	if (lua_type(lua, -1) == LUA_TNUMBER && lua_tonumber(lua, -1) != lua_tonumber(lua, -1))
		return true;
	lua_pushvalue(lua, -1);
	if (lua_rawget(lua, 3) != LUA_TNIL)
		return false;
	lua_pop(lua, 1);
	lua_pushboolean(lua, true);
	lua_rawset(lua, 3);
	return true;
}

static int f_uniq(lua_State *lua)
{
	lua_Integer n = take_list(lua, 2);
	lua_newtable(lua);
	return choose(lua, n, is_new);
}

static bool is_there(lua_State *lua)
{
	return !lua_isnil(lua, -1);
}

static int f_compact(lua_State *lua)
{
	lua_Integer n = take_list(lua, 2);
	lua_pushnil(lua);
	return choose(lua, n, is_there);
}

static bool fits(lua_State *lua) /* argument 3: the value wanted, nil = any that is true */
{
	return lua_isnil(lua, 3) ? lua_toboolean(lua, -1) : lua_rawequal(lua, -1, 3);
}

static int f_where(lua_State *lua)
{
	lua_Integer n = take_list(lua, 3);
	liquid_to_text(lua, 2);
	return choose(lua, n, fits);
}

static int f_map(lua_State *lua)
{
	lua_Integer n = take_list(lua, 2), count = 0;
	liquid_to_text(lua, 2);
	lua_createtable(lua, (int)n, 0);
	for (lua_Integer i = 1; i <= n; i++) {
		push_key(lua, i);
		if (lua_isnil(lua, -1))
			lua_pop(lua, 1); /* a list of ours holds no nil */
		else
			lua_rawseti(lua, -2, ++count);
	}
	return 1;
}

static int f_sum(lua_State *lua)
{
	lua_Integer n = take_list(lua, 2);
	lua_pushinteger(lua, 0);
	for (lua_Integer i = 1; i <= n; i++) {
		push_key(lua, i);
		liquid_to_number(lua, -1);
		lua_arith(lua, LUA_OPADD);
	}
	return 1;
}

const struct liquid_filter liquid_filters_list[] = {
	{"compact", f_compact, 0, 1}, {"concat", f_concat, 1, 1}, {"first", f_first, 0, 0},
	{"join", f_join, 0, 1},       {"last", f_last, 0, 0},     {"map", f_map, 1, 1},
	{"reverse", f_reverse, 0, 0}, {"sort", f_sort, 0, 1},     {"sort_natural", f_sort_natural, 0, 1},
	{"sum", f_sum, 0, 1},         {"uniq", f_uniq, 0, 1},     {"where", f_where, 1, 2},
	{NULL, NULL, 0, 0},
};
