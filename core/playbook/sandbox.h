/* The sandbox: one Lua state for each playbook revision and worker, built from an allow list (STYLE, Lua).
 *
 * Scripts have type, tostring, tonumber, select, ipairs, pairs (in a fixed order), error, assert, `math` and our own
 * bounded `string` and `table`; no io, os, debug, load, pcall, coroutine, metatables or Lua patterns, no time and no
 * random numbers. A name that nobody declared is an error. Every call has budgets: instructions (C functions charge the
 * same counter), memory and a deadline. What the host puts into the state must never hand scripts a way to catch errors
 * or to set a metatable, and never uses weak tables: an allocator that refuses corrupts them in Lua 5.4.4. */
#ifndef NURTURE_PLAYBOOK_SANDBOX_H
#define NURTURE_PLAYBOOK_SANDBOX_H

#include "base/bell.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/str.h"

#include <lua.h>

struct sandbox;

enum { SANDBOX_INSTRUCTIONS = 100000, SANDBOX_MEMORY = 8 * 1024 * 1024, SANDBOX_DEADLINE = 1000000 };
struct sandbox_limits {
	int64_t instructions; /* for each call; 0 = SANDBOX_INSTRUCTIONS */
	size_t memory;    /* bytes above the base of sandbox_settle; 0 = SANDBOX_MEMORY. Four times as much is the hard
			     limit */
	int64_t deadline; /* microseconds of machine time for each call; 0 = SANDBOX_DEADLINE */
	bool uncounted;   /* no count hook: for code that we made ourselves, whose every loop calls sandbox_charge */
};

/* Why the last call ended. */
enum sandbox_end { SANDBOX_DONE, SANDBOX_FAILED, SANDBOX_TOO_LONG, SANDBOX_TOO_BIG, SANDBOX_TOO_LATE, SANDBOX_UNSURE };

/* How a call is kept to its instructions. */
enum sandbox_pace {
	SANDBOX_COUNTED,
	SANDBOX_STRAIGHT, /* not at all: for what cannot go round (no loop, no function of Lua's within reach), and is over by itself */
	SANDBOX_QUICK,    /* by time alone. One that takes longer than surely all machines take for its instructions ends with -1 and
			     SANDBOX_UNSURE, and is to be called again, counted: nothing is known of it, its error least of all */
};

/* `now` gives machine time (base's mono_now; this room reads no clock); NULL = no deadline. limits NULL = all defaults.
 */
struct sandbox *sandbox_new(const struct sandbox_limits *limits, mono_t (*now)(void)) MUST_USE;
void sandbox_free(struct sandbox *sandbox); /* takes NULL */
lua_State *sandbox_lua(struct sandbox *sandbox);
struct sandbox *sandbox_of(lua_State *lua);
/* A pointer of the host, for its C functions: what the running call is about. */
void sandbox_set_host(struct sandbox *sandbox, void *host);
void *sandbox_host(lua_State *lua);
/* For all calls from now on: loading may take more than a rule. */
void sandbox_set_limits(struct sandbox *sandbox, const struct sandbox_limits *limits);
/* For all calls from now on. With the count hook Lua looks up at every instruction, which doubles the time of a loop. Memory, charges and
 * their budget hold with any pace. SANDBOX_QUICK needs a bell (none: it counts). */
void sandbox_set_pace(struct sandbox *sandbox, enum sandbox_pace pace);
void sandbox_set_bell(struct sandbox *sandbox, const struct bell *bell); /* NULL = none */
/* Collects garbage and takes what is left as the base that memory limits count from. Call it once everything is loaded.
 */
void sandbox_settle(struct sandbox *sandbox);

/* Pops the value on top of the stack and makes it a global word of all chunks of the shared environment. */
void sandbox_declare(struct sandbox *sandbox, const char *name);
/* Pushes a new environment: a copy of the shared one at this moment, as strict; lua_rawset adds words to it. */
void sandbox_push_env(struct sandbox *sandbox);
/* Compiles text (never bytecode) and pushes the function. name is the file, as errors show it. env = stack index of an
 * environment, 0 = the shared one. -1: nothing is pushed, where = file:line, message = Lua's own words without the
 * place. */
int sandbox_load(struct sandbox *sandbox, const char *name, struct str text, int env, struct error *error) MUST_USE;

/* Calls what lua_call would call, with fresh budgets. -1: error with where = file:line (the innermost line of Lua
 * code), code ERROR_LIMIT when a budget ended it; function and arguments are popped and nothing is pushed. Inside
 * another call of the same sandbox (from a C function that a script called) it goes on with that one's budgets, and
 * does not return when they are spent: the outer call ends. */
int sandbox_call(struct sandbox *sandbox, int nargs, int nresults, struct error *error) MUST_USE;
enum sandbox_end sandbox_ended(const struct sandbox *sandbox);
/* The state hit its hard memory limit, or still holds half of its memory after a call that asked for too much: free it
 * and build a new one before the next call. */
bool sandbox_spoiled(const struct sandbox *sandbox);
size_t sandbox_memory(const struct sandbox *sandbox); /* bytes in use now */

/* For C functions called by scripts: counts `work` instructions more; raises a Lua error when the budget is spent.
 * Charge before the work, about 1 for 16 bytes copied or for one element touched. */
void sandbox_charge(lua_State *lua, size_t work);

/* A result, read strictly: a finite number; -1 with a message when the value at index is anything else. Nothing is
 * converted. */
int sandbox_read_number(lua_State *lua, int index, double *out, struct error *error) MUST_USE;

#endif
