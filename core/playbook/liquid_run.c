/* What generated Lua asks beside printing: comparisons, loops, ranges; and the gathering of all its words into one
 * environment. Nothing compares with nil; every round of a loop is charged, so templates need no count hook. */
#include "playbook/liquid.h"

#include <lauxlib.h>
#include <stdio.h>

enum { RANGE_MOST = 10000 };

/* ---- comparing: nothing compares with nil; a text and a number cannot be compared ---- */

static bool comparable(lua_State *lua)
{
	lua_settop(lua, 2);
	int left = lua_type(lua, 1), right = lua_type(lua, 2);
	if (left == LUA_TNIL || right == LUA_TNIL || left == LUA_TBOOLEAN || right == LUA_TBOOLEAN)
		return false;
	if (left != right || (left != LUA_TNUMBER && left != LUA_TSTRING))
		luaL_error(lua, "a %s cannot be compared with a %s by < or >",
			   left == LUA_TSTRING ? "text" : luaL_typename(lua, 1),
			   right == LUA_TSTRING ? "text" : luaL_typename(lua, 2));
	return true;
}

static int compare(lua_State *lua, bool swap, int op)
{
	lua_pushboolean(lua, comparable(lua) && lua_compare(lua, swap ? 2 : 1, swap ? 1 : 2, op));
	return 1;
}

static int is_less(lua_State *lua)
{
	return compare(lua, false, LUA_OPLT);
}

static int is_less_or_equal(lua_State *lua)
{
	return compare(lua, false, LUA_OPLE);
}

static int is_greater(lua_State *lua)
{
	return compare(lua, true, LUA_OPLT);
}

static int is_greater_or_equal(lua_State *lua)
{
	return compare(lua, true, LUA_OPLE);
}

static int contains(lua_State *lua) /* has */
{
	bool found = false;
	lua_settop(lua, 2);
	if (lua_type(lua, 1) == LUA_TSTRING && !lua_isnil(lua, 2)) {
		struct str part = liquid_to_text(lua, 2), s;
		s.p = lua_tolstring(lua, 1, &s.n);
		sandbox_charge(lua, s.n / 16);
		found = memmem(s.p, s.n, part.p, part.n) != NULL;
	} else if (lua_type(lua, 1) == LUA_TTABLE) {
		lua_Integer n = (lua_Integer)lua_rawlen(lua, 1);
		sandbox_charge(lua, (size_t)n);
		for (lua_Integer i = 1; i <= n && !found; i++) {
			lua_rawgeti(lua, 1, i);
			found = lua_rawequal(lua, -1, 2);
			lua_pop(lua, 1);
		}
	}
	lua_pushboolean(lua, found);
	return 1;
}

static int is_empty(lua_State *lua)
{
	lua_pushboolean(lua, liquid_is_empty(lua, 1));
	return 1;
}

static int is_blank(lua_State *lua)
{
	lua_pushboolean(lua, liquid_is_blank(lua, 1));
	return 1;
}

/* ---- loops ---- */

static int count_step(lua_State *lua) /* step */
{
	sandbox_charge(lua, 10);
	return 0;
}

static lua_Integer whole(lua_State *lua, int index, const char *what)
{
	liquid_to_number(lua, index);
	double number = lua_tonumber(lua, index);
	if (!(number > -1e9 && number < 1e9))
		luaL_error(lua, "the %s of a for is no ordinary number", what);
	return (lua_Integer)number;
}

static int make_range(lua_State *lua)
{
	lua_settop(lua, 2);
	lua_Integer from = whole(lua, 1, "range"), to = whole(lua, 2, "range");
	if (to - from >= RANGE_MOST)
		return luaL_error(lua, "a range holds at most %d numbers", RANGE_MOST);
	lua_newtable(lua);
	sandbox_charge(lua, to >= from ? (size_t)(to - from) : 0);
	for (lua_Integer i = from; i <= to; i++) {
		lua_pushinteger(lua, i);
		lua_rawseti(lua, -2, i - from + 1);
	}
	return 1;
}

/* loop(list, limit, offset, reversed): the list to walk and how many. The same list when nothing is left out or turned.
 */
static int begin_loop(lua_State *lua)
{
	lua_settop(lua, 4);
	if (lua_type(lua, 1) == LUA_TTABLE && !liquid_is_list(lua, 1))
		return luaL_error(lua, "for walks over lists; this is an object");
	lua_Integer n = lua_type(lua, 1) == LUA_TTABLE ? (lua_Integer)lua_rawlen(lua, 1) : 0;
	if (lua_type(lua, 1) == LUA_TSTRING &&
	    lua_rawlen(lua, 1)) { /* Liquid walks over a text as over a list of one */
		lua_createtable(lua, 1, 0);
		lua_pushvalue(lua, 1);
		lua_rawseti(lua, -2, 1);
		lua_replace(lua, 1);
		n = 1;
	}
	lua_Integer skip = lua_isnil(lua, 3) ? 0 : whole(lua, 3, "offset"),
		    most = lua_isnil(lua, 2) ? n : whole(lua, 2, "limit");
	skip = skip < 0 ? 0 : skip > n ? n : skip;
	most = most < 0 ? 0 : most > n - skip ? n - skip : most;
	if (skip || lua_toboolean(lua, 4)) {
		sandbox_charge(lua, (size_t)most);
		lua_createtable(lua, (int)most, 0);
		for (lua_Integer i = 1; i <= most; i++) {
			lua_rawgeti(lua, 1, skip + (lua_toboolean(lua, 4) ? most - i + 1 : i));
			lua_rawseti(lua, -2, i);
		}
	} else {
		lua_pushvalue(lua, 1);
	}
	lua_pushinteger(lua, most);
	return 2;
}

/* ---- the words ---- */

static const luaL_Reg words[] = {
	{"ge", is_greater_or_equal}, {"gt", is_greater},       {"has", contains},    {"is_blank", is_blank},
	{"is_empty", is_empty},      {"le", is_less_or_equal}, {"loop", begin_loop}, {"lt", is_less},
	{"range", make_range},       {"step", count_step},     {NULL, NULL},
};

static void declare(struct sandbox *sandbox, const luaL_Reg *table)
{
	for (; table->name; table++) {
		lua_pushcfunction(sandbox_lua(sandbox), table->func);
		sandbox_declare(sandbox, table->name);
	}
}

void liquid_declare(struct sandbox *sandbox)
{
	declare(sandbox, words);
	declare(sandbox, liquid_print_words);
	declare(sandbox, liquid_push_words);
	declare(sandbox, liquid_write_words);
	declare(sandbox, liquid_table_words);
	for (size_t t = 0; liquid_filter_tables[t]; t++)
		for (const struct liquid_filter *filter = liquid_filter_tables[t]; filter->name; filter++) {
			char name[64];
			snprintf(name, sizeof name, "f_%s", filter->name);
			lua_pushcfunction(sandbox_lua(sandbox), filter->call);
			sandbox_declare(sandbox, name);
		}
}
