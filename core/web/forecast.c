/* POST /v1/playbook/forecast: how many contacts a campaign of the active playbook will make a day. Many leads are walked: the answer is 202 with the job's
 * number, GET /v1/jobs/ID has in `result` what core/turn/forecast.h describes. */
#include "web/context.h"

#include "store/admin.h"

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
		store_job_create(asked->req->web->store, "forecast", asked->body, NULL, now, on_created, asked);
		return;
	}
	web_fail(asked->req, error);
	json_decref(asked->body);
}

static bool is_refused(struct web_request *req, const json_t *body)
{
	static const struct { const char *name; json_type type; } fields[] = {
		{"campaign", JSON_STRING}, {"segment", JSON_STRING}, {"days", JSON_INTEGER}, {"sample", JSON_INTEGER}};
	static const char *const names[] = {"campaign", "segment", "days", "sample", NULL};
	const char *foreign = web_json_foreign((json_t *)body, names);
	if (foreign)
		web_refuse(req, ERROR_INVALID, foreign, "there is no field \"%s\" here.", foreign);
	for (size_t i = 0; !foreign && i < sizeof fields / sizeof *fields; i++) {
		const json_t *value = json_object_get(body, fields[i].name);
		if (value ? json_typeof(value) == fields[i].type : i > 0)
			continue;
		web_refuse(req, ERROR_INVALID, fields[i].name, value ? "%s has the wrong type." : "%s is missing: its name.", fields[i].name);
		return true;
	}
	return foreign != NULL;
}

void web_forecast_post(struct web_request *req)
{
	json_t *body = web_json_body(req);
	if (body && is_refused(req, body)) {
		json_decref(body);
		return;
	}
	if (!body)
		return;
	json_object_set_new(body, "by", json_string(req->actor));
	struct asked *asked = arena_alloc(http_arena(req->http), sizeof *asked);
	*asked = (struct asked){req, body};
	web_now(req->web, on_now, asked);
}
