/* What compiled templates call: printing, names, comparisons, loops, captures. All are C functions of one letter or word in the
 * sandbox's environment; the rendering they work for is the sandbox's host pointer (struct liquid_run). Called by the generated
 * Lua only; nothing here parses data. */
#include "playbook/liquid.h"

#include "base/calendar.h"

#include <lauxlib.h>
#include <stdio.h>

enum { RANGE_MOST = 10000 };

static struct liquid_run *run_of(lua_State *lua)
{
	return sandbox_host(lua);
}

static void check_output(lua_State *lua, struct liquid_run *run, size_t added)
{
	sandbox_charge(lua, 1 + added / 64);
	if (run->out.n > LIQUID_OUTPUT_MOST)
		luaL_error(lua, "the text gets longer than %d MB", LIQUID_OUTPUT_MOST / (1024 * 1024));
}

/* ---- printing ---- */

/* t(n): the n-th literal. */
static int print_literal(lua_State *lua)
{
	struct liquid_run *run = run_of(lua);
	struct str s = run->code->literals[lua_tointeger(lua, 1)];
	buf_put(&run->out, s.p, s.n);
	check_output(lua, run, s.n);
	return 0;
}

/* The printed form of argument 1, not escaped; points into Lua's text or the scratch buffer. */
static struct str printed(lua_State *lua, struct liquid_run *run)
{
	struct str s;
	if (lua_type(lua, 1) == LUA_TSTRING) {
		s.p = lua_tolstring(lua, 1, &s.n);
		return s;
	}
	buf_clear(&run->scratch);
	liquid_put_value(lua, 1, &run->scratch);
	return buf_str(&run->scratch);
}

static int put_plain(lua_State *lua, struct liquid_run *run, struct str s)
{
	buf_put(&run->out, s.p, s.n);
	check_output(lua, run, s.n);
	return 0;
}

static int put_html(lua_State *lua, struct liquid_run *run, struct str s)
{
	check_output(lua, run, s.n);
	liquid_put_html(&run->out, s);
	return 0;
}

/* A value inside an address. After a ? it is one value of the query, before it a part of the address itself. */
static int put_url_part(lua_State *lua, struct liquid_run *run, struct str s)
{
	size_t from = run->mark_count ? run->marks[run->mark_count - 1] : 0;
	check_output(lua, run, s.n);
	bool query = run->out.n > from && memchr(run->out.p + from, '?', run->out.n - from);
	liquid_put_url_part(&run->out, s, query);
	return 0;
}

static int print_plain(lua_State *lua) /* o */
{
	struct liquid_run *run = run_of(lua);
	return put_plain(lua, run, printed(lua, run));
}

static int print_html(lua_State *lua) /* e */
{
	struct liquid_run *run = run_of(lua);
	return put_html(lua, run, printed(lua, run));
}

static int print_url_part(lua_State *lua) /* q */
{
	struct liquid_run *run = run_of(lua);
	return put_url_part(lua, run, printed(lua, run));
}

/* The printed form of the lead's field whose slot is argument 1: the same as of L(slot). */
static struct str printed_field(lua_State *lua, struct liquid_run *run)
{
	const struct lead *lead = run->input->view.lead;
	const struct value *value = lead && lead->fields ? &lead->fields[lua_tointeger(lua, 1)] : NULL;
	if (!value || value->type == VALUE_EMPTY)
		return STR("");
	if (value->type == VALUE_TEXT)
		return value->text;
	lua_settop(lua, 0);
	liquid_push_field(lua, value, liquid_zone(run));
	return printed(lua, run);
}

static int print_plain_field(lua_State *lua) /* oL */
{
	struct liquid_run *run = run_of(lua);
	return put_plain(lua, run, printed_field(lua, run));
}

static int print_html_field(lua_State *lua) /* eL */
{
	struct liquid_run *run = run_of(lua);
	return put_html(lua, run, printed_field(lua, run));
}

