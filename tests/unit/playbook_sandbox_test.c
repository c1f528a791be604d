/* The sandbox: what scripts may use, what they cannot reach, and that every attack of TRUST 38 ends within its budget.
 */
#include "playbook/sandbox.h"
#include "unit/check_main.h"

#include "unit/slow.h"

#include <math.h>

static struct sandbox *sandbox;
static struct error error;

/* Loads text and calls it for one result, which stays on the stack. */
static int run(const char *text)
{
	lua_settop(sandbox_lua(sandbox), 0);
	error_clear(&error);
	if (sandbox_load(sandbox, "scoring/test.lua", str_of(text), 0, &error) < 0)
		return -1;
	return sandbox_call(sandbox, 0, 1, &error);
}

static void rebuild(void)
{
	sandbox_free(sandbox);
	sandbox = sandbox_new(NULL, slow_now());
}

static const char *text_of(const char *script)
{
	ck_assert_msg(run(script) == 0, "%s: %s %s", script, error.where, error.message);
	const char *text = lua_tostring(sandbox_lua(sandbox), -1);
	return text ? text : "(nil)";
}

START_TEST(every_listed_word_works)
{
	static const struct {
		const char *script, *result;
	} rows[] = {
		{"return tostring(1 + 2) .. tostring(true) .. tostring(nil)", "3truenil"},
		{"return tostring({})", "table"},
		{"return tostring(tonumber('0x10')) .. tostring(tonumber('1x'))", "16nil"},
		{"return select('#', 1, nil) .. select(-1, 'a', 'b')", "2b"},
		{"local s = '' for k, v in pairs { b = 2, a = 1, 'x', 'y' } do s = s .. k .. v end return s",
		 "1x2ya1b2"},
		{"local s = '' for i, v in ipairs { 'x', 'y', nil, 'z' } do s = s .. i .. v end return s", "1x2y"},
		{"return string.len('Zürich') .. '|' .. #'Zürich'", "6|7"},
		{"return ('Zürich'):sub(2, 3) .. ('abc'):sub(-2) .. ('abc'):sub(5)", "ürbc"},
		{"return ('straße'):upper() .. ('ÄÖ'):lower()", "STRASSEäö"},
		{"return table.concat({ string.find('für dich', 'dich') }, ',')", "5,8"},
		{"return tostring(string.find('a.b', '.', 1)) .. tostring(string.find('abc', '%a'))", "2nil"},
		{"return tostring(('abc'):starts('ab') and ('abc'):ends('bc') and ('abc'):contains('b'))", "true"},
		{"return tostring(('/pricing/eu'):glob('/pricing*'))", "true"},
		{"return table.concat(('a,,b'):split(','), '|') .. #('äb'):split('')", "a||b2"},
		{"return ('  x '):trim() .. ('a-b-c'):replace('-', '+')", "xa+b+c"},
		{"return ('ab'):rep(3, '-') .. ('x'):rep(0)", "ab-ab-ab"},
		{"return string.rep('', 1e15) .. ('').rep('', 2000000000)", ""},
		{"return string.format('%5.2f|%-4s|%03d|%s|%%', 3.14159, 'ü', 7, nil)", " 3.14|ü   |007|nil|%"},
		{"local t = { 3, 1, 2 } table.sort(t) return table.concat(t, ',')", "1,2,3"},
		{"local t = { 3, 1, 2 } table.sort(t, function(a, b) return a > b end) return table.concat(t, ',')",
		 "3,2,1"},
		{"local t = { 1, 2 } table.insert(t, 3) table.insert(t, 1, 0) return table.remove(t) .. "
		 "table.concat(t) .. table.count(t)",
		 "30123"},
		{"return math.floor(2.7) + math.max(1, 5) .. math.type(1)", "7integer"},
		{"return select(2, table.unpack { 'a', 'b' })", "b"},
	};
	sandbox = sandbox_new(NULL, slow_now());
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		ck_assert_str_eq(text_of(rows[i].script), rows[i].result);
	sandbox_free(sandbox);
}
END_TEST

