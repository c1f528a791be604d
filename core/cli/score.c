/* nurture score: a lead's scores as stored, or, with --explain, worked out anew from freshly loaded facts by the same code
 * as in production, rule by rule. */
#include "cli/command.h"

#include "playbook/current.h"
#include "playbook/site.h"
#include "report/report.h"
#include "store/batch.h"
#include "store/revision.h"
#include "turn/turn.h"

static const struct report_column columns[] = {
	{"name", "model or grades", REPORT_TEXT}, {"points", "points", REPORT_COUNT}, {"grade", "grade", REPORT_TEXT},
	{"band", "band", REPORT_TEXT},            {"since", "since", REPORT_MOMENT},  {0},
};

struct explaining {
	struct cli_wait wait;
	struct playbook_current *current;
	struct arena *arena;
	struct batch *batch;
};

static void on_revision(void *arg, const struct store_revision *revision, const struct error *error)
{
	struct explaining *e = arg;
	if (!error && revision && revision->activation)
		playbook_current_offer(e->current, revision->activation, &revision->files);
	cli_on_done(&e->wait, error);
}

static void on_facts(void *arg, struct batch *batch, const struct error *error)
{
	struct explaining *e = arg;
	e->batch = batch;
	cli_on_done(&e->wait, error);
}

static int load(struct cli *cli, struct explaining *e, int64_t lead_id, moment_t now)
{
	store_revision_active(cli->store, on_revision, e);
	if (cli_wait(&e->wait))
		return cli_fail(&e->wait.error);
	if (!playbook_current_get(e->current))
		return cli_refuse("no playbook is published yet. Run: nurture publish DIR");
	e->wait = (struct cli_wait){.cli = cli};
	store_lead_facts(cli->store, playbook_current_schema(e->current), lead_id, now, 90 * MOMENT_DAY, on_facts, e);
	if (cli_wait(&e->wait))
		return cli_fail(&e->wait.error);
	if (e->batch->count == 0)
		return cli_refuse("there is no lead %lld.", (long long)lead_id);
	return CLI_DONE;
}

static void print_line(const struct receipt_line *line)
{
	char when[MOMENT_TEXT];
	printf("  %6d  %s", line->points, line->rule);
	if (line->because.n) {
		printf(": ");
		cli_print_text(stdout, line->because);
	}
	printf("  (%s:%d)", line->at.file, line->at.line);
	if (line->changes_at != MOMENT_NEVER)
		printf("  changes %s", moment_format(line->changes_at, when));
	printf("\n");
}

static void print_receipt(const struct playbook *playbook, const struct receipt *receipt)
{
	int model = playbook_model(playbook, str_of(receipt->model));
	const char *title = model < 0 ? NULL : playbook->models[model].title;
	char score[16];
	snprintf(score, sizeof score, "%d", receipt->score);
	printf("\n%s = %s%s%s\n", receipt->model, receipt->unscored ? "none" : score, title ? "  " : "", title ? title : "");
	for (size_t i = 0; i < receipt->count; i++)
		print_line(&receipt->lines[i]);
	if (receipt->unscored)
		printf("          while a rule fails there is no score: there was none before\n");
	else if (receipt->failed)
		printf("  %6d  from before: while a rule fails, the score stays\n", receipt->bounded);
	else if (receipt->bounded)
		printf("  %6d  cut off by the model's from and to\n", receipt->bounded);
}

static void print_grade(const struct score *score)
{
	printf("grades %.*s:", STR_ARG(score->name));
	if (score->grade.n)
		printf(" %.*s", STR_ARG(score->grade));
	if (score->band.n)
		printf("%s band %.*s", score->grade.n ? "," : "", STR_ARG(score->band));
	printf("\n");
}

static void print_ahead(const struct turn_facts *facts)
{
	char when[MOMENT_TEXT];
	size_t n = turn_ahead(facts);
	if (n)
		printf("\n%zu event%s in the future and count%s from then on: the first at %s. Is the clock of who sent %s right?\n", n, n == 1 ? " lies" : "s lie",
		       n == 1 ? "s" : "", moment_format(facts->history.events[facts->history.count - n].at, when), n == 1 ? "it" : "them");
}

