/* The node's figures: one page of shared atomics. */
#include "base/metrics.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

struct metrics {
	_Atomic int64_t figures[METRIC_COUNT];
};

static const struct {
	const char *name, *type, *help;
} table[METRIC_COUNT] = {
	[METRIC_HTTP_REQUESTS] = {"nurture_http_requests_total", "counter", "HTTP requests answered"},
	[METRIC_HTTP_REFUSED] = {"nurture_http_refused_total", "counter", "HTTP requests refused before they reached a route"},
	[METRIC_EVENTS_TAKEN] = {"nurture_events_taken_total", "counter", "events acknowledged after commit"},
	[METRIC_EVENTS_DUPLICATE] = {"nurture_events_duplicate_total", "counter", "events whose key was seen before"},
	[METRIC_EVENTS_REFUSED] = {"nurture_events_refused_total", "counter", "events refused as wrong"},
	[METRIC_TURNS] = {"nurture_turns_total", "counter", "turns committed"},
	[METRIC_TURNS_FAILED] = {"nurture_turns_failed_total", "counter", "turns that failed and will be tried again"},
	[METRIC_TURN_BATCHES] = {"nurture_turn_batches_total", "counter", "batches of turns committed"},
	[METRIC_RESCORED] = {"nurture_rescored_total", "counter", "leads looked at again by walks after an activation"},
	[METRIC_TURN_MICROS] = {"nurture_turn_microseconds_total", "counter", "time spent deciding, without the database"},
	[METRIC_LEASES_LOST] = {"nurture_leases_lost_total", "counter", "batches rolled back because the lease was lost"},
	[METRIC_TOUCHES_PLANNED] = {"nurture_touches_planned_total", "counter", "touches planned"},
	[METRIC_TOUCHES_HELD] = {"nurture_touches_held_total", "counter", "touches held back by the gate"},
	[METRIC_TOUCHES_SENT] = {"nurture_touches_sent_total", "counter", "touches sent"},
	[METRIC_TOUCHES_DEFERRED] = {"nurture_touches_deferred_total", "counter", "deliveries put off by the outside"},
	[METRIC_TOUCHES_REJECTED] = {"nurture_touches_rejected_total", "counter", "touches rejected for good"},
	[METRIC_TOUCHES_IN_DOUBT] = {"nurture_touches_in_doubt_total", "counter", "touches that may or may not have gone"},
	[METRIC_TOUCHES_PUT_OFF] = {"nurture_touches_put_off_total", "counter", "touches that a limit of their channel put off before they were claimed"},
	[METRIC_LATE_COMPLETIONS] = {"nurture_late_completions_total", "counter", "late or double completions by plugins"},
	[METRIC_CHANNEL_DOWN] = {"nurture_channel_down_total", "counter", "times that a channel said it was down"},
	[METRIC_CHANNEL_FAULTS] = {"nurture_channel_faults_total", "counter", "channels taken out of service because of what their plugin did"},
	[METRIC_CHANNEL_HOLDS] = {"nurture_channel_holds_total", "counter", "channels held because their plugin asked for a person: every further touch would have failed"},
	[METRIC_PUBLISHES] = {"nurture_publishes_total", "counter", "activations of a playbook"},
	[METRIC_PUBLISHES_REFUSED] = {"nurture_publishes_refused_total", "counter", "publishes refused because of errors"},
	[METRIC_SCRIPT_ERRORS] = {"nurture_script_errors_total", "counter", "rules and steps that failed for a lead"},
	[METRIC_WORKER_DEATHS] = {"nurture_worker_deaths_total", "counter", "workers that died or were killed by the watchdog"},
	[METRIC_DATABASE_LOST] = {"nurture_database_lost_total", "counter", "lost database connections"},
	[METRIC_RELOADS_REFUSED] = {"nurture_reloads_refused_total", "counter", "reloads (SIGHUP) that were refused: what ran before goes on"},
	[METRIC_RETURNS] = {"nurture_returns_total", "counter", "bounces, complaints and answers that were recorded"},
	[METRIC_RETURNS_UNPROVEN] = {"nurture_returns_unproven_total", "counter", "bounces and complaints that name no mail of ours: nothing follows from them"},
	[METRIC_LOGINS] = {"nurture_logins_total", "counter", "people who signed in"},
	[METRIC_LOGINS_REFUSED] = {"nurture_logins_refused_total", "counter", "attempts to sign in that were refused: wrong, or too many"},
	[METRIC_PASSWORDS] = {"nurture_passwords_tried_total", "counter", "passwords that were looked at, of people who are known or not"},
	[METRIC_WORKERS] = {"nurture_workers", "gauge", "living workers"},
	[METRIC_NODES] = {"nurture_nodes", "gauge", "living nodes on this database, this one included"},
	[METRIC_NODE_DIFFERENCES] = {"nurture_node_differences", "gauge", "options in which living nodes differ and must not"},
	[METRIC_SWITCHED_OFF] = {"nurture_scripts_switched_off", "gauge", "rules and steps of the active playbook that are switched off, as workers died in them"},
};

struct metrics *metrics_new_shared(void)
{
	void *p = mmap(NULL, sizeof(struct metrics), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		abort();
	return p;
}

struct metrics *metrics_open(int fd)
{
	void *p = mmap(NULL, sizeof(struct metrics), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	return p == MAP_FAILED ? NULL : p;
}

struct metrics *metrics_new_file(int *fd)
{
	*fd = memfd_create("nurture-metrics", MFD_CLOEXEC);
	if (*fd < 0 || ftruncate(*fd, sizeof(struct metrics)))
		return NULL;
	return metrics_open(*fd);
}

void metrics_free(struct metrics *metrics)
{
	if (metrics)
		munmap(metrics, sizeof *metrics);
}

void metrics_add(struct metrics *metrics, enum metric metric, int64_t n)
{
	if (metrics)
		atomic_fetch_add_explicit(&metrics->figures[metric], n, memory_order_relaxed);
}

void metrics_set(struct metrics *metrics, enum metric metric, int64_t n)
{
	if (metrics)
		atomic_store_explicit(&metrics->figures[metric], n, memory_order_relaxed);
}

int64_t metrics_get(const struct metrics *metrics, enum metric metric)
{
	return metrics ? atomic_load_explicit(&metrics->figures[metric], memory_order_relaxed) : 0;
}

void metrics_write(const struct metrics *metrics, struct buf *out)
{
	for (int i = 0; i < METRIC_COUNT; i++)
		buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n%s %lld\n", table[i].name, table[i].help, table[i].name,
			   table[i].type, table[i].name, (long long)metrics_get(metrics, (enum metric)i));
}
