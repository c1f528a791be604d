/* The worker's side. The child's side is spool_child.c; between them is a socket:
 *
 *   worker ──bytes of the file──► child        worker ◄──one struct spool_verdict── child
 *   worker ──end of file──► child: before the verdict, "forget it"; behind it, "the job is written" */
#include "web/spool.h"

#include "base/buf.h"
#include "base/child.h"
#include "base/mem.h"
#include "web/spool_child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

struct spool {
	struct loop *loop;
	struct spool_events events;
	int fd;
	struct event *readable, *writable;
	struct buf rest;     /* what the socket did not take; from `at` on */
	size_t at;
	bool said;           /* done was called */
};

static void say(struct spool *spool, const char *key, const struct error *error)
{
	spool->said = true;
	event_del(spool->readable);
	event_del(spool->writable);
	buf_clear(&spool->rest);
	spool->events.done(spool->events.arg, key, error);
}

static void on_verdict(evutil_socket_t fd, short what, void *arg)
{
	struct spool *spool = arg;
	struct spool_verdict verdict = {0};
	struct error error = {0};
	(void)what;
	ssize_t n = recv(fd, &verdict, sizeof verdict, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	verdict.key[sizeof verdict.key - 1] = '\0';
	if (n == sizeof verdict && !verdict.error) {
		say(spool, verdict.key, NULL);
		return;
	}
	bool full = verdict.error == ENOSPC || verdict.error == EDQUOT || verdict.error == EFBIG;
	if (full)
		error_set(&error, ERROR_LIMIT, NULL, "there is no room on the disk for this file. Nothing of it was kept.");
	else
		error_set(&error, ERROR_SYSTEM, "uploads", "the file could not be written: %s", verdict.error ? strerror(verdict.error) : "its process ended");
	say(spool, NULL, &error);
}

static void on_room(evutil_socket_t fd, short what, void *arg)
{
	struct spool *spool = arg;
	(void)what;
	ssize_t n = send(fd, spool->rest.p + spool->at, spool->rest.n - spool->at, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (n < 0)
		return; /* full again, or the child is gone: on_verdict hears of that */
	spool->at += (size_t)n;
	if (spool->at < spool->rest.n)
		return;
	buf_clear(&spool->rest);
	spool->at = 0;
	event_del(spool->writable);
	spool->events.room(spool->events.arg);
}

bool spool_write(struct spool *spool, struct str data)
{
	if (spool->said)
		return true;
	ssize_t n = spool->rest.n ? 0 : send(spool->fd, data.p, data.n, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (n < 0)
		n = 0;
	if ((size_t)n == data.n)
		return true;
	buf_put(&spool->rest, data.p + n, data.n - (size_t)n);
	event_add(spool->writable, NULL);
	return false;
}

static struct spool *begin(struct loop *loop, int fd, struct spool_events events)
{
	struct spool *spool = mem_alloc(sizeof *spool);
	*spool = (struct spool){.loop = loop, .events = events, .fd = fd};
	spool->readable = event_new(loop_base(loop), fd, EV_READ | EV_PERSIST, on_verdict, spool);
	spool->writable = event_new(loop_base(loop), fd, EV_WRITE | EV_PERSIST, on_room, spool);
	if (!spool->readable || !spool->writable || event_add(spool->readable, NULL))
		abort();
	return spool;
}

static int open_folder(const char *data_dir, struct error *error)
{
	char *path = mem_printf("%s/uploads", data_dir);
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0 && errno == ENOENT && (mkdir(path, 0700) == 0 || errno == EEXIST))
		fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		error_errno(error, "uploads", "cannot use the folder %s", path);
	free(path);
	return fd;
}

struct spool *spool_new(struct loop *loop, const char *data_dir, uint64_t length, struct str seed, struct spool_events events, struct error *error)
{
	int pair[2];
	int folder = open_folder(data_dir, error);
	if (folder < 0)
		return NULL;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair)) {
		error_errno(error, "uploads", "cannot make a socket");
		close(folder);
		return NULL;
	}
	pid_t pid = child_fork(); /* nobody waits for it (web.c): what it has to say comes over the socket */
	if (pid == 0)
		spool_child(pair[1], folder, length, seed);
	close(folder);
	close(pair[1]);
	if (pid < 0) {
		error_errno(error, "uploads", "cannot start a process");
		close(pair[0]);
		return NULL;
	}
	return begin(loop, pair[0], events);
}

void spool_free(struct spool *spool)
{
	if (!spool)
		return;
	event_free(spool->readable);
	event_free(spool->writable);
	close(spool->fd);
	buf_fini(&spool->rest);
	free(spool);
}
