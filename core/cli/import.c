/* nurture import: leads from a CSV file, by a map; or a list of those who must not be contacted. */
#include "cli/command.h"

#include "base/mem.h"
#include "jobs/import.h"
#include "report/report.h"

#include <stdlib.h>
#include <string.h>

static void on_progress(void *arg, int64_t bytes, int64_t total)
{
	cli_progress_show(arg, bytes, total);
}

static void print_how_read(const struct import_result *r)
{
	const char separator[] = {r->separator, '\0'};
	if (strcmp(r->encoding, "utf-8") != 0 || r->separator != ',')
		printf("Read as %s, with %s between the columns.\n", r->encoding, r->separator == '\t' ? "tabs" : separator);
	if (r->doubt)
		printf("%s\n", r->doubt);
}

static void print_leads(const struct import_result *r)
{
	printf("%lld rows read, %lld new leads", (long long)r->rows, (long long)r->created);
	if (r->known)
		printf(", %lld about leads that were there", (long long)r->known);
}

static void print_list(const struct import_result *r)
{
	printf("%lld rows read, %lld put on the list", (long long)r->rows, (long long)r->created);
	if (r->known)
		printf(", %lld were on it", (long long)r->known);
	if (r->stopped)
		printf(", %lld planned contacts stopped", (long long)r->stopped);
}

static void print_trial(const struct import_result *r)
{
	const char *field;
	json_t *count;
	printf("A trial: nothing was written. %lld rows: %lld new leads, %lld updates, %lld that change nothing", (long long)r->rows, (long long)r->created,
	       (long long)(r->known - r->same), (long long)r->same);
	if (r->doubles)
		printf("; %lld rows name a lead that an earlier row names", (long long)r->doubles);
	if (r->clashes)
		printf("; %lld rows have the address of one lead and the external id of another", (long long)r->clashes);
	json_object_foreach(r->changes, field, count)
		printf("; %s changes in %lld leads", field, (long long)json_integer_value(count));
}

static void print(const struct import *import, const struct import_result *r)
{
	if (r->done_before) {
		printf("This file was imported already with this map (job %lld): nothing to do.\n", (long long)r->job);
		return;
	}
	if (r->resumed)
		printf("Went on behind row %lld, where an earlier run ended.\n", (long long)r->resumed);
	(import->trial ? print_trial : import->suppress ? print_list : print_leads)(r);
	printf(", %lld refused%s.\n", (long long)r->rejected, r->cancelled ? "; cancelled" : "");
	print_how_read(r);
	if (r->rejected)
		printf("Refused rows with their reasons are in %s (%s).\n", import->rejects, r->first_reason[0] ? r->first_reason : "see there");
}

static int print_result(struct cli *cli, const struct import *import, const struct import_result *r)
{
	const char separator[] = {r->separator, '\0'};
	if (!cli->json) {
		print(import, r);
		return CLI_DONE;
	}
	json_t *trial = import->trial ? json_pack("{s:I, s:I, s:I, s:I, s:O}", "doubles", (json_int_t)r->doubles, "clashes", (json_int_t)r->clashes, "updated", (json_int_t)(r->known - r->same), "same", (json_int_t)r->same, "changes", r->changes) : NULL;
	return cli_print_json(json_pack("{s:o*, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:b, s:b, s:s, s:s*, s:s, s:o}", "trial", trial, "job", (json_int_t)r->job, "rows", (json_int_t)r->rows,
					"resumed_behind", (json_int_t)r->resumed, "created", (json_int_t)r->created, "known", (json_int_t)r->known, "rejected",
					(json_int_t)r->rejected, "stopped", (json_int_t)r->stopped, "cancelled", r->cancelled, "done_before", r->done_before, "encoding",
					r->encoding, "doubt", r->doubt, "separator", separator, "rejects", r->rejected ? json_string(import->rejects) : json_null()));
}

static int bring(struct cli *cli, const struct import *wanted)
{
	struct error error = {0};
	struct import_result result;
	struct cli_progress bar = {.what = "import"};
	const char *given = cli_option(cli, "--rejects");
	char *rejects = given ? mem_dup(given) : mem_printf("%s.%srefused.csv", wanted->path, wanted->trial ? "trial-" : "");
	char *path = realpath(wanted->path, NULL), *map = wanted->map_path ? realpath(wanted->map_path, NULL) : NULL; /* --resume may stand elsewhere */
	struct import import = *wanted;
	import.path = path ? path : wanted->path;
	import.map_path = map ? map : wanted->map_path;
	import.loop = cli->loop, import.conninfo = cli->conninfo, import.config = cli->config;
	import.rejects = rejects;
	import.progress = on_progress, import.arg = &bar;
	int status = import_run(&import, &result, &error);
	cli_progress_end(&bar);
	if (status) {
		status = cli_fail(&error);
		if (result.rows)
			fprintf(stderr, "nurture: what was committed stays. Run the same command again: it goes on from there.\n");
	} else {
		status = print_result(cli, &import, &result);
	}
	json_decref(result.changes);
	free(rejects);
	free(path);
	free(map);
	return status;
}

/* ---- which ---- */

