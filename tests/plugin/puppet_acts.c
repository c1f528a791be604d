/* What the puppet can be told to do: a row of the table an act. */
#include "puppet.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void on_permit(void *arg, struct nurture_handle handle, bool allowed)
{
	struct job *job = arg;
	(void)handle;
	if (!allowed) {
		puppet_finish(job, NURTURE_CANCELLED, "no permission");
		return;
	}
	puppet_send_out(job);
	puppet_finish(job, NURTURE_SENT, "250 ok");
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
	puppet_finish(job, NURTURE_CANCELLED, "cancelled");
}

static void act_reject(struct job *job) { puppet_finish(job, NURTURE_REJECTED, "550 5.1.1 no\r\nsuch user \xff"); }
static void act_hard(struct job *job)
{
	const struct nurture_host *host = job->puppet->host;
	host->complete(host->data, job->handle,
		       &(struct nurture_result){.size = sizeof(struct nurture_result), .outcome = NURTURE_REJECTED, .reason = "550 5.1.1 nobody", .kind = "hard"});
	puppet_drop(job);
}
static void act_defer(struct job *job) { puppet_finish(job, NURTURE_DEFERRED, "451 later"); }
static void act_down(struct job *job) { puppet_finish(job, NURTURE_CHANNEL_DOWN, "connection refused"); }

/* Not its turn, until this moment and two tenths: nothing was tried. */
static void act_untried(struct job *job)
{
	const struct nurture_host *host = job->puppet->host;
	host->complete(host->data, job->handle,
		       &(struct nurture_result){.size = sizeof(struct nurture_result), .outcome = NURTURE_DEFERRED, .reason = "not its turn", .untried = true,
						.until = host->now(host->data) + 200000});
	puppet_drop(job);
}

/* What the template gave is no message. */
static void act_broken(struct job *job)
{
	const struct nurture_host *host = job->puppet->host;
	host->complete(host->data, job->handle,
		       &(struct nurture_result){.size = sizeof(struct nurture_result), .outcome = NURTURE_DEFERRED, .reason = "the template rendered no subject",
						.broken = "subject"});
	puppet_drop(job);
}

static void open_anew(struct puppet *puppet)
{
	puppet->host->turns_anew(puppet->host->data);
}

/* Wants a person: with every touch, as one would whose sender is broken. */
static void act_hold(struct job *job)
{
	const struct nurture_host *host = job->puppet->host;
	json_t *standing = json_pack("{s:[s], s:[{s:s, s:{s:s}, s:i}]}", "lines", "relay a: up", "figures", "name", "relay_up", "labels", "relay", "a", "value", 1);
	host->tell(host->data, standing);
	host->keep(host->data, standing);
	host->hold(host->data, "550 5.7.26 unauthenticated");
	json_decref(standing);
	puppet_finish(job, NURTURE_CHANNEL_DOWN, "550 5.7.26 unauthenticated");
}

static void act_garbage(struct job *job) { puppet_finish(job, (enum nurture_outcome)77, NULL); }
static void act_unpermitted(struct job *job) { puppet_finish(job, NURTURE_SENT, "did not ask"); }
static void act_queues_unasked(struct job *job) { puppet_finish(job, NURTURE_QUEUED, "did not ask"); }
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

