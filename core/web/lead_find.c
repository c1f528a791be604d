/* Which lead is meant: an id, an e-mail address or an external id; in the path, or in the body of what is asked of the playbook. */
#include "web/context.h"

#include <stdio.h>

struct finding {
	struct web_request *req;
	web_lead_fn *fn;
	bool living;
};

static void on_found(void *arg, json_t *rows, const struct error *error)
{
	struct finding *finding = arg;
	json_t *row = json_array_get(rows, 0);
	int64_t id = json_integer_value(json_object_get(row, "lead_id"));
	if (error)
		web_fail(finding->req, error);
	else if (!id || (finding->living && json_is_true(json_object_get(row, "erased"))))
		web_refuse(finding->req, ERROR_NOT_FOUND, "lead", "there is no such lead. Name it by its id, e-mail address or external id.");
	else
		finding->fn(finding->req, id);
}

static void find(struct web_request *req, struct str text, bool living, web_lead_fn *fn)
{
	struct finding *finding = arena_alloc(http_arena(req->http), sizeof *finding);
	const char *params[] = {model_lead_name(text, http_arena(req->http))};
	*finding = (struct finding){req, fn, living};
	store_query(req->web->store, "lead_find", params, 1, on_found, finding);
}

void web_find_lead(struct web_request *req, struct str text, web_lead_fn *fn)
{
	find(req, text, false, fn);
}

void web_find_living_lead(struct web_request *req, struct str text, web_lead_fn *fn)
{
	find(req, text, true, fn);
}

bool web_asked_lead(struct web_request *req, json_t *asked, const char *const *known, char text[WEB_LEAD_TEXT])
{
	json_t *lead = json_object_get(asked, "lead");
	const char *foreign = web_json_foreign(asked, known);
	text[0] = '\0';
	if (json_is_integer(lead))
		snprintf(text, WEB_LEAD_TEXT, "%lld", (long long)json_integer_value(lead));
	else if (json_is_string(lead) && json_string_length(lead) < WEB_LEAD_TEXT)
		snprintf(text, WEB_LEAD_TEXT, "%s", json_string_value(lead));
	if (foreign)
		web_refuse(req, ERROR_INVALID, foreign, "there is no field \"%s\" here.", foreign);
	else if (lead && !text[0])
		web_refuse(req, ERROR_INVALID, "lead", "lead is an id, an e-mail address or an external id.");
	else if (lead && json_object_get(asked, "fields"))
		web_refuse(req, ERROR_INVALID, "fields", "fields are those of an invented lead: say \"lead\" or \"fields\".");
	else
		return true;
	return false;
}
