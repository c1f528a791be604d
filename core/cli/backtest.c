/* nurture backtest: was the score right? Replays history and measures the score by what really happened. */
#include "cli/replay.h"

#include "cli/fields.h"
#include "playbook/current.h"
#include "report/backtest.h"
#include "report/backtest_html.h"

#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <unistd.h>

enum { WIDTH = 100 };

struct rival {
	struct arena *arena;
	struct playbook_current *current;
	struct dataset dataset;
};

static bool is_utf8(void)
{
	setlocale(LC_CTYPE, "");
	return isatty(1) && strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

static int write_page(const char *path, const json_t *result)
{
	struct buf page = {0};
	backtest_html(result, &page);
	int status = cli_write_file(path, buf_str(&page));
	buf_fini(&page);
	return status;
}

static int print(struct cli_replay *replay, const struct rival *rival)
{
	struct cli *cli = replay->cli;
	struct buf text = {0};
	json_t *result = backtest_json(&replay->dataset, replay->run.rival ? &rival->dataset : NULL);
	const char *page = cli_option(cli, "--html");
	if (page && write_page(page, result)) {
		json_decref(result);
		return CLI_FAILED;
	}
	if (cli->json)
		return cli_print_json(result);
	backtest_text(result, is_utf8(), WIDTH, &text);
	fwrite(text.p, 1, text.n, stdout);
	buf_fini(&text);
	json_decref(result);
	return CLI_DONE;
}

static int measure(struct cli_replay *replay, struct rival *rival)
{
	struct error error = {0};
	const char *scores = cli_option(replay->cli, "--scores");
	int status = cli_replay_run(replay, &rival->dataset);
	if (status == CLI_DONE && scores && dataset_write_csv(&replay->dataset, scores, &error))
		status = cli_fail(&error);
	return status == CLI_DONE ? print(replay, rival) : status;
}

/* Beside a folder's playbook the active one, when it has a model of that name. */
static int find_rival(struct cli_replay *replay, struct rival *rival)
{
	if (!replay->cli->arg_count)
		return CLI_DONE;
	rival->arena = arena_new();
	rival->current = cli_playbook(replay->cli, rival->arena);
	if (!rival->current)
		return CLI_FAILED;
	struct playbook *active = playbook_current_get(rival->current);
	if (active && playbook_model(active, str_of(replay->run.ask.model)) >= 0)
		replay->run.rival = active;
	return CLI_DONE;
}

static int run(struct cli *cli)
{
	struct cli_replay replay;
	struct rival rival = {0};
	int status = cli_replay_open(cli, &replay);
	if (status == CLI_DONE)
		status = find_rival(&replay, &rival);
	if (status == CLI_DONE)
		status = measure(&replay, &rival);
	dataset_fini(&rival.dataset);
	playbook_current_free(rival.current);
	arena_free(rival.arena);
	cli_replay_close(&replay);
	return status;
}

extern const struct cli_command cli_backtest;
const struct cli_command cli_backtest = {
	.name = "backtest", .arguments = "[DIR]", .summary = "Replays history: scores each lead as it stood before its outcome, and measures the score by it.",
	.more = "By the active playbook, or by the one in DIR, beside the active one: did the change help? Leads with the outcome are scored just before their first one, as they\n"
		"were known then; those without just before what speaks against it (--against), else at the end of the time. Events count by their own date, also when they\n"
		"came in later; buyers are so seen at the age of buying and the others at the end: --at MOMENT scores all as of one moment instead, which is fairer to rules of\n"
		"time (within, fades, none) and asks what the score is used for: who will buy from now on? It needs outcomes enough after that moment. What the company was is not kept, so rules that look at it see today's, and say so. Moments are like 2027-03-18 or 2027-03-18T15:00:00Z.",
	.options = {CLI_REPLAY_OPTIONS,
		    {"--scores", NULL, "FILE.csv", "also writes lead, moment, outcome, score, grade and each rule's points, a row a lead"},
		    {"--html", NULL, "FILE", "writes a page with charts, that needs nothing else: to be read on a telephone, mailed, printed"}},
	.most = 1, .json = true, .run = run,
};
