/* /v1/suppressions: whom not to contact, as `nurture suppression` has it.
 *
 *   GET     {"items": [{"kind", "value", "channel", "reason", "at", "warning"}], "next"}: in pages (?limit=, ?after=)
 *   POST    {"kind": "email" | "domain" | "phone", "value", "channel": "email" | "call" | "letter" (else all), "reason", "country"}: 200 {"added", "stopped"};
 *           a number without country code is of `country`, else of the playbook's, and is refused without one;
 *           planned contacts are stopped in the same transaction. Again: the same, added 0
 *   DELETE  /v1/suppressions/KIND/VALUE (?channel=, ?country=): 200; 404 when it is not on the list
 *
 * The audit names the token and keeps a salted hash of the value. Postal addresses come in lists (/v1/imports). */
#include "model/suppress_value.h"
#include "model/value.h"
#include "playbook/playbook.h"
#include "store/suppress.h"
#include "web/context.h"

struct listing {
	struct web_request *req;
	struct suppress list;
	struct str value, written; /* as it is kept; as it may stand in lists from before */
	const char *kind, *channel;
};

static bool is_kind(struct str kind)
{
	return str_is(kind, "email") || str_is(kind, "domain") || str_is(kind, "phone");
}

/* Of which country numbers without country code are: as it is said here, else in the playbook; "" = not known. */
static int read_country(const struct listing *l, struct str text, struct str *out, struct error *error)
{
	struct value country = {0};
	const struct playbook *playbook = web_playbook(l->req->web);
	*out = playbook ? str_of(playbook->country) : STR("");
	if (!str_trim(text).n)
		return 0;
	if (value_from_text(&model_lead_fields[LEAD_COUNTRY], str_trim(text), http_arena(l->req->http), &country, error))
		return -1;
	*out = country.text;
	return 0;
}

static int take_value(struct listing *l, struct str value, struct str country, struct error *error)
{
	struct arena *arena = http_arena(l->req->http);
	if (suppress_value_written(l->kind, value, arena, &l->written, error) == 0) {
		l->written = arena_str(arena, l->written);
		if (suppress_value(l->kind, value, country, arena, &l->value, error) == 0) {
			l->value = arena_str(arena, l->value);
			return 0;
		}
	}
	strcpy(error->where, "value");
	return -1;
}

static int take(struct listing *l, struct str kind, struct str channel, struct error *error)
{
	struct arena *arena = http_arena(l->req->http);
	if (!is_kind(kind))
		return error_set(error, ERROR_INVALID, "kind", "kind is email, domain or phone. Postal addresses come in lists, by /v1/imports?suppress=address.");
	if (channel.n && !str_is(channel, "*") && !str_is(channel, "email") && !str_is(channel, "call") && !str_is(channel, "letter"))
		return error_set(error, ERROR_INVALID, "channel", "channel is email, call or letter; leave it away for all of them.");
	l->kind = arena_dup_n(arena, kind.p, kind.n);
	l->channel = channel.n ? arena_dup_n(arena, channel.p, channel.n) : "*";
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
	static const char *const keys[] = {"kind", "value", "channel", "reason", "country", NULL};
	const char *foreign = web_json_foreign(body, keys);
	struct str reason = text_in(body, "reason"), country;
	if (foreign)
		return error_set(error, ERROR_INVALID, foreign, "a suppression has no \"%s\". It has kind, value, channel, reason and country.", foreign);
	for (size_t i = 0; keys[i]; i++)
		if (json_object_get(body, keys[i]) && !json_is_string(json_object_get(body, keys[i])))
			return error_set(error, ERROR_INVALID, keys[i], "%s must be text.", keys[i]);
	if (reason.n > 200 || !str_is_text(reason))
		return error_set(error, ERROR_INVALID, "reason", "reason is a text of at most 200 bytes.");
	if (take(l, text_in(body, "kind"), text_in(body, "channel"), error) || read_country(l, text_in(body, "country"), &country, error) ||
	    take_value(l, text_in(body, "value"), country, error))
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

/* A number that names nobody may stand on the list from before. */
static int read_dropped(struct listing *l, struct error *error)
{
	const struct web_request *req = l->req;
	const struct http_params *query = http_query(req->http);
	struct str country;
	if (take(l, req->args[0], http_param(query, "channel"), error) || read_country(l, http_param(query, "country"), &country, error))
		return -1;
	if (take_value(l, req->args[1], country, error) == 0)
		return 0;
	l->value = l->written;
	return l->written.n ? 0 : -1;
}

void web_suppression_drop(struct web_request *req)
{
	struct error error;
	struct listing *l = listing_new(req);
	if (read_dropped(l, &error))
		web_fail(req, &error);
	else
		store_suppress_drop(req->web->store, l->kind, l->value.p, l->written.p, l->channel, req->actor, on_dropped, l);
}
