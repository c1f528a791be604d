/* Results of scripts, read strictly: what a script returned is outside data for the host (TRUST 39). Called after
 * sandbox_call. */
#include "playbook/sandbox_parts.h"

#include <math.h>

int sandbox_read_number(lua_State *lua, int index, double *out, struct error *error)
{
	if (lua_type(lua, index) != LUA_TNUMBER)
		return error_set(error, ERROR_INVALID, "", "gave a %s where a number is needed", luaL_typename(lua, index));
	double number = lua_tonumber(lua, index);
	if (!isfinite(number))
		return error_set(error, ERROR_INVALID, "", "gave %s, which is no number to count with",
				 isnan(number) ? "0/0" : "an endless number");
	*out = number;
	return 0;
}
