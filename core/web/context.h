/* What every resource of this room works with. Private to the room. */
#ifndef NURTURE_WEB_CONTEXT_H
#define NURTURE_WEB_CONTEXT_H

#include "base/metrics.h"
#include "base/token.h"
#include "base/worker.h"
#include "http/http.h"
#include "playbook/current.h"
#include "store/intake.h"
#include "store/store.h"

/* SCOPE_PERSON: of routes only; whoever is signed in, and no token. */
enum web_scope { SCOPE_PUBLIC, SCOPE_TRACK, SCOPE_READ, SCOPE_WRITE, SCOPE_ADMIN, SCOPE_PERSON };

struct web {
	struct worker *worker;
	struct store *store;
	struct store *intake[INTAKE_CARRIERS]; /* carry the groups of the intake: web.c only */
	struct http_server **servers;      /* one a listening socket */
	size_t server_count;
	struct web_auth *auth;
	struct web_revision *revision;     /* the active playbook, kept current */
	struct web_networks *networks;     /* from which no person reads */
	struct web_hits *hits;             /* opens and clicks on their way */
	struct web_letters *letters;       /* codes that are being looked up */
	struct clock clock;
	bool clock_known;
	struct token_key *keys;
	size_t key_count;
	mono_t started_at;
	struct loop_timer *tick;
	size_t draining;                   /* servers still at it */
	worker_drained_fn *drained;
	void *drained_arg;
	unsigned uploads;                  /* imports whose files are coming in */
	struct flood *flood;               /* limits of public routes */
	struct hasher *hasher;             /* looks at passwords */
	struct web_channel_route *channel_routes; /* of plugins */
	size_t channel_route_count;
	uint64_t refused;                  /* by the protocol, as told to the metrics so far */
};

struct web_route;
/* One request on its way: lives in the request's arena. */
struct web_request {
	struct web *web;
	struct http_request *http;
	const struct web_route *route;
	const char *actor;                 /* whose token or session it is, for the audit: `token 3 crm`, `person 7 ann`; NULL on public routes */
	enum web_scope scope;              /* of that token, or of that person's role; SCOPE_PUBLIC without one */
	const char *asker, *asker_name;    /* "token" or "person", and its name; NULL on public routes */
	int64_t asker_id;
	const char *role;                  /* of a person; NULL */
	int64_t session_id;                /* of a person; 0 */
	const char *csrf;                  /* what this person's forms and scripts must show; NULL */
	bool early;                        /* it is looked at before its body has come, and will be again */
	struct str args[4];                /* what stood for :name, in order */
	struct web_request **asked;        /* before the body has come: who waits for the database's answer points here from there; see web_hold */
};
typedef void web_handler_fn(struct web_request *req);

/* An entry of the table in route.c. `:name` in the pattern is one segment; a last `*` takes the rest. */
struct web_route {
	enum http_method method;
	const char *pattern;
	enum web_scope scope;
	web_handler_fn *handler;
	size_t body_limit;                 /* 0 = the server's default */
	const char *detail;                /* the query to run, or what is not built: read by the handler */
};
extern const struct web_route web_routes[]; /* pattern NULL ends */

/* A route of a plugin: a row as well, and what passes its requests on. */
struct web_channel_route {
	struct web_route route;            /* first: web_request.route points here */
	const char *channel;
	const char *path;                  /* as the plugin's table writes it */
	const json_t *headers;             /* names that it asks for */
	const json_t *roles;               /* of people who may, whatever their scope */
	const char *title;                 /* its name on the page that people start from; NULL = it does not stand there */
};
void web_channel_routes_new(struct web *web);
void web_channel_routes_free(struct web *web);

void web_dispatch(struct http_request *http, void *web);
void web_begin(struct http_request *http, struct http_plan *plan, void *web);
struct str web_late(struct http_request *http, void *web); /* page.c */
/* A request whose body has not come is gone when its client is. Who asks the database for it keeps the pointer in a place of its own and names
 * that place here: it becomes NULL when the request is gone. */
void web_hold(struct web_request *req, struct web_request **place);
/* What a body that is streamed begins with, for the table in route.c: fills plan and pauses. req lives as long as the request. */
typedef void web_stream_fn(struct web_request *req, struct http_plan *plan);
web_stream_fn web_imports_begin;

/* Domain time of this moment; at scale 1 at once (inside the call), else the clock's row is read first. error: no database. */
typedef void web_now_fn(void *arg, moment_t now, const struct error *error);
void web_now(struct web *web, web_now_fn *fn, void *arg);

