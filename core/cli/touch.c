/* nurture touch list|resend|drop: touches in doubt, which only a person can settle. */
#include "cli/command.h"

#include "report/report.h"
#include "store/outbox.h"

static const struct report_column columns[] = {
	{"touch_id", "touch", REPORT_COUNT},  {"lead_id", "lead", REPORT_COUNT},   {"channel", "channel", REPORT_TEXT}, {"template", "template", REPORT_TEXT},
	{"due_at", "due", REPORT_MOMENT},     {"reason", "reason", REPORT_TEXT},   {0},
};

static int run_list(struct cli *cli)
{
	return cli_open(cli) ? CLI_FAILED : cli_print_rows(cli, columns, cli_query(cli, "touches_in_doubt", NULL, 0));
}

static int decide(struct cli *cli, bool resend)
{
	int64_t id;
	moment_t now;
	struct cli_wait wait = {.cli = cli};
	if (cli_number("the touch's number (nurture touch list)", cli->args[0], 1, INT64_MAX, &id))
		return CLI_WRONG_USAGE;
	if (cli_open(cli) || cli_now(cli, &now))
		return CLI_FAILED;
	store_touch_decide(cli->store, id, resend, now, cli_on_done, &wait);
	if (cli_wait(&wait))
		return cli_fail(&wait.error);
	printf(resend ? "Touch %lld is planned again; it keeps its Message-ID.\n" : "Touch %lld is dropped.\n", (long long)id);
	return CLI_DONE;
}

static int run_resend(struct cli *cli)
{
	return decide(cli, true);
}

static int run_drop(struct cli *cli)
{
	return decide(cli, false);
}

extern const struct cli_command cli_touch_list, cli_touch_resend, cli_touch_drop;
const struct cli_command cli_touch_list = {
	.name = "touch list", .arguments = "", .summary = "Lists touches in doubt: they may or may not have gone.", .json = true, .run = run_list,
};
const struct cli_command cli_touch_resend = {
	.name = "touch resend", .arguments = "ID", .summary = "Sends a touch in doubt once more.", .least = 1, .most = 1, .run = run_resend,
};
const struct cli_command cli_touch_drop = {
	.name = "touch drop", .arguments = "ID", .summary = "Gives up a touch in doubt.", .least = 1, .most = 1, .run = run_drop,
};
