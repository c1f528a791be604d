/* The routes of jobs: what there is. What is done with one: deeds.c. */
#include "folder.h"
#include "hand.h"
#include "jobs.h"
#include "routes.h"

#include <nurture/requests.h>

#include "jobs.sql.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const struct nurture_statement
	list = {sizeof list, "jobs_list", sql_jobs_list},
	one = {sizeof one, "jobs_one", sql_jobs_one},
	campaigns = {sizeof campaigns, "jobs_campaigns", sql_jobs_campaigns},
	waiting = {sizeof waiting, "jobs_waiting", sql_jobs_waiting};

/* ---- as JSON ---- */

void job_set_moment(json_t *object, const char *key, int64_t at)
{
	char text[40];
	struct tm parts;
	time_t seconds = (time_t)(at / 1000000);
	if (!at)
		return;
	gmtime_r(&seconds, &parts);
	strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
	json_object_set_new(object, key, json_string(text));
}

static void set_text(json_t *object, const char *key, const char *text)
{
	if (*text)
		json_object_set_new(object, key, json_string(text));
}

/* A row of jobs_list or jobs_one. */
static json_t *job_json(const struct nurture_rows *rows, size_t i)
{
	json_t *job = json_pack("{s:I, s:s, s:s, s:I, s:I, s:I, s:f, s:s}", "job", (json_int_t)row_number(rows, i, 0), "name", row_text(rows, i, 1), "state", row_text(rows, i, 2), "letters",
				(json_int_t)row_number(rows, i, 4), "pages", (json_int_t)row_number(rows, i, 5), "seeds", (json_int_t)row_number(rows, i, 6), "cost",
				strtod(row_text(rows, i, 7), NULL), "currency", row_text(rows, i, 8));
	if (strcmp(row_text(rows, i, 2), "cutting") == 0)
		set_text(job, "phase", row_text(rows, i, 3));
	job_set_moment(job, "begun_at", row_number(rows, i, 9));
	set_text(job, "begun_by", row_text(rows, i, 10));
	job_set_moment(job, "cut_at", row_number(rows, i, 11));
	job_set_moment(job, "released_at", row_number(rows, i, 12));
	set_text(job, "released_by", row_text(rows, i, 13));
	job_set_moment(job, "sent_at", row_number(rows, i, 14));
	set_text(job, "remote", row_text(rows, i, 15));
	job_set_moment(job, "acknowledged_at", row_number(rows, i, 16));
	set_text(job, "acknowledged", row_text(rows, i, 17));
	job_set_moment(job, "cancelled_at", row_number(rows, i, 18));
	set_text(job, "cancelled_by", row_text(rows, i, 19));
	set_text(job, "trouble", row_text(rows, i, 20));
	set_text(job, "drop_on", row_text(rows, i, 21));
	set_text(job, "revision", row_text(rows, i, 22));
	set_text(job, "sums", row_text(rows, i, 23));
	if (row_number(rows, i, 24) > 1)
		json_object_set_new(job, "tries", json_integer(row_number(rows, i, 24)));
	job_set_moment(job, "purged_at", row_number(rows, i, 25));
	return job;
}

/* ---- what there is ---- */

static void on_list(void *arg, const struct nurture_answer *answer)
{
	struct asking *asking = arg;
	json_t *jobs = json_array(), *queue = json_array();
	if (answer->error) {
		json_decref(jobs);
		json_decref(queue);
		asking_db(asking, answer);
		return;
	}
	for (size_t i = 0; i < answer->steps[0].rows; i++)
		json_array_append_new(jobs, job_json(&answer->steps[0], i));
	const struct nurture_rows *rows = &answer->steps[1];
	for (size_t i = 0; i < rows->rows; i++) {
		json_t *row = json_pack("{s:s, s:I}", "campaign", row_text(rows, i, 0), "letters", (json_int_t)row_number(rows, i, 2));
		set_text(row, "drop_on", row_text(rows, i, 1));
		job_set_moment(row, "oldest", row_number(rows, i, 3));
		job_set_moment(row, "cut_at", row_number(rows, i, 4));
		set_text(row, "missing", row_text(rows, i, 5)); /* the list that they wait for */
		if (*row_text(rows, i, 5))
			job_set_moment(row, "again_at", row_number(rows, i, 6));
		json_array_append_new(queue, row);
	}
	asking_reply(asking, 200, json_pack("{s:o, s:o}", "jobs", jobs, "waiting", queue));
}

