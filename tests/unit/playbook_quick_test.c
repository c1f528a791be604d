/* Functions called quickly, without counting: the bell ends those that go round for ever, and whatever the time does, the answer is
 * the one that counting gives. */
#include "playbook/sandbox.h"
#include "unit/check_main.h"
#include "unit/playbook_folder.h"

#include <signal.h>
#include <sys/time.h>
#include <sys/wait.h>

static struct sandbox *sandbox;
static struct error error;

static int run(const char *text, enum sandbox_pace pace)
{
	lua_settop(sandbox_lua(sandbox), 0);
	error_clear(&error);
	if (sandbox_load(sandbox, "x.lua", str_of(text), 0, &error) < 0)
		return -1;
	sandbox_set_pace(sandbox, pace);
	return sandbox_call(sandbox, 0, 1, &error);
}

static void open_sandbox(const struct bell *bell)
{
	sandbox = sandbox_new(NULL, NULL);
	sandbox_set_bell(sandbox, bell);
}

static const char *const endless[] = {
	"while true do end",
	"for i = 1, 1e18 do end",
	"::a:: goto a",
	"repeat until false",
	"local function f() return f() end return f()",
	"local t = { 1 } for i in ipairs(t) do for k = 1, 1e18 do end end",
	"local x = 0 while true do x = math.max(x, 1) end",
	"local s = 'x' while true do local c = s .. 'y' end",
};

START_TEST(what_goes_round_for_ever_is_ended_by_the_bell_and_the_next_call_is_fine)
{
	open_sandbox(&bell_of_thread);
	for (size_t i = 0; i < sizeof endless / sizeof *endless; i++) {
		ck_assert_msg(run(endless[i], SANDBOX_QUICK) == -1, "%s", endless[i]);
		ck_assert_msg(sandbox_ended(sandbox) == SANDBOX_UNSURE, "%s: %d", endless[i], (int)sandbox_ended(sandbox));
		ck_assert_int_eq(lua_gettop(sandbox_lua(sandbox)), 0);
		ck_assert_int_eq(run(endless[i], SANDBOX_COUNTED), -1);
		ck_assert_int_eq(sandbox_ended(sandbox), SANDBOX_TOO_LONG);
		ck_assert_int_eq(run("return 7", SANDBOX_COUNTED), 0);
		ck_assert_int_eq(lua_tointeger(sandbox_lua(sandbox), -1), 7);
	}
	sandbox_free(sandbox);
}
END_TEST

START_TEST(two_sandboxes_and_a_child_have_their_bell_too)
{
	open_sandbox(&bell_of_thread);
	struct sandbox *first = sandbox;
	ck_assert_int_eq(run(endless[0], SANDBOX_QUICK), -1);
	open_sandbox(&bell_of_thread);
	ck_assert_int_eq(run(endless[0], SANDBOX_QUICK), -1);
	pid_t child = fork();
	if (child == 0) {
		if (run(endless[0], SANDBOX_QUICK) == -1 && sandbox_ended(sandbox) == SANDBOX_UNSURE)
			raise(SIGKILL); /* no exit, at which valgrind would look for what the parent still needs */
		_exit(1);
	}
	int status = 0;
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	sandbox_free(sandbox);
	sandbox = first;
	ck_assert_int_eq(run(endless[0], SANDBOX_QUICK), -1);
	ck_assert_int_eq(sandbox_ended(sandbox), SANDBOX_UNSURE);
	sandbox_free(sandbox);
}
END_TEST

/* ---- time, told by the test ---- */

static uint64_t told = 1000, took;
static int starts;
static void (*ring)(void *);
static void *ring_arg;

static uint64_t start_told(void (*fn)(void *), void *arg)
{
	ring = fn;
	ring_arg = arg;
	starts++;
	return told;
}

static uint64_t stop_told(void)
{
	return told + took;
}

static uint64_t no_bell(void (*fn)(void *), void *arg)
{
	(void)fn, (void)arg;
	return 0;
}

