/* Attacks on the sandbox that go around its budgets rather than against them (TRUST 38, 39): lengths that lie, keys that
 * are dear to compare, sums that overflow in our own functions, files that are dear to read, and answers that are no
 * answers. Each ends within the budget, with its place, and the next call in the same state is fine. */
#include "playbook/sandbox.h"
#include "unit/check_main.h"
#include "unit/playbook_folder.h"

static struct sandbox *sandbox;
static struct error error;

static int run(const char *text)
{
	lua_settop(sandbox_lua(sandbox), 0);
	error_clear(&error);
	if (sandbox_load(sandbox, "scoring/test.lua", str_of(text), 0, &error) < 0)
		return -1;
	return sandbox_call(sandbox, 0, 1, &error);
}

/* It ends by itself or by a budget; the ceiling only tells an endless loop from a slow machine. */
static void survive(const char *script, bool may_succeed)
{
	mono_t start = mono_now();
	int rc = run(script);
	mono_t took = mono_now() - start;
	ck_assert_msg(rc == -1 || may_succeed, "went through: %s", script);
	ck_assert_msg(took < 60 * MOMENT_SECOND, "took %lld us: %s", (long long)took, script);
	if (getenv("SHOW"))
		fprintf(stderr, "%8lld us %s:%s | %.70s\n", (long long)took, error.where, error.message, script);
	if (rc)
		ck_assert_msg(strncmp(error.where, "scoring/test.lua:", 17) == 0, "no place (%s): %s", error.where, script);
	if (sandbox_spoiled(sandbox)) {
		sandbox_free(sandbox);
		sandbox = sandbox_new(NULL, slow_now());
	}
	ck_assert_int_eq(run("return 7"), 0);
	ck_assert_int_eq(lua_tointeger(sandbox_lua(sandbox), -1), 7);
}

/* Lists whose border lies where nobody filled them: the constructor makes a hash of just the powers of two, and #t looks
 * at those only. #t is 2^62, and 2^63-1. */
#define POWERS \
	"[5] = 1" POWERS_4(3) POWERS_4(7) POWERS_4(11) POWERS_4(15) POWERS_4(19) POWERS_4(23) POWERS_4(27) POWERS_4(31) \
	POWERS_4(35) POWERS_4(39) POWERS_4(43) POWERS_4(47) POWERS_4(51) POWERS_4(55) POWERS_4(59)
#define POWERS_4(n) ", [8 << " #n " - 3] = 1, [16 << " #n " - 3] = 1, [32 << " #n " - 3] = 1, [64 << " #n " - 3] = 1"
#define LONG_LIST "local t = { 1, 2, 3, 4, " POWERS " } "
#define ENDLESS_LIST "local t = { 1, 2, 3, 4, " POWERS ", [math.maxinteger] = 1 } "

