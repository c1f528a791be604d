/* Clerks: children that write one thing to the database and end. The master forks them and goes on; what they cannot
 * write within ten seconds is lost, and said in the log. */
#include "server/master.h"

#include "base/child.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/rights.h"
#include "delivery/delivery.h"
#include "store/admin.h"
#include "store/lease.h"
#include "store/node.h"
#include "store/outbox.h"
#include "store/switched.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CLERK_SECONDS = 10, LEAVE_SECONDS = 5 };

struct errand {
	bool done;
	struct clock clock;
	struct error error;
};

static void on_done(void *arg, const struct error *error)
{
	struct errand *errand = arg;
	errand->done = true;
	if (error)
		errand->error = *error;
}

/* A place for the child, or NULL when too many are on their way. */
static pid_t *free_place(struct master *m)
{
	for (size_t i = 0; i < MASTER_CLERKS; i++)
		if (!m->clerks[i])
			return &m->clerks[i];
	log_error("clerk.too_many");
	return NULL;
}

/* 0 in the child (which must end with end()), else not. */
static bool begin(struct master *m)
{
	pid_t *place = free_place(m);
	pid_t pid = place ? child_fork() : -1;
	if (pid > 0)
		*place = pid;
	if (pid != 0)
		return false;
	struct error error = {0};
	close(m->lock_fd); /* a clerk that outlives its master must not keep the next one out */
	alarm(5 * CLERK_SECONDS + 2);
	log_set_process("clerk");
	if (rights_drop(m->live->config->user, &error) == 0)
		return true;
	log_error("clerk.failed", log_str("error", error.message));
	_exit(1);
}

static _Noreturn void end_within(struct loop *loop, const struct errand *errand, const char *what, int seconds)
{
	bool in_time = store_wait(loop, &errand->done, seconds * MOMENT_SECOND);
	if (!in_time || errand->error.code)
		log_error("clerk.failed", log_str("what", what), log_str("error", in_time ? errand->error.message : "the database did not answer"));
	_exit(!in_time || errand->error.code);
}

static _Noreturn void end(struct loop *loop, const struct errand *errand, const char *what)
{
	end_within(loop, errand, what, CLERK_SECONDS);
}

void clerk_channel_faulted(struct master *m, const struct config_channel *channel, const char *reason)
{
	if (!begin(m))
		return;
	struct errand errand = {0};
	struct loop *loop = loop_new();
	struct store *store = store_new(loop, m->conninfo, "nurture clerk");
	const char *kind = json_string_value(json_object_get(channel->says, "kind"));
	store_channel_state(store, channel->name, kind ? kind : "", channel->plugin, "faulted", reason, on_done, &errand);
	end(loop, &errand, "channel");
}

static void on_script(void *arg, const char *what, const struct error *error)
{
	if (what)
		log_error("script.switched_off", log_str("what", what), log_str("why", "three workers died in it"));
	on_done(arg, error);
}

static void on_unclaimed(void *arg, int given_back, const struct error *error)
{
	(void)given_back;
	on_done(arg, error);
}

static void on_clock(void *arg, const struct clock *clock, const struct error *error)
{
	struct errand *errand = arg;
	if (clock)
		errand->clock = *clock;
	on_done(arg, error);
}

/* What it knew of its touches, before another node may take the channel and put them in doubt. If that cannot be written, its lease runs out by itself. */
static void record_answers(struct master *m, struct loop *loop, struct store *store, const char *channel, const char *owner)
{
	struct errand errand = {0};
	store_clock_read(store, on_clock, &errand);
	if (!store_wait(loop, &errand.done, CLERK_SECONDS * MOMENT_SECOND) || errand.error.code)
		end(loop, &errand, "clock");
	struct delivery_left left = {.data_dir = m->live->config->data_dir, .channel = channel, .dead = owner, .now = clock_domain(&errand.clock, real_now())};
	errand = (struct errand){0};
	delivery_record_left(store, &left, on_done, &errand);
	if (!store_wait(loop, &errand.done, CLERK_SECONDS * MOMENT_SECOND) || errand.error.code)
		end(loop, &errand, "answers");
}

void clerk_death(struct master *m, const char *owner, const char *channel, bool outside, int64_t lead_id, const char *note, bool by_script)
{
	if (!begin(m))
		return;
	struct errand errand = {0};
	struct loop *loop = loop_new();
	struct store *store = store_new(loop, m->conninfo, "nurture clerk");
	if (lead_id) {
		store_lead_failed(store, lead_id, note, on_done, &errand);
		if ((!owner[0] && !by_script) || !store_wait(loop, &errand.done, CLERK_SECONDS * MOMENT_SECOND) || errand.error.code)
			end(loop, &errand, "lead");
		errand.done = false;
	}
	if (by_script) {
		store_script_killed(store, note, on_script, &errand);
		if (!owner[0] || !store_wait(loop, &errand.done, CLERK_SECONDS * MOMENT_SECOND) || errand.error.code)
			end(loop, &errand, "script");
		errand.done = false;
	}
	if (channel)
		record_answers(m, loop, store, channel, owner);
	if (channel && outside) { /* before anybody else may take it over, who would count a death for each touch */
		store_unclaim(store, channel, owner, NULL, 0, on_unclaimed, &errand);
		(void)store_wait(loop, &errand.done, CLERK_SECONDS * MOMENT_SECOND);
		errand = (struct errand){0};
	}
	store_lease_orphan(store, owner, on_done, &errand);
	end(loop, &errand, "leases");
}

void clerk_leave(struct master *m)
{
	if (!begin(m))
		return;
	struct errand errand = {0};
	struct loop *loop = loop_new();
	struct store *store = store_new(loop, m->conninfo, "nurture clerk");
	store_node_leave(store, m->token, on_done, &errand);
	end_within(loop, &errand, "leave", LEAVE_SECONDS);
}

void clerk_reap(struct master *m)
{
	for (size_t i = 0; i < MASTER_CLERKS; i++)
		if (m->clerks[i] && waitpid(m->clerks[i], NULL, WNOHANG) == m->clerks[i])
			m->clerks[i] = 0;
}

bool clerk_is_out(const struct master *m)
{
	for (size_t i = 0; i < MASTER_CLERKS; i++)
		if (m->clerks[i])
			return true;
	return false;
}
