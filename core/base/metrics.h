/* Counters and gauges of one node, in memory shared by its processes, printed by /metrics (Prometheus text format 0.0.4).
 *
 * Every figure is a row of the table in metrics.c; channels have a fixed number of slots. Adding is one atomic
 * instruction; nothing is ever taken away while the node lives. */
#ifndef NURTURE_BASE_METRICS_H
#define NURTURE_BASE_METRICS_H

#include "base/buf.h"

#include <stdint.h>

enum metric {
	METRIC_HTTP_REQUESTS, METRIC_HTTP_REFUSED, METRIC_EVENTS_TAKEN, METRIC_EVENTS_DUPLICATE, METRIC_EVENTS_REFUSED,
	METRIC_TURNS, METRIC_TURNS_FAILED, METRIC_TURN_BATCHES, METRIC_RESCORED, METRIC_TURN_MICROS, METRIC_LEASES_LOST,
	METRIC_TOUCHES_PLANNED, METRIC_TOUCHES_HELD, METRIC_TOUCHES_SENT, METRIC_TOUCHES_DEFERRED, METRIC_TOUCHES_REJECTED,
	METRIC_TOUCHES_IN_DOUBT, METRIC_TOUCHES_PUT_OFF, METRIC_LATE_COMPLETIONS, METRIC_CHANNEL_DOWN, METRIC_CHANNEL_FAULTS, METRIC_CHANNEL_HOLDS,
	METRIC_PUBLISHES, METRIC_PUBLISHES_REFUSED, METRIC_SCRIPT_ERRORS, METRIC_WORKER_DEATHS, METRIC_DATABASE_LOST,
	METRIC_RELOADS_REFUSED, METRIC_RETURNS, METRIC_RETURNS_UNPROVEN,
	METRIC_LOGINS, METRIC_LOGINS_REFUSED, METRIC_PASSWORDS,
	METRIC_WORKERS, /* gauge: living workers */
	METRIC_NODES, METRIC_NODE_DIFFERENCES, /* gauges: as the jobs worker saw them last */
	METRIC_SWITCHED_OFF, /* gauge: as the engine loaded the playbook */
	METRIC_COUNT
};

struct metrics;

struct metrics *metrics_new_shared(void); /* before the first fork; aborts without memory */
/* The same in a memory file that survives exec: the master makes it (*fd), a worker opens what it was given. NULL: errno says why. */
struct metrics *metrics_new_file(int *fd);
struct metrics *metrics_open(int fd);
void metrics_free(struct metrics *metrics);
void metrics_add(struct metrics *metrics, enum metric metric, int64_t n); /* metrics NULL = nothing */
void metrics_set(struct metrics *metrics, enum metric metric, int64_t n); /* of a gauge */
int64_t metrics_get(const struct metrics *metrics, enum metric metric);
void metrics_write(const struct metrics *metrics, struct buf *out);

#endif