static const char *const refused[] = {
	ENDLESS_LIST "table.sort(t)",
	LONG_LIST "table.sort(t)",
	ENDLESS_LIST "table.sort(t, function(a, b) return a < b end)",
	LONG_LIST "table.sort(t, function(a, b) return a < b end)",
	ENDLESS_LIST "table.insert(t, 1)",
	LONG_LIST "table.insert(t, 1)",
	ENDLESS_LIST "table.insert(t, 1, 1)",
	LONG_LIST "table.insert(t, 1, 1)",
	ENDLESS_LIST "while true do table.remove(t, 1) end",
	LONG_LIST "while true do table.remove(t, 1) end",
	ENDLESS_LIST "return table.concat(t)",
	LONG_LIST "return table.concat(t)",
	ENDLESS_LIST "return table.unpack(t)",
	LONG_LIST "return table.unpack(t)",
	ENDLESS_LIST "return table.unpack(t, math.maxinteger - 100, math.maxinteger)",
	LONG_LIST "return table.unpack(t, math.maxinteger - 100, math.maxinteger)",
	ENDLESS_LIST "for i in ipairs(t) do end while true do for k in pairs(t) do end end",
	LONG_LIST "for i in ipairs(t) do end while true do for k in pairs(t) do end end",
	"local t = {} for i = 1, 1000 do t[i] = i end while true do table.count(t) end",
	"local t = {} for i = 1, 7 do t[('x'):rep(1000):rep(1000) .. i] = i end while true do for k in pairs(t) do break end end",
	"local a = ('x'):rep(1000):rep(1000) local b = a .. 'y' while true do local c = a < b end",
	"local a = ('x'):rep(1000):rep(1000) while true do local c = a .. 'y' end",
	"local a = ('ab'):rep(1000):rep(1000) while true do a:find('abb') end",
	"local a = ('\\u{fc}'):rep(1000):rep(1000) while true do a:sub(999999) end",
	"local a = ('x'):rep(1000):rep(1000) while true do a:upper() end",
	"local a = ('x'):rep(1000):rep(1000) while true do local n = #a:trim() end",
	"local a = ('x '):rep(300):rep(300) while true do a:split(' ') end",
	"return ('x'):rep(math.maxinteger)",
	"return ('x'):rep(math.mininteger) .. nil",
	"return ('x'):sub(math.mininteger, math.maxinteger):sub(math.maxinteger):find('', math.maxinteger) .. nil",
	"return string.format('%\\0d', 1)",
	"return string.format('%5\\0', 1)",
	"return string.format('%.', 1)",
	"return string.format('%100d', 1)",
	"return string.format('%a', 1)",
	"return string.format('%p', {})",
	"return string.format('%q', '')",
	"return select(math.mininteger, 1)",
	"return select(1e300, 1)",
	"return select('x', 1)",
	"local t = {} for i = 1, 250 do t[i] = i end while true do select(250, table.unpack(t)) end",
	"error({ { { 'an object' } } })",
	"error(setmetatable)",
	"error(error)",
	"error(('%s'):rep(10000))",
	"error('%s%n%s%n')",
	"return tostring()",
	"return tostring({}) + 1",
	"return '10' * '2'",
	"return -'2'",
	"return ('x') < 1",
	"return 10 & 1.5",
	"return 1e308 * 10 // 1 | 0",
	"return math.tointeger(1e300) + 1",
	"return math.floor(0/0) + math.floor(1/0) .. {}",
	"return math.fmod(1, 0)",
	"return math.mininteger // 0",
	"goto nowhere",
	"::a:: do goto b end ::b:: goto a",
	"local n = 0 repeat local m <const> = n n = m + 1 until false",
	"local function f(...) return f(1, ...) end f()",
	"local function f(...) local t = { ... } return f(table.unpack(t)) + 1 end f(1)",
	"local t = {} while true do t = { [t] = t } end",
	"local t = {} for i = 1, 1e9 do t[-i] = i end",
	"local t = {} for i = 1, 1e9 do t[i + 0.5] = i end",
	"local t = {} for i = 1, 1e9 do t['k' .. i] = i end",
	"local f = {} for i = 1, 1e9 do f[i] = function() return i end end",
	"local f = pairs({ 1, 2 }) return f(5).x",
	"local f = pairs({ 1, 2 }) return f('x', 1, 2).x",
	"local f = pairs({ 1, 2 }) f() f() f() return f().x",
	"for k in pairs({ 1, 2 }), 5 do local x = k.y end",
	"for k in pairs({ 1, 2 }), nil do local x = k.y end",
	"local f = ipairs({}) return f(5, 1)",
	"local f = ipairs({}) return f({}, {})",
	"local f = ipairs({}) return f(nil, 1)",
	"local f = ipairs({}) local n = f({}, math.maxinteger) return n.x",
	"for i in ipairs({ 1 }), 5, 1 do end",
	"return utf8.char(1)",
	"return ('x'):char()",
	"string.format = nil",
	"local s = string s.x = 1",
	"math.huge = 1",
	"for k in pairs(string) do string[k] = nil end return string.x",
	"_ENV = nil x = 1",
	"local function _ENV() end x = 1",
};

