/* nurture publish: checks a folder and makes it the active revision. What does not check changes nothing. */
#include "cli/playbook.h"

static int refuse(struct cli *cli, const struct cli_playbook *p)
{
	json_t *rows = cli_open(cli) ? NULL : cli_query(cli, "activation_now", NULL, 0);
	const char *revision = cli_text(json_array_get(rows, 0), "revision");
	char stays[80] = "Nothing was published before.";
	if (revision[0])
		snprintf(stays, sizeof stays, "Revision %.12s stays active.", revision);
	cli_refuse("not published: %zu error%s above.%s%s", p->problems.errors, p->problems.errors == 1 ? "" : "s", rows ? " " : "", rows ? stays : "");
	json_decref(rows);
	return CLI_FAILED;
}

static int run(struct cli *cli)
{
	struct cli_playbook p = {0};
	const char *message = cli_option(cli, "--message");
	if (cli_read_config(cli))
		return CLI_FAILED;
	int status = cli_playbook_read(cli, cli->arg_count ? cli->args[0] : NULL, &p);
	if (status == CLI_DONE) {
		cli_playbook_check(cli, &p);
		cli_playbook_print_problems(&p, stderr);
		if (!p.playbook)
			status = refuse(cli, &p);
		else
			status = cli_open(cli) ? CLI_FAILED : cli_playbook_publish(cli, &p, message ? message : "", cli_option(cli, "--hold") != NULL,
										   cli_option(cli, "--switch-on") != NULL);
	}
	cli_playbook_free(&p);
	return status;
}

extern const struct cli_command cli_publish;
const struct cli_command cli_publish = {
	.name = "publish", .arguments = "[DIR]", .summary = "Checks a playbook and makes it the active revision.",
	.more = "DIR is the playbook's folder (else the configuration's playbook). The running server goes by it within a second.",
	.options = {
		{"--message", "-m", "TEXT", "why: stands in the log of revisions"},
		{"--hold", NULL, NULL, "parks enrollments that stand on steps which are gone, instead of refusing"},
		{"--switch-on", NULL, NULL, "rules and steps that were switched off after deaths of workers are on again"},
	},
	.most = 1, .json = true, .run = run,
};
