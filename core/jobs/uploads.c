/* The folder data_dir/uploads (web/spool.h says how files come into it) is the queue of this node; the job's row says how each stands.
 *
 *   KEY.csv, its job waits or was abandoned → an import in a child; over → the file goes
 *   KEY.csv without a job → its upload was never acknowledged: it goes
 *   NAME.part whose writer is dead (its lock is free) → it goes
 *
 * The folder is looked at under its lock, which web holds from the moment a file has its last name until its job is written: so a
 * file without a job is nobody's. The child is a process because an import waits for the database with all it has; it dies with us,
 * and the next one goes on behind the last group that was committed.
 *
 * An import that failed for what its file or map is says so in its job, and the next file is taken at once. Where the database is away all wait: a
 * file must not be taken before the one that was posted before it. Whatever else ends a child costs its own file a rest (upload_queue.c). */
#include "jobs/uploads.h"

#include "base/child.h"
#include "base/log.h"
#include "base/mem.h"
#include "jobs/import.h"
#include "jobs/upload_queue.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LOOK_US = 1000000, WATCH_US = 50000, PAUSE_MOST = 15 };

/* How a child ends; what is none of these (a signal) is as CHILD_FAILED. */
enum { CHILD_OVER, CHILD_FAILED, CHILD_ALL_WAIT };

struct uploads {
	struct worker *worker;
	struct store *store;
	struct loop_timer *timer;
	int folder;                    /* open and locked while a file is asked about, else -1 */
	struct upload_queue *queue;
	char name[UPLOAD_NAME];        /* the file that is asked about or imported */
	bool asking, stopped, dead;
	pid_t child;
	int pause;                     /* seconds for which all wait; a new look reads the whole file again */
};

static void look_later(struct uploads *u, int64_t us)
{
	if (!u->stopped)
		loop_timer_set(u->timer, us);
}

static void leave_folder(struct uploads *u)
{
	if (u->folder >= 0)
		close(u->folder); /* and its lock */
	u->folder = -1;
}

static void drop(struct uploads *u)
{
	upload_queue_free(u->queue);
	free(u);
}

/* ---- the import, in a child ---- */

static void key_of(const struct uploads *u, char key[UPLOAD_NAME])
{
	snprintf(key, UPLOAD_NAME, "%.*s", (int)(strlen(u->name) - strlen(".csv")), u->name);
}

static int import_it(struct uploads *u, const json_t *arguments)
{
	char key[UPLOAD_NAME];
	struct import_result result;
	struct error error = {0};
	char *path = mem_printf("%s/uploads/%s", u->worker->config->data_dir, u->name);
	key_of(u, key);
	struct import import = {.loop = loop_new(), .conninfo = u->worker->conninfo, .config = u->worker->config, .path = path, .posted = key,
		.rules = json_object_get(arguments, "rules"), .trial = json_is_true(json_object_get(arguments, "trial")),
		.suppress = json_string_value(json_object_get(arguments, "suppress")), .column = json_string_value(json_object_get(arguments, "column"))};
	int status = import_run(&import, &result, &error);
	if (status)
		log_warn("import.failed", log_int("job", result.job), log_str("where", error.where), log_str("error", error.message));
	else
		log_info("import.over", log_int("job", result.job), log_int("rows", result.rows), log_int("created", result.created),
			 log_int("refused", result.rejected), log_int("cancelled", result.cancelled));
	bool again = status && !result.over, busy = error.code == ERROR_UNAVAILABLE || error.code == ERROR_CONFLICT; /* CONFLICT: who died held it just now */
	return !again ? CHILD_OVER : busy ? CHILD_ALL_WAIT : CHILD_FAILED;
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
			_exit(CHILD_FAILED);
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
	int end = pid > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : CHILD_FAILED;
	if (end == CHILD_OVER)
		upload_queue_forget(u->queue, u->name);
	else if (end != CHILD_ALL_WAIT)
		upload_queue_rest(u->queue, u->name, mono_now());
	u->pause = end != CHILD_ALL_WAIT ? 0 : u->pause * 2 + 1 > PAUSE_MOST ? PAUSE_MOST : u->pause * 2 + 1;
	look_later(u, u->pause * MOMENT_SECOND);
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
			drop(u);
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

/* The next file of the folder. */
static void look_on(struct uploads *u)
{
	char key[UPLOAD_NAME];
	const char *params[] = {"import", key}, *name = upload_queue_next(u->queue);
	if (!name) {
		leave_folder(u);
		look_later(u, LOOK_US);
		return;
	}
	snprintf(u->name, sizeof u->name, "%s", name);
	key_of(u, key);
	u->asking = true;
	store_query(u->store, "job_find", params, 2, on_job, u);
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
	if (u->folder < 0 || flock(u->folder, LOCK_EX | LOCK_NB)) {
		leave_folder(u);
		look_later(u, LOOK_US);
		return;
	}
	upload_queue_read(u->queue, u->folder, mono_now());
	look_on(u);
}

/* ---- its life ---- */

struct uploads *uploads_new(struct worker *worker, struct store *store)
{
	struct uploads *u = mem_alloc(sizeof *u);
	*u = (struct uploads){.worker = worker, .store = store, .folder = -1, .queue = upload_queue_new()};
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
		drop(u);
	}
}
