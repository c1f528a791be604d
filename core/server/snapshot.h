/* A snapshot: all that a generation's workers are told at their start, in a memory file that each of them reads after
 * exec. It never changes, so a worker that is restarted an hour later gets the configuration of its generation, not
 * what stands in the file by then. Paths are resolved, plugins described: workers ask the file system nothing. */
#ifndef NURTURE_SERVER_SNAPSHOT_H
#define NURTURE_SERVER_SNAPSHOT_H

#include "base/worker.h"

struct snapshot {
	const struct config *config;
	const char *text;         /* of the configuration file */
	const char *conninfo;     /* runtime role */
	const char *public_url;   /* as it is after listening on port 0 */
	double time_scale;
	int64_t generation;
	struct worker_node node;
};

int snapshot_write(const struct snapshot *snapshot, int *fd, struct error *error) MUST_USE;

/* The worker's side: free with snapshot_fini. */
struct snapshot_read {
	struct config *config;
	char *conninfo;
	double time_scale;
	int64_t generation;
	char *node_token, *node_before, *listen;
	moment_t started_at;
};
int snapshot_read(int fd, struct snapshot_read *out, struct error *error) MUST_USE;
void snapshot_fini(struct snapshot_read *read);

#endif
