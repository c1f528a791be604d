/* The puppet's act "address": each touch ends as its address says, NAME@…: every outcome and the news that may follow. What is kept in the file of
 * the setting "queue" is told as sent at the next start; what the server says to news goes to the file "told". */
#include "puppet.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void on_told(void *arg, int64_t touch_id, bool recorded)
{
	struct puppet *puppet = arg;
	char line[64];
	int n = snprintf(line, sizeof line, "%lld %s\n", (long long)touch_id, recorded ? "recorded" : "refused");
	int fd = *puppet->told ? open(puppet->told, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -1;
	if (fd >= 0 && write(fd, line, (size_t)n) != n)
		abort();
	close(fd);
}

static void tell(struct puppet *puppet, int64_t touch_id, uint32_t attempt, enum nurture_outcome outcome)
{
	struct nurture_result result = {.size = sizeof result, .outcome = outcome, .reason = "news", .remote_id = "puppet-news", .attempt = attempt,
					.until = puppet->host->now(puppet->host->data) + 1000000};
	puppet->host->news_then(puppet->host->data, touch_id, &result, on_told, puppet);
}

/* What stands in the queue of an earlier process has gone by now: told at each start. */
void puppet_tell_queue(struct puppet *puppet)
{
	long long touch_id;
	unsigned attempt;
	FILE *queue = *puppet->queue ? fopen(puppet->queue, "r") : NULL;
	while (queue && fscanf(queue, "%lld %u", &touch_id, &attempt) == 2)
		tell(puppet, touch_id, attempt, NURTURE_SENT);
	if (queue)
		fclose(queue);
}

static void keep_in_queue(struct job *job)
{
	FILE *queue = fopen(job->puppet->queue, "a");
	if (!queue)
		abort();
	fprintf(queue, "%lld %u\n", (long long)job->touch_id, job->attempt);
	fclose(queue);
}

static const struct way {
	const char *name;
	enum nurture_outcome first, then; /* then: news at once, 0 = none */
	bool once;                        /* only at the first attempt; then it is sent */
	bool asks;                        /* for permission */
} ways[] = {
	{"sent", NURTURE_SENT, 0, false, true},
	{"bounced", NURTURE_SENT, NURTURE_REJECTED, false, true},
	{"rejected", NURTURE_REJECTED, 0, false, false},
	{"deferred", NURTURE_DEFERRED, 0, true, false},
	{"cancelled", NURTURE_CANCELLED, 0, true, false},
	{"down", NURTURE_CHANNEL_DOWN, 0, true, false},
	{"unknown", NURTURE_UNKNOWN, 0, false, true},
	{"found", NURTURE_UNKNOWN, NURTURE_SENT, false, true},
	{"queued", NURTURE_QUEUED, 0, false, true},
	{"queued-later", NURTURE_QUEUED, 0, false, true},
	{"queued-sent", NURTURE_QUEUED, NURTURE_SENT, false, true},
	{"queued-rejected", NURTURE_QUEUED, NURTURE_REJECTED, false, true},
	{"queued-deferred", NURTURE_QUEUED, NURTURE_DEFERRED, true, true},
	{"queued-unknown", NURTURE_QUEUED, NURTURE_UNKNOWN, false, true},
};

static const struct way *way_of(const struct job *job)
{
	size_t n = strcspn(job->address, "@");
	for (size_t i = 1; i < sizeof ways / sizeof *ways; i++)
		if (strlen(ways[i].name) == n && strncmp(ways[i].name, job->address, n) == 0)
			return ways[i].once && (job->attempt > 1 || (ways[i].first == NURTURE_CHANNEL_DOWN && job->puppet->was_down)) ? ways : &ways[i];
	return ways;
}

static void go(struct job *job)
{
	const struct way *way = way_of(job);
	struct puppet *puppet = job->puppet;
	int64_t touch_id = job->touch_id;
	uint32_t attempt = job->attempt;
	if (way->first == NURTURE_SENT || way->then == NURTURE_SENT)
		puppet_send_out(job);
	if (strncmp(job->address, "queued-later@", 13) == 0)
		keep_in_queue(job);
	puppet->was_down |= way->first == NURTURE_CHANNEL_DOWN;
	puppet_finish(job, way->first, way->name);
	if (way->then)
		tell(puppet, touch_id, attempt, way->then);
}

static void on_permit_go(void *arg, struct nurture_handle handle, bool allowed)
{
	(void)handle;
	if (allowed)
		go(arg);
	else
		puppet_finish(arg, NURTURE_CANCELLED, "no permission");
}

void puppet_act_address(struct job *job)
{
	if (way_of(job)->asks)
		job->puppet->host->permit(job->puppet->host->data, job->handle, on_permit_go, job);
	else
		go(job);
}
