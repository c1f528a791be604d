/* nurture rescore: every lead is scored again and the people of every account are counted, behind all that is live. Engines do it; `nurture job list` says how far they are. */
#include "cli/command.h"

#include "store/revision.h"

static int run(struct cli *cli)
{
	struct cli_wait wait = {.cli = cli};
	moment_t now;
	if (cli_open(cli) || cli_now(cli, &now))
		return CLI_FAILED;
	store_rescore(cli->store, now, cli_on_id, &wait);
	if (cli_wait(&wait))
		return cli_fail(&wait.error);
	printf("Job %lld scores all leads again, and counts the people of all accounts; live work goes first. nurture job list says how far it is.\n", (long long)wait.number);
	return CLI_DONE;
}

extern const struct cli_command cli_rescore;
const struct cli_command cli_rescore = {
	.name = "rescore", .arguments = "", .summary = "Has every lead scored again, behind all live work.", .run = run,
};
