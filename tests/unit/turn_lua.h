/* Playbooks of real text for tests of the room turn: files in memory, or the sample's folder. */
#ifndef NURTURE_TESTS_TURN_LUA_H
#define NURTURE_TESTS_TURN_LUA_H

#include "base/buf.h"
#include "playbook/playbook.h"
#include "unit/check_main.h"

#include <dirent.h>
#include <sys/stat.h>

#define LUA_UNUSED __attribute__((unused))

static struct playbook_file lua_files[500];
static size_t lua_file_count;
static struct problems lua_problems;
static struct arena *lua_arena;

__attribute__((constructor)) static void lua_memory(void)
{
	lua_arena = arena_new(); /* until the program ends: each test is a process of its own */
}

LUA_UNUSED static void lua_file(const char *path, const char *text)
{
	ck_assert_uint_lt(lua_file_count, 500);
	lua_files[lua_file_count++] = (struct playbook_file){.path = arena_dup(lua_arena, path), .bytes = str_of(arena_dup(lua_arena, text))};
}

LUA_UNUSED static void lua_mail(const char *name)
{
	char path[200];
	snprintf(path, sizeof path, "templates/email/%s.md", name);
	lua_file(path, "---\nsubject: Hello\n---\nHello.\n");
}

LUA_UNUSED static void lua_folder(const char *root, const char *below)
{
	char path[1000];
	snprintf(path, sizeof path, "%s/%s", root, below);
	DIR *dir = opendir(path);
	ck_assert_msg(dir != NULL, "%s", path);
	for (struct dirent *entry; (entry = readdir(dir));) {
		char name[600], full[2000];
		struct stat st;
		if (entry->d_name[0] == '.')
			continue;
		snprintf(name, sizeof name, "%s%s%s", below, *below ? "/" : "", entry->d_name);
		snprintf(full, sizeof full, "%s/%s", root, name);
		ck_assert_int_eq(stat(full, &st), 0);
		if (S_ISDIR(st.st_mode)) {
			lua_folder(root, name);
			continue;
		}
		char *text = arena_alloc(lua_arena, (size_t)st.st_size + 1);
		FILE *f = fopen(full, "r");
		ck_assert_ptr_nonnull(f);
		ck_assert_uint_eq(fread(text, 1, (size_t)st.st_size, f), (size_t)st.st_size);
		fclose(f);
		lua_file(name, text);
	}
	closedir(dir);
}

static int lua_by_path(const void *a, const void *b)
{
	return strcmp(((const struct playbook_file *)a)->path, ((const struct playbook_file *)b)->path);
}

/* NULL when it is refused: lua_problems says why. */
LUA_UNUSED static struct playbook *lua_try_at(const struct playbook_site *site)
{
	qsort(lua_files, lua_file_count, sizeof *lua_files, lua_by_path);
	struct playbook_files files = {.files = lua_files, .count = lua_file_count};
	lua_problems = (struct problems){.arena = lua_arena};
	return playbook_load(&files, site, &lua_problems);
}

LUA_UNUSED static struct playbook *lua_load_at(const struct playbook_site *site)
{
	struct playbook *playbook = lua_try_at(site);
	ck_assert_msg(playbook != NULL, "%s", problems_text(&lua_problems));
	return playbook;
}

/* With an e-mail channel and no other. */
LUA_UNUSED static struct playbook *lua_load(void)
{
	static const struct playbook_channel channels[] = {{.name = "email", .kind = "email", .body = "markdown"}};
	static const struct playbook_site site = {.channels = channels, .channel_count = 1, .postal_address = "1 Example Street", .bell = &bell_of_thread};
	return lua_load_at(&site);
}

#endif
