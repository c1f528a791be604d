/* The words of the playbook as values of Lua. A word and a phrase are userdata whose metatables only we set; a mistake
 * is told and answered with a "broken" value that swallows whatever is done with it, so that one slip is one message
 * and the rest of the file is read too. Called by Lua while a file runs; inside a function of marketing's, call.c
 * answers instead. */
#include "playbook/script_parts.h"

static const char word_key, phrase_key;
static const struct word broken_word = {.name = "?"};

/* ---- userdata ---- */

static void *of_kind(lua_State *lua, int index, const char *key)
{
	void **p = lua_type(lua, index) == LUA_TUSERDATA ? lua_touserdata(lua, index) : NULL;
	if (!p || !lua_getmetatable(lua, index))
		return NULL;
	lua_rawgetp(lua, LUA_REGISTRYINDEX, key);
	bool same = lua_rawequal(lua, -1, -2);
	lua_pop(lua, 2);
	return same ? *p : NULL;
}

struct phrase *script_phrase(lua_State *lua, int index)
{
	return of_kind(lua, index, &phrase_key);
}

const struct word *script_word(lua_State *lua, int index)
{
	return of_kind(lua, index, &word_key);
}

static void push_pointer(lua_State *lua, const void *p, const char *key)
{
	const void **box = lua_newuserdatauv(lua, sizeof *box, 0);
	*box = p;
	lua_rawgetp(lua, LUA_REGISTRYINDEX, key);
	lua_setmetatable(lua, -2);
}

bool phrase_is_broken(const struct phrase *phrase)
{
	return phrase->word == &broken_word;
}

void script_push_broken(lua_State *lua)
{
	struct scripts *scripts = script_of(lua);
	struct phrase *phrase = arena_alloc(scripts->arena, sizeof *phrase);
	phrase->word = &broken_word;
	push_pointer(lua, phrase, &phrase_key);
}

static struct phrase *push_phrase(lua_State *lua, const struct word *word)
{
	struct scripts *scripts = script_of(lua);
	struct phrase *phrase = arena_alloc(scripts->arena, sizeof *phrase);
	*phrase = (struct phrase){.word = word, .at = script_place(lua, scripts)};
	struct phrase **entry = arena_push(scripts->arena, &scripts->phrases, scripts->phrase_count,
					   &scripts->phrase_room, sizeof(struct phrase *));
	*entry = phrase;
	scripts->phrase_count++;
	push_pointer(lua, phrase, &phrase_key);
	return phrase;
}

/* ---- words are called ---- */

static int refuse_form(lua_State *lua, const struct word *word)
{
	const char *n = word->name;
	unsigned f = word->forms;
	script_of(lua)->about = n;
	if (f & FORM_BARE)
		script_problem(lua, "%s stands alone, without a name or braces: phone = %s.", n, n);
	else if (f & FORM_TEXTS)
		script_problem(lua, "%s takes a length of time and a date: %s(\"1 day\", \"meeting_day\").", n, n);
	else if (f & FORM_NUMBERS)
		script_problem(lua, "%s takes two numbers: %s(10, 20).", n, n);
	else if (f & FORM_NUMBER)
		script_problem(lua, "%s takes a number: %s(3).", n, n);
	else if (!(f & FORM_NAME) && (f & FORM_BRACES))
		script_problem(lua, "%s takes braces: %s { … }.", n, n);
	else if (f & FORM_BRACES)
		script_problem(lua, "%s takes a name or braces: %s \"name\".", n, n);
	else
		script_problem(lua, "%s needs a name: %s \"name\"%s.", n, n, f & FORM_DETAILS ? " { … }" : "");
	script_push_broken(lua);
	return 1;
}

static int call_with_texts(lua_State *lua, const struct word *word)
{
	struct scripts *scripts = script_of(lua);
	struct str texts[2] = {{NULL, 0}, {NULL, 0}};
	if (lua_gettop(lua) != 3 || lua_type(lua, 3) != LUA_TSTRING)
		return refuse_form(lua, word);
	for (int i = 0; i < 2; i++) {
		texts[i].p = lua_tolstring(lua, i + 2, &texts[i].n);
		if (texts[i].n == 0 || texts[i].n > 200 || !str_is_text(texts[i]))
			return refuse_form(lua, word);
	}
	struct phrase *phrase = push_phrase(lua, word);
	phrase->name = arena_dup_n(scripts->arena, texts[0].p, texts[0].n);
	phrase->second = arena_dup_n(scripts->arena, texts[1].p, texts[1].n);
	return 1;
}

