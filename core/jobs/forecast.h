/* A forecast from the database: who stands in a campaign or would enter it, how its contacts ended so far, and a sample of the leads walked through the
 * coming days (turn/forecast.h). Blocks; writes nothing. Called by `nurture forecast` and by the jobs role for POST /v1/playbook/forecast. */
#ifndef NURTURE_JOBS_FORECAST_H
#define NURTURE_JOBS_FORECAST_H

#include "base/config.h"
#include "jobs/runner.h"
#include "playbook/playbook.h"


struct forecast_ask {
	struct loop *loop;
	struct store *store;
	struct playbook *playbook;
	const char *campaign;
	const char *segment;  /* everybody in it enters now; NULL = nobody does: only those who stand in the campaign */
	int days, sample;     /* sample: leads of each group that are walked */
	const struct config *config; /* how many calls a day its channel's agents make (setting calls_a_day): a day with more is told of */
	bool (*progress)(void *arg, int64_t done, int64_t total); /* now and then; true = stop: NULL without an error. May be NULL */
	void *arg;
};
/* What forecast_json says, and "segment"; where calls are more than can be made, "too_many_calls" [{date, calls}] and a note. New reference; NULL with an error: unknown names with the nearest there is. */
json_t *forecast_run(const struct forecast_ask *ask, struct error *error);

/* Kind of jobs (runner.h): arguments {campaign, segment?, days?, sample?}, by the active playbook. */
runner_fn forecast_job;

#endif
