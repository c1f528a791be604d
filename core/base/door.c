/* Doors: the folder is reached by a descriptor, so that its path may be as long as it is. */
#include "base/door.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 1024, PATH = 4096 };

static int open_folder(const char *data_dir)
{
	char path[PATH];
	if (snprintf(path, sizeof path, "%s/delivery", data_dir) >= (int)sizeof path) {
		errno = ENAMETOOLONG;
		return -1;
	}
	return open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

/* false: the name is too long for a socket. */
static bool name(struct sockaddr_un *to, int folder, const char *file)
{
	*to = (struct sockaddr_un){.sun_family = AF_UNIX};
	return snprintf(to->sun_path, sizeof to->sun_path, "/proc/self/fd/%d/%s", folder, file) < (int)sizeof to->sun_path;
}

static int listen_at(int folder, const char *part, const char *whole)
{
	struct sockaddr_un to;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	unlinkat(folder, part, 0);
	errno = ENAMETOOLONG;
	mode_t mask = umask(0177);
	bool good = name(&to, folder, part) && bind(fd, (struct sockaddr *)&to, sizeof to) == 0;
	umask(mask);
	if (good && listen(fd, BACKLOG) == 0 && renameat(folder, part, folder, whole) == 0)
		return fd;
	int why = errno;
	close(fd);
	unlinkat(folder, part, 0);
	errno = why;
	return -1;
}

int door_open(const char *data_dir, const char *channel, const char *owner, struct error *error)
{
	char part[80], whole[80], path[PATH];
	snprintf(path, sizeof path, "%s/delivery", data_dir);
	(void)mkdir(path, 0700); /* there already: or what follows says why not */
	int folder = open_folder(data_dir), fd = -1;
	bool fits = snprintf(whole, sizeof whole, "%s.door", channel) < (int)sizeof whole;
	snprintf(part, sizeof part, ".door.%.32s", owner);
	if (folder >= 0 && fits)
		fd = listen_at(folder, part, whole);
	if (fd < 0)
		(void)error_errno(error, channel, "cannot make the socket %s/%s.door", path, channel);
	if (folder >= 0)
		close(folder);
	return fd;
}

int door_knock(const char *data_dir, const char *channel)
{
	struct sockaddr_un to;
	char file[80];
	int folder = open_folder(data_dir), fd = -1;
	if (folder < 0)
		return -1;
	bool fits = snprintf(file, sizeof file, "%s.door", channel) < (int)sizeof file && name(&to, folder, file);
	errno = ENAMETOOLONG;
	if (fits)
		fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof to) && errno != EINPROGRESS) {
		int why = errno;
		close(fd);
		errno = why;
		fd = -1;
	}
	int why = errno;
	close(folder);
	errno = why;
	return fd;
}