void route_jobs(void *self, const struct nurture_request *request)
{
	struct asking *asking = asking_new(self, request);
	struct values v = {0}, name = {0};
	if (!asking)
		return;
	put_text(&v, asking->office->host->channel_name);
	put_text(&v, nurture_query_text(request, "state"));
	put_text(&name, asking->office->host->channel_name);
	office_read(asking->office, (const struct nurture_step[]){{&list, v.items, v.count}, {&waiting, name.items, name.count}}, 2, on_list, asking);
}

/* The folder is looked at in the thread: hundreds of megabytes may have to be read. */
struct checking {
	struct hand_task task;
	struct asking *asking;
	char name[FOLDER_NAME], sums[OUT_HASH_TEXT];
	int result;
	struct nurture_problem problem;
	job_checked_fn *fn;
};

static void check_run(struct hand_task *task, struct hand *hand)
{
	struct checking *checking = (struct checking *)task;
	(void)hand;
	checking->result = folder_check(checking->asking->office->settings.spool, checking->name, checking->sums, &checking->problem);
}

static void check_done(struct hand_task *task)
{
	struct checking *checking = (struct checking *)task;
	char why[1400];
	snprintf(why, sizeof why, "%s %s", checking->problem.where, checking->problem.message);
	checking->fn(checking->asking, checking->result ? why : NULL);
	free(checking);
}

static void check_drop(struct hand_task *task)
{
	free(task);
}

void job_check(struct asking *asking, const char *name, const char *sums, job_checked_fn *fn)
{
	struct checking *checking = calloc(1, sizeof *checking);
	if (!checking)
		abort();
	*checking = (struct checking){
		.task = {.run = check_run, .done = check_done, .drop = check_drop}, .asking = asking, .problem = {.size = sizeof checking->problem}, .fn = fn};
	snprintf(checking->name, sizeof checking->name, "%s", name);
	snprintf(checking->sums, sizeof checking->sums, "%s", sums);
	hand_give(asking->office->hand, &checking->task);
}

static void show_checked(struct asking *asking, const char *why)
{
	json_object_set_new(asking->kept, "folder", why ? json_pack("{s:b, s:s}", "whole", 0, "why", why) : json_pack("{s:b}", "whole", 1));
	asking_reply(asking, 200, json_incref(asking->kept));
}

static void on_one(void *arg, const struct nurture_answer *answer)
{
	struct asking *asking = arg;
	json_t *steps = json_array();
	if (answer->error || !answer->steps[0].rows) {
		json_decref(steps);
		if (answer->error)
			asking_db(asking, answer);
		else
			asking_fail(asking, 404, "there is no such job.");
		return;
	}
	const struct nurture_rows *rows = &answer->steps[1];
	for (size_t i = 0; i < rows->rows; i++)
		json_array_append_new(steps, json_pack("{s:s, s:s, s:s, s:I, s:I, s:f}", "campaign", row_text(rows, i, 0), "step", row_text(rows, i, 1), "template", row_text(rows, i, 2), "letters",
						       (json_int_t)row_number(rows, i, 3), "pages", (json_int_t)row_number(rows, i, 4), "cost", strtod(row_text(rows, i, 5), NULL)));
	json_t *job = asking->kept = job_json(&answer->steps[0], 0);
	json_object_set_new(job, "steps", steps);
	const char *state = json_string_value(json_object_get(job, "state"));
	bool whole = strcmp(state, "cutting") != 0 && strcmp(state, "cancelling") != 0 && strcmp(state, "cancelled") != 0;
	if (whole && !asking->plain && json_object_get(job, "sums") && !json_object_get(job, "purged_at"))
		job_check(asking, json_string_value(json_object_get(job, "name")), json_string_value(json_object_get(job, "sums")), show_checked);
	else
		asking_reply(asking, 200, json_incref(job));
}

void job_put(struct values *v, const struct asking *asking)
{
	put_text(v, asking->office->host->channel_name);
	put_number(v, asking->job_id);
}

void route_job(void *self, const struct nurture_request *request)
{
	struct asking *asking = asking_new(self, request);
	struct values v = {0};
	if (!asking)
		return;
	asking->plain = strcmp(nurture_query_text(request, "folder"), "no") == 0;
	job_put(&v, asking);
	office_read(asking->office, (const struct nurture_step[]){{&one, v.items, v.count}, {&campaigns, v.items, v.count}}, 2, on_one, asking);
}
