/* See runner.h. The loop of the jobs worker never waits for the work: it looks now and then whether the child is over. The job belongs to the parent, by
 * its owner token and the connection named after it; the child says progress in the parent's name, on a connection of its own. */
#include "jobs/runner.h"

#include "base/child.h"
#include "base/log.h"
#include "base/mem.h"
#include "jobs/ask.h"
#include "jobs/backtest_job.h"
#include "jobs/forecast.h"
#include "jobs/preview.h"
#include "jobs/purge_job.h"
#include "store/admin.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	PAUSE_US = 300000,
	WATCH_US = 30000,
	RETRY_US = 10 * 1000000,
	RETRY_SOON_US = 2000000, /* what may never succeed: soon over, or told */
	RENEW_US = 3 * 1000000,  /* of the JOB_SECONDS that it is ours */
	RENEW_AGAIN_US = 1000000,
	TRIES = 3,               /* of a job that our own environment fails: another trouble than one that is over by itself */
	CHILD_DONE = 0,
	CHILD_AGAIN = 1,
	CHILD_FAILED = 2,
};

static const struct kind {
	const char *name;
	runner_fn *run;
} kinds[] = {
	{"preview", preview_job},
	{"backtest", backtest_job},
	{"fit", fit_job},
	{"retention", purge_job},
	{"forecast", forecast_job},
};