static const struct bell told_bell = {start_told, stop_told}, broken_bell = {no_bell, stop_told};

START_TEST(a_quick_call_stands_only_when_it_was_surely_short_enough)
{
	open_sandbox(&told_bell);
	took = SANDBOX_INSTRUCTIONS / 2 - 1;
	ck_assert_int_eq(run("return 7", SANDBOX_QUICK), 0);
	ck_assert_int_eq(lua_tointeger(sandbox_lua(sandbox), -1), 7);
	ck_assert_int_eq(run("error('why')", SANDBOX_QUICK), -1);
	ck_assert_int_eq(sandbox_ended(sandbox), SANDBOX_FAILED);
	took = SANDBOX_INSTRUCTIONS / 2;
	ck_assert_int_eq(run("return 7", SANDBOX_QUICK), -1);
	ck_assert_int_eq(sandbox_ended(sandbox), SANDBOX_UNSURE);
	ck_assert_int_eq(run("error('why')", SANDBOX_QUICK), -1);
	ck_assert_int_eq(sandbox_ended(sandbox), SANDBOX_UNSURE);
	took = (uint64_t)-5; /* a counter that went back */
	ck_assert_int_eq(run("return 7", SANDBOX_QUICK), -1);
	ck_assert_int_eq(sandbox_ended(sandbox), SANDBOX_UNSURE);
	took = 0; /* what our own functions charge counts as well */
	ck_assert_int_eq(run("for i, w in ipairs(('x '):rep(10000):split(' ')) do end", SANDBOX_QUICK), -1);
	ck_assert_int_eq(sandbox_ended(sandbox), SANDBOX_UNSURE);
	sandbox_free(sandbox);
}
END_TEST

static int ring_now(lua_State *lua)
{
	(void)lua;
	ring(ring_arg);
	return 0;
}

START_TEST(a_ring_ends_the_call_at_once_and_no_other)
{
	open_sandbox(&told_bell);
	took = 0;
	lua_pushcfunction(sandbox_lua(sandbox), ring_now);
	sandbox_declare(sandbox, "ring_now");
	ck_assert_int_eq(run("ring_now() return 7", SANDBOX_QUICK), -1);
	ck_assert_int_eq(sandbox_ended(sandbox), SANDBOX_UNSURE);
	ck_assert_int_eq(run("local n = 0 for i = 1, 1000 do n = n + i end return 7", SANDBOX_QUICK), 0);
	ck_assert_int_eq(run("return ring_now()", SANDBOX_QUICK), -1); /* on its last instruction */
	ck_assert_int_eq(sandbox_ended(sandbox), SANDBOX_UNSURE);
	ck_assert_int_eq(run("local s = 'x' while true do s = s .. s end", SANDBOX_QUICK), -1);
	ck_assert_int_eq(run("return 7", SANDBOX_STRAIGHT), 0);
	ck_assert_int_eq(run("return 7", SANDBOX_COUNTED), 0);
	sandbox_free(sandbox);
}
END_TEST

START_TEST(without_a_bell_all_is_counted)
{
	for (int i = 0; i < 2; i++) {
		open_sandbox(i ? &broken_bell : NULL);
		ck_assert_int_eq(run("while true do end", SANDBOX_QUICK), -1);
		ck_assert_int_eq(sandbox_ended(sandbox), SANDBOX_TOO_LONG);
		ck_assert_int_eq(run("return 7", SANDBOX_QUICK), 0);
		sandbox_free(sandbox);
	}
}
END_TEST

/* ---- a bell that rings all the time ---- */

static void *volatile ringing;

static void on_alarm(int signal)
{
	(void)signal;
	void *arg = ringing;
	if (arg)
		ring(arg);
}

static uint64_t start_ringing(void (*fn)(void *), void *arg)
{
	ring = fn;
	ringing = arg;
	return 1;
}

