/* /v1/suppressions: whom not to contact, as `nurture suppression` has it.
 *
 *   GET     {"items": [{"kind", "value", "channel", "reason", "at"}], "next"}: in pages (?limit=, ?after=)
 *   POST    {"kind": "email" | "domain" | "phone", "value", "channel": "email" | "call" | "letter" (else all), "reason"}: 200 {"added", "stopped"};
 *           planned contacts are stopped in the same transaction. Again: the same, added 0
 *   DELETE  /v1/suppressions/KIND/VALUE (?channel=): 200; 404 when it is not on the list
 *
 * The audit names the token and keeps a salted hash of the value. Postal addresses come in lists (/v1/imports). */
#include "model/suppress_value.h"
#include "store/suppress.h"
#include "web/context.h"

struct listing {
	struct web_request *req;
	struct suppress list;
	struct str value;
	const char *kind, *channel;
};

static bool is_kind(struct str kind)
{
	return str_is(kind, "email") || str_is(kind, "domain") || str_is(kind, "phone");
}

static int take(struct listing *l, struct str kind, struct str value, struct str channel, struct error *error)
{
	struct arena *arena = http_arena(l->req->http);
	if (!is_kind(kind))
		return error_set(error, ERROR_INVALID, "kind", "kind is email, domain or phone. Postal addresses come in lists, by /v1/imports?suppress=address.");
	if (channel.n && !str_is(channel, "*") && !str_is(channel, "email") && !str_is(channel, "call") && !str_is(channel, "letter"))
		return error_set(error, ERROR_INVALID, "channel", "channel is email, call or letter; leave it away for all of them.");
	l->kind = arena_dup_n(arena, kind.p, kind.n);
	l->channel = channel.n ? arena_dup_n(arena, channel.p, channel.n) : "*";
	if (suppress_value(l->kind, value, arena, &l->value, error)) {
		strcpy(error->where, "value");
		return -1;
	}
	l->value = arena_str(arena, l->value);
	return 0;
}

/* ---- onto the list ---- */

static void on_added(void *arg, const struct error *error)
{
	struct listing *l = arg;
	if (error)
		web_fail(l->req, error);
	else
		http_reply_json(l->req->http, 200, NULL, json_pack("{s:I, s:I}", "added", (json_int_t)l->list.added, "stopped", (json_int_t)l->list.cancelled));
}

static void on_time(void *arg, moment_t now, const struct error *error)
{
	struct listing *l = arg;
	if (error) {
		web_fail(l->req, error);
		return;
	}
	l->list.now = now;
	store_suppress(l->req->web->store, &l->list);
}

static struct str text_in(json_t *body, const char *name)
{
	json_t *json = json_object_get(body, name);
	return json_is_string(json) ? (struct str){json_string_value(json), json_string_length(json)} : (struct str){"", 0};
}

static int read_body(struct listing *l, json_t *body, struct error *error)
{
	static const char *const keys[] = {"kind", "value", "channel", "reason", NULL};
	const char *foreign = web_json_foreign(body, keys);
	struct str reason = text_in(body, "reason");
	if (foreign)
		return error_set(error, ERROR_INVALID, foreign, "a suppression has no \"%s\". It has kind, value, channel and reason.", foreign);
	for (size_t i = 0; keys[i]; i++)
		if (json_object_get(body, keys[i]) && !json_is_string(json_object_get(body, keys[i])))
			return error_set(error, ERROR_INVALID, keys[i], "%s must be text.", keys[i]);
	if (reason.n > 200 || !str_is_text(reason))
		return error_set(error, ERROR_INVALID, "reason", "reason is a text of at most 200 bytes.");
	if (take(l, text_in(body, "kind"), text_in(body, "value"), text_in(body, "channel"), error))
		return -1;
	struct arena *arena = http_arena(l->req->http);
	l->list = (struct suppress){.kind = l->kind, .values = &l->value, .count = 1, .channel = l->channel,
				    .reason = reason.n ? arena_dup_n(arena, reason.p, reason.n) : "by hand", .told = true, .actor = l->req->actor, .fn = on_added, .arg = l};
	return 0;
}

static struct listing *listing_new(struct web_request *req)
{
	struct listing *l = arena_alloc(http_arena(req->http), sizeof *l);
	*l = (struct listing){.req = req};
	return l;
}

void web_suppressions_post(struct web_request *req)
{
	struct error error;
	json_t *body = web_json_body(req);
	if (!body)
		return;
	struct listing *l = listing_new(req);
	int status = read_body(l, body, &error);
	json_decref(body);
	if (status)
		web_fail(req, &error);
	else
		web_now(req->web, on_time, l);
}

/* ---- off the list ---- */

static void on_dropped(void *arg, const struct error *error)
{
	struct listing *l = arg;
	if (error)
		web_fail(l->req, error);
	else
		http_reply_json(l->req->http, 200, NULL, json_pack("{s:b}", "removed", true));
}

void web_suppression_drop(struct web_request *req)
{
	struct error error;
	struct listing *l = listing_new(req);
	if (take(l, req->args[0], req->args[1], http_param(http_query(req->http), "channel"), &error))
		web_fail(req, &error);
	else
		store_suppress_drop(req->web->store, l->kind, l->value.p, l->channel, req->actor, on_dropped, l);
}
