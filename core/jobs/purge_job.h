/* Purges that the server does itself, in a child of the jobs worker (runner.c): what POST /v1/purges asked, and daily each rule of nurture.conf's retention. */
#ifndef NURTURE_JOBS_PURGE_JOB_H
#define NURTURE_JOBS_PURGE_JOB_H

#include "base/config.h"
#include "jobs/runner.h"

runner_fn purge_job; /* kind "retention"; arguments: {"key", "older", "segment": … | null, "by"}; result {"leads"} */
/* The arguments of a rule. New reference. */
json_t *purge_job_of_rule(const struct config_retention *rule);

#endif