/* JSON from outside: depth at most 64, no double keys, no NUL, at most what the route takes; a byte order mark before it is passed over. New reference. */
json_t *web_json_parse(struct str text, struct error *error) MUST_USE;
/* The body as a JSON object; NULL with the refusal already replied. */
json_t *web_json_body(struct web_request *req) MUST_USE;
/* The first key of object that is not one of names (NULL-ended), or NULL. */
const char *web_json_foreign(json_t *object, const char *const *names);
/* The same of a row of many, as a sentence in the arena that names the key and what there is. */
const char *web_row_foreign(json_t *row, const char *const *names, struct arena *arena);
/* Takes body, which was checked: it becomes the arguments of a job, with who asked (by). Answers 202, or 409 when too many of theirs wait. */
void web_job_post(struct web_request *req, const char *kind, json_t *body);

void web_fail(struct web_request *req, const struct error *error);
void web_refuse(struct web_request *req, enum error_code code, const char *where, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* A lead by what stood in the path: its id, e-mail or external id; refusals are replied already. */
typedef void web_lead_fn(struct web_request *req, int64_t lead_id);
void web_find_lead(struct web_request *req, struct str text, web_lead_fn *fn);
/* The same for an account, by its id, its domain or its name (account_find.c); 409 where two are called so. */
typedef void web_account_fn(struct web_request *req, int64_t account_id);
void web_find_account(struct web_request *req, struct str text, web_account_fn *fn);
void web_find_living_lead(struct web_request *req, struct str text, web_lead_fn *fn); /* who was erased is nobody */

/* A body that asks about a lead of ours or an invented one ("lead", or "fields"): text is what "lead" says, "" = invented. known: the keys that it may
 * have, NULL-ended. false: refused already. */
enum { WEB_LEAD_TEXT = 300 };
bool web_asked_lead(struct web_request *req, json_t *asked, const char *const *known, char text[WEB_LEAD_TEXT]) MUST_USE;

/* ---- auth.c: bearer tokens; who has none and a cookie goes on in session.c ---- */
struct web_auth *web_auth_new(struct web *web);
void web_auth_free(struct web_auth *auth);
/* Calls fn, at once or later, or replies 401, 403 or 503. */
void web_auth_check(struct web_request *req, web_handler_fn *fn);
bool web_scope_may(enum web_scope has, enum web_scope needs);
void web_refuse_401(struct web_request *req, const char *why);
enum web_scope web_scope_of(const char *name); /* "read"; SCOPE_PUBLIC for what is none */
json_t *web_scopes(const struct web_request *req); /* what who asks may do: ["read", …], a new reference */

/* ---- revision.c: the active playbook ---- */
struct web_revision *web_revision_new(struct web *web);
void web_revision_free(struct web_revision *revision);
void web_revision_poll(struct web_revision *revision);
bool web_revision_known(const struct web_revision *revision); /* the database has said which one is active, or that none is */
struct edition *web_edition(const struct web *web); /* the same as it is kept: take a reference to hold it beyond the call; NULL when none is active */
struct playbook *web_playbook(const struct web *web); /* NULL when none is active */
const struct schema *web_schema(const struct web *web);     /* the active playbook's, or the standard one */
const char *web_revision_error(const struct web_revision *revision); /* NULL = fine */

/* ---- letter.c: codes of letters, looked up in groups ---- */
struct web_letters *web_letters_new(struct web *web);
void web_letters_free(struct web_letters *letters); /* takes NULL */

/* ---- the handlers ---- */
web_handler_fn web_events_post, web_leads_post, web_lead_patch, web_lead_merge, web_lead_unmerge, web_lead_score, web_consent_post, web_opportunities_post, web_rows,
	web_channel_pass, web_lead_rows, web_account_rows, web_campaign_rows, web_report, web_report_campaign, web_account_get, web_account_patch, web_not_built, web_unsubscribe_get, web_unsubscribe_post, web_health, web_ready, web_metrics, web_login_get, web_login_post,
	web_logout_post, web_home_get, web_password_get, web_password_post,
	web_playbook_get, web_playbook_post, web_simulate_post, web_email_post, web_forecast_post, web_backtest_post, web_job_cancel, web_imports_post, web_import_cancel, web_import_map_put, web_import_map_drop,
	web_open_get, web_click_get, web_form_get, web_form_post, web_form_options, web_confirm_get, web_confirm_post, web_asset_page,
	web_asset_open, web_refer_get, web_refer_post, web_letter_form, web_letter_get, web_letter_read, web_letter_response, web_letter_matches, web_lead_places, web_landing_get, web_script_get, web_beacon_post, web_beacon_options, web_identify_post;
web_handler_fn web_export_get, web_lead_erase, web_lead_export, web_suppressions_post, web_suppression_drop, web_campaign_post, web_channel_post, web_purges_post;
/* Of the rows of channel_states those that are configured here, a new array: what was taken out of the configuration is nobody's trouble any more. */
json_t *web_channels_configured(const struct config *config, json_t *channels);
void web_channel_figures(json_t *channels, struct buf *out); /* what plugins tell of themselves, for /metrics */

#endif
