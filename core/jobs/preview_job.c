/* Previews that came over HTTP, in a child of the jobs worker (runner.c). One kind of job for three acts: "preview" only tells; "publish" is a publish to which
 * nobody has said yes: done when it moves no lead, else refused with what would change; "rollback" the same with the files of an old revision. What is kept in the job's row names no person: leads by their
 * numbers, rules by their places, but not what a field says. */
#include "jobs/preview.h"

#include "jobs/posted_files.h"
#include "jobs/release.h"

#include "base/log.h"
#include "base/mem.h"
#include "store/revision.h"

#include <stdio.h>
#include <string.h>

static const int64_t ANSWER_US = 600 * MOMENT_SECOND;

static bool on_progress(void *arg, int64_t leads, int64_t total)
{
	return runner_progress(arg, leads, total > 0 ? total : -1);
}

static void forget_examples(json_t *examples)
{
	size_t i, k, n;
	json_t *example, *model, *rule;
	json_array_foreach(examples, i, example) {
		json_object_del(example, "email");
		json_object_del(example, "name");
		json_array_foreach(json_object_get(example, "models"), k, model)
			json_array_foreach(json_object_get(model, "rules"), n, rule)
				json_object_del(rule, "because");
	}
}

static void forget_people(json_t *result)
{
	size_t i;
	json_t *rule;
	forget_examples(json_object_get(result, "examples"));
	forget_examples(json_object_get(json_object_get(result, "accounts"), "examples"));
	json_array_foreach(json_object_get(result, "errors"), i, rule)
		json_object_del(rule, "message"); /* Lua's words may quote a value */
}

/* ---- the publish that needs no yes ---- */

struct publishing {
	bool done;
	struct published published;
	struct error error;
};

static void on_published(void *arg, const struct published *published, const struct error *error)
{
	struct publishing *p = arg;
	p->done = true;
	p->published = *published;
	if (error)
		p->error = *error;
}

static const char *text_of(const struct runner_work *work, const char *key)
{
	const char *text = json_string_value(json_object_get(work->arguments, key));
	return text ? text : "";
}

static bool is_set(const struct runner_work *work, const char *key)
{
	return json_is_true(json_object_get(work->arguments, key));
}

static bool is_rollback(const struct runner_work *work)
{
	return strcmp(text_of(work, "act"), "rollback") == 0;
}

static json_t *publish(struct runner_work *work, const struct playbook *playbook, const struct playbook_files *files, const json_t *result, struct error *error)
{
	struct publishing p = {0};
	const char *active = json_string_value(json_object_get(result, "active"));
	char message[80];
	snprintf(message, sizeof message, "rollback to %.64s", text_of(work, "revision"));
	struct release release = {.store = work->store, .playbook = playbook, .files = files, .author = text_of(work, "by"), .actor = text_of(work, "by"),
		.message = is_rollback(work) ? message : text_of(work, "message"), .expected = active, .hold = is_set(work, "hold"), .switch_on = is_set(work, "switch_on"), .fn = on_published, .arg = &p};
	release_publish(&release);
	if (!store_wait(work->loop, &p.done, ANSWER_US))
		error_set(&p.error, ERROR_UNAVAILABLE, "database", "the database did not answer.");
	if (p.error.code) {
		*error = p.error;
		return NULL;
	}
	log_info("playbook.published", log_str("revision", playbook->revision), log_int("activation", p.published.activation), log_int("job", work->job));
	return json_pack("{s:i, s:s, s:I, s:b, s:I}", "status", 200, "revision", playbook->revision, "activation", (json_int_t)p.published.activation, "changed",
			 p.published.changed, "parked", (json_int_t)p.published.parked);
}

/* Takes what would change. */
static json_t *strands(struct runner_work *work, json_t *preview)
{
	return json_pack("{s:i, s:s, s:s, s:s, s:I, s:o}", "status", 409, "title", "Conflict", "field", "steps", "detail", preview_strands(preview), "job",
			 (json_int_t)work->job, "preview", preview);
}

