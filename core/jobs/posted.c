/* Takes one job at a time: its files (or those of an old revision) → check → publish → result. The result holds the HTTP status that
 * the request gets. A job whose worker died is taken again: publishing the same files twice is publishing them once.
 *
 *   pause → take → [old revision's files] → check → [publish] → end, without the files → at once the next */
#include "jobs/posted.h"

#include "base/log.h"
#include "base/mem.h"
#include "jobs/posted_files.h"
#include "jobs/release.h"
#include "playbook/files.h"
#include "store/admin.h"

#include <stdio.h>
#include <stdlib.h>

enum { PAUSE_US = 300000 };

struct posted {
	struct worker *worker;
	struct store *store;
	struct loop_timer *timer;
	bool busy, stopped, dead;
	int64_t job;                /* in hand; 0 = none */
	json_t *arguments;
	struct arena *arena;
	struct playbook_files files;
	struct playbook *playbook;
	char revision[HASH_HEX];
	char previewed[HASH_HEX], expected[HASH_HEX]; /* the files that were previewed, and what was active then; "" = yes was said without */
};

static void pause_for(struct posted *p, int64_t us)
{
	playbook_free(p->playbook);
	arena_free(p->arena);
	json_decref(p->arguments);
	p->playbook = NULL;
	p->arena = NULL;
	p->arguments = NULL;
	p->job = 0;
	p->expected[0] = p->previewed[0] = '\0';
	p->busy = false;
	if (p->dead)
		free(p);
	else if (!p->stopped)
		loop_timer_set(p->timer, us);
}

/* ---- the end ---- */

static void on_over(void *arg, const struct error *error)
{
	if (error)
		log_warn("playbook.job_not_ended", log_str("error", error->message));
	pause_for(arg, error ? 10 * PAUSE_US : 0);
}

/* Takes result. */
static void end_job(struct posted *p, int status, json_t *result)
{
	json_object_set_new(result, "status", json_integer(status));
	store_job_slim(p->store, p->job, p->worker->owner, status < 300 ? "done" : "failed", result, "files", on_over, p);
	json_decref(result);
}

static void refuse(struct posted *p, int status, const char *field, const char *detail)
{
	end_job(p, status, json_pack("{s:s, s:s, s:s}", "title", status == 404 ? "Not Found" : status == 409 ? "Conflict" : "Unprocessable Content", "field", field,
				     "detail", detail));
}

/* ---- check and publish ---- */

static bool is_set(const struct posted *p, const char *key)
{
	return json_is_true(json_object_get(p->arguments, key));
}

static const char *text_of(const struct posted *p, const char *key)
{
	const char *text = json_string_value(json_object_get(p->arguments, key));
	return text ? text : "";
}

static void on_published(void *arg, const struct published *published, const struct error *error)
{
	struct posted *p = arg;
	if (p->dead || (error && (error->code == ERROR_UNAVAILABLE || error->code == ERROR_SYSTEM))) {
		pause_for(p, 10 * PAUSE_US); /* the job is taken again */
	} else if (error) {
		refuse(p, 409, error->where, error->message);
	} else {
		if (published->changed)
			log_info("playbook.published", log_str("revision", p->revision), log_int("activation", published->activation), log_int("job", p->job));
		end_job(p, 200, json_pack("{s:s, s:I, s:b, s:I}", "revision", p->revision, "activation", (json_int_t)published->activation, "changed",
					  published->changed, "parked", (json_int_t)published->parked));
	}
}

static void check(struct posted *p)
{
	struct problems problems = {.arena = p->arena};
	struct story_result stories = {0};
	const char *act = text_of(p, "act");
	bool rollback = strcmp(act, "rollback") == 0;
	p->playbook = release_check(p->worker->config, &p->files, p->arena, &problems, &stories);
	playbook_files_revision(&p->files, p->revision);
	if (!p->playbook || strcmp(act, "check") == 0) {
		bool good = p->playbook != NULL;
		end_job(p, good ? 200 : 422, json_pack("{s:b, s:s, s:i, s:i, s:i, s:o}", "good", good, "revision", p->revision, "errors", (int)problems.errors,
						       "tests_passed", (int)stories.passed, "tests_failed", (int)stories.failed, "problems", posted_problems(&problems)));
		return;
	}
	if (p->expected[0] && strcmp(p->previewed, p->revision) != 0) {
		refuse(p, 409, "preview", "that preview was of other files: ask for one of these.");
		return;
	}
	struct release release = {.store = p->store, .playbook = p->playbook, .files = &p->files, .author = text_of(p, "by"), .actor = text_of(p, "by"), .hold = is_set(p, "hold"),
		.expected = p->expected[0] ? p->expected : NULL,
		.switch_on = is_set(p, "switch_on"), .fn = on_published, .arg = p};
	release.message = rollback ? arena_printf(p->arena, "rollback to %.64s", text_of(p, "revision")) : text_of(p, "message");
	release_publish(&release);
}

