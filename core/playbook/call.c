/* Functions that marketing wrote: turn calls them by handle. They see `lead` and `event` through read-only values that
 * ask the view of the call, and answer yes, no, a number, go "step", wait "3 days" or leave "why". Nothing they do
 * outlives the call. Lua's words about comparing nothing are translated to message 31, a spent budget to message 51. */
#include "playbook/script_parts.h"

#include "base/mem.h"
#include "playbook/private.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static const char lead_key, account_key, score_key, answer_key;

struct answer_box {
	enum script_answer answer;
	char text[256];
};

/* ---- what a function may look at ---- */

static void push_list(lua_State *lua, const struct value *v)
{
	sandbox_charge(lua, v->list.count);
	lua_createtable(lua, (int)v->list.count, 0);
	for (size_t i = 0; i < v->list.count; i++) {
		lua_pushlstring(lua, v->list.items[i].p, v->list.items[i].n);
		lua_rawseti(lua, -2, (lua_Integer)i + 1);
	}
}

static void push_value(lua_State *lua, const struct value *v)
{
	char text[MOMENT_TEXT];
	switch (v->type) {
	case VALUE_EMPTY: lua_pushnil(lua); break;
	case VALUE_TEXT: lua_pushlstring(lua, v->text.p, v->text.n); break;
	case VALUE_NUMBER:
		if (v->number == floor(v->number) && fabs(v->number) < 1e15)
			lua_pushinteger(lua, (lua_Integer)v->number);
		else
			lua_pushnumber(lua, v->number);
		break;
	case VALUE_YES_NO: lua_pushboolean(lua, v->yes); break;
	case VALUE_DATE: lua_pushstring(lua, moment_format(v->date, text)); break;
	case VALUE_LIST: push_list(lua, v); break;
	}
}

static struct str key_of(lua_State *lua)
{
	struct str key = {"", 0};
	if (lua_type(lua, 2) == LUA_TSTRING)
		key.p = lua_tolstring(lua, 2, &key.n);
	return key;
}

/* Field `key` of the lead or its account; remembers an empty one for message 31. */
static int push_field(lua_State *lua, struct scripts *scripts, struct str key, bool of_account)
{
	const struct schema *schema = &scripts->playbook->schema;
	const struct account *account = scripts->view->account;
	int slot = of_account ? schema_account_slot(schema, key) : schema_lead_slot(schema, key);
	static const struct value nothing;
	if (slot < 0)
		return luaL_error(lua, "there is no field \"%s\"", lua_tostring(lua, 2));
	const struct value *v = !of_account ? &scripts->view->lead->fields[slot]
				: account   ? &account->fields[slot]
					    : &nothing;
	if (v->type == VALUE_EMPTY) {
		snprintf(scripts->empty_field, sizeof scripts->empty_field, "%.*s", (int)key.n, key.p);
		scripts->empty_of_account = of_account;
	}
	push_value(lua, v);
	return 1;
}

static struct scripts *scripts_in_call(lua_State *lua)
{
	struct scripts *scripts = script_of(lua);
	if (!scripts->calling || !scripts->view)
		luaL_error(lua, "lead can be looked at only inside a function's own call");
	return scripts;
}

static int lead_index(lua_State *lua)
{
	struct scripts *scripts = scripts_in_call(lua);
	struct str key = key_of(lua);
	if (str_is(key, "id")) {
		lua_pushinteger(lua, scripts->view->lead->id);
		return 1;
	}
	if (str_is(key, "stage")) {
		lua_pushstring(lua, stage_name(scripts->view->lead->stage));
		return 1;
	}
	if (str_is(key, "score") || str_is(key, "account")) {
		lua_rawgetp(lua, LUA_REGISTRYINDEX, str_is(key, "score") ? &score_key : &account_key);
		return 1;
	}
	return push_field(lua, scripts, key, false);
}

static int account_index(lua_State *lua)
{
	return push_field(lua, scripts_in_call(lua), key_of(lua), true);
}

static int score_index(lua_State *lua)
{
	struct scripts *scripts = scripts_in_call(lua);
	int model = playbook_model(scripts->playbook, key_of(lua));
	if (model < 0 || !scripts->view->score)
		return luaL_error(lua, model < 0 ? "there is no model of this name" : "scores cannot be asked here");
	lua_pushinteger(lua, scripts->view->score(scripts->view->arg, model));
	return 1;
}

static int refuse_change(lua_State *lua)
{
	return luaL_error(lua, "a function cannot change a lead. In a step, write set { field = value }");
}

static void make_view(lua_State *lua, const char *key, lua_CFunction index)
{
	lua_newuserdatauv(lua, 1, 0);
	lua_createtable(lua, 0, 2);
	lua_pushcfunction(lua, index);
	lua_setfield(lua, -2, "__index");
	lua_pushcfunction(lua, refuse_change);
	lua_setfield(lua, -2, "__newindex");
	lua_setmetatable(lua, -2);
	lua_rawsetp(lua, LUA_REGISTRYINDEX, key);
}

