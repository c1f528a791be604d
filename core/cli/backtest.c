/* nurture backtest: was the score right? Replays history and measures the score by what really happened. */
#include "cli/playbook.h"

#include "jobs/backtest.h"
#include "report/backtest.h"

#include "playbook/current.h"
#include "cli/fields.h"

#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <unistd.h>

enum { WIDTH = 100 };

struct asked {
	struct cli *cli;
	struct cli_playbook folder;
	struct arena *arena;
	struct playbook_current *current;
	struct cli_progress bar;
	struct dataset dataset, rival;
	bool compares;
};

static bool on_progress(void *arg, int64_t done, int64_t total)
{
	struct asked *asked = arg;
	cli_progress_show(&asked->bar, done, total);
	return true;
}

static int take_moment(struct cli *cli, const char *option, moment_t *out)
{
	struct error error = {0};
	const char *given = cli_option(cli, option);
	if (!given || moment_parse(str_of(given), out, &error) == 0)
		return CLI_DONE;
	fprintf(stderr, "nurture backtest: %s: %s\n", option, error.message);
	return CLI_WRONG_USAGE;
}

/* The only model there is needs no name. */
static const char *choose_model(struct cli *cli, const struct playbook *playbook)
{
	const char *model = cli_option(cli, "--model");
	if (model)
		return model;
	if (playbook->model_count == 1)
		return playbook->models[0].name;
	fprintf(stderr, "nurture backtest: which model? Say --model NAME:");
	for (size_t i = 0; i < playbook->model_count; i++)
		fprintf(stderr, "%s %s", i ? "," : "", playbook->models[i].name);
	fprintf(stderr, "%s\n", playbook->model_count ? "" : " the playbook has none");
	return NULL;
}

/* The folder when there is one, and the active playbook to compare it with, or alone. */
static int load(struct asked *asked)
{
	struct cli *cli = asked->cli;
	asked->arena = arena_new();
	asked->current = cli_playbook(cli, asked->arena);
	if (!asked->current)
		return CLI_FAILED;
	if (!cli->arg_count)
		return playbook_current_get(asked->current) ? CLI_DONE : cli_refuse("no playbook is published yet. Run: nurture publish DIR");
	if (cli_playbook_read(cli, cli->args[0], &asked->folder))
		return CLI_FAILED;
	cli_playbook_check(cli, &asked->folder);
	if (asked->folder.playbook)
		return CLI_DONE;
	cli_playbook_print_problems(&asked->folder, stderr);
	return cli_refuse("%s has errors: nothing was replayed.", cli->args[0]);
}

static bool is_utf8(void)
{
	setlocale(LC_CTYPE, "");
	return isatty(1) && strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

static int print(struct asked *asked)
{
	struct cli *cli = asked->cli;
	struct buf text = {0};
	json_t *result = backtest_json(&asked->dataset, asked->compares ? &asked->rival : NULL);
	if (cli->json)
		return cli_print_json(result);
	backtest_text(result, is_utf8(), WIDTH, &text);
	fwrite(text.p, 1, text.n, stdout);
	buf_fini(&text);
	json_decref(result);
	return CLI_DONE;
}

static int replay(struct asked *asked, struct backtest_run *run)
{
	struct error error = {0};
	const char *scores = cli_option(asked->cli, "--scores");
	int status = backtest_run(run, &asked->dataset, &asked->rival, &error);
	cli_progress_end(&asked->bar);
	if (status == 0 && scores)
		status = dataset_write_csv(&asked->dataset, scores, &error);
	return status ? cli_fail(&error) : print(asked);
}

static int prepare(struct asked *asked, struct backtest_run *run)
{
	struct cli *cli = asked->cli;
	struct playbook *active = playbook_current_get(asked->current), *folder = asked->folder.playbook;
	run->playbook = folder ? folder : active;
	run->ask.model = choose_model(cli, run->playbook);
	if (!run->ask.model)
		return CLI_WRONG_USAGE;
	if (folder && active && playbook_model(active, str_of(run->ask.model)) >= 0)
		run->rival = active;
	asked->compares = run->rival != NULL;
	run->ask.outcome = cli_option(cli, "--outcome");
	run->ask.against = cli_option(cli, "--against");
	run->ask.as_imported = cli_option(cli, "--as-imported") != NULL;
	return cli_now(cli, &run->now) ? CLI_FAILED : replay(asked, run);
}

static int run(struct cli *cli)
{
	struct asked asked = {.cli = cli, .bar = {.what = "leads replayed:"}};
	struct backtest_run run = {.ask = {.from = INT64_MIN, .to = INT64_MAX}, .progress = on_progress, .arg = &asked};
	int status = take_moment(cli, "--from", &run.ask.from);
	if (status == CLI_DONE)
		status = take_moment(cli, "--to", &run.ask.to);
	if (status != CLI_DONE)
		return status;
	if (cli_open(cli))
		return CLI_FAILED;
	run.loop = cli->loop;
	run.store = cli->store;
	status = load(&asked);
	if (status == CLI_DONE)
		status = prepare(&asked, &run);
	dataset_fini(&asked.dataset);
	dataset_fini(&asked.rival);
	if (asked.folder.arena)
		cli_playbook_free(&asked.folder);
	playbook_current_free(asked.current);
	arena_free(asked.arena);
	return status;
}

extern const struct cli_command cli_backtest;
const struct cli_command cli_backtest = {
	.name = "backtest", .arguments = "[DIR]", .summary = "Replays history: scores each lead as it stood before its outcome, and measures the score by it.",
	.more = "By the active playbook, or by the one in DIR, beside the active one: did the change help? Leads with the outcome are scored just before their first one, as they\n"
		"were known then; those without just before what speaks against it (--against), else at the end of the time. Events count by their own date, also when they\n"
		"came in later; what the company was is not kept, so rules that look at it see today's, and say so. Moments are like 2027-03-18 or 2027-03-18T15:00:00Z.",
	.options = {{"--model", NULL, "NAME", "which model; need not be said when there is one"},
		    {"--outcome", NULL, "VERB", "the event that a good score should foretell (else opportunity.won)"},
		    {"--against", NULL, "VERB", "the event that says it will not come (else opportunity.lost)"},
		    {"--from", NULL, "MOMENT", "outcomes since then (else all)"},
		    {"--to", NULL, "MOMENT", "outcomes before then (else until now)"},
		    {"--as-imported", NULL, NULL, "judge leads that were imported after their outcome, too, by the first that was heard of them"},
		    {"--scores", NULL, "FILE.csv", "also writes lead, moment, outcome, score, grade and each rule's points, a row a lead"}},
	.most = 1, .json = true, .run = run,
};
