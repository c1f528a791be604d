/* See runner.h. The loop of the jobs worker never waits for the work: it looks now and then whether the child is over. The job belongs to the parent, by
 * its owner token and the connection named after it; the child says progress in the parent's name, on a connection of its own. */
#include "jobs/runner.h"

#include "base/child.h"
#include "base/log.h"
#include "base/mem.h"
#include "jobs/backtest_job.h"
#include "jobs/preview.h"
#include "store/admin.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PAUSE_US = 300000, WATCH_US = 30000, RETRY_US = 10 * 1000000, CHILD_DONE = 0, CHILD_AGAIN = 1 };
static const int64_t ANSWER_US = 60 * MOMENT_SECOND;

static const struct kind {
	const char *name;
	runner_fn *run;
} kinds[] = {
	{"preview", preview_job},
	{"backtest", backtest_job},
};
static const char all_kinds[] = "preview,backtest";

struct runner {
	struct worker *worker;
	struct store *store;
	struct loop_timer *timer;
	bool asking, stopped, dead;
	int64_t job;  /* in hand; 0 = none */
	pid_t child;  /* 0 = none */
};

static void look_later(struct runner *r, int64_t us)
{
	if (!r->stopped)
		loop_timer_set(r->timer, us);
}

static const struct kind *kind_of(const json_t *row)
{
	const char *name = json_string_value(json_object_get(row, "kind"));
	for (size_t i = 0; name && i < sizeof kinds / sizeof *kinds; i++)
		if (strcmp(kinds[i].name, name) == 0)
			return &kinds[i];
	return NULL;
}

/* ---- in the child ---- */

struct answer {
	bool done, cancel;
	struct error error;
};

static void on_done(void *arg, const struct error *error)
{
	struct answer *answer = arg;
	answer->done = true;
	if (error)
		answer->error = *error;
}

static void on_progress(void *arg, bool cancel, const struct error *error)
{
	((struct answer *)arg)->cancel = cancel;
	on_done(arg, error);
}

bool runner_progress(struct runner_work *work, int64_t done, int64_t total)
{
	struct answer answer = {0};
	if (work->cancelled || mono_now() - work->said < MOMENT_SECOND)
		return work->cancelled;
	work->said = mono_now();
	store_job_progress(work->store, work->job, work->worker->owner, done, total, NULL, on_progress, &answer);
	if (!store_wait(work->loop, &answer.done, ANSWER_US))
		_exit(CHILD_AGAIN); /* and the answer may not find us gone */
	return work->cancelled = answer.cancel || answer.error.code == ERROR_DENIED;
}

static json_t *refusal(const struct error *error)
{
	int status = error->code == ERROR_NOT_FOUND ? 404 : error->code == ERROR_CONFLICT ? 409 : 422;
	return json_pack("{s:i, s:s, s:s, s:s}", "status", status, "title", status == 404 ? "Not Found" : status == 409 ? "Conflict" : "Unprocessable Content", "field",
			 error->where, "detail", error->message);
}

static int work_on(struct runner *r, const struct kind *kind, const json_t *row)
{
	struct answer answer = {0};
	struct error error = {0};
	struct runner_work work = {.worker = r->worker, .loop = loop_new(), .job = r->job, .arguments = json_object_get(row, "arguments")};
	work.store = store_new(work.loop, r->worker->conninfo, "nurture work");
	json_t *result = kind->run(&work, &error);
	if (!result && (error.code == ERROR_UNAVAILABLE || error.code == ERROR_SYSTEM)) {
		log_warn("job.put_off", log_int("job", r->job), log_str("kind", kind->name), log_str("error", error.message));
		return CHILD_AGAIN;
	}
	if (!result && !work.cancelled)
		result = refusal(&error);
	json_int_t status = json_integer_value(json_object_get(result, "status"));
	const char *state = work.cancelled ? "cancelled" : status && status >= 300 ? "failed" : "done";
	store_job_slim(work.store, r->job, r->worker->owner, state, result, "files", on_done, &answer);
	if (!store_wait(work.loop, &answer.done, ANSWER_US) || (answer.error.code && answer.error.code != ERROR_DENIED))
		return CHILD_AGAIN;
	log_info("job.over", log_int("job", r->job), log_str("kind", kind->name), log_str("state", state));
	return CHILD_DONE;
}

