/* A channel plugin that behaves or misbehaves as its setting "act" says. One row of the table an act.
 *
 * "address": each touch ends as its address says. What is kept in the file of its setting "queue" is told as sent at the next start; what the
 * server says to news goes to the file "told".
 *
 * It writes what it sends as a line "touch_id attempt" to the file of its setting "out", if there is one: that is the outside. */
#include <nurture/plugin.h>

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct puppet;

struct job {
	struct puppet *puppet;
	struct nurture_handle handle;
	int64_t touch_id;
	char address[64];
	uint32_t attempt;
	struct nurture_timer *timer;
	struct job *next;
	bool cancelled;
};

struct act {
	const char *name;
	void (*deliver)(struct job *job);
	void (*cancel)(struct job *job);
};

struct puppet {
	const struct nurture_host *host;
	const struct act *act;
	char out[512], queue[512], told[512];
	bool was_down;
	int64_t wait_us;
	struct job *jobs;
	bool draining;
};

static void say(struct job *job, enum nurture_outcome outcome, const char *reason)
{
	struct nurture_result result = {.size = sizeof result, .outcome = outcome, .reason = reason, .remote_id = "puppet-1"};
	job->puppet->host->complete(job->puppet->host->data, job->handle, &result);
}

static void drop(struct job *job)
{
	for (struct job **at = &job->puppet->jobs; *at; at = &(*at)->next)
		if (*at == job) {
			*at = job->next;
			break;
		}
	job->puppet->host->timer_free(job->timer);
	free(job);
}

static void finish(struct job *job, enum nurture_outcome outcome, const char *reason)
{
	say(job, outcome, reason);
	drop(job);
}

static void send_out(struct job *job)
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

static void on_permit(void *arg, struct nurture_handle handle, bool allowed)
{
	struct job *job = arg;
	(void)handle;
	if (!allowed) {
		finish(job, NURTURE_CANCELLED, "no permission");
		return;
	}
	send_out(job);
	finish(job, NURTURE_SENT, "250 ok");
}

static void ask(struct job *job)
{
	job->puppet->host->permit(job->puppet->host->data, job->handle, on_permit, job);
}

static void on_permit_ask_again(void *arg, struct nurture_handle handle, bool allowed)
{
	(void)handle, (void)allowed;
	ask(arg);
}

/* Gets permission, does nothing with it and asks again, as when a connection is lost. */
static void act_hesitant(struct job *job)
{
	job->puppet->host->permit(job->puppet->host->data, job->handle, on_permit_ask_again, job);
}

static void on_wait_over(void *arg)
{
	ask(arg);
}

static void act_send(struct job *job)
{
	if (!job->puppet->wait_us) {
		ask(job);
		return;
	}
	job->timer = job->puppet->host->timer_new(job->puppet->host->data, on_wait_over, job);
	job->puppet->host->timer_set(job->timer, job->puppet->wait_us);
}

static void cancel_plainly(struct job *job)
{
	finish(job, NURTURE_CANCELLED, "cancelled");
}

static void act_reject(struct job *job) { finish(job, NURTURE_REJECTED, "550 5.1.1 no\r\nsuch user \xff"); }
static void act_defer(struct job *job) { finish(job, NURTURE_DEFERRED, "451 later"); }
static void act_down(struct job *job) { finish(job, NURTURE_CHANNEL_DOWN, "connection refused"); }
static void act_garbage(struct job *job) { finish(job, (enum nurture_outcome)77, NULL); }
static void act_unpermitted(struct job *job) { finish(job, NURTURE_SENT, "did not ask"); }
static void act_crash(struct job *job) { (void)job; abort(); }
static void act_deadly(struct job *job)
{
	if (strcmp(job->address, "lead7@example.com") == 0)
		abort();
	act_send(job);
}
static void act_hang(struct job *job) { (void)job; for (;;) pause(); }
static void act_mute(struct job *job) { (void)job; }
static void stay_mute(struct job *job) { (void)job; }

/* ---- as the address says: NAME@…, every outcome and the news that may follow ---- */

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
static void tell_queue(struct puppet *puppet)
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
		send_out(job);
	if (strncmp(job->address, "queued-later@", 13) == 0)
		keep_in_queue(job);
	puppet->was_down |= way->first == NURTURE_CHANNEL_DOWN;
	finish(job, way->first, way->name);
	if (way->then)
		tell(puppet, touch_id, attempt, way->then);
}

static void on_permit_go(void *arg, struct nurture_handle handle, bool allowed)
{
	(void)handle;
	if (allowed)
		go(arg);
	else
		finish(arg, NURTURE_CANCELLED, "no permission");
}

