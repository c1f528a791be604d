/* POST /v1/leads/{id}/consent: a permission given, confirmed or taken back; or, with `preferences`, what marketing mail is wanted and how often (preferences.c). A withdrawal cancels what is open in the
 * transaction that records it (promise 5); an event makes the lead's turn look again. */
#include "web/consent.h"

#include "web/preferences.h"

static void on_recorded(void *arg, const struct error *error)
{
	struct web_consent *change = arg;
	change->fn(change, error);
}

static void on_time(void *arg, moment_t now, const struct error *error)
{
	struct web_consent *change = arg;
	if (error) {
		change->fn(change, error);
		return;
	}
	bool taken_back = change->consent.state == CONSENT_WITHDRAWN;
	change->event = (struct intake_event){.lead_id = change->consent.lead_id,
					      .verb = taken_back ? STR("consent.withdraw") : STR("consent.grant"),
					      .subject = change->consent.channel,
					      .at = now};
	change->intake = (struct intake){.events = &change->event, .event_count = 1, .consents = &change->consent, .consent_count = 1,
					 .now = now, .fn = on_recorded, .arg = change};
	store_intake(change->req->web->store, &change->intake);
}

void web_consent_record(struct web_consent *change)
{
	web_now(change->req->web, on_time, change);
}

static int take(json_t *body, const char *name, const char *standard, struct arena *arena, struct str *out, struct error *error)
{
	json_t *json = json_object_get(body, name);
	if (!json && standard) {
		*out = str_of(standard);
		return 0;
	}
	struct str text = {json_string_value(json), json_string_length(json)};
	if (!json)
		return error_set(error, ERROR_INVALID, name, "%s is missing.", name);
	if (!json_is_string(json) || !text.n || text.n > 2000 || !str_is_text(text))
		return error_set(error, ERROR_INVALID, name, "%s must be text of at most 2000 bytes.", name);
	*out = arena_str(arena, text);
	return 0;
}

static int take_state(struct str text, enum consent_state *out, struct error *error)
{
	for (int s = CONSENT_GRANTED; s <= CONSENT_WITHDRAWN; s++) {
		if (str_is(text, consent_state_name((enum consent_state)s))) {
			*out = (enum consent_state)s;
			return 0;
		}
	}
	return error_set(error, ERROR_INVALID, "state", "state is granted, confirmed or withdrawn.");
}

/* A word that nothing asks for would be kept and never honoured, so a mistyped withdrawal is refused. */
static int check_word(struct str word, const char *field, const char *const *names, size_t count, struct error *error)
{
	struct buf known = {0};
	for (size_t i = 0; i < count; i++) {
		if (str_is(word, names[i])) {
			buf_fini(&known);
			return 0;
		}
		buf_printf(&known, "%s%s", i ? ", " : "", names[i]);
	}
	error_set(error, ERROR_INVALID, field, "there is no %s \"%.*s\". There are: %.*s.", field, STR_ARG(word), STR_ARG(buf_str(&known)));
	buf_fini(&known);
	return -1;
}

static int check_words(const struct config *config, struct arena *arena, const struct intake_consent *consent, struct error *error)
{
	static const char *const purposes[] = {"marketing", "service", "confirm", "*"};
	static const char *const kinds[] = {"email", "call", "letter", "track_open", "track_click", "*"};
	enum { KINDS = sizeof kinds / sizeof *kinds };
	size_t count = KINDS;
	const char **channels = arena_array(arena, KINDS + config->channel_count, sizeof *channels);
	memcpy(channels, kinds, sizeof kinds);
	for (size_t i = 0; i < config->channel_count; i++)
		if (strcmp(config->channels[i].name, "email") != 0)
			channels[count++] = config->channels[i].name;
	return check_word(consent->channel, "channel", channels, count, error) < 0
		       ? -1
		       : check_word(consent->purpose, "purpose", purposes, sizeof purposes / sizeof *purposes, error);
}

static int parse(json_t *body, struct arena *arena, struct intake_consent *out, struct error *error)
{
	static const char *const keys[] = {"channel", "purpose", "state", "source", "wording", NULL};
	struct str state = {0};
	const char *foreign = web_json_foreign(body, keys);
	if (foreign)
		return error_set(error, ERROR_INVALID, foreign, "consent has no \"%s\": it has channel, purpose, state, source and wording, or preferences.", foreign);
	return take(body, "channel", NULL, arena, &out->channel, error) < 0 || take(body, "purpose", "marketing", arena, &out->purpose, error) < 0 ||
			       take(body, "source", "api", arena, &out->source, error) < 0 ||
			       take(body, "wording", "", arena, &out->wording, error) < 0 || take(body, "state", NULL, arena, &state, error) < 0
		       ? -1
		       : take_state(state, &out->state, error);
}

static void on_done(struct web_consent *change, const struct error *error)
{
	if (error)
		web_fail(change->req, error);
	else
		http_reply_json(change->req->http, 200, NULL,
				json_pack("{s:I, s:i}", "lead", (json_int_t)change->consent.lead_id, "cancelled", change->consent.cancelled));
}

static void on_lead(struct web_request *req, int64_t lead_id)
{
	struct error error;
	json_t *body = web_json_body(req);
	if (!body)
		return;
	if (json_object_get(body, "preferences")) {
		web_preferences_set(req, lead_id, body);
		return;
	}
	struct web_consent *change = arena_alloc(http_arena(req->http), sizeof *change);
	*change = (struct web_consent){.req = req, .fn = on_done, .consent = {.lead_id = lead_id}};
	int status = parse(body, http_arena(req->http), &change->consent, &error);
	if (status == 0)
		status = check_words(req->web->worker->config, http_arena(req->http), &change->consent, &error);
	json_decref(body);
	if (status < 0) {
		web_fail(req, &error);
		return;
	}
	change->consent.ip = str_of(http_client_text(req->http));
	web_consent_record(change);
}

void web_consent_post(struct web_request *req)
{
	web_find_lead(req, req->args[0], on_lead);
}
