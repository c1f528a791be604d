/* The base functions of scripts: type, tostring, tonumber, select, error, assert, ipairs, pairs. The order of pairs is
 * fixed (numbers, then texts), so that a simulation walks as production does; no text shows an address. */
#include "playbook/sandbox_parts.h"

#include <math.h>
#include <stdlib.h>

void sandbox_push_str(lua_State *lua, struct str s)
{
	lua_pushlstring(lua, s.n ? s.p : "", s.n);
}

struct str sandbox_check_text(lua_State *lua, int arg)
{
	if (lua_type(lua, arg) != LUA_TSTRING)
		luaL_typeerror(lua, arg, "text");
	struct str s;
	s.p = lua_tolstring(lua, arg, &s.n);
	return s;
}

static void push_text(lua_State *lua, int index)
{
	switch (lua_type(lua, index)) {
	case LUA_TSTRING: lua_pushvalue(lua, index); break;
	case LUA_TNUMBER:
		lua_pushvalue(lua, index);
		lua_tostring(lua, -1);
		break;
	case LUA_TBOOLEAN: lua_pushstring(lua, lua_toboolean(lua, index) ? "true" : "false"); break;
	default: lua_pushstring(lua, luaL_typename(lua, index));
	}
}

static int base_tostring(lua_State *lua)
{
	luaL_checkany(lua, 1);
	push_text(lua, 1);
	return 1;
}

static int base_tonumber(lua_State *lua)
{
	luaL_checkany(lua, 1);
	size_t n = 0;
	const char *s = lua_type(lua, 1) == LUA_TSTRING ? lua_tolstring(lua, 1, &n) : NULL;
	if (lua_type(lua, 1) == LUA_TNUMBER)
		lua_settop(lua, 1);
	else if (!s || n > 100 || lua_stringtonumber(lua, s) != n + 1)
		lua_pushnil(lua);
	return 1;
}

static int base_type(lua_State *lua)
{
	luaL_checkany(lua, 1);
	lua_pushstring(lua, luaL_typename(lua, 1));
	return 1;
}

static int base_select(lua_State *lua)
{
	int n = lua_gettop(lua);
	if (lua_type(lua, 1) == LUA_TSTRING && strcmp(lua_tostring(lua, 1), "#") == 0) {
		lua_pushinteger(lua, n - 1);
		return 1;
	}
	lua_Integer i = luaL_checkinteger(lua, 1);
	if (i < 0)
		i = n + i;
	luaL_argcheck(lua, i >= 1, 1, "there are not so many values");
	return i >= n ? 0 : n - (int)i;
}

static int base_error(lua_State *lua)
{
	lua_settop(lua, 1);
	if (lua_type(lua, 1) == LUA_TSTRING) {
		luaL_where(lua, 1);
		lua_insert(lua, 1);
		lua_concat(lua, 2);
	}
	return lua_error(lua);
}

static int base_assert(lua_State *lua)
{
	luaL_checkany(lua, 1);
	if (lua_toboolean(lua, 1))
		return lua_gettop(lua);
	if (lua_type(lua, 2) == LUA_TSTRING)
		return luaL_error(lua, "%s", lua_tostring(lua, 2));
	return luaL_error(lua, "an assertion does not hold");
}

/* Each round of a loop over ipairs or pairs charges, so that such loops end also where instructions are not counted. */
enum { ROUND_CHARGE = 10 };

static int next_index(lua_State *lua)
{
	sandbox_charge(lua, ROUND_CHARGE);
	lua_Integer i = (lua_Integer)((lua_Unsigned)luaL_checkinteger(lua, 2) + 1); /* scripts may call it with anything */
	lua_pushinteger(lua, i);
	return lua_geti(lua, 1, i) == LUA_TNIL ? 1 : 2;
}

static int base_ipairs(lua_State *lua)
{
	luaL_checkany(lua, 1);
	lua_pushcfunction(lua, next_index);
	lua_pushvalue(lua, 1);
	lua_pushinteger(lua, 0);
	return 3;
}

