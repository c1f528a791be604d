/* nurture job list|show|cancel: long work, running and done. */
#include "cli/command.h"

#include "report/report.h"
#include "store/admin.h"

static const struct report_column columns[] = {
	{"job_id", "job", REPORT_COUNT},         {"kind", "kind", REPORT_TEXT},           {"state", "state", REPORT_TEXT}, {"progress", "done", REPORT_COUNT},
	{"total", "of", REPORT_COUNT},           {"created_at", "began", REPORT_MOMENT}, {"ended_at", "ended", REPORT_MOMENT},
	{"error", "error", REPORT_TEXT},         {0},
};

static int run_list(struct cli *cli)
{
	return cli_open(cli) ? CLI_FAILED : cli_print_rows(cli, columns, cli_query(cli, "jobs", NULL, 0));
}

static int run_show(struct cli *cli)
{
	int64_t id;
	char text[24];
	const char *const params[] = {text};
	if (cli_number("the job's number (nurture job list)", cli->args[0], 1, INT64_MAX, &id))
		return CLI_WRONG_USAGE;
	snprintf(text, sizeof text, "%lld", (long long)id);
	json_t *rows = cli_open(cli) ? NULL : cli_query(cli, "job_one_get", params, 1);
	if (!rows)
		return CLI_FAILED;
	json_t *row = json_incref(json_array_get(rows, 0));
	json_decref(rows);
	return row ? cli_print_json(row) : cli_refuse("there is no job %lld.", (long long)id);
}

static int run_cancel(struct cli *cli)
{
	int64_t id;
	struct cli_wait wait = {.cli = cli};
	if (cli_number("the job's number (nurture job list)", cli->args[0], 1, INT64_MAX, &id))
		return CLI_WRONG_USAGE;
	if (cli_open(cli))
		return CLI_FAILED;
	store_job_cancel(cli->store, id, NULL, cli_on_done, &wait);
	if (cli_wait(&wait))
		return cli_fail(&wait.error);
	printf("Job %lld ends behind its present step.\n", (long long)id);
	return CLI_DONE;
}

extern const struct cli_command cli_job_list, cli_job_show, cli_job_cancel;
const struct cli_command cli_job_show = {
	.name = "job show", .arguments = "ID", .summary = "A job with its result, as JSON.", .least = 1, .most = 1, .json = true, .run = run_show,
};
const struct cli_command cli_job_list = {.name = "job list", .arguments = "", .summary = "Lists jobs, newest first.", .json = true, .run = run_list};
const struct cli_command cli_job_cancel = {
	.name = "job cancel", .arguments = "ID", .summary = "Asks a job to stop; what it did stays.", .least = 1, .most = 1, .run = run_cancel,
};
