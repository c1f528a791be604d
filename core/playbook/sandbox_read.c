/* Results of scripts, read strictly: what a script returned is outside data for the host (TRUST 39). Called after
 * sandbox_call. */
#include "playbook/sandbox_parts.h"

#include <math.h>

static int wrong(lua_State *lua, int index, const char *wanted, struct error *error)
{
	return error_set(error, ERROR_INVALID, "", "gave a %s where %s is needed", luaL_typename(lua, index), wanted);
}

int sandbox_read_number(lua_State *lua, int index, double *out, struct error *error)
{
	if (lua_type(lua, index) != LUA_TNUMBER)
		return wrong(lua, index, "a number", error);
	double number = lua_tonumber(lua, index);
	if (!isfinite(number))
		return error_set(error, ERROR_INVALID, "", "gave %s, which is no number to count with",
				 isnan(number) ? "0/0" : "an endless number");
	*out = number;
	return 0;
}

int sandbox_read_integer(lua_State *lua, int index, int64_t low, int64_t high, int64_t *out, struct error *error)
{
	double number = 0;
	if (sandbox_read_number(lua, index, &number, error) < 0)
		return -1;
	int whole = 0;
	lua_Integer value = lua_tointegerx(lua, index, &whole);
	if (!whole || value < low || value > high)
		return error_set(error, ERROR_INVALID, "",
				 "gave %.14g where a whole number from %lld to %lld is needed", number, (long long)low,
				 (long long)high);
	*out = value;
	return 0;
}

int sandbox_read_text(lua_State *lua, int index, size_t most, struct str *out, struct error *error)
{
	if (lua_type(lua, index) != LUA_TSTRING)
		return wrong(lua, index, "text", error);
	struct str text;
	text.p = lua_tolstring(lua, index, &text.n);
	if (text.n > most)
		return error_set(error, ERROR_LIMIT, "", "gave a text of %zu bytes; at most %zu may be", text.n, most);
	if (!str_is_text(text))
		return error_set(error, ERROR_INVALID, "",
				 "gave a text that is not valid UTF-8, or holds control characters");
	*out = text;
	return 0;
}

int sandbox_read_yes_no(lua_State *lua, int index, bool *out, struct error *error)
{
	if (lua_type(lua, index) != LUA_TBOOLEAN)
		return wrong(lua, index, "true or false", error);
	*out = lua_toboolean(lua, index);
	return 0;
}

int sandbox_read_list(lua_State *lua, int index, size_t most, struct error *error)
{
	if (lua_type(lua, index) != LUA_TTABLE)
		return wrong(lua, index, "a list", error);
	index = lua_absindex(lua, index);
	size_t n = 0, length = lua_rawlen(lua, index);
	for (lua_pushnil(lua); lua_next(lua, index); lua_pop(lua, 1)) {
		bool item = lua_isinteger(lua, -2) && lua_tointeger(lua, -2) >= 1 &&
			    (size_t)lua_tointeger(lua, -2) <= length;
		if (!item || ++n > most) {
			lua_pop(lua, 2);
			if (item)
				return error_set(error, ERROR_LIMIT, "", "gave a list of more than %zu things", most);
			return error_set(error, ERROR_INVALID, "", "gave a table that is not a plain list");
		}
	}
	return n == length ? (int)n : error_set(error, ERROR_INVALID, "", "gave a list with gaps");
}
