/* A trial opening: what does not open is said, and hurts nobody. The plugin is tests/plugin/puppet.c. */
#include "channel/plugin.h"
#include "channel/try.h"
#include "unit/check_main.h"

static struct error error;

static int try(const char *act)
{
	json_t *settings = json_pack("{s:s}", "act", act);
	const struct nurture_plugin *plugin = channel_plugin_load(NURTURE_BUILD "/tests/plugins/puppet.so", &error);
	ck_assert_msg(plugin, "%s", error.message);
	struct channel_options options = {.name = "fax", .settings = settings, .data_dir = "/tmp"};
	int result = channel_try(plugin, &options, &error);
	json_decref(settings);
	return result;
}

START_TEST(what_opens_is_no_error)
{
	ck_assert_int_eq(try("send"), 0);
}
END_TEST

START_TEST(what_the_plugin_says_is_said)
{
	ck_assert_int_eq(try("shut"), -1);
	ck_assert_str_eq(error.where, "fax");
	ck_assert_ptr_nonnull(strstr(error.message, "does not open today"));
}
END_TEST

START_TEST(a_plugin_that_crashes_when_it_opens_is_told_and_we_live)
{
	ck_assert_int_eq(try("crash-open"), -1);
	ck_assert_ptr_nonnull(strstr(error.message, "when it opened"));
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(what_opens_is_no_error),
	UNIT(what_the_plugin_says_is_said),
	UNIT(a_plugin_that_crashes_when_it_opens_is_told_and_we_live),
};
UNIT_MAIN("channel/try", cases)
