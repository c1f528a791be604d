/* Starting and ending one worker. Between fork and exec only what is safe there is done: descriptors, user, exec. */
#include "server/process.h"

#include "base/child.h"
#include "base/environment.h"
#include "base/rights.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FIRST_HIGH = 200 };

const char *process_name(const struct process *process, char out[64])
{
	snprintf(out, 64, "%.40s.%d", process->entry->role->name, process->number);
	return out;
}

/* Moves `from` to `to`, open across exec; through a high number, so that no two get into each other's way. */
static bool place(const int *from, const int *to, size_t count)
{
	int high[FD_LISTENERS + 16];
	for (size_t i = 0; i < count; i++) {
		high[i] = from[i] < 0 ? -1 : fcntl(from[i], F_DUPFD_CLOEXEC, FIRST_HIGH);
		if (from[i] >= 0 && high[i] < 0)
			return false;
	}
	for (size_t i = 0; i < count; i++) {
		if (high[i] < 0)
			close(to[i]);
		else if (dup2(high[i], to[i]) < 0)
			return false;
	}
	return true;
}

static _Noreturn void child(const struct process *process, const struct process_plan *plan, int control)
{
	char title[64], number[16], slot[16], listeners[16];
	int from[FD_LISTENERS + 16], to[FD_LISTENERS + 16];
	struct error error = {0};
	size_t n = 0;
	const int fixed[] = {control, plan->snapshot, plan->board, plan->metrics, plan->playbook, plan->plugins};
	for (; n < sizeof fixed / sizeof *fixed; n++)
		from[n] = fixed[n], to[n] = FD_CONTROL + (int)n;
	bool web = process->entry->count == ROLE_OF_WEB;
	for (size_t i = 0; web && i < plan->listener_count; i++, n++)
		from[n] = plan->listeners[i], to[n] = FD_LISTENERS + (int)i;
	int binary = fcntl(plan->binary, F_DUPFD_CLOEXEC, FIRST_HIGH);
	snprintf(number, sizeof number, "%d", process->number);
	snprintf(slot, sizeof slot, "%d", process->slot);
	snprintf(listeners, sizeof listeners, "%zu", web ? plan->listener_count : 0);
	snprintf(title, sizeof title, "nurture: %.30s %d", process->entry->role->name, process->number); /* as ps shows it */
	struct board_slot *mine = &plan->shared->slots[process->slot];
	if (rights_drop(plan->user, &error) == 0 && place(from, to, n)) {
		char *const argv[] = {title, (char *)"worker", (char *)process->entry->role->name, number, slot, listeners, NULL};
		environment_reduce();
		fexecve(binary, argv, environ);
		error_errno(&error, NULL, "cannot run the worker's program");
	}
	snprintf(mine->problem, sizeof mine->problem, "%s", error.message);
	atomic_store(&mine->state, BOARD_FAILED);
	_exit(1);
}

int process_start(struct process *process, const struct process_plan *plan, struct error *error)
{
	int ends[2];
	struct board_slot *slot = &plan->shared->slots[process->slot];
	memset(slot->owner, 0, sizeof slot->owner);
	memset(slot->note, 0, sizeof slot->note);
	memset(slot->problem, 0, sizeof slot->problem);
	atomic_store(&slot->state, BOARD_STARTING);
	atomic_store(&slot->works, 0);
	atomic_store(&slot->trial, plan->trial);
	atomic_store(&slot->beat, mono_now());
	if (pipe2(ends, O_CLOEXEC))
		return error_errno(error, NULL, "cannot make a pipe");
	pid_t pid = child_fork();
	if (pid < 0) {
		error_errno(error, NULL, "cannot fork");
		close(ends[0]), close(ends[1]);
		return -1;
	}
	if (pid == 0)
		child(process, plan, ends[0]);
	close(ends[0]);
	process->pid = pid;
	process->control = ends[1];
	process->started_at = mono_now();
	process->kill_at = 0;
	process->muted = process->seen_running = false;
	return 0;
}

void process_drain(struct process *process, int seconds)
{
	if (!process->pid || process->kill_at)
		return;
	kill(process->pid, SIGTERM);
	process->kill_at = mono_now() + seconds * MOMENT_SECOND;
}

bool process_reap(struct process *process, int *status)
{
	if (!process->pid || waitpid(process->pid, status, WNOHANG) != process->pid)
		return false;
	process->pid = 0;
	if (process->control >= 0)
		close(process->control);
	process->control = -1;
	return true;
}