static uint64_t stop_ringing(void)
{
	ringing = NULL;
	return 1;
}

static void set_alarms(int us)
{
	struct itimerval every = {.it_interval.tv_usec = us, .it_value.tv_usec = us};
	struct sigaction action = {.sa_handler = on_alarm, .sa_flags = SA_RESTART};
	sigaction(SIGALRM, &action, NULL);
	ck_assert_int_eq(setitimer(ITIMER_REAL, &every, NULL), 0);
}

/* What Lua does most of: calls, returns, loops, tables, texts, errors, our own functions that call back. Each gives 7, or errs. */
static const char *const busy[] = {
	"local n = 0 for i = 1, 500 do n = n + i % 7 end return 7",
	"local t = {} for i = 1, 60 do t[i] = { i } end return 7",
	"local s = '' for i = 1, 40 do s = s .. i end return 7",
	"local function f(n) if n == 0 then return 0 end return 1 + f(n - 1) end f(100) return 7",
	"local function f(n, ...) if n == 0 then return ... end return f(n - 1, n, ...) end f(30) return 7",
	"local t = {} for i = 1, 30 do t[i] = 31 - i end table.sort(t, function(a, b) return a < b end) return 7",
	"for k, v in pairs { a = 1, b = 2, c = 3 } do local x = (k .. v):upper():rep(3) end return 7",
	"local x = nil return x.y",
	"error('why')",
	"while true do end",
	"local function f() return 1 + f() end return f()",
};
enum { BUSY = sizeof busy / sizeof *busy, BUSY_GOOD = 7 };

START_TEST(rings_at_any_moment_do_no_harm)
{
	static const struct bell restless = {start_ringing, stop_ringing};
	bool slow = getenv("NURTURE_SLOW") != NULL;
	open_sandbox(&restless);
	for (int i = 0; i < BUSY; i++)
		ck_assert_int_eq(sandbox_load(sandbox, "x.lua", str_of(busy[i]), 0, NULL), 0);
	lua_State *lua = sandbox_lua(sandbox);
	set_alarms(slow ? 5000 : 100);
	for (int calls = 0; calls < (slow ? 300 : 6000); calls++) {
		int k = calls % 101 ? calls % 9 : 9 + calls / 101 % 2, bad = -1;
		for (int pace = SANDBOX_QUICK; pace >= 0 && bad; pace = pace == SANDBOX_QUICK && sandbox_ended(sandbox) == SANDBOX_UNSURE ? SANDBOX_COUNTED : -1) {
			lua_settop(lua, BUSY);
			lua_pushvalue(lua, k + 1);
			sandbox_set_pace(sandbox, (enum sandbox_pace)pace);
			bad = sandbox_call(sandbox, 0, 1, NULL);
		}
		ck_assert_msg(k < BUSY_GOOD ? !bad && lua_tointeger(lua, -1) == 7 : bad, "%s", busy[k]);
		if (k < 9)
			ck_assert_msg(!bad || sandbox_ended(sandbox) == SANDBOX_FAILED, "%s: %d", busy[k], (int)sandbox_ended(sandbox));
		ck_assert_int_le(lua_gettop(lua), BUSY + 1);
	}
	set_alarms(0);
	sandbox_free(sandbox);
}
END_TEST

/* ---- functions of a playbook ---- */

/* `visits` is how often it goes round, with three instructions each time and some more. */
static const char playbook_text[] = "playbook \"x\" { } field \"visits\" { type = \"number\" }\n"
				    "segment \"s\" { who = function(lead) local n = 0 for i = 1, lead.visits do n = n + i % 7 end return n >= 0 end }\n"
				    "segment \"t\" { who = function(lead) return lead.id > 3 end }\n";

