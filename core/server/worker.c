/* The worker's side: what runs after exec. It reads its snapshot, starts its role, beats its heart, and ends when it is
 * asked to (SIGTERM) or when the master is gone (end of file on FD_CONTROL; as nobody is left to kill one that hangs, an alarm does). It draws
 * nothing from the outside but its descriptors.
 *
 *   starting ──start──► running ──SIGTERM, master gone──► draining ──drained, or its time is over──► exit 0
 *       └──cannot: says why on the board, exit 1 */
#include "server/server.h"

#include "base/hash.h"
#include "base/log.h"
#include "base/metrics.h"
#include "channel/plugin.h"
#include "channel/show.h"
#include "jobs/release.h"
#include "base/rights.h"
#include "server/process.h"
#include "server/snapshot.h"
#include "web/web.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BEATS = 8, ORPHAN_SECONDS = 5 };

struct running {
	struct worker worker;
	const struct worker_role *role;
	void *self;
	struct board_slot *slot;
	struct loop_timer *heart, *limit;
	struct snapshot_read snapshot;
	struct event *term, *control;
	bool draining;
};

static void on_beat(void *arg)
{
	struct running *r = arg;
	atomic_store(&r->slot->beat, mono_now());
	loop_timer_set(r->heart, r->snapshot.config->watchdog * MOMENT_SECOND / BEATS);
}

static void on_drained(void *arg)
{
	struct running *r = arg;
	loop_stop(r->worker.loop);
}

static void drain(struct running *r, int seconds)
{
	if (r->draining)
		return;
	r->draining = true;
	log_debug("worker.drain");
	loop_timer_set(r->limit, seconds * MOMENT_SECOND);
	r->role->drain(r->self, on_drained, r);
}

static void on_term(evutil_socket_t fd, short what, void *arg)
{
	struct running *r = arg;
	(void)fd, (void)what;
	drain(r, r->snapshot.config->drain);
}

static void on_control(evutil_socket_t fd, short what, void *arg)
{
	struct running *r = arg;
	(void)fd, (void)what;
	log_warn("worker.orphaned");
	event_del(r->control);
	drain(r, ORPHAN_SECONDS);
}

static void on_limit(void *arg)
{
	struct running *r = arg;
	log_warn("worker.drain_over");
	loop_stop(r->worker.loop);
}

static int fail(struct board_slot *slot, const struct error *error)
{
	log_error("worker.failed", log_str("where", error->where), log_str("error", error->message));
	if (slot) {
		snprintf(slot->problem, sizeof slot->problem, "%.255s%s%.760s", error->where, error->where[0] ? ": " : "", error->message);
		atomic_store(&slot->state, BOARD_FAILED);
	}
	return 1;
}

static void new_owner(char owner[WORKER_OWNER])
{
	unsigned char random[(WORKER_OWNER - 1) / 2];
	hash_random(random, sizeof random);
	hash_hex(random, sizeof random, owner);
}

/* Set off by the kernel when the master has died: who goes on turning its loop ends by FD_CONTROL, who hangs is ended by the alarm. */
static void on_orphaned(int number)
{
	(void)number;
	alarm(ORPHAN_SECONDS + 2);
}

static void watch_signals(struct running *r)
{
	signal(SIGUSR1, on_orphaned);
	prctl(PR_SET_PDEATHSIG, SIGUSR1);
	struct event_base *base = loop_base(r->worker.loop);
	r->term = evsignal_new(base, SIGTERM, on_term, r);
	r->control = event_new(base, FD_CONTROL, EV_READ | EV_PERSIST, on_control, r);
	if (!r->term || !r->control || event_add(r->term, NULL) || event_add(r->control, NULL))
		abort();
	r->heart = loop_timer_new(r->worker.loop, on_beat, r);
	r->limit = loop_timer_new(r->worker.loop, on_limit, r);
	on_beat(r);
}

static int run(struct running *r)
{
	struct error error = {0};
	r->self = r->role->start(&r->worker, &error);
	if (!r->self)
		return fail(r->slot, &error);
	atomic_store(&r->slot->state, BOARD_RUNNING);
	loop_run(r->worker.loop);
	r->role->stop(r->self);
	return 0;
}

