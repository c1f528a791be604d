/* May this file be let into the process? Who can write it runs code in the server; so it, and the folder that it lies in, must belong to
 * those who could anyway: root, the user who runs, and the owner of the program itself; and nobody else may write there.
 * Folders further up are the administrator's business. */
#include "channel/trust.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Owner and group of the program that runs; root's when that cannot be seen. */
static void program_ids(uid_t *user, gid_t *group)
{
	struct stat st;
	bool seen = stat("/proc/self/exe", &st) == 0;
	*user = seen ? st.st_uid : 0;
	*group = seen ? st.st_gid : 0;
}

static int check_ids(const char *path, const char *what, const struct stat *st, struct error *error)
{
	uid_t user;
	gid_t group;
	program_ids(&user, &group);
	if (st->st_uid != 0 && st->st_uid != geteuid() && st->st_uid != user)
		return error_set(error, ERROR_DENIED, path, "%s belongs to user %u, who is neither root nor the one who runs or owns this program: whoever"
				 " owns it runs code in the server. Run chown root.", what, (unsigned)st->st_uid);
	if ((st->st_mode & S_IWGRP) && st->st_gid != 0 && st->st_gid != getegid() && st->st_gid != group)
		return error_set(error, ERROR_DENIED, path, "group %u may write to %s: whoever does runs code in the server. Run chmod g-w.",
				 (unsigned)st->st_gid, what);
	return 0;
}

static int check_folder(const char *path, struct error *error)
{
	char folder[4096];
	struct stat st;
	const char *slash = strrchr(path, '/');
	if ((size_t)snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - path) + 1 : 1, slash ? path : ".") >= sizeof folder)
		return error_set(error, ERROR_LIMIT, path, "the path is too long.");
	if (stat(folder, &st))
		return error_errno(error, path, "cannot look at the plugin's folder");
	if ((st.st_mode & S_IWOTH) && !(st.st_mode & S_ISVTX))
		return error_set(error, ERROR_DENIED, path, "everybody may write to its folder: whoever does runs code in the server. Run chmod o-w.");
	return (st.st_mode & S_ISVTX) && (st.st_mode & S_IWOTH) ? 0 : check_ids(path, "its folder", &st, error);
}

int channel_trust_file(const char *path, struct error *error)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return error_errno(error, path, "cannot open the plugin");
	int rc = fstat(fd, &st);
	close(fd);
	if (rc)
		return error_errno(error, path, "cannot look at the plugin");
	if (!S_ISREG(st.st_mode))
		return error_set(error, ERROR_INVALID, path, "this is not a regular file.");
	if (st.st_mode & S_IWOTH)
		return error_set(error, ERROR_DENIED, path, "everybody may write to this file: whoever does runs code in the server. Run chmod o-w.");
	if (st.st_size == 0)
		return error_set(error, ERROR_INVALID, path, "this file is empty.");
	return check_ids(path, "this file", &st, error) ? -1 : check_folder(path, error);
}
