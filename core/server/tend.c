/* Tending: restarts what dies with back-off, kills what is mute or overdue, moves generations on. Called several times a
 * second; looks at everything, keeps no queue. */
#include "server/master.h"

#include "base/log.h"

#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>

enum { LONG_LIFE = 60, FAULT_CRASHES = 5, FAULT_PAUSE = 300, BACKOFF_DOUBLINGS = 8, GAP_SECONDS = 2 };

static void start_one(struct master *m, struct generation *g, struct process *p)
{
	struct error error = {0};
	struct process_plan plan = {.binary = g->binary, .snapshot = g->snapshot, .board = m->board_fd, .metrics = m->metrics_fd,
		.playbook = g->playbook, .plugins = g->plugins, .listeners = &m->listener, .listener_count = 1, .user = g->config->user, .trial = g == m->next,
		.shared = m->board};
	if (process_start(p, &plan, &error) == 0) {
		metrics_add(m->metrics, METRIC_WORKERS, 1);
		return;
	}
	log_error("worker.not_started", log_str("role", p->entry->role->name), log_str("error", error.message));
	p->restart_at = mono_now() + 5 * MOMENT_SECOND;
}

void tend_start(struct master *m, struct generation *g)
{
	for (size_t i = 0; i < g->count; i++)
		start_one(m, g, &g->processes[i]);
}

static const char *how_it_ended(const struct process *p, int status, char out[80])
{
	if (p->muted)
		snprintf(out, 80, "no heartbeat");
	else if (WIFSIGNALED(status))
		snprintf(out, 80, "signal %d (%s)", WTERMSIG(status), strsignal(WTERMSIG(status)));
	else
		snprintf(out, 80, "exit %d", WEXITSTATUS(status));
	return out;
}

/* Killed by somebody, or asked to end by somebody: no fault of what it was doing. */
static bool from_outside(const struct process *p, int status)
{
	static const int signals[] = {SIGKILL, SIGTERM, SIGINT, SIGHUP, SIGQUIT};
	bool by_signal = false;
	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
		by_signal = by_signal || (WIFSIGNALED(status) && WTERMSIG(status) == signals[i]);
	return !p->muted && (by_signal || (WIFEXITED(status) && WEXITSTATUS(status) == 0));
}

static void count_death(struct process *p, int status)
{
	if (mono_now() - p->started_at >= LONG_LIFE * MOMENT_SECOND)
		p->deaths = p->crashes = 0;
	p->deaths++;
	p->crashes += !from_outside(p, status);
	int doublings = p->deaths < BACKOFF_DOUBLINGS ? p->deaths : BACKOFF_DOUBLINGS;
	p->restart_at = mono_now() + (100000 << doublings);
}

static void check_fault(struct master *m, struct generation *g, struct process *p, const char *why)
{
	if (p->entry->count != ROLE_OF_CHANNEL || p->crashes < FAULT_CRASHES)
		return;
	const struct config_channel *channel = &g->config->channels[p->number];
	p->restart_at = mono_now() + FAULT_PAUSE * MOMENT_SECOND;
	log_error("channel.faulted", log_str("channel", channel->name), log_str("plugin", channel->plugin), log_str("why", why),
		  log_int("again_in_seconds", FAULT_PAUSE));
	metrics_add(m->metrics, METRIC_CHANNEL_FAULTS, 1);
	clerk_channel_faulted(m, channel, why);
	p->faulted = true;
}

/* It ended without being asked to. */
static void on_death(struct master *m, struct generation *g, struct process *p, int status)
{
	char name[64], how[80], why[sizeof how + BOARD_PROBLEM + 4];
	struct board_slot *slot = &m->board->slots[p->slot];
	slot->note[WORKER_NOTE - 1] = slot->problem[BOARD_PROBLEM - 1] = '\0';
	how_it_ended(p, status, how);
	snprintf(why, sizeof why, "%s%s%s", how, slot->problem[0] ? ": " : "", slot->problem);
	metrics_add(m->metrics, METRIC_WORKER_DEATHS, 1);
	count_death(p, status);
	snprintf(p->problem, sizeof p->problem, "%s", slot->problem[0] ? slot->problem : how);
	log_error("worker.died", log_str("worker", process_name(p, name)), log_str("why", why), log_str("note", slot->note),
		  log_int("deaths_in_a_row", p->deaths), log_int("crashes", p->crashes));
	if (!from_outside(p, status))
		check_fault(m, g, p, why);
}

/* It crashed, or went mute and was killed: what it was doing may be to blame. A plain SIGKILL comes from outside. */
static bool died_of_its_work(const struct process *p, int status)
{
	static const int crashes[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGSYS, SIGTRAP};
	for (size_t i = 0; WIFSIGNALED(status) && i < sizeof crashes / sizeof *crashes; i++)
		if (WTERMSIG(status) == crashes[i])
			return true;
	return p->muted;
}

