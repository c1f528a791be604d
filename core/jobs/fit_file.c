/* Words for each rule, edits for its points, and a look at the whole: what was written must load, and give each rule just these points. */
#include "jobs/fit_file.h"

#include "jobs/release.h"
#include "playbook/rewrite.h"

#include <math.h>

struct writing {
	const struct model *model;
	const struct dataset *dataset;
	const struct fit *fit;
	struct arena *arena;
};

/* ---- words ---- */

static const char *certain(struct writing *w, const struct fit_rule *rule)
{
	return arena_printf(w->arena, "%d of %d folds agree%s", rule->folds, FIT_FOLDS, rule->folds < FIT_FOLDS - 1 ? ": not certain" : "");
}

static const char *held(struct writing *w, const struct fit_rule *rule)
{
	double share = w->fit->leads ? 100.0 * (double)rule->leads / (double)w->fit->leads : 0;
	return arena_printf(w->arena, share < 1 ? "held for %.2g %% of the leads" : "held for %.0f %% of the leads", share);
}

static void span_of_cases(const struct rule *rule, double *low, double *high)
{
	*low = *high = rule->choose.otherwise;
	for (size_t i = 0; i < rule->choose.count; i++) {
		*low = fmin(*low, rule->choose.cases[i].points);
		*high = fmax(*high, rule->choose.cases[i].points);
	}
}

static const char *choose_words(struct writing *w, const struct rule *rule, const struct fit_rule *fitted)
{
	double low, high;
	span_of_cases(rule, &low, &high);
	return arena_printf(w->arena, "between its worst and its best choice the odds grow by a factor of %.2f (%s), %s; was %g to %g points", exp(fitted->weight), certain(w, fitted),
			    held(w, fitted), low, high);
}

static const char *rule_words(struct writing *w, const struct rule *rule, const struct dataset_rule *column, const struct fit_rule *fitted)
{
	const char *at_most = column->kind == DATASET_COUNTED ? "with as much as any lead had the odds" : "the odds";
	if (fitted->word == FIT_KEPT)
		return rule->points_kind == POINTS_FUNCTION ? "the points of a function stay as they are" : "choices that are counted stay as they are";
	if (fitted->word == FIT_NEVER)
		return arena_printf(w->arena, "held for none of the leads, so nothing is known of it: worth nothing here; was %g points", rule->points);
	if (fitted->word == FIT_ALWAYS)
		return arena_printf(w->arena, "held for all of the leads: it tells nobody apart, and lifts all alike; was %g points", rule->points);
	if (fitted->case_count)
		return choose_words(w, rule, fitted);
	return arena_printf(w->arena, "%s%s are %.2f times as high (weight %.2f; %s), %s; was %g", fitted->points == 0 ? "worth nothing here: " : "", at_most, exp(fitted->weight),
			    fitted->weight, certain(w, fitted), held(w, fitted), rule->points);
}

static const char *figure(struct writing *w, const struct auc *auc)
{
	struct interval i = auc_interval(auc);
	return i.known ? arena_printf(w->arena, "%.3f (%.3f to %.3f)", auc->value, i.low, i.high) : arena_printf(w->arena, "%.3f", auc->value);
}

static const char *measured(const struct fit *fit)
{
	return fit->split == FIT_TIME ? "the newest fifth, kept away from learning" : fit->split == FIT_RANDOM ? "a fifth drawn by lot, kept away from learning" : "folds, each kept away from learning";
}

static void moments(const struct dataset *dataset, char from[MOMENT_TEXT], char to[MOMENT_TEXT])
{
	moment_t low = INT64_MAX, high = INT64_MIN;
	for (size_t i = 0; i < dataset->count; i++) {
		low = dataset->at[i] < low ? dataset->at[i] : low;
		high = dataset->at[i] > high ? dataset->at[i] : high;
	}
	moment_format(low, from);
	moment_format(high, to);
}

static size_t header(struct writing *w, const char *lines[4])
{
	const struct fit *fit = w->fit;
	char from[MOMENT_TEXT], to[MOMENT_TEXT];
	moments(w->dataset, from, to);
	lines[0] = arena_printf(w->arena, "points learned from %zu leads, %zu of them with %s, of %.10s to %.10s (nurture fit, split %s, seed %llu). They are yours to edit.", fit->leads,
				fit->outcomes, w->dataset->outcome_verb, from, to, fit_split_name(fit->split), (unsigned long long)fit->seed);
	lines[1] = arena_printf(w->arena, "AUC by %s: %s; with the points before: %.3f.", measured(fit), figure(w, &fit->fresh.auc), fit->old.auc.value);
	lines[2] = arena_printf(w->arena, "Calling the best half reaches %.0f %% of those outcomes; with the points before: %.0f %%.", 100 * fit->fresh.half, 100 * fit->old.half);
	return 3;
}

/* ---- points ---- */

