/* nurture import: leads from a CSV file, by a map. */
#include "cli/command.h"

#include "base/mem.h"
#include "jobs/import.h"

#include <stdlib.h>
#include <string.h>

static void on_progress(void *arg, int64_t bytes, int64_t total)
{
	cli_progress_show(arg, bytes, total);
}

static void print(const struct import_result *r, const char *rejects)
{
	if (r->done_before) {
		printf("This file was imported already with this map (job %lld): nothing to do.\n", (long long)r->job);
		return;
	}
	const char separator[] = {r->separator, '\0'};
	if (r->resumed)
		printf("Went on behind row %lld, where an earlier run ended.\n", (long long)r->resumed);
	printf("%lld rows read, %lld new leads", (long long)r->rows, (long long)r->created);
	if (r->known)
		printf(", %lld about leads that were there", (long long)r->known);
	printf(", %lld refused%s.\n", (long long)r->rejected, r->cancelled ? "; cancelled" : "");
	if (strcmp(r->encoding, "utf-8") != 0 || r->separator != ',')
		printf("Read as %s, with %s between the columns.\n", r->encoding, r->separator == '\t' ? "tabs" : separator);
	if (r->rejected)
		printf("Refused rows with their reasons are in %s (%s).\n", rejects, r->first_reason[0] ? r->first_reason : "see there");
}

static int print_result(struct cli *cli, const struct import_result *r, const char *rejects)
{
	const char separator[] = {r->separator, '\0'};
	if (cli->json)
		return cli_print_json(json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:b, s:b, s:s, s:s, s:o}", "job", (json_int_t)r->job, "rows", (json_int_t)r->rows,
						"resumed_behind", (json_int_t)r->resumed, "created", (json_int_t)r->created, "known",
						(json_int_t)r->known, "rejected", (json_int_t)r->rejected, "cancelled", r->cancelled,
						"done_before", r->done_before, "encoding", r->encoding, "separator", separator, "rejects", r->rejected ? json_string(rejects) : json_null()));
	print(r, rejects);
	return CLI_DONE;
}

static int run(struct cli *cli)
{
	struct error error = {0};
	struct import_result result;
	struct cli_progress bar = {.what = "import"};
	const char *map = cli_option(cli, "--map"), *given = cli_option(cli, "--rejects");
	if (!map) {
		fprintf(stderr, "nurture import: --map MAP is missing: it says which column becomes which field.\n");
		return CLI_WRONG_USAGE;
	}
	if (cli_open(cli))
		return CLI_FAILED;
	char *rejects = given ? mem_dup(given) : mem_printf("%s.refused.csv", cli->args[0]);
	struct import import = {.loop = cli->loop, .conninfo = cli->conninfo, .config = cli->config, .path = cli->args[0], .map_path = map, .rejects = rejects,
		.progress = on_progress, .arg = &bar};
	int status = import_run(&import, &result, &error);
	cli_progress_end(&bar);
	if (status) {
		status = cli_fail(&error);
		if (result.rows)
			fprintf(stderr, "nurture: what was committed stays. Run the same command again: it goes on from there.\n");
	} else {
		status = print_result(cli, &result, rejects);
	}
	free(rejects);
	return status;
}

extern const struct cli_command cli_import;
const struct cli_command cli_import = {
	.name = "import", .arguments = "FILE.csv", .summary = "Imports leads from a CSV file, by a map.",
	.more = "Rows that cannot be taken are written with their line and reason to FILE.csv.refused.csv; the others come in.\n"
		"Killed anywhere and run again it goes on, and counts every row once. Consent is never touched by an import.",
	.options = {
		{"--map", NULL, "MAP", "a Lua file that says which column becomes which field"},
		{"--rejects", NULL, "FILE", "where refused rows go"},
	},
	.least = 1, .most = 1, .json = true, .run = run,
};
