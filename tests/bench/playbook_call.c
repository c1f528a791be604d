/* What marketing's Lua costs: a call of a function beside the same function called by Lua alone (no view, no budget),
 * and the load of a small playbook. Figures only. */
#include "playbook/playbook.h"

#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>

enum { CALLS = 1000000, LOADS = 50 };

static const char text[] =
	"playbook \"x\" {}\nfield \"visits\" { type = \"number\" }\n"
	"segment \"s\" { who = function(lead, event) return lead.country == \"DE\" and lead.visits > 20 end }\n";
static const char raw[] = "return function(lead) return lead.country == \"DE\" and lead.visits > 20 end";

static struct playbook *load(void)
{
	struct playbook_file file = {"playbook.lua", {text, sizeof text - 1}};
	struct problems problems = {.arena = arena_new()};
	struct playbook *playbook = playbook_load(&(struct playbook_files){&file, 1}, NULL, &problems);
	arena_free(problems.arena);
	if (!playbook)
		abort();
	return playbook;
}

static double bench_calls(void)
{
	struct playbook *playbook = load();
	struct value fields[64] = {[LEAD_COUNTRY] = {.type = VALUE_TEXT, .text = STR("DE")}};
	fields[LEAD_STANDARD_COUNT] = (struct value){.type = VALUE_NUMBER, .number = 25};
	struct lead lead = {.id = 1, .fields = fields};
	struct playbook_view view = {.lead = &lead};
	struct script_result result;
	mono_t began = mono_now();
	for (int i = 0; i < CALLS; i++)
		if (playbook_call(playbook, playbook->segments[0].who->function, &view, &result, NULL) < 0 ||
		    result.answer != SCRIPT_TRUE)
			abort();
	double each = (double)(mono_now() - began) / CALLS;
	playbook_free(playbook);
	return each;
}

static double bench_raw(void)
{
	lua_State *lua = luaL_newstate();
	if (!lua || luaL_dostring(lua, raw))
		abort();
	lua_createtable(lua, 0, 2);
	lua_pushliteral(lua, "DE");
	lua_setfield(lua, -2, "country");
	lua_pushinteger(lua, 25);
	lua_setfield(lua, -2, "visits");
	mono_t began = mono_now();
	for (int i = 0; i < CALLS; i++) {
		lua_pushvalue(lua, 1);
		lua_pushvalue(lua, 2);
		if (lua_pcall(lua, 1, 1, 0) || !lua_toboolean(lua, -1))
			abort();
		lua_pop(lua, 1);
	}
	double each = (double)(mono_now() - began) / CALLS;
	lua_close(lua);
	return each;
}

int main(void)
{
	printf("a function of a playbook      %6.3f us a call\n", bench_calls());
	printf("raw limit: the same in Lua    %6.3f us a call\n", bench_raw());
	mono_t began = mono_now();
	for (int i = 0; i < LOADS; i++)
		playbook_free(load());
	printf("loading a small playbook      %6.0f us\n", (double)(mono_now() - began) / LOADS);
	return 0;
}
