/* Long work that a request asks for: 202 with the job's number; GET /v1/jobs/ID has its progress and its result. Who asks for the same again gets the same job,
 * and of one who asks three of a kind wait at most: 409 with the number of one of them. Called by the resources that check what is asked. */
#include "web/context.h"

#include "store/admin.h"

struct asked {
	struct web_request *req;
	const char *kind;
	json_t *body;
};

static void on_asked(void *arg, int64_t id, const struct error *error)
{
	struct asked *asked = arg;
	char place[64];
	snprintf(place, sizeof place, "/v1/jobs/%lld", (long long)id);
	if (error)
		web_fail(asked->req, error);
	else if (id <= 0)
		web_refuse(asked->req, ERROR_CONFLICT, NULL, "three of yours wait already, job %lld is the first of them: wait until it is over.", (long long)-id);
	else
		http_reply_json(asked->req->http, 202, NULL, json_pack("{s:I, s:s}", "job", (json_int_t)id, "see", place));
	json_decref(asked->body);
}

static void on_now(void *arg, moment_t now, const struct error *error)
{
	struct asked *asked = arg;
	if (!error) {
		store_job_ask(asked->req->web->store, asked->kind, asked->body, now, on_asked, asked);
		return;
	}
	web_fail(asked->req, error);
	json_decref(asked->body);
}

void web_job_post(struct web_request *req, const char *kind, json_t *body)
{
	struct asked *asked = arena_alloc(http_arena(req->http), sizeof *asked);
	json_object_set_new(body, "by", json_string(req->actor));
	*asked = (struct asked){req, kind, body};
	web_now(req->web, on_now, asked);
}
