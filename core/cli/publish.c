/* nurture publish: checks a folder, shows how leads would move, asks, and makes it the active revision. What does not check, or is not answered
 * with yes, changes nothing. The answer is to what was shown: when another revision became active meanwhile, nothing is published. */
#include "cli/preview.h"

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

static int show_and_publish(struct cli *cli, struct cli_playbook *p)
{
	const char *message = cli_option(cli, "--message");
	return cli_open(cli) ? CLI_FAILED : cli_shown_publish(cli, p, message ? message : "", "published");
}

static int run(struct cli *cli)
{
	struct cli_playbook p = {0};
	if (cli_read_config(cli))
		return CLI_FAILED;
	int status = cli_playbook_read(cli, cli->arg_count ? cli->args[0] : NULL, &p);
	if (status == CLI_DONE) {
		cli_playbook_check(cli, &p);
		cli_playbook_print_problems(&p, stderr);
		status = p.playbook ? show_and_publish(cli, &p) : refuse(cli, &p);
	}
	cli_playbook_free(&p);
	return status;
}

extern const struct cli_command cli_publish;
const struct cli_command cli_publish = {
	.name = "publish", .arguments = "[DIR]", .summary = "Checks a playbook and makes it the active revision.",
	.more = "DIR is the playbook's folder (else the configuration's playbook). The running server goes by it within a second.\n"
		"When leads would move (grades, bands, segments, stages, scores), or are inside a campaign that changes, it shows how and asks; the first publish, and\n"
		"one that concerns nobody, asks nothing. Refused when leads stand on steps that are gone.",
	.options = {
		{"--message", "-m", "TEXT", "why: stands in the log of revisions"},
		{"--yes", NULL, NULL, "publishes without asking, whatever would change"},
		{"--dry-run", NULL, NULL, "shows what would change, and publishes nothing"},
		{"--hold", NULL, NULL, "parks enrollments that stand on steps which are gone, instead of refusing"},
		{"--switch-on", NULL, NULL, "rules and steps that were switched off after deaths of workers are on again"},
	},
	.most = 1, .json = true, .run = run,
};
