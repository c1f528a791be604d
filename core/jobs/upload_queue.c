/* The folder's listing, sorted by the moment at which a file got its name (its mtime, see web/spool_child.c: whoever posts one file after the answer to another has
 * them in this order, also after a restart). Who rests is kept in memory only: a new process tries all of them. */
#include "jobs/upload_queue.h"

#include "base/mem.h"
#include "base/str.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { REST_MOST = 60 /* seconds */ };

struct upload {
	char name[UPLOAD_NAME];
	struct timespec at;
};

struct rest {
	char name[UPLOAD_NAME];
	int seconds;
	mono_t until;
};

struct upload_queue {
	struct upload *uploads;  size_t count, room, at;
	struct rest *rests;      size_t rest_count, rest_room;
};

struct upload_queue *upload_queue_new(void)
{
	return mem_alloc(sizeof(struct upload_queue));
}

void upload_queue_free(struct upload_queue *queue)
{
	if (!queue)
		return;
	free(queue->uploads);
	free(queue->rests);
	free(queue);
}

/* ---- who rests ---- */

static struct rest *find_rest(struct upload_queue *queue, const char *name)
{
	for (size_t i = 0; i < queue->rest_count; i++)
		if (strcmp(queue->rests[i].name, name) == 0)
			return &queue->rests[i];
	return NULL;
}

void upload_queue_rest(struct upload_queue *queue, const char *name, mono_t now)
{
	struct rest *rest = find_rest(queue, name);
	if (!rest) {
		if (queue->rest_count == queue->rest_room)
			queue->rests = mem_resize(queue->rests, queue->rest_room = queue->rest_room * 2 + 4, sizeof *queue->rests);
		rest = &queue->rests[queue->rest_count++];
		*rest = (struct rest){0};
		snprintf(rest->name, sizeof rest->name, "%s", name);
	}
	rest->seconds = rest->seconds * 2 + 1 > REST_MOST ? REST_MOST : rest->seconds * 2 + 1;
	rest->until = now + rest->seconds * MOMENT_SECOND;
}

void upload_queue_forget(struct upload_queue *queue, const char *name)
{
	struct rest *rest = find_rest(queue, name);
	if (rest)
		*rest = queue->rests[--queue->rest_count];
}

/* ---- the folder ---- */

static void drop_part(int folder, const char *name)
{
	int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
		unlinkat(folder, name, 0);
	if (fd >= 0)
		close(fd);
}

static void add(struct upload_queue *queue, int folder, const char *name, mono_t now)
{
	struct stat st;
	const struct rest *rest = find_rest(queue, name);
	size_t n = strlen(name);
	if (n >= UPLOAD_NAME || (rest && rest->until > now) || fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW))
		return;
	if (queue->count == queue->room)
		queue->uploads = mem_resize(queue->uploads, queue->room = queue->room * 2 + 16, sizeof *queue->uploads);
	struct upload *upload = &queue->uploads[queue->count++];
	*upload = (struct upload){.at = st.st_mtim};
	memcpy(upload->name, name, n); /* the rest of it is zero */
}

static int by_moment(const void *a, const void *b)
{
	const struct upload *x = a, *y = b;
	if (x->at.tv_sec != y->at.tv_sec)
		return x->at.tv_sec < y->at.tv_sec ? -1 : 1;
	if (x->at.tv_nsec != y->at.tv_nsec)
		return x->at.tv_nsec < y->at.tv_nsec ? -1 : 1;
	return strcmp(x->name, y->name);
}

void upload_queue_read(struct upload_queue *queue, int folder, mono_t now)
{
	struct dirent *entry;
	int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *walk = fd < 0 ? NULL : fdopendir(fd);
	queue->count = queue->at = 0;
	if (!walk && fd >= 0)
		close(fd);
	while (walk && (entry = readdir(walk))) {
		if (str_ends(str_of(entry->d_name), STR(".part")))
			drop_part(folder, entry->d_name);
		else if (str_ends(str_of(entry->d_name), STR(".csv")))
			add(queue, folder, entry->d_name, now);
	}
	if (walk)
		closedir(walk);
	if (queue->count)
		qsort(queue->uploads, queue->count, sizeof *queue->uploads, by_moment);
}

const char *upload_queue_next(struct upload_queue *queue)
{
	return queue->at < queue->count ? queue->uploads[queue->at++].name : NULL;
}