/* Takes what would change. */
static json_t *needs_yes(struct runner_work *work, json_t *preview)
{
	json_int_t moved = json_integer_value(json_object_get(preview, "moved")), inside = json_integer_value(json_object_get(preview, "inside_leads"));
	int64_t accounts = preview_accounts_moved(preview);
	const char *how = is_rollback(work) ? "Go back with \"yes\": true." : "Publish with \"yes\": true";
	if (!moved && !accounts && inside)
		return json_pack("{s:i, s:s, s:s, s:o, s:I, s:o}", "status", 409, "title", "Conflict", "field", "yes", "detail",
				 is_rollback(work) ? json_sprintf("%lld leads are inside campaigns that change: see preview. %s", (long long)inside, how)
						   : json_sprintf("%lld leads are inside campaigns that change: see preview. %s, or with \"preview\": %lld.", (long long)inside,
								  how, (long long)work->job),
				 "job", (json_int_t)work->job, "preview", preview);
	if (is_rollback(work) && (moved || accounts))
		return json_pack("{s:i, s:s, s:s, s:o, s:I, s:o}", "status", 409, "title", "Conflict", "field", "yes", "detail",
				 json_sprintf("%lld %s would stand otherwise: see preview. Go back with \"yes\": true.", (long long)(moved ? moved : accounts),
					     moved ? "leads" : "accounts"), "job", (json_int_t)work->job,
				 "preview", preview);
	return json_pack("{s:i, s:s, s:s, s:o, s:I, s:o}", "status", 409, "title", "Conflict", "field", "yes", "detail",
			 moved || accounts ? json_sprintf("%lld %s would stand otherwise: see preview. Publish with \"yes\": true, or with \"preview\": %lld.",
							  (long long)(moved ? moved : accounts), moved ? "leads" : "accounts", (long long)work->job)
			       : json_string("what would change cannot be told (see preview). Publish with \"yes\": true."),
			 "job", (json_int_t)work->job, "preview", preview);
}

/* ---- the job ---- */

static json_t *look(struct runner_work *work, const struct playbook *playbook, const struct playbook_files *files, struct error *error)
{
	struct preview preview = {.loop = work->loop, .store = work->store, .config = work->worker->config, .files = files, .switch_on = is_set(work, "switch_on"),
		.progress = on_progress, .arg = work};
	json_t *result = preview_run(&preview, error);
	forget_people(result);
	if (!result)
		return NULL;
	if (strcmp(text_of(work, "act"), "preview") == 0) {
		json_object_set_new(result, "job", json_integer((json_int_t)work->job));
		return result;
	}
	if (preview_strands(result) && !is_set(work, "hold"))
		return strands(work, result);
	if (preview_asks(result))
		return needs_yes(work, result);
	json_t *done = runner_is_cancelled(work) ? NULL : publish(work, playbook, files, result, error);
	json_decref(result);
	return done;
}

static json_t *check(struct runner_work *work, const struct playbook_files *files, struct arena *arena, struct error *error)
{
	struct problems problems = {.arena = arena};
	struct story_result stories = {0};
	char revision[HASH_HEX];
	struct playbook *playbook = release_check(work->worker->config, files, arena, &problems, &stories);
	playbook_files_revision(files, revision);
	json_t *result = playbook ? look(work, playbook, files, error)
				  : json_pack("{s:i, s:b, s:s, s:i, s:i, s:i, s:o}", "status", 422, "good", 0, "revision", revision, "errors", (int)problems.errors,
					      "tests_passed", (int)stories.passed, "tests_failed", (int)stories.failed, "problems", posted_problems(&problems));
	playbook_free(playbook);
	return result;
}

struct fetching {
	struct arena *arena;
	struct playbook_files *files;
	struct error *error;
	bool done;
};

static void on_revision(void *arg, const struct store_revision *revision, const struct error *error)
{
	struct fetching *f = arg;
	f->done = true;
	if (error) {
		*f->error = *error;
		return;
	}
	struct playbook_file *files = arena_array(f->arena, revision->files.count + 1, sizeof *files);
	for (size_t i = 0; i < revision->files.count; i++)
		files[i] = (struct playbook_file){arena_dup(f->arena, revision->files.files[i].path), arena_str(f->arena, revision->files.files[i].bytes)};
	*f->files = (struct playbook_files){.files = files, .count = revision->files.count};
}

static int old_files(struct runner_work *work, struct arena *arena, struct playbook_files *files, struct error *error)
{
	struct fetching f = {.arena = arena, .files = files, .error = error};
	store_revision_get(work->store, text_of(work, "revision"), on_revision, &f);
	if (!store_wait(work->loop, &f.done, ANSWER_US))
		return error_set(error, ERROR_UNAVAILABLE, "database", "the database did not answer.");
	return error->code ? -1 : 0;
}

json_t *preview_job(struct runner_work *work, struct error *error)
{
	struct arena *arena = arena_new();
	struct playbook_files files;
	json_t *result = NULL;
	bool back = is_rollback(work);
	const char *wrong = back ? NULL : posted_files(json_object_get(work->arguments, "files"), arena, &files);
	if (back && old_files(work, arena, &files, error))
		result = NULL;
	else if (wrong)
		error_set(error, ERROR_INVALID, "files", POSTED_FILE_WRONG, wrong);
	else
		result = check(work, &files, arena, error);
	arena_free(arena);
	return result;
}
