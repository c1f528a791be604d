/* Giving up root and everything that could bring it back: for children that do work (workers, clerks, PostgreSQL's programs, plugins that
 * are only asked what they are). Nothing here is taken back: what a process gave up it never has again. */
#ifndef NURTURE_BASE_RIGHTS_H
#define NURTURE_BASE_RIGHTS_H

#include "base/error.h"

#include <sys/types.h>

/* The ids of a user of the system that work may run as. ERROR_NOT_FOUND; ERROR_INVALID for root. */
int rights_user(const char *user, uid_t *uid, gid_t *gid, struct error *error) MUST_USE;
/* As root: becomes that user with its groups. As anybody: no capabilities, and no program that is run from here on gets more
 * (no_new_privs). Between fork and exec. */
int rights_drop(const char *user, struct error *error) MUST_USE;
/* What this process holds in memory is nobody's to read: no core, no ptrace and no /proc/PID by others of its user. After exec. */
void rights_close(void);

#endif