static const struct report_column columns[] = {
	{"import", "import", REPORT_COUNT}, {"state", "state", REPORT_TEXT},       {"rows", "rows", REPORT_COUNT},          {"created", "new", REPORT_COUNT},
	{"known", "known", REPORT_COUNT},   {"rejected", "refused", REPORT_COUNT}, {"created_at", "begun", REPORT_MOMENT}, {"error", "error", REPORT_TEXT}, {0},
};

static int list(struct cli *cli)
{
	const char *const params[] = {NULL, NULL};
	return cli_open(cli) ? CLI_FAILED : cli_print_rows(cli, columns, cli_query(cli, "imports_page", params, 2));
}

/* With the file and the map that its job names. */
static int resume(struct cli *cli, const char *number)
{
	const char *const params[] = {number};
	int64_t id;
	if (cli_number("an import's number (nurture import --list)", number, 1, INT64_MAX, &id))
		return CLI_WRONG_USAGE;
	if (cli_open(cli))
		return CLI_FAILED;
	json_t *rows = cli_query(cli, "job_get", params, 1);
	const json_t *job = json_array_get(rows, 0), *arguments = json_object_get(job, "arguments");
	const char *file = json_string_value(json_object_get(arguments, "file"));
	int status = CLI_FAILED;
	if (rows && (!job || strcmp(cli_text(job, "kind"), "import") != 0))
		cli_refuse("there is no import %s (nurture import --list).", number);
	else if (rows && !file)
		cli_refuse("import %s came over HTTP: the server goes on with it by itself.", number);
	else if (rows)
		status = bring(cli, &(struct import){.path = file, .map_path = json_string_value(json_object_get(arguments, "map")),
						     .suppress = json_string_value(json_object_get(arguments, "suppress")),
						     .column = json_string_value(json_object_get(arguments, "column")),
						     .country = json_string_value(json_object_get(arguments, "country"))});
	json_decref(rows);
	return status;
}

static int wrong(const char *why)
{
	fprintf(stderr, "nurture import: %s\n", why);
	return CLI_WRONG_USAGE;
}

static int run(struct cli *cli)
{
	struct import import = {.path = cli->args[0], .map_path = cli_option(cli, "--map"), .suppress = cli_option(cli, "--suppress"), .column = cli_option(cli, "--column"),
				.country = cli_option(cli, "--country"), .trial = cli_option(cli, "--dry-run")};
	const char *again = cli_option(cli, "--resume");
	bool all = cli_option(cli, "--list");
	if ((import.path != NULL) + (again != NULL) + all != 1)
		return wrong("give a FILE, or --resume IMPORT, or --list.");
	if (all)
		return list(cli);
	if (again)
		return resume(cli, again);
	if (!import.map_path && !import.suppress)
		return wrong("--map MAP is missing: it says which column becomes which field.");
	if (import.map_path && import.suppress)
		return wrong("a list (--suppress) has no map; --column names its column.");
	if (import.country && (!import.suppress || strcmp(import.suppress, "phone") != 0))
		return wrong("--country goes with --suppress phone. Of leads the map says it: country = { default = \"DE\" }, under fields.");
	return cli_open(cli) ? CLI_FAILED : bring(cli, &import);
}

extern const struct cli_command cli_import;
const struct cli_command cli_import = {
	.name = "import", .arguments = "FILE.csv | --resume IMPORT | --list", .summary = "Imports leads from a CSV file, by a map; or a list of whom not to contact.",
	.more = "Rows that cannot be taken are written with their line, reason and cells to FILE.csv.refused.csv; the others come in. That file, mended, is\n"
		"imported by the same map: an open quote or a NUL stands in its cell as it was read. Killed anywhere and run again an import goes on, and\n"
		"counts every row once. Nobody who has unsubscribed comes back by an import, whatever the file says.\n"
		"A map is a Lua file: return { email = \"{E-mail}\", fields = { first_name = \"First name\", country = \"Country\" } }. Who a row is (email, external_id,\n"
		"phone) is written with its columns in braces; each field stands in fields with the name of its column. A row with an address that nobody has and an\n"
		"external id that is known is that lead with a new address (policy \"fill\": where it has none; \"keep\": a name only). Encoding and separator are told from\n"
		"the file, if the map does not name them. All that a map can say stands in etc/import-maps.md (installed: share/doc/nurture/IMPORT-MAPS.md).",
	.options = {
		{"--map", NULL, "MAP", "a Lua file that says which column becomes which field"},
		{"--suppress", NULL, "KIND", "the file lists whom not to contact: email, domain (with its subdomains), phone, address, competitor"},
		{"--column", NULL, "NAME", "with --suppress: the column that has it (else the one of that name, or the only one)"},
		{"--country", NULL, "COUNTRY", "with --suppress phone: of numbers without country code (else their rows' column country, or the playbook's)"},
		{"--rejects", NULL, "FILE", "where refused rows go"},
		{"--dry-run", NULL, NULL, "tells what it would do: new leads, updates by field, refused rows (in FILE.csv.trial-refused.csv)"},
		{"--resume", NULL, "IMPORT", "goes on with one that was interrupted"},
		{"--list", NULL, NULL, "lists imports"},
	},
	.most = 1, .json = true, .run = run,
};
