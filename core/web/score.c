/* GET /v1/leads/{id}/score: a receipt for every point, computed now by the code that turns run. */
#include "web/context.h"

#include "store/batch.h"
#include "turn/turn.h"

struct explaining {
	struct web_request *req;
	int64_t lead_id;
	moment_t now;
	const struct schema *schema; /* that the facts are loaded by */
};

static void reply(struct web_request *req, const struct batch *batch, moment_t now)
{
	struct error error;
	struct turn_facts facts;
	struct playbook *playbook = web_playbook(req->web);
	if (!playbook) {
		web_refuse(req, ERROR_CONFLICT, NULL, "no playbook is published: there is nothing to score by.");
		return;
	}
	if (turn_facts_read(&facts, &batch->leads[0].facts, now, batch->arena, &error) < 0) {
		web_fail(req, &error);
		return;
	}
	json_t *json = turn_explain_json(playbook, &facts, batch->arena, &error);
	if (json)
		http_reply_json(req->http, 200, NULL, json);
	else
		web_fail(req, &error);
}

static void ask(struct explaining *explaining);

static void on_facts(void *arg, struct batch *batch, const struct error *error)
{
	struct explaining *explaining = arg;
	if (error)
		web_fail(explaining->req, error);
	else if (!batch->count)
		web_refuse(explaining->req, ERROR_NOT_FOUND, "lead", "there is no such lead.");
	else if (explaining->schema != web_schema(explaining->req->web))
		ask(explaining); /* another playbook came into force meanwhile */
	else
		reply(explaining->req, batch, explaining->now);
	store_batch_free(batch);
}

static void ask(struct explaining *explaining)
{
	struct web *web = explaining->req->web;
	explaining->schema = web_schema(web);
	store_lead_facts(web->store, explaining->schema, explaining->lead_id, explaining->now, 0, on_facts, explaining);
}

static void on_time(void *arg, moment_t now, const struct error *error)
{
	struct explaining *explaining = arg;
	if (error) {
		web_fail(explaining->req, error);
		return;
	}
	explaining->now = now;
	ask(explaining);
}

static void on_lead(struct web_request *req, int64_t lead_id)
{
	struct explaining *explaining = arena_alloc(http_arena(req->http), sizeof *explaining);
	*explaining = (struct explaining){.req = req, .lead_id = lead_id};
	web_now(req->web, on_time, explaining);
}

void web_lead_score(struct web_request *req)
{
	web_find_lead(req, req->args[0], on_lead);
}
