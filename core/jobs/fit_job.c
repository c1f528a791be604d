/* Fits that came over HTTP, in a child of the jobs worker (runner.c): what `nurture fit` does, with the model's new text as the job's result. Publishes nothing. */
#include "jobs/backtest_job.h"
#include "jobs/fit_file.h"

static int take_split(const json_t *arguments, enum fit_split *split, struct error *error)
{
	const char *given = json_string_value(json_object_get(arguments, "split"));
	if (given && !fit_split_from(str_of(given), split))
		return error_set(error, ERROR_INVALID, "split", "split is folds, random or time.");
	return 0;
}

static json_t *tell(const struct backtest_replayed *replayed, const struct fit *fit, const struct fit_file *file)
{
	json_t *json = fit_json(replayed->dataset, fit);
	json_object_set_new(json, "file", json_string(file->path));
	json_object_set_new(json, "lua", json_stringn(file->text.p, file->text.n));
	json_object_set_new(json, "tests_expect_other_points", json_boolean(file->problems.errors > 0));
	return json;
}

static json_t *learn(struct runner_work *work, const struct backtest_replayed *replayed, struct error *error)
{
	struct fit fit = {0};
	struct fit_file file;
	json_t *json = NULL;
	enum fit_split split = FIT_BY_FOLDS;
	const json_t *seed = json_object_get(work->arguments, "seed");
	if (take_split(work->arguments, &split, error))
		return NULL;
	if (fit_learn(replayed->dataset, split, seed ? (uint64_t)json_integer_value(seed) : 1, &fit, error) ||
	    fit_file(work->worker->config, replayed->playbook, replayed->files, replayed->dataset, &fit, replayed->arena, &file, error))
		json = NULL;
	else if (fit_tells_nothing(&fit))
		error_set(error, ERROR_INVALID, "model", "nothing can be learned from these outcomes: no rule of %s moves the odds by a twentieth. The points stay as they are.",
			  replayed->dataset->models[replayed->dataset->model].name);
	else
		json = tell(replayed, &fit, &file);
	fit_fini(&fit);
	return json;
}

json_t *fit_job(struct runner_work *work, struct error *error)
{
	return backtest_replay(work, false, learn, error);
}
