/* The master's state: one process that does no work. Shared by master.c (start and signals), tend.c (what it does about
 * its workers), reload.c (a new generation) and clerk.c (what it has written into the database). */
#ifndef NURTURE_SERVER_MASTER_H
#define NURTURE_SERVER_MASTER_H

#include "base/loop.h"
#include "base/metrics.h"
#include "server/generation.h"
#include "server/server.h"
#include "store/cluster.h"

enum { MASTER_CLERKS = 64 };

struct master {
	const struct server_options *options;
	struct loop *loop;
	struct loop_timer *tick;
	struct event *signals[5];
	struct board *board;
	struct metrics *metrics;
	int board_fd, metrics_fd, lock_fd, listener;
	char listen[256];         /* as bound */
	char token[WORKER_OWNER]; /* of this start: the node's name in the database */
	char before[WORKER_OWNER]; /* of the start before on this data directory */
	moment_t started_at;
	char *binary;             /* path of our program, for the next generation */
	char *conninfo, *owner_conninfo;
	struct cluster *cluster;  /* NULL = a database of somebody else's */
	struct generation *live;  /* the newest that is live, or the first one while it starts */
	struct generation *next;  /* starting beside live */
	struct generation *old;   /* draining */
	int64_t generations;
	bool reload;              /* SIGHUP came */
	bool stopping;
	bool left;                /* has said that the node stops */
	bool ready;               /* said so */
	mono_t cluster_check_at;
	mono_t tended_at;         /* when tend was there last: a long gap is ours, not the workers' */
	pid_t clerks[MASTER_CLERKS];
	int status;
};

/* Looks after all processes; called by the tick and by SIGCHLD. */
void tend(struct master *master);
/* Starts every process of a generation. */
void tend_start(struct master *master, struct generation *generation);

/* reload.c */
/* The configuration as it is now, each channel with what its plugin says; NULL with an error. *text: of the file, the caller's. */
struct config *reload_read(const struct master *master, char **text, struct error *error) MUST_USE;
void reload_log_level(const struct config *config);
struct generation *reload_generation(struct master *master, struct config *config, const char *text, struct error *error) MUST_USE;
void reload(struct master *master); /* SIGHUP: starts the next generation, or says why not */
void reload_refused(struct master *master, const char *where, const char *why); /* what `nurture status` says of it */

/* Short children that write to the database for the master, who never waits for it. */
/* Of a worker that died: first the lead in whose turn it died (0 = none) is marked, then what `owner` held ("" = nothing) is given back, so that
 * whoever takes the lead up next cannot be done with it before it is marked. */
/* by_script: counted against the place in note. channel: whose worker it was, or NULL; what it knew of its touches is recorded before others may take
 * it. outside: that one was killed from outside, no touch in its hands is to blame. */
void clerk_death(struct master *master, const char *owner, const char *channel, bool outside, int64_t lead_id, const char *note, bool by_script);
void clerk_channel_faulted(struct master *master, const struct config_channel *channel, const char *reason);
/* The node stops; waits five seconds at most. */
void clerk_leave(struct master *master);
void clerk_reap(struct master *master);
bool clerk_is_out(const struct master *master); /* one is still on its way */

#endif
