/* What marketing's Lua costs: a call of a function beside the same function called by Lua alone (no view, no budget), what
 * the budgets (instructions, memory, deadline) are of that, and the load of a small playbook. Figures only. */
#include "playbook/playbook.h"
#include "playbook/sandbox.h"

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
	struct playbook *playbook = playbook_load(&(struct playbook_files){.files = &file, .count = 1}, NULL, &problems);
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

/* ---- budgets: the same rules in a sandbox with all of them, as playbook_call would run them, and with none ---- */

enum { ROUNDS = 15, ROUND_MICROS = 30000 };

static const struct {
	const char *name, *text;
	bool goes_round; /* else nothing watches its instructions */
} rules[] = {
	{"a comparison", "local lead = { country = 'DE', visits = 25 } return function() return lead.country == 'DE' and lead.visits > 20 end", false},
	{"ten comparisons", "local lead = { a = 1, b = 2, c = 3 } return function() local n = 0 if lead.a == 1 then n = n + 1 end if lead.b > 1 then n = n + 2 end "
			    "if lead.c < 9 then n = n + 3 end if lead.a ~= lead.b then n = n * 2 end if lead.c == 3 or lead.b == 7 then n = n - 1 end return n end", false},
	{"words at hand", "return function() local s = ('Head of Information Security'):lower() if s:contains('security') or s:starts('ciso') then return 15 end "
			  "return s:contains('head of') and 10 or 0 end", false},
	{"words of a title", "return function() local n = 0 for i, w in ipairs(('Head of Information Security'):lower():split(' ')) do "
			     "if w:starts('sec') then n = n + 5 end end return n end", false},
	{"a list of countries", "local list = { 'DE', 'AT', 'CH', 'FR', 'IT', 'NL', 'BE', 'LU' } return function() for i = 1, #list do if list[i] == 'LU' then return 3 end end end", true},
	{"a loop of a thousand", "return function() local n = 0 for i = 1, 1000 do n = n + i % 7 end return n end", true},
	{"a loop of five thousand", "return function() local n = 0 for i = 1, 5000 do n = n + i % 7 end return n end", true},
	{"a table of a hundred", "return function() local t = {} for i = 1, 100 do t[i] = i * 2 end return #t end", true},
};

static struct sandbox *sandbox_with(const char *rule, bool budgets)
{
	const struct sandbox_limits none = {.instructions = INT64_MAX / 2, .memory = SIZE_MAX / 16, .uncounted = true};
	struct sandbox *sandbox = sandbox_new(budgets ? NULL : &none, budgets ? mono_now : NULL);
	if (sandbox_load(sandbox, "rule.lua", str_of(rule), 0, NULL) || sandbox_call(sandbox, 0, 1, NULL))
		abort();
	sandbox_set_bell(sandbox, &bell_of_thread);
	return sandbox;
}

static int64_t counted; /* calls that were counted, all in all */

struct pace {
	bool goes_round;
	unsigned pause, paused;
};

static int call_once(struct sandbox *sandbox, enum sandbox_pace pace)
{
	lua_State *lua = sandbox_lua(sandbox);
	lua_pushvalue(lua, 1);
	sandbox_set_pace(sandbox, pace);
	counted += pace == SANDBOX_COUNTED;
	return sandbox_call(sandbox, 0, 1, NULL);
}

/* As playbook_call does it: quickly, and with counting where that says nothing, and then for some calls more. */
static void call(struct sandbox *sandbox, struct pace *pace)
{
	int bad = call_once(sandbox, !pace->goes_round ? SANDBOX_STRAIGHT : pace->paused ? SANDBOX_COUNTED : SANDBOX_QUICK);
	if (pace->paused)
		pace->paused--;
	else if (!bad)
		pace->pause = 0;
	if (bad && sandbox_ended(sandbox) == SANDBOX_UNSURE) {
		pace->paused = pace->pause = !pace->pause ? 16 : pace->pause < 4096 ? pace->pause * 2 : 4096;
		bad = call_once(sandbox, SANDBOX_COUNTED);
	}
	if (bad)
		abort();
	lua_pop(sandbox_lua(sandbox), 1);
}

static double call_for_a_while(struct sandbox *sandbox, struct pace *pace)
{
	mono_t began = mono_now(), now = began;
	int64_t calls = 0;
	for (; now - began < ROUND_MICROS; now = mono_now()) {
		for (int i = 0; i < 100; i++, calls++)
			call(sandbox, pace);
	}
	return (double)(now - began) / (double)calls;
}

/* Turn and turn about, and of each the best round: what else the machine does falls on both. */
static void bench_budgets(size_t k)
{
	struct sandbox *with = sandbox_with(rules[k].text, true), *without = sandbox_with(rules[k].text, false);
	double best_with = 1e9, best_without = 1e9;
	struct pace pace = {.goes_round = rules[k].goes_round}, none = {0};
	counted = 0;
	for (int i = 0; i < ROUNDS; i++) {
		double a = call_for_a_while(with, &pace), b = call_for_a_while(without, &none);
		best_with = a < best_with ? a : best_with;
		best_without = b < best_without ? b : best_without;
	}
	printf("budgets: %-23s %8.3f us with, %8.3f us without: %+5.1f %% (counted: %lld)\n", rules[k].name, best_with, best_without,
	       100 * (best_with / best_without - 1), (long long)counted);
	sandbox_free(with);
	sandbox_free(without);
}

int main(void)
{
	printf("a function of a playbook      %6.3f us a call\n", bench_calls());
	printf("raw limit: the same in Lua    %6.3f us a call\n", bench_raw());
	for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
		bench_budgets(i);
	mono_t began = mono_now();
	for (int i = 0; i < LOADS; i++)
		playbook_free(load());
	printf("loading a small playbook      %6.0f us\n", (double)(mono_now() - began) / LOADS);
	return 0;
}
