/* The sandbox's state, its budgets and its calls. The room's loaders and callers make one for each revision; nobody
 * else creates a lua_State for marketing's code.
 *
 * What always holds: a refused allocation or a raised budget ends the whole sandbox_call, as scripts cannot catch
 * errors; the allocator refuses only inside a call, so host code outside never meets a Lua error.
 *
 *   soft memory limit passed → the next instruction runs the hook → garbage is collected → still too much: error
 *   hard memory limit passed → the allocation fails → error, and the state is spoiled */
#include "playbook/sandbox_parts.h"

#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>

enum { HOOK_EVERY = 1000, HARD_FACTOR = 4, BYTES_A_CHARGE = 1024, LARGE = 65536, LARGE_BYTES_A_CHARGE = 64 };

struct sandbox {
	lua_State *lua;
	struct sandbox_limits limits;
	mono_t (*now)(void);
	void *host;
	int64_t left; /* instructions of this call */
	mono_t until; /* 0 = not looked at yet */
	size_t used, base;
	int depth; /* calls inside calls */
	bool straight; /* sandbox_count(false) */
	bool over; /* the soft limit was passed and the hook is set to the next instruction */
	bool spoiled;
	enum sandbox_end end;
	struct error *error; /* of the call, filled by the message handler */
};

static size_t soft_limit(const struct sandbox *sandbox)
{
	return sandbox->base + sandbox->limits.memory;
}

static size_t hard_limit(const struct sandbox *sandbox)
{
	return sandbox->base + sandbox->limits.memory * HARD_FACTOR;
}

struct sandbox *sandbox_of(lua_State *lua)
{
	return *(struct sandbox **)lua_getextraspace(lua);
}

void sandbox_set_host(struct sandbox *sandbox, void *host)
{
	sandbox->host = host;
}

void *sandbox_host(lua_State *lua)
{
	return sandbox_of(lua)->host;
}

lua_State *sandbox_lua(struct sandbox *sandbox)
{
	return sandbox->lua;
}

/* ---- budgets ---- */

static void on_count(lua_State *lua, lua_Debug *ar);

static void set_hook(struct sandbox *sandbox, int every)
{
	lua_sethook(sandbox->lua, on_count, every ? LUA_MASKCOUNT : 0, every);
}

static int ordinary_hook(const struct sandbox *sandbox)
{
	return sandbox->limits.uncounted || sandbox->straight ? 0 : HOOK_EVERY;
}

void sandbox_count(struct sandbox *sandbox, bool on)
{
	if (sandbox->straight == !on)
		return;
	sandbox->straight = !on;
	set_hook(sandbox, ordinary_hook(sandbox));
}

static void stop(lua_State *lua, enum sandbox_end end)
{
	struct sandbox *sandbox = sandbox_of(lua);
	sandbox->end = end;
	switch (end) {
	case SANDBOX_TOO_LONG:
		luaL_error(lua, "ran longer than a script may (%d instructions)", (int)sandbox->limits.instructions);
		break;
	case SANDBOX_TOO_BIG:
		luaL_error(lua, "used more memory than a script may (%d kB)", (int)(sandbox->limits.memory / 1024));
		break;
	default: luaL_error(lua, "took longer than a script may (%d ms)", (int)(sandbox->limits.deadline / 1000));
	}
}

static void check_memory(lua_State *lua, struct sandbox *sandbox)
{
	if (sandbox->used <= soft_limit(sandbox))
		return;
	sandbox->left -= (int64_t)(sandbox->used / BYTES_A_CHARGE);
	lua_gc(lua, LUA_GCCOLLECT);
	if (sandbox->used > soft_limit(sandbox))
		stop(lua, SANDBOX_TOO_BIG);
}

/* The time of a call is taken when it is first looked at, after at most HOOK_EVERY instructions: most calls are over by
 * then, and reading the clock would cost them more than they do. */
static void check_deadline(lua_State *lua, struct sandbox *sandbox)
{
	if (!sandbox->now)
		return;
	mono_t now = sandbox->now();
	if (!sandbox->until)
		sandbox->until = now + sandbox->limits.deadline;
	else if (now > sandbox->until)
		stop(lua, SANDBOX_TOO_LATE);
}

static void check_all(lua_State *lua, struct sandbox *sandbox)
{
	check_memory(lua, sandbox);
	if (sandbox->left < 0)
		stop(lua, SANDBOX_TOO_LONG);
	check_deadline(lua, sandbox);
}

static void on_count(lua_State *lua, lua_Debug *ar)
{
	(void)ar;
	struct sandbox *sandbox = sandbox_of(lua);
	if (sandbox->over) {
		sandbox->over = false;
		set_hook(sandbox, ordinary_hook(sandbox));
	} else {
		sandbox->left -= HOOK_EVERY;
	}
	if (sandbox->depth)
		check_all(lua, sandbox);
}

