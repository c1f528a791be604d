/* POST /v1/leads/{id}/merge {"into": id, e-mail address or external id}: this lead is that person, too. POST /v1/leads/{id}/unmerge: taken back, within 90
 * days. Both 202 with {"merge", "lead", "into", "state": "waiting"}: two turns do it, the loser's and then the winner's. ?dry_run=true says only what would
 * happen (200). 409 says which rule forbids it. A lead that is named by its id here is meant itself, also when it is merged; a name that came with a lead
 * that was merged means that one when the merge is taken back. */
#include "web/context.h"

#include "model/value.h"
#include "store/merge.h"

struct asking {
	struct web_request *req;
	struct store_merge merge;
	struct str into;
};

static void on_answer(void *arg, json_t *answer, const struct error *error)
{
	struct asking *asking = arg;
	if (error)
		web_fail(asking->req, error);
	else
		http_reply_json(asking->req->http, asking->merge.dry ? 200 : 202, NULL, json_incref(answer));
}

static void on_time(void *arg, moment_t now, const struct error *error)
{
	struct asking *asking = arg;
	asking->merge.now = now;
	if (error)
		web_fail(asking->req, error);
	else
		store_merge(asking->req->web->store, &asking->merge, on_answer, asking);
}

static int64_t found(struct asking *asking, json_t *rows, const char *field, const struct error *error)
{
	int64_t id = json_integer_value(json_object_get(json_array_get(rows, 0), "lead_id"));
	if (error)
		web_fail(asking->req, error);
	else if (!id)
		web_refuse(asking->req, ERROR_NOT_FOUND, field, "there is no such lead. Name it by its id, e-mail address or external id.");
	return error ? 0 : id;
}

static void on_winner(void *arg, json_t *rows, const struct error *error)
{
	struct asking *asking = arg;
	asking->merge.winner = found(asking, rows, "into", error);
	if (asking->merge.winner)
		web_now(asking->req->web, on_time, asking);
}

static void find(struct asking *asking, const char *query, struct str text, store_rows_fn *fn)
{
	const char *params[] = {model_lead_name(text, http_arena(asking->req->http))};
	store_query(asking->req->web->store, query, params, 1, fn, asking);
}

static void on_loser(void *arg, json_t *rows, const struct error *error)
{
	struct asking *asking = arg;
	asking->merge.loser = found(asking, rows, "lead", error);
	if (!asking->merge.loser)
		return;
	if (asking->merge.back)
		web_now(asking->req->web, on_time, asking);
	else
		find(asking, "lead_itself", asking->into, on_winner);
}

/* An id may be given as a number, too. */
static int take_into(struct asking *asking, json_t *body, struct error *error)
{
	static const char *const keys[] = {"into", NULL};
	const char *foreign = web_json_foreign(body, keys);
	json_t *into = json_object_get(body, "into");
	struct arena *arena = http_arena(asking->req->http);
	if (foreign)
		return error_set(error, ERROR_INVALID, foreign, "a merge has no \"%s\": it has only \"into\", the lead that stays.", foreign);
	if (json_is_integer(into))
		asking->into = str_of(arena_printf(arena, "%lld", (long long)json_integer_value(into)));
	else
		asking->into = arena_str(arena, (struct str){json_string_value(into), json_string_length(into)});
	if (!asking->into.n || asking->into.n > 400 || !str_is_text(asking->into))
		return error_set(error, ERROR_INVALID, "into", "say into which lead: \"into\" is its id, e-mail address or external id.");
	return 0;
}

static void begin(struct web_request *req, bool back)
{
	struct asking *asking = arena_alloc(http_arena(req->http), sizeof *asking);
	struct str dry = http_param(http_query(req->http), "dry_run");
	struct error error = {0};
	*asking = (struct asking){.req = req, .merge = {.back = back, .dry = str_is(dry, "true"), .actor = req->actor}};
	if (dry.n && !str_is(dry, "true") && !str_is(dry, "false")) {
		web_refuse(req, ERROR_INVALID, "dry_run", "dry_run is true or false.");
		return;
	}
	if (!back) {
		json_t *body = web_json_body(req);
		if (!body)
			return;
		int rc = take_into(asking, body, &error);
		json_decref(body);
		if (rc) {
			web_fail(req, &error);
			return;
		}
	}
	find(asking, back ? "lead_apart" : "lead_itself", req->args[0], on_loser);
}

void web_lead_merge(struct web_request *req)
{
	begin(req, false);
}

void web_lead_unmerge(struct web_request *req)
{
	begin(req, true);
}