static int call_with_name(lua_State *lua, const struct word *word)
{
	struct scripts *scripts = script_of(lua);
	size_t n = 0;
	const char *name = lua_tolstring(lua, 2, &n);
	if (word->forms & FORM_TEXTS)
		return call_with_texts(lua, word);
	if (!(word->forms & (FORM_NAME | FORM_DETAILS)))
		return refuse_form(lua, word);
	if (n == 0) {
		script_problem(lua, "the name after %s is empty.", word->name);
		script_push_broken(lua);
		return 1;
	}
	if (!str_is_text((struct str){name, n}) || n > 200) {
		script_problem(lua, "the name after %s is no text of at most 200 bytes.", word->name);
		script_push_broken(lua);
		return 1;
	}
	struct phrase *phrase = push_phrase(lua, word);
	phrase->name = arena_dup_n(scripts->arena, name, n);
	return 1;
}

static int call_with_numbers(lua_State *lua, const struct word *word)
{
	size_t wanted = word->forms & FORM_NUMBERS ? 2 : 1;
	size_t given = (size_t)lua_gettop(lua) - 1;
	if (word->forms & FORM_NAME && (word->roles & ROLE_TIMING)) {
		script_of(lua)->about = word->name;
		script_problem(lua, "%g what? Write a unit: \"%g days\".", lua_tonumber(lua, 2), lua_tonumber(lua, 2));
		script_push_broken(lua);
		return 1;
	}
	bool numbers = lua_type(lua, 2) == LUA_TNUMBER && (given < 2 || lua_type(lua, 3) == LUA_TNUMBER);
	for (size_t i = 0; numbers && i < given && i < wanted; i++) {
		if (script_is_number(lua, lua_tonumber(lua, (int)i + 2)))
			continue;
		script_push_broken(lua);
		return 1;
	}
	if (!(word->forms & (FORM_NUMBER | FORM_NUMBERS)) || given != wanted || !numbers)
		return refuse_form(lua, word);
	struct phrase *phrase = push_phrase(lua, word);
	for (size_t i = 0; i < given; i++)
		phrase->numbers[i] = lua_tonumber(lua, (int)i + 2);
	phrase->number_count = given;
	return 1;
}

static int call_with_braces(lua_State *lua, const struct word *word)
{
	if (!(word->forms & FORM_BRACES))
		return refuse_form(lua, word);
	struct phrase *phrase = push_phrase(lua, word);
	phrase->braced = true;
	script_read_details(lua, 2, &phrase->details, 0);
	return 1;
}

/* Reads braces after something broken, so that what stands in them is not told to be used nowhere. */
static void swallow(lua_State *lua)
{
	struct details details;
	if (lua_type(lua, 2) == LUA_TTABLE)
		script_read_details(lua, 2, &details, 0);
}

static int word_call(lua_State *lua)
{
	const struct word *word = script_word(lua, 1);
	if (script_of(lua)->calling)
		return script_answer(lua, word);
	struct phrase *given = script_phrase(lua, 2);
	if (given && phrase_is_broken(given)) {
		script_push_broken(lua);
		return 1;
	}
	switch (lua_type(lua, 2)) {
	case LUA_TSTRING: return call_with_name(lua, word);
	case LUA_TNUMBER: return call_with_numbers(lua, word);
	case LUA_TTABLE: return call_with_braces(lua, word);
	default: return refuse_form(lua, word);
	}
}

/* Inside a function of marketing's nothing is declared any more. */
static int refuse_in_call(lua_State *lua)
{
	return luaL_error(lua, "a phrase of the playbook cannot be used inside a function");
}

static int word_index(lua_State *lua)
{
	const struct word *word = script_word(lua, 1);
	if (script_of(lua)->calling)
		return refuse_in_call(lua);
	script_problem(lua, "%s is a word of the playbook: a name in quotes or braces follow it, not a dot.", word->name);
	script_push_broken(lua);
	return 1;
}

static int phrase_call(lua_State *lua)
{
	struct phrase *phrase = script_phrase(lua, 1);
	if (script_of(lua)->calling)
		return refuse_in_call(lua);
	lua_settop(lua, 2);
	if (phrase_is_broken(phrase)) {
		swallow(lua);
	} else if (lua_type(lua, 2) == LUA_TTABLE && !phrase->braced && !phrase->placed &&
		   (phrase->word->forms & FORM_DETAILS)) {
		phrase->braced = phrase->open = true;
		script_read_details(lua, 2, &phrase->details, 0);
		phrase->open = false;
	} else if (phrase->placed && !phrase->braced) {
		script_problem(lua, "%s gets its braces before it is used somewhere, not after.", phrase->word->name);
	} else if (phrase->braced || lua_type(lua, 2) == LUA_TSTRING) {
		script_problem(lua, "a comma is missing after %s%s%s%s.", phrase->word->name, phrase->name ? " \"" : "",
			       phrase->name ? phrase->name : "", phrase->name ? "\"" : "");
	} else if (lua_type(lua, 2) == LUA_TTABLE) {
		script_problem(lua, "%s \"%s\" takes no braces.", phrase->word->name, phrase->name ? phrase->name : "");
	} else {
		script_problem(lua, "after %s \"%s\" only braces can follow.", phrase->word->name,
			       phrase->name ? phrase->name : "");
	}
	lua_settop(lua, 1);
	return 1;
}

