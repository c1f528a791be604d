/* POST and PATCH of leads: a `lead.update` event that the lead's own turn applies. The answer waits up to a second for
 * that turn: 200 with the lead and its scores, else 202 (DESIGN section 5, one writer a row). A new address or external id is a name of the lead from
 * now on, beside the old ones; one that another lead has is answered 409. POST with both finds the lead by whichever is known (store/intake.h). */
#include "web/event_parse.h"

#include "base/mem.h"

static const int64_t PATIENCE_US = 1000000;

struct change {
	struct web_request *req;
	json_t *body;
	int64_t lead_id;           /* PATCH; 0 = POST */
	struct intake intake;
	struct intake_event event;
	mono_t until;
	int64_t pause_us;
	struct loop_timer *timer;
	bool created;
};

static void finish(struct change *change)
{
	loop_timer_free(change->timer);
	json_decref(change->body);
}

static void fail(struct change *change, const struct error *error)
{
	web_fail(change->req, error);
	finish(change);
}

static void on_lead(void *arg, json_t *rows, const struct error *error)
{
	struct change *change = arg;
	json_t *lead = json_array_get(rows, 0);
	if (error || !lead) {
		struct error gone;
		error_set(&gone, ERROR_UNAVAILABLE, NULL, "the lead was written, but cannot be read just now.");
		fail(change, error ? error : &gone);
		return;
	}
	http_reply_json(change->req->http, change->created ? 201 : 200, NULL, json_incref(lead));
	finish(change);
}

static void reply_later(struct change *change)
{
	json_t *reply = json_pack("{s:I, s:b, s:s}", "lead", (json_int_t)change->event.found_lead, "created", change->created,
				  "detail", "accepted; its turn has not come yet.");
	http_reply_json(change->req->http, 202, NULL, reply);
	finish(change);
}

static const char *number(struct change *change, int64_t n)
{
	return arena_printf(http_arena(change->req->http), "%lld", (long long)n);
}

static void on_turned(void *arg, json_t *rows, const struct error *error)
{
	struct change *change = arg;
	if (!error && json_is_true(json_object_get(json_array_get(rows, 0), "turned"))) {
		const char *params[] = {number(change, change->event.found_lead)};
		store_query(change->req->web->store, "lead_get", params, 1, on_lead, change);
	} else if (error || mono_now() >= change->until || http_is_gone(change->req->http)) {
		reply_later(change); /* it is on disk: that is what counts */
	} else {
		loop_timer_set(change->timer, change->pause_us);
		change->pause_us = change->pause_us * 2 > 200000 ? 200000 : change->pause_us * 2;
	}
}

static void on_ask(void *arg)
{
	struct change *change = arg;
	const char *params[] = {number(change, lead_shard(change->event.found_lead)), number(change, change->event.found_lead),
				number(change, change->event.event_id)};
	store_query(change->req->web->store, "event_turned", params, 3, on_turned, change);
}

static void on_taken(void *arg, const struct error *error)
{
	struct change *change = arg;
	if (error) {
		fail(change, error);
		return;
	}
	change->created = change->event.created;
	if (!change->event.found_lead) {
		web_refuse(change->req, ERROR_NOT_FOUND, "lead", "there is no such lead.");
		finish(change);
		return;
	}
	change->until = mono_now() + PATIENCE_US;
	change->pause_us = 10000;
	change->timer = loop_timer_new(http_loop(change->req->http), on_ask, change);
	loop_timer_set(change->timer, change->pause_us);
}

static int check(struct change *change, struct error *error)
{
	struct intake_event *event = &change->event;
	if (web_lead_parse(change->req->web, change->body, change->lead_id != 0, http_arena(change->req->http), event, error) < 0)
		return -1;
	if (!change->lead_id && !event->email.n && !event->external_id.n && !event->phone.n)
		return error_set(error, ERROR_INVALID, "email", "name the lead by email, external_id or phone.");
	if (change->lead_id)
		event->lead_id = change->lead_id, event->renames = event->email.n || event->external_id.n;
	event->create = !change->lead_id;
	event->source = STR("api");
	return 0;
}

static void on_time(void *arg, moment_t now, const struct error *late)
{
	struct change *change = arg;
	struct error error;
	if (late || check(change, &error) < 0) {
		fail(change, late ? late : &error);
		return;
	}
	change->event.at = now;
	change->intake = (struct intake){.events = &change->event, .event_count = 1, .now = now, .fn = on_taken, .arg = change};
	store_intake(change->req->web->store, &change->intake);
}

static void begin(struct web_request *req, int64_t lead_id)
{
	json_t *body = web_json_body(req);
	if (!body)
		return;
	struct change *change = arena_alloc(http_arena(req->http), sizeof *change);
	change->req = req;
	change->body = body;
	change->lead_id = lead_id;
	web_now(req->web, on_time, change);
}

void web_leads_post(struct web_request *req)
{
	begin(req, 0);
}

void web_lead_patch(struct web_request *req)
{
	web_find_lead(req, req->args[0], begin);
}
