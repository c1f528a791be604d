/* See folder.h: folders that are whole: put in their place, looked at, taken away. */
#include "folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What a folder is called while it is taken away: a name that no job has. */
#define GOING ".gone-"

static int fail(struct nurture_problem *problem, const char *where, const char *what)
{
	snprintf(problem->where, sizeof problem->where, "%s", where);
	snprintf(problem->message, sizeof problem->message, "%s", what);
	return -1;
}

/* ---- away ---- */

static int empty_folder(int parent, const char *name)
{
	int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), result = 0;
	DIR *folder = fd >= 0 ? fdopendir(fd) : NULL;
	if (!folder)
		return errno == ENOENT ? 0 : -1;
	for (struct dirent *entry; !result && (entry = readdir(folder)) != NULL;) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (unlinkat(dirfd(folder), entry->d_name, 0) && errno != ENOENT)
			result = errno == EISDIR ? empty_folder(dirfd(folder), entry->d_name) : -1;
	}
	int why = errno;
	closedir(folder);
	if (result)
		errno = why;
	else
		result = unlinkat(parent, name, AT_REMOVEDIR) && errno != ENOENT ? -1 : 0;
	return result;
}

static bool is_going(const char *name)
{
	return strncmp(name, GOING, strlen(GOING)) == 0;
}

int folder_remove(const char *spool, const char *name, struct nurture_problem *problem)
{
	char gone[FOLDER_NAME * 2 + 16];
	int parent = open(spool, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (parent < 0)
		return errno == ENOENT ? 0 : fail(problem, "spool", strerror(errno));
	snprintf(gone, sizeof gone, "%s%s", is_going(name) ? "" : GOING, name);
	int result = empty_folder(parent, gone);
	if (!result && !is_going(name)) {
		if (renameat(parent, name, parent, gone) == 0)
			result = empty_folder(parent, gone);
		else
			result = errno == ENOENT ? 0 : -1;
	}
	if (!result && fsync(parent))
		result = -1;
	if (result)
		fail(problem, name, strerror(errno));
	close(parent);
	return result;
}

int folder_sweep(const char *spool, const char *name, const char *end, struct nurture_problem *problem)
{
	size_t n = strlen(name), m = strlen(end);
	int result = 0;
	DIR *folder = opendir(spool);
	for (struct dirent *entry; folder && (entry = readdir(folder)) != NULL;) {
		const char *left = entry->d_name + (is_going(entry->d_name) ? strlen(GOING) : 0);
		size_t length = strlen(left);
		if (length > n + m && strncmp(left, name, n) == 0 && left[n] == '.' && strcmp(left + length - m, end) == 0 && folder_remove(spool, entry->d_name, problem))
			result = -1;
	}
	if (folder)
		closedir(folder);
	return result;
}

/* ---- looking ---- */

static int hash_file(int folder, const char *name, char sum[OUT_HASH_TEXT])
{
	unsigned char hash[crypto_hash_sha256_BYTES], piece[1 << 15];
	crypto_hash_sha256_state state;
	struct stat about;
	ssize_t n = 0;
	int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return -1;
	bool plain = fstat(fd, &about) == 0 && S_ISREG(about.st_mode);
	crypto_hash_sha256_init(&state);
	while (plain && (n = read(fd, piece, sizeof piece)) > 0)
		crypto_hash_sha256_update(&state, piece, (size_t)n);
	close(fd);
	crypto_hash_sha256_final(&state, hash);
	out_hash_text(hash, sum);
	return plain && n == 0 ? 0 : -1;
}

/* Whoever laid a file there chose its name: what is no text, or would move on a terminal, is written in octal. */
static char *shown_name(const char *name)
{
	bool plain = g_utf8_validate(name, -1, NULL);
	for (const char *c = name; plain && *c; c = g_utf8_next_char(c))
		plain = g_unichar_isprint(g_utf8_get_char(c));
	return plain ? g_strdup(name) : g_strescape(name, NULL);
}

/* What lies there and was not written: the first by name, so that each look says the same. A job's folder has no folders in it. */
static int check_strangers(int parent, GHashTable *written, struct nurture_problem *problem)
{
	int fd = openat(parent, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), result = 0;
	DIR *folder = fd >= 0 ? fdopendir(fd) : NULL;
	char *first = NULL;
	size_t count = 0;
	if (!folder)
		return fail(problem, "SHA256SUMS", strerror(errno));
	for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 || g_hash_table_contains(written, entry->d_name))
			continue;
		count++;
		if (!first || strcmp(entry->d_name, first) < 0) {
			g_free(first);
			first = g_strdup(entry->d_name);
		}
	}
	closedir(folder);
	if (first) {
		char *name = shown_name(first);
		result = fail(problem, name, count > 1 ? "and others were not written into it: take them out." : "was not written into it: take it out.");
		g_free(name);
	}
	g_free(first);
	return result;
}

