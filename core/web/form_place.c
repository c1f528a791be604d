/* Where a form stood, and what the address of that page says of the advertisement that led there (utm_…): kept with form.submit under the names that
 * page.view has, and filled into the fields that the form presets.
 *
 *   /f/NAME?utm_…      as the form's own page was asked for; so does a page of ours with the form in it (landing.c)
 *   a page of others   its script (form.js) says both when the form is sent, as far as t.js may tell of a reader
 *
 * Of a browser that asks not to be followed only the page's address is kept, which every browser tells by itself: where something was allowed is evidence of it. All of it is what a visitor says: it fills empty fields that the form names, and nothing else. */
#include "web/form.h"

#include "web/visitor.h"

#include <string.h>

enum { UTM_LONGEST = 200, ADDRESS_LONGEST = 1000 };
static const char ADDRESS[] = "address";

/* Cut after so many letters; what is no plain line of text is nothing. */
static struct str line_of(struct str text, size_t longest)
{
	size_t n = 0;
	text = str_trim(text);
	if (!text.n || !str_is_text(text) || memchr(text.p, '\n', text.n) || memchr(text.p, '\r', text.n))
		return STR("");
	for (size_t letters = 0; n < text.n && letters < longest; letters++)
		n += str_utf8_step(text.p + n, text.n - n);
	return (struct str){text.p, n};
}

/* Without its query: what stands there may be about anybody. */
static struct str address_of(struct str text)
{
	size_t n = 0;
	if (text.n > ADDRESS_LONGEST || !(str_starts(text, STR("https://")) || str_starts(text, STR("http://"))))
		return STR("");
	while (n < text.n && text.p[n] != '?' && text.p[n] != '#')
		n++;
	return line_of((struct str){text.p, n}, ADDRESS_LONGEST);
}

static struct str kept(struct form_page *page, struct str text)
{
	return arena_str(http_arena(page->req->http), text);
}

void form_place_query(struct form_page *page)
{
	const struct http_params *query = http_query(page->req->http);
	for (int i = 0; i < FORM_UTM && !web_visitor_refuses(page->req); i++)
		page->place.utm[i] = line_of(http_param(query, form_utm[i]), UTM_LONGEST);
}

void form_place_params(struct form_page *page, const struct http_params *params)
{
	char name[40];
	if (web_visitor_refuses(page->req))
		return;
	for (int i = 0; i < FORM_UTM; i++) {
		snprintf(name, sizeof name, FORM_PLACE ".%s", form_utm[i]);
		page->place.utm[i] = kept(page, line_of(http_param(params, name), UTM_LONGEST));
	}
	snprintf(name, sizeof name, FORM_PLACE ".%s", ADDRESS);
	page->place.address = kept(page, address_of(http_param(params, name)));
}

static struct str member(json_t *object, const char *name)
{
	json_t *text = json_object_get(object, name);
	return json_is_string(text) ? (struct str){json_string_value(text), json_string_length(text)} : STR("");
}

void form_place_json(struct form_page *page, json_t *body)
{
	json_t *place = json_object_get(body, FORM_PLACE);
	if (web_visitor_refuses(page->req))
		return;
	for (int i = 0; i < FORM_UTM; i++)
		page->place.utm[i] = kept(page, line_of(member(place, form_utm[i]), UTM_LONGEST));
	page->place.address = kept(page, address_of(member(place, ADDRESS)));
}

static void put_hidden(struct buf *out, const char *name, struct str value)
{
	if (!value.n)
		return;
	buf_printf(out, "<input type=\"hidden\" name=\"" FORM_PLACE ".%s\" value=\"", name);
	buf_put_html(out, value);
	buf_puts(out, "\">");
}

void form_put_place(struct buf *out, const struct form_page *page)
{
	for (int i = 0; i < FORM_UTM; i++)
		put_hidden(out, form_utm[i], page->place.utm[i]);
	put_hidden(out, ADDRESS, page->place.address);
}

void form_place_tell(const struct form_page *page, json_t *data)
{
	for (int i = 0; i < FORM_UTM; i++)
		if (page->place.utm[i].n)
			json_object_set_new(data, form_utm[i], json_stringn(page->place.utm[i].p, page->place.utm[i].n));
}

struct str form_place_address(const struct form_page *page)
{
	return page->place.address.n ? page->place.address : address_of(http_header(page->req->http, "Referer"));
}

/* The visitor has chosen none of it, so what does not fit its field is no mistake of theirs: the field stays as it is. */
void form_place_fill(const struct form_page *page, json_t *fill)
{
	for (size_t i = 0; i < page->form->preset_count; i++) {
		const struct form_preset *preset = &page->form->presets[i];
		const struct field *field = &page->playbook->schema.lead[preset->slot];
		struct str text = page->place.utm[preset->utm];
		struct value value = {.type = VALUE_EMPTY};
		struct error error;
		if (text.n && value_from_text(field, text, http_arena(page->req->http), &value, &error) == 0 && value.type != VALUE_EMPTY)
			json_object_set_new(fill, field->name, value_to_json(&value));
	}
}
