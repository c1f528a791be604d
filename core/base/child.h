/* Forking a process that has a loop. */
#ifndef NURTURE_BASE_CHILD_H
#define NURTURE_BASE_CHILD_H

#include <sys/types.h>

/* fork(); signals wait until the child has put every handler back: those of a loop write to a pipe that both have, so a SIGTERM for a
 * child just born would end its parent. SIGINT (Ctrl-C is for the parent, who asks its children to end) and SIGPIPE are ignored. */
pid_t child_fork(void) __attribute__((warn_unused_result));

#endif
