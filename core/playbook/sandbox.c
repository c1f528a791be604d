/* The sandbox's state and its budgets. The room's loaders and callers make one for each revision; nobody else creates a
 * lua_State for marketing's code.
 *
 * What always holds: the allocator refuses only inside a call, so host code outside never meets a Lua error.
 *
 *   soft memory limit passed → the next instruction runs the hook → garbage is collected → still too much: error
 *   hard memory limit passed → the allocation fails → error, and the state is spoiled
 *
 * Instructions. Lua counts them by a hook, and looks up at every one of them while there is a hook, which doubles the time of a loop.
 * So a call may also go *quickly*, without one, and what the hook did is done by two others:
 *
 *   that it ends    the bell (base/bell.h): after some milliseconds its signal handler sets a hook on the next instruction, as Lua's own
 *                   lua.c does for Ctrl-C (manual, lua_sethook; its fields are made for that), and that ends the call.
 *   what is said    must be the same on every machine and in every simulation: within so many instructions yes, past them no. No
 *                   machine runs an instruction of Lua's in half a tick (it takes some ten of the processor's, several cycles of it, and
 *                   ticks are at most some times slower than cycles). So a call that was over within n/2 ticks ran fewer than n
 *                   instructions, and its outcome stands as if it had been counted. With any longer one nothing is known:
 *                   SANDBOX_UNSURE, and who called does it again, counted. The time decides what a call costs, never what it says. */
#include "playbook/sandbox_parts.h"

#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>

enum { HOOK_EVERY = 1000, BYTES_A_CHARGE = 1024, LARGE = 65536, LARGE_BYTES_A_CHARGE = 64 };

static size_t soft_limit(const struct sandbox *sandbox)
{
	return sandbox->base + sandbox->limits.memory;
}

static size_t hard_limit(const struct sandbox *sandbox)
{
	return sandbox->base + sandbox->limits.memory * SANDBOX_HARD_FACTOR;
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
	return sandbox->limits.uncounted || sandbox->pace != SANDBOX_COUNTED ? 0 : HOOK_EVERY;
}

void sandbox_set_bell(struct sandbox *sandbox, const struct bell *bell)
{
	sandbox->bell = bell;
}

void sandbox_set_pace(struct sandbox *sandbox, enum sandbox_pace pace)
{
	if (sandbox->pace == pace)
		return;
	sandbox->pace = pace;
	set_hook(sandbox, ordinary_hook(sandbox));
}

void sandbox_arm(struct sandbox *sandbox)
{
	if (sandbox->over || ordinary_hook(sandbox)) /* from the first instruction, so that it does not hang on the call before */
		set_hook(sandbox, ordinary_hook(sandbox));
	sandbox->over = false;
	sandbox->rang = 0;
	sandbox->left = sandbox->limits.instructions;
	sandbox->until = 0;
	sandbox->end = SANDBOX_DONE;
}

/* In a signal handler. */
static void on_bell(void *arg)
{
	struct sandbox *sandbox = arg;
	sandbox->rang = 1;
	set_hook(sandbox, 1);
}

uint64_t sandbox_quick_start(struct sandbox *sandbox)
{
	if (sandbox->pace != SANDBOX_QUICK)
		return 0;
	uint64_t began = sandbox->bell ? sandbox->bell->start(on_bell, sandbox) : 0;
	if (!began)
		sandbox_set_pace(sandbox, SANDBOX_COUNTED);
	return began;
}

bool sandbox_quick_end(struct sandbox *sandbox, uint64_t began)
{
	uint64_t most = (uint64_t)sandbox->limits.instructions / 2;
	bool sure = sandbox->bell->stop() - began < most && sandbox->left >= (int64_t)most && !sandbox->rang;
	if (sandbox->rang)
		set_hook(sandbox, 0);
	return sure;
}

static void stop(lua_State *lua, enum sandbox_end end)
{
	struct sandbox *sandbox = sandbox_of(lua);
	sandbox->end = end;
	switch (end) {
	case SANDBOX_TOO_LONG:
		luaL_error(lua, "ran longer than a script may (%d instructions)", (int)sandbox->limits.instructions);
		break;
	case SANDBOX_UNSURE: luaL_error(lua, "has to be counted"); break;
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
	if (sandbox->rang && sandbox->depth)
		stop(lua, SANDBOX_UNSURE);
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
