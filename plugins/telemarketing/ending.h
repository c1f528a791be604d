/* Calls that end: outcomes that fit their script, on their way to the disk. */
#ifndef TELEMARKETING_ENDING_H
#define TELEMARKETING_ENDING_H

#include "desk.h"

/* The agent's call ends, as `ending` says: an object {touch, agent, answer, report, reply, never, outcome}, which is taken. Once that is committed the request is answered 200 with
 * asking->kept and the news are told; where the call is not the agent's any more, outcome_is_late goes on. */
void ending_write(struct asking *asking, json_t *ending);
/* outcome.c: there was nothing to end: the same was told twice at once, or the lease ran out. */
void outcome_is_late(struct asking *asking);

#endif
