/* GET /v1/reports/{name}: queries without parameters, their rows as they are; GET /v1/reports/campaign?name=: one campaign, as report/campaign.h has it. */
#include "report/campaign.h"
#include "web/context.h"

static void on_report(void *arg, json_t *rows, const struct error *error)
{
	struct web_request *req = arg;
	const struct playbook *playbook = web_playbook(req->web);
	if (error && error->code == ERROR_NOT_FOUND) {
		web_refuse(req, ERROR_NOT_FOUND, "report", "there is no report \"%.*s\".", STR_ARG(req->args[0]));
		return;
	}
	if (error) {
		web_fail(req, error);
		return;
	}
	if (str_is(req->args[0], "campaigns")) {
		size_t count = playbook ? playbook->campaign_count : 0;
		const char **names = arena_array(http_arena(req->http), count + 1, sizeof *names);
		for (size_t i = 0; i < count; i++)
			names[i] = playbook->campaigns[i].name;
		report_campaigns_living(rows, names, count);
	}
	http_reply_json(req->http, 200, NULL, json_pack("{s:O}", "rows", rows));
}

void web_report(struct web_request *req)
{
	const char *name = arena_printf(http_arena(req->http), "report_%.*s", STR_ARG(req->args[0]));
	store_query(req->web->store, name, NULL, 0, on_report, req);
}

/* ---- one campaign ---- */

static void unknown(struct web_request *req, struct str name, const struct playbook *playbook)
{
	size_t count = playbook ? playbook->campaign_count : 0;
	const char **names = arena_array(http_arena(req->http), count + 1, sizeof *names);
	for (size_t i = 0; i < count; i++)
		names[i] = playbook->campaigns[i].name;
	const char *near = str_nearest(name, names, count);
	web_refuse(req, ERROR_NOT_FOUND, "name", "there is no campaign \"%.*s\", and there never was one that leads entered.%s%s%s", STR_ARG(name),
		   near ? " Did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}

static void on_campaign(void *arg, json_t *rows, const struct error *error)
{
	struct web_request *req = arg;
	struct str name = http_param(http_query(req->http), "name");
	const struct playbook *playbook = web_playbook(req->web);
	const struct campaign *campaign = playbook ? playbook_campaign(playbook, name) : NULL;
	if (error) {
		web_fail(req, error);
		return;
	}
	json_t *row = json_array_get(rows, 0);
	if (!row && !campaign) {
		unknown(req, name, playbook);
		return;
	}
	struct report_campaign_of of = {.name = arena_dup_n(http_arena(req->http), name.p, name.n), .title = campaign ? campaign->title ? campaign->title : "" : NULL,
					.step_count = campaign ? campaign->step_count : 0};
	const char **steps = arena_array(http_arena(req->http), of.step_count + 1, sizeof *steps);
	for (size_t i = 0; i < of.step_count; i++)
		steps[i] = campaign->steps[i].name;
	of.steps = steps;
	http_reply_json(req->http, 200, NULL, report_campaign(json_incref(row), &of));
}

void web_report_campaign(struct web_request *req)
{
	const struct http_params *query = http_query(req->http);
	struct str name = http_param(query, "name");
	if (!name.n || query->count != 1) {
		web_refuse(req, ERROR_INVALID, "name", "name a campaign, and nothing else: /v1/reports/campaign?name=drip.");
		return;
	}
	const char *const params[] = {arena_dup_n(http_arena(req->http), name.p, name.n)};
	store_query(req->web->store, "report_campaign", params, 1, on_campaign, req);
}