static int print_url_field(lua_State *lua) /* qL */
{
	struct liquid_run *run = run_of(lua);
	return put_url_part(lua, run, printed_field(lua, run));
}

/* eb: `newline_to_br` was the last filter: its breaks stay, all else is escaped. */
static int print_breaks(lua_State *lua)
{
	struct liquid_run *run = run_of(lua);
	struct str rest = printed(lua, run), br = STR("<br />\n");
	check_output(lua, run, rest.n);
	while (rest.p) {
		const char *hit = memmem(rest.p, rest.n, br.p, br.n);
		size_t n = hit ? (size_t)(hit - rest.p) : rest.n;
		liquid_put_html(&run->out, (struct str){rest.p, n});
		if (hit)
			buf_put(&run->out, br.p, br.n);
		rest = hit ? (struct str){hit + br.n, rest.n - n - br.n} : (struct str){NULL, 0};
	}
	return 0;
}

/* ---- marks: what is printed from here on can be taken back ---- */

static int set_mark(lua_State *lua)
{
	struct liquid_run *run = run_of(lua);
	if (run->mark_count == LIQUID_MARKS)
		return luaL_error(lua, "captures stand in captures too deep");
	run->marks[run->mark_count++] = run->out.n;
	return 0;
}

static size_t take_mark(lua_State *lua)
{
	struct liquid_run *run = run_of(lua);
	if (!run->mark_count)
		luaL_error(lua, "no mark is set");
	return run->marks[--run->mark_count];
}

/* cut(): what was printed since mark(), as a value. */
static int cut(lua_State *lua)
{
	struct liquid_run *run = run_of(lua);
	size_t from = take_mark(lua);
	sandbox_charge(lua, (run->out.n - from) / 16);
	lua_pushlstring(lua, run->out.n ? run->out.p + from : "", run->out.n - from);
	run->out.n = from;
	return 1;
}

/* url(escaped): what was printed since mark() is an address; it is made one that may be opened. */
static int finish_url(lua_State *lua)
{
	struct liquid_run *run = run_of(lua);
	size_t from = take_mark(lua);
	buf_reserve(&run->out, 1);
	liquid_finish_url(&run->out, from, run->input->public_url);
	if (lua_toboolean(lua, 1)) {
		buf_clear(&run->scratch);
		buf_put(&run->scratch, run->out.p + from, run->out.n - from);
		run->out.n = from;
		liquid_put_html(&run->out, buf_str(&run->scratch));
	}
	return 0;
}

/* drop(n): what was printed since mark() goes away when it is blank but for its first n bytes (an opening tag). */
static int drop_blank(lua_State *lua)
{
	struct liquid_run *run = run_of(lua);
	size_t from = take_mark(lua), skip = (size_t)lua_tointeger(lua, 1);
	bool dropped = run->out.n >= from + skip && !str_trim((struct str){run->out.p + from + skip, run->out.n - from - skip}).n;
	if (dropped)
		run->out.n = from;
	lua_pushboolean(lua, !dropped);
	return 1;
}

/* ---- names ---- */

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

/* U(asset): its address; of a file the link that the host makes. */
static int push_asset_url(lua_State *lua)
{
	struct liquid_run *run = run_of(lua);
	const struct asset *asset = &run->playbook->assets[lua_tointeger(lua, 1)];
	const char *url = asset->url;
	if (run->input->asset_url)
		url = run->input->asset_url(run->input->asset_arg, asset);
	lua_pushstring(lua, url);
	return 1;
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
		lua_pushfstring(lua, "%d-%s%d-%s%d", local.year, local.month < 10 ? "0" : "", local.month, local.day < 10 ? "0" : "", local.day);
		return;
	}
	buf_clear(&run->scratch);
	liquid_put_moment(&run->scratch, now % MOMENT_DAY ? now : now + 1, zone);
	lua_pushlstring(lua, run->scratch.p, run->scratch.n);
}

