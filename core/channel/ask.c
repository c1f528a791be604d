/* The child, its pipe and its alarm. The answer is JSON, {"ok": …} or {"error": {"code", "where", "message"}}. A child that crashes or takes longer
 * than it may is an error that says so. */
#include "channel/ask.h"

#include "base/buf.h"
#include "base/child.h"
#include "base/environment.h"
#include "base/clock.h"
#include "base/rights.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { DESCRIBE_MAX = 64 << 20 /* a mail with its attachments, in base64 */ };

int channel_ask_plainly(const char *user, struct error *error)
{
	struct error nobody = {0};
	uid_t uid;
	gid_t gid;
	return rights_user(user, &uid, &gid, &nobody) ? 0 : rights_drop(user, error);
}

static json_t *answer(channel_answer_fn *fn, const void *question)
{
	struct error error = {0};
	json_t *ok = fn(question, &error);
	return ok ? json_pack("{s:o}", "ok", ok)
		  : json_pack("{s:{s:i, s:s, s:s}}", "error", "code", (int)error.code, "where", error.where, "message", error.message);
}

static void child(channel_answer_fn *fn, const void *question, unsigned seconds, int fd)
{
	environment_reduce();
	signal(SIGTERM, SIG_DFL);
	alarm(seconds);
	json_t *said = answer(fn, question);
	char *text = said ? json_dumps(said, JSON_COMPACT) : NULL;
	if (!text)
		_exit(3);
	for (size_t done = 0, n = strlen(text); done < n;) {
		ssize_t w = write(fd, text + done, n - done);
		if (w < 0 && errno != EINTR)
			_exit(3);
		done += w > 0 ? (size_t)w : 0;
	}
	_exit(0);
}

/* Reads until the child closes its end, at most a little longer than its own alarm. */
static void read_all(int fd, unsigned seconds, struct buf *out)
{
	mono_t end = mono_now() + (seconds + 2) * MOMENT_SECOND;
	while (out->n < DESCRIBE_MAX && mono_now() < end) {
		struct pollfd p = {.fd = fd, .events = POLLIN};
		char chunk[65536];
		if (poll(&p, 1, 1000) <= 0)
			continue;
		ssize_t n = read(fd, chunk, sizeof chunk);
		if (n == 0 || (n < 0 && errno != EINTR))
			return;
		if (n > 0)
			buf_put(out, chunk, (size_t)n);
	}
}

static json_t *read_answer(const char *path, struct str text, int status, struct error *error)
{
	json_t *said = json_loadb(text.p, text.n, 0, NULL);
	json_t *ok = json_object_get(said, "ok"), *bad = json_object_get(said, "error");
	if (ok) {
		json_incref(ok);
	} else if (bad) {
		error_set(error, (enum error_code)json_integer_value(json_object_get(bad, "code")),
			  json_string_value(json_object_get(bad, "where")), "%s", json_string_value(json_object_get(bad, "message")));
	} else {
		const char *signal_name = WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : NULL;
		error_set(error, ERROR_SYSTEM, path, "the plugin did not say what it was asked: it ended with %s.",
			  signal_name ? signal_name : "an exit of its own");
		ok = NULL;
	}
	json_decref(said);
	return ok;
}

json_t *channel_ask(const char *path, channel_answer_fn *fn, const void *question, unsigned seconds, struct error *error)
{
	int ends[2], status = 0;
	struct buf text = {0};
	if (pipe2(ends, O_CLOEXEC)) {
		error_errno(error, path, "cannot make a pipe");
		return NULL;
	}
	fflush(NULL);
	pid_t pid = child_fork();
	if (pid < 0) {
		error_errno(error, path, "cannot fork");
		close(ends[0]), close(ends[1]);
		return NULL;
	}
	if (pid == 0)
		child(fn, question, seconds, ends[1]);
	close(ends[1]);
	read_all(ends[0], seconds, &text);
	close(ends[0]);
	kill(pid, SIGKILL); /* a plugin that caught the alarm; no harm if it has ended */
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	json_t *ok = read_answer(path, buf_str(&text), status, error);
	buf_fini(&text);
	return ok;
}
