/* nurture fit: points for a model's rules, learned from what became of leads. Prints what it found and how sure it is, and writes the model's file
 * with other points where -o says. Never publishes: whoever reads the file decides. */
#include "cli/replay.h"

#include "base/mem.h"
#include "jobs/fit_file.h"
#include "report/report.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- words ---- */

static void show_points(const struct fit_rule *rule, char *out, size_t size)
{
	double low = rule->points, high = low;
	for (size_t i = 0; i < rule->case_count; i++) {
		low = i ? fmin(low, rule->cases[i]) : rule->cases[i];
		high = i ? fmax(high, rule->cases[i]) : rule->cases[i];
	}
	if (rule->word == FIT_KEPT)
		snprintf(out, size, "as they are");
	else if (rule->case_count)
		snprintf(out, size, "%g to %g", low, high);
	else
		snprintf(out, size, "%g", low);
}

static void show_old(const struct rule *rule, char *out, size_t size)
{
	double low = rule->choose.otherwise, high = low;
	for (size_t i = 0; i < rule->choose.count; i++) {
		low = fmin(low, rule->choose.cases[i].points);
		high = fmax(high, rule->choose.cases[i].points);
	}
	if (rule->points_kind == POINTS_FUNCTION)
		snprintf(out, size, "function");
	else if (rule->points_kind == POINTS_CHOOSE)
		snprintf(out, size, "%g to %g", low, high);
	else
		snprintf(out, size, "%g", rule->points);
}

static json_t *row_of(const struct rule *rule, const struct fit_rule *fitted, size_t leads)
{
	static const char *const words[] = {[FIT_NEVER] = "held for nobody", [FIT_ALWAYS] = "held for all", [FIT_KEPT] = ""};
	char old[64], fresh[64], sure[64] = "", odds[32] = "";
	show_old(rule, old, sizeof old);
	show_points(fitted, fresh, sizeof fresh);
	if (fitted->word == FIT_LEARNED) {
		snprintf(odds, sizeof odds, "%.2f", exp(fitted->weight));
		snprintf(sure, sizeof sure, "%d of %d folds%s", fitted->folds, FIT_FOLDS, fitted->folds < FIT_FOLDS - 1 ? ", not certain" : "");
	} else {
		snprintf(sure, sizeof sure, "%s", words[fitted->word]);
	}
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:f}", "rule", fitted->name, "old", old, "points", fresh, "odds", odds, "sure", sure, "share",
			 leads ? (double)fitted->leads / (double)leads : 0.0);
}

static void print_rules(const struct model *model, const struct fit *fit)
{
	static const struct report_column columns[] = {{"rule", "rule", REPORT_TEXT}, {"old", "points before", REPORT_TEXT}, {"points", "points now", REPORT_TEXT},
						       {"odds", "odds times", REPORT_TEXT}, {"share", "held for", REPORT_SHARE}, {"sure", "agree", REPORT_TEXT}, {0}};
	json_t *rows = json_array();
	struct buf text = {0};
	for (size_t i = 0; i < fit->rule_count; i++)
		json_array_append_new(rows, row_of(&model->rules[i], &fit->rules[i], fit->leads));
	report_table(columns, rows, &text);
	fwrite(text.p, 1, text.n, stdout);
	buf_fini(&text);
	json_decref(rows);
}

static void print_figures(const struct fit *fit)
{
	static const char *const by[] = {[FIT_BY_FOLDS] = "by folds: each fifth judged by points learned from the others", [FIT_RANDOM] = "on a fifth drawn by lot and kept away",
					 [FIT_TIME] = "on the newest fifth, kept away"};
	struct interval i = auc_interval(&fit->fresh.auc), d = auc_difference_interval(&fit->gain, &fit->fresh.auc, interval_z95);
	printf("\nLearned from %zu leads, %zu with the outcome. Judged %s (%zu leads, %zu with the outcome; seed %llu):\n", fit->leads, fit->outcomes, by[fit->split], fit->held_leads,
	       fit->held_outcomes, (unsigned long long)fit->seed);
	printf("  AUC %.4f", fit->fresh.auc.value);
	if (i.known)
		printf(" (%.3f to %.3f)", i.low, i.high);
	printf("; with the points before %.4f", fit->old.auc.value);
	if (d.known)
		printf("; difference %+.4f (%+.3f to %+.3f)", fit->gain.value, d.low, d.high);
	printf(".\n  Calling the best half reaches %.1f %% of the outcomes; with the points before %.1f %%.\n", 100 * fit->fresh.half, 100 * fit->old.half);
	printf("  The weights before they were made into whole points: AUC %.4f.\n", fit->raw.auc.value);
}

static void print_words(const json_t *json)
{
	const json_t *words = json_object_get(json, "words");
	for (size_t i = 0; i < json_array_size(words); i++) {
		cli_print_text(stdout, str_of(json_string_value(json_array_get(words, i))));
		putchar('\n');
	}
}

