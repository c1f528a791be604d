/* What backtest and fit share: a playbook from a folder or from the database, with its files, a model of it, and history replayed by it. */
#ifndef NURTURE_CLI_REPLAY_H
#define NURTURE_CLI_REPLAY_H

#include "cli/playbook.h"
#include "jobs/backtest.h"

struct cli_replay {
	struct cli *cli;
	struct cli_playbook playbook; /* of the folder, else the active one */
	struct backtest_run run;
	struct cli_progress bar;
	struct dataset dataset;
};

/* Each says what is wrong; CLI_DONE, CLI_FAILED or CLI_WRONG_USAGE. */
int cli_replay_open(struct cli *cli, struct cli_replay *replay) MUST_USE; /* reads --model, --outcome, --against, --from, --to, --as-imported and [DIR] */
/* Fills replay->dataset, and *rival (which the caller finishes) when run.rival is set. */
int cli_replay_run(struct cli_replay *replay, struct dataset *rival) MUST_USE;
void cli_replay_close(struct cli_replay *replay);

#endif
