/* The plugin's face: the descriptor, and a touch's way from deliver to its one completion. */
#include "webhook.h"

#include <stdio.h>
#include <stdlib.h>

static void job_free(struct job *job)
{
	transfer_end(job);
	LIST_REMOVE(job, entry);
	free(job->body);
	free(job);
}

void job_finish(struct job *job, const struct nurture_result *result)
{
	const struct nurture_host *host = job->webhook->host;
	struct nurture_handle handle = job->handle;
	host->complete(host->data, handle, result);
	job_free(job);
}

static void finish(struct job *job, enum nurture_outcome outcome, const char *reason)
{
	job_finish(job, &(struct nurture_result){.size = sizeof(struct nurture_result), .outcome = outcome, .reason = reason});
}

static struct job *find(struct webhook *webhook, struct nurture_handle handle)
{
	struct job *job;
	LIST_FOREACH(job, &webhook->jobs, entry)
		if (job->handle.id == handle.id && job->handle.generation == handle.generation)
			break;
	return job;
}

/* The job may be over when the answer comes: it is looked for by its handle, never by a pointer. */
static void on_permit(void *arg, struct nurture_handle handle, bool allowed)
{
	struct job *job = find(arg, handle);
	if (!job)
		return;
	if (!allowed)
		finish(job, NURTURE_CANCELLED, "permission was refused");
	else if (!transfer_begin(job))
		finish(job, NURTURE_CHANNEL_DOWN, "out of memory");
}

static void webhook_deliver(void *self, const struct nurture_touch *touch)
{
	struct webhook *webhook = self;
	struct nurture_result rejected = {.size = sizeof rejected, .outcome = NURTURE_REJECTED};
	size_t length;
	char *body = payload_new(touch, &length, &rejected.reason);
	struct job *job = body ? calloc(1, sizeof *job) : NULL;
	if (!job) {
		free(body);
		webhook->host->complete(webhook->host->data, touch->handle, &rejected);
		return;
	}
	*job = (struct job){.webhook = webhook, .handle = touch->handle, .touch_id = touch->touch_id, .body = body, .length = length};
	LIST_INSERT_HEAD(&webhook->jobs, job, entry);
	webhook->host->permit(webhook->host->data, job->handle, on_permit, webhook);
}

/* What is on its way cannot be taken back: it ends by its answer, or by the timeout. */
static void webhook_cancel(void *self, struct nurture_handle handle)
{
	struct job *job = find(self, handle);
	if (job && !job->easy)
		finish(job, NURTURE_CANCELLED, NULL);
}

static void webhook_drain(void *self)
{
	(void)self; /* all of it ends within the timeout */
}

static void webhook_close(void *self)
{
	struct webhook *webhook = self;
	while (!LIST_EMPTY(&webhook->jobs))
		job_free(LIST_FIRST(&webhook->jobs));
	receipts_close(webhook);
	transfer_fini(webhook);
	settings_free(&webhook->settings);
	free(webhook);
}

static int webhook_open(const struct nurture_host *host, const json_t *object, const char *data_dir, void **self, struct nurture_problem *problem)
{
	struct settings settings;
	(void)data_dir;
	if (settings_read(&settings, object, problem))
		return -1;
	struct webhook *webhook = host ? calloc(1, sizeof *webhook) : NULL;
	if (!webhook) {
		settings_free(&settings);
		return host ? -1 : 0;
	}
	*webhook = (struct webhook){.host = host, .settings = settings};
	LIST_INIT(&webhook->jobs);
	LIST_INIT(&webhook->askings);
	if (transfer_init(webhook)) {
		snprintf(problem->message, sizeof problem->message, "libcurl does not start.");
		webhook_close(webhook);
		return -1;
	}
	host->capacity(host->data, settings.connections);
	*self = webhook;
	return 0;
}

static const char *const fields[] = {"!subject", "from", NULL};

static const struct nurture_channel channel = {
	.size = sizeof channel, .kind = "email", .template_fields = fields, .body = "markdown",
	.open = webhook_open, .deliver = webhook_deliver, .cancel = webhook_cancel, .drain = webhook_drain, .close = webhook_close,
};

NURTURE_EXPORT const struct nurture_plugin nurture_plugin = {
	.size = sizeof(struct nurture_plugin), .abi = NURTURE_PLUGIN_ABI, .name = "webhook", .version = "1.0", .licence = "0BSD",
	.host_needs = sizeof(struct nurture_host), .channel = &channel, .routes = &receipt_routes, .migrations = &receipt_migrations,
};