START_TEST(nothing_else_of_lua_can_be_reached)
{
	static const char *const words[] = {
		"io",
		"os",
		"debug",
		"load",
		"loadstring",
		"loadfile",
		"dofile",
		"require",
		"package",
		"pcall",
		"xpcall",
		"coroutine",
		"setmetatable",
		"getmetatable",
		"rawget",
		"rawset",
		"rawequal",
		"rawlen",
		"collectgarbage",
		"print",
		"next",
		"_G",
		"string.dump",
		"string.gsub",
		"string.match",
		"string.gmatch",
		"string.byte",
		"string.pack",
		"table.move",
		"math.random",
		"math.randomseed",
		"utf8",
		"warn",
	};
	sandbox = sandbox_new(NULL, slow_now());
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		char script[64];
		snprintf(script, sizeof script, "return %s", words[i]);
		ck_assert_msg(run(script) == -1, "%s is there", words[i]);
		ck_assert_str_eq(error.where, "scoring/test.lua:1");
	}
	ck_assert_int_eq(run("return (''):gsub('a', 'b')"), -1);
	ck_assert_int_eq(run("return ('x').dump"), -1);
	ck_assert_int_eq(run("string.upper = nil"), -1);
	ck_assert_ptr_nonnull(strstr(error.message, "string cannot be changed"));
	ck_assert_int_eq(run("return '10' + 1"), -1);
	sandbox_free(sandbox);
}
END_TEST

START_TEST(bytecode_is_never_loaded)
{
	sandbox = sandbox_new(NULL, slow_now());
	ck_assert_int_eq(sandbox_load(sandbox, "x.lua", STR("\x1bLua\x54\x00\x19\x93"), 0, &error), -1);
	ck_assert_int_eq(lua_gettop(sandbox_lua(sandbox)), 0);
	sandbox_free(sandbox);
}
END_TEST

START_TEST(a_name_nobody_declared_is_an_error_with_its_place_and_the_nearest_word)
{
	sandbox = sandbox_new(NULL, slow_now());
	lua_pushinteger(sandbox_lua(sandbox), 42);
	sandbox_declare(sandbox, "email");
	ck_assert_str_eq(text_of("return email"), "42");
	ck_assert_int_eq(run("\n\nreturn emial"), -1);
	ck_assert_str_eq(error.where, "scoring/test.lua:3");
	ck_assert_str_eq(
		error.message,
		"\"emial\" is not a word of the playbook. Did you mean \"email\"? If it is a name, put it in quotes.");
	ck_assert_int_eq(run("holdout = 3"), -1);
	ck_assert_str_eq(error.message, "holdout = 3 stands outside every declaration. Was a } closed too early?");
	ck_assert_int_eq(error.code, ERROR_INVALID);
	ck_assert_int_eq(run("_ENV.x = 3"), -1);
	ck_assert_int_eq(run("x = = 1"), -1);
	ck_assert_str_eq(error.where, "scoring/test.lua:1");
	ck_assert_ptr_null(strstr(error.message, "scoring"));
	sandbox_free(sandbox);
}
END_TEST

START_TEST(an_environment_of_its_own_sees_its_words_and_others_do_not)
{
	sandbox = sandbox_new(NULL, slow_now());
	lua_State *lua = sandbox_lua(sandbox);
	sandbox_push_env(sandbox);
	lua_pushliteral(lua, "expect");
	lua_pushinteger(lua, 7);
	lua_rawset(lua, -3);
	ck_assert_int_eq(sandbox_load(sandbox, "tests/a.lua", STR("return expect + math.floor(1.5)"), -1, &error), 0);
	ck_assert_int_eq(sandbox_call(sandbox, 0, 1, &error), 0);
	ck_assert_int_eq(lua_tointeger(lua, -1), 8);
	ck_assert_int_eq(run("return expect"), -1);
	sandbox_free(sandbox);
}
END_TEST

START_TEST(a_long_file_name_is_shown_whole)
{
	const char *name = "campaigns/a-very-long-folder-name-that-marketing-liked/and-another-one-of-them/drip.lua";
	char where[256];
	snprintf(where, sizeof where, "%s:2", name);
	sandbox = sandbox_new(NULL, slow_now());
	ck_assert_int_eq(sandbox_load(sandbox, name, STR("\nlocal x = nil + 1"), 0, &error), 0);
	ck_assert_int_eq(sandbox_call(sandbox, 0, 0, &error), -1);
	ck_assert_str_eq(error.where, where);
	ck_assert_str_eq(error.message, "attempt to perform arithmetic on a nil value");
	ck_assert_int_eq(sandbox_load(sandbox, name, STR("\nlocal x = = 1"), 0, &error), -1);
	ck_assert_str_eq(error.where, where);
	ck_assert_msg(strncmp(error.message, "unexpected symbol", 17) == 0, "%s", error.message);
	sandbox_free(sandbox);
}
END_TEST

