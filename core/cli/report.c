/* nurture report: what is summed up, as a table. */
#include "cli/command.h"

#include "report/report.h"

#include <string.h>

static int unknown(const char *name)
{
	const char *names[32] = {"campaign"};
	size_t count = 1;
	for (const struct report *report = reports; report->name && count < 32; report++)
		names[count++] = report->name;
	const char *near = str_nearest(str_of(name), names, count);
	fprintf(stderr, "nurture report: there is no report \"%s\".%s%s%s There are:", name, near ? " Did you mean \"" : "", near ? near : "", near ? "\"?" : "");
	for (size_t i = 0; i < count; i++)
		fprintf(stderr, "%s %s", i ? "," : "", names[i]);
	fprintf(stderr, ".\n");
	return CLI_WRONG_USAGE;
}

static int run(struct cli *cli)
{
	char query[80];
	if (!cli->arg_count) {
		for (const struct report *report = reports; report->name; report++)
			printf("%-12s %s\n", report->name, report->title);
		printf("%-12s %s\n", "campaign", "One campaign (report campaign NAME): its steps, its goal against the holdout, its splits");
		return CLI_DONE;
	}
	if (strcmp(cli->args[0], "campaign") == 0)
		return cli_report_campaign(cli, cli->arg_count > 1 ? cli->args[1] : NULL);
	const struct report *report = report_find(str_of(cli->args[0]));
	if (!report)
		return unknown(cli->args[0]);
	if (cli->arg_count > 1) {
		fprintf(stderr, "nurture report: %s is about everything and takes no further name.\n", report->name);
		return CLI_WRONG_USAGE;
	}
	if (strcmp(report->name, "campaigns") == 0)
		return cli_report_campaigns(cli, report->columns);
	snprintf(query, sizeof query, "report_%.60s", report->name);
	return cli_open(cli) ? CLI_FAILED : cli_print_rows(cli, report->columns, cli_query(cli, query, NULL, 0));
}

extern const struct cli_command cli_report;
const struct cli_command cli_report = {
	.name = "report", .arguments = "[NAME [CAMPAIGN]]", .summary = "Prints a report; without NAME: which there are.",
	.more = "  nurture report campaign drip       what became of a campaign, also of one that the playbook no longer has", .most = 2, .json = true, .run = run,
};
