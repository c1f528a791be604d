/* Walking a folder with openat, so that nothing can be swapped under the walk for a link to elsewhere. Paths inside the
 * playbook are relative with '/'. Errors name the file as a person would find it. */
#include "jobs/folder.h"

#include "base/buf.h"
#include "base/mem.h"
#include "playbook/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DEPTH = 16, TOTAL_MAX = 256 * 1024 * 1024 };

struct walk {
	struct arena *arena;
	const char *root;
	struct playbook_file *files;
	size_t count, room;
	size_t total;
	struct error *error;
};

static int refuse(struct walk *walk, const char *path, const char *why)
{
	char where[256];
	snprintf(where, sizeof where, "%.120s/%.120s", walk->root, path);
	return error_set(walk->error, ERROR_INVALID, where, "%s", why);
}

static int failed(struct walk *walk, const char *path, const char *what)
{
	char where[256];
	snprintf(where, sizeof where, "%.120s/%.120s", walk->root, path);
	return error_errno(walk->error, where, "%s", what);
}

static bool is_passed_over(const char *name)
{
	size_t n = strlen(name);
	return name[0] == '.' || name[n - 1] == '~' || (name[0] == '#' && name[n - 1] == '#');
}

static int read_bytes(struct walk *walk, int fd, const char *path, size_t size, struct str *out)
{
	char *bytes = arena_alloc(walk->arena, size + 1);
	size_t n = 0;
	while (n < size) {
		ssize_t got = read(fd, bytes + n, size - n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return failed(walk, path, "cannot read this file");
		if (got == 0)
			break; /* it became shorter meanwhile: what is there is what we take */
		n += (size_t)got;
	}
	*out = (struct str){bytes, n};
	return 0;
}

static int add_file(struct walk *walk, int fd, const char *path)
{
	struct stat st;
	if (fstat(fd, &st))
		return failed(walk, path, "cannot look at this file");
	if (!S_ISREG(st.st_mode))
		return refuse(walk, path, "this is not a regular file: a playbook holds plain files only.");
	if (st.st_size > PLAYBOOK_FILE_MAX)
		return refuse(walk, path, "this file is larger than 4 MB, the most that a file of a playbook may be. Is this the right folder?");
	walk->total += (size_t)st.st_size;
	if (walk->count == PLAYBOOK_FILES_MAX || walk->total > TOTAL_MAX)
		return refuse(walk, path, "the playbook is too large: at most 20,000 files and 256 MB. Is this the right folder?");
	struct playbook_file *file = arena_push(walk->arena, &walk->files, walk->count, &walk->room, sizeof *walk->files);
	file->path = arena_dup(walk->arena, path);
	if (read_bytes(walk, fd, path, (size_t)st.st_size, &file->bytes))
		return -1;
	walk->count++;
	return 0;
}

static int walk_dir(struct walk *walk, int fd, const char *prefix, int depth);

static int visit(struct walk *walk, int dir, const char *prefix, const char *name, int depth)
{
	struct stat st;
	const char *path = prefix[0] ? arena_printf(walk->arena, "%s/%s", prefix, name) : arena_dup(walk->arena, name);
	if (!str_is_text(str_of(name)) || strlen(path) > 400)
		return refuse(walk, path, "the name of this file is not UTF-8 text, or too long.");
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW))
		return errno == ENOENT ? 0 : failed(walk, path, "cannot look at this file"); /* an editor renamed it just now */
	if (S_ISLNK(st.st_mode))
		return refuse(walk, path, "this is a symbolic link: a playbook holds plain files only. Put the file itself there.");
	if (!S_ISDIR(st.st_mode) && !S_ISREG(st.st_mode))
		return refuse(walk, path, "this is not a regular file: a playbook holds plain files only.");
	if (depth >= DEPTH)
		return refuse(walk, path, "folders nest too deeply.");
	int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | (S_ISDIR(st.st_mode) ? O_DIRECTORY : 0));
	if (fd < 0)
		return errno == ENOENT ? 0 : failed(walk, path, "cannot open this file");
	if (S_ISDIR(st.st_mode))
		return walk_dir(walk, fd, path, depth + 1);
	int result = add_file(walk, fd, path);
	close(fd);
	return result;
}

/* Takes fd. */
static int walk_dir(struct walk *walk, int fd, const char *prefix, int depth)
{
	DIR *dir = fdopendir(fd);
	int result = 0;
	if (!dir) {
		close(fd);
		return failed(walk, prefix, "cannot read this folder");
	}
	for (struct dirent *entry; result == 0 && (entry = readdir(dir));)
		if (!is_passed_over(entry->d_name))
			result = visit(walk, dirfd(dir), prefix, entry->d_name, depth);
	closedir(dir);
	return result;
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct playbook_file *)a)->path, ((const struct playbook_file *)b)->path);
}

int folder_read(int dir, const char *path, struct arena *arena, struct playbook_files *out, struct error *error)
{
	struct walk walk = {.arena = arena, .root = path, .error = error};
	int fd = dir >= 0 ? openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) : open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return error_errno(error, path, "cannot open the playbook's folder");
	if (walk_dir(&walk, fd, "", 0))
		return -1;
	if (walk.count)
		qsort(walk.files, walk.count, sizeof *walk.files, by_path);
	*out = (struct playbook_files){.files = walk.files, .count = walk.count};
	return 0;
}
