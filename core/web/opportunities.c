/* POST /v1/opportunities: what sales says became of a lead. The row and its event are one transaction. */
#include "store/admin.h"
#include "web/event_parse.h"

struct posting {
	struct web_request *req;
	json_t *body;
	struct store_opportunity opportunity;
};

static int take_text(json_t *body, const char *name, size_t max, struct arena *arena, struct str *out, struct error *error)
{
	json_t *json = json_object_get(body, name);
	if (!json || json_is_null(json))
		return 0;
	struct str text = {json_string_value(json), json_string_length(json)};
	if (!json_is_string(json) || text.n > max || !str_is_text(text))
		return error_set(error, ERROR_INVALID, name, "%s must be text of at most %zu bytes.", name, max);
	*out = arena_str(arena, text);
	return 0;
}

static int take_amount(json_t *body, struct arena *arena, struct str *out, struct error *error)
{
	json_t *json = json_object_get(body, "amount");
	if (!json || json_is_null(json))
		return 0;
	if (!json_is_number(json) || json_number_value(json) < 0 || json_number_value(json) > 1e15)
		return error_set(error, ERROR_INVALID, "amount", "amount must be a number from 0 to 1e15.");
	*out = str_of(json_is_integer(json) ? arena_printf(arena, "%lld", (long long)json_integer_value(json))
					    : arena_printf(arena, "%.4f", json_real_value(json)));
	return 0;
}

static int parse(struct posting *posting, struct error *error)
{
	static const char *const keys[] = {"lead", "email", "external_id", "id", "state", "amount", "currency", "reason", NULL};
	struct arena *arena = http_arena(posting->req->http);
	struct store_opportunity *out = &posting->opportunity;
	json_t *body = posting->body, *id = json_object_get(body, "id");
	const char *foreign = web_json_foreign(body, keys);
	if (foreign)
		return error_set(error, ERROR_INVALID, foreign, "an opportunity has no \"%s\".", foreign);
	if (id && web_id_parse(id, "id", &out->opportunity_id, error) < 0)
		return -1;
	if (take_text(body, "state", 10, arena, &out->state, error) < 0 || take_amount(body, arena, &out->amount, error) < 0 ||
	    take_text(body, "currency", 3, arena, &out->currency, error) < 0 || take_text(body, "reason", 500, arena, &out->reason, error) < 0)
		return -1;
	if (!str_is(out->state, "open") && !str_is(out->state, "won") && !str_is(out->state, "lost"))
		return error_set(error, ERROR_INVALID, "state", "state is open, won or lost.");
	if (out->currency.n && out->currency.n != 3)
		return error_set(error, ERROR_INVALID, "currency", "currency is three letters by ISO 4217, like EUR.");
	return 0;
}

static void fail(struct posting *posting, const struct error *error)
{
	web_fail(posting->req, error);
	json_decref(posting->body);
}

static void on_put(void *arg, int64_t id, const struct error *error)
{
	struct posting *posting = arg;
	if (error) {
		fail(posting, error);
		return;
	}
	http_reply_json(posting->req->http, 200, NULL,
			json_pack("{s:I, s:I, s:O}", "id", (json_int_t)id, "lead", (json_int_t)posting->opportunity.lead_id, "state",
				  json_object_get(posting->body, "state")));
	json_decref(posting->body);
}

static void on_time(void *arg, moment_t now, const struct error *late)
{
	struct posting *posting = arg;
	struct error error;
	if (late || parse(posting, &error) < 0) {
		fail(posting, late ? late : &error);
		return;
	}
	posting->opportunity.at = now;
	store_opportunity_put(posting->req->web->store, &posting->opportunity, on_put, posting);
}

static void on_lead(struct web_request *req, int64_t lead_id)
{
	json_t *body = web_json_body(req);
	if (!body)
		return;
	struct posting *posting = arena_alloc(http_arena(req->http), sizeof *posting);
	*posting = (struct posting){.req = req, .body = body, .opportunity = {.lead_id = lead_id}};
	web_now(req->web, on_time, posting);
}

/* Whose it is: lead (an id), email or external_id. */
static struct str who(json_t *body, struct arena *arena)
{
	json_t *lead = json_object_get(body, "lead"), *email = json_object_get(body, "email"),
	       *external = json_object_get(body, "external_id");
	if (json_is_integer(lead))
		return str_of(arena_printf(arena, "%lld", (long long)json_integer_value(lead)));
	json_t *text = json_is_string(email) ? email : external;
	return json_is_string(text) ? arena_str(arena, (struct str){json_string_value(text), json_string_length(text)}) : (struct str){0};
}

void web_opportunities_post(struct web_request *req)
{
	json_t *body = web_json_body(req);
	if (!body)
		return;
	struct str lead = who(body, http_arena(req->http));
	json_decref(body);
	if (lead.n)
		web_find_lead(req, lead, on_lead);
	else
		web_refuse(req, ERROR_INVALID, "lead", "name the lead by lead (its id), email or external_id.");
}