START_TEST(attacks_around_the_budgets_end_and_the_next_call_is_fine)
{
	sandbox = sandbox_new(NULL, slow_now());
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
		survive(refused[i], false);
	sandbox_free(sandbox);
}
END_TEST

/* ---- reading ---- */

/* `piece` over and over, `size` bytes of it; each %d in it becomes a number that counts up. */
static struct str repeat(const char *piece, size_t size)
{
	char *text = mem_alloc(size + 128); /* room for one piece more */
	size_t n = 0;
	for (int i = 0; n < size; i++) {
		for (const char *p = piece; *p; p++) {
			if (p[0] == '%' && p[1] == 'd')
				n += (size_t)snprintf(text + n, 12, "%d", i), p++;
			else
				text[n++] = *p;
		}
	}
	return (struct str){text, n};
}

/* The same without numbers, for very long ones. */
static struct str fill(const char *piece, size_t size)
{
	char *text = mem_alloc(size);
	size_t n = strlen(piece), k = n;
	memcpy(text, piece, n);
	for (; n < size; n += k)
		memcpy(text + n, text, k = n < size - n ? n : size - n);
	return (struct str){text, size};
}

static const char *const shapes[] = {
	"{", "}", "(", ")", "{},", "\"", "'", "[[", "[=[", "]]", "--", "--[[", ",", "=", "x=", "::", "::a%d::", "goto a%d ", "a%d=1 ", "a%d ",
	"local a%d ", "if x then ", "end ", "function ", "function() end ", "do ", "do end ", "repeat ", "and ", "x or ", "not ", "..", "...",
	"1 ", "\\", "\n", "\r", "email ", "email \"x\" ", "email { ", "step \"x%d\" {}\n", "rule \"x\" { points = 1 },\n", "field \"f%d\" { type = \"text\" }\n",
	"segment \"s%d\" { who = segment \"s%d\" }\n", "local x = function(lead) return lead.a%d end ", "x.", "x[", "\xe2\x80\x9c", "-", "#", "~", "a", "0",
};

static void load_playbook(struct str bytes, const char *shape)
{
	struct folder folder = {.arena = arena_new()};
	struct problems problems = {.arena = folder.arena};
	folder_put(&folder, "playbook.lua", bytes);
	struct playbook_files files = folder_files(&folder);
	mono_t start = mono_now();
	struct playbook *playbook = playbook_load(&files, folder_site(), &problems);
	mono_t took = mono_now() - start;
	if (getenv("SHOW"))
		fprintf(stderr, "%8lld us %zu problems | %s\n", (long long)took, problems.count, shape);
	ck_assert_msg(took < 60 * MOMENT_SECOND, "took %lld us: %s", (long long)took, shape);
	if (!playbook) {
		char *told = problems_text(&problems);
		ck_assert_msg(strncmp(told, "playbook.lua:", 13) == 0, "%s: %s", shape, told);
		ck_assert(strlen(told) < 40000);
		free(told);
	}
	playbook_free(playbook);
	arena_free(folder.arena);
}

START_TEST(a_file_of_any_shape_is_read_or_refused_in_time)
{
	for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
		struct str text = repeat(shapes[i], 60000);
		load_playbook(text, shapes[i]);
		free((char *)(uintptr_t)text.p);
	}
}
END_TEST

