/* Which account is meant by the path: an id, a domain or a name. And what is read of it by query alone. */
#include "web/context.h"

struct finding {
	struct web_request *req;
	web_account_fn *fn;
};

static void on_found(void *arg, json_t *rows, const struct error *error)
{
	struct finding *finding = arg;
	if (error)
		web_fail(finding->req, error);
	else if (json_array_size(rows) > 1)
		web_refuse(finding->req, ERROR_CONFLICT, "account", "more than one account is called so. Name it by its id.");
	else if (json_array_size(rows) == 0)
		web_refuse(finding->req, ERROR_NOT_FOUND, "account", "there is no such account. Name it by its id, domain or name.");
	else
		finding->fn(finding->req, json_integer_value(json_object_get(json_array_get(rows, 0), "account_id")));
}

void web_find_account(struct web_request *req, struct str text, web_account_fn *fn)
{
	struct finding *finding = arena_alloc(http_arena(req->http), sizeof *finding);
	const char *params[] = {model_account_name(text, http_arena(req->http))};
	*finding = (struct finding){req, fn};
	store_query(req->web->store, "account_find", params, 1, on_found, finding);
}
