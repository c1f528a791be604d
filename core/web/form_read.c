/* Reads what was filled in: urlencoded, multipart or JSON, all the same from there on. What the form does not ask is not looked at, whatever it is
 * called (score, stage, consent …). A box counts only when its words are those that were shown. */
#include "web/form.h"

#include "base/hash.h"

#include <string.h>

enum { SHORT_TEXT = 200, LONG_TEXT = 2000, TEXTS_MOST = 64 };

/* ---- the instance ---- */

/* Changes with the form and with the words of its boxes. */
static uint32_t print_of(const struct form *form)
{
	char text[128];
	int n = snprintf(text, sizeof text, "%.100s %u", form->name, form->wording);
	return (uint32_t)hash_stable((struct str){text, (size_t)n});
}

const char *form_instance(const struct form_page *page)
{
	return web_showing_write(page->req, print_of(page->form));
}

static void read_instance(struct form_page *page, struct str text)
{
	page->instance = web_showing_read(page->req, text, print_of(page->form));
	page->stale = !page->instance;
}

/* ---- which questions ---- */

static bool is_known(const struct form_page *page, const struct form_question *question, json_t *known)
{
	json_t *value = json_object_get(known, page->playbook->schema.lead[question->slot].name);
	return question->slot != LEAD_EMAIL && value && !json_is_null(value);
}

static void choose(struct form_page *page, json_t *known)
{
	int more = page->form->ask_at_most;
	page->left_out = false;
	for (size_t i = 0; i < page->form->question_count; i++) {
		const struct form_question *question = &page->form->questions[i];
		bool left_out = is_known(page, question, known);
		page->left_out |= left_out;
		page->answers[i].asked = !left_out && (question->needed || !page->form->ask_at_most || more-- > 0);
	}
}

void form_choose(struct form_page *page, json_t *known)
{
	struct arena *arena = http_arena(page->req->http);
	page->answers = arena_array(arena, page->form->question_count + 1, sizeof *page->answers);
	page->agreed = arena_array(arena, page->form->consent_count + 1, sizeof *page->agreed);
	choose(page, known);
}

/* Not the address itself: it stays with the browser, whoever's the address is, and is forgotten with the browser's lead only. */
const char *form_email_mark(const struct form_page *page)
{
	return arena_printf(http_arena(page->req->http), "email=%08x", (unsigned)hash_stable(page->email));
}

static bool is_somebody_else(const struct form_page *page, json_t *known)
{
	const char *email = json_string_value(json_object_get(known, "email"));
	return page->email.n && !json_object_get(known, form_email_mark(page)) && !(email && str_is(page->email, email));
}

/* Pressed in the middle of filling it in: what stands there already stays. */
static void ask_all(struct form_page *page)
{
	choose(page, NULL);
	page->wrong = page->stale = false;
	for (size_t i = 0; i < page->form->question_count; i++)
		page->answers[i].wrong = false;
}

/* ---- one answer ---- */

static void refuse(struct form_page *page, struct form_answer *answer, enum web_word word, const char *message)
{
	answer->wrong = page->wrong = true;
	answer->word = word;
	answer->message = arena_dup(http_arena(page->req->http), message);
}

static enum web_word word_of(const struct field *field, int slot)
{
	if (slot == LEAD_EMAIL)
		return WORD_NO_EMAIL;
	return field->type == FIELD_NUMBER ? WORD_NO_NUMBER : field->type == FIELD_DATE ? WORD_NO_DATE : WORD_CHECK;
}

static size_t longest(const struct form_question *question)
{
	return question->longest ? (size_t)question->longest : question->slot < LEAD_STANDARD_COUNT ? SHORT_TEXT : LONG_TEXT;
}

static void check(struct form_page *page, size_t i)
{
	const struct form_question *question = &page->form->questions[i];
	struct form_answer *answer = &page->answers[i];
	if (answer->wrong)
		return;
	if (answer->value.type == VALUE_EMPTY && answer->asked && question->needed)
		refuse(page, answer, WORD_MISSING, "is needed.");
	else if (answer->value.type == VALUE_TEXT && str_utf8_length(answer->value.text) > longest(question))
		refuse(page, answer, WORD_TOO_LONG, "is too long.");
}

/* Trimmed, line ends as \n, and none where one line is asked for. */
static struct str tidy(struct str text, bool lines, struct arena *arena)
{
	char *out = arena_dup_n(arena, text.p ? text.p : "", text.n);
	size_t n = 0;
	for (size_t i = 0; i < text.n; i++) {
		bool end = text.p[i] == '\r' || text.p[i] == '\n';
		if (text.p[i] == '\r' && i + 1 < text.n && text.p[i + 1] == '\n')
			continue;
		out[n++] = end ? lines ? '\n' : ' ' : text.p[i];
	}
	return str_trim((struct str){out, n});
}

static int value_of_list(const struct field *field, const struct form_answer *answer, struct arena *arena, struct value *out, struct error *error)
{
	json_t *list = json_array();
	for (size_t i = 0; i < answer->text_count; i++)
		if (answer->texts[i].n)
			json_array_append_new(list, json_stringn(answer->texts[i].p, answer->texts[i].n));
	int status = json_array_size(list) ? value_from_json(field, list, arena, out, error) : 0;
	json_decref(list);
	return status;
}

