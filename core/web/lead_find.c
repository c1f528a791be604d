/* Which lead is meant: an id, an e-mail address or an external id. */
#include "web/context.h"

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
