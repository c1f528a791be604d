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
int cli_replay_open(struct cli *cli, struct cli_replay *replay) MUST_USE; /* reads --model, --outcome, --against, --from, --to, --at, --as-imported and [DIR] */
/* Fills replay->dataset, and *rival (which the caller finishes) when run.rival is set. */
int cli_replay_run(struct cli_replay *replay, struct dataset *rival) MUST_USE;
void cli_replay_close(struct cli_replay *replay);

/* What both commands can be told; read by cli_replay_open. */
#define CLI_REPLAY_OPTIONS \
	{"--model", NULL, "NAME", "which model; need not be said when there is one"}, \
	{"--outcome", NULL, "VERB", "the event that a good score should foretell (else opportunity.won)"}, \
	{"--against", NULL, "VERB", "the event that says it will not come (else opportunity.lost)"}, \
	{"--from", NULL, "MOMENT", "outcomes since then (else all)"}, \
	{"--to", NULL, "MOMENT", "outcomes before then (else until now)"}, \
	{"--at", NULL, "MOMENT", "scores everybody as of this moment; outcomes since then (in place of --from)"}, \
	{"--as-imported", NULL, NULL, "judge leads that were imported after their outcome, too, by the first that was heard of them"}

#endif
