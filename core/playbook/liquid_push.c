/* What the names of a template give while it runs: fields of lead and account, scores, the touch and its data, today.
 * Called by generated Lua only, with numbers that liquid_names.c wrote when the template was loaded. */
#include "playbook/liquid.h"

#include "base/calendar.h"

#include <lauxlib.h>

static struct liquid_run *run_of(lua_State *lua)
{
	return sandbox_host(lua);
}

static int push_lead(lua_State *lua) /* L */
{
	struct liquid_run *run = run_of(lua);
	const struct lead *lead = run->input->view.lead;
	if (lead && lead->fields)
		liquid_push_field(lua, &lead->fields[lua_tointeger(lua, 1)], liquid_zone(run));
	else
		lua_pushnil(lua);
	return 1;
}

static int push_account(lua_State *lua) /* A */
{
	struct liquid_run *run = run_of(lua);
	const struct account *account = run->input->view.account;
	if (account && account->fields)
		liquid_push_field(lua, &account->fields[lua_tointeger(lua, 1)], liquid_zone(run));
	else
		lua_pushnil(lua);
	return 1;
}

static const struct score *find_score(const struct liquid_run *run, const char *name, bool is_grade)
{
	for (size_t i = 0; i < run->input->score_count; i++)
		if (run->input->scores[i].is_grade == is_grade && str_is(run->input->scores[i].name, name))
			return &run->input->scores[i];
	return NULL;
}

static int push_score(lua_State *lua) /* S */
{
	struct liquid_run *run = run_of(lua);
	int model = (int)lua_tointeger(lua, 1);
	const struct score *score = find_score(run, run->playbook->models[model].name, false);
	const struct playbook_view *view = &run->input->view;
	if (score)
		lua_pushinteger(lua, score->points);
	else if (view->score)
		lua_pushinteger(lua, view->score(view->arg, model));
	else
		lua_pushnil(lua);
	return 1;
}

static int push_of_grades(lua_State *lua, bool band)
{
	struct liquid_run *run = run_of(lua);
	const struct score *score = find_score(run, run->playbook->grades[lua_tointeger(lua, 1)].name, true);
	struct str text = !score ? STR("") : band ? score->band : score->grade;
	if (text.n)
		lua_pushlstring(lua, text.p, text.n);
	else
		lua_pushnil(lua);
	return 1;
}

static int push_grade(lua_State *lua) /* G */
{
	return push_of_grades(lua, false);
}

static int push_band(lua_State *lua) /* B */
{
	return push_of_grades(lua, true);
}

static void push_str(lua_State *lua, struct str s)
{
	if (s.n)
		lua_pushlstring(lua, s.p, s.n);
	else
		lua_pushnil(lua);
}

static void push_now(lua_State *lua, struct liquid_run *run, bool day)
{
	const char *zone = liquid_zone(run);
	moment_t now = run->input->view.now;
	struct calendar_local local;
	if (day) { /* the lead's date */
		calendar_local(now, zone, &local);
		lua_pushfstring(lua, "%d-%s%d-%s%d", local.year, local.month < 10 ? "0" : "", local.month,
				local.day < 10 ? "0" : "", local.day);
		return;
	}
	buf_clear(&run->scratch);
	liquid_put_moment(&run->scratch, now % MOMENT_DAY ? now : now + 1, zone);
	lua_pushlstring(lua, run->scratch.p, run->scratch.n);
}

/* The touch's data, read once for each rendering. A touch without data, or with something else than an object, has
 * none. */
static void push_data(lua_State *lua, struct liquid_run *run)
{
	if (run->data == LUA_NOREF) {
		struct str text = run->input->touch ? run->input->touch->data : STR("");
		lua_newtable(lua);
		json_t *json = text.n ? json_loadb(text.p, text.n, 0, NULL) : NULL;
		if (json_is_object(json)) {
			lua_pop(lua, 1);
			run->json = json; /* freed by the renderer, also when an error is raised here */
			liquid_push_json(lua, json, 0);
		} else {
			json_decref(json);
		}
		run->data = luaL_ref(lua, LUA_REGISTRYINDEX);
	}
	lua_rawgeti(lua, LUA_REGISTRYINDEX, run->data);
}

static void push_link(lua_State *lua, const struct template_input *input, enum template_page kind, const struct asset *asset)
{
	lua_pushstring(lua, input->page ? input->page(input->view.arg, kind, asset) : NULL);
}

