/* The table of routes and the way through it: find the row, check the token, call its handler.
 *
 * To add a route is to add a row here and a small file. What the design names and this version does not have yet is a row as well, and
 * answers 501 with a clear word. */
#include "web/context.h"

#include <stdio.h>

enum { UNCHECKED = 64 * 1024 }; /* bytes of a body that are taken before its token is looked at */
/* The database may stand still, or be behind a wire that swallows everything: its connection is given up only after half a minute (store.h), as
 * slow is not dead. Nobody waits so long: a 503 says try again, and nothing that was not acknowledged was promised. */
static const int64_t PATIENCE = 11 * MOMENT_SECOND, PATIENCE_256K = MOMENT_SECOND;

const struct web_route web_routes[] = {
	{HTTP_POST, "/v1/events", SCOPE_TRACK, web_events_post, 16u << 20, NULL},

	{HTTP_POST, "/v1/leads", SCOPE_WRITE, web_leads_post, 0, NULL},
	{HTTP_GET, "/v1/leads", SCOPE_READ, web_rows, 0, "leads_page"},
	{HTTP_GET, "/v1/leads/:lead", SCOPE_READ, web_lead_rows, 0, "lead_get"},
	{HTTP_DELETE, "/v1/leads/:lead", SCOPE_ADMIN, web_lead_erase, 0, NULL},
	{HTTP_PATCH, "/v1/leads/:lead", SCOPE_WRITE, web_lead_patch, 0, NULL},
	{HTTP_POST, "/v1/leads/:lead/merge", SCOPE_WRITE, web_lead_merge, 0, NULL},
	{HTTP_POST, "/v1/leads/:lead/unmerge", SCOPE_WRITE, web_lead_unmerge, 0, NULL},
	{HTTP_GET, "/v1/leads/:lead/export", SCOPE_ADMIN, web_lead_export, 0, NULL},
	{HTTP_GET, "/v1/leads/:lead/timeline", SCOPE_READ, web_lead_rows, 0, "lead_timeline"},
	{HTTP_GET, "/v1/leads/:lead/score", SCOPE_READ, web_lead_score, 0, NULL},
	{HTTP_GET, "/v1/leads/:lead/score/history", SCOPE_READ, web_lead_rows, 0, "lead_score_history"},
	{HTTP_GET, "/v1/leads/:lead/touches", SCOPE_READ, web_lead_rows, 0, "lead_touches"},
	{HTTP_GET, "/v1/leads/:lead/enrollments", SCOPE_READ, web_lead_rows, 0, "lead_enrollments"},
	{HTTP_GET, "/v1/leads/:lead/enrollments/:enrollment", SCOPE_READ, web_lead_rows, 0, "lead_trace"},
	{HTTP_GET, "/v1/touches/:touch", SCOPE_READ, web_rows, 0, "touch_get"},
	{HTTP_GET, "/v1/leads/:lead/consent", SCOPE_READ, web_lead_rows, 0, "lead_consent"},
	{HTTP_POST, "/v1/leads/:lead/consent", SCOPE_WRITE, web_consent_post, 0, NULL},
	{HTTP_POST, "/v1/leads/:lead/identify", SCOPE_WRITE, web_identify_post, 0, NULL},

	{HTTP_GET, "/v1/export", SCOPE_READ, web_export_get, 0, NULL},

	{HTTP_POST, "/v1/purges", SCOPE_ADMIN, web_purges_post, 4u << 10, NULL},

	{HTTP_GET, "/v1/suppressions", SCOPE_READ, web_rows, 0, "suppressions_all_page"},
	{HTTP_POST, "/v1/suppressions", SCOPE_WRITE, web_suppressions_post, 8u << 10, NULL},
	{HTTP_DELETE, "/v1/suppressions/:kind/:value", SCOPE_ADMIN, web_suppression_drop, 0, NULL},

	{HTTP_GET, "/v1/accounts", SCOPE_READ, web_rows, 0, "accounts_page"},
	{HTTP_GET, "/v1/accounts/:account", SCOPE_READ, web_account_get, 0, "account_get"},
	{HTTP_GET, "/v1/accounts/:account/changes", SCOPE_READ, web_account_rows, 0, "account_changes"},
	{HTTP_GET, "/v1/accounts/:account/leads", SCOPE_READ, web_account_rows, 0, "account_leads"},
	{HTTP_PATCH, "/v1/accounts/:account", SCOPE_WRITE, web_account_patch, 0, NULL},
	{HTTP_GET, "/v1/opportunities", SCOPE_READ, web_rows, 0, "opportunities_page"},
	{HTTP_POST, "/v1/opportunities", SCOPE_WRITE, web_opportunities_post, 0, NULL},
	{HTTP_POST, "/v1/imports", SCOPE_WRITE, web_imports_post, 0, NULL},
	{HTTP_GET, "/v1/imports", SCOPE_READ, web_rows, 0, "imports_page"},
	{HTTP_GET, "/v1/imports/:import", SCOPE_READ, web_rows, 0, "import_get"},
	{HTTP_DELETE, "/v1/imports/:import", SCOPE_WRITE, web_import_cancel, 0, NULL},
	{HTTP_GET, "/v1/imports/:import/errors", SCOPE_READ, web_rows, 0, "import_errors_page"},
	{HTTP_GET, "/v1/import-maps", SCOPE_READ, web_rows, 0, "import_maps_page"},
	{HTTP_GET, "/v1/import-maps/:map", SCOPE_READ, web_rows, 0, "import_map_get"},
	{HTTP_PUT, "/v1/import-maps/:map", SCOPE_WRITE, web_import_map_put, 64u << 10, NULL},
	{HTTP_DELETE, "/v1/import-maps/:map", SCOPE_WRITE, web_import_map_drop, 0, NULL},

	{HTTP_GET, "/v1/jobs", SCOPE_READ, web_rows, 0, "jobs_page"},
	{HTTP_GET, "/v1/jobs/:job", SCOPE_READ, web_rows, 0, "job_one_get"},
	{HTTP_DELETE, "/v1/jobs/:job", SCOPE_ADMIN, web_job_cancel, 0, NULL},

	{HTTP_GET, "/v1/letters/:code", SCOPE_READ, web_letter_read, 0, NULL},
	{HTTP_POST, "/v1/letters/:code/response", SCOPE_WRITE, web_letter_response, 8u << 10, NULL},
	{HTTP_POST, "/v1/letter-matches", SCOPE_WRITE, web_letter_matches, 1u << 20, NULL},
	{HTTP_POST, "/v1/lead-places", SCOPE_ADMIN, web_lead_places, 1u << 20, NULL},

	{HTTP_GET, "/v1/campaigns", SCOPE_READ, web_campaign_rows, 0, "campaigns"},
	{HTTP_GET, "/v1/campaigns/:campaign", SCOPE_READ, web_campaign_rows, 0, "campaign_get"},
	{HTTP_GET, "/v1/campaigns/:campaign/enrollments", SCOPE_READ, web_campaign_rows, 0, "campaign_enrollments"},
	{HTTP_POST, "/v1/campaigns/:campaign/pause", SCOPE_WRITE, web_campaign_post, 8u << 10, "pause"},
	{HTTP_POST, "/v1/campaigns/:campaign/resume", SCOPE_WRITE, web_campaign_post, 8u << 10, "resume"},
	{HTTP_POST, "/v1/campaigns/:campaign/enroll", SCOPE_WRITE, web_campaign_post, 8u << 10, "enroll"},
	{HTTP_POST, "/v1/campaigns/:campaign/leave", SCOPE_WRITE, web_campaign_post, 8u << 10, "leave"},
	{HTTP_POST, "/v1/campaigns/:campaign/finish", SCOPE_WRITE, web_campaign_post, 8u << 10, "finish"},
	{HTTP_GET, "/v1/playbook", SCOPE_READ, web_playbook_get, 0, NULL},
	{HTTP_GET, "/v1/playbook/revisions", SCOPE_READ, web_rows, 0, "revisions"},
	{HTTP_POST, "/v1/playbook/check", SCOPE_ADMIN, web_playbook_post, 8u << 20, "check"},
	{HTTP_POST, "/v1/playbook/preview", SCOPE_ADMIN, web_playbook_post, 8u << 20, "preview"},
	{HTTP_POST, "/v1/playbook/backtest", SCOPE_ADMIN, web_backtest_post, 8u << 20, "backtest"},
	{HTTP_POST, "/v1/playbook/fit", SCOPE_ADMIN, web_backtest_post, 8u << 20, "fit"},
	{HTTP_POST, "/v1/playbook/publish", SCOPE_ADMIN, web_playbook_post, 8u << 20, "publish"},
	{HTTP_POST, "/v1/playbook/rollback", SCOPE_ADMIN, web_playbook_post, 0, "rollback"},
	{HTTP_POST, "/v1/playbook/forecast", SCOPE_READ, web_forecast_post, 8u << 10, NULL},
	{HTTP_POST, "/v1/playbook/email", SCOPE_READ, web_email_post, 64u << 10, NULL},
	{HTTP_POST, "/v1/playbook/simulate", SCOPE_READ, web_simulate_post, 64u << 10, NULL},
	{HTTP_GET, "/v1/reports/campaign", SCOPE_READ, web_report_campaign, 0, NULL},
	{HTTP_GET, "/v1/reports/:report", SCOPE_READ, web_report, 0, NULL},
	{HTTP_GET, "/v1/channels", SCOPE_READ, web_rows, 0, "channel_states"},
	{HTTP_POST, "/v1/channels/:channel/stop", SCOPE_WRITE, web_channel_post, 0, "stop"},
	{HTTP_POST, "/v1/channels/:channel/resume", SCOPE_WRITE, web_channel_post, 0, "resume"},

	{HTTP_GET, "/u/:token", SCOPE_PUBLIC, web_unsubscribe_get, 0, NULL},
	{HTTP_POST, "/u/:token", SCOPE_PUBLIC, web_unsubscribe_post, 16u << 10, NULL},
	{HTTP_GET, "/o/:token", SCOPE_PUBLIC, web_open_get, 0, NULL},
	{HTTP_GET, "/c/:token", SCOPE_PUBLIC, web_click_get, 0, NULL},
	{HTTP_GET, "/d/:token", SCOPE_PUBLIC, web_asset_page, 0, NULL},
	{HTTP_GET, "/d/:token/open", SCOPE_PUBLIC, web_asset_open, 0, NULL},
	{HTTP_GET, "/r", SCOPE_PUBLIC, web_letter_form, 0, NULL},
	{HTTP_GET, "/r/", SCOPE_PUBLIC, web_letter_form, 0, NULL},
	{HTTP_GET, "/r/:token", SCOPE_PUBLIC, web_letter_get, 0, NULL}, /* a letter's code, or a token */
	{HTTP_POST, "/r/:token", SCOPE_PUBLIC, web_refer_post, 16u << 10, NULL},
	{HTTP_GET, "/f/:form", SCOPE_PUBLIC, web_form_get, 0, NULL},
	{HTTP_POST, "/f/:form", SCOPE_PUBLIC, web_form_post, 64u << 10, NULL},
	{HTTP_OPTIONS, "/f/:form", SCOPE_PUBLIC, web_form_options, 0, NULL},
	{HTTP_GET, "/y/:token", SCOPE_PUBLIC, web_confirm_get, 0, NULL},
	{HTTP_POST, "/y/:token", SCOPE_PUBLIC, web_confirm_post, 16u << 10, NULL},
	{HTTP_GET, "/z/:page", SCOPE_PUBLIC, web_landing_get, 0, NULL},
	{HTTP_GET, "/t.js", SCOPE_PUBLIC, web_script_get, 0, NULL},
	{HTTP_POST, "/b", SCOPE_PUBLIC, web_beacon_post, 32u << 10, NULL},
	{HTTP_OPTIONS, "/b", SCOPE_PUBLIC, web_beacon_options, 0, NULL},

	{HTTP_GET, "/login", SCOPE_PUBLIC, web_login_get, 0, NULL},
	{HTTP_POST, "/login", SCOPE_PUBLIC, web_login_post, 8u << 10, NULL},
	{HTTP_POST, "/logout", SCOPE_PERSON, web_logout_post, 8u << 10, NULL},
	{HTTP_GET, "/home", SCOPE_PERSON, web_home_get, 0, NULL},
	{HTTP_GET, "/password", SCOPE_PERSON, web_password_get, 0, NULL},
	{HTTP_POST, "/password", SCOPE_PERSON, web_password_post, 8u << 10, NULL},

	{HTTP_GET, "/healthz", SCOPE_PUBLIC, web_health, 0, NULL},
	{HTTP_GET, "/readyz", SCOPE_PUBLIC, web_ready, 0, NULL},
	{HTTP_GET, "/metrics", SCOPE_PUBLIC, web_metrics, 0, NULL},
	{0},
};

