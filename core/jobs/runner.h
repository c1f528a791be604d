/* Long work that was asked for over HTTP or falls due daily, each in a child process: waiting rows of table job, by kind. To add a kind is to add a row to the table in
 * runner.c and a function that may block.
 *
 *   waiting → taken (the oldest of any kind) → child → done | failed | cancelled
 *   the child dies: failed, with how. We die: the child dies with us, and whoever looks next begins the job again
 *   the child cannot do it now: waiting. Asked to stop, and the child does not hear it: killed, cancelled. Another's by now: killed */
#ifndef NURTURE_JOBS_RUNNER_H
#define NURTURE_JOBS_RUNNER_H

#include "base/worker.h"
#include "store/store.h"

struct runner;

/* names: "a,b", the kinds that it takes, one job at a time; borrowed for its life. Work that may wait for the engines for long has a runner of its own. */
struct runner *runner_new(struct worker *worker, struct store *store, const char *names);
void runner_stop(struct runner *runner); /* ends the child; its job is taken again by the next who looks */
bool runner_is_busy(const struct runner *runner);
void runner_free(struct runner *runner); /* takes NULL */

/* What runs in the child. */
struct runner_work {
	struct worker *worker;   /* its config and conninfo; its loop and connections are the parent's: not ours */
	struct loop *loop;
	struct store *store;     /* of the child's own */
	int64_t job;
	const json_t *arguments;
	bool cancelled;          /* somebody asked to stop: runner_progress said so */
	mono_t said;
};
/* Says how far it is (at most once a second it is written down). true: stop now. Return what you have, or NULL without an error. */
bool runner_progress(struct runner_work *work, int64_t done, int64_t total);
/* The same now, without a figure: before what cannot be taken back. */
bool runner_is_cancelled(struct runner_work *work);
/* A result (new reference), or NULL with an error: ERROR_UNAVAILABLE = try again later, ERROR_SYSTEM = twice, all others are for who asked. A result says by "status" what
 * the HTTP request that waits for it is answered (without: 200). */
typedef json_t *runner_fn(struct runner_work *work, struct error *error);

#endif
