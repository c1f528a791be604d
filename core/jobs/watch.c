/* inotify on the folder and all folders in it. A change starts a pause of 200 ms, which every further change starts
 * again; then the folder is read as it is, checked, and published. What does not check changes nothing: its errors go to
 * the log and to table publish_error (`nurture status` shows them), and the active revision goes on. A file is looked at when
 * its writer closes it or moves it into place; one that is caught half-written fails its check and is read again
 * when it is closed. One node watches (watch_lease.h). */
#include "jobs/watch.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/metrics.h"
#include "jobs/folder.h"
#include "jobs/release.h"
#include "jobs/watch_lease.h"
#include "playbook/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PAUSE_MS = 200, RETRY_SECONDS = 5, DEPTH = 16 };
enum { SEEN = IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_CREATE | IN_DELETE_SELF | IN_MOVE_SELF };

struct watch {
	struct worker *worker;
	struct store *store;
	int notify;                 /* inotify; -1 without watch */
	struct event *event;
	struct loop_timer *pause;
	struct watch_lease *lease;  /* NULL without watch: then this node always looks */
	bool busy;
	bool again;                 /* something changed while busy */
	char tried[HASH_HEX];       /* the last state of the folder that was looked at */
	struct arena *arena;        /* of the release on its way */
	struct playbook_files files;
	struct playbook *playbook;
	char *problems;
	char place[WORKER_PLACE];   /* of this node */
	bool dead;                  /* freed while busy: the last callback frees it */
};

/* ---- inotify ---- */

static void add_folders(struct watch *w, const char *path, int depth)
{
	DIR *dir = opendir(path);
	if (!dir || inotify_add_watch(w->notify, path, SEEN | IN_ONLYDIR) < 0)
		log_warn("watch.folder", log_str("error", strerror(errno)));
	for (struct dirent *entry; dir && (entry = readdir(dir));) {
		struct stat st;
		if (entry->d_name[0] == '.' || fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) || !S_ISDIR(st.st_mode) || depth >= DEPTH)
			continue;
		char *below = mem_printf("%s/%s", path, entry->d_name);
		add_folders(w, below, depth + 1);
		free(below);
	}
	if (dir)
		closedir(dir);
}

static void watch_folders(struct watch *w)
{
	char path[64];
	if (w->notify < 0)
		return;
	snprintf(path, sizeof path, "/proc/self/fd/%d", w->worker->playbook_dir); /* reachable even where the folder's path is not */
	add_folders(w, path, 0);
}

static void on_change(evutil_socket_t fd, short what, void *arg)
{
	struct watch *w = arg;
	char events[8192] __attribute__((aligned(8)));
	(void)what;
	while (read(fd, events, sizeof events) > 0)
		; /* which file it was does not matter: the folder is read whole */
	loop_timer_set(w->pause, PAUSE_MS * INT64_C(1000));
}

/* ---- one release ---- */

static void forget(struct watch *w)
{
	playbook_free(w->playbook);
	arena_free(w->arena);
	free(w->problems);
	w->playbook = NULL;
	w->arena = NULL;
	w->problems = NULL;
}

/* Freed, when no release is on its way any more. */
static void end(struct watch *w)
{
	if (!w->busy)
		free(w);
}

static void finish(struct watch *w, int64_t next_us)
{
	forget(w);
	w->busy = false;
	if (w->dead) {
		end(w);
		return;
	}
	if (w->again || next_us >= 0)
		loop_timer_set(w->pause, w->again ? PAUSE_MS * INT64_C(1000) : next_us);
	w->again = false;
}

static void on_recorded(void *arg, const struct error *error)
{
	if (error)
		log_warn("playbook.error_not_recorded", log_str("error", error->message));
	finish(arg, -1);
}

static void refuse(struct watch *w)
{
	metrics_add(w->worker->metrics, METRIC_PUBLISHES_REFUSED, 1);
	const struct publish_error error = {.writer = "folder", .node = w->place, .source = w->worker->config->playbook, .problems = w->problems};
	store_publish_error(w->store, &error, on_recorded, w);
}

static void log_problems(const struct problems *problems)
{
	char place[300];
	for (size_t i = 0; i < problems->count && i < 20; i++) {
		const struct problem *p = &problems->items[i];
		snprintf(place, sizeof place, "%s:%d", p->at.file ? p->at.file : "", p->at.line);
		if (p->kind == PROBLEM_ERROR)
			log_error("playbook.error", log_str("where", place), log_str("in", p->context ? p->context : ""), log_str("error", p->message));
		else
			log_info("playbook.note", log_str("where", place), log_str("in", p->context ? p->context : ""), log_str("note", p->message));
	}
}