START_TEST(chunks_that_are_no_scripts_are_refused_and_the_next_is_read)
{
	struct str big = fill("local x = 1 ", 50000000), name = fill("n", 5000000), comment = fill("-- x\n", 50000000);
	sandbox = sandbox_new(NULL, slow_now());
	ck_assert_int_eq(sandbox_load(sandbox, "x.lua", big, 0, &error), -1);
	ck_assert_str_eq(error.where, "x.lua:1");
	ck_assert_int_eq(sandbox_load(sandbox, "x.lua", name, 0, &error), -1);
	ck_assert_msg(strncmp(error.where, "x.lua", 5) == 0, "%s", error.where);
	ck_assert_int_eq(sandbox_load(sandbox, "x.lua", comment, 0, &error), 0);
	lua_settop(sandbox_lua(sandbox), 0);
	ck_assert_int_eq(sandbox_load(sandbox, "x.lua", STR("\x1bLua\x54\x00\x19\x93\r\n\x1a\n"), 0, &error), -1);
	ck_assert_int_eq(sandbox_load(sandbox, "x.lua", STR("return 1\0return 2"), 0, &error), -1);
	ck_assert_int_eq(lua_gettop(sandbox_lua(sandbox)), 0);
	ck_assert(!sandbox_spoiled(sandbox) || sandbox_memory(sandbox) < 1000000);
	ck_assert_int_eq(run("return 7"), 0);
	sandbox_free(sandbox);
	free((char *)(uintptr_t)big.p);
	free((char *)(uintptr_t)name.p);
	free((char *)(uintptr_t)comment.p);
}
END_TEST

/* ---- answers that are no answers (TRUST 39) ---- */

#define HEAD "playbook \"x\" { } field \"visits\" { type = \"number\" } local phrase = stage \"engaged\" segment \"t\" { who = phrase }\n"

static const struct {
	const char *function, *message;
} answers[] = {
	{"return 0/0", "gave 0/0, which is no number to count with"},
	{"return 1/0", "gave an endless number, which is no number to count with"},
	{"local t = {} t.t = t return t", "the function returns a table."},
	{"local t = {} for i = 1, 5000 do t[i] = i end return t", "the function returns a table."},
	{"return 1, 2", "the function returns 2 things. It may return one."},
	{"local t = {} for i = 1, 200 do t[i] = leave \"x\" end return table.unpack(t)", "the function returns 200 things. It may return one."},
	{"return (\"x\"):rep(1000):rep(1000)", "the function returns a string."},
	{"return leave((\"x\"):rep(1000))", "leave takes a text in quotes"},
	{"return wait(\"-3\" .. \" days\")", "is not a length of time"},
	{"return wait(\"1e9\" .. \" years\")", "is not a length of time"},
	{"return leave(\"a\\0b\")", "leave takes a text in quotes"},
	{"return leave", "the function returns a userdata."},
	{"return lead", "the function returns a userdata."},
	{"return function() end", "the function returns a function."},
	{"return phrase \"x\"", "a phrase of the playbook cannot be used inside a function"},
	{"return lead.visits.x", "attempt to index a nil value"},
	{"return lead[{}]", "there is no field"},
	{"return lead[0/0]", "there is no field"},
	{"return lead[(\"x\"):rep(1000):rep(1000)]", "there is no field"},
	{"return lead.score[lead]", "there is no model of this name"},
	{"return #lead", "attempt to get length of a userdata value"},
	{"return lead()", "attempt to call a userdata value"},
	{"return lead .. 1", "attempt to concatenate a userdata value"},
	{"for k in pairs(lead) do end", "table expected, got userdata"},
	{"event.verb.x = 1", "attempt to index a string value"},
	{"lead.visits = 1", "a function cannot change a lead"},
};

START_TEST(an_answer_that_is_none_is_refused_with_its_place_and_the_next_call_is_fine)
{
	for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
		struct folder folder = {.arena = arena_new()};
		struct problems problems = {.arena = folder.arena};
		struct script_result result;
		folder_put(&folder, "playbook.lua", str_of(arena_printf(folder.arena, HEAD "segment \"s\" { who = function(lead, event)\nif lead.id == 1 then return true end\n%s end }\n", answers[i].function)));
		struct playbook_files files = folder_files(&folder);
		struct playbook *playbook = playbook_load(&files, folder_site(), &problems);
		ck_assert_msg(playbook != NULL, "%s: %s", answers[i].function, problems.count ? problems.items[0].message : "");
		struct lead lead = {.id = 4711, .fields = arena_array(folder.arena, playbook->schema.lead_count, sizeof(struct value))};
		struct playbook_view view = {.lead = &lead, .event = &(struct event){.verb = STR("page.view")}};
		const struct segment *segment = playbook->segments;
		while (strcmp(segment->name, "s") != 0)
			segment++;
		error_clear(&error);
		ck_assert_msg(playbook_call(playbook, segment->who->function, &view, &result, &error) == -1, "went through: %s", answers[i].function);
		ck_assert_msg(strstr(error.message, answers[i].message) != NULL, "%s: %s", answers[i].function, error.message);
		ck_assert_msg(strncmp(error.where, "playbook.lua:", 13) == 0, "%s: %s", answers[i].function, error.where);
		lead.id = 1;
		ck_assert_int_eq(playbook_call(playbook, segment->who->function, &view, &result, &error), 0);
		ck_assert_int_eq(result.answer, SCRIPT_TRUE);
		playbook_free(playbook);
		arena_free(folder.arena);
	}
}
END_TEST

