/* An import's row in table job: found again by the key, taken, moved on with every group, ended. And waiting for the store,
 * which a command may do. */
#include "jobs/import_parts.h"

#include "base/hash.h"
#include "store/admin.h"
#include "store/imports.h"

#include <stdio.h>
#include <unistd.h>

/* ---- waiting for the store ---- */

void import_on_done(void *arg, const struct error *error)
{
	struct import_reply *answer = arg;
	answer->done = true;
	if (error)
		answer->error = *error;
}

static void on_id(void *arg, int64_t id, const struct error *error)
{
	((struct import_reply *)arg)->number = id;
	import_on_done(arg, error);
}

static void on_job(void *arg, bool cancel, const struct error *error)
{
	((struct import_reply *)arg)->flag = cancel;
	import_on_done(arg, error);
}

static void on_rows(void *arg, json_t *rows, const struct error *error)
{
	((struct import_reply *)arg)->rows = error ? NULL : json_incref(rows);
	import_on_done(arg, error);
}

static void on_clock(void *arg, const struct clock *clock, const struct error *error)
{
	if (!error)
		((struct import_reply *)arg)->now = clock_domain(clock, real_now());
	import_on_done(arg, error);
}

/* The store answers now, while what it answers into is there. */
int import_no_answer(struct importing *run)
{
	store_free(run->bulk);
	store_free(run->store);
	run->bulk = run->store = NULL;
	return error_set(run->error, ERROR_UNAVAILABLE, "database", "the database did not answer.");
}

int import_wait_for(struct importing *run, struct import_reply *answer)
{
	if (!store_wait(run->import->loop, &answer->done, ANSWER_SECONDS * MOMENT_SECOND))
		return import_no_answer(run);
	if (!answer->error.code)
		return 0;
	*run->error = answer->error;
	return -1;
}

/* The same asked again does no harm: a database that is away is waited for. */
bool import_again(const struct importing *run, int *tries)
{
	if (!run->store || run->error->code != ERROR_UNAVAILABLE || ++*tries == TRIES)
		return false;
	sleep(1);
	return true;
}

int import_read_now(struct importing *run)
{
	struct import_reply answer;
	int tries = 0, result;
	do {
		answer = (struct import_reply){0};
		store_clock_read(run->store, on_clock, &answer);
		result = import_wait_for(run, &answer);
	} while (result && import_again(run, &tries));
	run->now = answer.now;
	return result;
}

/* ---- the job ---- */

static int create_job(struct importing *run)
{
	struct import_reply answer = {0};
	json_t *arguments = json_pack("{s:s, s:s, s:s*, s:s*, s:s*, s:s*}", "key", run->key, "file", run->import->path, "map", run->import->map_path, "suppress",
				      run->suppress.name, "column", run->import->column, "country", run->import->country);
	if (!arguments)
		return error_set(run->error, ERROR_INVALID, run->import->path, "the file's name is not UTF-8 text.");
	store_job_create(run->store, "import", arguments, run->owner, run->now, on_id, &answer);
	int result = import_wait_for(run, &answer);
	json_decref(arguments);
	run->result->job = answer.number;
	return result;
}

/* Groups that earlier runs committed, also those that they died before they wrote down. */
static int read_spans(struct importing *run)
{
	struct import_reply answer = {0};
	char job[24];
	const char *const params[] = {job};
	snprintf(job, sizeof job, "%lld", (long long)run->result->job);
	store_query(run->store, "import_groups", params, 1, on_rows, &answer);
	if (import_wait_for(run, &answer))
		return -1;
	run->spans = arena_array(run->arena, json_array_size(answer.rows) + 1, sizeof *run->spans);
	for (size_t i = 0; i < json_array_size(answer.rows); i++) {
		const json_t *row = json_array_get(answer.rows, i);
		run->spans[run->span_count++] = (struct import_span){json_integer_value(json_object_get(row, "first")), json_integer_value(json_object_get(row, "rows"))};
		run->created_before += json_integer_value(json_object_get(row, "created"));
	}
	json_decref(answer.rows);
	return 0;
}

/* An earlier run of the same import: done, or to be gone on with. */
static int resume_job(struct importing *run, json_t *row)
{
	const char *state = json_string_value(json_object_get(row, "state"));
	struct import_reply answer = {0};
	run->result->job = json_integer_value(json_object_get(row, "job_id"));
	if (state && strcmp(state, "done") == 0) {
		run->result->done_before = true;
		return 0;
	}
	bool over = state && (strcmp(state, "cancelled") == 0 || strcmp(state, "failed") == 0);
	if (over && run->import->posted) {
		run->result->cancelled = true;
		return 0;
	}
	if (over)
		return create_job(run);
	store_job_take(run->store, run->result->job, "import", run->owner, on_rows, &answer);
	if (import_wait_for(run, &answer))
		return -1;
	bool ours = json_array_size(answer.rows) > 0;
	json_decref(answer.rows);
	if (!ours)
		return error_set(run->error, ERROR_CONFLICT, "job", "job %lld imports this file just now (or its process died less than %d seconds ago: wait, and run this again).",
				 (long long)run->result->job, JOB_SECONDS);
	if (run->import->trial)
		return 0; /* looks at all of it again */
	run->result->resumed = json_integer_value(json_object_get(row, "progress"));
	run->rejects_bytes = json_integer_value(json_object_get(json_object_get(row, "result"), "rejects_bytes"));
	run->result->rejected = json_integer_value(json_object_get(json_object_get(row, "result"), "rejected"));
	run->known_before = json_integer_value(json_object_get(json_object_get(row, "result"), "known"));
	return read_spans(run);
}