static void act_double(struct job *job)
{
	puppet_say(job, NURTURE_REJECTED, "first");
	puppet_finish(job, NURTURE_SENT, "second");
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
	puppet_finish(arg, NURTURE_REJECTED, "from a thread");
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

static void on_peek(void *arg)
{
	struct job *job = arg;
	puppet_finish(job, job->borrowed[0] ? NURTURE_REJECTED : NURTURE_DEFERRED, "looked again");
}

/* Looks at the touch when deliver has returned. */
static void act_peek(struct job *job)
{
	job->timer = job->puppet->host->timer_new(job->puppet->host->data, on_peek, job);
	job->puppet->host->timer_set(job->timer, 1000);
}

/* Completes from a thread of its own. */
static void *other_thread(void *arg)
{
	puppet_say(arg, NURTURE_REJECTED, "from the wrong thread");
	return NULL;
}

static void act_off_thread(struct job *job)
{
	pthread_t id;
	if (pthread_create(&id, NULL, other_thread, job))
		abort();
	pthread_join(id, NULL);
}

static void on_crash(void *arg)
{
	(void)arg;
	abort();
}

static void act_crash_timer(struct job *job)
{
	job->timer = job->puppet->host->timer_new(job->puppet->host->data, on_crash, job);
	job->puppet->host->timer_set(job->timer, 1000);
}

/* Names touches that never were, then its own, then its own again when that is over. */
static void act_liar(struct job *job)
{
	const struct nurture_host *host = job->puppet->host;
	struct nurture_result result = {.size = sizeof result, .outcome = NURTURE_REJECTED, .reason = "not mine"};
	const struct nurture_handle never[] = {{0, 0}, {1000000, 1}, {UINT64_MAX, UINT64_MAX}, {job->handle.id, job->handle.generation + 1}};
	for (size_t i = 0; i < sizeof never / sizeof *never; i++)
		host->complete(host->data, never[i], &result);
	host->complete(host->data, job->handle, &(struct nurture_result){.size = sizeof result, .outcome = NURTURE_REJECTED, .reason = "mine"});
	host->complete(host->data, job->handle, &result);
	puppet_drop(job);
}

/* A megabyte of reason, most of it no UTF-8; events and news that are none. */
static void act_babble(struct job *job)
{
	enum { BABBLE = 1 << 20 };
	const struct nurture_host *host = job->puppet->host;
	char *text = malloc(BABBLE);
	for (size_t i = 0; i + 1 < BABBLE; i++)
		text[i] = "\xff\n\x1b[31m=\"\xe2\x80\xae a"[i % 14];
	text[BABBLE - 1] = 0;
	host->log(host->data, (enum nurture_log_level)99, text, text);
	host->event(host->data, 64, text, text, 0, NULL, text);
	host->event(host->data, -1, NULL, NULL, 1e308 * 10, NULL, NULL);
	host->capacity(host->data, UINT32_MAX);
	host->news(host->data, 1, NULL);
	host->complete(host->data, job->handle,
		       &(struct nurture_result){.size = sizeof(struct nurture_result), .outcome = NURTURE_REJECTED, .reason = text, .remote_id = text});
	free(text);
	puppet_drop(job);
}

/* Never gives memory back. */
static void act_hoard(struct job *job)
{
	enum { HOARD = 64 << 20 };
	char *p = malloc(HOARD);
	if (!p)
		abort();
	memset(p, 1, HOARD);
	__asm__ volatile("" : : "r"(p) : "memory"); /* or the compiler sees that nobody looks at it */
	act_send(job);
}

static void open_crash(struct puppet *puppet)
{
	(void)puppet;
	abort();
}

static void open_hang(struct puppet *puppet)
{
	(void)puppet;
	for (;;)
		pause();
}

static void open_leak(struct puppet *puppet)
{
	char *p = malloc(1000);
	(void)puppet;
	__asm__ volatile("" : : "r"(p) : "memory");
}

static void open_descriptor(struct puppet *puppet)
{
	(void)puppet;
	if (open("/dev/null", O_RDONLY | O_CLOEXEC) < 0)
		abort();
}

static void on_left(void *arg)
{
	(void)arg;
}

/* A timer that close forgets. */
static void open_left(struct puppet *puppet)
{
	puppet->timer = puppet->host->timer_new(puppet->host->data, on_left, puppet);
	puppet->host->timer_set(puppet->timer, 60000000);
}

static void check_begins(void)
{
	if (open("/dev/null", O_RDONLY | O_CLOEXEC) < 0)
		abort();
}

static void check_hangs(void)
{
	for (;;)
		pause();
}

static void check_rights(void)
{
	if (geteuid() == 0)
		abort();
}

static void act_named(struct job *job);
static void cancel_named(struct job *job);

static const struct act acts[] = {
	{.name = "named", .deliver = act_named, .cancel = cancel_named},
	{.name = "send", .deliver = act_send, .cancel = cancel_plainly},
	{.name = "reject", .deliver = act_reject, .cancel = cancel_plainly},
	{.name = "defer", .deliver = act_defer, .cancel = cancel_plainly},
	{.name = "hesitant", .deliver = act_hesitant, .cancel = cancel_plainly},
	{.name = "address", .deliver = puppet_act_address, .cancel = cancel_plainly},
	{.name = "down", .deliver = act_down, .cancel = cancel_plainly},
	{.name = "hard", .deliver = act_hard, .cancel = cancel_plainly},
	{.name = "untried", .deliver = act_untried, .cancel = cancel_plainly},
	{.name = "broken", .deliver = act_broken, .cancel = cancel_plainly},
	{.name = "limited", .deliver = act_send, .cancel = cancel_plainly, .limits = true},
	{.name = "anew", .deliver = act_send, .cancel = cancel_plainly, .open = open_anew},
	{.name = "hold", .deliver = act_hold, .cancel = cancel_plainly},
	{.name = "garbage", .deliver = act_garbage, .cancel = cancel_plainly},
	{.name = "unpermitted", .deliver = act_unpermitted, .cancel = cancel_plainly},
	{.name = "queues-unasked", .deliver = act_queues_unasked, .cancel = cancel_plainly},
	{.name = "crash", .deliver = act_crash, .cancel = cancel_plainly},
	{.name = "crash-open", .deliver = act_send, .cancel = cancel_plainly, .open = open_crash},
	{.name = "crash-timer", .deliver = act_crash_timer, .cancel = cancel_plainly},
	{.name = "shut", .deliver = act_send, .cancel = cancel_plainly},
	{.name = "deadly", .deliver = act_deadly, .cancel = cancel_plainly},
	{.name = "hang", .deliver = act_hang, .cancel = cancel_plainly},
	{.name = "hang-open", .deliver = act_send, .cancel = cancel_plainly, .open = open_hang},
	{.name = "hang-check", .deliver = act_send, .cancel = cancel_plainly, .check = check_hangs},
	{.name = "no-root", .deliver = act_send, .cancel = cancel_plainly, .check = check_rights},
	{.name = "mute", .deliver = act_mute, .cancel = stay_mute},
	{.name = "vanish", .deliver = act_vanish, .cancel = stay_mute},
	{.name = "stubborn", .deliver = act_send, .cancel = stay_mute},
	{.name = "double", .deliver = act_double, .cancel = cancel_plainly},
	{.name = "liar", .deliver = act_liar, .cancel = cancel_plainly},
	{.name = "babble", .deliver = act_babble, .cancel = cancel_plainly},
	{.name = "thread", .deliver = act_thread, .cancel = stay_mute},
	{.name = "off-thread", .deliver = act_off_thread, .cancel = stay_mute},
	{.name = "peek", .deliver = act_peek, .cancel = cancel_plainly},
	{.name = "hoard", .deliver = act_hoard, .cancel = cancel_plainly},
	{.name = "leak", .deliver = act_send, .cancel = cancel_plainly, .open = open_leak},
	{.name = "leak-descriptor", .deliver = act_send, .cancel = cancel_plainly, .open = open_descriptor},
	{.name = "leave-timer", .deliver = act_send, .cancel = cancel_plainly, .open = open_left},
	{.name = "forget-mute", .deliver = act_send, .cancel = cancel_plainly, .forgets = -1},
	{.name = "forget-twice", .deliver = act_send, .cancel = cancel_plainly, .forgets = 2},
	{.name = "begin-early", .deliver = act_send, .cancel = cancel_plainly, .check = check_begins},
};

/* The act that the address begins with, as in liar-7@example.com. */
static const struct act *act_of_address(const struct job *job)
{
	char name[sizeof job->address];
	snprintf(name, sizeof name, "%.*s", (int)strcspn(job->address, "0123456789@"), job->address);
	name[strlen(name) ? strlen(name) - 1 : 0] = 0; /* the hyphen */
	const struct act *act = puppet_act(name);
	return act && act->deliver != act_named ? act : puppet_act("send");
}

static void act_named(struct job *job)
{
	act_of_address(job)->deliver(job);
}

static void cancel_named(struct job *job)
{
	act_of_address(job)->cancel(job);
}

const struct act *puppet_act(const char *name)
{
	for (size_t i = 0; i < sizeof acts / sizeof *acts; i++)
		if (strcmp(acts[i].name, name) == 0)
			return &acts[i];
	return NULL;
}
