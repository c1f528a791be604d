/* The table of roles: what a generation consists of. */
#ifndef NURTURE_SERVER_ROLES_H
#define NURTURE_SERVER_ROLES_H

#include "base/worker.h"

enum role_count { ROLE_OF_WEB, ROLE_OF_ENGINE, ROLE_OF_CHANNEL, ROLE_ONE };

struct role_entry {
	const struct worker_role *role;
	enum role_count count; /* how many workers: by config, one a channel, or one */
};

extern const struct role_entry roles[]; /* role NULL ends */
const struct role_entry *roles_find(const char *name);
int roles_count(const struct role_entry *entry, const struct config *config);

#endif