/* TRUST 38: each ends with a limit or an error (the ceiling of a minute only tells an endless loop), and the next call is fine. */
static const char *const attacks[] = {
	"while true do end",
	"for i = 1, 1e18 do end",
	"::a:: goto a",
	"local function f() return f() end return f()",
	"local function f() return 1 + f() end return f()",
	"local function f(a) return f(a .. 'x') end return f('')",
	"return string.rep('x', 1e15)",
	"return ('x'):rep(1 << 24):rep(1 << 24)",
	"return string.rep('x', 1, ('y'):rep(1000000))",
	"local s = 'x' while true do s = s .. s end",
	"local s = 'x' for i = 1, 60 do s = s .. s .. s .. s end",
	"local t = {} while true do t[#t + 1] = {} end",
	"local t = {} for i = 1, 1e9 do t[i] = i end",
	"local t = {} while true do t = { t, t } end",
	"local t = {} for i = 1, 50 do t[i] = ('x'):rep(1000000) .. i end",
	"local t = {} for i = 1, 20000 do t[i] = i end while true do table.sort(t, function(a, b) return true end) end",
	"local t = {} for i = 1, 20000 do t[i] = i % 7 end table.sort(t, function(a, b) table.remove(t) return a < b "
	"end) while true do end",
	"local t = {} for i = 1, 1000 do t[i] = i end table.sort(t, function() error('no') end)",
	"local t = {} for i = 1, 5000 do table.insert(t, 1, i) end while true do table.insert(t, 1, 0) end",
	"local t = {} t[1] = 1 while true do table.concat(t, ('x'):rep(1000)) end",
	"local function f() table.sort({ 2, 1 }, f) return true end f()",
	"local f f = function(...) return f(...), f(...) end f()",
	"local t = {} for i = 1, 1000000 do t = { t } end",
	"local f = function() end for i = 1, 1000000 do local g = f f = function() return g() end end return f()",
	"return table.unpack({}, 1, 1e9)",
	"return table.unpack({}, -2^62, 2^62)",
	"return table.concat({}, 'x', 1, 2^53)",
	"return table.concat({ 'a' }, 'x', -2^62, 2^62)",
	"local a, b = ('x'):rep(1000):rep(1000), ('x'):rep(1000):rep(1000) .. 'y' while true do local c = a < b or a "
	"== b end",
	"local function f(n, ...) if n == 0 then while true do select(1, ...) end end return f(n - 1, 1, ...) end "
	"f(5000)",
	"local t = {} for i = 1, 200 do t[i] = i end while true do select('#', table.unpack(t)) end",
	"return ('a'):rep(100000):find(('a'):rep(50000) .. 'b')",
	"while true do ('a*'):rep(5000):glob('a') ; ('a'):rep(100000):glob(('a*'):rep(5000) .. 'b') end",
	"return ('a'):rep(1000000):replace('a', ('b'):rep(1000000))",
	"while true do ('a'):rep(10000):split('a') end",
	"return string.format('%99999999d', 1)",
	"return string.format('%.99999999f', 1)",
	"return string.format('%n', 1)",
	"return string.format('%s')",
	"return string.format('%d', 1.5)",
	"return string.format(('%99s'):rep(100000), 1)",
	"return string.format('%', 1)",
	"return string.format('%-+ #0-+ #0d', 1)",
	"while true do for k in pairs { a = 1, b = 2 } do end end",
	"return pairs({ [{}] = 1 })",
	"for k, v in pairs({ [0/0 == 0/0] = 1 }) do end",
	"error({ 'an object' })",
	"error(nil)",
	"error(function() end)",
	"error(('x'):rep(1000000))",
	"error('line\\nbreak \\27[31m \\255')",
	"local a <close> = 42",
	"return 1 // 0",
	"return 1 < 'x'",
	"return {} .. {}",
	"return #nil",
	"return math.tointeger({}).x",
	"for i = 1, 10, 0 do end",
	"local t = {} t[0/0] = 1",
	"return ipairs()",
	"for i, v in ipairs('x') do end for i in ipairs(setmetatable) do end",
	"return select(-5, 1)",
	"local _ENV = {} x = 1 return y.z",
};

