/* nurture check: everything that can be known of a playbook before leads meet it. Needs no database and changes nothing. */
#include "cli/playbook.h"

static json_t *problems_json(const struct problems *problems)
{
	json_t *list = json_array();
	for (size_t i = 0; i < problems->count; i++) {
		const struct problem *p = &problems->items[i];
		json_array_append_new(list, json_pack("{s:s, s:s, s:i, s:s, s:s}", "kind", p->kind == PROBLEM_ERROR ? "error" : "note", "file",
						      p->at.file ? p->at.file : "", "line", p->at.line, "context", p->context ? p->context : "",
						      "message", p->message));
	}
	return list;
}

static void print_summary(const struct cli_playbook *p)
{
	size_t notes = p->problems.count - p->problems.errors;
	printf("%s: %zu file%s, %zu error%s, %zu note%s, %zu test%s passed", p->folder, p->files.count, p->files.count == 1 ? "" : "s",
	       p->problems.errors, p->problems.errors == 1 ? "" : "s", notes, notes == 1 ? "" : "s", p->stories.passed,
	       p->stories.passed == 1 ? "" : "s");
	if (p->stories.failed)
		printf(", %zu failed", p->stories.failed);
	printf(".\n");
}

static int run(struct cli *cli)
{
	struct cli_playbook p = {0};
	if (cli_option(cli, "--explain"))
		return cli_refuse("nurture check --explain is not built in this version.");
	if (cli_playbook_config(cli))
		return CLI_FAILED;
	int status = cli_playbook_read(cli, cli->arg_count ? cli->args[0] : NULL, &p);
	if (status == CLI_DONE) {
		cli_playbook_check(cli, &p);
		status = p.problems.errors ? CLI_FAILED : CLI_DONE;
		if (cli->json) {
			cli_print_json(json_pack("{s:s, s:i, s:i, s:i, s:i, s:o}", "folder", p.folder, "files", (int)p.files.count, "errors",
						 (int)p.problems.errors, "tests_passed", (int)p.stories.passed, "tests_failed",
						 (int)p.stories.failed, "problems", problems_json(&p.problems)));
		} else {
			cli_playbook_print_problems(&p, stdout);
			print_summary(&p);
		}
	}
	cli_playbook_free(&p);
	return status;
}

extern const struct cli_command cli_check;
const struct cli_command cli_check = {
	.name = "check", .arguments = "[DIR]", .summary = "Checks a playbook: syntax, names, templates, flow, and its own tests.",
	.more = "DIR is the playbook's folder (else the configuration's playbook). Exit status 1 when there are errors. Without a configuration\nit is checked as for a server that sends e-mail and nothing else.",
	.options = {{"--explain", NULL, "WHAT", "reads a campaign back in sentences (not built in this version)"}},
	.most = 1, .json = true, .run = run,
};