void script_open_calls(lua_State *lua)
{
	make_view(lua, &lead_key, lead_index);
	make_view(lua, &account_key, account_index);
	make_view(lua, &score_key, score_index);
	lua_newtable(lua); /* only to know our own answers by */
	lua_rawsetp(lua, LUA_REGISTRYINDEX, &answer_key);
}

/* ---- what a function may answer ---- */

int script_answer(lua_State *lua, const struct word *word)
{
	static const struct {
		const char *word;
		enum script_answer answer;
	} answers[] = {{"go", SCRIPT_GO}, {"wait", SCRIPT_WAIT}, {"leave", SCRIPT_LEAVE}};
	for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
		if (strcmp(word->name, answers[i].word) != 0)
			continue;
		size_t n = 0;
		const char *text = lua_type(lua, 2) == LUA_TSTRING ? lua_tolstring(lua, 2, &n) : NULL;
		if (!text || n >= sizeof((struct answer_box *)0)->text || !str_is_text((struct str){text, n}))
			return luaL_error(lua, "%s takes a text in quotes", word->name);
		struct answer_box *box = lua_newuserdatauv(lua, sizeof *box, 0);
		*box = (struct answer_box){.answer = answers[i].answer};
		memcpy(box->text, text, n);
		lua_rawgetp(lua, LUA_REGISTRYINDEX, &answer_key);
		lua_setmetatable(lua, -2);
		return 1;
	}
	return luaL_error(lua, "\"%s\" cannot be used inside a function", word->name);
}

static const struct answer_box *answer_at(lua_State *lua, int index)
{
	if (lua_type(lua, index) != LUA_TUSERDATA || !lua_getmetatable(lua, index))
		return NULL;
	lua_rawgetp(lua, LUA_REGISTRYINDEX, &answer_key);
	bool same = lua_rawequal(lua, -1, -2);
	lua_pop(lua, 2);
	return same ? lua_touserdata(lua, index) : NULL;
}

static int read_answer(struct scripts *scripts, struct script_result *out, struct error *error)
{
	static struct answer_box kept; /* until the next call */
	lua_State *lua = sandbox_lua(scripts->sandbox);
	*out = (struct script_result){.answer = SCRIPT_NOTHING};
	if (lua_gettop(lua) == 0)
		return 0;
	if (lua_gettop(lua) > 1)
		return error_set(error, ERROR_INVALID, NULL, "the function returns %d things. It may return one.", lua_gettop(lua));
	const struct answer_box *box = answer_at(lua, -1);
	switch (lua_type(lua, -1)) {
	case LUA_TNIL: return 0;
	case LUA_TBOOLEAN: out->answer = lua_toboolean(lua, -1) ? SCRIPT_TRUE : SCRIPT_FALSE; return 0;
	case LUA_TNUMBER: out->answer = SCRIPT_NUMBER; return sandbox_read_number(lua, -1, &out->number, error);
	default: break;
	}
	if (!box)
		return error_set(
			error, ERROR_INVALID, NULL,
			"the function returns a %s. It may return yes or no, a number, go \"step\", wait \"3 days\" or leave \"why\".",
			luaL_typename(lua, -1));
	kept = *box;
	out->answer = kept.answer;
	out->name = kept.text;
	return kept.answer == SCRIPT_WAIT ? duration_parse(str_of(kept.text), &out->wait, error) : 0;
}

static void push_event(lua_State *lua, const struct event *event)
{
	if (!event) {
		lua_pushnil(lua);
		return;
	}
	lua_createtable(lua, 0, 3);
	lua_pushlstring(lua, event->verb.n ? event->verb.p : "", event->verb.n);
	lua_setfield(lua, -2, "verb");
	if (event->subject.n) {
		lua_pushlstring(lua, event->subject.p, event->subject.n);
		lua_setfield(lua, -2, "subject");
	}
	if (event->has_value) {
		lua_pushnumber(lua, event->value);
		lua_setfield(lua, -2, "value");
	}
}

/* ---- errors in marketing's words ---- */

/* The number that `lead.FIELD` is compared with on a line of a file; false when it is not plain to see. */
static bool find_comparison(const struct scripts *scripts, const char *where, struct str *op, struct str *number)
{
	const char *colon = strrchr(where, ':');
	int line = colon ? (int)strtol(colon + 1, NULL, 10) : 0;
	bool found = false;
	for (size_t f = 0; f < scripts->file_count && colon; f++) {
		const char *path = scripts->files[f].path;
		if (strlen(path) != (size_t)(colon - where) || strncmp(path, where, strlen(path)) != 0)
			continue;
		struct arena *arena = arena_new();
		struct lexed_file file = playbook_lex(scripts->files[f].bytes, arena);
		for (size_t i = 0; i + 2 < file.count; i++) {
			const struct lexed *t = &file.tokens[i];
			bool compares = lexed_is(&t[1], ">") || lexed_is(&t[1], "<") || lexed_is(&t[1], ">=") ||
					lexed_is(&t[1], "<=");
			if (t->line == line && str_is(t->text, scripts->empty_field) && compares &&
			    t[2].kind == TOKEN_NUMBER) {
				*op = t[1].text; /* both point into the file, not into the arena */
				*number = t[2].text;
				found = true;
			}
		}
		arena_free(arena);
	}
	return found;
}