struct runner {
	struct worker *worker;
	struct store *store;
	struct loop_timer *timer;
	const char *kinds;
	bool asking, stopped, dead;
	int64_t job;  /* in hand; 0 = none */
	pid_t child;  /* 0 = none */
	mono_t renew_at;
	bool ended;   /* by us: it was asked to stop, or is another's now */
	bool cancel;
	int64_t tried_job; /* the last one that failed by the environment, and how often */
	int tries;
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

struct told {
	struct ask answer; /* first */
	bool cancel;
};

static void on_progress(void *arg, bool cancel, const struct error *error)
{
	((struct told *)arg)->cancel = cancel;
	ask_on_done(arg, error);
}

static bool say(struct runner_work *work, int64_t done, int64_t total)
{
	struct told told = {0};
	struct error error = {0};
	work->said = mono_now();
	store_job_progress(work->store, work->job, work->worker->owner, done, total, NULL, on_progress, &told);
	bool lost = ask_wait(work->loop, &told.answer, &error) && error.code == ERROR_DENIED;
	return work->cancelled = told.cancel || lost;
}

bool runner_progress(struct runner_work *work, int64_t done, int64_t total)
{
	return work->cancelled || (mono_now() - work->said >= MOMENT_SECOND && say(work, done, total));
}

bool runner_is_cancelled(struct runner_work *work)
{
	return work->cancelled || say(work, -1, -1);
}

static json_t *refusal(const struct error *error)
{
	static const struct {
		enum error_code code;
		int status;
		const char *title;
	} words[] = {{ERROR_NOT_FOUND, 404, "Not Found"}, {ERROR_CONFLICT, 409, "Conflict"}, {ERROR_SYSTEM, 500, "Internal Server Error"}, {0, 422, "Unprocessable Content"}};
	size_t i = 0;
	while (words[i].code && words[i].code != error->code)
		i++;
	return json_pack("{s:i, s:s, s:s, s:s}", "status", words[i].status, "title", words[i].title, "field", error->where, "detail", error->message);
}

static bool is_put_off(const struct runner *r, const struct error *error)
{
	bool last = r->tried_job == r->job && r->tries + 1 >= TRIES;
	return error->code == ERROR_UNAVAILABLE || (error->code == ERROR_SYSTEM && !last);
}

static int work_on(struct runner *r, const struct kind *kind, const json_t *row)
{
	struct ask answer = {0};
	struct error error = {0}, unsaid = {0};
	struct runner_work work = {.worker = r->worker, .loop = loop_new(), .job = r->job, .arguments = json_object_get(row, "arguments")};
	work.store = store_new(work.loop, r->worker->conninfo, "nurture work");
	json_t *result = kind->run(&work, &error);
	if (!result && !work.cancelled && is_put_off(r, &error)) {
		log_warn("job.put_off", log_int("job", r->job), log_str("kind", kind->name), log_str("error", error.message));
		return error.code == ERROR_SYSTEM ? CHILD_FAILED : CHILD_AGAIN;
	}
	if (!result && !work.cancelled)
		result = refusal(&error);
	json_int_t status = json_integer_value(json_object_get(result, "status"));
	const char *state = work.cancelled ? "cancelled" : status && status >= 300 ? "failed" : "done";
	store_job_slim(work.store, r->job, r->worker->owner, state, result, "files", ask_on_done, &answer);
	if (ask_wait(work.loop, &answer, &unsaid) && unsaid.code != ERROR_DENIED)
		return CHILD_AGAIN;
	log_info("job.over", log_int("job", r->job), log_str("kind", kind->name), log_str("state", state));
	return CHILD_DONE;
}

/* ---- the child, from outside ---- */

static void start_child(struct runner *r, const struct kind *kind, const json_t *row)
{
	pid_t parent = getpid();
	r->ended = r->cancel = false;
	r->renew_at = mono_now() + RENEW_US;
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

/* Of the last word about a job. Without a database it is taken again when its time is over. */
static void on_told(void *arg, const struct error *error)
{
	struct runner *r = arg;
	(void)error;
	r->asking = false;
	if (r->dead)
		free(r);
	else
		look_later(r, PAUSE_US);
}

static void end_job(struct runner *r, const char *state, json_t *result)
{
	r->asking = true;
	store_job_slim(r->store, r->job, r->worker->owner, state, result, "files", on_told, r);
	json_decref(result);
}

static void fail_job(struct runner *r, int signal_number)
{
	char text[80];
	snprintf(text, sizeof text, "its process died (signal %d).", signal_number);
	log_error("job.died", log_int("job", r->job), log_int("signal", signal_number));
	end_job(r, "failed", json_pack("{s:i, s:s, s:s}", "status", 500, "title", "Internal Server Error", "detail", text));
}

static void on_put_back(void *arg, const struct error *error)
{
	struct runner *r = arg;
	(void)error;
	r->asking = false;
	if (r->dead)
		free(r);
	else
		look_later(r, r->tried_job == r->job ? RETRY_SOON_US : RETRY_US);
}

static void put_back(struct runner *r, bool failed)
{
	if (failed && r->tried_job != r->job)
		r->tries = 0;
	if (failed) {
		r->tried_job = r->job;
		r->tries++;
	}
	r->asking = true;
	store_job_put_back(r->store, r->job, r->worker->owner, on_put_back, r);
}

static void child_is_over(struct runner *r, bool exited, int status)
{
	r->child = 0;
	if (r->ended && r->cancel)
		end_job(r, "cancelled", NULL);
	else if (exited && WIFSIGNALED(status) && !r->ended)
		fail_job(r, WTERMSIG(status));
	else if (exited && WIFEXITED(status) && WEXITSTATUS(status) != CHILD_DONE)
		put_back(r, WEXITSTATUS(status) == CHILD_FAILED);
	else
		look_later(r, exited ? 0 : RETRY_US);
}

/* The child looks at every page whether it is to stop; a page may be long, and a check of a playbook has none. */
static void on_renewed(void *arg, bool cancel, const struct error *error)
{
	struct runner *r = arg;
	r->asking = false;
	if (r->dead) {
		free(r);
		return;
	}
	if (r->child && (cancel || (error && error->code == ERROR_DENIED))) {
		log_info("job.ended", log_int("job", r->job), log_str("why", cancel ? "cancelled" : "not ours any more"));
		r->ended = true;
		r->cancel = cancel;
		kill(r->child, SIGKILL);
	}
	r->renew_at = mono_now() + (error ? RENEW_AGAIN_US : RENEW_US);
}

static void watch_child(struct runner *r)
{
	int status = 0;
	pid_t pid = r->asking ? 0 : waitpid(r->child, &status, WNOHANG);
	if (pid) {
		child_is_over(r, pid > 0, status);
		return;
	}
	if (!r->ended && !r->asking && mono_now() >= r->renew_at) {
		r->asking = true;
		store_job_progress(r->store, r->job, r->worker->owner, -1, -1, NULL, on_renewed, r);
	}
	look_later(r, WATCH_US);
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
	store_job_take(r->store, 0, r->kinds, r->worker->owner, on_job, r);
}

/* ---- its life ---- */

struct runner *runner_new(struct worker *worker, struct store *store, const char *names)
{
	struct runner *r = mem_alloc(sizeof *r);
	*r = (struct runner){.worker = worker, .store = store, .kinds = names};
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
