/* One transaction of the intake: a group of requests. Inside the room only. */
#ifndef NURTURE_STORE_INTAKE_GROUP_H
#define NURTURE_STORE_INTAKE_GROUP_H

#include "store/intake.h"
#include "store/op.h"

/* Called once, with the requests as given; `again`: nothing is wrong with them, another transaction was in the way (deadlock). */
typedef void intake_group_fn(struct store *store, struct intake **requests, size_t count, const struct error *error, bool again);
/* Commits all of the requests, or none. `requests` is copied. */
void intake_group_submit(struct store *store, struct intake *const *requests, size_t count, intake_group_fn *fn);

#endif
