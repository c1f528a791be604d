/* A playbook's folder: plain files, sorted; anything else is refused with its path. */
#include "jobs/folder.h"
#include "playbook/files.h"
#include "unit/check_main.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static char root[] = "/tmp/nurture-folder-XXXXXX";
static struct arena *arena;
static struct playbook_files files;
static struct error error;

static void begin(void)
{
	memcpy(root + sizeof root - 7, "XXXXXX", 6);
	ck_assert_ptr_nonnull(mkdtemp(root));
	arena = arena_new();
}

static void end(void)
{
	char command[100];
	snprintf(command, sizeof command, "rm -r %s", root);
	ck_assert_int_eq(system(command), 0);
	arena_free(arena);
}

static const char *at(const char *name)
{
	return arena_printf(arena, "%s/%s", root, name);
}

static void put(const char *name, const char *text)
{
	FILE *f = fopen(at(name), "w");
	fputs(text, f);
	fclose(f);
}

static void refused(const char *part)
{
	ck_assert_int_eq(folder_read(-1, root, arena, &files, &error), -1);
	ck_assert_ptr_nonnull(strstr(error.where, root));
	ck_assert_msg(strstr(error.message, part) != NULL, "“%s” does not say “%s”", error.message, part);
}

START_TEST(files_come_sorted_with_paths_inside_the_folder)
{
	begin();
	mkdir(at("scoring"), 0755);
	put("scoring/b.lua", "b");
	put("scoring/a.lua", "a");
	put("fields.lua", "f");
	put(".hidden", "x");
	put("fields.lua~", "x");
	ck_assert_int_eq(folder_read(-1, root, arena, &files, &error), 0);
	ck_assert_uint_eq(files.count, 3);
	ck_assert_str_eq(files.files[0].path, "fields.lua");
	ck_assert_str_eq(files.files[1].path, "scoring/a.lua");
	ck_assert_str_eq(files.files[2].path, "scoring/b.lua");
	ck_assert(str_is(files.files[1].bytes, "a"));
	end();
}
END_TEST

START_TEST(a_folder_is_read_through_a_descriptor_too)
{
	begin();
	put("a.lua", "1");
	int fd = open(root, O_RDONLY | O_DIRECTORY);
	ck_assert_int_eq(folder_read(fd, "somewhere", arena, &files, &error), 0);
	ck_assert_uint_eq(files.count, 1);
	ck_assert_int_eq(folder_read(fd, "somewhere", arena, &files, &error), 0); /* again: the descriptor stays as it was */
	ck_assert_uint_eq(files.count, 1);
	close(fd);
	end();
}
END_TEST

START_TEST(a_symbolic_link_is_refused_with_its_path)
{
	begin();
	ck_assert_int_eq(symlink("/etc/passwd", at("secrets.lua")), 0);
	refused("symbolic link");
	ck_assert_ptr_nonnull(strstr(error.where, "secrets.lua"));
	end();
}
END_TEST

START_TEST(a_linked_folder_is_refused_too)
{
	begin();
	ck_assert_int_eq(symlink("/etc", at("scoring")), 0);
	refused("symbolic link");
	end();
}
END_TEST

START_TEST(a_fifo_is_refused_and_never_waited_for)
{
	begin();
	ck_assert_int_eq(mkfifo(at("pipe.lua"), 0644), 0);
	refused("not a regular file");
	end();
}
END_TEST

START_TEST(a_file_above_the_limit_is_refused)
{
	begin();
	put("big.lua", "x");
	ck_assert_int_eq(truncate(at("big.lua"), PLAYBOOK_FILE_MAX + 1), 0);
	refused("larger than 4 MB");
	end();
}
END_TEST

START_TEST(a_folder_that_is_not_there_is_named)
{
	struct error e;
	arena = arena_new();
	ck_assert_int_eq(folder_read(-1, "/nowhere/playbook", arena, &files, &e), -1);
	ck_assert_str_eq(e.where, "/nowhere/playbook");
	arena_free(arena);
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(files_come_sorted_with_paths_inside_the_folder),
	UNIT(a_folder_is_read_through_a_descriptor_too),
	UNIT(a_symbolic_link_is_refused_with_its_path),
	UNIT(a_linked_folder_is_refused_too),
	UNIT(a_fifo_is_refused_and_never_waited_for),
	UNIT(a_file_above_the_limit_is_refused),
	UNIT(a_folder_that_is_not_there_is_named),
};
UNIT_MAIN("jobs/folder", cases)