/* Straight functions are called without counting: nothing that can go round may pass for one. */
static const char *const crooked[] = {
	"local f = function() while true do end end segment \"s\" { who = function(lead) return f() end }",
	"local function f() return f() end segment \"s\" { who = function(lead) return f() end }",
	"local t = { f = function() while true do end end } segment \"s\" { who = function(lead) return t.f() end }",
	"local t = {} segment \"s\" { who = function(lead) return t.f() end } t.f = function() return t.f() end",
	"local f segment \"s\" { who = function(lead) return f() end } f = function() while true do end end",
	"segment \"s\" { who = function(lead) ::a:: goto a end }",
	"segment \"s\" { who = function(lead) repeat until false end }",
	"segment \"s\" { who = function(lead) local t = (\"x \"):rep(1000):split(\" \") for i in ipairs(t) do for j in ipairs(t) do for k in pairs(t) do end end end end }",
	"segment \"s\" { who = function(lead) local t = {} t[1] = 1 for i in ipairs(t) do t[i + 1] = 1 end end }",
	"segment \"s\" { who = function(lead) for i in ipairs({ 1 }) do while true do end end end }",
	"local t = { pairs = function() return function() return 1 end end } segment \"s\" { who = function(lead) for i in t.pairs(1) do end end }",
	"local function pairs() return function() return 1 end end segment \"s\" { who = function(lead) for i in pairs(1) do end end }",
	"segment \"s\" { who = function(lead) for x in ipairs({}) and type, 1 do end end }",
	"segment \"s\" { who = function(lead) for x in ipairs({}) and (type), 1 do end end }",
	"segment \"s\" { who = function(lead) local ipairs = select for x in ipairs(1, type, 1) do end end }",
	"segment \"s\" { who = function(lead, ipairs) ipairs = select for x in ipairs(1, type, 1) do end end }",
	"local pairs = select segment \"s\" { who = function(lead) for x in pairs(1, type, 1) do end end }",
	"segment \"s\" { who = function(lead) local function f() return f() end return f() end }",
	"segment \"s\" { who = function(lead) for i = 1, 1e9 do end end }",
	"segment \"s\" { who = (function() return function(lead) while true do end end end)() }",
	"segment \"s\" {\nwho =\nfunction\n(lead)\nwhile\ntrue do\nend\nend\n}",
	"segment \"s\" { who = function(lead) return (\"x\"):rep(1000):rep(1000):glob((\"*x\"):rep(1000)) end }",
	"segment \"s\" { who = function(lead) local s = (\"x\"):rep(1000):rep(800) s = s .. s .. s .. s .. s .. s .. s .. s s = s .. s .. s .. s .. s .. s .. s return s end }",
};