static int print(struct cli *cli, struct explaining *e, struct turn_facts *facts)
{
	struct error error = {0};
	struct receipt *receipts = NULL;
	size_t count = 0;
	struct playbook *playbook = playbook_current_get(e->current);
	if (cli->json) {
		json_t *json = turn_explain_json(playbook, facts, e->arena, &error);
		return json ? cli_print_json(json) : cli_fail(&error);
	}
	if (turn_explain(playbook, facts, e->arena, &receipts, &count, &error))
		return cli_fail(&error);
	printf("lead %lld: stage %s", (long long)facts->lead.id, stage_name(facts->lead.stage));
	for (size_t i = 0; i < facts->lead.segment_count; i++)
		printf("%s%.*s", i ? ", " : "; segments ", STR_ARG(facts->lead.segments[i]));
	printf("\n");
	for (size_t i = 0; i < facts->score_count; i++)
		if (facts->scores[i].is_grade)
			print_grade(&facts->scores[i]);
	for (size_t i = 0; i < count; i++)
		print_receipt(playbook, &receipts[i]);
	print_ahead(facts);
	return CLI_DONE;
}

static int explain(struct cli *cli, int64_t lead_id)
{
	struct error error = {0};
	moment_t now;
	struct turn_facts facts;
	struct explaining e = {.wait.cli = cli, .arena = arena_new()};
	e.current = playbook_current_new(playbook_site_without_templates(cli->config, e.arena), "command");
	int status = cli_now(cli, &now) ? CLI_FAILED : load(cli, &e, lead_id, now);
	if (status == CLI_DONE && turn_facts_read(&facts, &e.batch->leads[0].facts, now, e.arena, &error))
		status = cli_fail(&error);
	if (status == CLI_DONE)
		status = print(cli, &e, &facts);
	store_batch_free(e.batch);
	playbook_current_free(e.current);
	arena_free(e.arena);
	return status;
}

static const struct report_column changes[] = {
	{"at", "at", REPORT_MOMENT},           {"name", "model or grades", REPORT_TEXT}, {"old_points", "points", REPORT_COUNT}, {"new_points", "→", REPORT_COUNT},
	{"old_grade", "grade", REPORT_TEXT},   {"new_grade", "→", REPORT_TEXT},          {"old_band", "band", REPORT_TEXT},      {"new_band", "→", REPORT_TEXT},
	{"cause", "because of", REPORT_TEXT}, {"revision", "revision", REPORT_TEXT},    {0},
};

static int show_history(struct cli *cli, int64_t lead_id)
{
	char text[24];
	const char *const params[] = {text, NULL, "1000"};
	snprintf(text, sizeof text, "%lld", (long long)lead_id);
	int status = cli_print_rows(cli, changes, cli_query(cli, "lead_score_history", params, 3));
	if (status == CLI_DONE && !cli->json)
		printf("Of grades and bands every change is here. Of points, what the lead and time changed; what a publish or a rescore changed without a grade is told by its job (nurture job list).\n");
	return status;
}

static int run(struct cli *cli)
{
	if (cli_option(cli, "--account"))
		return cli_account_show(cli, cli->args[0]);
	int64_t lead_id = cli_open(cli) ? 0 : cli_find_lead(cli, cli->args[0]);
	char text[24];
	if (!lead_id)
		return CLI_FAILED;
	if (cli_option(cli, "--explain"))
		return explain(cli, lead_id);
	if (cli_option(cli, "--history"))
		return show_history(cli, lead_id);
	snprintf(text, sizeof text, "%lld", (long long)lead_id);
	const char *const params[] = {text};
	return cli_print_rows(cli, columns, cli_query(cli, "lead_scores", params, 1));
}

extern const struct cli_command cli_score;
const struct cli_command cli_score = {
	.name = "score", .arguments = "LEAD", .summary = "A lead's scores and grades; --explain: rule by rule, and why.",
	.more = "LEAD is an id, an e-mail address or an external id; with --account an account's id, domain or name.",
	.options = {
		{"--account", NULL, NULL, "of an account: its scores, rule by rule (as nurture account)"},
		{"--explain", NULL, NULL, "works the scores out anew and shows what each rule gives, and when time changes it"},
		{"--history", NULL, NULL, "every change of a grade or band, and of points by what the lead did or time; newest first, with cause and revision"},
	},
	.least = 1, .most = 1, .json = true, .run = run,
};
