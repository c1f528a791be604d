/* Functions that marketing wrote: turn calls them by handle. They see `lead` and `event` through read-only values that
 * ask the view of the call, and answer yes, no, a number, go "step", wait "3 days" or leave "why". Nothing they do
 * outlives the call. What goes wrong is told by call_errors.c. */
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
		scripts->derived = true;
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
	scripts->derived = true;
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

static int call_once(struct scripts *scripts, int handle, enum sandbox_pace pace, struct error *error)
{
	if (sandbox_spoiled(scripts->sandbox))
		renew(scripts);
	lua_State *lua = sandbox_lua(scripts->sandbox);
	scripts->empty_field[0] = '\0';
	lua_rawgeti(lua, LUA_REGISTRYINDEX, scripts->functions[handle].ref);
	lua_rawgetp(lua, LUA_REGISTRYINDEX, &lead_key);
	bool with_event = scripts->functions[handle].wants_event; /* making its table costs as much as a short function */
	if (with_event)
		push_event(lua, scripts->view->event);
	sandbox_set_pace(scripts->sandbox, pace);
	return sandbox_call(scripts->sandbox, with_event ? 2 : 1, LUA_MULTRET, error);
}

static int call_counted(struct scripts *scripts, int handle, struct error *error)
{
	int bad = call_once(scripts, handle, SANDBOX_COUNTED, error);
	scripts->functions[handle].endless |= sandbox_ended(scripts->sandbox) == SANDBOX_TOO_LONG;
	return bad;
}

/* Quickly; where that says nothing, again and counted. Then the next ones are counted at once, twice as many each time it says nothing:
 * a function that is always long is hardly ever tried in vain, and one that met a busy moment is soon quick again. That it ran twice
 * shows nowhere, as functions only look; one that ran on without end is counted for good. */
static int call_quickly(struct scripts *scripts, int handle, struct error *error)
{
	enum { PAUSE = 16, PAUSE_MOST = 4096 };
	struct script_function *function = &scripts->functions[handle];
	if (function->endless || function->paused) {
		function->paused -= function->paused > 0;
		return call_counted(scripts, handle, error);
	}
	int bad = call_once(scripts, handle, SANDBOX_QUICK, error);
	if (!bad || sandbox_ended(scripts->sandbox) != SANDBOX_UNSURE) {
		function->pause = 0;
		return bad;
	}
	function->pause = function->pause ? function->pause * 2 : PAUSE;
	if (function->pause > PAUSE_MOST)
		function->pause = PAUSE_MOST;
	function->paused = function->pause;
	error_clear(error);
	return call_counted(scripts, handle, error);
}

int playbook_call(struct playbook *playbook, int handle, const struct playbook_view *view, struct script_result *out,
		  struct error *error)
{
	struct scripts *scripts = playbook->private->scripts;
	const struct script_function *function = &scripts->functions[handle];
	struct error unread = {0};
	error = error ? error : &unread;
	*out = (struct script_result){.answer = SCRIPT_NOTHING};
	scripts->playbook = playbook;
	scripts->view = view;
	scripts->calling = true;
	scripts->derived = false;
	int bad = function->pace == SANDBOX_STRAIGHT ? call_once(scripts, handle, SANDBOX_STRAIGHT, error) : call_quickly(scripts, handle, error);
	if (bad)
		script_translate(scripts, handle, error);
	else
		bad = read_answer(scripts, out, error);
	if (bad && !error->where[0])
		snprintf(error->where, sizeof error->where, "%s:%d", function->at.file, function->at.line);
	out->derived = scripts->derived;
	lua_settop(sandbox_lua(scripts->sandbox), 0);
	scripts->calling = false;
	scripts->view = NULL;
	return bad;
}