static void take_texts(struct form_page *page, size_t i)
{
	const struct form_question *question = &page->form->questions[i];
	const struct field *field = &page->playbook->schema.lead[question->slot];
	struct form_answer *answer = &page->answers[i];
	struct arena *arena = http_arena(page->req->http);
	struct error error = {0};
	if (!answer->text_count)
		return;
	struct str text = tidy(answer->texts[0], longest(question) > SHORT_TEXT, arena);
	int status = field->type == FIELD_CHOICES ? value_of_list(field, answer, arena, &answer->value, &error)
		     : text.n                     ? value_from_text(field, text, arena, &answer->value, &error)
						  : 0;
	if (status < 0)
		refuse(page, answer, word_of(field, question->slot), error.message);
}

static void take_json(struct form_page *page, size_t i, json_t *json)
{
	const struct form_question *question = &page->form->questions[i];
	const struct field *field = &page->playbook->schema.lead[question->slot];
	struct error error = {0};
	bool empty = !json || (json_is_string(json) && !json_string_length(json));
	if (!empty && value_from_json(field, json, http_arena(page->req->http), &page->answers[i].value, &error) < 0)
		refuse(page, &page->answers[i], word_of(field, question->slot), error.message);
}

/* ---- the whole ---- */

static void gather_texts(struct form_page *page, const struct http_params *params, size_t i)
{
	const char *name = page->playbook->schema.lead[page->form->questions[i].slot].name;
	struct str *texts = arena_array(http_arena(page->req->http), TEXTS_MOST, sizeof *texts);
	size_t n = 0;
	for (size_t k = 0; k < params->count && n < TEXTS_MOST; k++)
		if (str_is(params->items[k].name, name) && !params->items[k].file_name.p)
			texts[n++] = params->items[k].value;
	page->answers[i].texts = texts;
	page->answers[i].text_count = n;
}

static void read_params(struct form_page *page, const struct http_params *params)
{
	char name[80];
	read_instance(page, http_param(params, FORM_INSTANCE));
	page->trapped = http_param(params, FORM_TRAP).n > 0;
	page->all = http_param(params, FORM_ALL).n > 0;
	form_place_params(page, params);
	for (size_t i = 0; i < page->form->question_count; i++) {
		gather_texts(page, params, i);
		take_texts(page, i);
	}
	for (size_t i = 0; i < page->form->consent_count; i++) {
		snprintf(name, sizeof name, "agree.%s", page->form->consents[i].channel);
		page->agreed[i] = !page->stale && str_is(http_param(params, name), "yes");
	}
}

static struct str json_text(json_t *json)
{
	return json_is_string(json) ? (struct str){json_string_value(json), json_string_length(json)} : STR("");
}

/* ---- boxes, as programs tick them ---- */

static void refuse_agree(struct form_page *page, const char *where, const char *message)
{
	page->wrong = true;
	if (page->agree_message)
		return;
	page->agree_where = where;
	page->agree_message = message;
}

/* "yes" is the word that a page sends. */
static void take_box(struct form_page *page, size_t i, json_t *said)
{
	const char *channel = page->form->consents[i].channel;
	bool yes = json_is_true(said) || (json_is_string(said) && strcmp(json_string_value(said), "yes") == 0);
	page->agreed[i] = !page->stale && yes;
	if (said && !yes && !json_is_false(said))
		refuse_agree(page, arena_printf(http_arena(page->req->http), "agree.%s", channel), "is true or false: was the box ticked?");
}

/* Refused rather than passed over: who ticked a box would believe that it counts. */
static void take_agree(struct form_page *page, json_t *agree)
{
	const struct form *form = page->form;
	struct arena *arena = http_arena(page->req->http);
	const char **channels = arena_array(arena, form->consent_count + 1, sizeof *channels), *foreign = NULL;
	for (size_t i = 0; i < form->consent_count; i++) {
		channels[i] = form->consents[i].channel;
		take_box(page, i, json_object_get(agree, channels[i]));
	}
	if (agree && !json_is_object(agree))
		refuse_agree(page, "agree", "is an object with a key for each box that was ticked: {\"email\": true}.");
	else if (form->consent_count)
		foreign = web_row_foreign(agree, channels, arena);
	else if (json_object_size(agree))
		foreign = "this form has no boxes.";
	if (foreign)
		refuse_agree(page, "agree", foreign);
}

static void read_json(struct form_page *page, json_t *body)
{
	read_instance(page, json_text(json_object_get(body, FORM_INSTANCE)));
	page->trapped = json_text(json_object_get(body, FORM_TRAP)).n > 0;
	form_place_json(page, body);
	for (size_t i = 0; i < page->form->question_count; i++)
		take_json(page, i, json_object_get(body, page->playbook->schema.lead[page->form->questions[i].slot].name));
	take_agree(page, json_object_get(body, "agree"));
}

static int read_body(struct form_page *page)
{
	struct http_params params = {0};
	struct error error;
	if (str_is(http_content_type(page->req->http), "application/json")) {
		json_t *body = web_json_body(page->req);
		if (!body)
			return -1;
		read_json(page, body);
		json_decref(body);
		return 0;
	}
	if (http_form(page->req->http, &params, &error) < 0) {
		web_fail(page->req, &error);
		return -1;
	}
	read_params(page, &params);
	return 0;
}

int form_read(struct form_page *page, json_t *known)
{
	if (read_body(page) < 0)
		return -1;
	for (size_t i = 0; i < page->form->question_count; i++)
		if (page->form->questions[i].slot == LEAD_EMAIL && page->answers[i].value.type == VALUE_TEXT)
			page->email = page->answers[i].value.text;
	if (page->left_out && is_somebody_else(page, known))
		choose(page, NULL);
	for (size_t i = 0; i < page->form->question_count; i++)
		check(page, i);
	if (page->all)
		ask_all(page);
	return 0;
}
