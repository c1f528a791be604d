/* nurture rescore: every lead looks at itself again, in the bulk lane, behind all that is live. */
#include "cli/command.h"

#include "store/admin.h"
#include "store/revision.h"

static int pages(struct cli *cli, moment_t now)
{
	struct cli_progress bar = {.what = "leads put in line:"};
	int64_t next = 0, done = 0;
	do {
		struct cli_wait wait = {.cli = cli};
		store_rescore_page(cli->store, next, &next, now, cli_on_done, &wait);
		if (cli_wait(&wait))
			return cli_fail(&wait.error);
		cli_progress_show(&bar, ++done, 0);
	} while (next);
	cli_progress_end(&bar);
	printf("All leads are in line to be scored again; live work goes first.\n");
	return CLI_DONE;
}

static int run(struct cli *cli)
{
	moment_t now;
	return cli_open(cli) || cli_now(cli, &now) ? CLI_FAILED : pages(cli, now);
}

extern const struct cli_command cli_rescore;
const struct cli_command cli_rescore = {
	.name = "rescore", .arguments = "", .summary = "Has every lead scored again, behind all live work.", .run = run,
};