START_TEST(every_attack_ends_and_the_next_call_is_fine)
{
	sandbox = sandbox_new(NULL, slow_now());
	for (size_t i = 0; i < sizeof attacks / sizeof *attacks; i++) {
		mono_t start = mono_now();
		ck_assert_msg(run(attacks[i]) == -1, "went through: %s", attacks[i]);
		ck_assert_msg(mono_now() - start < 60 * MOMENT_SECOND, "took %lld us: %s", (long long)(mono_now() - start), attacks[i]);
		ck_assert_msg(error.message[0] != '\0', "no message: %s", attacks[i]);
		for (const char *p = error.message; *p; p++)
			ck_assert_msg((unsigned char)*p >= ' ', "control character: %s", attacks[i]);
		ck_assert(str_is_utf8(str_of(error.message)));
		if (sandbox_spoiled(sandbox))
			rebuild();
		ck_assert_str_eq(text_of("return 'fine'"), "fine");
	}
	sandbox_free(sandbox);
}
END_TEST

START_TEST(deep_nesting_is_refused_when_it_is_read)
{
	enum { DEEP = 100000 };
	sandbox = sandbox_new(NULL, slow_now());
	char *text = malloc(2 * DEEP + 64);
	static const char *const pieces[] = {"{", "(", "not ", "- ", "function() ", "if x then ", "x.y[", "a=b "};
	for (size_t k = 0; k < sizeof pieces / sizeof *pieces; k++) {
		size_t n = (size_t)sprintf(text, "return ");
		for (int i = 0; i < 10000; i++)
			n += (size_t)sprintf(text + n, "%s", pieces[k]);
		ck_assert_int_eq(sandbox_load(sandbox, "deep.lua", (struct str){text, n}, 0, &error), -1);
		ck_assert(strncmp(error.where, "deep.lua", 8) == 0);
	}
	free(text);
	ck_assert_str_eq(text_of("return 'fine'"), "fine");
	sandbox_free(sandbox);
}
END_TEST

START_TEST(limits_say_which_one_it_was)
{
	sandbox = sandbox_new(NULL, slow_now());
	ck_assert_int_eq(run("\nwhile true do end"), -1);
	ck_assert_int_eq(sandbox_ended(sandbox), SANDBOX_TOO_LONG);
	ck_assert_int_eq(error.code, ERROR_LIMIT);
	ck_assert_str_eq(error.where, "scoring/test.lua:2");
	ck_assert_str_eq(error.message, "ran longer than a script may (100000 instructions)");
	ck_assert_int_eq(run("local t = {} for i = 1, 300 do t[i] = ('x'):rep(100000, tostring(i)) end"), -1);
	ck_assert_int_eq(sandbox_ended(sandbox), SANDBOX_TOO_LONG);
	ck_assert_int_eq(run("local s = 'x' while true do s = s .. s end"), -1);
	ck_assert_int_eq(sandbox_ended(sandbox), SANDBOX_TOO_BIG);
	ck_assert(!sandbox_spoiled(sandbox)); /* the soft limit caught it, and nothing was kept */
	ck_assert_int_eq(run("local a = 1 + nil"), -1);
	ck_assert_int_eq(sandbox_ended(sandbox), SANDBOX_FAILED);
	ck_assert_int_eq(error.code, ERROR_INVALID);
	sandbox_free(sandbox);
}
END_TEST

static mono_t fast_clock(void)
{
	static mono_t t;
	return t += 10000;
}

START_TEST(the_deadline_is_machine_time_that_the_host_gives)
{
	struct sandbox_limits limits = {.instructions = INT64_C(1) << 40, .deadline = 100000};
	sandbox = sandbox_new(&limits, fast_clock);
	ck_assert_int_eq(run("while true do end"), -1);
	ck_assert_int_eq(sandbox_ended(sandbox), SANDBOX_TOO_LATE);
	ck_assert_str_eq(error.message, "took longer than a script may (100 ms)");
	sandbox_free(sandbox);
}
END_TEST

START_TEST(what_scripts_keep_over_calls_is_bounded_too)
{
	sandbox = sandbox_new(NULL, slow_now());
	lua_State *lua = sandbox_lua(sandbox);
	ck_assert_int_eq(
		run("local kept = {} return function() kept[#kept + 1] = ('x'):rep(1000):rep(500) .. #kept end"), 0);
	bool stopped = false;
	for (int i = 0; i < 100 && !stopped; i++) {
		lua_pushvalue(lua, 1);
		stopped = sandbox_call(sandbox, 0, 0, &error) < 0;
	}
	ck_assert(stopped);
	ck_assert_msg(sandbox_spoiled(sandbox), "%s, %zu bytes", error.message, sandbox_memory(sandbox));
	ck_assert_uint_lt(sandbox_memory(sandbox), 4u * SANDBOX_MEMORY + 1000000);
	sandbox_free(sandbox);
}
END_TEST

