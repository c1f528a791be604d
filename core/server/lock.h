/* The data directory: made for the right user, and locked, so that one `nurture serve` at a time lives on it. */
#ifndef NURTURE_SERVER_LOCK_H
#define NURTURE_SERVER_LOCK_H

#include "base/config.h"

#include <sys/types.h>

enum { LOCK_TOKEN = 33 };

/* What the machine must have for this configuration, without touching anything: the user (when we are root), a path that sockets can have,
 * the playbook's folder, lists of networks. Asked by serve, by reloads and by `nurture config`, so that all three refuse the same. */
int lock_check(const struct config *config, struct error *error) MUST_USE;
/* Makes data_dir and data_dir/run (owned by config->user when we are root). */
int lock_prepare(const struct config *config, struct error *error) MUST_USE;
/* Locks data_dir/run/serve.lock for the life of the descriptor; ERROR_CONFLICT names the process that has it. */
int lock_take(const struct config *config, int *fd, struct error *error) MUST_USE;
/* Writes who we are into it: process id, address, token of this start. */
void lock_write(int fd, const char *listen, const char *token);
/* The token of the start before, as it stands in the file; "" = there was none. */
void lock_token(int fd, char out[LOCK_TOKEN]);
/* Who serves data_dir: its process id, or 0. listen: where it said it listens. */
pid_t lock_holder(const char *data_dir, char *listen, size_t room);

#endif
