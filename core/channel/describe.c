/* Asking a plugin what it is without letting it into our process: a child loads it, writes its answer to a pipe and ends.
 * The answer is JSON, {"ok": {…}} or {"error": {"code", "where", "message"}}. A child that crashes or takes longer than
 * DESCRIBE_SECONDS is an error that says so. */
#include "channel/plugin.h"

#include "base/buf.h"
#include "base/child.h"
#include "base/clock.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { DESCRIBE_SECONDS = 10, DESCRIBE_MAX = 65536 };

struct question {
	const char *path;
	const json_t *settings; /* NULL = do not ask */
	const char *data_dir;
	const char *where;      /* file:line of the channel */
};

static json_t *describe(const struct nurture_plugin *p)
{
	json_t *fields = json_array();
	for (const char *const *f = p->channel->template_fields; *f; f++)
		json_array_append_new(fields, json_string(*f));
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:o}", "name", p->name, "version", p->version, "licence", p->licence, "kind",
			 p->channel->kind, "body", p->channel->body, "template_fields", fields);
}

/* In the child: the answer. */
static json_t *answer(const struct question *q)
{
	struct error error = {0};
	struct nurture_problem problem = {.size = sizeof problem};
	const struct nurture_plugin *plugin = channel_plugin_load(q->path, &error);
	if (plugin && q->settings && plugin->channel->open(NULL, q->settings, q->data_dir, NULL, &problem) != 0) {
		problem.where[sizeof problem.where - 1] = problem.message[sizeof problem.message - 1] = 0;
		error_set(&error, ERROR_INVALID, q->where, "%s%s%s", problem.where, *problem.where ? ": " : "",
			  *problem.message ? problem.message : "the plugin refuses these settings and does not say why.");
		plugin = NULL;
	}
	if (plugin)
		return json_pack("{s:o}", "ok", describe(plugin));
	return json_pack("{s:{s:i, s:s, s:s}}", "error", "code", (int)error.code, "where", error.where, "message", error.message);
}

static void child(const struct question *q, int fd)
{
	signal(SIGTERM, SIG_DFL);
	alarm(DESCRIBE_SECONDS);
	json_t *said = answer(q);
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
static void read_all(int fd, struct buf *out)
{
	mono_t end = mono_now() + (DESCRIBE_SECONDS + 2) * MOMENT_SECOND;
	while (out->n < DESCRIBE_MAX && mono_now() < end) {
		struct pollfd p = {.fd = fd, .events = POLLIN};
		char chunk[4096];
		if (poll(&p, 1, 1000) <= 0)
			continue;
		ssize_t n = read(fd, chunk, sizeof chunk);
		if (n == 0 || (n < 0 && errno != EINTR))
			return;
		if (n > 0)
			buf_put(out, chunk, (size_t)n);
	}
}

static json_t *read_answer(const struct question *q, struct str text, int status, struct error *error)
{
	json_t *said = json_loadb(text.p, text.n, 0, NULL);
	json_t *ok = json_object_get(said, "ok"), *bad = json_object_get(said, "error");
	if (json_is_object(ok)) {
		json_incref(ok);
	} else if (bad) {
		error_set(error, (enum error_code)json_integer_value(json_object_get(bad, "code")),
			  json_string_value(json_object_get(bad, "where")), "%s", json_string_value(json_object_get(bad, "message")));
	} else {
		const char *signal_name = WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : NULL;
		error_set(error, ERROR_SYSTEM, q->path, "the plugin did not say what it is: it ended with %s.",
			  signal_name ? signal_name : "an exit of its own");
		ok = NULL;
	}
	json_decref(said);
	return ok;
}

static json_t *ask(const struct question *q, struct error *error)
{
	int ends[2], status = 0;
	struct buf text = {0};
	if (pipe2(ends, O_CLOEXEC)) {
		error_errno(error, q->path, "cannot make a pipe");
		return NULL;
	}
	fflush(NULL);
	pid_t pid = child_fork();
	if (pid < 0) {
		error_errno(error, q->path, "cannot fork");
		close(ends[0]), close(ends[1]);
		return NULL;
	}
	if (pid == 0)
		child(q, ends[1]);
	close(ends[1]);
	read_all(ends[0], &text);
	close(ends[0]);
	kill(pid, SIGKILL); /* a plugin that caught the alarm; no harm if it has ended */
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	json_t *ok = read_answer(q, buf_str(&text), status, error);
	buf_fini(&text);
	return ok;
}

json_t *channel_plugin_describe(const char *path, struct error *error)
{
	return ask(&(struct question){.path = path}, error);
}

int channel_describe(struct config *config, struct error *error)
{
	for (size_t i = 0; i < config->channel_count; i++) {
		struct config_channel *channel = (struct config_channel *)&config->channels[i]; /* const for everybody else */
		struct error why = {0};
		char *path = channel_plugin_path(config->plugin_dir, channel->plugin, &why);
		struct question q = {.path = path, .settings = channel->settings, .data_dir = config->data_dir, .where = channel->where};
		json_t *says = path ? ask(&q, &why) : NULL;
		free(path);
		if (!says)
			return error_set(error, why.code, channel->where, "channel \"%s\": %s%s%s", channel->name,
					 strcmp(why.where, channel->where) ? why.where : "", strcmp(why.where, channel->where) ? ": " : "", why.message);
		json_decref(channel->says);
		channel->says = says;
	}
	return 0;
}