static void on_published(void *arg, const struct published *published, const struct error *error)
{
	struct watch *w = arg;
	if (w->dead) {
		finish(w, -1);
		return;
	}
	if (error && (error->code == ERROR_UNAVAILABLE || error->code == ERROR_SYSTEM)) {
		log_warn("playbook.publish_put_off", log_str("error", error->message));
		w->tried[0] = '\0';
		finish(w, RETRY_SECONDS * MOMENT_SECOND);
	} else if (error) {
		log_error("playbook.not_published", log_str("error", error->message));
		w->problems = mem_dup(error->message);
		refuse(w);
	} else {
		if (published->changed) {
			log_info("playbook.published", log_str("revision", w->tried), log_int("activation", published->activation));
			metrics_add(w->worker->metrics, METRIC_PUBLISHES, 1);
		}
		finish(w, -1); /* the publish has taken back what was told of the folder */
	}
}

static void publish(struct watch *w)
{
	struct problems problems = {.arena = w->arena};
	struct story_result stories;
	w->playbook = release_check(w->worker->config, &w->files, w->arena, &problems, &stories);
	log_problems(&problems);
	if (!w->playbook) {
		log_error("playbook.refused", log_int("errors", problems.errors), log_str("revision", w->tried));
		w->problems = problems_text(&problems);
		refuse(w);
		return;
	}
	struct release release = {.store = w->store, .playbook = w->playbook, .files = &w->files, .author = "server",
		.message = w->notify >= 0 ? "saved (watch)" : "first start", .node = w->lease ? NULL : w->place, .fn = on_published, .arg = w};
	release_publish(&release);
}

static void look(void *arg)
{
	struct watch *w = arg;
	struct error error = {0};
	char revision[HASH_HEX];
	if (w->busy) {
		w->again = true;
		return;
	}
	if (w->lease && !watch_lease_is_mine(w->lease))
		return;
	watch_folders(w);
	w->busy = true;
	w->arena = arena_new();
	if (folder_read(w->worker->playbook_dir, w->worker->config->playbook, w->arena, &w->files, &error)) {
		log_error("playbook.error", log_str("where", error.where), log_str("error", error.message));
		w->problems = mem_printf("%s: %s", error.where, error.message);
		w->tried[0] = '\0';
		refuse(w);
		return;
	}
	playbook_files_revision(&w->files, revision);
	if (strcmp(revision, w->tried) == 0) {
		finish(w, -1);
		return;
	}
	memcpy(w->tried, revision, sizeof revision);
	publish(w);
}

/* ---- start ---- */

static void on_active(void *arg, const struct store_revision *active, const struct error *error)
{
	struct watch *w = arg;
	bool none = !error && (!active || active->activation == 0);
	w->busy = false;
	if (w->dead)
		end(w);
	else if (error && error->code != ERROR_NOT_FOUND)
		loop_timer_set(w->pause, RETRY_SECONDS * MOMENT_SECOND);
	else if (none || error || w->notify >= 0)
		look(w);
}

static int begin_notify(struct watch *w, struct error *error)
{
	w->notify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (w->notify < 0)
		return error_errno(error, "watch", "cannot watch the playbook's folder");
	w->event = event_new(loop_base(w->worker->loop), w->notify, EV_READ | EV_PERSIST, on_change, w);
	if (!w->event || event_add(w->event, NULL))
		abort();
	watch_folders(w);
	return 0;
}

struct watch *watch_new(struct worker *worker, struct store *store, struct error *error)
{
	struct watch *w = mem_alloc(sizeof *w);
	*w = (struct watch){.worker = worker, .store = store, .notify = -1, .busy = true};
	worker_place(worker, w->place);
	w->pause = loop_timer_new(worker->loop, look, w);
	if (worker->config->watch && begin_notify(w, error)) {
		loop_timer_free(w->pause);
		free(w);
		return NULL;
	}
	if (worker->config->watch)
		w->lease = watch_lease_new(worker, store, look, w);
	store_revision_active(store, on_active, w);
	return w;
}

bool watch_is_busy(const struct watch *w)
{
	return w && (w->busy || (w->lease && watch_lease_is_busy(w->lease)));
}

void watch_stop(struct watch *w)
{
	if (w && w->lease)
		watch_lease_stop(w->lease);
}

void watch_free(struct watch *w)
{
	if (!w)
		return;
	if (w->event)
		event_free(w->event);
	if (w->notify >= 0)
		close(w->notify);
	w->notify = -1;
	w->event = NULL;
	loop_timer_free(w->pause);
	watch_lease_free(w->lease);
	w->pause = NULL;
	w->lease = NULL;
	w->again = false;
	w->dead = true;
	end(w);
}
