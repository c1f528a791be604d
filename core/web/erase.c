/* DELETE /v1/leads/{id}: a person is to be forgotten (store/erase.h). 202: nothing goes out to it from now on; its turn forgets what is known.
 * Again: the same. GET of the lead says erased_at when that is done. "held": jobs that plugins have cut, and perhaps given out of the house, with this person in them. */
#include "store/erase.h"
#include "web/context.h"

#include <inttypes.h>

struct erasing {
	struct web_request *req;
	int64_t lead_id;
	json_t *held;
	moment_t now;
};

static void on_asked(void *arg, int64_t leads, const struct error *error)
{
	struct erasing *erasing = arg;
	if (error)
		web_fail(erasing->req, error);
	else
		http_reply_json(erasing->req->http, 202, NULL, json_pack("{s:I, s:I, s:s, s:O}", "lead", (json_int_t)erasing->lead_id, "leads", (json_int_t)leads, "detail",
								  leads ? "nothing goes out any more; what is known is erased in its turn." : "erased already.", "held", erasing->held));
	json_decref(erasing->held);
}

/* Asked before the plugins forget who it was. */
static void on_held(void *arg, json_t *rows, const struct error *error)
{
	struct erasing *erasing = arg;
	if (error) {
		web_fail(erasing->req, error);
		return;
	}
	erasing->held = json_incref(rows);
	store_erase(erasing->req->web->store, &erasing->lead_id, 1, false, erasing->req->actor, erasing->now, on_asked, erasing);
}

static void on_time(void *arg, moment_t now, const struct error *error)
{
	struct erasing *erasing = arg;
	if (error) {
		web_fail(erasing->req, error);
		return;
	}
	erasing->now = now;
	const char *params[] = {arena_printf(http_arena(erasing->req->http), "%" PRId64, erasing->lead_id)};
	store_query(erasing->req->web->store, "erase_held", params, 1, on_held, erasing);
}

static void on_lead(struct web_request *req, int64_t lead_id)
{
	struct erasing *erasing = arena_alloc(http_arena(req->http), sizeof *erasing);
	*erasing = (struct erasing){.req = req, .lead_id = lead_id};
	web_now(req->web, on_time, erasing);
}

void web_lead_erase(struct web_request *req)
{
	web_find_lead(req, req->args[0], on_lead);
}