static struct playbook *load(const struct bell *bell)
{
	struct playbook_file file = {"playbook.lua", {playbook_text, sizeof playbook_text - 1}};
	struct playbook_site site = {.bell = bell};
	struct problems problems = {.arena = arena_new()};
	struct playbook *playbook = playbook_load(&(struct playbook_files){.files = &file, .count = 1}, &site, &problems);
	ck_assert_msg(playbook != NULL, "%s", problems.count ? problems.items[0].message : "");
	arena_free(problems.arena);
	return playbook;
}

static bool goes_through(struct playbook *playbook, int segment, int rounds)
{
	struct value fields[64] = {[LEAD_STANDARD_COUNT] = {.type = VALUE_NUMBER, .number = rounds}};
	struct lead lead = {.id = 4711, .fields = fields};
	struct playbook_view view = {.lead = &lead};
	struct script_result result;
	error_clear(&error);
	int bad = playbook_call(playbook, playbook->segments[segment].who->function, &view, &result, &error);
	ck_assert(bad ? error.code == ERROR_LIMIT : result.answer == SCRIPT_TRUE);
	if (bad)
		ck_assert_str_eq(error.message, "segment \"s\" ran longer than a function may (100,000 instructions; lead 4711). "
						"It changes nothing until it is mended.");
	return !bad;
}

START_TEST(the_answer_is_that_of_counting_whatever_came_before)
{
	static const int rounds[] = {5, 33000, 30, 34000, 33200, 33300, 33400, 3000, 2000, 1000, 10, 40000, 33200, 100000, 5000, 33300, 400000, 2};
	struct playbook *counted = load(NULL), *quick = load(&bell_of_thread);
	for (int pass = 0; pass < 3; pass++)
		for (size_t i = 0; i < sizeof rounds / sizeof *rounds; i++)
			ck_assert_msg(goes_through(counted, 0, rounds[i]) == goes_through(quick, 0, rounds[i]), "%d", rounds[i]);
	ck_assert(goes_through(quick, 0, 33000) && !goes_through(quick, 0, 34000));
	playbook_free(counted);
	playbook_free(quick);
}
END_TEST

/* How often it was tried quickly in so many calls. */
static int tries(struct playbook *playbook, int calls)
{
	starts = 0;
	for (int i = 0; i < calls; i++)
		ck_assert(goes_through(playbook, 0, 10));
	return starts;
}

START_TEST(a_long_function_is_tried_quickly_ever_more_seldom_and_an_endless_one_never_again)
{
	struct playbook *playbook = load(&told_bell);
	took = 0;
	ck_assert_int_eq(tries(playbook, 10), 10);
	took = SANDBOX_INSTRUCTIONS;
	ck_assert_int_eq(tries(playbook, 1 + 16), 1);
	ck_assert_int_eq(tries(playbook, 1 + 32), 1);
	ck_assert_int_eq(tries(playbook, 10000), 7 + 1); /* 64, 128 … 4096 */
	took = 0;
	ck_assert_int_ge(tries(playbook, 4096 + 10), 10);
	ck_assert_int_eq(tries(playbook, 10), 10);
	took = SANDBOX_INSTRUCTIONS;
	ck_assert(!goes_through(playbook, 0, 40000));
	took = 0;
	ck_assert_int_eq(tries(playbook, 10000), 0);
	ck_assert(goes_through(playbook, 1, 10) && starts == 0); /* straight: no bell at all */
	playbook_free(playbook);
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(what_goes_round_for_ever_is_ended_by_the_bell_and_the_next_call_is_fine),
	UNIT(two_sandboxes_and_a_child_have_their_bell_too),
	UNIT(a_quick_call_stands_only_when_it_was_surely_short_enough),
	UNIT(a_ring_ends_the_call_at_once_and_no_other),
	UNIT(without_a_bell_all_is_counted),
	UNIT(rings_at_any_moment_do_no_harm),
	UNIT(the_answer_is_that_of_counting_whatever_came_before),
	UNIT(a_long_function_is_tried_quickly_ever_more_seldom_and_an_endless_one_never_again),
};
UNIT_MAIN("playbook/quick", cases)
