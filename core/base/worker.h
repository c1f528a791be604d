/* What the master gives to each worker, and what a role is. The rooms web, engine, delivery and jobs export one const
 * role each; server starts, watches and stops them and knows nothing else of them. */
#ifndef NURTURE_BASE_WORKER_H
#define NURTURE_BASE_WORKER_H

#include "base/clock.h"
#include "base/config.h"
#include "base/error.h"
#include "base/loop.h"

#include <stdint.h>

enum { WORKER_OWNER = 33, WORKER_NOTE = 1024, WORKER_TROUBLE = 1024 };

/* The node that a worker is of: one master on one data directory. The same for all its workers; borrowed. */
struct worker_node {
	const char *token;                /* random, of the start of the master */
	const char *before;               /* of the start before on the same data directory; "" = none */
	const char *listen;               /* as bound */
	moment_t started_at;              /* machine time */
	const char *trouble;              /* WORKER_TROUBLE bytes that the master writes: why the last reload was refused; "" = it was not */
};

struct worker {
	struct loop *loop;
	const struct config *config;
	const char *conninfo;             /* runtime role of the database */
	char owner[WORKER_OWNER];         /* random token of this process start: owner of its leases */
	int number;                       /* 0, 1, … within the role */
	const int *listeners;             /* web: listening sockets */
	size_t listener_count;
	const struct config_channel *channel; /* delivery: its channel */
	double time_scale;                /* 1, or --time-scale */
	struct worker_node node;
	bool trial;                       /* an older generation works: what cannot be opened must not replace it */
	_Atomic int *works;               /* a channel says: 1 = opened, -1 = it does not open; 0 = not known. Shared with the master */
	int playbook_dir;                 /* jobs: config->playbook, opened by the master (who may see more); -1 = none */
	/* What it is doing just now (a script's file:line, a lead's id), in memory that the master reads when the worker dies or its
	 * heartbeat stops. Written with worker_note; "" = nothing special. */
	char *note;                       /* WORKER_NOTE bytes, shared with the master */
	/* Figures for /metrics, shared by all workers of a node: see base/metrics.h. */
	struct metrics *metrics;
};

/* A name of the node for people, the same after each start: host, and where it listens. */
enum { WORKER_PLACE = 200 };
void worker_place(const struct worker *worker, char out[WORKER_PLACE]);

void worker_note(struct worker *worker, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

typedef void worker_drained_fn(void *arg);

struct worker_role {
	const char *name;                 /* "web", "engine", "delivery", "jobs" */
	/* Begins on worker->loop; NULL with an error when it cannot (the master tries again with back-off). */
	void *(*start)(struct worker *worker, struct error *error);
	/* Take nothing new, finish what is in hand, give leases back, then call fn(arg). */
	void (*drain)(void *self, worker_drained_fn *fn, void *arg);
	/* Free everything; after drain, or at once when the time is over. */
	void (*stop)(void *self);
};

#endif
