/* nurture audit list|verify: who did what, and whether the record of it is whole. */
#include "cli/command.h"

#include "report/report.h"

static const struct report_column columns[] = {
	{"id", "entry", REPORT_COUNT}, {"at", "when", REPORT_MOMENT},   {"actor", "who", REPORT_TEXT},
	{"act", "did", REPORT_TEXT},   {"object", "to", REPORT_TEXT},   {"fields", "fields", REPORT_TEXT}, {0},
};

static int run_list(struct cli *cli)
{
	return cli_open(cli) ? CLI_FAILED : cli_print_rows(cli, columns, cli_query(cli, "audit", NULL, 0));
}

static int run_verify(struct cli *cli)
{
	json_t *rows = cli_open(cli) ? NULL : cli_query(cli, "audit_verify", NULL, 0);
	const json_t *row = json_array_get(rows, 0);
	if (!row)
		return CLI_FAILED;
	long long count = json_integer_value(json_object_get(row, "rows")), broken = json_integer_value(json_object_get(row, "broken"));
	if (cli->json) {
		json_t *answer = json_incref(json_array_get(rows, 0));
		json_decref(rows);
		return cli_print_json(answer) || broken ? CLI_FAILED : CLI_DONE;
	}
	if (broken)
		cli_refuse("the audit is broken at entry %lld of %lld: it, or one before it, was changed, taken out or put in later.", broken, count);
	else
		printf("%lld entries, each follows from the one before. Newest: %s\n", count, count ? cli_text(row, "newest") : "none");
	json_decref(rows);
	return broken ? CLI_FAILED : CLI_DONE;
}

extern const struct cli_command cli_audit_list, cli_audit_verify;
const struct cli_command cli_audit_list = {
	.name = "audit list", .arguments = "", .summary = "Who did what: tokens, people, publishing, touches; newest first.", .json = true, .run = run_list,
};
const struct cli_command cli_audit_verify = {
	.name = "audit verify", .arguments = "", .summary = "Computes the chain of the audit again; 1 when it is broken.",
	.more = "Note the newest hash somewhere else now and then: who may change everything in the database could write a whole new chain.",
	.json = true, .run = run_verify,
};
