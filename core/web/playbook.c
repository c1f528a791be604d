/* GET /v1/playbook: the active revision, and what of it is switched off because workers died in it. */
#include "web/context.h"

struct asked {
	struct web_request *req;
	json_t *active;
};

static void on_off(void *arg, json_t *rows, const struct error *error)
{
	struct asked *asked = arg;
	json_t *active = asked->active;
	if (error) {
		json_decref(active);
		web_fail(asked->req, error);
		return;
	}
	json_object_set(active, "switched_off", rows);
	http_reply_json(asked->req->http, 200, NULL, active);
}

static void on_active(void *arg, json_t *rows, const struct error *error)
{
	struct web_request *req = arg;
	if (error) {
		web_fail(req, error);
		return;
	}
	if (!json_array_size(rows)) {
		web_refuse(req, ERROR_NOT_FOUND, NULL, "no playbook is published (nurture publish DIR).");
		return;
	}
	struct asked *asked = arena_alloc(http_arena(req->http), sizeof *asked);
	*asked = (struct asked){req, json_incref(json_array_get(rows, 0))};
	store_query(req->web->store, "switched_off", NULL, 0, on_off, asked);
}

void web_playbook_get(struct web_request *req)
{
	store_query(req->web->store, "playbook_active", NULL, 0, on_active, req);
}
