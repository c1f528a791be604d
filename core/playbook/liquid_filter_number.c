/* Filters of numbers, as Shopify documents them: whole numbers stay whole, and dividing by a whole number gives a whole
 * one. Texts are read as numbers; what is no number counts as 0. Called by generated Lua. */
#include "playbook/liquid.h"

#include <lauxlib.h>
#include <math.h>

static bool both_whole(lua_State *lua)
{
	lua_settop(lua, 2);
	liquid_to_number(lua, 1);
	liquid_to_number(lua, 2);
	return lua_isinteger(lua, 1) && lua_isinteger(lua, 2);
}

static int push_number(lua_State *lua, double number)
{
	if (!isfinite(number))
		return luaL_error(lua, "the result is no number");
	lua_pushnumber(lua, number);
	return 1;
}

static int push_whole(lua_State *lua, double number)
{
	if (!(fabs(number) < 9e18))
		return luaL_error(lua, "the number is too large");
	lua_pushinteger(lua, (lua_Integer)number);
	return 1;
}

/* Whole if both are and it fits. */
static int add(lua_State *lua, int sign)
{
	lua_Integer sum = 0;
	bool whole = both_whole(lua);
	lua_Integer a = lua_tointeger(lua, 1), b = lua_tointeger(lua, 2);
	if (whole && !(sign > 0 ? __builtin_add_overflow(a, b, &sum) : __builtin_sub_overflow(a, b, &sum))) {
		lua_pushinteger(lua, sum);
		return 1;
	}
	return push_number(lua, lua_tonumber(lua, 1) + sign * lua_tonumber(lua, 2));
}

static int f_plus(lua_State *lua)
{
	return add(lua, 1);
}

static int f_minus(lua_State *lua)
{
	return add(lua, -1);
}

static int f_times(lua_State *lua)
{
	lua_Integer product = 0;
	bool whole = both_whole(lua);
	if (whole && !__builtin_mul_overflow(lua_tointeger(lua, 1), lua_tointeger(lua, 2), &product)) {
		lua_pushinteger(lua, product);
		return 1;
	}
	return push_number(lua, lua_tonumber(lua, 1) * lua_tonumber(lua, 2));
}

static int divide(lua_State *lua, int whole_op)
{
	bool whole = both_whole(lua);
	if (lua_tonumber(lua, 2) == 0)
		return luaL_error(lua, "divided by 0");
	if (whole || whole_op == LUA_OPMOD) {
		lua_arith(lua, whole_op);
		return whole ? 1 : push_number(lua, lua_tonumber(lua, -1));
	}
	return push_number(lua, lua_tonumber(lua, 1) / lua_tonumber(lua, 2));
}

static int f_divided_by(lua_State *lua)
{
	return divide(lua, LUA_OPIDIV);
}

static int f_modulo(lua_State *lua)
{
	return divide(lua, LUA_OPMOD);
}

static int f_abs(lua_State *lua)
{
	liquid_to_number(lua, 1);
	if (lua_tonumber(lua, 1) < 0)
		lua_arith(lua, LUA_OPUNM);
	return 1;
}

static int f_ceil(lua_State *lua)
{
	liquid_to_number(lua, 1);
	return lua_isinteger(lua, 1) ? 1 : push_whole(lua, ceil(lua_tonumber(lua, 1)));
}

static int f_floor(lua_State *lua)
{
	liquid_to_number(lua, 1);
	return lua_isinteger(lua, 1) ? 1 : push_whole(lua, floor(lua_tonumber(lua, 1)));
}

static int f_round(lua_State *lua)
{
	lua_settop(lua, 2);
	liquid_to_number(lua, 1);
	liquid_to_number(lua, 2);
	double number = lua_tonumber(lua, 1), digits = lua_tonumber(lua, 2);
	if (lua_isinteger(lua, 1)) {
		lua_pushvalue(lua, 1);
		return 1;
	}
	if (!(digits > 0))
		return push_whole(lua, round(number));
	double scale = pow(10, digits > 15 ? 15 : digits), scaled = number * scale;
	return push_number(lua, fabs(scaled) < 1e15 ? round(scaled) / scale : number);
}

static int pick(lua_State *lua, bool larger)
{
	both_whole(lua);
	lua_pushvalue(lua, (lua_compare(lua, 1, 2, LUA_OPLT) == larger) ? 2 : 1);
	return 1;
}

static int f_at_least(lua_State *lua)
{
	return pick(lua, true);
}

static int f_at_most(lua_State *lua)
{
	return pick(lua, false);
}

const struct liquid_filter liquid_filters_number[] = {
	{"abs", f_abs, 0, 0},     {"at_least", f_at_least, 1, 1},     {"at_most", f_at_most, 1, 1},
	{"ceil", f_ceil, 0, 0},   {"divided_by", f_divided_by, 1, 1}, {"floor", f_floor, 0, 0},
	{"minus", f_minus, 1, 1}, {"modulo", f_modulo, 1, 1},         {"plus", f_plus, 1, 1},
	{"round", f_round, 0, 1}, {"times", f_times, 1, 1},           {NULL, NULL, 0, 0},
};