/* ---- pairs, in a fixed order ---- */

struct key {
	lua_Number number;
	struct str text; /* p NULL for numbers */
};

static int compare_keys(const void *pa, const void *pb)
{
	const struct key *a = pa, *b = pb;
	if (!a->text.p != !b->text.p)
		return a->text.p ? 1 : -1;
	if (a->text.p)
		return str_compare(a->text, b->text);
	return (a->number > b->number) - (a->number < b->number);
}

/* The keys of table 1 that are numbers or texts, into a userdata on top (so that an error leaks nothing). Each is compared
 * some times, and two long texts that begin alike are read whole each time. */
static struct key *gather_keys(lua_State *lua, size_t *count)
{
	size_t n = 0, bytes = 0;
	for (lua_pushnil(lua); lua_next(lua, 1); lua_pop(lua, 1)) {
		n++;
		bytes += lua_type(lua, -2) == LUA_TSTRING ? lua_rawlen(lua, -2) : 0;
	}
	sandbox_charge(lua, n * 4 + bytes / 4);
	struct key *keys = lua_newuserdatauv(lua, (n + 1) * sizeof *keys, 0);
	*count = 0;
	for (lua_pushnil(lua); lua_next(lua, 1); lua_pop(lua, 1)) {
		struct key *key = &keys[*count];
		*key = (struct key){0};
		if (lua_type(lua, -2) == LUA_TNUMBER)
			key->number = lua_tonumber(lua, -2);
		else if (lua_type(lua, -2) == LUA_TSTRING)
			key->text.p = lua_tolstring(lua, -2, &key->text.n);
		else
			luaL_error(lua, "pairs: a key is a %s; only texts and numbers have an order",
				   luaL_typename(lua, -2));
		(*count)++;
	}
	qsort(keys, *count, sizeof *keys, compare_keys);
	return keys;
}

/* Upvalues: the sorted keys (a list), how many were given out, the table. What it is called with is not looked at: scripts may
 * call it with anything. */
static int next_pair(lua_State *lua)
{
	lua_Integer i = lua_tointeger(lua, lua_upvalueindex(2));
	sandbox_charge(lua, ROUND_CHARGE);
	for (;;) {
		lua_settop(lua, 0);
		lua_pushvalue(lua, lua_upvalueindex(3));
		if (lua_rawgeti(lua, lua_upvalueindex(1), ++i) == LUA_TNIL)
			return 1;
		lua_pushinteger(lua, i);
		lua_replace(lua, lua_upvalueindex(2));
		lua_pushvalue(lua, -1);
		if (lua_rawget(lua, 1) != LUA_TNIL) /* what was removed meanwhile is passed over */
			return 2;
	}
}

static int base_pairs(lua_State *lua)
{
	luaL_checktype(lua, 1, LUA_TTABLE);
	lua_settop(lua, 1);
	size_t count = 0;
	struct key *keys = gather_keys(lua, &count);
	lua_createtable(lua, (int)count, 0);
	for (size_t i = 0; i < count; i++) {
		if (keys[i].text.p)
			sandbox_push_str(lua, keys[i].text);
		else if (floor(keys[i].number) == keys[i].number && fabs(keys[i].number) < 1e15)
			lua_pushinteger(lua, (lua_Integer)keys[i].number);
		else
			lua_pushnumber(lua, keys[i].number);
		lua_rawseti(lua, -2, (lua_Integer)i + 1);
	}
	lua_pushinteger(lua, 0);
	lua_pushvalue(lua, 1);
	lua_pushcclosure(lua, next_pair, 3);
	return 1;
}

const luaL_Reg sandbox_base_functions[] = {
	{"assert", base_assert},     {"error", base_error},   {"ipairs", base_ipairs},
	{"pairs", base_pairs},       {"select", base_select}, {"tonumber", base_tonumber},
	{"tostring", base_tostring}, {"type", base_type},     {NULL, NULL},
};
