/* Replaying history: each lead as it stood before its outcome, scored by the code that scores it in its turns. Blocking; called by `nurture backtest`,
 * `nurture fit` and the jobs role. Reads in short transactions, a page of leads at a time; writes nothing. */
#ifndef NURTURE_JOBS_BACKTEST_H
#define NURTURE_JOBS_BACKTEST_H

#include "playbook/playbook.h"
#include "report/dataset.h"
#include "store/store.h"

struct backtest_ask {
	const char *model;
	const char *outcome; /* a verb; NULL = opportunity.won */
	const char *against; /* NULL = opportunity.lost */
	moment_t from, to;   /* [from, to); INT64_MIN, and INT64_MAX = now */
	bool all_at_once;    /* everybody is scored as of `from`, and the outcome is what came in [from, to); who had it before is left out */
	bool as_imported;    /* who is known only since after its outcome is judged by the first that was heard of it */
};
struct backtest_run {
	struct loop *loop;
	struct store *store;
	struct playbook *playbook;         /* by which leads are scored */
	struct playbook *rival;            /* another one with a model of this name, on the same rows; NULL = none */
	struct backtest_ask ask;
	moment_t now;                      /* domain time */
	bool (*progress)(void *arg, int64_t done, int64_t total); /* leads; false = stop (ERROR_CONFLICT). NULL = nobody watches */
	void *arg;
};
/* Fills dataset (and rival_dataset when there is a rival), which the caller finishes also after an error. */
int backtest_run(const struct backtest_run *run, struct dataset *dataset, struct dataset *rival_dataset, struct error *error) MUST_USE;

#endif
