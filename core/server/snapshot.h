/* A snapshot: all that a generation's workers are told at their start, in a memory file that each of them reads after
 * exec. It never changes, so a worker that is restarted an hour later gets the configuration of its generation, not
 * what stands in the file by then. Paths are resolved, plugins described: workers ask the file system nothing. */
#ifndef NURTURE_SERVER_SNAPSHOT_H
#define NURTURE_SERVER_SNAPSHOT_H

#include "base/config.h"

#include <stdint.h>

struct snapshot {
	const struct config *config;
	const char *text;         /* of the configuration file */
	const char *conninfo;     /* runtime role */
	const char *public_url;   /* as it is after listening on port 0 */
	double time_scale;
	int64_t generation;
};

int snapshot_write(const struct snapshot *snapshot, int *fd, struct error *error) MUST_USE;

/* The worker's side: config belongs to the caller (config_free), texts too (free). */
struct snapshot_read {
	struct config *config;
	char *conninfo;
	double time_scale;
	int64_t generation;
};
int snapshot_read(int fd, struct snapshot_read *out, struct error *error) MUST_USE;

#endif