int import_find_job(struct importing *run)
{
	if (run->import->trial && !run->import->posted)
		return 0; /* nothing to go on with */
	struct import_reply answer = {0};
	const char *const params[] = {"import", run->key};
	store_query(run->store, "job_find", params, 2, on_rows, &answer);
	if (import_wait_for(run, &answer))
		return -1;
	json_t *row = json_array_get(answer.rows, 0);
	int result = row ? resume_job(run, row)
		   : run->import->posted ? error_set(run->error, ERROR_CONFLICT, "job", "the job of this file is not there.")
					 : create_job(run);
	json_decref(answer.rows);
	return result;
}

/* How far all runs together have come. */
static json_t *all_sums(const struct importing *run)
{
	const struct import_result *r = run->result;
	const json_int_t rows = (json_int_t)r->rows + (json_int_t)r->resumed, created = (json_int_t)r->created + (json_int_t)run->created_before;
	const json_int_t known = (json_int_t)r->known + (json_int_t)run->known_before;
	char separator[2] = {csv_separator(run->reader), '\0'};
	return json_pack("{s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "encoding", encoding_name(run->encoding), "separator", separator, "rows", rows, "created", created, "known", known, "rejected",
			 (json_int_t)r->rejected, "stopped", (json_int_t)r->stopped, "bytes_read", (json_int_t)csv_bytes(run->reader), "rejects_bytes",
			 (json_int_t)(run->rejects ? rejects_bytes(run->rejects) : 0));
}

static json_t *sums(const struct importing *run)
{
	json_t *sums = all_sums(run);
	if (run->import->trial)
		json_object_set_new(sums, "trial", json_pack("{s:I, s:I, s:I, s:I, s:O}", "doubles", (json_int_t)run->result->doubles, "clashes", (json_int_t)run->result->clashes, "updated", (json_int_t)(run->result->known - run->result->same), "same",
							     (json_int_t)run->result->same, "changes", run->result->changes));
	return sums;
}

static void say_how_read(struct importing *run)
{
	run->result->encoding = encoding_name(run->encoding);
	run->result->separator = csv_separator(run->reader);
}

int import_end_job(struct importing *run, int failed)
{
	struct import_reply answer = {0};
	struct import_result *r = run->result;
	struct error keep = *run->error;
	if (failed) /* the row stays as it is: the next run goes on from there */
		return -1;
	say_how_read(run);
	if (!r->job)
		return 0;
	json_t *result = sums(run);
	store_job_end(run->store, r->job, run->owner, r->cancelled ? "cancelled" : "done", result, NULL, run->now, import_on_done, &answer);
	int status = import_wait_for(run, &answer);
	json_decref(result);
	if (status == 0)
		*run->error = keep;
	return status;
}

void import_fail_job(struct importing *run)
{
	struct import_reply answer = {0};
	struct error keep = *run->error;
	char text[sizeof keep.where + sizeof keep.message + 2];
	if (!run->store || (!run->now && import_read_now(run)) || (!run->result->job && import_find_job(run)))
		return;
	run->result->over = run->result->cancelled || run->result->done_before;
	if (run->result->over)
		return;
	snprintf(text, sizeof text, "%s%s%s", keep.where, keep.where[0] ? ": " : "", keep.message);
	store_job_end(run->store, run->result->job, run->owner, "failed", NULL, text, run->now, import_on_done, &answer);
	if (import_wait_for(run, &answer))
		return; /* the next run fails in the same way, and says it again */
	run->result->over = true;
	*run->error = keep;
}

int import_say_errors(struct importing *run, const json_t *errors)
{
	struct import_reply answer;
	int tries = 0, result;
	do {
		answer = (struct import_reply){0};
		store_import_errors_add(run->store, run->result->job, errors, import_on_done, &answer);
		result = import_wait_for(run, &answer);
	} while (result && import_again(run, &tries));
	return result;
}

int import_say_progress(struct importing *run, const struct import_group *group)
{
	struct import_reply answer;
	json_t *state = sums(run);
	int tries = 0, result;
	result = 0;
	answer = (struct import_reply){0};
	if (run->result->job) do {
		answer = (struct import_reply){0};
		store_job_progress(run->store, run->result->job, run->owner, group->last, -1, state, on_job, &answer);
		result = import_wait_for(run, &answer);
	} while (result && import_again(run, &tries));
	json_decref(state);
	run->result->cancelled = answer.flag;
	if (run->import->progress)
		run->import->progress(run->import->arg, csv_bytes(run->reader), run->size);
	return result;
}
