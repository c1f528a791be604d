/* Between the files of the sandbox only. */
#ifndef NURTURE_PLAYBOOK_SANDBOX_PARTS_H
#define NURTURE_PLAYBOOK_SANDBOX_PARTS_H

#include "playbook/sandbox.h"

#include <lauxlib.h>
#include <signal.h>

/* Private to sandbox.c and sandbox_call.c. */
struct sandbox {
	lua_State *lua;
	struct sandbox_limits limits;
	mono_t (*now)(void);
	const struct bell *bell; /* NULL = none: all is counted */
	void *host;
	int64_t left; /* instructions of this call */
	mono_t until; /* 0 = not looked at yet */
	size_t used, base;
	int depth; /* calls inside calls */
	enum sandbox_pace pace;
	volatile sig_atomic_t rang; /* the bell rang in this call, and set the hook to the next instruction */
	bool over;                  /* the soft limit was passed and the hook is set to the next instruction */
	bool spoiled;
	enum sandbox_end end;
	struct error *error; /* of the call, filled by the message handler */
};

enum { SANDBOX_HARD_FACTOR = 4 };
/* sandbox.c: fresh budgets; whether a call may go uncounted under the bell, since when (ticks), and whether it is known afterwards
 * that it kept to its instructions. */
void sandbox_arm(struct sandbox *sandbox);
uint64_t sandbox_quick_start(struct sandbox *sandbox);
bool sandbox_quick_end(struct sandbox *sandbox, uint64_t began);

extern const luaL_Reg sandbox_base_functions[];   /* sandbox_base.c */
extern const luaL_Reg sandbox_string_functions[]; /* sandbox_string.c */
extern const luaL_Reg sandbox_table_functions[];  /* sandbox_table.c */

int sandbox_format(lua_State *lua); /* sandbox_format.c: string.format */

/* Fills the state's globals and string metatable from the allow list. Runs before any script. */
void sandbox_build_env(lua_State *lua);
/* Argument as text (numbers are not text); raises. */
struct str sandbox_check_text(lua_State *lua, int arg);
void sandbox_push_str(lua_State *lua, struct str s);

#endif
