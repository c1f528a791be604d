/* From a Lua table to details: parts in their order, properties by name, so that the same file always reads the same.
 * Functions go into the state's registry and get a handle; a phrase that stands here is placed. */
#include "playbook/script_parts.h"

#include <math.h>
#include <stdlib.h>

enum { DEEPEST = 12, DEEPEST_PHRASE = 60, ENTRIES_MOST = 80000, CHARGE = 16 };

/* Registers the function on top of the stack and pops it. Handles are given in the order in which files run, which is
 * fixed, so running them again (after a spoiled state) gives the same ones. */
static int take_function(lua_State *lua)
{
	struct scripts *scripts = script_of(lua);
	size_t handle = scripts->functions_seen++;
	lua_Debug ar;
	lua_pushvalue(lua, -1);
	lua_getinfo(lua, ">Su", &ar);
	if (handle == scripts->function_count) {
		struct script_function *entry = arena_push(scripts->arena, &scripts->functions, scripts->function_count,
							   &scripts->function_room, sizeof *entry);
		*entry = (struct script_function){.at = {scripts->current, ar.linedefined},
						  .last_line = ar.lastlinedefined,
						  .wants_event = ar.nparams > 1 || ar.isvararg,
						  .owner = ""};
		entry->pace = script_is_straight(lua, scripts, entry) ? SANDBOX_STRAIGHT : SANDBOX_QUICK;
		scripts->function_count++;
	}
	scripts->functions[handle].ref = luaL_ref(lua, LUA_REGISTRYINDEX);
	return (int)handle;
}

static void read_text(lua_State *lua, struct detail *out)
{
	size_t n = 0;
	const char *p = lua_tolstring(lua, -1, &n);
	out->kind = DETAIL_TEXT;
	out->text = arena_str(script_of(lua)->arena, (struct str){p, n});
	if (!str_is_text(out->text)) {
		script_problem(lua, "a text here has control characters or is not UTF-8.");
		out->kind = DETAIL_BROKEN;
	}
}

static void read_userdata(lua_State *lua, struct detail *out)
{
	struct phrase *phrase = script_phrase(lua, -1);
	const struct word *word = script_word(lua, -1);
	if (phrase && phrase->open) {
		script_problem(lua, "%s cannot stand in its own braces.", phrase->word->name);
	} else if (phrase && !phrase_is_broken(phrase)) {
		phrase->placed = true;
		*out = (struct detail){.key = out->key, .kind = DETAIL_PHRASE, .phrase = phrase};
	} else if (word) {
		*out = (struct detail){.key = out->key, .kind = DETAIL_WORD, .word = word};
	}
}

bool script_is_number(lua_State *lua, double number)
{
	if (isfinite(number))
		return true;
	script_problem(lua, "a number here is %s, which is no number to count with.", isnan(number) ? "0/0" : "endless");
	return false;
}

/* The value on top of the stack, which stays there. */
static void read_value(lua_State *lua, struct detail *out, int depth)
{
	out->kind = DETAIL_BROKEN;
	switch (lua_type(lua, -1)) {
	case LUA_TSTRING: read_text(lua, out); break;
	case LUA_TNUMBER:
		out->number = lua_tonumber(lua, -1);
		out->kind = script_is_number(lua, out->number) ? DETAIL_NUMBER : DETAIL_BROKEN;
		break;
	case LUA_TBOOLEAN:
		out->kind = DETAIL_YES;
		out->yes = lua_toboolean(lua, -1);
		break;
	case LUA_TTABLE:
		out->kind = DETAIL_TABLE;
		out->table = arena_alloc(script_of(lua)->arena, sizeof *out->table);
		script_read_details(lua, lua_gettop(lua), out->table, depth + 1);
		break;
	case LUA_TFUNCTION:
		if (lua_iscfunction(lua, -1)) {
			script_problem(lua, "a function of Lua's own stands here, which means nothing.");
			break;
		}
		out->kind = DETAIL_FUNCTION;
		lua_pushvalue(lua, -1);
		out->function = take_function(lua);
		break;
	case LUA_TUSERDATA: read_userdata(lua, out); break;
	default: script_problem(lua, "nothing (nil) stands here."); break;
	}
}

