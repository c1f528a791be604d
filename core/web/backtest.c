/* POST /v1/playbook/backtest: replays history by the active playbook, or by files that are posted, beside the active one. POST /v1/playbook/fit: learns points from it. Long work: the answer is 202 with the job's
 * number; GET /v1/jobs/ID has its progress, and in `result` what core/jobs/backtest_job.h describes. */
#include "web/context.h"

#include "store/admin.h"

#include <string.h>

struct asked {
	struct web_request *req;
	json_t *body;
};

static void on_created(void *arg, int64_t id, const struct error *error)
{
	struct asked *asked = arg;
	char place[64];
	snprintf(place, sizeof place, "/v1/jobs/%lld", (long long)id);
	if (error)
		web_fail(asked->req, error);
	else
		http_reply_json(asked->req->http, 202, NULL, json_pack("{s:I, s:s}", "job", (json_int_t)id, "see", place));
	json_decref(asked->body);
}

static void on_now(void *arg, moment_t now, const struct error *error)
{
	struct asked *asked = arg;
	if (!error) {
		store_job_create(asked->req->web->store, asked->req->route->detail, asked->body, NULL, now, on_created, asked);
		return;
	}
	web_fail(asked->req, error);
	json_decref(asked->body);
}

static const char *wrong_type(json_t *body)
{
	static const char *const texts[] = {"model", "outcome", "against", "from", "to", "at", "split"};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		const json_t *value = json_object_get(body, texts[i]);
		if (value && !json_is_string(value))
			return texts[i];
	}
	const json_t *files = json_object_get(body, "files"), *imported = json_object_get(body, "as_imported");
	if (json_object_get(body, "seed") && !json_is_integer(json_object_get(body, "seed")))
		return "seed";
	return files && !json_is_object(files) ? "files" : imported && !json_is_boolean(imported) ? "as_imported" : NULL;
}

static bool is_refused(struct web_request *req, json_t *body)
{
	static const char *const keys[] = {"files", "model", "outcome", "against", "from", "to", "at", "as_imported", NULL};
	static const char *const fits[] = {"files", "model", "outcome", "against", "from", "to", "at", "as_imported", "split", "seed", NULL};
	static const char *const moments[] = {"from", "to", "at"};
	const char *foreign = json_is_object(body) ? web_json_foreign(body, strcmp(req->route->detail, "fit") == 0 ? fits : keys) : "body", *wrong = foreign ? NULL : wrong_type(body);
	struct error error;
	moment_t moment;
	if (foreign)
		web_refuse(req, ERROR_INVALID, foreign, "there is no field \"%s\" here.", foreign);
	else if (wrong)
		web_refuse(req, ERROR_INVALID, wrong, "%s has the wrong type.", wrong);
	else if (json_object_get(body, "at") && json_object_get(body, "from"))
		return web_refuse(req, ERROR_INVALID, "at", "at is in place of from."), true;
	for (size_t i = 0; !foreign && !wrong && i < 3; i++) {
		const char *given = json_string_value(json_object_get(body, moments[i]));
		if (given && moment_parse(str_of(given), &moment, &error) < 0) {
			web_refuse(req, ERROR_INVALID, moments[i], "%s", error.message);
			return true;
		}
	}
	return foreign || wrong;
}

void web_backtest_post(struct web_request *req)
{
	json_t *body = web_json_body(req);
	if (!body)
		return;
	if (is_refused(req, body)) {
		json_decref(body);
		return;
	}
	json_object_set_new(body, "by", json_string(req->actor));
	struct asked *asked = arena_alloc(http_arena(req->http), sizeof *asked);
	*asked = (struct asked){req, body};
	web_now(req->web, on_now, asked);
}