/* A C function of the host that calls a script again. */
static int call_back(lua_State *lua)
{
	struct error inner;
	lua_settop(lua, 1);
	if (sandbox_call(sandbox_of(lua), 0, 0, &inner) < 0)
		lua_pushstring(lua, inner.message);
	else
		lua_pushnil(lua);
	return 1;
}

START_TEST(a_call_inside_a_call_has_no_budget_of_its_own)
{
	sandbox = sandbox_new(NULL, slow_now());
	lua_pushcfunction(sandbox_lua(sandbox), call_back);
	sandbox_declare(sandbox, "call_back");
	ck_assert_str_eq(text_of("return call_back(function() error('x') end)"), "x");
	ck_assert_int_eq(run("while true do call_back(function() while true do end end) end"), -1);
	ck_assert_int_eq(sandbox_ended(sandbox), SANDBOX_TOO_LONG);
	ck_assert_int_eq(error.code, ERROR_LIMIT);
	ck_assert_str_eq(error.message, "ran longer than a script may (100000 instructions)");
	ck_assert_int_eq(run("while true do call_back(function() local s = 'x' while true do s = s .. s .. s .. s .. s "
			     ".. s end end) end"),
			 -1);
	ck_assert_int_eq(sandbox_ended(sandbox), SANDBOX_TOO_BIG);
	if (sandbox_spoiled(sandbox))
		rebuild();
	ck_assert_str_eq(text_of("return 'fine'"), "fine");
	sandbox_free(sandbox);
}
END_TEST

START_TEST(the_walk_of_pairs_is_the_same_in_every_state)
{
	const char *script = "local t, s = {}, '' for i = 1, 200 do t['k' .. i * 7919 % 1000] = i end t[2.5] = 'f' "
			     "t[-1] = 'm' t[3] = 'i' "
			     "for k in pairs(t) do s = s .. k .. ',' end return s";
	sandbox = sandbox_new(NULL, slow_now());
	char *first = strdup(text_of(script));
	for (int i = 0; i < 5; i++) {
		rebuild();
		ck_assert_str_eq(text_of(script), first);
	}
	ck_assert(strncmp(first, "-1,2.5,3,k", 10) == 0);
	free(first);
	sandbox_free(sandbox);
}
END_TEST

START_TEST(a_number_is_read_strictly)
{
	double number = 0;
	sandbox = sandbox_new(NULL, slow_now());
	lua_State *lua = sandbox_lua(sandbox);
	ck_assert(run("return 1.5") == 0 && sandbox_read_number(lua, -1, &number, &error) == 0 && number == 1.5);
	ck_assert(run("return 0/0") == 0 && sandbox_read_number(lua, -1, &number, &error) == -1);
	ck_assert(run("return math.huge") == 0 && sandbox_read_number(lua, -1, &number, &error) == -1);
	ck_assert(run("return '1'") == 0 && sandbox_read_number(lua, -1, &number, &error) == -1);
	ck_assert_str_eq(error.message, "gave a string where a number is needed");
	sandbox_free(sandbox);
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(every_listed_word_works),
	UNIT(nothing_else_of_lua_can_be_reached),
	UNIT(bytecode_is_never_loaded),
	UNIT(a_name_nobody_declared_is_an_error_with_its_place_and_the_nearest_word),
	UNIT(an_environment_of_its_own_sees_its_words_and_others_do_not),
	UNIT(a_long_file_name_is_shown_whole),
	UNIT(every_attack_ends_and_the_next_call_is_fine),
	UNIT(deep_nesting_is_refused_when_it_is_read),
	UNIT(limits_say_which_one_it_was),
	UNIT(the_deadline_is_machine_time_that_the_host_gives),
	UNIT(what_scripts_keep_over_calls_is_bounded_too),
	UNIT(a_call_inside_a_call_has_no_budget_of_its_own),
	UNIT(the_walk_of_pairs_is_the_same_in_every_state),
	UNIT(a_number_is_read_strictly),
};
UNIT_MAIN("playbook/sandbox", cases)
