/* From the arguments of a command to a dataset. */
#include "cli/replay.h"

#include <stdio.h>

static bool on_progress(void *arg, int64_t done, int64_t total)
{
	struct cli_replay *replay = arg;
	cli_progress_show(&replay->bar, done, total);
	return true;
}

static int take_moment(struct cli *cli, const char *option, moment_t *out)
{
	struct error error = {0};
	const char *given = cli_option(cli, option);
	if (!given || moment_parse(str_of(given), out, &error) == 0)
		return CLI_DONE;
	fprintf(stderr, "nurture %s: %s: %s\n", cli->command->name, option, error.message);
	return CLI_WRONG_USAGE;
}

static int load(struct cli_replay *replay)
{
	struct cli *cli = replay->cli;
	int status = cli->arg_count ? cli_playbook_read(cli, cli->args[0], &replay->playbook) : cli_playbook_read_active(cli, &replay->playbook);
	if (status != CLI_DONE)
		return status;
	cli_playbook_check(cli, &replay->playbook);
	if (replay->playbook.playbook)
		return CLI_DONE;
	cli_playbook_print_problems(&replay->playbook, stderr);
	return cli_refuse("%s has errors: nothing was replayed.", replay->playbook.folder);
}

/* The only model there is needs no name. */
static const char *choose_model(struct cli *cli, const struct playbook *playbook)
{
	const char *model = cli_option(cli, "--model");
	if (model)
		return model;
	const char *names[2] = {NULL};
	char all[512] = "";
	for (size_t i = 0, n = 0; i < playbook->model_count; i++) {
		const char *name = playbook->models[i].name;
		if (playbook->models[i].of_account)
			continue;
		names[n++ ? 1 : 0] = name;
		if (strlen(all) + strlen(name) + 3 < sizeof all)
			strcat(strcat(all, n > 1 ? ", " : " "), name);
	}
	if (names[0] && !names[1])
		return names[0];
	fprintf(stderr, "nurture %s: which model? Say --model NAME:%s\n", cli->command->name, all[0] ? all : " the playbook has none");
	return NULL;
}

/* ---- for the commands ---- */

int cli_replay_open(struct cli *cli, struct cli_replay *replay)
{
	*replay = (struct cli_replay){.cli = cli, .bar = {.what = "leads replayed:"}};
	struct backtest_run *run = &replay->run;
	*run = (struct backtest_run){.ask = {.from = INT64_MIN, .to = INT64_MAX}, .progress = on_progress, .arg = replay};
	int status = take_moment(cli, "--from", &run->ask.from);
	if (status == CLI_DONE)
		status = take_moment(cli, "--to", &run->ask.to);
	run->ask.all_at_once = cli_option(cli, "--at") != NULL;
	if (run->ask.all_at_once && (cli_option(cli, "--from") || cli_option(cli, "--as-imported"))) {
		fprintf(stderr, "nurture %s: --at is in place of --from, and judges only who was known then (no --as-imported).\n", cli->command->name);
		return CLI_WRONG_USAGE;
	}
	if (status == CLI_DONE)
		status = take_moment(cli, "--at", &run->ask.from);
	if (status == CLI_DONE)
		status = cli_open(cli);
	if (status == CLI_DONE)
		status = load(replay);
	if (status != CLI_DONE)
		return status;
	run->loop = cli->loop;
	run->store = cli->store;
	run->playbook = replay->playbook.playbook;
	run->ask.model = choose_model(cli, run->playbook);
	run->ask.outcome = cli_option(cli, "--outcome");
	run->ask.against = cli_option(cli, "--against");
	run->ask.as_imported = cli_option(cli, "--as-imported") != NULL;
	return !run->ask.model ? CLI_WRONG_USAGE : cli_now(cli, &run->now) ? CLI_FAILED : CLI_DONE;
}

int cli_replay_run(struct cli_replay *replay, struct dataset *rival)
{
	struct error error = {0};
	int failed = backtest_run(&replay->run, &replay->dataset, rival, &error);
	cli_progress_end(&replay->bar);
	return failed ? cli_fail(&error) : CLI_DONE;
}

void cli_replay_close(struct cli_replay *replay)
{
	dataset_fini(&replay->dataset);
	if (replay->playbook.arena)
		cli_playbook_free(&replay->playbook);
}
