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

static int check(const char *file, const char *act)
{
	FILE *out = fmemopen(said, sizeof said, "w");
	json_t *settings = act ? json_pack("{s:s}", "act", act) : NULL;
	int failed = channel_plugin_check(file, settings, on_check, out);
	json_decref(settings);
	fclose(out);
	return failed;
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

START_TEST(a_plugin_that_crashes_fails_its_checks_and_not_ours)
{
	ck_assert_int_gt(check(PLUGINS "puppet.so", "crash"), 0);
	ck_line("FAILED  it completes a touch once", "Aborted");
	ck_line("ok      it exports one symbol", "");
}
END_TEST

START_TEST(a_second_completion_is_found)
{
	ck_assert_int_gt(check(PLUGINS "puppet.so", "double"), 0);
	ck_line("FAILED  it completes a touch once", "2 times");
}
END_TEST

START_TEST(sending_without_permission_is_found)
{
	ck_assert_int_gt(check(PLUGINS "puppet.so", "unpermitted"), 0);
	ck_line("FAILED  it completes a touch once", "without asking");
	ck_line("FAILED  it sends nothing when permission is refused", "sent");
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
	UNIT(a_plugin_that_crashes_fails_its_checks_and_not_ours),
	UNIT(a_second_completion_is_found),
	UNIT(sending_without_permission_is_found),
	UNIT(a_plugin_that_takes_anything_and_exports_more_is_found),
	UNIT(what_cannot_be_loaded_is_told_once),
};
UNIT_MAIN("channel/check", cases)