/* The touch's data, read once for each rendering. A touch without data, or with something else than an object, has none. */
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

/* ---- comparing: nothing compares with nil; a text and a number cannot be compared ---- */

static bool comparable(lua_State *lua)
{
	lua_settop(lua, 2);
	int left = lua_type(lua, 1), right = lua_type(lua, 2);
	if (left == LUA_TNIL || right == LUA_TNIL || left == LUA_TBOOLEAN || right == LUA_TBOOLEAN)
		return false;
	if (left != right || (left != LUA_TNUMBER && left != LUA_TSTRING))
		luaL_error(lua, "a %s cannot be compared with a %s by < or >", left == LUA_TSTRING ? "text" : luaL_typename(lua, 1),
			   right == LUA_TSTRING ? "text" : luaL_typename(lua, 2));
	return true;
}

static int compare(lua_State *lua, bool swap, int op)
{
	lua_pushboolean(lua, comparable(lua) && lua_compare(lua, swap ? 2 : 1, swap ? 1 : 2, op));
	return 1;
}

static int is_less(lua_State *lua)
{
	return compare(lua, false, LUA_OPLT);
}

static int is_less_or_equal(lua_State *lua)
{
	return compare(lua, false, LUA_OPLE);
}

static int is_greater(lua_State *lua)
{
	return compare(lua, true, LUA_OPLT);
}

static int is_greater_or_equal(lua_State *lua)
{
	return compare(lua, true, LUA_OPLE);
}

static int contains(lua_State *lua) /* has */
{
	bool found = false;
	lua_settop(lua, 2);
	if (lua_type(lua, 1) == LUA_TSTRING && !lua_isnil(lua, 2)) {
		struct str part = liquid_to_text(lua, 2), s;
		s.p = lua_tolstring(lua, 1, &s.n);
		sandbox_charge(lua, s.n / 16);
		found = memmem(s.p, s.n, part.p, part.n) != NULL;
	} else if (lua_type(lua, 1) == LUA_TTABLE) {
		lua_Integer n = (lua_Integer)lua_rawlen(lua, 1);
		sandbox_charge(lua, (size_t)n);
		for (lua_Integer i = 1; i <= n && !found; i++) {
			lua_rawgeti(lua, 1, i);
			found = lua_rawequal(lua, -1, 2);
			lua_pop(lua, 1);
		}
	}
	lua_pushboolean(lua, found);
	return 1;
}

static int is_empty(lua_State *lua)
{
	lua_pushboolean(lua, liquid_is_empty(lua, 1));
	return 1;
}

static int is_blank(lua_State *lua)
{
	lua_pushboolean(lua, liquid_is_blank(lua, 1));
	return 1;
}

/* ---- loops ---- */

static int count_step(lua_State *lua) /* step */
{
	sandbox_charge(lua, 10);
	return 0;
}

static lua_Integer whole(lua_State *lua, int index, const char *what)
{
	liquid_to_number(lua, index);
	double number = lua_tonumber(lua, index);
	if (!(number > -1e9 && number < 1e9))
		luaL_error(lua, "the %s of a for is no ordinary number", what);
	return (lua_Integer)number;
}

static int make_range(lua_State *lua)
{
	lua_settop(lua, 2);
	lua_Integer from = whole(lua, 1, "range"), to = whole(lua, 2, "range");
	if (to - from >= RANGE_MOST)
		return luaL_error(lua, "a range holds at most %d numbers", RANGE_MOST);
	lua_newtable(lua);
	sandbox_charge(lua, to >= from ? (size_t)(to - from) : 0);
	for (lua_Integer i = from; i <= to; i++) {
		lua_pushinteger(lua, i);
		lua_rawseti(lua, -2, i - from + 1);
	}
	return 1;
}