/* ---- the child, from outside ---- */

static void start_child(struct runner *r, const struct kind *kind, const json_t *row)
{
	pid_t parent = getpid();
	r->child = child_fork();
	if (r->child < 0) {
		log_warn("job.no_process", log_str("error", strerror(errno)));
		r->child = 0;
		look_later(r, RETRY_US);
		return;
	}
	if (r->child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(CHILD_AGAIN);
		close_range(3, ~0u, 0); /* nothing of our parent's: neither its loop nor its connection */
		_exit(work_on(r, kind, row));
	}
	log_info("job.taken", log_int("job", r->job), log_str("kind", kind->name), log_int("process", r->child));
	look_later(r, WATCH_US);
}

static void on_failed(void *arg, const struct error *error)
{
	struct runner *r = arg;
	(void)error; /* without a database it is taken again, and fails again */
	r->asking = false;
	if (r->dead)
		free(r);
	else
		look_later(r, PAUSE_US);
}

static void fail_job(struct runner *r, int signal_number)
{
	char text[80];
	snprintf(text, sizeof text, "its process died (signal %d).", signal_number);
	log_error("job.died", log_int("job", r->job), log_int("signal", signal_number));
	json_t *result = json_pack("{s:i, s:s, s:s}", "status", 500, "title", "Internal Server Error", "detail", text);
	r->asking = true;
	store_job_slim(r->store, r->job, r->worker->owner, "failed", result, "files", on_failed, r);
	json_decref(result);
}

static void watch_child(struct runner *r)
{
	int status = 0;
	pid_t pid = waitpid(r->child, &status, WNOHANG);
	if (pid == 0) {
		look_later(r, WATCH_US);
		return;
	}
	r->child = 0;
	if (pid > 0 && WIFSIGNALED(status))
		fail_job(r, WTERMSIG(status));
	else
		look_later(r, pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) == CHILD_DONE ? 0 : RETRY_US);
}

/* ---- looking for work ---- */

static void on_job(void *arg, json_t *rows, const struct error *error)
{
	struct runner *r = arg;
	const json_t *row = json_array_get(rows, 0);
	const struct kind *kind = kind_of(row);
	r->asking = false;
	if (r->dead) {
		free(r);
	} else if (error || !kind || r->stopped) {
		look_later(r, error ? RETRY_US : PAUSE_US);
	} else {
		r->job = json_integer_value(json_object_get(row, "job_id"));
		start_child(r, kind, row);
	}
}

static void look(void *arg)
{
	struct runner *r = arg;
	if (r->child) {
		watch_child(r);
		return;
	}
	r->asking = true;
	store_job_take(r->store, 0, all_kinds, r->worker->owner, on_job, r);
}

/* ---- its life ---- */

struct runner *runner_new(struct worker *worker, struct store *store)
{
	struct runner *r = mem_alloc(sizeof *r);
	*r = (struct runner){.worker = worker, .store = store};
	r->timer = loop_timer_new(worker->loop, look, r);
	loop_timer_set(r->timer, 0);
	return r;
}

void runner_stop(struct runner *r)
{
	r->stopped = true;
	loop_timer_stop(r->timer);
	if (!r->child)
		return;
	kill(r->child, SIGKILL);
	waitpid(r->child, NULL, 0);
	r->child = 0;
}

bool runner_is_busy(const struct runner *r)
{
	return r->asking;
}

void runner_free(struct runner *r)
{
	if (!r)
		return;
	runner_stop(r);
	loop_timer_free(r->timer);
	r->timer = NULL;
	r->dead = true;
	if (!r->asking)
		free(r);
}
