/* Backtests that came over HTTP, in a child of the jobs worker (runner.c). By the active playbook, or by files that were posted, beside the active one. What is
 * kept in the job's row names no person: leads by their numbers, and not what a failing rule said of one. */
#include "jobs/backtest_job.h"

#include "jobs/ask.h"
#include "jobs/backtest.h"
#include "jobs/posted_files.h"
#include "jobs/release.h"
#include "playbook/current.h"
#include "playbook/site.h"
#include "report/backtest.h"

struct backtest_job {
	struct runner_work *work;
	struct arena *arena;
	struct playbook_current *current;  /* the active one */
	struct playbook *posted;           /* NULL = none was */
	struct playbook_files active_files, files; /* files: what was posted */
	bool with_rival;
	backtest_tell_fn *tell;
	struct backtest_run run;
	struct dataset dataset, rival;
	struct error *error;
};

static bool on_progress(void *arg, int64_t done, int64_t total)
{
	return !runner_progress(arg, done, total > 0 ? total : -1);
}

static int load_active(struct backtest_job *job)
{
	job->current = playbook_current_new(playbook_site_without_templates(job->work->worker->config, job->arena), "backtest");
	if (ask_playbook(job->work->loop, job->work->store, job->current, job->arena, &job->active_files, job->error))
		return -1;
	return ask_now(job->work->loop, job->work->store, &job->run.now, job->error);
}

/* ---- what was asked ---- */

static const char *text_of(const struct backtest_job *job, const char *key)
{
	return json_string_value(json_object_get(job->work->arguments, key));
}

static int take_moment(const struct backtest_job *job, const char *key, moment_t *out)
{
	const char *given = text_of(job, key);
	if (!given || moment_parse(str_of(given), out, NULL) == 0)
		return 0;
	return error_set(job->error, ERROR_INVALID, key, "%s is a moment by RFC 3339, like \"2027-03-18T15:00:00Z\", or a date.", key);
}

static int take_ask(struct backtest_job *job)
{
	struct backtest_ask *ask = &job->run.ask;
	const struct playbook *playbook = job->run.playbook;
	*ask = (struct backtest_ask){.model = text_of(job, "model"), .outcome = text_of(job, "outcome"), .against = text_of(job, "against"), .from = INT64_MIN, .to = INT64_MAX,
				     .as_imported = json_is_true(json_object_get(job->work->arguments, "as_imported"))};
	if (!ask->model && playbook->model_count == 1)
		ask->model = playbook->models[0].name;
	if (!ask->model)
		return error_set(job->error, ERROR_INVALID, "model", "which model? The playbook has %zu.", playbook->model_count);
	ask->all_at_once = text_of(job, "at") != NULL;
	return take_moment(job, ask->all_at_once ? "at" : "from", &ask->from) < 0 || take_moment(job, "to", &ask->to) < 0 ? -1 : 0;
}

/* ---- the replay ---- */

static json_t *replay(struct backtest_job *job)
{
	struct playbook *active = playbook_current_get(job->current);
	job->run.playbook = job->posted ? job->posted : active;
	if (!job->run.playbook) {
		error_set(job->error, ERROR_NOT_FOUND, "playbook", "no playbook is published yet.");
		return NULL;
	}
	if (take_ask(job) < 0)
		return NULL;
	if (job->with_rival && job->posted && active && playbook_model(active, str_of(job->run.ask.model)) >= 0)
		job->run.rival = active;
	struct backtest_replayed replayed = {.playbook = job->run.playbook, .files = job->posted ? &job->files : &job->active_files, .dataset = &job->dataset,
					     .rival = job->run.rival ? &job->rival : NULL, .arena = job->arena};
	json_t *result = backtest_run(&job->run, &job->dataset, &job->rival, job->error) < 0 ? NULL : job->tell(job->work, &replayed, job->error);
	dataset_fini(&job->dataset);
	dataset_fini(&job->rival);
	return result;
}

static json_t *check_posted(struct backtest_job *job, json_t *given)
{
	struct problems problems = {.arena = job->arena};
	const char *wrong = posted_files(given, job->arena, &job->files);
	if (wrong) {
		error_set(job->error, ERROR_INVALID, "files", POSTED_FILE_WRONG, wrong);
		return NULL;
	}
	job->posted = release_check(job->work->worker->config, &job->files, job->arena, &problems, NULL);
	return job->posted ? replay(job) : json_pack("{s:i, s:b, s:i, s:o}", "status", 422, "good", 0, "errors", (int)problems.errors, "problems", posted_problems(&problems));
}

json_t *backtest_replay(struct runner_work *work, bool with_rival, backtest_tell_fn *tell, struct error *error)
{
	struct backtest_job job = {.work = work, .arena = arena_new(), .error = error, .with_rival = with_rival, .tell = tell};
	json_t *result = NULL, *given = json_object_get(work->arguments, "files");
	job.run = (struct backtest_run){.loop = work->loop, .store = work->store, .progress = on_progress, .arg = work};
	if (load_active(&job) == 0)
		result = given ? check_posted(&job, given) : replay(&job);
	playbook_free(job.posted);
	playbook_current_free(job.current);
	arena_free(job.arena);
	return result;
}

static json_t *measure(struct runner_work *work, const struct backtest_replayed *replayed, struct error *error)
{
	(void)work;
	(void)error;
	json_t *result = backtest_json(replayed->dataset, replayed->rival);
	json_object_del(json_object_get(result, "left_out"), "failed_message"); /* Lua's words may quote a value */
	return result;
}

json_t *backtest_job(struct runner_work *work, struct error *error)
{
	return backtest_replay(work, true, measure, error);
}
