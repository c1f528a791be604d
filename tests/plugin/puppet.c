/* A channel plugin that behaves or misbehaves as its setting "act" says (puppet_acts.c). Here is its life, which is that of any plugin.
 *
 * It writes what it sends as a line "touch_id attempt" to the file of its setting "out", if there is one: that is the outside. */
#include "puppet.h"

#ifndef PUPPET_KIND
#define PUPPET_KIND "email"
#define PUPPET_NAME "puppet"
#endif

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void puppet_drop(struct job *job)
{
	for (struct job **at = &job->puppet->jobs; *at; at = &(*at)->next)
		if (*at == job) {
			*at = job->next;
			break;
		}
	job->puppet->host->timer_free(job->timer);
	free(job);
}

void puppet_say(struct job *job, enum nurture_outcome outcome, const char *reason)
{
	struct nurture_result result = {.size = sizeof result, .outcome = outcome, .reason = reason, .remote_id = "puppet-1"};
	job->puppet->host->complete(job->puppet->host->data, job->handle, &result);
}

void puppet_finish(struct job *job, enum nurture_outcome outcome, const char *reason)
{
	puppet_say(job, outcome, reason);
	puppet_drop(job);
}

void puppet_send_out(struct job *job)
{
	char line[64];
	if (!*job->puppet->out)
		return;
	int fd = open(job->puppet->out, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	int n = snprintf(line, sizeof line, "%lld %u\n", (long long)job->touch_id, job->attempt);
	if (fd < 0 || write(fd, line, (size_t)n) != n || fdatasync(fd))
		abort();
	close(fd);
}

static int refuse(struct nurture_problem *problem, const char *where, const char *message)
{
	snprintf(problem->where, sizeof problem->where, "%s", where);
	snprintf(problem->message, sizeof problem->message, "%s", message);
	return -1;
}

static int puppet_open(const struct nurture_host *host, const json_t *settings, const char *data_dir, void **self,
		       struct nurture_problem *problem)
{
	const char *act = "send", *out = "", *queue = "", *told = "", *forgot = "", *key;
	json_int_t wait_ms = 0, capacity = 1;
	json_t *value;
	(void)data_dir;
	json_object_foreach((json_t *)settings, key, value) {
		if (strcmp(key, "act") == 0 && json_is_string(value))
			act = json_string_value(value);
		else if (strcmp(key, "out") == 0 && json_is_string(value))
			out = json_string_value(value);
		else if (strcmp(key, "queue") == 0 && json_is_string(value))
			queue = json_string_value(value);
		else if (strcmp(key, "told") == 0 && json_is_string(value))
			told = json_string_value(value);
		else if (strcmp(key, "forgot") == 0 && json_is_string(value))
			forgot = json_string_value(value);
		else if (strcmp(key, "wait_ms") == 0 && json_is_integer(value))
			wait_ms = json_integer_value(value);
		else if (strcmp(key, "capacity") == 0 && json_is_integer(value))
			capacity = json_integer_value(value);
		else
			return refuse(problem, key, "this is no setting of the puppet. Use act, out, queue, told, forgot, wait_ms or capacity.");
	}
	if (!puppet_act(act))
		return refuse(problem, "act", "the puppet cannot do this.");
	if (!host && puppet_act(act)->check)
		puppet_act(act)->check();
	if (!host)
		return 0;
	if (strcmp(act, "shut") == 0)
		return refuse(problem, "act", "the puppet does not open today.");
	struct puppet *puppet = calloc(1, sizeof *puppet);
	if (!puppet)
		abort();
	puppet->host = host;
	puppet->act = puppet_act(act);
	puppet->wait_us = wait_ms * 1000;
	snprintf(puppet->out, sizeof puppet->out, "%s", out);
	snprintf(puppet->queue, sizeof puppet->queue, "%s", queue);
	snprintf(puppet->told, sizeof puppet->told, "%s", told);
	snprintf(puppet->forgot, sizeof puppet->forgot, "%s", forgot);
	puppet_tell_queue(puppet);
	host->capacity(host->data, (uint32_t)capacity);
	*self = puppet;
	if (puppet->act->open)
		puppet->act->open(puppet);
	return 0;
}

static void puppet_deliver(void *self, const struct nurture_touch *touch)
{
	struct puppet *puppet = self;
	struct job *job = calloc(1, sizeof *job);
	if (!job)
		abort();
	*job = (struct job){.puppet = puppet, .handle = touch->handle, .touch_id = touch->touch_id, .attempt = touch->attempt, .borrowed = touch->address,
		.next = puppet->jobs};
	puppet->jobs = job;
	snprintf(job->address, sizeof job->address, "%s", touch->address);
	puppet->act->deliver(job);
}

static void puppet_cancel(void *self, struct nurture_handle handle)
{
	struct puppet *puppet = self;
	for (struct job *job = puppet->jobs; job; job = job->next)
		if (job->handle.id == handle.id && job->handle.generation == handle.generation) {
			puppet->act->cancel(job);
			return;
		}
}

static void puppet_drain(void *self)
{
	(void)self;
}

static void puppet_close(void *self)
{
	struct puppet *puppet = self;
	while (puppet->jobs)
		puppet_drop(puppet->jobs);
	puppet_routes_close(puppet);
	free(puppet);
}

/* What it keeps of people is the file `forgot`: whom it forgot, and who is apart again. While there is a file of that name with .not behind it, it cannot; with .die, it dies. */
static void hear(void *self, const char *what, const struct nurture_forget *forget)
{
	struct puppet *puppet = self;
	char line[100], path[600];
	int n = snprintf(line, sizeof line, "%s%lld %lld\n", what, (long long)forget->lead_id, (long long)forget->into);
	snprintf(path, sizeof path, "%s.die", puppet->forgot);
	if (*puppet->forgot && unlink(path) == 0)
		abort();
	snprintf(path, sizeof path, "%s.not", puppet->forgot);
	if (*puppet->forgot && access(path, F_OK) == 0) {
		puppet->host->forgotten(puppet->host->data, forget->id, false, "not today");
		return;
	}
	int fd = *puppet->forgot ? open(puppet->forgot, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -1;
	if (fd >= 0 && write(fd, line, (size_t)n) != n)
		abort();
	if (fd >= 0)
		close(fd);
	for (int i = 0; i < (puppet->act->forgets ? puppet->act->forgets : 1); i++)
		puppet->host->forgotten(puppet->host->data, forget->id, true, NULL);
}

static void puppet_forget(void *self, const struct nurture_forget *forget)
{
	hear(self, "", forget);
}

static void puppet_part(void *self, const struct nurture_forget *forget)
{
	hear(self, "apart ", forget);
}

/* Marketing may say anything but a few words. */
static int puppet_check_template(const json_t *settings, const struct nurture_template *template, struct nurture_problem *problem)
{
	(void)settings;
	for (size_t i = 0; i < template->field_count; i++)
		if (strstr(template->fields[i].value, "FREE"))
			return refuse(problem, template->fields[i].name, "nobody believes a subject with FREE in it.");
	if (strstr(template->body, "crash me"))
		abort();
	return strstr(template->body, "guarantee") ? refuse(problem, "", "our lawyers do not like \"guarantee\".") : 0;
}

static bool puppet_turns(void *self, struct nurture_turn *turns, size_t count)
{
	struct puppet *puppet = self;
	for (size_t i = 0; i < count; i++)
		if (strcmp(turns[i].purpose, "marketing") == 0 && ++puppet->turns % 18 != 1) {
			turns[i].wait = INT64_C(3600000000);
			turns[i].reason = "one in eighteen";
		}
	return puppet->act->limits;
}

static const char *const fields[] = {"!subject", "from", NULL};
static const struct nurture_channel channel = {
	.size = sizeof channel, .kind = PUPPET_KIND, .template_fields = fields, .body = "markdown", .open = puppet_open,
	.deliver = puppet_deliver, .cancel = puppet_cancel, .drain = puppet_drain, .close = puppet_close,
	.check_template = puppet_check_template, .forget = puppet_forget, .part = puppet_part, .turns = puppet_turns,
};

NURTURE_EXPORT const struct nurture_plugin nurture_plugin = {
	.size = sizeof(struct nurture_plugin), .abi = NURTURE_PLUGIN_ABI, .name = PUPPET_NAME, .version = "1", .licence = "0BSD",
	.host_needs = sizeof(struct nurture_host), .channel = &channel, .routes = &puppet_routes,
#ifdef PUPPET_RUDE
	.migrations = &puppet_migrations,
#endif
};