static const struct rewrite_case *cases_of(struct writing *w, const struct rule *rule, const struct fit_rule *fitted)
{
	struct rewrite_case *cases = arena_array(w->arena, fitted->case_count + 1, sizeof *cases);
	for (size_t i = 0; i < fitted->case_count; i++)
		cases[i] = (struct rewrite_case){i < rule->choose.count ? rule->choose.cases[i].choice : STR("otherwise"), fitted->cases[i]};
	return cases;
}

/* A max keeps its meaning: so many times the points of one. */
static double max_of(const struct rule *rule, const struct dataset_rule *column, double points)
{
	if (!rule->has_max || points == 0)
		return 0;
	return fmax(1, column->kind == DATASET_COUNTED && column->most > 0 ? round(column->most * fabs(points)) : ceil(fabs(points)));
}

static void describe(struct writing *w, struct rewrite_rule *rules)
{
	for (size_t i = 0; i < w->fit->rule_count; i++) {
		const struct rule *rule = &w->model->rules[i];
		const struct fit_rule *fitted = &w->fit->rules[i];
		const struct dataset_rule *column = &w->dataset->rules[i];
		rules[i] = (struct rewrite_rule){.name = rule->name, .kept = fitted->word == FIT_KEPT, .points = fitted->points, .max = max_of(rule, column, fitted->points),
						 .comment = rule_words(w, rule, column, fitted)};
		if (fitted->case_count)
			rules[i].cases = cases_of(w, rule, fitted), rules[i].case_count = fitted->case_count;
	}
}

/* ---- what was written is what is read ---- */

static bool reads_as(const struct rule *rule, const struct fit_rule *fitted)
{
	if (fitted->word == FIT_KEPT)
		return true;
	for (size_t i = 0; i + 1 < fitted->case_count; i++)
		if (rule->choose.cases[i].points != fitted->cases[i])
			return false;
	return fabs((fitted->case_count ? rule->choose.otherwise : rule->points) - (fitted->case_count ? fitted->cases[fitted->case_count - 1] : fitted->points)) < 1e-9;
}

/* Without the playbook's tests, which may expect other points, and without what only a publish refuses: that is said when the file is published. */
static struct playbook *load_untested(struct writing *w, const struct config *config, const struct playbook_files *files)
{
	struct playbook_file *some = arena_array(w->arena, files->count + 1, sizeof *some);
	struct playbook_files untested = {.files = some, .off = files->off, .off_count = files->off_count};
	struct problems problems = {.arena = w->arena, .published = true};
	for (size_t i = 0; i < files->count; i++)
		if (!str_starts(str_of(files->files[i].path), STR("tests/")))
			some[untested.count++] = files->files[i];
	return release_check(config, &untested, w->arena, &problems, NULL);
}

static int look_again(struct writing *w, const struct config *config, const struct playbook_files *files, const struct fit_file *out, struct error *error)
{
	struct playbook *playbook = load_untested(w, config, files);
	int model = playbook ? playbook_model(playbook, str_of(w->model->name)) : -1;
	int result = model < 0 ? error_set(error, ERROR_INVALID, out->path, "with the new points the playbook does not load.") : 0;
	for (size_t i = 0; model >= 0 && i < w->fit->rule_count && result == 0; i++)
		if (!reads_as(&playbook->models[model].rules[i], &w->fit->rules[i]))
			result = error_set(error, ERROR_INVALID, out->path, "rule \"%s\" does not read as it was written: are its points changed by a script?", w->model->rules[i].name);
	playbook_free(playbook);
	return result;
}

static void run_tests(struct writing *w, const struct config *config, const struct playbook_files *files, struct fit_file *out)
{
	struct story_result stories = {0};
	out->problems = (struct problems){.arena = w->arena};
	playbook_free(release_check(config, files, w->arena, &out->problems, &stories));
}

int fit_file(const struct config *config, const struct playbook *playbook, const struct playbook_files *files, const struct dataset *dataset, const struct fit *fit,
	     struct arena *arena, struct fit_file *out, struct error *error)
{
	const struct model *model = &playbook->models[dataset->model];
	const struct playbook_file *file = playbook_files_find(files, str_of(model->at.file));
	struct writing w = {model, dataset, fit, arena};
	const char *lines[4];
	struct rewrite_rule *rules = arena_array(arena, fit->rule_count + 1, sizeof *rules);
	struct rewrite rewrite = {.model = model->name, .rules = rules, .rule_count = fit->rule_count, .header = lines};
	*out = (struct fit_file){.path = model->at.file};
	if (!file)
		return error_set(error, ERROR_INVALID, model->at.file, "the file of model \"%s\" is not among the playbook's.", model->name);
	rewrite.header_count = header(&w, lines);
	describe(&w, rules);
	if (playbook_rewrite(file->bytes, &rewrite, arena, &out->text, error))
		return -1;
	struct playbook_file *changed = arena_array(arena, files->count + 1, sizeof *changed);
	memcpy(changed, files->files, files->count * sizeof *changed);
	changed[file - files->files].bytes = out->text;
	struct playbook_files all = *files;
	all.files = changed;
	if (look_again(&w, config, &all, out, error))
		return -1;
	run_tests(&w, config, &all, out);
	return 0;
}
