/* The conformance kit finds what a plugin does wrong, and passes one that does nothing wrong. */
#include "channel/check.h"
#include "unit/check_main.h"

#include <string.h>

#define PLUGINS NURTURE_BUILD "/tests/plugins/"

static char said[20000];

static void on_check(void *arg, const char *verdict, const char *what, const char *why)
{
	fprintf(arg, "%-8s%s: %s\n", verdict, what, why);
}

/* Tries the promises with `only` in their sentence, NULL = all. */
static int check_some(const char *file, const char *act, const char *only)
{
	FILE *out = fmemopen(said, sizeof said, "w");
	json_t *settings = act ? json_pack("{s:s}", "act", act) : NULL;
	int failed = channel_plugin_check(file, settings, only, on_check, out);
	json_decref(settings);
	fclose(out);
	return failed;
}

static int check(const char *file, const char *act)
{
	return check_some(file, act, NULL);
}

static void ck_line(const char *begins, const char *has)
{
	const char *line = strstr(said, begins);
	ck_assert_msg(line, "no line \"%s\" in:\n%s", begins, said);
	const char *end = strchr(line, '\n'), *found = strstr(line, has);
	ck_assert_msg(found && found < end, "\"%s\" does not say \"%s\":\n%s", begins, has, said);
}

START_TEST(a_good_plugin_passes)
{
	ck_assert_msg(check(PLUGINS "puppet.so", "send") == 0, "%s", said);
	ck_line("ok      it completes a touch once", "sent");
	ck_assert_msg(!strstr(said, "skipped"), "%s", said);
}
END_TEST

/* An act, and the one promise that it breaks. */
static const struct {
	const char *act, *line, *why;
} lapses[] = {
	{"crash", "FAILED  it completes a touch once", "crashed in deliver (Aborted)"},
	{"crash-open", "FAILED  it completes a touch once", "crashed in open (Aborted)"},
	{"crash-timer", "FAILED  it completes a touch once", "crashed in a callback of its own"},
	{"double", "FAILED  it completes a touch once", "twice"},
	{"liar", "FAILED  it completes a touch once", "never had (5 times too many)"},
	{"unpermitted", "FAILED  it completes a touch once", "without asking"},
	{"unpermitted", "FAILED  it sends nothing when permission is refused", "without asking"},
	{"queues-unasked", "FAILED  it completes a touch once", "queued a touch without asking"},
	{"queues-unasked", "FAILED  it waits for permission before it sends", "queued a touch without asking"},
	{"garbage", "FAILED  it gives a touch back when asked", "outcome 77"},
	{"off-thread", "FAILED  it completes a touch once", "called complete from a thread of its own"},
	{"peek", "FAILED  it completes a touch once", "used memory of a touch after deliver had returned"},
	{"leak", "FAILED  it opens and closes again and again", "bytes of memory"},
	{"leak-descriptor", "FAILED  it opens and closes again and again", "descriptors more"},
	{"leave-timer", "FAILED  it closes with touches in hand", "left 1 timers behind"},
	{"forget-mute", "FAILED  it forgets whom it is told to forget", "did not answer forget within"},
	{"forget-twice", "FAILED  it forgets whom it is told to forget", "answered forget or part twice"},
	{"begin-early", "FAILED  it begins nothing when only its settings are checked", "descriptors open"},
};

START_TEST(each_lapse_is_found_and_named)
{
	for (size_t i = 0; i < sizeof lapses / sizeof *lapses; i++) {
		ck_assert_int_eq(check_some(PLUGINS "puppet.so", lapses[i].act, lapses[i].line + 8), 1);
		ck_line(lapses[i].line, lapses[i].why);
	}
}
END_TEST

/* A plugin with one route, the promise that it breaks, and how that is said. */
static const struct {
	const char *file, *line, *why;
} bad_routes[] = {
	{PLUGINS "rude-never.so", "FAILED  it answers each of its routes once", "GET /odd/:id: 1 of 1 requests had no answer"},
	{PLUGINS "rude-twice.so", "FAILED  it answers each of its routes once", "answered a request twice"},
	{PLUGINS "rude-keeps.so", "FAILED  it answers many requests at once", "used memory of a request after the route's function had returned"},
	{PLUGINS "rude-bad-header.so", "FAILED  it answers each of its routes once", "cannot be sent"},
	{PLUGINS "rude-crash.so", "FAILED  it closes with requests in hand", "crashed in route GET /odd/:id (Aborted)"},
};

START_TEST(each_lapse_of_a_route_is_found_and_named)
{
	for (size_t i = 0; i < sizeof bad_routes / sizeof *bad_routes; i++) {
		ck_assert_int_eq(check_some(bad_routes[i].file, "send", bad_routes[i].line + 8), 1);
		ck_line(bad_routes[i].line, bad_routes[i].why);
	}
}
END_TEST

START_TEST(a_plugin_that_hangs_is_ended_once_and_said_so)
{
	ck_assert_int_eq(check(PLUGINS "puppet.so", "hang"), 1);
	ck_line("FAILED  it completes a touch once", "hung in deliver");
	ck_line("skipped it opens and closes again", "cannot be tried");
}
END_TEST

START_TEST(a_plugin_that_ignores_cancel_is_found)
{
	ck_assert_int_eq(check_some(PLUGINS "puppet.so", "stubborn", "when its time is over"), 1);
	ck_line("FAILED  it gives a touch back when its time is over", "not completed");
}
END_TEST

START_TEST(a_plugin_that_takes_anything_and_exports_more_is_found)
{
	ck_assert_int_gt(check(PLUGINS "two-symbols.so", NULL), 0);
	ck_line("FAILED  it exports one symbol", "nurture_second_symbol");
	ck_line("FAILED  it refuses a setting that it does not know", "no_such_setting");
}
END_TEST

START_TEST(what_cannot_be_loaded_is_told_once)
{
	ck_assert_int_eq(check(PLUGINS "old-abi.so", NULL), 1);
	ck_line("FAILED  it loads", "ABI 99");
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(a_good_plugin_passes),
	UNIT(each_lapse_is_found_and_named),
	UNIT(each_lapse_of_a_route_is_found_and_named),
	UNIT(a_plugin_that_hangs_is_ended_once_and_said_so),
	UNIT(a_plugin_that_ignores_cancel_is_found),
	UNIT(a_plugin_that_takes_anything_and_exports_more_is_found),
	UNIT(what_cannot_be_loaded_is_told_once),
};
UNIT_MAIN("channel/check", cases)