static void finish(struct running *r)
{
	loop_timer_free(r->heart);
	loop_timer_free(r->limit);
	event_free(r->term);
	event_free(r->control);
	loop_free(r->worker.loop);
	snapshot_fini(&r->snapshot);
}

static void fill_worker(struct running *r, int number, const char *trouble, int *listeners, size_t listener_count)
{
	const struct config *config = r->snapshot.config;
	if (fcntl(FD_PLUGINS, F_GETFD) >= 0) { /* reachable by this descriptor, also where the path to it is closed to us */
		char plugins[32];
		snprintf(plugins, sizeof plugins, "/proc/self/fd/%d", FD_PLUGINS);
		config_override(r->snapshot.config, "plugin_dir", plugins);
	}
	int playbook = fcntl(FD_PLAYBOOK, F_GETFD) < 0 ? -1 : FD_PLAYBOOK; /* asked before anything new takes the number */
	for (size_t i = 0; i < listener_count; i++)
		listeners[i] = FD_LISTENERS + (int)i;
	for (int fd = FD_CONTROL; fd < FD_LISTENERS + (int)listener_count; fd++)
		fcntl(fd, F_SETFD, FD_CLOEXEC);
	r->worker = (struct worker){.loop = loop_new(), .config = config, .conninfo = r->snapshot.conninfo, .number = number,
		.listeners = listeners, .listener_count = listener_count, .time_scale = r->snapshot.time_scale, .note = r->slot->note,
		.metrics = metrics_open(FD_METRICS), .playbook_dir = playbook,
		.trial = atomic_load(&r->slot->trial), .works = &r->slot->works,
		.node = {r->snapshot.node_token, r->snapshot.node_before, r->snapshot.listen, r->snapshot.started_at, trouble}};
	if (r->role == roles_find("delivery")->role)
		r->worker.channel = &config->channels[number];
	new_owner(r->worker.owner);
	memcpy(r->slot->owner, r->worker.owner, sizeof r->slot->owner);
}

static void set_log(const struct running *r, int number)
{
	static const char *const levels[] = {"debug", "info", "warn", "error"};
	char name[64];
	snprintf(name, sizeof name, "%.40s.%d", r->role->name, number);
	log_set_process(name);
	for (int i = 0; i < 4; i++)
		if (strcmp(r->snapshot.config->log_level, levels[i]) == 0)
			log_set_level((enum log_level)i);
}

/* -1 where it is none. */
static int small_number(const char *text)
{
	int64_t number;
	return str_to_int(str_of(text), &number) && number >= 0 && number <= INT16_MAX ? (int)number : -1;
}

int server_worker(int argc, char **argv)
{
	struct running r = {0};
	struct error error = {0};
	int listeners[16];
	const struct role_entry *entry = argc == 5 ? roles_find(argv[1]) : NULL;
	struct board *board = entry ? board_open(FD_BOARD) : NULL;
	int number = entry ? small_number(argv[2]) : -1, slot = entry ? small_number(argv[3]) : -1, count = entry ? small_number(argv[4]) : -1;
	if (!board || number < 0 || slot < 0 || slot >= BOARD_SLOTS || count < 0 || count > 16) {
		fprintf(stderr, "nurture worker is started by nurture serve, not by hand.\n");
		return 2;
	}
	rights_close();
	umask(027);
	release_set_look(channel_check_templates);
	web_set_show(channel_show_message);
	r.role = entry->role;
	r.slot = &board->slots[slot];
	log_set_process(r.role->name);
	if (snapshot_read(FD_SNAPSHOT, &r.snapshot, &error))
		return fail(r.slot, &error);
	set_log(&r, number);
	if (entry->count == ROLE_OF_CHANNEL && (size_t)number >= r.snapshot.config->channel_count)
		return 2;
	fill_worker(&r, number, board->trouble, listeners, (size_t)count);
	watch_signals(&r);
	int status = run(&r);
	finish(&r);
	return status;
}
