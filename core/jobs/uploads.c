/* The folder data_dir/uploads (web/spool.h says how files come into it) is the queue of this node; the job's row says how each stands.
 *
 *   KEY.csv, its job waits or was abandoned → an import in a child; over → the file goes
 *   KEY.csv without a job → its upload was never acknowledged: it goes
 *   NAME.part whose writer is dead (its lock is free) → it goes
 *
 * The folder is looked at under its lock, which web holds from the moment a file has its last name until its job is written: so a
 * file without a job is nobody's. The child is a process because an import waits for the database with all it has; it dies with us,
 * and the next one goes on behind the last group that was committed. */
#include "jobs/uploads.h"

#include "base/child.h"
#include "base/log.h"
#include "base/mem.h"
#include "jobs/import.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LOOK_US = 1000000, WATCH_US = 50000, PAUSE_MOST = 60, NAME_MAX_BYTES = 64 };

struct uploads {
	struct worker *worker;
	struct store *store;
	struct loop_timer *timer;
	int folder;                    /* open and locked while a file is asked about, else -1 */
	DIR *walk;                     /* of that folder */
	char name[NAME_MAX_BYTES];     /* the file that is asked about */
	bool asking, stopped, dead;
	pid_t child;
	int pause;                     /* seconds until a failed import is tried again */
};

static void look_later(struct uploads *u, int64_t us)
{
	if (!u->stopped)
		loop_timer_set(u->timer, us);
}

static void leave_folder(struct uploads *u)
{
	if (u->walk)
		closedir(u->walk); /* and the descriptor in it, and its lock */
	u->walk = NULL;
	u->folder = -1;
}

/* ---- the import, in a child ---- */

static int import_it(struct uploads *u, const json_t *arguments)
{
	struct import_result result;
	struct error error = {0};
	char *path = mem_printf("%s/uploads/%s", u->worker->config->data_dir, u->name);
	struct import import = {.loop = loop_new(), .conninfo = u->worker->conninfo, .config = u->worker->config, .path = path, .posted = true,
		.rules = json_object_get(arguments, "rules"), .trial = json_is_true(json_object_get(arguments, "trial")),
		.suppress = json_string_value(json_object_get(arguments, "suppress")), .column = json_string_value(json_object_get(arguments, "column"))};
	int status = import_run(&import, &result, &error);
	if (status)
		log_warn("import.failed", log_int("job", result.job), log_str("where", error.where), log_str("error", error.message));
	else
		log_info("import.over", log_int("job", result.job), log_int("rows", result.rows), log_int("created", result.created),
			 log_int("refused", result.rejected), log_int("cancelled", result.cancelled));
	return status ? 1 : 0;
}

static void start_child(struct uploads *u, const json_t *arguments)
{
	pid_t parent = getpid();
	u->child = child_fork();
	if (u->child < 0) {
		log_warn("import.no_process", log_str("error", strerror(errno)));
		u->child = 0;
		look_later(u, LOOK_US);
		return;
	}
	if (u->child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(1);
		close_range(3, ~0u, 0); /* nothing of our parent's: neither its loop nor its connection */
		_exit(import_it(u, arguments));
	}
	log_info("import.begun", log_str("file", u->name), log_int("process", u->child));
	look_later(u, WATCH_US);
}

static void watch_child(struct uploads *u)
{
	int status;
	pid_t pid = waitpid(u->child, &status, WNOHANG);
	if (pid == 0) {
		look_later(u, WATCH_US);
		return;
	}
	u->child = 0;
	bool good = pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
	u->pause = good ? 0 : u->pause * 2 + 1 > PAUSE_MOST ? PAUSE_MOST : u->pause * 2 + 1;
	look_later(u, good ? 0 : u->pause * MOMENT_SECOND);
}

/* ---- the folder ---- */

static void look_on(struct uploads *u);

static void on_job(void *arg, json_t *rows, const struct error *error)
{
	struct uploads *u = arg;
	u->asking = false;
	if (u->dead || u->stopped || error) {
		leave_folder(u);
		if (u->dead)
			free(u);
		else
			look_later(u, LOOK_US);
		return;
	}
	json_t *job = json_array_get(rows, 0);
	const char *state = json_string_value(json_object_get(job, "state"));
	if (state && (strcmp(state, "waiting") == 0 || strcmp(state, "running") == 0)) {
		leave_folder(u);
		start_child(u, json_object_get(job, "arguments"));
		return;
	}
	if (!state)
		log_info("upload.nobodys", log_str("file", u->name));
	if (unlinkat(u->folder, u->name, 0))
		log_warn("upload.not_removed", log_str("file", u->name), log_str("error", strerror(errno)));
	look_on(u);
}

static bool ends_with(const char *name, const char *end)
{
	return str_ends(str_of(name), str_of(end));
}

static void drop_part(struct uploads *u, const char *name)
{
	int fd = openat(u->folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
		unlinkat(u->folder, name, 0);
	if (fd >= 0)
		close(fd);
}

static void ask(struct uploads *u, const char *name)
{
	char key[NAME_MAX_BYTES];
	const char *params[] = {"import", key};
	snprintf(u->name, sizeof u->name, "%.*s", (int)sizeof u->name - 1, name);
	snprintf(key, sizeof key, "%.*s", (int)(strlen(name) - strlen(".csv")), name);
	u->asking = true;
	store_query(u->store, "job_find", params, 2, on_job, u);
}

/* The next file of the folder. */
static void look_on(struct uploads *u)
{
	struct dirent *entry;
	while ((entry = readdir(u->walk))) {
		if (ends_with(entry->d_name, ".part"))
			drop_part(u, entry->d_name);
		if (!ends_with(entry->d_name, ".csv") || strlen(entry->d_name) >= NAME_MAX_BYTES)
			continue;
		ask(u, entry->d_name);
		return;
	}
	leave_folder(u);
	look_later(u, LOOK_US);
}

static void look(void *arg)
{
	struct uploads *u = arg;
	if (u->child) {
		watch_child(u);
		return;
	}
	char *path = mem_printf("%s/uploads", u->worker->config->data_dir);
	u->folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	free(path);
	if (u->folder >= 0 && (flock(u->folder, LOCK_EX | LOCK_NB) || !(u->walk = fdopendir(u->folder)))) {
		close(u->folder);
		u->folder = -1;
	}
	if (u->walk)
		look_on(u);
	else
		look_later(u, LOOK_US);
}

/* ---- its life ---- */

struct uploads *uploads_new(struct worker *worker, struct store *store)
{
	struct uploads *u = mem_alloc(sizeof *u);
	*u = (struct uploads){.worker = worker, .store = store, .folder = -1};
	u->timer = loop_timer_new(worker->loop, look, u);
	loop_timer_set(u->timer, 0);
	return u;
}

void uploads_stop(struct uploads *u)
{
	u->stopped = true;
	loop_timer_stop(u->timer);
	if (!u->child)
		return;
	kill(u->child, SIGKILL);
	waitpid(u->child, NULL, 0);
	u->child = 0;
}

bool uploads_is_busy(const struct uploads *u)
{
	return u->asking;
}

void uploads_free(struct uploads *u)
{
	if (!u)
		return;
	uploads_stop(u);
	loop_timer_free(u->timer);
	u->dead = true;
	if (!u->asking) {
		leave_folder(u);
		free(u);
	}
}
