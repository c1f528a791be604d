/* Takes a filled-in form in, in one transaction: the fields as lead.update, the form.submit event, a permission for each box that was ticked, with
 * the words beside it as evidence. The same answers of the same showing count once.
 *
 * Nobody has shown that the mailbox is theirs. So of a lead that is known only empty fields are filled, and a permission weighs nothing against a
 * withdrawal: where one stands the ledger is not touched (the event keeps which boxes were ticked), and against the hashes of who was erased it
 * counts only once it is confirmed (store/intake_consents.sql, store/permit.sql). */
#include "web/form.h"

#include "base/hash.h"
#include "web/visitor.h"

#include <stdlib.h>

enum { BOXES_MOST = 16 };

struct keeping {
	struct form_page *page;
	struct intake intake;
	struct intake_event events[2];
	struct intake_consent consents[BOXES_MOST];
	struct visitor visitor;    /* what this browser did is this lead's; itself only where the form makes the lead (intake.h) */
};

static void on_kept(void *arg, const struct error *error)
{
	struct keeping *keeping = arg;
	struct form_page *page = keeping->page;
	struct metrics *metrics = page->req->web->worker->metrics;
	const struct intake_event *submit = &keeping->events[1];
	if (error) {
		web_page_fail(page->req, error);
		form_over(page);
		return;
	}
	metrics_add(metrics, METRIC_EVENTS_TAKEN, submit->event_id != 0);
	metrics_add(metrics, METRIC_EVENTS_DUPLICATE, submit->duplicate);
	form_reply_thanks(page, submit->found_lead, keeping->events[0].created || submit->created);
	form_over(page);
}

static struct str json_text(struct form_page *page, json_t *json)
{
	char *text = json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS);
	struct str out = arena_str(http_arena(page->req->http), str_of(text));
	free(text);
	json_decref(json);
	return out;
}

static json_t *answers_of(const struct form_page *page)
{
	json_t *set = json_object();
	for (size_t i = 0; i < page->form->question_count; i++)
		if (page->answers[i].value.type != VALUE_EMPTY)
			json_object_set_new(set, page->playbook->schema.lead[page->form->questions[i].slot].name, value_to_json(&page->answers[i].value));
	return set;
}

/* The boxes that were ticked. NULL = none. */
static json_t *agreed_of(const struct form_page *page)
{
	json_t *agreed = json_array();
	for (size_t i = 0; i < page->form->consent_count && i < BOXES_MOST; i++)
		if (page->agreed[i])
			json_array_append_new(agreed, json_string(page->form->consents[i].channel));
	if (json_array_size(agreed))
		return agreed;
	json_decref(agreed);
	return NULL;
}

/* Answers, and the fields that the form presets. */
static json_t *fill_of(const struct form_page *page)
{
	json_t *fill = answers_of(page);
	form_place_fill(page, fill);
	return json_pack("{s:o}", "fill", fill);
}

static json_t *place_of(struct form_page *page)
{
	struct str place = form_place_address(page);
	return place.n ? json_stringn(place.p, place.n) : NULL;
}

/* The same showing filled in the same way is the same act, however often the button was pressed. */
static struct str key_of(struct form_page *page, const char *what, struct str answers)
{
	unsigned char sum[HASH_SHA256];
	char hex[2 * HASH_SHA256 + 1];
	struct str text = str_of(arena_printf(http_arena(page->req->http), "%016llx %s %.*s", (unsigned long long)page->instance, page->form->name,
					      STR_ARG(answers)));
	hash_sha256(text, sum);
	hash_hex(sum, 16, hex);
	return str_of(arena_printf(http_arena(page->req->http), "form:%s:%.32s", what, hex));
}

/* Of what is known of a person the browser that filled it in is told nothing by what it is asked next: only what it filled in itself. */
static struct str told_of(struct form_page *page)
{
	struct buf names = {0};
	buf_puts(&names, form_email_mark(page));
	for (size_t i = 0; i < page->form->question_count; i++)
		if (page->answers[i].value.type != VALUE_EMPTY && page->form->questions[i].slot != LEAD_EMAIL)
			buf_printf(&names, ",%s", page->playbook->schema.lead[page->form->questions[i].slot].name);
	struct str out = arena_str(http_arena(page->req->http), buf_str(&names));
	buf_fini(&names);
	return out;
}

static void add_consents(struct keeping *keeping, moment_t now)
{
	struct form_page *page = keeping->page;
	char shown[MOMENT_TEXT];
	for (size_t i = 0; i < page->form->consent_count && i < BOXES_MOST; i++) {
		const struct form_consent *box = &page->form->consents[i];
		if (!page->agreed[i])
			continue;
		keeping->consents[keeping->intake.consent_count++] = (struct intake_consent){
			.of = &keeping->events[1], .channel = str_of(box->channel), .purpose = STR("marketing"), .source = STR("form"),
			.wording = str_of(box->wording), .ip = str_of(http_client_text(page->req->http)),
			.state = CONSENT_GRANTED, .unproven = true,
			.evidence = json_text(page, json_pack("{s:s, s:s, s:s, s:o*}", "form", page->form->name, "revision", page->playbook->revision, "at",
							      moment_format(now, shown), "page", place_of(page)))};
	}
}

static void on_time(void *arg, moment_t now, const struct error *error)
{
	struct keeping *keeping = arg;
	struct form_page *page = keeping->page;
	if (error) {
		web_page_fail(page->req, error);
		form_over(page);
		return;
	}
	struct str answers = json_text(page, answers_of(page)), told = told_of(page);
	json_t *data = json_pack("{s:o, s:o*, s:s, s:o*}", "answers", answers_of(page), "agreed", agreed_of(page), "revision",
				 page->playbook->revision, "page", place_of(page));
	form_place_tell(page, data);
	keeping->events[0] = (struct intake_event){.email = page->email, .visitor = visitor_str(&keeping->visitor), .proof = PROOF_NONE, .told = told, .verb = STR("lead.update"),
						   .data = json_text(page, fill_of(page)), .create = true, .source = STR("form"),
						   .key = key_of(page, "set", answers), .at = now};
	keeping->events[1] = (struct intake_event){.email = page->email, .visitor = visitor_str(&keeping->visitor), .proof = PROOF_NONE, .told = told, .verb = STR("form.submit"),
						   .subject = str_of(page->form->name), .data = json_text(page, data), .create = true, .source = STR("form"),
						   .key = key_of(page, "submit", answers), .at = now};
	keeping->intake = (struct intake){.events = keeping->events, .event_count = 2, .consents = keeping->consents, .now = now, .fn = on_kept, .arg = keeping};
	add_consents(keeping, now);
	store_intake(page->req->web->store, &keeping->intake);
}

void form_keep(struct form_page *page)
{
	struct keeping *keeping = arena_alloc(http_arena(page->req->http), sizeof *keeping);
	keeping->page = page;
	if (!web_visitor_refuses(page->req))
		(void)web_visitor_read(page->req, &keeping->visitor);
	web_now(page->req->web, on_time, keeping);
}
