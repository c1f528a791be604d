/* One worker process as the master sees it: started by fork and exec of the binary that its generation holds open, as
 * the unprivileged user, with a fixed set of descriptors. */
#ifndef NURTURE_SERVER_PROCESS_H
#define NURTURE_SERVER_PROCESS_H

#include "server/board.h"
#include "server/roles.h"

#include <sys/types.h>

/* Descriptors of a worker after exec, from 3 on. Listeners follow; 0, 1, 2 are inherited. */
enum { FD_CONTROL = 3, FD_SNAPSHOT, FD_BOARD, FD_METRICS, FD_PLAYBOOK, FD_PLUGINS, FD_LISTENERS };

struct process {
	const struct role_entry *entry;
	int number;          /* within the role; of a channel: its place in the configuration */
	int slot;            /* on the board */
	pid_t pid;           /* 0 = not running */
	int control;         /* write end: its end of file tells the worker that the master is gone; -1 */
	mono_t started_at;
	mono_t restart_at;   /* when pid is 0 */
	mono_t kill_at;      /* SIGKILL then; 0 = not asked to end */
	int deaths;          /* short lives in a row, however they ended: for back-off */
	int crashes;         /* those of them that were its own doing, or the watchdog's: a channel faults by them */
	char problem[BOARD_PROBLEM]; /* why it died last */
	bool muted;          /* killed by the watchdog */
	bool faulted;        /* of a channel: said so already */
	bool seen_running;
};

struct process_plan {
	int binary, snapshot, board, metrics, playbook, plugins; /* playbook and plugins: -1 = none */
	const int *listeners;
	size_t listener_count;
	const char *user;
	bool trial;          /* beside a generation that is live */
	struct board *shared;
};

/* Starts it; -1 with an error when there is no process to be had. */
int process_start(struct process *process, const struct process_plan *plan, struct error *error) MUST_USE;
/* SIGTERM now, SIGKILL after `seconds`. */
void process_drain(struct process *process, int seconds);
/* true when it has ended: *status as of waitpid. Never blocks. */
bool process_reap(struct process *process, int *status);
const char *process_name(const struct process *process, char out[64]); /* "engine.0" */

#endif
