/* Values of a running template: how they are printed, read as numbers, asked for members; and how fields and JSON
 * become values. Called by liquid_run.c and the filters. Texts, numbers (whole and not), true, false, nil and lists are
 * Lua's own; an object of JSON is a table with names. Dates are texts in one form, so that they sort and that the
 * filter date reads them. */
#include "playbook/liquid.h"

#include "base/calendar.h"
#include "playbook/text.h"

#include <lauxlib.h>
#include <math.h>
#include <stdio.h>

enum { JSON_DEEPEST = 16, PRINT_DEEPEST = 8 };

bool liquid_is_list(lua_State *lua, int index)
{
	if (lua_type(lua, index) != LUA_TTABLE)
		return false;
	if (lua_rawlen(lua, index))
		return true;
	index = lua_absindex(lua, index);
	lua_pushnil(lua);
	if (!lua_next(lua, index))
		return true; /* nothing in it */
	lua_pop(lua, 2);
	return false;
}

/* Liquid prints 3.0 for a number that is not whole by type, and never an exponent for ordinary sizes. */
static void put_number(lua_State *lua, int index, struct buf *out)
{
	char text[64];
	if (lua_isinteger(lua, index))
		snprintf(text, sizeof text, "%lld", (long long)lua_tointeger(lua, index));
	else {
		double number = lua_tonumber(lua, index);
		snprintf(text, sizeof text, "%.14g", number);
		if (isfinite(number) && !strpbrk(text, ".e"))
			strcat(text, ".0");
	}
	buf_puts(out, text);
}

static void put_deep(lua_State *lua, int index, struct buf *out, int depth)
{
	struct str s;
	switch (lua_type(lua, index)) {
	case LUA_TSTRING:
		s.p = lua_tolstring(lua, index, &s.n);
		buf_put(out, s.p, s.n);
		return;
	case LUA_TNUMBER: put_number(lua, index, out); return;
	case LUA_TBOOLEAN: buf_puts(out, lua_toboolean(lua, index) ? "true" : "false"); return;
	case LUA_TTABLE: break;
	default: return;
	}
	if (!liquid_is_list(lua, index) || depth > PRINT_DEEPEST)
		luaL_error(lua, "an object cannot be printed. Name the part that you mean.");
	index = lua_absindex(lua, index);
	lua_Integer n = (lua_Integer)lua_rawlen(lua, index);
	sandbox_charge(lua, (size_t)n);
	luaL_checkstack(lua, 4, "list");
	for (lua_Integer i = 1; i <= n; i++) {
		lua_rawgeti(lua, index, i);
		put_deep(lua, -1, out, depth + 1);
		lua_pop(lua, 1);
	}
}

void liquid_put_value(lua_State *lua, int index, struct buf *out)
{
	put_deep(lua, index, out, 0);
}

struct str liquid_to_text(lua_State *lua, int index)
{
	struct str s;
	if (lua_type(lua, index) != LUA_TSTRING) {
		struct liquid_run *run = sandbox_host(lua);
		index = lua_absindex(lua, index);
		buf_clear(&run->scratch);
		liquid_put_value(lua, index, &run->scratch);
		lua_pushlstring(lua, run->scratch.n ? run->scratch.p : "", run->scratch.n);
		lua_replace(lua, index);
	}
	s.p = lua_tolstring(lua, index, &s.n);
	return s;
}

bool liquid_is_empty(lua_State *lua, int index)
{
	if (lua_type(lua, index) == LUA_TSTRING)
		return lua_rawlen(lua, index) == 0;
	return liquid_is_list(lua, index) && lua_rawlen(lua, index) == 0;
}

bool liquid_is_blank(lua_State *lua, int index)
{
	if (lua_type(lua, index) == LUA_TSTRING) {
		struct str s;
		s.p = lua_tolstring(lua, index, &s.n);
		return str_trim(s).n == 0;
	}
	return !lua_toboolean(lua, index) || liquid_is_empty(lua, index);
}

void liquid_to_number(lua_State *lua, int index)
{
	if (lua_type(lua, index) == LUA_TNUMBER)
		return;
	int64_t whole = 0;
	double number = 0;
	struct str s = {"", 0};
	if (lua_type(lua, index) == LUA_TSTRING)
		s.p = lua_tolstring(lua, index, &s.n);
	index = lua_absindex(lua, index);
	s = str_trim(s);
	if (s.n > 64 || (!str_to_int(s, &whole) && str_to_double(s, &number)))
		lua_pushnumber(lua, number);
	else
		lua_pushinteger(lua, whole);
	lua_replace(lua, index);
}

/* ---- members ---- */

static void push_size(lua_State *lua, int index)
{
	if (lua_type(lua, index) == LUA_TSTRING) {
		struct str s;
		s.p = lua_tolstring(lua, index, &s.n);
		sandbox_charge(lua, s.n / 16);
		lua_pushinteger(lua, (lua_Integer)text_length(s));
	} else if (lua_type(lua, index) == LUA_TTABLE) {
		lua_pushinteger(lua, (lua_Integer)lua_rawlen(lua, index));
	} else {
		lua_pushinteger(lua, 0);
	}
}

