/* Forking a process that has a loop: called by the master for workers and clerks, and by whoever asks a plugin in a child. */
#include "base/child.h"

#include <signal.h>
#include <unistd.h>

pid_t child_fork(void)
{
	sigset_t all, before;
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	pid_t pid = fork();
	if (pid == 0) {
		for (int s = 1; s < NSIG; s++)
			signal(s, SIG_DFL);
		signal(SIGINT, SIG_IGN);
		signal(SIGPIPE, SIG_IGN);
		sigemptyset(&before);
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	return pid;
}
