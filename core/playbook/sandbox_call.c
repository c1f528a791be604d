/* Loading text into a sandbox and calling it: where an error stands, what it says, and what becomes of a call that a budget
 * ended. The budgets themselves are in sandbox.c.
 *
 * What always holds: a refused allocation or a raised budget ends the whole sandbox_call, as scripts cannot catch errors. */
#include "playbook/sandbox_parts.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- loading ---- */

/* "name:12: words" → where = "name:12", and the words. Lua shortens long names ("...paigns/drip.lua"), so ours is put
 * in. */
static void place_of_syntax_error(const char *name, const char *text, struct error *error)
{
	const char *p = text;
	for (const char *colon = strchr(p, ':'); colon; colon = strchr(colon + 1, ':')) {
		char *end = NULL;
		long line = strtol(colon + 1, &end, 10);
		if (end > colon + 1 && *end == ':') {
			char where[sizeof error->where];
			snprintf(where, sizeof where, "%s:%ld", name, line);
			error_set(error, ERROR_INVALID, where, "%s", end + 1 + (end[1] == ' '));
			return;
		}
	}
	error_set(error, ERROR_INVALID, name, "%s", text);
}

static int load_failed(struct sandbox *sandbox, const char *name, int status, struct error *error)
{
	if (status == LUA_ERRMEM)
		error_set(error, ERROR_LIMIT, name, "is too big for a script (more than %zu kB of memory)",
			  sandbox->limits.memory * SANDBOX_HARD_FACTOR / 1024);
	else if (error)
		place_of_syntax_error(name, lua_tostring(sandbox->lua, -1), error);
	lua_pop(sandbox->lua, 1);
	return -1;
}

int sandbox_load(struct sandbox *sandbox, const char *name, struct str text, int env, struct error *error)
{
	lua_State *lua = sandbox->lua;
	if (env)
		env = lua_absindex(lua, env);
	lua_pushfstring(lua, "@%s", name);
	sandbox->depth++; /* memory is limited, and a refusal is caught by the loader */
	int status = luaL_loadbufferx(lua, text.p, text.n, lua_tostring(lua, -1), "t");
	sandbox->depth--;
	lua_remove(lua, -2);
	if (status != LUA_OK)
		return load_failed(sandbox, name, status, error);
	if (env) {
		lua_pushvalue(lua, env);
		if (!lua_setupvalue(lua, -2, 1))
			lua_pop(lua, 1);
	}
	return 0;
}

/* ---- calling ---- */

static void clean_message(char *text)
{
	for (char *p = text; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			*p = ' ';
	size_t n = strlen(text), i = 0;
	while (i < n) {
		size_t step = str_utf8_step(text + i, n - i);
		if (!step)
			text[i] = '?';
		i += step ? step : 1;
	}
}

/* The message without the place that Lua put before it. */
static const char *bare_message(const char *text, const lua_Debug *ar)
{
	char prefix[LUA_IDSIZE + 32];
	int n = snprintf(prefix, sizeof prefix, "%s:%d: ", ar->short_src, ar->currentline);
	return n > 0 && strncmp(text, prefix, (size_t)n) == 0 ? text + n : text;
}

/* Runs where the error was raised, before the stack is unwound: finds the innermost line of Lua. */
static int on_error(lua_State *lua)
{
	struct sandbox *sandbox = sandbox_of(lua);
	struct error *error = sandbox->error;
	lua_Debug ar = {.currentline = -1};
	bool found = false;
	for (int level = 0; !found && level < 100 && lua_getstack(lua, level, &ar); level++) {
		lua_getinfo(lua, "Sl", &ar);
		found = ar.currentline > 0;
	}
	char where[sizeof error->where] = "";
	if (found)
		snprintf(where, sizeof where, "%s:%d", ar.source[0] == '@' ? ar.source + 1 : ar.source, ar.currentline);
	enum error_code code = sandbox->end == SANDBOX_DONE ? ERROR_INVALID : ERROR_LIMIT;
	if (lua_type(lua, 1) == LUA_TSTRING)
		error_set(error, code, where, "%s",
			  found ? bare_message(lua_tostring(lua, 1), &ar) : lua_tostring(lua, 1));
	else
		error_set(error, code, where, "raised a %s instead of a message", luaL_typename(lua, 1));
	clean_message(error->message);
	return 1;
}

static void call_failed(struct sandbox *sandbox, int status, struct error *error)
{
	if (status == LUA_ERRMEM)
		error_set(error, ERROR_LIMIT, "", "used more memory than a script may (%zu kB)",
			  sandbox->limits.memory / 1024);
	else if (status == LUA_ERRERR)
		error_set(error, ERROR_LIMIT, "", "went too deep (a function that calls itself without end?)");
	if (sandbox->depth && (sandbox->end != SANDBOX_DONE || status != LUA_ERRRUN))
		lua_error(sandbox->lua); /* a spent budget ends the outer call too */
	if (sandbox->end == SANDBOX_DONE && !sandbox->depth)
		sandbox->end = status == LUA_ERRMEM ? SANDBOX_TOO_BIG : SANDBOX_FAILED;
	lua_pop(sandbox->lua, 1);
	if (sandbox->end == SANDBOX_TOO_BIG) {
		lua_gc(sandbox->lua, LUA_GCCOLLECT);
		sandbox->spoiled |= sandbox->used > sandbox->base + sandbox->limits.memory / 2;
	}
}

/* A quick call of which is not known that it kept to its instructions: whatever it gave is dropped. */
static int forget(struct sandbox *sandbox, int handler)
{
	lua_settop(sandbox->lua, handler - 1);
	sandbox->end = SANDBOX_UNSURE;
	return -1;
}

int sandbox_call(struct sandbox *sandbox, int nargs, int nresults, struct error *error)
{
	lua_State *lua = sandbox->lua;
	struct error unread = {0}, *outer = sandbox->error;
	int handler = lua_gettop(lua) - nargs;
	lua_pushcfunction(lua, on_error);
	lua_insert(lua, handler);
	uint64_t quick = 0;
	if (!sandbox->depth) {
		sandbox_arm(sandbox);
		quick = sandbox_quick_start(sandbox);
	}
	sandbox->error = error ? error : &unread;
	sandbox->depth++;
	int status = lua_pcall(lua, nargs, nresults, handler);
	sandbox->depth--;
	sandbox->error = outer;
	if (quick && !sandbox_quick_end(sandbox, quick))
		return forget(sandbox, handler);
	lua_remove(lua, handler);
	if (status == LUA_OK)
		return 0;
	call_failed(sandbox, status, error ? error : &unread);
	return -1;
}
