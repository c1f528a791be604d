/* Forms for programs: what is asked and what is wrong as JSON, and the script that puts a form into a page of somebody else. These answers
 * are the same for everybody, so any site may read them (CORS, without cookies). */
#include "web/form.h"

#include "web/form.js.h"
#include "web/visitor.h"

#include <string.h>

const struct http_header form_cors[] = {{"Access-Control-Allow-Origin", {"*", 1}}, {0}};

static json_t *choices_of(const struct field *field)
{
	json_t *list = json_array();
	for (size_t i = 0; i < field->choice_count; i++)
		json_array_append_new(list, json_pack("{s:s, s:s}", "value", field->choices[i], "label", field->choice_labels[i]));
	return list;
}

static json_t *question_json(const struct form_page *page, const struct form_question *question)
{
	static const char *const types[] = {
		[FIELD_TEXT] = "text",     [FIELD_NUMBER] = "number", [FIELD_DATE] = "date",
		[FIELD_YES_NO] = "yes/no", [FIELD_CHOICE] = "choice", [FIELD_CHOICES] = "choices"};
	const struct field *field = &page->playbook->schema.lead[question->slot];
	json_t *json = json_pack("{s:s, s:s, s:s, s:b}", "name", field->name, "ask", question->ask, "type", types[field->type], "needed", question->needed);
	if (question->longest)
		json_object_set_new(json, "longest", json_integer(question->longest));
	if (field->choice_count)
		json_object_set_new(json, "choices", choices_of(field));
	return json;
}

void form_reply_json(struct form_page *page)
{
	const struct form *form = page->form;
	json_t *questions = json_array(), *boxes = json_array();
	for (size_t i = 0; i < form->question_count; i++)
		if (page->answers[i].asked)
			json_array_append_new(questions, question_json(page, &form->questions[i]));
	for (size_t i = 0; i < form->consent_count; i++)
		json_array_append_new(boxes, json_pack("{s:s, s:s}", "channel", form->consents[i].channel, "wording", form->consents[i].wording));
	http_reply_json(page->req->http, 200, form_cors,
			json_pack("{s:s, s:s, s:s?, s:o, s:o, s:s}", "form", form->name, "title", form->title, "intro", form->intro, "questions", questions,
				  "agree", boxes, FORM_INSTANCE, form_instance(page)));
}

void form_reply_wrong(struct form_page *page)
{
	static const struct http_header headers[] = {
		{"Access-Control-Allow-Origin", {"*", 1}}, {"Content-Type", {"application/problem+json", 24}}, {0}};
	json_t *fields = json_object();
	const char *first = NULL, *detail = "this form was shown too long ago, too short ago, or never: GET it again and send its new " FORM_INSTANCE ".";
	for (size_t i = 0; i < page->form->question_count; i++) {
		const char *name = page->playbook->schema.lead[page->form->questions[i].slot].name;
		if (!page->answers[i].wrong)
			continue;
		json_object_set_new(fields, name, json_string(page->answers[i].message));
		if (!first)
			detail = arena_printf(http_arena(page->req->http), "%s: %s", name, page->answers[i].message);
		first = first ? first : name;
	}
	if (page->agree_message) {
		json_object_set_new(fields, page->agree_where, json_string(page->agree_message));
		if (!first)
			detail = arena_printf(http_arena(page->req->http), "%s: %s", page->agree_where, page->agree_message);
		first = first ? first : page->agree_where;
	}
	http_reply_json(page->req->http, 400, headers,
			json_pack("{s:s, s:s, s:i, s:s, s:s, s:o}", "type", "urn:nurture:invalid", "title", "Bad Request", "status", 400, "detail", detail,
				  "field", first ? first : FORM_INSTANCE, "fields", fields));
}

void form_reply_part(struct form_page *page)
{
	static const struct http_header headers[] = {
		{"Access-Control-Allow-Origin", {"*", 1}}, {"Cross-Origin-Resource-Policy", {"cross-origin", 12}}, {0}};
	struct buf out = {0};
	form_put(&out, page, true);
	http_reply_html(page->req->http, 200, headers, buf_str(&out));
	buf_fini(&out);
}

/* <script src="…/f/demo.js" async></script> puts the form where it stands (form.js). */
void form_reply_script(struct form_page *page)
{
	static const struct http_header headers[] = {{"Content-Type", {"text/javascript; charset=utf-8", 30}},
						     {"Access-Control-Allow-Origin", {"*", 1}},
						     {"Cross-Origin-Resource-Policy", {"cross-origin", 12}},
						     {"Cache-Control", {"public, max-age=300", 19}},
						     {0}};
	const char *url = arena_printf(http_arena(page->req->http), "%s/f/%s?part=form", page->req->web->worker->config->public_url, page->form->name);
	static const char ASKS[] = "$ASKS$", URL[] = "$URL$";
	const char *asks = strstr(text_form, ASKS), *place = strstr(text_form, URL);
	struct buf out = {0};
	buf_put(&out, text_form, (size_t)(asks - text_form));
	buf_puts(&out, web_visitor_asks(page->req->web) ? "true" : "false");
	buf_put(&out, asks + strlen(ASKS), (size_t)(place - asks) - strlen(ASKS));
	buf_put_json(&out, str_of(url));
	buf_puts(&out, place + strlen(URL));
	http_reply(page->req->http, 200, headers, buf_str(&out));
	buf_fini(&out);
}
