/* nurture check: everything that can be known of a playbook before leads meet it. Needs no database and changes nothing. */
#include "cli/playbook.h"

#include <sys/stat.h>

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

static bool is_folder(const char *name)
{
	struct stat st;
	return stat(name, &st) == 0 && S_ISDIR(st.st_mode);
}

/* --explain campaign NAME [DIR], DIR --explain campaign NAME, or --explain "campaign NAME" [DIR]: of two, the second is the folder, unless the first alone is one. */
static int explain(struct cli *cli)
{
	struct str name = str_of(cli_option(cli, "--explain")), kind = str_cut(&name, ' ');
	struct cli_playbook p = {0};
	int words = cli->arg_count;
	bool before = !name.p && words == 2 && is_folder(cli->args[0]) && !is_folder(cli->args[1]);
	if (!str_is(kind, "campaign") || (!name.p && !words) || (name.p && words > 1)) {
		fprintf(stderr, "nurture check: --explain campaign NAME reads a campaign back.\n");
		return CLI_WRONG_USAGE;
	}
	const char *campaign = name.p ? name.p : cli->args[before ? 1 : 0], *folder = name.p ? cli->args[0] : cli->args[before ? 0 : 1];
	if (cli_playbook_config(cli) || (cli_has_database(cli) && cli_open(cli)))
		return CLI_FAILED;
	const char *dir = words > (name.p ? 0 : 1) ? folder : cli->config->playbook;
	int status = dir ? cli_playbook_load(cli, dir, &p) : cli_refuse("which folder? Name it (nurture check DIR --explain campaign %s).", campaign);
	if (status == CLI_DONE)
		status = cli_campaign_explain(cli, &p, campaign);
	if (p.arena)
		cli_playbook_free(&p);
	return status;
}

static int run(struct cli *cli)
{
	struct cli_playbook p = {0};
	if (cli_option(cli, "--explain"))
		return explain(cli);
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
	.options = {{"--explain", NULL, "campaign NAME", "reads a campaign back in plain sentences, with numbers when there is a database"}},
	.most = 2, .json = true, .run = run,
};