START_TEST(what_only_looks_as_if_it_could_not_go_round_is_ended_too)
{
	for (size_t i = 0; i < sizeof crooked / sizeof *crooked; i++) {
		struct folder folder = {.arena = arena_new()};
		struct problems problems = {.arena = folder.arena};
		struct script_result result;
		folder_put(&folder, "playbook.lua", str_of(arena_printf(folder.arena, "playbook \"x\" { }\n%s\n", crooked[i])));
		struct playbook_files files = folder_files(&folder);
		struct playbook *playbook = playbook_load(&files, folder_site(), &problems);
		ck_assert_msg(playbook != NULL, "%s: %s", crooked[i], problems.count ? problems.items[0].message : "");
		struct lead lead = {.id = 4711, .fields = arena_array(folder.arena, playbook->schema.lead_count, sizeof(struct value))};
		struct playbook_view view = {.lead = &lead, .event = &(struct event){.verb = STR("page.view")}};
		error_clear(&error);
		ck_assert_msg(playbook_call(playbook, playbook->segments[0].who->function, &view, &result, &error) == -1, "went through: %s", crooked[i]);
		ck_assert_msg(error.code == ERROR_LIMIT, "%s: %s", crooked[i], error.message);
		playbook_free(playbook);
		arena_free(folder.arena);
	}
}
END_TEST

/* What a function could write into words would be there for the next lead: nothing that it does outlives its call. */
START_TEST(words_cannot_be_changed_by_a_file_nor_by_a_function)
{
	struct { const char *text; bool loads; const char *message; } tries[] = {
		{"ipairs = select", false, "ipairs is a word of the playbook and cannot be changed."},
		{"function type() return 1 end", false, "type is a word of the playbook and cannot be changed."},
		{"", true, "type = would change something outside of this function."},
	};
	for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
		struct folder folder = {.arena = arena_new()};
		struct problems problems = {.arena = folder.arena};
		struct script_result result;
		folder_put(&folder, "playbook.lua", str_of(arena_printf(folder.arena,
			"playbook \"x\" { }\nsegment \"s\" { who = function(lead) type = lead.id return true end }\n%s\n", tries[i].text)));
		struct playbook_files files = folder_files(&folder);
		struct playbook *playbook = playbook_load(&files, folder_site(), &problems);
		ck_assert_int_eq(playbook != NULL, tries[i].loads);
		error_clear(&error);
		if (playbook) {
			struct lead lead = {.id = 4711, .fields = arena_array(folder.arena, playbook->schema.lead_count, sizeof(struct value))};
			struct playbook_view view = {.lead = &lead, .event = &(struct event){.verb = STR("page.view")}};
			ck_assert_int_eq(playbook_call(playbook, playbook->segments[0].who->function, &view, &result, &error), -1);
		}
		const char *message = playbook ? error.message : problems.items[0].message;
		ck_assert_msg(strstr(message, tries[i].message) != NULL, "%s: %s", tries[i].text, message);
		playbook_free(playbook);
		arena_free(folder.arena);
	}
}
END_TEST

START_TEST(a_step_of_five_thousand_acts_is_refused_with_its_place)
{
	struct folder folder = {.arena = arena_new()};
	struct problems problems = {.arena = folder.arena};
	struct str acts = repeat("set { visits = %d },", 5000 * 21);
	folder_put(&folder, "playbook.lua", str_of(arena_printf(folder.arena, HEAD "campaign \"c\" { enter = \"by hand\",\nstep \"s\" { %.*s } }\n", STR_ARG(acts))));
	struct playbook_files files = folder_files(&folder);
	ck_assert_ptr_null(playbook_load(&files, folder_site(), &problems));
	ck_assert_int_eq(problems.items[0].at.line, 3);
	ck_assert_msg(strstr(problems.items[0].message, "A step does at most 100") != NULL, "%s", problems.items[0].message);
	free((char *)(uintptr_t)acts.p);
	arena_free(folder.arena);
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(chunks_that_are_no_scripts_are_refused_and_the_next_is_read),
	UNIT(an_answer_that_is_none_is_refused_with_its_place_and_the_next_call_is_fine),
	UNIT(what_only_looks_as_if_it_could_not_go_round_is_ended_too),
	UNIT(words_cannot_be_changed_by_a_file_nor_by_a_function),
	UNIT(a_step_of_five_thousand_acts_is_refused_with_its_place),
	UNIT(a_file_of_any_shape_is_read_or_refused_in_time),
	UNIT(attacks_around_the_budgets_end_and_the_next_call_is_fine),
};
UNIT_MAIN("playbook/attack", cases)