static int phrase_index(lua_State *lua)
{
	if (script_of(lua)->calling)
		return refuse_in_call(lua);
	if (!phrase_is_broken(script_phrase(lua, 1)))
		script_problem(lua, "a phrase of the playbook has nothing behind a dot. Was a comma missing?");
	script_push_broken(lua);
	return 1;
}

/* ---- names that nobody knows ---- */

static int unknown_global(lua_State *lua)
{
	size_t n = 0;
	const char *name = lua_type(lua, 2) == LUA_TSTRING ? lua_tolstring(lua, 2, &n) : "?";
	const char *near = vocabulary_nearest((struct str){name, n});
	if (script_of(lua)->calling)
		return luaL_error(lua, "\"%s\" is not known inside this function", name);
	script_of(lua)->about = name;
	if (strcmp(name, "yes") == 0 || strcmp(name, "no") == 0)
		script_problem(lua, "%s is written %s.", name, name[0] == 'y' ? "true" : "false");
	else if (vocabulary_is_property((struct str){name, n}))
		script_problem(lua, "\"%s\" stands left of =: %s = ….", name, name);
	else if (near)
		script_problem(
			lua,
			"\"%s\" is not a word of the playbook. Did you mean \"%s\"? If it is a name, put it in quotes.",
			name, near);
	else
		script_problem(lua, "\"%s\" is not a word of the playbook. If it is a name, put it in quotes.", name);
	script_push_broken(lua);
	return 1;
}

static bool is_known(lua_State *lua)
{
	lua_pushvalue(lua, 2);
	bool known = lua_rawget(lua, lua_upvalueindex(1)) != LUA_TNIL;
	lua_pop(lua, 1);
	return known;
}

/* The upvalue is the table of words. */
static int new_global(lua_State *lua)
{
	const char *name = lua_type(lua, 2) == LUA_TSTRING ? lua_tostring(lua, 2) : "?";
	struct phrase *phrase = script_phrase(lua, 3);
	if (script_of(lua)->calling)
		return luaL_error(lua, "%s = would change something outside of this function. Write local %s = …", name,
				  name);
	if (phrase)
		phrase->placed = true;
	if (is_known(lua))
		script_problem(lua, "%s is a word of the playbook and cannot be changed.", name);
	else if (lua_type(lua, 3) == LUA_TSTRING)
		script_problem(lua, "%s = \"%s\" stands outside every declaration. Was a } closed too early?", name,
			       lua_tostring(lua, 3));
	else if (lua_type(lua, 3) == LUA_TNUMBER)
		script_problem(lua, "%s = %.14g stands outside every declaration. Was a } closed too early?", name,
			       lua_tonumber(lua, 3));
	else if (phrase)
		script_problem(lua, "%s = %s … stands outside every declaration. Was a } closed too early?", name,
			       phrase->word->name);
	else
		script_problem(lua, "%s = … stands outside every declaration. Was a } closed too early?", name);
	return 0;
}

/* ---- the environment ---- */

static void make_metatable(lua_State *lua, const char *key, lua_CFunction call, lua_CFunction index)
{
	lua_createtable(lua, 0, 3);
	lua_pushcfunction(lua, call);
	lua_setfield(lua, -2, "__call");
	lua_pushcfunction(lua, index);
	lua_setfield(lua, -2, "__index");
	lua_rawsetp(lua, LUA_REGISTRYINDEX, key);
}

void script_push_env(struct scripts *scripts)
{
	lua_State *lua = sandbox_lua(scripts->sandbox);
	sandbox_push_env(scripts->sandbox);
	for (const struct word *word = vocabulary; word->name; word++) {
		lua_pushstring(lua, word->name);
		push_pointer(lua, word, &word_key);
		lua_rawset(lua, -3);
	}
	lua_createtable(lua, 0, 1);
	lua_pushcfunction(lua, unknown_global);
	lua_setfield(lua, -2, "__index");
	lua_setmetatable(lua, -2);
	lua_newtable(lua); /* stays empty, so that words that there are cannot be written either */
	lua_insert(lua, -2);
	lua_createtable(lua, 0, 2);
	lua_insert(lua, -2);
	lua_pushvalue(lua, -1);
	lua_pushcclosure(lua, new_global, 1);
	lua_setfield(lua, -3, "__newindex");
	lua_setfield(lua, -2, "__index");
	lua_setmetatable(lua, -2);
}

void script_open_words(lua_State *lua)
{
	make_metatable(lua, &word_key, word_call, word_index);
	make_metatable(lua, &phrase_key, phrase_call, phrase_index);
}
