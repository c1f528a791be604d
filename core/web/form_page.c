/* A form as HTML that works without JavaScript: a label for each question, what is wrong beside it, what browsers may fill in by themselves,
 * everything escaped. The same markup goes into our own page and, embedded, into others'. */
#include "web/form.h"

#include "model/country.h"

#include <stdlib.h>
#include <string.h>

enum { LONG_TEXT = 200, COUNTRIES_MOST = 300, COUNTRY_NAME = 100 };

/* ---- attributes ---- */

static void put_attribute(struct buf *out, const char *name, struct str value)
{
	buf_printf(out, " %s=\"", name);
	buf_put_html(out, value);
	buf_putc(out, '"');
}

/* What a browser may fill in by itself (HTML, "autofill detail tokens"). */
static const char *autocomplete(int slot)
{
	static const char *const tokens[LEAD_STANDARD_COUNT] = {
		[LEAD_EMAIL] = "email", [LEAD_FIRST_NAME] = "given-name", [LEAD_LAST_NAME] = "family-name", [LEAD_TITLE] = "organization-title",
		[LEAD_COMPANY] = "organization", [LEAD_PHONE] = "tel", [LEAD_COUNTRY] = "country", [LEAD_LANGUAGE] = "language",
		[LEAD_ADDRESS] = "street-address", [LEAD_CITY] = "address-level2", [LEAD_POSTAL_CODE] = "postal-code", [LEAD_REGION] = "address-level1"};
	return slot < LEAD_STANDARD_COUNT && tokens[slot] ? tokens[slot] : "off";
}

static void put_common(struct buf *out, const struct form_page *page, size_t i)
{
	const struct form_question *question = &page->form->questions[i];
	buf_printf(out, " id=\"q-%s\" name=\"%s\" autocomplete=\"%s\"%s", page->playbook->schema.lead[question->slot].name,
		   page->playbook->schema.lead[question->slot].name, autocomplete(question->slot), question->needed ? " required" : "");
	if (page->answers[i].wrong)
		buf_printf(out, " aria-invalid=\"true\" aria-describedby=\"e-%s\"", page->playbook->schema.lead[question->slot].name);
}

static struct str first_text(const struct form_answer *answer)
{
	return answer->text_count ? answer->texts[0] : STR("");
}

static bool has_text(const struct form_answer *answer, const char *text)
{
	for (size_t i = 0; i < answer->text_count; i++)
		if (str_is(answer->texts[i], text))
			return true;
	return false;
}

/* ---- controls ---- */

static void put_option(struct buf *out, const struct form_answer *answer, const char *value, const char *label)
{
	buf_puts(out, "<option");
	put_attribute(out, "value", str_of(value));
	buf_puts(out, has_text(answer, value) ? " selected>" : ">");
	web_put_text(out, label);
	buf_puts(out, "</option>");
}

struct country {
	const char *code;
	char name[COUNTRY_NAME];
};

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct country *)a)->name, ((const struct country *)b)->name);
}

static void put_countries(struct buf *out, const struct form_page *page, const struct form_answer *answer)
{
	struct country *all = arena_array(http_arena(page->req->http), COUNTRIES_MOST, sizeof *all);
	size_t n = 0;
	for (const char *const *code = country_codes(); *code && n < COUNTRIES_MOST; code++, n++) {
		all[n].code = *code;
		country_name(*code, page->playbook->language, all[n].name, COUNTRY_NAME);
	}
	qsort(all, n, sizeof *all, by_name);
	for (size_t i = 0; i < n; i++)
		put_option(out, answer, all[i].code, all[i].name);
}

static void put_select(struct buf *out, const struct form_page *page, size_t i, const struct field *field)
{
	const struct form_answer *answer = &page->answers[i];
	buf_puts(out, "<select");
	put_common(out, page, i);
	buf_puts(out, ">");
	put_option(out, answer, "", web_word(page->playbook->language, WORD_CHOOSE));
	if (page->form->questions[i].slot == LEAD_COUNTRY)
		put_countries(out, page, answer);
	for (size_t k = 0; field->type == FIELD_CHOICE && k < field->choice_count; k++)
		put_option(out, answer, field->choices[k], field->choice_labels[k]);
	for (int yes = 1; field->type == FIELD_YES_NO && yes >= 0; yes--)
		put_option(out, answer, yes ? "yes" : "no", web_word(page->playbook->language, yes ? WORD_YES : WORD_NO));
	buf_puts(out, "</select>");
}

static void put_checkboxes(struct buf *out, const struct form_page *page, size_t i, const struct field *field)
{
	for (size_t k = 0; k < field->choice_count; k++) {
		buf_printf(out, "<div><input type=\"checkbox\" id=\"q-%s-%zu\" name=\"%s\"", field->name, k, field->name);
		put_attribute(out, "value", str_of(field->choices[k]));
		buf_printf(out, "%s> <label for=\"q-%s-%zu\">", has_text(&page->answers[i], field->choices[k]) ? " checked" : "", field->name, k);
		web_put_text(out, field->choice_labels[k]);
		buf_puts(out, "</label></div>");
	}
}

