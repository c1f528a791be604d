/* /y/{token}: the second yes of a double opt-in. The link stands in a mail of purpose `confirm` (confirm_url in its template).
 *
 * GET and HEAD show what was allowed, in the words of then, and change nothing, whatever follows links. POST writes a row `confirmed` into the
 * ledger for each permission that still stands unconfirmed; again: the same answer and no row more. What was taken back since is not confirmed,
 * unless a form asked for it again after that and this mail came because of it: then the button is the word that lifts the withdrawal. What is read
 * here says only what to ask for, and the store looks again as it writes (intake.h, mailbox). */
#include "web/page.h"

#include "web/visitor.h"

enum { STANDING_MOST = 20 };

struct confirming {
	struct web_request *req;
	int64_t lead_id, touch_id;
	bool post;
	size_t confirmed;              /* that are so already */
	struct intake intake;
	struct intake_consent consents[STANDING_MOST];
	struct intake_event events[STANDING_MOST];
	struct visitor visitor;        /* whose button was pressed has read that mail, as with a click */
};

static const char *word(const struct confirming *confirming, enum web_word which)
{
	return web_word(web_language(confirming->req->web), which);
}

static void show(struct confirming *confirming)
{
	struct buf page = {0};
	web_page_begin(&page, web_language(confirming->req->web), word(confirming, WORD_CONFIRM_TITLE));
	web_put_paragraphs(&page, word(confirming, WORD_CONFIRM_TEXT));
	buf_puts(&page, "<ul>");
	for (size_t i = 0; i < confirming->intake.consent_count; i++) {
		struct str wording = confirming->consents[i].wording;
		buf_puts(&page, "<li>");
		buf_put_html(&page, wording.n ? wording : confirming->consents[i].channel);
		buf_puts(&page, "</li>");
	}
	buf_puts(&page, "</ul><form method=\"post\"><button>");
	web_put_text(&page, word(confirming, WORD_CONFIRM_BUTTON));
	buf_puts(&page, "</button></form>");
	web_page_reply(confirming->req, 200, &page);
}

static void say_confirmed(struct confirming *confirming)
{
	web_page_say(confirming->req, 200, word(confirming, WORD_CONFIRMED), word(confirming, WORD_CONFIRMED_TEXT));
}

static void say_nothing(struct confirming *confirming)
{
	web_page_say(confirming->req, 200, word(confirming, WORD_NOTHING_TO_CONFIRM), NULL);
}

static void on_recorded(void *arg, const struct error *error)
{
	struct confirming *confirming = arg;
	bool stands = confirming->confirmed > 0;
	for (size_t i = 0; i < confirming->intake.consent_count; i++)
		stands = stands || confirming->consents[i].stands;
	if (error && error->code == ERROR_NOT_FOUND)
		web_page_dead_link(confirming->req); /* the lead is gone */
	else if (error)
		web_page_fail(confirming->req, error);
	else if (stands)
		say_confirmed(confirming);
	else
		say_nothing(confirming);
}

static void on_time(void *arg, moment_t now, const struct error *error)
{
	struct confirming *confirming = arg;
	if (error) {
		web_page_fail(confirming->req, error);
		return;
	}
	for (size_t i = 0; i < confirming->intake.event_count; i++)
		confirming->events[i].at = now;
	confirming->intake.now = now;
	store_intake(confirming->req->web->store, &confirming->intake);
}

static struct str text_of(struct confirming *confirming, json_t *row, const char *name)
{
	const char *text = json_string_value(json_object_get(row, name));
	return text ? arena_str(http_arena(confirming->req->http), str_of(text)) : STR("");
}

static void add(struct confirming *confirming, json_t *row)
{
	struct arena *arena = http_arena(confirming->req->http);
	size_t i = confirming->intake.consent_count;
	if (str_is(text_of(confirming, row, "state"), "confirmed")) {
		confirming->confirmed++;
		return;
	}
	confirming->consents[i] = (struct intake_consent){
		.lead_id = confirming->lead_id, .channel = text_of(confirming, row, "channel"), .purpose = text_of(confirming, row, "purpose"),
		.wording = text_of(confirming, row, "wording"), .source = STR("confirm"), .ip = str_of(http_client_text(confirming->req->http)),
		.evidence = str_of(arena_printf(arena, "{\"touch\":%lld}", (long long)confirming->touch_id)), .state = CONSENT_CONFIRMED,
		.mailbox = confirming->lead_id, .touch_id = confirming->touch_id};
	confirming->events[i] = (struct intake_event){.lead_id = confirming->lead_id, .verb = STR("consent.confirm"), .subject = confirming->consents[i].channel,
						      .tells = &confirming->consents[i], .visitor = visitor_str(&confirming->visitor),
						      .proof = PROOF_CLICK};
	confirming->intake.consent_count = confirming->intake.event_count = i + 1;
}

static void on_standing(void *arg, json_t *rows, const struct error *error)
{
	struct confirming *confirming = arg;
	json_t *row;
	size_t i;
	if (error) {
		web_page_fail(confirming->req, error);
		return;
	}
	json_array_foreach (rows, i, row)
		if (confirming->intake.consent_count < STANDING_MOST)
			add(confirming, row);
	if (!confirming->intake.consent_count && confirming->confirmed)
		say_confirmed(confirming);
	else if (!confirming->intake.consent_count)
		say_nothing(confirming);
	else if (confirming->post)
		web_now(confirming->req->web, on_time, confirming);
	else
		show(confirming);
}

static void ask(struct web_request *req, bool post)
{
	struct token token;
	if (!web_page_token(req, TOKEN_CONFIRM, &token))
		return;
	struct confirming *confirming = arena_alloc(http_arena(req->http), sizeof *confirming);
	const char *params[] = {arena_printf(http_arena(req->http), "%lld", (long long)token.lead_id)};
	confirming->req = req;
	confirming->lead_id = token.lead_id;
	confirming->touch_id = token.touch_id;
	confirming->post = post;
	if (post)
		(void)web_visitor_read(req, &confirming->visitor);
	confirming->intake = (struct intake){.events = confirming->events, .consents = confirming->consents, .fn = on_recorded, .arg = confirming};
	store_query(req->web->store, "consent_standing", params, 1, on_standing, confirming);
}

void web_confirm_get(struct web_request *req)
{
	ask(req, false);
}

void web_confirm_post(struct web_request *req)
{
	ask(req, true);
}