/* Bodies that are not gathered but come through in pieces. */
static const struct {
	web_handler_fn *handler;
	web_stream_fn *begin;
} streams[] = {{web_imports_post, web_imports_begin}};

/* Those that may take all of http_limits.handle_us. */
static web_handler_fn *const slow[] = {web_lead_export, web_playbook_post, web_imports_post, web_report, web_report_campaign, web_purges_post};

static bool is_slow(const struct web_route *route)
{
	for (size_t i = 0; i < sizeof slow / sizeof *slow; i++)
		if (slow[i] == route->handler)
			return true;
	return false;
}

/* Matches the pattern segment by segment; args get what stood for :name. */
static bool matches(const char *pattern, const struct http_request *http, struct str args[4])
{
	struct str rest = str_of(pattern + 1);
	size_t i = 0, arg = 0;
	while (rest.p) {
		struct str want = str_cut(&rest, '/');
		if (str_is(want, "*"))
			return i < http_segments(http);
		if (i >= http_segments(http))
			return false;
		struct str have = http_segment(http, i++);
		if (want.n && want.p[0] == ':') {
			if (!have.n)
				return false;
			args[arg++] = have;
		} else if (!str_same(want, have)) {
			return false;
		}
	}
	return i == http_segments(http);
}

static bool fits(const struct web_route *route, const struct http_request *http, struct str args[4], unsigned *allowed)
{
	enum http_method method = http_method(http) == HTTP_HEAD ? HTTP_GET : http_method(http);
	struct str found[4] = {{0}};
	if (!matches(route->pattern, http, found))
		return false;
	*allowed |= 1u << route->method | (route->method == HTTP_GET ? 1u << HTTP_HEAD : 0);
	if (route->method != method)
		return false;
	memcpy(args, found, sizeof found);
	return true;
}