void liquid_push_member(lua_State *lua, int index, struct str key)
{
	bool table = lua_type(lua, index) == LUA_TTABLE, list = liquid_is_list(lua, index);
	index = lua_absindex(lua, index);
	if (table && !list) {
		lua_pushlstring(lua, key.p, key.n);
		if (lua_rawget(lua, index) != LUA_TNIL || !str_is(key, "size"))
			return;
		lua_pop(lua, 1);
	}
	if (str_is(key, "size"))
		push_size(lua, index);
	else if (list && str_is(key, "first"))
		lua_rawgeti(lua, index, 1);
	else if (list && str_is(key, "last"))
		lua_rawgeti(lua, index, (lua_Integer)lua_rawlen(lua, index));
	else
		lua_pushnil(lua);
}

/* ---- fields ---- */

const char *liquid_zone(const struct liquid_run *run)
{
	const struct lead *lead = run->input->view.lead;
	const struct value *zone = lead && lead->fields ? &lead->fields[LEAD_TIME_ZONE] : NULL;
	return zone && zone->type == VALUE_TEXT && zone->text.n ? zone->text.p : run->playbook->time_zone;
}

void liquid_put_moment(struct buf *out, moment_t moment, const char *zone)
{
	struct calendar_local local;
	char text[64];
	bool day = moment % MOMENT_DAY == 0;
	calendar_local(moment, day ? NULL : zone, &local);
	snprintf(text, sizeof text, "%04d-%02d-%02d", local.year, local.month, local.day);
	buf_puts(out, text);
	if (day)
		return;
	struct calendar_local utc = local;
	utc.micros = local.micros;
	int64_t offset = (calendar_moment(&utc, NULL) - moment) / MOMENT_MINUTE;
	snprintf(text, sizeof text, " %02d:%02d:%02d %c%02d%02d", local.hour, local.minute, local.second,
		 offset < 0 ? '-' : '+', (int)llabs(offset) / 60 % 100, (int)llabs(offset) % 60);
	buf_puts(out, text);
}

static void push_moment(lua_State *lua, moment_t moment, const char *zone)
{
	struct liquid_run *run = sandbox_host(lua);
	buf_clear(&run->scratch);
	liquid_put_moment(&run->scratch, moment, zone);
	lua_pushlstring(lua, run->scratch.p, run->scratch.n);
}

void liquid_push_field(lua_State *lua, const struct value *value, const char *zone)
{
	switch (value->type) {
	case VALUE_TEXT: lua_pushlstring(lua, value->text.n ? value->text.p : "", value->text.n); break;
	case VALUE_NUMBER:
		if (floor(value->number) == value->number && fabs(value->number) < 9e15)
			lua_pushinteger(lua, (lua_Integer)value->number);
		else
			lua_pushnumber(lua, value->number);
		break;
	case VALUE_YES_NO: lua_pushboolean(lua, value->yes); break;
	case VALUE_DATE: push_moment(lua, value->date, zone); break;
	case VALUE_LIST:
		lua_createtable(lua, (int)value->list.count, 0);
		for (size_t i = 0; i < value->list.count; i++) {
			lua_pushlstring(lua, value->list.items[i].p, value->list.items[i].n);
			lua_rawseti(lua, -2, (lua_Integer)i + 1);
		}
		break;
	default: lua_pushnil(lua);
	}
}

/* ---- JSON: nulls of lists are left out ---- */

static void push_list(lua_State *lua, const json_t *json, int depth)
{
	lua_Integer at = 0;
	lua_createtable(lua, (int)json_array_size(json), 0);
	for (size_t i = 0; i < json_array_size(json); i++) {
		const json_t *item = json_array_get(json, i);
		if (json_is_null(item))
			continue;
		liquid_push_json(lua, item, depth + 1);
		lua_rawseti(lua, -2, ++at);
	}
}

void liquid_push_json(lua_State *lua, const json_t *json, int depth)
{
	const char *key = NULL;
	json_t *item = NULL;
	sandbox_charge(lua, 4);
	luaL_checkstack(lua, 4, "data");
	if (depth > JSON_DEEPEST)
		luaL_error(lua, "data is nested more than %d deep", JSON_DEEPEST);
	switch (json ? json_typeof(json) : JSON_NULL) {
	case JSON_STRING: lua_pushlstring(lua, json_string_value(json), json_string_length(json)); break;
	case JSON_INTEGER: lua_pushinteger(lua, json_integer_value(json)); break;
	case JSON_REAL: lua_pushnumber(lua, json_real_value(json)); break;
	case JSON_TRUE:
	case JSON_FALSE: lua_pushboolean(lua, json_is_true(json)); break;
	case JSON_ARRAY: push_list(lua, json, depth); break;
	case JSON_OBJECT:
		lua_createtable(lua, 0, (int)json_object_size(json));
		json_object_foreach((json_t *)json, key, item)
		{
			lua_pushstring(lua, key);
			liquid_push_json(lua, item, depth + 1);
			lua_rawset(lua, -3);
		}
		break;
	default: lua_pushnil(lua);
	}
}