static int check_lines(int folder, FILE *sums, GHashTable *written, struct nurture_problem *problem)
{
	char line[300], sum[OUT_HASH_TEXT];
	while (fgets(line, sizeof line, sums)) {
		line[strcspn(line, "\n")] = 0;
		if (strlen(line) < 67 || line[64] != ' ' || line[65] != ' ' || strchr(line + 66, '/'))
			return fail(problem, "SHA256SUMS", "was changed since it was written.");
		if (hash_file(folder, line + 66, sum))
			return fail(problem, line + 66, "cannot be read: it is missing, or is no file.");
		if (strncmp(line, sum, 64) != 0)
			return fail(problem, line + 66, "was changed since it was written.");
		g_hash_table_add(written, g_strdup(line + 66));
	}
	return check_strangers(folder, written, problem);
}

static int check_files(int folder, FILE *sums, struct nurture_problem *problem)
{
	GHashTable *written = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_hash_table_add(written, g_strdup("SHA256SUMS"));
	int result = check_lines(folder, sums, written, problem);
	g_hash_table_unref(written);
	return result;
}

int folder_check(const char *spool, const char *name, const char *sums, struct nurture_problem *problem)
{
	char path[800], sum[OUT_HASH_TEXT];
	snprintf(path, sizeof path, "%s/%s", spool, name);
	int folder = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), result = -1;
	if (folder < 0)
		return fail(problem, name, "the folder is not there.");
	if (hash_file(folder, "SHA256SUMS", sum) || strcmp(sum, sums) != 0) {
		fail(problem, "SHA256SUMS", "was changed since it was written.");
	} else {
		int fd = openat(folder, "SHA256SUMS", O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
		FILE *file = fd >= 0 ? fdopen(fd, "r") : NULL;
		result = file ? check_files(folder, file, problem) : fail(problem, "SHA256SUMS", "cannot be read.");
		if (file)
			fclose(file);
	}
	close(folder);
	return result;
}

bool folder_is_there(const char *spool, const char *name)
{
	char path[800];
	struct stat about;
	snprintf(path, sizeof path, "%s/%s", spool, name);
	return lstat(path, &about) == 0;
}

/* ---- the rename ---- */

int folder_place(const struct folder_of *of, const char *sums, struct nurture_problem *problem)
{
	char tmp[FOLDER_NAME * 2], aside[FOLDER_NAME * 2 + 16];
	const char *spool = of->settings->spool;
	int parent = open(spool, O_RDONLY | O_DIRECTORY | O_CLOEXEC), result = 0;
	if (parent < 0)
		return fail(problem, "spool", strerror(errno));
	snprintf(tmp, sizeof tmp, "%s.%s.tmp", of->name, of->owner);
	snprintf(aside, sizeof aside, "%s.%s.aside", of->name, of->owner);
	bool put = renameat(parent, tmp, parent, of->name) == 0, placed = !put && errno == ENOENT, taken = !put && (errno == EEXIST || errno == ENOTEMPTY);
	if (placed) /* before, and the process died then */
		result = folder_check(spool, of->name, sums, problem);
	else if (taken && folder_check(spool, of->name, sums, problem)) /* by another process, of a cut that was taken over */
		put = renameat(parent, of->name, parent, aside) == 0 && renameat(parent, tmp, parent, of->name) == 0;
	else if (taken)
		put = true;
	if ((!placed && !put) || (!result && fsync(parent)))
		result = fail(problem, of->name, strerror(errno));
	close(parent);
	return result;
}
