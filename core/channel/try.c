/* Opening a channel for a trial: in a child that opens, closes and ends, so that a reload knows what cannot be opened before the channel
 * that works is given up. What the child leaves on its pipe is the plugin's sentence, or nothing when it opened. */
#include "channel/try.h"

#include "base/child.h"
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TRY_SECONDS = 10, TRY_TEXT = 900 };

/* What it says while it opens is said to nobody: the one that works will say it. */
static moment_t call_now(void *arg)
{
	(void)arg;
	return real_now();
}

static void call_capacity(void *arg, uint32_t touches)
{
	(void)arg, (void)touches;
}

static void call_news(void *arg, int64_t touch_id, const struct channel_result *result, nurture_news_fn *fn, void *fn_arg)
{
	(void)arg, (void)touch_id, (void)result, (void)fn, (void)fn_arg;
}

static void call_event(void *arg, const struct channel_event *event, nurture_told_fn *fn, void *fn_arg)
{
	(void)arg, (void)event, (void)fn, (void)fn_arg;
}

static void call_late(void *arg)
{
	(void)arg;
}

static _Noreturn void child(const struct nurture_plugin *plugin, const struct channel_options *options, int fd)
{
	static const struct channel_calls calls = {.now = call_now, .capacity = call_capacity, .news = call_news, .event = call_event, .late = call_late};
	struct error error = {0};
	alarm(TRY_SECONDS);
	struct channel *channel = channel_open(loop_new(), plugin, options, &calls, NULL, &error);
	if (!channel) {
		char text[TRY_TEXT];
		int n = snprintf(text, sizeof text, "%.200s%s%.600s", error.where, error.where[0] ? ": " : "", error.message);
		_exit(write(fd, text, (size_t)n) == n ? 1 : 2);
	}
	channel_close(channel);
	_exit(0);
}

/* What the child says, until it closes its end; text is ended by NUL. */
static void listen_to(int fd, char text[TRY_TEXT])
{
	mono_t end = mono_now() + (TRY_SECONDS + 1) * MOMENT_SECOND;
	size_t n = 0;
	while (n < TRY_TEXT - 1 && mono_now() < end) {
		struct pollfd p = {.fd = fd, .events = POLLIN};
		if (poll(&p, 1, 500) <= 0)
			continue;
		ssize_t got = read(fd, text + n, TRY_TEXT - 1 - n);
		if (got == 0 || (got < 0 && errno != EINTR))
			break;
		n += got > 0 ? (size_t)got : 0;
	}
	text[n] = '\0';
}

int channel_try(const struct nurture_plugin *plugin, const struct channel_options *options, struct error *error)
{
	int ends[2], status = 0;
	char text[TRY_TEXT];
	if (pipe2(ends, O_CLOEXEC))
		return error_errno(error, options->name, "cannot make a pipe");
	pid_t pid = child_fork();
	if (pid == 0)
		child(plugin, options, ends[1]);
	close(ends[1]);
	listen_to(ends[0], text);
	close(ends[0]);
	if (pid < 0)
		return error_errno(error, options->name, "cannot fork");
	kill(pid, SIGKILL); /* one that caught the alarm; no harm if it has ended */
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (text[0])
		return error_set(error, ERROR_INVALID, options->name, "it does not open: %s", text);
	if (WIFSIGNALED(status) && (WTERMSIG(status) == SIGALRM || WTERMSIG(status) == SIGKILL))
		return error_set(error, ERROR_SYSTEM, options->name, "the plugin did not open within %d seconds.", TRY_SECONDS);
	if (WIFSIGNALED(status))
		return error_set(error, ERROR_SYSTEM, options->name, "the plugin ended with %s when it opened.", strsignal(WTERMSIG(status)));
	return 0;
}