/* loop(list, limit, offset, reversed): the list to walk and how many. The same list when nothing is left out or turned. */
static int begin_loop(lua_State *lua)
{
	lua_settop(lua, 4);
	if (lua_type(lua, 1) == LUA_TTABLE && !liquid_is_list(lua, 1))
		return luaL_error(lua, "for walks over lists; this is an object");
	lua_Integer n = lua_type(lua, 1) == LUA_TTABLE ? (lua_Integer)lua_rawlen(lua, 1) : 0;
	if (lua_type(lua, 1) == LUA_TSTRING && lua_rawlen(lua, 1)) { /* Liquid walks over a text as over a list of one */
		lua_createtable(lua, 1, 0);
		lua_pushvalue(lua, 1);
		lua_rawseti(lua, -2, 1);
		lua_replace(lua, 1);
		n = 1;
	}
	lua_Integer skip = lua_isnil(lua, 3) ? 0 : whole(lua, 3, "offset"), most = lua_isnil(lua, 2) ? n : whole(lua, 2, "limit");
	skip = skip < 0 ? 0 : skip > n ? n : skip;
	most = most < 0 ? 0 : most > n - skip ? n - skip : most;
	if (skip || lua_toboolean(lua, 4)) {
		sandbox_charge(lua, (size_t)most);
		lua_createtable(lua, (int)most, 0);
		for (lua_Integer i = 1; i <= most; i++) {
			lua_rawgeti(lua, 1, skip + (lua_toboolean(lua, 4) ? most - i + 1 : i));
			lua_rawseti(lua, -2, i);
		}
	} else {
		lua_pushvalue(lua, 1);
	}
	lua_pushinteger(lua, most);
	return 2;
}

/* ---- the words ---- */

/* marketing(): the touch is for marketing, or there is none (a preview). */
static int for_marketing(lua_State *lua)
{
	const struct touch *touch = run_of(lua)->input->touch;
	lua_pushboolean(lua, !touch || !touch->purpose.n || str_is(touch->purpose, "marketing"));
	return 1;
}

/* owes(): whether the unsubscribe address and the postal address still have to be said. */
static int owes(lua_State *lua)
{
	const struct liquid_run *run = run_of(lua);
	lua_pushboolean(lua, !run->used_unsubscribe && run->input->unsubscribe_url);
	lua_pushboolean(lua, !run->used_postal && run->input->postal_address && *run->input->postal_address);
	return 2;
}

static const luaL_Reg words[] = {
	{"A", push_account},      {"B", push_band},        {"G", push_grade},   {"L", push_lead},       {"N", push_word},
	{"S", push_score},        {"U", push_asset_url},   {"cut", cut},        {"drop", drop_blank},   {"e", print_html},
	{"eL", print_html_field}, {"oL", print_plain_field}, {"qL", print_url_field}, {"eb", print_breaks},     {"ge", is_greater_or_equal}, {"get", get_member}, {"gt", is_greater},
	{"has", contains},        {"is_blank", is_blank},  {"is_empty", is_empty}, {"le", is_less_or_equal}, {"loop", begin_loop},
	{"lt", is_less},          {"mark", set_mark},      {"marketing", for_marketing}, {"o", print_plain}, {"owes", owes},
	{"q", print_url_part},    {"range", make_range},   {"step", count_step}, {"t", print_literal},  {"url", finish_url},
};

void liquid_declare(struct sandbox *sandbox)
{
	lua_State *lua = sandbox_lua(sandbox);
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		lua_pushcfunction(lua, words[i].func);
		sandbox_declare(sandbox, words[i].name);
	}
	for (size_t t = 0; liquid_filter_tables[t]; t++)
		for (const struct liquid_filter *filter = liquid_filter_tables[t]; filter->name; filter++) {
			char name[64];
			snprintf(name, sizeof name, "f_%s", filter->name);
			lua_pushcfunction(lua, filter->call);
			sandbox_declare(sandbox, name);
		}
	liquid_declare_writer(sandbox);
}
