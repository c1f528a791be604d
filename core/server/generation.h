/* A generation: the workers of one configuration, one set of plugins and one binary (DESIGN section 5).
 *
 *   starting ──all who must run do──► live ──a newer one is live, or stop──► draining ──all ended──► freed
 *       └──one who must run cannot (only if an older one is there)──► draining ──► freed; the older one stays
 *
 * The first generation may be waited for in vain: a reload then starts the next one beside it while it still tries. */
#ifndef NURTURE_SERVER_GENERATION_H
#define NURTURE_SERVER_GENERATION_H

#include "server/process.h"

enum generation_state { GENERATION_STARTING, GENERATION_LIVE, GENERATION_DRAINING };

struct generation {
	int64_t number;
	enum generation_state state;
	struct config *config;
	int binary, snapshot, playbook, plugins; /* descriptors; playbook, plugins: -1 = none */
	struct process *processes;
	size_t count;
	int first_slot;
};

struct generation_seed {
	int64_t number;
	int first_slot;
	struct config *config;      /* taken, also when it fails */
	const char *config_text, *conninfo, *public_url;
	const char *binary;         /* path */
	double time_scale;
	struct worker_node node;
};

/* Opens what its workers need; starts none. */
struct generation *generation_new(const struct generation_seed *seed, struct error *error) MUST_USE;
void generation_free(struct generation *generation); /* takes NULL; no process may be left */
bool generation_is_empty(const struct generation *generation); /* no process is left */
void generation_drain(struct generation *generation);
void generation_kill(struct generation *generation); /* SIGKILL to all that are left */
/* Engine, jobs and web run; and, `with_channels`, each channel runs or was tried. */
bool generation_runs(const struct generation *generation, const struct board *board, bool with_channels);
/* Some process of it died or could not be started, and none like it has lived long since. */
bool generation_ails(const struct generation *generation);
/* The process for which `next` must not replace `live`: one that keeps dying at its start, or a channel that does not open, unless the same
 * channel does not work in `live` either. NULL = none so far. */
const struct process *generation_broken(const struct generation *next, const struct generation *live, const struct board *board);

#endif