/* Message 31. */
static void say_empty(const struct scripts *scripts, struct error *error)
{
	const char *field = scripts->empty_field, *who = scripts->empty_of_account ? "account" : "lead";
	const char *path = scripts->empty_of_account ? "lead.account" : "lead";
	long long id = (long long)scripts->view->lead->id;
	struct str op, number;
	char where[sizeof error->where];
	memcpy(where, error->where, sizeof where);
	if (find_comparison(scripts, where, &op, &number)) {
		const char *phrase = str_is(op, ">=") || str_is(op, ">") ? "at_least" : "at_most";
		error_set(
			error, ERROR_INVALID, where,
			"%s is empty for lead %lld, and Lua cannot compare nothing with %.*s. Use %s { %s = %s(%.*s) }, or (%s.%s or 0) %.*s %.*s.",
			field, id, STR_ARG(number), who, field, phrase, STR_ARG(number), path, field, STR_ARG(op),
			STR_ARG(number));
		return;
	}
	error_set(error, ERROR_INVALID, where,
		  "%s is empty for lead %lld, and Lua cannot compare or count with nothing. Use (%s.%s or 0).", field,
		  id, path, field);
}

/* Message 51. */
static void say_too_long(const struct scripts *scripts, int handle, struct error *error)
{
	const char *owner = scripts->functions[handle].owner;
	const char *kind = strstr(owner, "rule") ? "a rule" : strstr(owner, "step") ? "a step" : "a function";
	char where[sizeof error->where];
	snprintf(where, sizeof where, "%s:%d", scripts->functions[handle].at.file, scripts->functions[handle].at.line);
	if (sandbox_ended(scripts->sandbox) == SANDBOX_TOO_LONG)
		error_set(
			error, ERROR_LIMIT, where,
			"%s ran longer than %s may (100,000 instructions; lead %lld). It changes nothing until it is mended.",
			*owner ? owner : "the function", kind, (long long)scripts->view->lead->id);
	else
		error_set(error, ERROR_LIMIT, where,
			  "%s used more memory or time than %s may (lead %lld). It changes nothing until it is mended.",
			  *owner ? owner : "the function", kind, (long long)scripts->view->lead->id);
}

static void translate(const struct scripts *scripts, int handle, struct error *error)
{
	if (error->code == ERROR_LIMIT)
		say_too_long(scripts, handle, error);
	else if (scripts->empty_field[0] && strstr(error->message, "nil") &&
		 (strstr(error->message, "compare") || strstr(error->message, "arithmetic")))
		say_empty(scripts, error);
}

/* ---- the call ---- */

/* After a call that asked for far too much memory the state is not used again: the files run once more in a new one. */
static void renew(struct scripts *scripts)
{
	struct arena *kept = scripts->arena, *scratch = arena_new();
	sandbox_free(scripts->sandbox);
	scripts->arena = scratch;
	scripts->phrases = NULL;
	scripts->phrase_count = scripts->phrase_room = 0;
	script_make_state(scripts);
	script_run_files(scripts);
	scripts->phrases = NULL;
	scripts->phrase_count = scripts->phrase_room = 0;
	scripts->arena = kept;
	arena_free(scratch);
}

int playbook_call(struct playbook *playbook, int handle, const struct playbook_view *view, struct script_result *out,
		  struct error *error)
{
	struct scripts *scripts = playbook->private->scripts;
	struct error unread = {0};
	error = error ? error : &unread;
	*out = (struct script_result){.answer = SCRIPT_NOTHING};
	if (sandbox_spoiled(scripts->sandbox))
		renew(scripts);
	lua_State *lua = sandbox_lua(scripts->sandbox);
	scripts->playbook = playbook;
	scripts->view = view;
	scripts->calling = true;
	scripts->empty_field[0] = '\0';
	lua_rawgeti(lua, LUA_REGISTRYINDEX, scripts->functions[handle].ref);
	lua_rawgetp(lua, LUA_REGISTRYINDEX, &lead_key);
	push_event(lua, view->event);
	sandbox_count(scripts->sandbox, !scripts->functions[handle].straight);
	int bad = sandbox_call(scripts->sandbox, 2, LUA_MULTRET, error);
	if (bad)
		translate(scripts, handle, error);
	else
		bad = read_answer(scripts, out, error);
	if (bad && !error->where[0])
		snprintf(error->where, sizeof error->where, "%s:%d", scripts->functions[handle].at.file,
			 scripts->functions[handle].at.line);
	lua_settop(lua, 0);
	scripts->calling = false;
	scripts->view = NULL;
	return bad;
}