static int by_key(const void *a, const void *b)
{
	return strcmp(((const struct detail *)a)->key, ((const struct detail *)b)->key);
}

static bool count_entries(lua_State *lua, int index, size_t *parts, size_t *properties)
{
	*parts = lua_rawlen(lua, index);
	*properties = 0;
	for (lua_pushnil(lua); lua_next(lua, index); lua_pop(lua, 1)) {
		if (lua_type(lua, -2) == LUA_TSTRING)
			++*properties;
		else if (!lua_isinteger(lua, -2) || lua_tointeger(lua, -2) < 1 || lua_tointeger(lua, -2) > (lua_Integer)*parts)
			script_problem(lua, "left of = stands a name, nothing else.");
	}
	return *parts + *properties <= ENTRIES_MOST;
}

static void read_properties(lua_State *lua, int index, struct details *out, int depth)
{
	struct arena *arena = script_of(lua)->arena;
	const char **keys = arena_array(arena, out->property_count + 1, sizeof *keys);
	size_t n = 0;
	for (lua_pushnil(lua); lua_next(lua, index); lua_pop(lua, 1))
		if (lua_type(lua, -2) == LUA_TSTRING)
			keys[n++] = lua_tostring(lua, -2); /* stays in the table */
	out->properties = arena_array(arena, n + 1, sizeof *out->properties);
	for (size_t i = 0; i < n; i++)
		out->properties[i].key = keys[i];
	qsort(out->properties, n, sizeof *out->properties, by_key); /* functions get their handles in this order, too */
	for (size_t i = 0; i < n; i++) {
		lua_getfield(lua, index, out->properties[i].key);
		out->properties[i].key = arena_dup(arena, out->properties[i].key);
		read_value(lua, &out->properties[i], depth);
		lua_pop(lua, 1);
	}
}

static void measure(struct details *out, const struct detail *d)
{
	const struct details *inside = d->kind == DETAIL_PHRASE  ? &d->phrase->details
				       : d->kind == DETAIL_TABLE ? d->table
								 : NULL;
	size_t depth = inside ? inside->depth + 1 : 1;
	out->depth = depth > out->depth ? depth : out->depth;
	out->size += inside ? inside->size + 1 : 1;
}

/* One phrase may stand in many places, so what looks small can be endless to walk. */
static void check_measure(lua_State *lua, struct details *out)
{
	for (size_t i = 0; i < out->part_count; i++)
		measure(out, &out->parts[i]);
	for (size_t i = 0; i < out->property_count; i++)
		measure(out, &out->properties[i]);
	if (out->depth <= DEEPEST_PHRASE && out->size <= ENTRIES_MOST)
		return;
	script_problem(lua, out->depth > DEEPEST_PHRASE ? "these braces are nested too deep."
							: "there is too much in these braces: more than 80,000 words and values. Make several of it.");
	*out = (struct details){0};
}

void script_read_details(lua_State *lua, int index, struct details *out, int depth)
{
	struct arena *arena = script_of(lua)->arena;
	luaL_checkstack(lua, 10, "too deep");
	*out = (struct details){0};
	if (depth > DEEPEST || !count_entries(lua, index, &out->part_count, &out->property_count)) {
		script_problem(lua, depth > DEEPEST ? "these braces are nested too deep."
						    : "there is too much in these braces: more than 80,000 words and values. Make several of it.");
		*out = (struct details){0};
		return;
	}
	sandbox_charge(lua, CHARGE * (out->part_count + out->property_count));
	out->parts = arena_array(arena, out->part_count + 1, sizeof *out->parts);
	for (size_t i = 0; i < out->part_count; i++) {
		lua_rawgeti(lua, index, (lua_Integer)i + 1);
		read_value(lua, &out->parts[i], depth);
		lua_pop(lua, 1);
	}
	read_properties(lua, index, out, depth);
	check_measure(lua, out);
}
