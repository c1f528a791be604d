/* Between the files of the sandbox only. */
#ifndef NURTURE_PLAYBOOK_SANDBOX_PARTS_H
#define NURTURE_PLAYBOOK_SANDBOX_PARTS_H

#include "playbook/sandbox.h"

#include <lauxlib.h>

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
