/* Reads a folder of the tree as the files of a playbook: for unit tests of the rooms playbook and turn. */
#ifndef NURTURE_TESTS_PLAYBOOK_FOLDER_H
#define NURTURE_TESTS_PLAYBOOK_FOLDER_H

#include "base/mem.h"
#include "playbook/playbook.h"
#include "unit/slow.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

struct folder {
	struct playbook_file files[200];
	size_t count;
	struct arena *arena;
};

static inline struct str folder_read(struct arena *arena, const char *path)
{
	FILE *in = fopen(path, "rb");
	if (!in)
		abort();
	static char bytes[1 << 20];
	size_t n = fread(bytes, 1, sizeof bytes, in);
	fclose(in);
	return arena_str(arena, (struct str){bytes, n});
}

static inline void folder_put(struct folder *folder, const char *path, struct str bytes)
{
	if (folder->count == sizeof folder->files / sizeof *folder->files)
		abort();
	for (size_t i = 0; i < folder->count; i++)
		if (strcmp(folder->files[i].path, path) == 0) {
			folder->files[i].bytes = bytes; /* in the place of the one that stood there */
			return;
		}
	folder->files[folder->count++] = (struct playbook_file){arena_dup(folder->arena, path), bytes};
}

static inline void folder_walk(struct folder *folder, const char *root, const char *under)
{
	char path[1024];
	snprintf(path, sizeof path, "%s/%s", root, under);
	DIR *dir = opendir(path);
	if (!dir)
		abort();
	for (struct dirent *entry; (entry = readdir(dir));) {
		if (entry->d_name[0] == '.')
			continue;
		const char *inner = arena_printf(folder->arena, "%s%s%s", under, *under ? "/" : "", entry->d_name);
		snprintf(path, sizeof path, "%s/%s", root, inner);
		if (entry->d_type == DT_DIR)
			folder_walk(folder, root, inner);
		else
			folder_put(folder, inner, folder_read(folder->arena, path));
	}
	closedir(dir);
}

static inline int folder_compare(const void *a, const void *b)
{
	return strcmp(((const struct playbook_file *)a)->path, ((const struct playbook_file *)b)->path);
}

/* Sorted; points into folder. */
static inline struct playbook_files folder_files(struct folder *folder)
{
	qsort(folder->files, folder->count, sizeof *folder->files, folder_compare);
	return (struct playbook_files){.files = folder->files, .count = folder->count};
}

/* A server with an e-mail channel and nothing else. */
static inline const struct playbook_site *folder_site(void)
{
	static const struct playbook_channel email = {.name = "email", .kind = "email", .body = "markdown"};
	static struct playbook_site site = {.channels = &email, .channel_count = 1, .bell = &bell_of_thread};
	site.now = slow_now();
	return &site;
}

#endif
