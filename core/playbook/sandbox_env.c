/* The environment that scripts see, built once for each state from allow lists; nothing of Lua's own library is opened
 * but math, of which the listed functions are taken.
 *
 * The tables string, table and math cannot be written; a global that nobody declared can neither be read nor written.
 */
#include "playbook/sandbox_parts.h"

#include <lualib.h>

static const char *const math_words[] = {"abs", "ceil",      "exp",  "floor", "fmod",       "huge",
					 "log", "max",       "min",  "modf",  "maxinteger", "mininteger",
					 "pi",  "tointeger", "sqrt", "type",  NULL};

/* ---- strict tables ---- */

static int refuse_unknown_member(lua_State *lua)
{
	return luaL_error(lua, "there is no %s.%s here", lua_tostring(lua, lua_upvalueindex(1)),
			  lua_type(lua, 2) == LUA_TSTRING ? lua_tostring(lua, 2) : "?");
}

static int refuse_write(lua_State *lua)
{
	return luaL_error(lua, "%s cannot be changed", lua_tostring(lua, lua_upvalueindex(1)));
}

static const char *nearest_word(lua_State *lua, const char *name)
{
	enum { WORDS_MOST = 512 };
	const char *words[WORDS_MOST];
	size_t count = 0;
	for (lua_pushnil(lua); lua_next(lua, 1); lua_pop(lua, 1))
		if (lua_type(lua, -2) == LUA_TSTRING && count < WORDS_MOST)
			words[count++] = lua_tostring(lua, -2);
	return str_nearest(str_of(name), words, count);
}

static int refuse_unknown_global(lua_State *lua)
{
	const char *name = lua_type(lua, 2) == LUA_TSTRING ? lua_tostring(lua, 2) : "?";
	const char *nearest = nearest_word(lua, name);
	if (nearest)
		return luaL_error(
			lua,
			"\"%s\" is not a word of the playbook. Did you mean \"%s\"? If it is a name, put it in quotes.",
			name, nearest);
	return luaL_error(lua, "\"%s\" is not a word of the playbook. If it is a name, put it in quotes.", name);
}

static int refuse_new_global(lua_State *lua)
{
	const char *name = lua_type(lua, 2) == LUA_TSTRING ? lua_tostring(lua, 2) : "?";
	bool plain = lua_type(lua, 3) == LUA_TNUMBER || lua_type(lua, 3) == LUA_TBOOLEAN;
	const char *value = plain ? luaL_tolstring(lua, 3, NULL) : "\xe2\x80\xa6";
	return luaL_error(lua, "%s = %s stands outside every declaration. Was a } closed too early?", name, value);
}

/* Replaces the table on top by one that reads from it, says so when a name is missing, and cannot be written. */
static void make_fixed(lua_State *lua, const char *name)
{
	lua_newtable(lua); /* what an unknown member asks */
	lua_pushstring(lua, name);
	lua_pushcclosure(lua, refuse_unknown_member, 1);
	lua_setfield(lua, -2, "__index");
	lua_setmetatable(lua, -2);
	lua_newtable(lua);
	lua_newtable(lua);
	lua_pushvalue(lua, -3);
	lua_setfield(lua, -2, "__index");
	lua_pushstring(lua, name);
	lua_pushcclosure(lua, refuse_write, 1);
	lua_setfield(lua, -2, "__newindex");
	lua_setmetatable(lua, -2);
	lua_replace(lua, -2);
}

static void build_string(lua_State *lua)
{
	lua_newtable(lua);
	luaL_setfuncs(lua, sandbox_string_functions, 0);
	make_fixed(lua, "string");
	lua_pushliteral(lua, ""); /* any string: all share one metatable */
	lua_newtable(lua);
	lua_pushvalue(lua, -3);
	lua_setfield(lua, -2, "__index");
	lua_setmetatable(lua, -2);
	lua_pop(lua, 1);
	lua_setglobal(lua, "string");
}

static void build_math(lua_State *lua)
{
	lua_newtable(lua);
	lua_pushcfunction(lua, luaopen_math);
	lua_call(lua, 0, 1);
	for (const char *const *word = math_words; *word; word++) {
		lua_getfield(lua, -1, *word);
		lua_setfield(lua, -3, *word);
	}
	lua_pop(lua, 1);
	make_fixed(lua, "math");
	lua_setglobal(lua, "math");
}

static const char strict_key; /* registry key of the metatable of environments */

void sandbox_build_env(lua_State *lua)
{
	build_string(lua);
	build_math(lua);
	lua_newtable(lua);
	luaL_setfuncs(lua, sandbox_table_functions, 0);
	make_fixed(lua, "table");
	lua_setglobal(lua, "table");
	lua_pushglobaltable(lua);
	luaL_setfuncs(lua, sandbox_base_functions, 0);
	lua_newtable(lua);
	lua_pushcfunction(lua, refuse_unknown_global);
	lua_setfield(lua, -2, "__index");
	lua_pushcfunction(lua, refuse_new_global);
	lua_setfield(lua, -2, "__newindex");
	lua_pushvalue(lua, -1);
	lua_rawsetp(lua, LUA_REGISTRYINDEX, &strict_key);
	lua_setmetatable(lua, -2);
	lua_pop(lua, 1);
}

void sandbox_declare(struct sandbox *sandbox, const char *name)
{
	lua_State *lua = sandbox_lua(sandbox);
	lua_pushglobaltable(lua);
	lua_insert(lua, -2);
	lua_pushstring(lua, name);
	lua_insert(lua, -2);
	lua_rawset(lua, -3);
	lua_pop(lua, 1);
}

void sandbox_push_env(struct sandbox *sandbox)
{
	lua_State *lua = sandbox_lua(sandbox);
	lua_newtable(lua);
	lua_pushglobaltable(lua);
	for (lua_pushnil(lua); lua_next(lua, -2); lua_pop(lua, 1)) {
		lua_pushvalue(lua, -2);
		lua_pushvalue(lua, -2);
		lua_rawset(lua, -6);
	}
	lua_pop(lua, 1);
	lua_rawgetp(lua, LUA_REGISTRYINDEX, &strict_key);
	lua_setmetatable(lua, -2);
}
