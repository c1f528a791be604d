/* POST /v1/playbook/check, /preview, /publish, /rollback. Checking runs the playbook's files and tests, so it is the jobs role's: here a job is
 * written, looked at until it is over, and answered; 202 with its number when that takes longer than a minute (GET /v1/jobs/ID has the answer then).
 *
 *   body ─► job ─► every tenth of a second: over? ─► 200 done · 409 leads would move, or be stranded · 422 errors in it, with their places
 *
 * A publish says yes ("yes": true), or which preview it has seen ("preview": ID); without either it is a preview first, and done only when no lead moves. So is
 * a rollback without "yes". */
#include "web/context.h"

#include "base/mem.h"
#include "store/admin.h"

#include <stdio.h>
#include <stdlib.h>

static const int64_t look_us = 100000, most_us = 60 * MOMENT_SECOND;

struct posted {
	struct web_request *req;
	json_t *arguments;
	int64_t job;
	mono_t since;
	struct loop_timer *timer;
};

static void posted_free(struct posted *posted)
{
	json_decref(posted->arguments);
	loop_timer_free(posted->timer);
	free(posted);
}

static void fail(struct posted *posted, const struct error *error)
{
	web_fail(posted->req, error);
	posted_free(posted);
}

/* ---- the answer ---- */

static void reply(struct posted *posted, json_t *row)
{
	json_t *result = json_object_get(row, "result");
	json_int_t status = json_integer_value(json_object_get(result, "status"));
	json_t *copy = json_is_object(result) ? json_copy(result) : json_pack("{s:I}", "job", (json_int_t)posted->job);
	json_object_del(copy, "status");
	const char *state = json_string_value(json_object_get(row, "state"));
	if (!status)
		status = state && strcmp(state, "done") == 0 ? 200 : state && strcmp(state, "cancelled") == 0 ? 409 : 500;
	http_reply_json(posted->req->http, (int)status, NULL, copy);
	posted_free(posted);
}

static void on_job(void *arg, json_t *rows, const struct error *error)
{
	struct posted *posted = arg;
	json_t *row = json_array_get(rows, 0);
	const char *state = json_string_value(json_object_get(row, "state"));
	bool over = state && strcmp(state, "waiting") != 0 && strcmp(state, "running") != 0;
	if (error) {
		fail(posted, error);
	} else if (over) {
		reply(posted, row);
	} else if (mono_now() - posted->since > most_us) {
		http_reply_json(posted->req->http, 202, NULL, json_pack("{s:I}", "job", (json_int_t)posted->job));
		posted_free(posted);
	} else {
		loop_timer_set(posted->timer, look_us);
	}
}

static void look(void *arg)
{
	struct posted *posted = arg;
	char id[24];
	const char *params[] = {id};
	snprintf(id, sizeof id, "%lld", (long long)posted->job);
	store_query(posted->req->web->store, "job_get", params, 1, on_job, posted);
}

/* ---- the job ---- */

static void on_created(void *arg, int64_t id, const struct error *error)
{
	struct posted *posted = arg;
	if (error) {
		fail(posted, error);
		return;
	}
	posted->job = id;
	loop_timer_set(posted->timer, look_us);
}

/* Looking at every lead is long work: a child's (jobs/preview_job.c). */
static const char *kind_of(const struct posted *posted)
{
	const char *act = posted->req->route->detail;
	bool seen = json_is_true(json_object_get(posted->arguments, "yes")) || json_object_get(posted->arguments, "preview");
	return strcmp(act, "preview") == 0 || ((strcmp(act, "publish") == 0 || strcmp(act, "rollback") == 0) && !seen) ? "preview" : "playbook";
}

static void on_now(void *arg, moment_t now, const struct error *error)
{
	struct posted *posted = arg;
	if (error)
		fail(posted, error);
	else
		store_job_create(posted->req->web->store, kind_of(posted), posted->arguments, NULL, now, on_created, posted);
}

/* ---- what was posted ---- */

static const char *wrong_type(json_t *body)
{
	static const struct {
		const char *name;
		json_type type;
	} fields[] = {{"files", JSON_OBJECT}, {"message", JSON_STRING}, {"revision", JSON_STRING}, {"preview", JSON_INTEGER}};
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
		json_t *value = json_object_get(body, fields[i].name);
		if (value && json_typeof(value) != fields[i].type)
			return fields[i].name;
	}
	static const char *const switches[] = {"hold", "switch_on", "yes"};
	for (size_t i = 0; i < sizeof switches / sizeof *switches; i++) {
		json_t *value = json_object_get(body, switches[i]);
		if (value && !json_is_boolean(value))
			return switches[i];
	}
	return NULL;
}

/* NULL when it is one that can be done; else it was refused. */
static bool is_refused(struct web_request *req, json_t *body)
{
	static const struct {
		const char *act, *fields[8];
	} acts[] = {{"check", {"files"}}, {"preview", {"files", "switch_on"}}, {"publish", {"files", "message", "hold", "switch_on", "yes", "preview"}},
		    {"rollback", {"revision", "hold", "switch_on", "yes"}}};
	const char *act = req->route->detail;
	size_t row = 0;
	while (strcmp(acts[row].act, act) != 0)
		row++;
	const char *needs = acts[row].fields[0], *const *known = acts[row].fields;
	const char *foreign = web_json_foreign(body, known), *wrong = wrong_type(body);
	if (foreign)
		web_refuse(req, ERROR_INVALID, foreign, "there is no field \"%s\" here.", foreign);
	else if (wrong)
		web_refuse(req, ERROR_INVALID, wrong, "%s has the wrong type.", wrong);
	else if (!json_object_get(body, needs))
		web_refuse(req, ERROR_INVALID, needs, strcmp(needs, "files") == 0 ? "files is missing: {\"files\": {\"playbook.lua\": \"…\", …}}." : "revision is missing: its name, or the beginning of it.");
	return foreign || wrong || !json_object_get(body, needs);
}

void web_playbook_post(struct web_request *req)
{
	json_t *body = web_json_body(req);
	if (!body)
		return;
	if (is_refused(req, body)) {
		json_decref(body);
		return;
	}
	struct posted *posted = mem_alloc(sizeof *posted);
	*posted = (struct posted){.req = req, .arguments = body, .since = mono_now()};
	posted->timer = loop_timer_new(req->web->worker->loop, look, posted);
	json_object_set_new(body, "act", json_string(req->route->detail));
	json_object_set_new(body, "by", json_string(req->actor));
	web_now(req->web, on_now, posted);
}