/* ---- files ---- */

static void on_revision(void *arg, const struct store_revision *revision, const struct error *error)
{
	struct posted *p = arg;
	if (p->dead || (error && error->code == ERROR_UNAVAILABLE)) {
		pause_for(p, 10 * PAUSE_US);
		return;
	}
	if (error) {
		refuse(p, error->code == ERROR_NOT_FOUND ? 404 : 422, "revision", error->message);
		return;
	}
	struct playbook_file *files = arena_array(p->arena, revision->files.count + 1, sizeof *files);
	for (size_t i = 0; i < revision->files.count; i++)
		files[i] = (struct playbook_file){arena_dup(p->arena, revision->files.files[i].path), arena_str(p->arena, revision->files.files[i].bytes)};
	p->files = (struct playbook_files){.files = files, .count = revision->files.count};
	check(p);
}

/* A preview that is over, or the publish that was refused because of what it saw. */
static void on_preview(void *arg, json_t *rows, const struct error *error)
{
	struct posted *p = arg;
	json_t *job = json_array_get(rows, 0), *result = json_object_get(job, "result");
	if (json_object_get(result, "preview"))
		result = json_object_get(result, "preview");
	const char *kind = json_string_value(json_object_get(job, "kind")), *state = json_string_value(json_object_get(job, "state"));
	const char *active = json_string_value(json_object_get(result, "active")), *revision = json_string_value(json_object_get(result, "revision"));
	if (p->dead || error) {
		pause_for(p, 10 * PAUSE_US);
	} else if (!kind || strcmp(kind, "preview") != 0) {
		refuse(p, 404, "preview", "there is no such preview.");
	} else if (strcmp(state, "waiting") == 0 || strcmp(state, "running") == 0 || !active || !revision) {
		refuse(p, 409, "preview", "that preview is not over, or did not get to its end: nothing is known of what would change.");
	} else {
		snprintf(p->expected, sizeof p->expected, "%s", active);
		snprintf(p->previewed, sizeof p->previewed, "%s", revision);
		check(p);
	}
}

static void ask_preview(struct posted *p)
{
	char id[24];
	const char *const params[] = {id};
	snprintf(id, sizeof id, "%lld", (long long)json_integer_value(json_object_get(p->arguments, "preview")));
	store_query(p->store, "job_one_get", params, 1, on_preview, p);
}

static void on_job(void *arg, json_t *rows, const struct error *error)
{
	struct posted *p = arg;
	json_t *row = json_array_get(rows, 0);
	if (error || !row || p->dead) {
		pause_for(p, error ? 10 * PAUSE_US : PAUSE_US);
		return;
	}
	p->job = json_integer_value(json_object_get(row, "job_id"));
	p->arguments = json_incref(json_object_get(row, "arguments"));
	p->arena = arena_new();
	if (strcmp(text_of(p, "act"), "rollback") == 0) {
		store_revision_get(p->store, text_of(p, "revision"), on_revision, p);
		return;
	}
	const char *wrong = posted_files(json_object_get(p->arguments, "files"), p->arena, &p->files);
	if (wrong)
		refuse(p, 422, "files", arena_printf(p->arena, POSTED_FILE_WRONG, wrong));
	else if (json_object_get(p->arguments, "preview"))
		ask_preview(p);
	else
		check(p);
}

/* ---- its life ---- */

static void look(void *arg)
{
	struct posted *p = arg;
	p->busy = true;
	store_job_take(p->store, 0, "playbook", p->worker->owner, on_job, p);
}

struct posted *posted_new(struct worker *worker, struct store *store)
{
	struct posted *p = mem_alloc(sizeof *p);
	*p = (struct posted){.worker = worker, .store = store};
	p->timer = loop_timer_new(worker->loop, look, p);
	loop_timer_set(p->timer, 0);
	return p;
}

void posted_stop(struct posted *p)
{
	p->stopped = true;
	loop_timer_stop(p->timer);
}

bool posted_is_busy(const struct posted *p)
{
	return p->busy;
}

void posted_free(struct posted *p)
{
	if (!p)
		return;
	loop_timer_free(p->timer);
	p->timer = NULL;
	p->stopped = true;
	if (p->busy)
		p->dead = true;
	else
		free(p);
}