/* The row for this request; *allowed collects the methods of rows with the same path. */
static const struct web_route *find(const struct web *web, const struct http_request *http, struct str args[4], unsigned *allowed)
{
	for (const struct web_route *route = web_routes; route->pattern; route++)
		if (fits(route, http, args, allowed))
			return route;
	for (size_t i = 0; i < web->channel_route_count; i++)
		if (fits(&web->channel_routes[i].route, http, args, allowed))
			return &web->channel_routes[i].route;
	return NULL;
}

static void reply_no_route(struct web_request *req, unsigned allowed)
{
	if (!allowed) {
		web_refuse(req, ERROR_NOT_FOUND, NULL, "there is nothing at this address.");
		return;
	}
	struct buf allow = {0};
	for (int m = 0; m < HTTP_METHODS; m++)
		if (allowed & 1u << m)
			buf_printf(&allow, "%s%s", allow.n ? ", " : "", http_method_name((enum http_method)m));
	http_reply_allow(req->http, allow.p);
	buf_fini(&allow);
}

void web_dispatch(struct http_request *http, void *arg)
{
	struct web *web = arg;
	unsigned allowed = 0;
	struct web_request *req = arena_alloc(http_arena(http), sizeof *req);
	*req = (struct web_request){.web = web, .http = http};
	metrics_add(web->worker->metrics, METRIC_HTTP_REQUESTS, 1);
	req->route = find(web, http, req->args, &allowed);
	if (req->route && !is_slow(req->route))
		http_answer_within(http, PATIENCE + (int64_t)(http_body(http).n / (256 * 1024)) * PATIENCE_256K);
	if (!req->route)
		reply_no_route(req, allowed);
	else if (req->route->scope == SCOPE_PUBLIC || http_data(http)) /* data: who sends was looked at before its body came */
		req->route->handler(req);
	else
		web_auth_check(req, req->route->handler);
}