/* The lead in whose turn it died is marked; its leases are given back, or its shards or its channel would stand still for the rest of them. */
static void wind_up(struct master *m, struct board_slot *slot, const char *channel, bool outside, bool in_its_turn, bool of_its_work)
{
	char owner[WORKER_OWNER], note[WORKER_NOTE]; /* the clerk reads them when the slot may be the next worker's already */
	snprintf(owner, sizeof owner, "%.*s", WORKER_OWNER - 1, slot->owner);
	snprintf(note, sizeof note, "%.*s", WORKER_NOTE - 1, slot->note);
	slot->owner[0] = '\0';
	int64_t lead = in_its_turn ? board_note_lead(note) : 0;
	if (lead || owner[0])
		clerk_death(m, owner, owner[0] ? channel : NULL, outside, lead, note, lead && of_its_work && board_note_place(note));
}

static void look_at(struct master *m, struct generation *g, struct process *p)
{
	int status;
	char name[64];
	mono_t now = mono_now();
	struct board_slot *slot = &m->board->slots[p->slot];
	if (process_reap(p, &status)) {
		const char *channel = p->entry->count == ROLE_OF_CHANNEL ? g->config->channels[p->number].name : NULL;
		metrics_add(m->metrics, METRIC_WORKERS, -1);
		if (!p->kill_at)
			on_death(m, g, p, status);
		if (!p->kill_at || WIFSIGNALED(status))
			wind_up(m, slot, channel, from_outside(p, status), !p->kill_at && (WIFSIGNALED(status) || p->muted), died_of_its_work(p, status));
	}
	if (!p->pid) {
		if (g->state != GENERATION_DRAINING && !m->stopping && p->restart_at <= now)
			start_one(m, g, p);
		return;
	}
	if (!p->seen_running && atomic_load(&slot->state) == BOARD_RUNNING) {
		p->seen_running = true;
		log_info("worker.running", log_str("worker", process_name(p, name)), log_int("process", p->pid), log_int("generation", g->number),
			 log_slice("owner", ((struct str){slot->owner, strnlen(slot->owner, WORKER_OWNER)}))); /* of leases, in the database */
	}
	if (p->kill_at && now >= p->kill_at) {
		log_warn("worker.overdue", log_str("worker", process_name(p, name)));
		kill(p->pid, SIGKILL);
		p->kill_at = now + 5 * MOMENT_SECOND;
	}
	/* also while it drains: what hangs would keep its lease for all of that time */
	if (!p->muted && now - atomic_load(&slot->beat) > g->config->watchdog * MOMENT_SECOND) {
		log_error("worker.mute", log_str("worker", process_name(p, name)), log_int("process", p->pid), log_str("note", slot->note));
		p->muted = true;
		kill(p->pid, SIGKILL);
	}
}

static void look_at_all(struct master *m, struct generation *g)
{
	for (size_t i = 0; g && i < g->count; i++)
		look_at(m, g, &g->processes[i]);
}

static void say_ready(struct master *m, struct generation *g)
{
	g->state = GENERATION_LIVE;
	log_info("server.ready", log_str("listen", m->listen), log_int("generation", g->number), log_str("data_dir", g->config->data_dir));
}

/* It goes, and the one that runs stays. */
static void refuse_next(struct master *m, const struct process *broken)
{
	char name[64];
	const struct config *config = m->next->config;
	const char *where = broken->entry->count == ROLE_OF_CHANNEL ? config->channels[broken->number].where : process_name(broken, name);
	log_error("reload.failed", log_int("generation", m->next->number), log_str("where", where), log_str("why", broken->problem),
		  log_str("message", "the running generation goes on"));
	reload_refused(m, where, broken->problem);
	m->old = m->next;
	m->next = NULL;
	generation_drain(m->old);
}

static void move_next(struct master *m)
{
	if (!m->next)
		return;
	const struct process *broken = generation_broken(m->next, m->live, m->board);
	if (broken) {
		refuse_next(m, broken);
	} else if (generation_runs(m->next, m->board, true)) {
		m->old = m->live;
		m->live = m->next;
		m->next = NULL;
		say_ready(m, m->live);
		memset(m->board->trouble, 0, sizeof m->board->trouble);
		generation_drain(m->old);
	}
}

/* We were stopped (Ctrl-Z), or busy with the database: workers that were stopped with us get their time to beat again. */
static void forgive_gap(struct master *m)
{
	mono_t now = mono_now();
	for (size_t i = 0; m->tended_at && now - m->tended_at > GAP_SECONDS * MOMENT_SECOND && i < BOARD_SLOTS; i++)
		atomic_store(&m->board->slots[i].beat, now);
	m->tended_at = now;
}

/* All workers have ended: the node says so, and then the master ends. */
static void go(struct master *m)
{
	if (!m->left)
		clerk_leave(m);
	m->left = true;
	if (!clerk_is_out(m))
		loop_stop(m->loop);
}

void tend(struct master *m)
{
	forgive_gap(m);
	clerk_reap(m);
	look_at_all(m, m->old);
	look_at_all(m, m->next);
	look_at_all(m, m->live);
	if (m->old && generation_is_empty(m->old)) {
		log_info("generation.over", log_int("generation", m->old->number));
		generation_free(m->old);
		m->old = NULL;
	}
	if (!m->stopping && m->live->state == GENERATION_STARTING && generation_runs(m->live, m->board, false))
		say_ready(m, m->live);
	if (!m->stopping)
		move_next(m);
	else if (!m->old && (!m->next || generation_is_empty(m->next)) && generation_is_empty(m->live))
		go(m);
}
