/* See purge_job.h. A rule whose segment the active playbook does not have fails, erases nobody, and says so in the list of jobs and in the log, each day. */
#include "jobs/purge_job.h"

#include "base/log.h"
#include "jobs/ask.h"
#include "jobs/purge.h"
#include "playbook/site.h"

struct purge_job {
	struct runner_work *work;
	struct playbook_current *current;
	moment_t now;
	struct error *error;
};

static bool on_told(void *arg, int64_t count, int64_t after)
{
	(void)after;
	return runner_progress(arg, count, -1);
}

static json_t *purge(struct purge_job *job, struct arena *arena)
{
	const json_t *arguments = job->work->arguments;
	const char *segment = json_string_value(json_object_get(arguments, "segment")), *older = json_string_value(json_object_get(arguments, "older"));
	struct purge purge = {.loop = job->work->loop, .store = job->work->store, .by = json_string_value(json_object_get(arguments, "by")), .told = on_told,
			      .arg = job->work, .engine = true};
	if (turn_purge_who(playbook_current_get(job->current), str_of(older ? older : ""), segment ? str_of(segment) : (struct str){0}, job->now, arena, &purge.who,
			   job->error) < 0) {
		log_warn("retention.refused", log_int("job", job->work->job), log_str("error", job->error->message));
		return NULL;
	}
	if (purge_run(&purge, job->error) < 0)
		return NULL;
	if (purge.count)
		log_info("retention.erased", log_int("job", job->work->job), log_int("leads", purge.count));
	return purge.cancelled ? NULL : json_pack("{s:I}", "leads", (json_int_t)purge.count);
}

json_t *purge_job(struct runner_work *work, struct error *error)
{
	struct arena *arena = arena_new();
	struct purge_job job = {.work = work, .error = error};
	json_t *result = NULL;
	job.current = playbook_current_new(playbook_site_without_templates(work->worker->config, arena), "retention");
	if (ask_playbook(work->loop, work->store, job.current, NULL, NULL, error) == 0 && ask_now(work->loop, work->store, &job.now, error) == 0)
		result = purge(&job, arena);
	playbook_current_free(job.current);
	arena_free(arena);
	return result;
}

json_t *purge_job_of_rule(const struct config_retention *rule)
{
	return json_pack("{s:s++, s:s, s:s?, s:s}", "key", rule->older, "|", rule->segment ? rule->segment : "*", "older", rule->older, "segment", rule->segment, "by",
			 "retention");
}
