/* The active playbook's fields, for commands that name them. Called by export. */
#include "cli/fields.h"

#include "playbook/site.h"
#include "store/revision.h"

struct reading {
	struct cli_wait wait;
	struct playbook_current *current;
};

static void on_revision(void *arg, const struct store_revision *revision, const struct error *error)
{
	struct reading *reading = arg;
	if (!error && revision && revision->activation)
		playbook_current_offer(reading->current, revision->activation, &revision->files);
	cli_on_done(&reading->wait, error);
}

struct playbook_current *cli_playbook(struct cli *cli, struct arena *arena)
{
	struct reading reading = {.wait.cli = cli, .current = playbook_current_new(playbook_site_without_templates(cli->config, arena), "command")};
	store_revision_active(cli->store, on_revision, &reading);
	if (cli_wait(&reading.wait) == 0)
		return reading.current;
	playbook_current_free(reading.current);
	(void)cli_fail(&reading.wait.error);
	return NULL;
}
