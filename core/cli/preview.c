/* nurture preview: what publishing a folder would change, lead by lead, and nothing is changed. Ctrl-C at any time. */
#include "cli/preview.h"

#include "jobs/preview.h"

#include <unistd.h>

static bool on_progress(void *arg, int64_t leads, int64_t total)
{
	cli_progress_show(arg, leads, total);
	return false;
}

json_t *cli_preview(struct cli *cli, const struct cli_playbook *playbook)
{
	struct error error = {0};
	struct cli_progress bar = {.what = "leads compared:"};
	struct preview preview = {.loop = cli->loop, .store = cli->store, .config = cli->config, .files = &playbook->files,
		.switch_on = cli_option(cli, "--switch-on") != NULL, .progress = on_progress, .arg = &bar};
	json_t *result = preview_run(&preview, &error);
	cli_progress_end(&bar);
	if (!result)
		cli_fail(&error);
	return result;
}

/* Takes preview. Nobody can be asked. */
static int not_answered(struct cli *cli, json_t *preview, const char *what)
{
	cli_refuse("not %s: leads or accounts would move, or campaigns change that leads are in, and nobody can be asked here. Say --yes if that is meant (--dry-run shows it again).", what);
	if (cli->json)
		(void)cli_print_json(json_pack("{s:b, s:o}", "changed", 0, "preview", preview));
	else
		json_decref(preview);
	return CLI_FAILED;
}

/* Takes preview, which is printed already unless it is JSON. Exit status 1 when a publish would be refused. */
static int told(struct cli *cli, json_t *preview, bool strands)
{
	int status = CLI_DONE;
	if (strands)
		cli_refuse("%s", preview_strands(preview));
	if (cli->json)
		status = cli_print_json(preview);
	else
		json_decref(preview);
	return strands ? CLI_FAILED : status;
}

int cli_shown_publish(struct cli *cli, struct cli_playbook *p, const char *message, const char *what)
{
	json_t *preview = cli_preview(cli, p);
	if (!preview)
		return CLI_FAILED;
	const char *active = json_string_value(json_object_get(preview, "active"));
	bool asks = preview_asks(preview);
	if (!cli->json && active && (asks || cli_option(cli, "--dry-run")))
		cli_preview_print(preview);
	fflush(stdout);
	bool strands = preview_strands(preview) && !cli_option(cli, "--hold");
	if (cli_option(cli, "--dry-run"))
		return told(cli, preview, strands);
	if (strands) {
		cli_refuse("%s", preview_strands(preview));
		json_decref(preview);
		return CLI_FAILED;
	}
	if (asks && !cli_option(cli, "--yes") && !isatty(0))
		return not_answered(cli, preview, what);
	if (asks && cli_confirm(cli, "Make it the active revision?")) {
		json_decref(preview);
		return CLI_FAILED;
	}
	return cli_playbook_publish(cli, p, message, cli_option(cli, "--yes") ? NULL : active, preview);
}

static int show(struct cli *cli, const struct cli_playbook *playbook)
{
	json_t *result = cli_open(cli) ? NULL : cli_preview(cli, playbook);
	if (!result)
		return CLI_FAILED;
	if (!cli->json)
		cli_preview_print(result);
	fflush(stdout);
	return told(cli, result, preview_strands(result) != NULL);
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
		status = p.playbook ? show(cli, &p) : CLI_FAILED;
	}
	cli_playbook_free(&p);
	return status;
}

extern const struct cli_command cli_preview_command;
const struct cli_command cli_preview_command = {
	.name = "preview", .arguments = "[DIR]", .summary = "Shows how leads would move if a playbook were published. Changes nothing.",
	.more = "DIR is the playbook's folder (else the configuration's playbook). Every lead is scored by the active revision and by these files, at this\n"
		"moment: who moves from which grade to which, who enters and leaves segments, whose stage is set, where rules fail, with examples; and of\n"
		"campaigns that change, how many stand on which step, where they will stand, what they get next. Exit status 1: leads stand on steps that are gone.",
	.options = {{"--switch-on", NULL, NULL, "as if rules and steps that were switched off were on again"}},
	.most = 1, .json = true, .run = run,
};
