/* The facts of one lead, as its turn would load them: for commands that walk it or show it something, and write nothing. */
#include "cli/playbook.h"

#include "store/batch.h"

struct asked {
	struct cli_wait wait;
	struct batch *batch;
};

static void on_facts(void *arg, struct batch *batch, const struct error *error)
{
	struct asked *asked = arg;
	asked->batch = batch;
	cli_on_done(&asked->wait, error);
}

int cli_lead_facts(struct cli *cli, const struct playbook *playbook, const char *text, moment_t now, struct batch **batch)
{
	struct asked asked = {.wait = {.cli = cli}};
	int64_t lead_id = text ? cli_find_lead(cli, text) : 0;
	if (text && !lead_id)
		return CLI_FAILED;
	store_lead_facts(cli->store, &playbook->schema, lead_id, now, playbook_longest_cap(playbook), on_facts, &asked);
	int failed = cli_wait(&asked.wait);
	*batch = asked.batch;
	if (failed)
		return cli_fail(&asked.wait.error);
	return text && !asked.batch->count ? cli_refuse("there is no lead %lld.", (long long)lead_id) : CLI_DONE;
}
