/* POST /v1/purges: erases everybody who has done nothing for long, as `nurture purge` does.
 *   {"older": "6 months" (or "6mo"), "segment": NAME | "everybody": true}
 *       "dry_run": true    200, how many that would be: {"leads", "since", "segment"}
 *       "yes": true        202 with the job's number; GET /v1/jobs/ID has its progress and, when it is done, {"leads"} as result. The same again while it is not over is
 *                          the same job, and of one who asks three wait at most (409)
 *       neither            409 with the same preview: nobody is erased by a slip */
#include "web/context.h"

#include "store/admin.h"
#include "turn/purge.h"

struct purging {
	struct web_request *req;
	const char *older, *segment;
	bool dry_run, yes;
	struct turn_purge who;
	moment_t now;
	json_int_t leads;
};

static void on_created(void *arg, int64_t id, const struct error *error)
{
	struct purging *p = arg;
	char place[64];
	snprintf(place, sizeof place, "/v1/jobs/%lld", (long long)id);
	if (error)
		web_fail(p->req, error);
	else if (id <= 0)
		web_refuse(p->req, ERROR_CONFLICT, NULL, "three of yours wait already, job %lld is the first of them: wait until it is over.", (long long)-id);
	else
		http_reply_json(p->req->http, 202, NULL, json_pack("{s:I, s:I, s:s}", "job", (json_int_t)id, "leads", p->leads, "see", place));
}

static json_t *preview(const struct purging *p)
{
	return json_pack("{s:I, s:s, s:s?}", "leads", p->leads, "since", p->who.since, "segment", p->segment);
}

static void on_count(void *arg, json_t *rows, const struct error *error)
{
	struct purging *p = arg;
	if (error) {
		web_fail(p->req, error);
		return;
	}
	p->leads = json_integer_value(json_object_get(json_array_get(rows, 0), "leads"));
	if (p->dry_run) {
		http_reply_json(p->req->http, 200, NULL, preview(p));
	} else if (p->yes) {
		json_t *arguments = json_pack("{s:s, s:s?, s:s}", "older", p->older, "segment", p->segment, "by", p->req->actor);
		store_job_ask(p->req->web->store, "retention", arguments, p->now, on_created, p);
		json_decref(arguments);
	} else {
		http_reply_json(p->req->http, 409, NULL,
				json_pack("{s:i, s:s, s:s, s:o, s:o}", "status", 409, "title", "Conflict", "field", "yes", "detail",
					  json_sprintf("%lld leads would be erased for good. Say \"yes\": true.", (long long)p->leads), "preview", preview(p)));
	}
}

static void on_now(void *arg, moment_t now, const struct error *error)
{
	struct purging *p = arg;
	struct error wrong;
	if (error) {
		web_fail(p->req, error);
		return;
	}
	p->now = now;
	if (turn_purge_who(web_playbook(p->req->web), str_of(p->older), p->segment ? str_of(p->segment) : (struct str){0}, now, http_arena(p->req->http), &p->who,
			   &wrong) < 0) {
		web_fail(p->req, &wrong);
		return;
	}
	const char *const params[] = {p->who.since, p->who.segment, p->who.verbs};
	store_query(p->req->web->store, "purge_count", params, 3, on_count, p);
}

static bool is_refused(struct web_request *req, json_t *body)
{
	static const char *const keys[] = {"older", "segment", "everybody", "dry_run", "yes", NULL};
	const char *foreign = web_json_foreign(body, keys), *key;
	json_t *value;
	if (foreign) {
		web_refuse(req, ERROR_INVALID, foreign, "there is no field \"%s\" here.", foreign);
		return true;
	}
	json_object_foreach(body, key, value) {
		bool text = strcmp(key, "older") == 0 || strcmp(key, "segment") == 0;
		if (text ? json_is_string(value) : json_is_boolean(value))
			continue;
		web_refuse(req, ERROR_INVALID, key, text ? "%s is a text." : "%s is true or false.", key);
		return true;
	}
	if (!json_object_get(body, "older"))
		web_refuse(req, ERROR_INVALID, "older", "say for how long: \"older\": \"6 months\".");
	else if (json_is_true(json_object_get(body, "everybody")) == json_is_string(json_object_get(body, "segment")))
		web_refuse(req, ERROR_INVALID, "segment", "say of whom: \"segment\": NAME, or \"everybody\": true.");
	else
		return false;
	return true;
}

static const char *text_of(const struct web_request *req, json_t *body, const char *key)
{
	const char *text = json_string_value(json_object_get(body, key));
	return text ? arena_dup(http_arena(req->http), text) : NULL;
}

void web_purges_post(struct web_request *req)
{
	json_t *body = web_json_body(req);
	if (!body)
		return;
	if (!is_refused(req, body)) {
		struct purging *p = arena_alloc(http_arena(req->http), sizeof *p);
		*p = (struct purging){.req = req, .older = text_of(req, body, "older"), .segment = text_of(req, body, "segment"),
				      .dry_run = json_is_true(json_object_get(body, "dry_run")), .yes = json_is_true(json_object_get(body, "yes"))};
		web_now(req->web, on_now, p);
	}
	json_decref(body);
}