static int push_asset_link(lua_State *lua) /* D */
{
	const struct liquid_run *run = run_of(lua);
	lua_Integer i = lua_tointeger(lua, 1);
	bool there = i >= 0 && (size_t)i < run->playbook->asset_count;
	push_link(lua, run->input, PAGE_ASSET, there ? &run->playbook->assets[i] : NULL);
	return 1;
}

const char *const liquid_offer_parts[] = {"title", "kind", "topic", "buying_stage", "url", "name", "link", NULL};

/* The asset that the touch's data names. */
static const struct asset *offered(lua_State *lua, struct liquid_run *run)
{
	push_data(lua, run);
	lua_getfield(lua, -1, "offer");
	const char *name = lua_type(lua, -1) == LUA_TSTRING ? lua_tostring(lua, -1) : NULL;
	const struct asset *asset = name ? playbook_asset(run->playbook, str_of(name)) : NULL;
	lua_pop(lua, 2);
	return asset;
}

static int push_offer(lua_State *lua) /* O */
{
	struct liquid_run *run = run_of(lua);
	const struct asset *asset = offered(lua, run);
	lua_Integer part = lua_tointeger(lua, 1);
	if (!asset) {
		lua_pushnil(lua);
	} else if (part == 6) {
		push_link(lua, run->input, PAGE_ASSET, asset);
	} else {
		const char *const texts[] = {asset->title, asset->kind, asset->topic, asset->buying_stage, asset->url, asset->name};
		lua_pushstring(lua, part >= 0 && part < 6 ? texts[part] : NULL);
	}
	return 1;
}

static int push_word(lua_State *lua) /* N */
{
	struct liquid_run *run = run_of(lua);
	const struct template_input *input = run->input;
	const struct touch *touch = input->touch;
	switch ((enum liquid_word)lua_tointeger(lua, 1)) {
	case WORD_CAMPAIGN: push_str(lua, touch ? touch->campaign : STR("")); break;
	case WORD_STEP: push_str(lua, touch ? touch->step : STR("")); break;
	case WORD_PURPOSE: push_str(lua, touch ? touch->purpose : STR("")); break;
	case WORD_STAGE: lua_pushstring(lua, input->view.lead ? stage_name(input->view.lead->stage) : NULL); break;
	case WORD_UNSUBSCRIBE_URL:
		run->used_unsubscribe = true;
		lua_pushstring(lua, input->unsubscribe_url);
		break;
	case WORD_CONFIRM_URL: push_link(lua, input, PAGE_CONFIRM, NULL); break;
	case WORD_REFER_URL: push_link(lua, input, PAGE_REFER, NULL); break;
	case WORD_REPLY_URL: push_link(lua, input, PAGE_REPLY, NULL); break;
	case WORD_REPLY_CODE: push_link(lua, input, PAGE_REPLY_CODE, NULL); break;
	case WORD_POSTAL_ADDRESS:
		run->used_postal = true;
		lua_pushstring(lua, input->postal_address);
		break;
	case WORD_PUBLIC_URL: lua_pushstring(lua, input->public_url); break;
	case WORD_NOW: push_now(lua, run, false); break;
	case WORD_TODAY: push_now(lua, run, true); break;
	case WORD_DATA: push_data(lua, run); break;
	}
	return 1;
}

/* get(value, key) */
static int get_member(lua_State *lua)
{
	lua_settop(lua, 2);
	if (lua_type(lua, 2) == LUA_TSTRING) {
		struct str key;
		key.p = lua_tolstring(lua, 2, &key.n);
		liquid_push_member(lua, 1, key);
		return 1;
	}
	lua_Integer i = lua_isinteger(lua, 2) ? lua_tointeger(lua, 2) : -1;
	if (!lua_isinteger(lua, 2) || !liquid_is_list(lua, 1))
		return 0;
	lua_rawgeti(lua, 1, i < 0 ? (lua_Integer)lua_rawlen(lua, 1) + i + 1 : i + 1);
	return 1;
}

const luaL_Reg liquid_push_words[] = {
	{"A", push_account}, {"B", push_band},  {"D", push_asset_link}, {"G", push_grade},   {"L", push_lead},
	{"N", push_word},    {"O", push_offer}, {"S", push_score}, {"get", get_member}, {NULL, NULL},
};
