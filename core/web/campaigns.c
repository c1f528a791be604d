/* What people do with a campaign by hand: POST /v1/campaigns/{name}/pause | resume | enroll | leave, with {"lead": id, e-mail address or external id}; pause
 * and resume also without, of the whole campaign; finish, {"now": true} lets out who is inside. 202: turns do it, by the campaign's own `again`, `leave` and holdout. 404: no such campaign in the active
 * playbook, or no such lead. */
#include "web/context.h"

#include "store/campaign.h"

#include <string.h>

struct asking {
	struct web_request *req;
	struct store_campaign ask;
	struct str lead;
};

static void on_answer(void *arg, json_t *answer, const struct error *error)
{
	struct asking *asking = arg;
	if (error)
		web_fail(asking->req, error);
	else
		http_reply_json(asking->req->http, 202, NULL, json_incref(answer));
}

static void on_time(void *arg, moment_t now, const struct error *error)
{
	struct asking *asking = arg;
	asking->ask.now = now;
	if (error)
		web_fail(asking->req, error);
	else
		store_campaign(asking->req->web->store, &asking->ask, on_answer, asking);
}

static void on_lead(void *arg, json_t *rows, const struct error *error)
{
	struct asking *asking = arg;
	asking->ask.lead = json_integer_value(json_object_get(json_array_get(rows, 0), "lead_id"));
	if (error)
		web_fail(asking->req, error);
	else if (!asking->ask.lead)
		web_refuse(asking->req, ERROR_NOT_FOUND, "lead", "there is no such lead. Name it by its id, e-mail address or external id.");
	else
		web_now(asking->req->web, on_time, asking);
}

static int read_finish(struct asking *asking, json_t *body, struct error *error)
{
	static const char *const keys[] = {"now", NULL};
	const char *foreign = web_json_foreign(body, keys);
	json_t *now = json_object_get(body, "now");
	if (foreign)
		return error_set(error, ERROR_INVALID, foreign, "this has no \"%s\": it has only \"now\".", foreign);
	if (now && !json_is_boolean(now))
		return error_set(error, ERROR_INVALID, "now", "now is true or false: whether those inside are let out.");
	asking->ask.let_out = json_is_true(now);
	return 0;
}

/* An id may be given as a number, too. */
static int read_body(struct asking *asking, json_t *body, struct error *error)
{
	static const char *const keys[] = {"lead", NULL};
	const char *foreign = web_json_foreign(body, keys);
	json_t *lead = json_object_get(body, "lead");
	struct arena *arena = http_arena(asking->req->http);
	bool whole = asking->ask.act == CAMPAIGN_PAUSE || asking->ask.act == CAMPAIGN_RESUME;
	if (foreign)
		return error_set(error, ERROR_INVALID, foreign, "this has no \"%s\": it has only \"lead\".", foreign);
	if (json_is_integer(lead))
		asking->lead = str_of(arena_printf(arena, "%lld", (long long)json_integer_value(lead)));
	else
		asking->lead = arena_str(arena, (struct str){json_string_value(lead), json_string_length(lead)});
	if ((lead || !whole) && (!asking->lead.n || asking->lead.n > 400 || !str_is_text(asking->lead)))
		return error_set(error, ERROR_INVALID, "lead", "say which lead: \"lead\" is its id, e-mail address or external id.");
	return 0;
}

static bool campaign_is_there(struct web_request *req)
{
	const struct playbook *playbook = web_playbook(req->web);
	if (playbook && playbook_campaign(playbook, req->args[0]))
		return true;
	web_refuse(req, ERROR_NOT_FOUND, "campaign", "there is no such campaign in the active playbook.");
	return false;
}

void web_campaign_post(struct web_request *req)
{
	struct asking *asking = arena_alloc(http_arena(req->http), sizeof *asking);
	struct error error = {0};
	*asking = (struct asking){.req = req, .ask = {.campaign = req->args[0], .actor = req->actor}};
	while (strcmp(store_campaign_acts[asking->ask.act], req->route->detail) != 0)
		asking->ask.act++;
	json_t *body = campaign_is_there(req) ? web_json_body(req) : NULL;
	if (!body)
		return;
	int rc = asking->ask.act == CAMPAIGN_FINISH ? read_finish(asking, body, &error) : read_body(asking, body, &error);
	json_decref(body);
	const char *params[] = {asking->lead.n ? model_lead_name(asking->lead, http_arena(req->http)) : NULL};
	if (rc)
		web_fail(req, &error);
	else if (asking->lead.n)
		store_query(req->web->store, "lead_itself", params, 1, on_lead, asking);
	else
		web_now(req->web, on_time, asking);
}
