/* /u/{token}: the way out (RFC 8058, RFC 2369), and what else may stop.
 *
 * GET and HEAD show a page and change nothing, however often a scanner asks. POST takes consent back, cancels what is open and answers 200 with
 * a page; again: the same. Whatever its body is and wherever it comes from, it means marketing by e-mail, unless it is our own page's
 * choice (`choose`), which names what is to stop, or (`prefer`) topics and a frequency (preferences.c). Nothing can be allowed here: whoever holds a forwarded mail could do it. An
 * address that is not a token of ours gets the same answer as one that never was. */
#include "web/page.h"

#include "web/preferences.h"

enum { STOPS = 6 };

static const struct {
	const char *channel, *purpose;
	enum web_word word;
} stops[STOPS] = {
	{"email", "marketing", WORD_STOP_EMAIL},     {"call", "marketing", WORD_STOP_CALL},       {"letter", "marketing", WORD_STOP_LETTER},
	{"track_open", "*", WORD_STOP_TRACK_OPEN},   {"track_click", "*", WORD_STOP_TRACK_CLICK}, {"*", "*", WORD_STOP_ALL},
};

struct leaving {
	struct web_request *req;
	int64_t lead_id;
	bool chosen;                   /* on our page, not by one click */
	struct intake intake;
	struct intake_consent consents[STOPS];
	struct intake_event events[STOPS];
};

/* `choice` is the part with topics and frequency, "" where none can be chosen. */
static void show(struct web_request *req, struct str choice)
{
	const char *language = web_language(req->web);
	struct buf page = {0};
	web_page_begin(&page, language, web_word(language, WORD_NO_MORE));
	web_put_paragraphs(&page, web_word(language, WORD_NO_MORE_TEXT));
	buf_printf(&page, "<form method=\"post\"><button name=\"List-Unsubscribe\" value=\"One-Click\">%s</button></form>%.*s"
			  "<h2>%s</h2><form method=\"post\"><input type=\"hidden\" name=\"choose\" value=\"1\"><fieldset><legend>%s</legend>",
		   web_word(language, WORD_UNSUBSCRIBE), STR_ARG(choice), web_word(language, WORD_PREFERENCES), web_word(language, WORD_WHAT_STOPS));
	for (size_t i = 0; i < STOPS; i++)
		buf_printf(&page, "<div><input type=\"checkbox\" id=\"s-%zu\" name=\"stop\" value=\"%s\"> <label for=\"s-%zu\">%s</label></div>", i,
			   stops[i].channel, i, web_word(language, stops[i].word));
	buf_printf(&page, "</fieldset><button>%s</button></form>", web_word(language, WORD_STOP_BUTTON));
	web_page_reply(req, 200, &page);
}

void web_unsubscribe_get(struct web_request *req)
{
	struct token token;
	if (web_page_token(req, TOKEN_UNSUBSCRIBE, &token))
		web_preferences_form(req, token.lead_id, show);
}

static void on_withdrawn(void *arg, const struct error *error)
{
	struct leaving *leaving = arg;
	const char *language = web_language(leaving->req->web);
	if (error && error->code != ERROR_NOT_FOUND) /* who was erased gets nothing more either, and is not told more */
		web_page_fail(leaving->req, error);
	else if (leaving->chosen)
		web_page_say(leaving->req, 200, web_word(language, WORD_STOPPED), web_word(language, WORD_STOPPED_TEXT));
	else
		web_page_say(leaving->req, 200, web_word(language, WORD_UNSUBSCRIBED), web_word(language, WORD_UNSUBSCRIBED_TEXT));
}

static void on_time(void *arg, moment_t now, const struct error *error)
{
	struct leaving *leaving = arg;
	if (error) {
		on_withdrawn(leaving, error);
		return;
	}
	for (size_t i = 0; i < leaving->intake.event_count; i++)
		leaving->events[i].at = now;
	leaving->intake.now = now;
	store_intake(leaving->req->web->store, &leaving->intake);
}

static void stop(struct leaving *leaving, size_t which)
{
	size_t i = leaving->intake.consent_count++;
	const char *wording = leaving->chosen ? web_word(web_language(leaving->req->web), stops[which].word) : "Unsubscribe";
	leaving->consents[i] = (struct intake_consent){.lead_id = leaving->lead_id, .channel = str_of(stops[which].channel),
						       .purpose = str_of(stops[which].purpose), .source = STR("unsubscribe"), .wording = str_of(wording),
						       .ip = str_of(http_client_text(leaving->req->http)), .state = CONSENT_WITHDRAWN};
	leaving->events[i] = (struct intake_event){.lead_id = leaving->lead_id, .verb = STR("consent.withdraw"), .subject = str_of(stops[which].channel)};
	leaving->intake.event_count = i + 1;
}

static bool names(const struct http_params *params, const char *channel)
{
	for (size_t i = 0; i < params->count; i++)
		if (str_is(params->items[i].name, "stop") && str_is(params->items[i].value, channel))
			return true;
	return false;
}

void web_unsubscribe_post(struct web_request *req)
{
	struct token token;
	struct error unread;
	struct http_params params = {0};
	if (!web_page_token(req, TOKEN_UNSUBSCRIBE, &token))
		return;
	struct leaving *leaving = arena_alloc(http_arena(req->http), sizeof *leaving);
	leaving->req = req;
	leaving->lead_id = token.lead_id;
	bool prefers = http_form(req->http, &params, &unread) == 0 && http_param(&params, "prefer").n;
	if (prefers && !str_is(http_param(&params, "often"), "none")) {
		web_preferences_take(req, &token, &params);
		return;
	}
	leaving->chosen = prefers || http_param(&params, "choose").n;
	leaving->intake = (struct intake){.events = leaving->events, .consents = leaving->consents, .fn = on_withdrawn, .arg = leaving};
	for (size_t i = 0; i < STOPS; i++)
		if (leaving->chosen && !prefers ? names(&params, stops[i].channel) : i == 0)
			stop(leaving, i);
	if (leaving->intake.consent_count)
		web_now(req->web, on_time, leaving);
	else
		web_preferences_form(req, token.lead_id, show); /* nothing was ticked */
}
