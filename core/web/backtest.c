/* POST /v1/playbook/backtest: replays history by the active playbook, or by files that are posted, beside the active one. POST /v1/playbook/fit: learns points from it. Long work: the answer is 202 with the job's
 * number; GET /v1/jobs/ID has its progress, and in `result` what core/jobs/backtest_job.h describes. */
#include "web/context.h"

#include <string.h>

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
	static const char *const splits[] = {"folds", "random", "time"};
	const char *split = foreign || wrong ? NULL : json_string_value(json_object_get(body, "split"));
	bool known = !split;
	struct error error;
	moment_t moment;
	for (size_t i = 0; split && i < 3; i++)
		known |= strcmp(split, splits[i]) == 0;
	if (!known)
		return web_refuse(req, ERROR_INVALID, "split", "split is folds, random or time."), true;
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
	web_job_post(req, req->route->detail, body);
}
