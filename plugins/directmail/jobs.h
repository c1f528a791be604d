/* What the routes of jobs share. */
#ifndef DIRECTMAIL_JOBS_H
#define DIRECTMAIL_JOBS_H

#include "office.h"

/* The channel and the number of the asking's job, as the first two values. */
void job_put(struct values *values, const struct asking *asking);
/* A moment by RFC 3339; 0: nothing. */
void job_set_moment(json_t *object, const char *key, int64_t at);
/* Looks in the thread whether the folder is as it was written; fn is called later: why it is not, or NULL. The asking lives until then. */
typedef void job_checked_fn(struct asking *asking, const char *why);
void job_check(struct asking *asking, const char *name, const char *sums, job_checked_fn *fn);

#endif
