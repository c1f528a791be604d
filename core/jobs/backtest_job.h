/* Backtests asked for over HTTP (runner.h): arguments {files?, model?, outcome?, against?, from?, to?, as_imported?, by}, as POST /v1/playbook/backtest takes them. The
 * result is what report/backtest.h describes, without what a rule said of the lead on which it failed. */
#ifndef NURTURE_JOBS_BACKTEST_JOB_H
#define NURTURE_JOBS_BACKTEST_JOB_H

#include "jobs/runner.h"

runner_fn backtest_job;

#endif