static void print_problems(const struct fit_file *file)
{
	if (!file->problems.errors)
		return;
	printf("\nThe playbook's own tests expect other points. Change them when you take the file over:\n");
	char *text = problems_text(&file->problems);
	printf("%s\n", text);
	free(text);
}

/* ---- the file ---- */

/* A watched folder would be published by the server: fit never activates. */
static bool is_watched(const struct cli *cli, const char *path)
{
	if (!cli->config->watch || !cli->config->playbook)
		return false;
	char *slash, *folder = mem_dup(path);
	if ((slash = strrchr(folder, '/')))
		slash[slash == folder] = '\0';
	char *real = realpath(slash ? folder : ".", NULL), *watched = realpath(cli->config->playbook, NULL);
	size_t n = watched ? strlen(watched) : 0;
	bool inside = real && watched && strncmp(real, watched, n) == 0 && (real[n] == '/' || real[n] == '\0');
	free(folder);
	free(real);
	free(watched);
	return inside;
}

static int finish(struct cli_replay *replay, const struct fit *fit, const struct fit_file *file)
{
	struct cli *cli = replay->cli;
	const char *to = cli_option(cli, "--output");
	json_t *json = fit_json(&replay->dataset, fit);
	if (to && cli_write_file(to, file->text)) {
		json_decref(json);
		return CLI_FAILED;
	}
	json_object_set_new(json, "file", json_string(file->path));
	json_object_set_new(json, "written", to ? json_string(to) : json_null());
	json_object_set_new(json, "lua", json_stringn(file->text.p, file->text.n));
	json_object_set_new(json, "tests_expect_other_points", json_boolean(file->problems.errors > 0));
	if (cli->json)
		return cli_print_json(json);
	print_rules(&replay->playbook.playbook->models[replay->dataset.model], fit);
	print_figures(fit);
	print_words(json);
	print_problems(file);
	json_decref(json);
	if (to)
		printf("\nWritten to %s, in place of %s of the playbook. Nothing was published: read it, then nurture check and nurture publish.\n", to, file->path);
	else
		printf("\nNothing was written: -o FILE writes the model with these points.\n");
	return CLI_DONE;
}

static int learn(struct cli_replay *replay, enum fit_split split, uint64_t seed)
{
	struct error error = {0};
	struct fit fit;
	struct fit_file file;
	int status = CLI_DONE;
	if (fit_learn(&replay->dataset, split, seed, &fit, &error) ||
	    fit_file(replay->cli->config, replay->playbook.playbook, &replay->playbook.files, &replay->dataset, &fit, replay->playbook.arena, &file, &error))
		status = cli_fail(&error);
	else if (fit_tells_nothing(&fit))
		status = cli_refuse("nothing can be learned from these outcomes: no rule of %s moves the odds by a twentieth. Nothing was written; the points stay as they are.",
				    replay->dataset.models[replay->dataset.model].name);
	if (status == CLI_DONE)
		status = finish(replay, &fit, &file);
	fit_fini(&fit);
	return status;
}

static int run(struct cli *cli)
{
	struct cli_replay replay;
	enum fit_split split = FIT_BY_FOLDS;
	int64_t seed = 1;
	const char *given = cli_option(cli, "--split"), *to = cli_option(cli, "--output");
	if (given && !fit_split_from(str_of(given), &split)) {
		fprintf(stderr, "nurture fit: --split is folds, random or time.\n");
		return CLI_WRONG_USAGE;
	}
	if (cli_option(cli, "--seed") && cli_number("--seed", cli_option(cli, "--seed"), 0, INT64_MAX, &seed))
		return CLI_WRONG_USAGE;
	int status = cli_replay_open(cli, &replay);
	if (status == CLI_DONE && to && is_watched(cli, to))
		status = cli_refuse("%s lies in the folder that the server watches: it would be published at once, and fit never publishes. Name another file.", to);
	if (status == CLI_DONE)
		status = cli_replay_run(&replay, NULL);
	if (status == CLI_DONE)
		status = learn(&replay, split, (uint64_t)seed);
	cli_replay_close(&replay);
	return status;
}

extern const struct cli_command cli_fit;
const struct cli_command cli_fit = {
	.name = "fit", .arguments = "[DIR]", .summary = "Learns the points of a model's rules from what became of leads, and writes the model with them.",
	.more = "By the rules of the active playbook, or of the one in DIR. The rules stay as they are; only their points change, with a comment beside each.\n"
		"What it says of the new points is measured on leads that they were not learned from, beside the points that the model has. It never publishes.\n"
		"Leads are judged as they stood before their outcome: see nurture backtest --help.",
	.options = {CLI_REPLAY_OPTIONS,
		    {"--split", NULL, "HOW", "folds (all are learned from), random or time (a fifth is kept away and judged)"},
		    {"--seed", NULL, "N", "lots are drawn by it (else 1)"},
		    {"--output", "-o", "FILE", "writes the model's file with the new points"}},
	.most = 1, .json = true, .run = run,
};