static void put_input(struct buf *out, const struct form_page *page, size_t i, const struct field *field)
{
	const struct form_question *question = &page->form->questions[i];
	const char *type = question->slot == LEAD_EMAIL     ? "text\" inputmode=\"email" /* browsers' "email" refuses what is not ASCII before the @ (RFC 6531) */
			   : question->slot == LEAD_PHONE   ? "tel"
			   : field->type == FIELD_NUMBER    ? "number\" step=\"any"
			   : field->type == FIELD_DATE      ? "date"
							    : "text";
	bool lines = field->type == FIELD_TEXT && question->longest > LONG_TEXT;
	buf_puts(out, lines ? "<textarea rows=\"4\"" : "<input");
	if (!lines)
		buf_printf(out, " type=\"%s\"", type);
	put_common(out, page, i);
	if (field->type == FIELD_TEXT && question->longest)
		buf_printf(out, " maxlength=\"%d\"", question->longest);
	if (!lines && first_text(&page->answers[i]).n)
		put_attribute(out, "value", first_text(&page->answers[i]));
	buf_puts(out, ">");
	if (lines) {
		buf_put_html(out, first_text(&page->answers[i]));
		buf_puts(out, "</textarea>");
	}
}

/* ---- questions and boxes ---- */

static void put_label(struct buf *out, const struct form_page *page, const struct form_question *question)
{
	web_put_text(out, question->ask);
	if (!question->needed)
		return;
	buf_puts(out, " <small>(");
	web_put_text(out, web_word(page->playbook->language, WORD_NEEDED));
	buf_puts(out, ")</small>");
}

static void put_question(struct buf *out, const struct form_page *page, size_t i)
{
	const struct form_question *question = &page->form->questions[i];
	const struct field *field = &page->playbook->schema.lead[question->slot];
	bool group = field->type == FIELD_CHOICES;
	buf_printf(out, group ? "<fieldset id=\"q-%s\"><legend>" : "<label for=\"q-%s\">", field->name);
	put_label(out, page, question);
	buf_puts(out, group ? "</legend>" : "</label>");
	if (group)
		put_checkboxes(out, page, i, field);
	else if (field->type == FIELD_CHOICE || field->type == FIELD_YES_NO || question->slot == LEAD_COUNTRY)
		put_select(out, page, i, field);
	else
		put_input(out, page, i, field);
	if (page->answers[i].wrong) {
		buf_printf(out, "<p class=\"error\" id=\"e-%s\">", field->name);
		web_put_text(out, web_word(page->playbook->language, page->answers[i].word));
		buf_puts(out, "</p>");
	}
	if (group)
		buf_puts(out, "</fieldset>");
}

/* Never ticked but by the person, and only while the words are the same. */
static void put_box(struct buf *out, const struct form_page *page, size_t i)
{
	const struct form_consent *consent = &page->form->consents[i];
	buf_printf(out, "<div class=\"box\"><input type=\"checkbox\" id=\"a-%s\" name=\"agree.%s\" value=\"yes\"%s> <label for=\"a-%s\">", consent->channel,
		   consent->channel, page->agreed[i] ? " checked" : "", consent->channel);
	web_put_text(out, consent->wording);
	buf_puts(out, "</label></div>");
}

/* People do not see it, and what reads pages aloud passes over it. */
static void put_trap(struct buf *out, const struct form_page *page)
{
	buf_puts(out, "<div class=\"trap\" style=\"position:absolute;left:-200rem\" aria-hidden=\"true\"><label>");
	web_put_text(out, web_word(page->playbook->language, WORD_LEAVE_EMPTY));
	buf_puts(out, " <input type=\"text\" name=\"" FORM_TRAP "\" tabindex=\"-1\" autocomplete=\"off\"></label></div>");
}

/* Behind the button that sends: the first one is pressed by Enter. */
static void put_somebody_else(struct buf *out, const struct form_page *page)
{
	buf_puts(out, " <button class=\"quiet\" name=\"" FORM_ALL "\" value=\"1\" formnovalidate>");
	web_put_text(out, web_word(page->playbook->language, WORD_SOMEBODY_ELSE));
	buf_puts(out, "</button>");
}

void form_put(struct buf *out, const struct form_page *page, bool embedded)
{
	const struct form *form = page->form;
	const char *language = page->playbook->language;
	buf_printf(out, "<form method=\"post\" accept-charset=\"utf-8\" class=\"nurture-form\"%s%s", page->wrong || page->stale ? " novalidate" : "",
		   web_is_rtl(language) ? " dir=\"rtl\"" : "");
	put_attribute(out, "lang", str_of(language));
	put_attribute(out, "action", str_of(arena_printf(http_arena(page->req->http), "%s/f/%s", embedded ? page->req->web->worker->config->public_url : "",
							 form->name)));
	buf_puts(out, ">");
	if (form->intro)
		web_put_paragraphs(out, form->intro);
	if (page->wrong || page->stale) {
		buf_puts(out, "<p class=\"notice\" role=\"alert\">");
		web_put_text(out, web_word(language, page->wrong ? WORD_LOOK_AGAIN : WORD_SEND_AGAIN));
		buf_puts(out, "</p>");
	}
	for (size_t i = 0; i < form->question_count; i++)
		if (page->answers[i].asked || page->answers[i].text_count)
			put_question(out, page, i);
	for (size_t i = 0; i < form->consent_count; i++)
		put_box(out, page, i);
	put_trap(out, page);
	form_put_place(out, page);
	buf_puts(out, "<input type=\"hidden\" name=\"" FORM_INSTANCE "\"");
	put_attribute(out, "value", str_of(form_instance(page)));
	buf_puts(out, "><div><button>");
	web_put_text(out, form->button ? form->button : web_word(language, WORD_SEND));
	buf_puts(out, "</button>");
	if (page->left_out)
		put_somebody_else(out, page);
	buf_puts(out, "</div></form>");
}

void form_reply_page(struct form_page *page, int status)
{
	struct buf out = {0};
	web_page_begin(&out, page->playbook->language, page->form->title);
	form_put(&out, page, false);
	form_reply_framed(page, status, &out);
}
