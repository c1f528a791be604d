/* Plugins as files: what is refused, and by what sentence. */
#include "channel/plugin.h"
#include "unit/check_main.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define PLUGINS NURTURE_BUILD "/tests/plugins/"

static void ck_refused(const char *file, const char *why)
{
	struct error error = {0};
	json_t *says = channel_plugin_describe(file, &error);
	ck_assert_msg(!says, "%s was taken", file);
	ck_assert_msg(strstr(error.message, why), "%s: \"%s\" does not say \"%s\"", file, error.message, why);
}

START_TEST(a_plugin_says_what_it_is)
{
	struct error error = {0};
	json_t *says = channel_plugin_describe(PLUGINS "puppet.so", &error);
	ck_assert_msg(says, "%s", error.message);
	ck_assert_str_eq(json_string_value(json_object_get(says, "kind")), "email");
	ck_assert_str_eq(json_string_value(json_array_get(json_object_get(says, "template_fields"), 0)), "!subject");
	json_decref(says);
}
END_TEST

START_TEST(a_plugin_with_one_thing_wrong_is_refused_by_name)
{
	ck_refused(PLUGINS "old-abi.so", "ABI 99");
	ck_refused(PLUGINS "other-name.so", "somebody-else");
	ck_refused(PLUGINS "short-table.so", "8 bytes");
	ck_refused(PLUGINS "needs-more.so", "newer server");
	ck_refused(PLUGINS "route-short.so", "table of routes");
	ck_refused(PLUGINS "route-method.so", "route 1 (TRACE /a): its method");
	ck_refused(PLUGINS "route-path.so", "each part of its path");
	ck_refused(PLUGINS "route-scope.so", "its scope");
	ck_refused(PLUGINS "route-twice.so", "route 3 (GET /a/:c): another row takes the same requests");
	ck_refused(PLUGINS "route-header.so", "are the server's");
	ck_refused(PLUGINS "route-no-function.so", "no function");
	ck_refused(PLUGINS "route-bad-role.so", "its roles are agent");
	ck_refused(PLUGINS "route-bad-title.so", "only a GET");
	ck_refused(PLUGINS "route-body.so", "at most 16 MiB");
	ck_refused(PLUGINS "migration-falls.so", "migration 1 (row 2): numbers begin with 1 or more and rise");
	ck_refused(PLUGINS "migration-empty.so", "no SQL");
	ck_refused(PLUGINS "public.so", "a name of its own");
	ck_refused(PLUGINS "not-there.so", "No such file");
}
END_TEST

START_TEST(a_plugin_that_crashes_while_it_is_loaded_hurts_nobody)
{
	ck_refused(PLUGINS "crash-at-load.so", "Aborted");
}
END_TEST

START_TEST(a_folder_and_a_file_that_everybody_may_write_are_refused)
{
	char dir[] = "/tmp/nurture-plugin-XXXXXX", path[64];
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof path, "%s/folder.so", dir);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	ck_refused(path, "regular file");
	rmdir(path);
	snprintf(path, sizeof path, "%s/open.so", dir);
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	ck_assert_int_eq(write(fd, "x", 1), 1);
	fchmod(fd, 0666);
	close(fd);
	ck_refused(path, "chmod o-w");
	unlink(path);
	rmdir(dir);
}
END_TEST

/* The puppet's own bytes, so that only its place and its rights are wrong. */
static void copy_puppet(const char *path)
{
	char command[300];
	snprintf(command, sizeof command, "cp %s %s && chmod 0644 %s", PLUGINS "puppet.so", path, path);
	ck_assert_int_eq(system(command), 0);
}

START_TEST(a_file_of_a_stranger_or_in_a_strangers_folder_is_refused)
{
	char dir[] = "/tmp/nurture-plugin-XXXXXX", path[64];
	struct error error = {0};
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof path, "%s/puppet.so", dir);
	copy_puppet(path);
	json_t *says = channel_plugin_describe(path, &error);
	ck_assert_msg(says, "%s", error.message);
	json_decref(says);
	ck_assert_int_eq(chmod(dir, 0777), 0);
	ck_refused(path, "write to its folder");
	ck_assert_int_eq(chmod(dir, 0755), 0);
	if (geteuid() == 0) { /* only root can give files away */
		ck_assert_int_eq(chown(path, 4711, 0), 0);
		ck_refused(path, "belongs to user 4711");
		ck_assert_int_eq(chown(path, 0, 4711), 0);
		ck_assert_int_eq(chmod(path, 0664), 0);
		ck_refused(path, "group 4711 may write");
		ck_assert_int_eq(chmod(path, 0644), 0);
		ck_assert_int_eq(chown(dir, 4711, 0), 0);
		ck_refused(path, "its folder belongs to user 4711");
	}
	unlink(path);
	rmdir(dir);
}
END_TEST

START_TEST(a_name_with_a_path_in_it_is_no_plugin)
{
	const char *const names[] = {"../email", "a/b", "", "email.so", "Email", "e mail", "..", "/etc/passwd"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct error error = {0};
		ck_assert_msg(!channel_plugin_path("/plugins", names[i], &error), "%s", names[i]);
	}
	char *path = channel_plugin_path("/plugins", "direct-mail2", &(struct error){0});
	ck_assert_str_eq(path, "/plugins/direct-mail2.so");
	free(path);
}
END_TEST

START_TEST(settings_that_a_plugin_refuses_stop_the_start_and_name_the_line)
{
	struct error error = {0};
	json_t *settings = json_pack("{s:s}", "speed", "high");
	struct config_channel channel = {.name = "email", .plugin = "puppet", .settings = settings, .where = "nurture.conf:7"};
	struct config config = {.plugin_dir = NURTURE_BUILD "/tests/plugins", .data_dir = "/tmp", .channels = &channel, .channel_count = 1};
	ck_assert_int_eq(channel_describe(&config, &error), -1);
	ck_assert_str_eq(error.where, "nurture.conf:7");
	ck_assert_ptr_nonnull(strstr(error.message, "speed"));
	json_decref(settings);
	channel.settings = settings = json_pack("{s:s}", "act", "send");
	ck_assert_int_eq(channel_describe(&config, &error), 0);
	ck_assert_ptr_nonnull(channel.says);
	json_decref(channel.says);
	json_decref(settings);
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(a_plugin_says_what_it_is),
	UNIT(a_plugin_with_one_thing_wrong_is_refused_by_name),
	UNIT(a_plugin_that_crashes_while_it_is_loaded_hurts_nobody),
	UNIT(a_folder_and_a_file_that_everybody_may_write_are_refused),
	UNIT(a_file_of_a_stranger_or_in_a_strangers_folder_is_refused),
	UNIT(a_name_with_a_path_in_it_is_no_plugin),
	UNIT(settings_that_a_plugin_refuses_stop_the_start_and_name_the_line),
};
UNIT_MAIN("channel/plugin", cases)