void web_hold(struct web_request *req, struct web_request **place)
{
	req->asked = place;
}

static struct web_request *new_request(struct http_request *http, struct web *web, const struct web_route *route)
{
	struct web_request *req = arena_alloc(http_arena(http), sizeof *req);
	*req = (struct web_request){.web = web, .http = http, .route = route};
	return req;
}

static void on_begin_gone(struct http_request *http, void *arg)
{
	struct web_request *req = arg;
	(void)http;
	if (req->asked)
		*req->asked = NULL;
}

static void go_on(struct web_request *req)
{
	http_resume(req->http);
}

/* A long body, or one whose sender waits for a word, is taken only from who may send it. */
static void check_first(struct http_request *http, struct http_plan *plan, struct web *web, const struct web_route *route)
{
	struct web_request *req = new_request(http, web, route);
	req->early = true;
	plan->aborted = on_begin_gone;
	plan->arg = req;
	http_pause(http);
	http_answer_within(http, PATIENCE);
	web_auth_check(req, go_on);
}

void web_begin(struct http_request *http, struct http_plan *plan, void *arg)
{
	struct web *web = arg;
	struct str args[4];
	unsigned allowed = 0;
	const struct web_route *route = find(web, http, args, &allowed);
	if (!route)
		return;
	for (size_t i = 0; i < sizeof streams / sizeof *streams; i++) {
		if (streams[i].handler == route->handler) {
			streams[i].begin(new_request(http, web, route), plan);
			return;
		}
	}
	if (route->body_limit)
		plan->limit = route->body_limit;
	plan->gzip = route->handler == web_events_post || route->handler == web_beacon_post;
	if (route->scope != SCOPE_PUBLIC && (http_content_length(http) > UNCHECKED || http_waits_for_word(http)) && http_content_length(http) <= plan->limit)
		check_first(http, plan, web, route);
}

void web_not_built(struct web_request *req)
{
	struct error error;
	error_set(&error, ERROR_INVALID, NULL, "%s: not built in this version.", req->route->detail);
	http_reply_problem(req->http, 501, &error);
}

void web_fail(struct web_request *req, const struct error *error)
{
	http_reply_problem(req->http, 0, error);
}

void web_refuse(struct web_request *req, enum error_code code, const char *where, const char *fmt, ...)
{
	struct error error = {.code = code};
	va_list args;
	va_start(args, fmt);
	vsnprintf(error.message, sizeof error.message, fmt, args);
	va_end(args);
	snprintf(error.where, sizeof error.where, "%s", where ? where : "");
	web_fail(req, &error);
}