void sandbox_charge(lua_State *lua, size_t work)
{
	struct sandbox *sandbox = sandbox_of(lua);
	sandbox->left -= work > INT32_MAX ? INT32_MAX : (int64_t)work;
	if (sandbox->depth && (sandbox->left < 0 || work >= HOOK_EVERY))
		check_all(lua, sandbox);
}

/* One instruction may make a text of a megabyte ("..") or move a large table: its size counts as instructions. */
static void charge_large(struct sandbox *sandbox, size_t grown)
{
	if (grown >= LARGE && !sandbox->limits.uncounted)
		sandbox->left -= (int64_t)(grown / LARGE_BYTES_A_CHARGE);
}

static void *allocate(void *arg, void *p, size_t old, size_t size)
{
	struct sandbox *sandbox = arg;
	if (!p)
		old = 0; /* Lua tells the kind of object here */
	if (size > old && sandbox->depth) {
		if (size - old > hard_limit(sandbox) || sandbox->used + (size - old) > hard_limit(sandbox)) {
			sandbox->spoiled = true;
			sandbox->end = SANDBOX_TOO_BIG;
			return NULL;
		}
		if (sandbox->used + (size - old) > soft_limit(sandbox) && !sandbox->over && sandbox->lua) {
			sandbox->over = true;
			set_hook(sandbox, 1);
		}
		charge_large(sandbox, size - old);
	}
	sandbox->used += size - old;
	if (!size) {
		free(p);
		return NULL;
	}
	return mem_resize(p, size, 1);
}

/* ---- life ---- */

void sandbox_set_limits(struct sandbox *sandbox, const struct sandbox_limits *limits)
{
	sandbox->limits = limits ? *limits : (struct sandbox_limits){0};
	if (!sandbox->limits.instructions)
		sandbox->limits.instructions = SANDBOX_INSTRUCTIONS;
	if (!sandbox->limits.memory)
		sandbox->limits.memory = SANDBOX_MEMORY;
	if (!sandbox->limits.deadline)
		sandbox->limits.deadline = SANDBOX_DEADLINE;
	if (sandbox->lua)
		set_hook(sandbox, ordinary_hook(sandbox));
}

static int on_panic(lua_State *lua)
{
	fprintf(stderr, "fatal sandbox.panic message=\"%s\"\n", lua_tostring(lua, -1));
	abort();
}

struct sandbox *sandbox_new(const struct sandbox_limits *limits, mono_t (*now)(void))
{
	struct sandbox *sandbox = mem_alloc(sizeof *sandbox);
	sandbox_set_limits(sandbox, limits);
	sandbox->now = now;
	lua_State *lua = lua_newstate(allocate, sandbox);
	if (!lua)
		abort();
	lua_atpanic(lua, on_panic);
	*(struct sandbox **)lua_getextraspace(lua) = sandbox;
	sandbox->lua = lua;
	sandbox_build_env(lua);
	set_hook(sandbox, ordinary_hook(sandbox));
	sandbox_settle(sandbox);
	return sandbox;
}

void sandbox_free(struct sandbox *sandbox)
{
	if (!sandbox)
		return;
	lua_close(sandbox->lua);
	free(sandbox);
}

void sandbox_settle(struct sandbox *sandbox)
{
	lua_gc(sandbox->lua, LUA_GCCOLLECT);
	sandbox->base = sandbox->used;
}

size_t sandbox_memory(const struct sandbox *sandbox)
{
	return sandbox->used;
}

bool sandbox_spoiled(const struct sandbox *sandbox)
{
	return sandbox->spoiled;
}

enum sandbox_end sandbox_ended(const struct sandbox *sandbox)
{
	return sandbox->end;
}

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
			  sandbox->limits.memory * HARD_FACTOR / 1024);
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

static void arm(struct sandbox *sandbox)
{
	sandbox->left = sandbox->limits.instructions;
	sandbox->until = 0;
	sandbox->end = SANDBOX_DONE;
}

int sandbox_call(struct sandbox *sandbox, int nargs, int nresults, struct error *error)
{
	lua_State *lua = sandbox->lua;
	struct error unread = {0}, *outer = sandbox->error;
	int handler = lua_gettop(lua) - nargs;
	lua_pushcfunction(lua, on_error);
	lua_insert(lua, handler);
	if (!sandbox->depth)
		arm(sandbox);
	sandbox->error = error ? error : &unread;
	sandbox->depth++;
	int status = lua_pcall(lua, nargs, nresults, handler);
	sandbox->depth--;
	sandbox->error = outer;
	lua_remove(lua, handler);
	if (status == LUA_OK)
		return 0;
	call_failed(sandbox, status, error ? error : &unread);
	return -1;
}
