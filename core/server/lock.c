/* Directory and lock file of one server. The lock is flock(2): it ends with the process, however that ends. */
#include "server/lock.h"

#include "base/mem.h"
#include "base/rights.h"
#include "web/networks.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* mkdir -p; parents that are made belong to root and may be passed through. */
static int make_parents(char *path, struct error *error)
{
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		int failed = mkdir(path, 0755) && errno != EEXIST;
		if (failed)
			error_errno(error, "data_dir", "cannot make %s", path);
		*slash = '/';
		if (failed)
			return -1;
	}
	return 0;
}

/* inner: it lies in a folder of the user's, who could put a link there that leads to what root must not give away. */
static int make_dir(const char *path, bool inner, mode_t mode, const char *user, struct error *error)
{
	uid_t uid = (uid_t)-1;
	gid_t gid = (gid_t)-1;
	struct stat st;
	if (mkdir(path, mode) && errno != EEXIST) {
		if (errno == EACCES && geteuid() != 0)
			return error_set(error, ERROR_DENIED, "data_dir", "%s is closed to this user. Run this as root (sudo), or as the user that serves it.", path);
		return error_errno(error, "data_dir", "cannot make %s", path);
	}
	if ((inner ? lstat(path, &st) : stat(path, &st)) || !S_ISDIR(st.st_mode))
		return error_set(error, ERROR_INVALID, "data_dir", "%s is not a folder%s.", path, inner ? " (nor may it be a link to one)" : "");
	if (geteuid() != 0)
		return 0;
	if (rights_user(user, &uid, &gid, error))
		return -1;
	if (st.st_uid != uid && (inner ? lchown(path, uid, gid) : chown(path, uid, gid)))
		return error_errno(error, "data_dir", "cannot give %s to %s", path, user);
	return 0;
}

int lock_check(const struct config *config, struct error *error)
{
	uid_t uid;
	gid_t gid;
	if (strlen(config->data_dir) > 80)
		return error_set(error, ERROR_INVALID, "data_dir", "the path %s is too long: sockets in it must stay below 108 bytes.", config->data_dir);
	if (!config->database && strpbrk(config->data_dir, "' ,\\"))
		return error_set(error, ERROR_INVALID, "data_dir", "%s: the path must not have blanks, quotes, commas or backslashes in it.", config->data_dir);
	if (config->playbook && access(config->playbook, F_OK))
		return error_errno(error, "playbook", "cannot open the folder %s", config->playbook);
	struct web_networks *networks = web_networks_new(config, error);
	if (!networks)
		return -1;
	web_networks_free(networks);
	return geteuid() == 0 ? rights_user(config->user, &uid, &gid, error) : 0;
}

int lock_prepare(const struct config *config, struct error *error)
{
	char *path = mem_dup(config->data_dir);
	char *run = mem_printf("%s/run", config->data_dir);
	int result = -1;
	if (lock_check(config, error) == 0 && make_parents(path, error) == 0 && make_dir(config->data_dir, false, 0750, config->user, error) == 0)
		result = make_dir(run, true, 0700, config->user, error);
	free(path);
	free(run);
	return result;
}

static pid_t read_holder(int fd, char *listen, size_t room)
{
	char text[512];
	int64_t pid = 0;
	ssize_t n = pread(fd, text, sizeof text, 0);
	struct str rest = {text, n > 0 ? (size_t)n : 0}, first = str_cut(&rest, '\n'), second = str_cut(&rest, '\n');
	if (!str_to_int(first, &pid))
		pid = 0;
	if (listen)
		snprintf(listen, room, "%.*s", STR_ARG(second));
	return (pid_t)pid;
}

int lock_take(const struct config *config, int *fd, struct error *error)
{
	char *path = mem_printf("%s/run/serve.lock", config->data_dir);
	*fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
	free(path);
	if (*fd < 0)
		return error_errno(error, "data_dir", "cannot open the lock in %s/run", config->data_dir);
	if (flock(*fd, LOCK_EX | LOCK_NB) == 0)
		return 0;
	char listen[256];
	pid_t pid = read_holder(*fd, listen, sizeof listen);
	close(*fd);
	*fd = -1;
	return error_set(error, ERROR_CONFLICT, "data_dir",
			 "a server runs already on %s (process %d, listening on %s). Stop it first, or give this one another data_dir and listen.",
			 config->data_dir, (int)pid, listen[0] ? listen : "?");
}

void lock_token(int fd, char out[LOCK_TOKEN])
{
	char text[512];
	ssize_t n = pread(fd, text, sizeof text - 1, 0);
	text[n > 0 ? n : 0] = '\0';
	out[0] = '\0';
	sscanf(text, "%*d\n%*255s\n%32[0-9a-f]", out);
}

void lock_write(int fd, const char *listen, const char *token)
{
	char text[512];
	int n = snprintf(text, sizeof text, "%d\n%s\n%s\n", (int)getpid(), listen, token);
	if (ftruncate(fd, 0) || pwrite(fd, text, (size_t)n, 0) != n)
		return; /* a full disk: the lock itself holds; only who has it is not told */
}

pid_t lock_holder(const char *data_dir, char *listen, size_t room)
{
	char *path = mem_printf("%s/run/serve.lock", data_dir);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	pid_t pid = 0;
	free(path);
	if (listen && room)
		listen[0] = '\0';
	if (fd < 0)
		return 0;
	if (flock(fd, LOCK_SH | LOCK_NB) && errno == EWOULDBLOCK)
		pid = read_holder(fd, listen, room);
	close(fd);
	return pid;
}
