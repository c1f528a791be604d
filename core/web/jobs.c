/* DELETE /v1/jobs/JOB: asks long work to stop, behind the step at hand; what it did stays. Reading is in rows.c. */
#include "web/context.h"

#include "store/admin.h"

static void on_cancelled(void *arg, const struct error *error)
{
	struct web_request *req = arg;
	if (error)
		web_fail(req, error);
	else
		http_reply_json(req->http, 202, NULL, json_pack("{s:s}", "state", "ends behind its present step"));
}

void web_job_cancel(struct web_request *req)
{
	int64_t id = 0;
	if (!str_to_int(req->args[0], &id) || id <= 0)
		web_refuse(req, ERROR_NOT_FOUND, "job", "there is no such job.");
	else
		store_job_cancel(req->web->store, id, req->actor, on_cancelled, req);
}
