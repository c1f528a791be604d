/* Backtests and fits asked for over HTTP (runner.h): arguments {files?, model?, outcome?, against?, from?, to?, at?, as_imported?, by}, as POST /v1/playbook/backtest takes
 * them; for a fit also {split?, seed?}. backtest's result is what report/backtest.h describes, without what a rule said of the lead on which it failed; fit's is
 * what report/fit.h describes, with "file" (its path), "lua" (its text) and "tests_expect_other_points". Neither publishes. */
#ifndef NURTURE_JOBS_BACKTEST_JOB_H
#define NURTURE_JOBS_BACKTEST_JOB_H

#include "jobs/runner.h"
#include "playbook/playbook.h"
#include "report/dataset.h"

runner_fn backtest_job, fit_job;

/* What both are made of: leads replayed by `playbook`, which was read of `files`. */
struct backtest_replayed {
	const struct playbook *playbook;
	const struct playbook_files *files;
	const struct dataset *dataset, *rival; /* rival: by the active playbook; NULL = none */
	struct arena *arena;
};
/* The job's result; new reference, NULL with an error. */
typedef json_t *backtest_tell_fn(struct runner_work *work, const struct backtest_replayed *replayed, struct error *error);
json_t *backtest_replay(struct runner_work *work, bool with_rival, backtest_tell_fn *tell, struct error *error);

#endif