static void act_address(struct job *job)
{
	if (way_of(job)->asks)
		job->puppet->host->permit(job->puppet->host->data, job->handle, on_permit_go, job);
	else
		go(job);
}

static void act_double(struct job *job)
{
	say(job, NURTURE_REJECTED, "first");
	finish(job, NURTURE_SENT, "second");
}

static void on_permit_mute(void *arg, struct nurture_handle handle, bool allowed)
{
	(void)arg, (void)handle, (void)allowed;
}

/* Asks, gets permission, and is never heard of again. */
static void act_vanish(struct job *job)
{
	job->puppet->host->permit(job->puppet->host->data, job->handle, on_permit_mute, job);
}

static void on_posted(void *arg)
{
	finish(arg, NURTURE_REJECTED, "from a thread");
}

static void *thread(void *arg)
{
	struct job *job = arg;
	job->puppet->host->post(job->puppet->host->data, on_posted, job);
	return NULL;
}

static void act_thread(struct job *job)
{
	pthread_t id;
	if (pthread_create(&id, NULL, thread, job))
		abort();
	pthread_detach(id);
}

static const struct act acts[] = {
	{"send", act_send, cancel_plainly},     {"reject", act_reject, cancel_plainly},     {"defer", act_defer, cancel_plainly},
	{"down", act_down, cancel_plainly},     {"garbage", act_garbage, cancel_plainly},   {"unpermitted", act_unpermitted, cancel_plainly},
	{"crash", act_crash, cancel_plainly},   {"hang", act_hang, cancel_plainly},         {"mute", act_mute, stay_mute},
	{"double", act_double, cancel_plainly}, {"vanish", act_vanish, stay_mute},          {"thread", act_thread, stay_mute},
	{"deadly", act_deadly, cancel_plainly}, {"hesitant", act_hesitant, cancel_plainly},
	{"address", act_address, cancel_plainly},
};

static const struct act *find_act(const char *name)
{
	for (size_t i = 0; i < sizeof acts / sizeof *acts; i++)
		if (strcmp(acts[i].name, name) == 0)
			return &acts[i];
	return NULL;
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
	const char *act = "send", *out = "", *queue = "", *told = "", *key;
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
		else if (strcmp(key, "wait_ms") == 0 && json_is_integer(value))
			wait_ms = json_integer_value(value);
		else if (strcmp(key, "capacity") == 0 && json_is_integer(value))
			capacity = json_integer_value(value);
		else
			return refuse(problem, key, "this is no setting of the puppet. Use act, out, queue, told, wait_ms or capacity.");
	}
	if (!find_act(act))
		return refuse(problem, "act", "the puppet cannot do this.");
	if (!host)
		return 0;
	struct puppet *puppet = calloc(1, sizeof *puppet);
	if (!puppet)
		abort();
	puppet->host = host;
	puppet->act = find_act(act);
	puppet->wait_us = wait_ms * 1000;
	snprintf(puppet->out, sizeof puppet->out, "%s", out);
	snprintf(puppet->queue, sizeof puppet->queue, "%s", queue);
	snprintf(puppet->told, sizeof puppet->told, "%s", told);
	tell_queue(puppet);
	host->capacity(host->data, (uint32_t)capacity);
	*self = puppet;
	return 0;
}

static void puppet_deliver(void *self, const struct nurture_touch *touch)
{
	struct puppet *puppet = self;
	struct job *job = calloc(1, sizeof *job);
	if (!job)
		abort();
	*job = (struct job){.puppet = puppet, .handle = touch->handle, .touch_id = touch->touch_id, .attempt = touch->attempt, .next = puppet->jobs};
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
	struct puppet *puppet = self;
	puppet->draining = true;
}

static void puppet_close(void *self)
{
	struct puppet *puppet = self;
	while (puppet->jobs)
		drop(puppet->jobs);
	free(puppet);
}

static const char *const fields[] = {"!subject", "from", NULL};
static const struct nurture_channel channel = {
	.size = sizeof channel, .kind = "email", .template_fields = fields, .body = "markdown", .open = puppet_open,
	.deliver = puppet_deliver, .cancel = puppet_cancel, .drain = puppet_drain, .close = puppet_close,
};

NURTURE_EXPORT const struct nurture_plugin nurture_plugin = {
	.size = sizeof(struct nurture_plugin), .abi = NURTURE_PLUGIN_ABI, .name = "puppet", .version = "1", .licence = "0BSD",
	.host_needs = sizeof(struct nurture_host), .channel = &channel,
};
