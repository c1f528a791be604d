/* See letter_view.h. */
#include "letter_view.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *text_of(const json_t *content, const char *name)
{
	const char *text = json_string_value(json_object_get(content, name));
	return text ? text : "";
}

/* A lead's street may have lines: the first is the street, the rest what stands beside it. */
bool letter_address(const json_t *content, char street[400], char street2[400], struct post_address *out)
{
	const char *text = text_of(content, "to.street"), *end = strpbrk(text, "\r\n");
	bool whole = snprintf(street, 400, "%.*s", (int)(end ? end - text : (ptrdiff_t)strlen(text)), text) < 400;
	whole = snprintf(street2, 400, "%s", end ? end + strspn(end, "\r\n") : text_of(content, "to.street2")) < 400 && whole;
	for (char *c = street2; *c; c++)
		if (*c == '\r' || *c == '\n')
			*c = ' ';
	*out = (struct post_address){.name = text_of(content, "to.name"), .organisation = text_of(content, "to.organisation"), .street = street, .street2 = street2,
				     .city = text_of(content, "to.city"), .region = text_of(content, "to.region"), .postal_code = text_of(content, "to.postal_code"),
				     .country = text_of(content, "to.country")};
	return whole;
}

void letter_view_init(struct letter_view *view, const struct folder_of *of, const struct folder_letter *letter)
{
	*view = (struct letter_view){.of = of, .letter = letter};
	view->cut = !letter_address(letter->content, view->street, view->street2, &view->address);
}

void letter_view_fini(struct letter_view *view)
{
	if (view->has_lines)
		post_lines_fini(&view->lines);
}

const struct post_lines *letter_view_lines(struct letter_view *view)
{
	if (!view->has_lines)
		post_address_lines(&view->address, text_of(view->of->settings->sender, "country"), text_of(view->of->settings->sender, "language"), &view->lines);
	view->has_lines = true;
	return &view->lines;
}

static const char *number(struct letter_view *view, int64_t value)
{
	snprintf(view->number, sizeof view->number, "%" PRId64, value);
	return view->number;
}

/* What is not of the content: its numbers, its campaign, its job. */
enum {
	NUMBER, TOUCH, LEAD, CODE, URL, CAMPAIGN, STEP, TEMPLATE, JOB, DROP, NAME, ORGANISATION, STREET, STREET2, CITY, REGION, POSTAL_CODE, COUNTRY, TITLE, SAMPLE,
};
static const struct { const char *name; int what; } own[] = {
	{"number", NUMBER}, {"touch", TOUCH}, {"lead", LEAD}, {"code", CODE}, {"url", URL}, {"campaign", CAMPAIGN}, {"step", STEP}, {"template", TEMPLATE}, {"job", JOB}, {"drop", DROP},
	{"name", NAME}, {"organisation", ORGANISATION}, {"street", STREET}, {"street2", STREET2}, {"city", CITY}, {"region", REGION}, {"postal_code", POSTAL_CODE},
	{"country", COUNTRY}, {"title", TITLE}, {"sample", SAMPLE}};

static const char *own_text(struct letter_view *view, int what)
{
	const struct folder_letter *letter = view->letter;
	switch (what) {
	case NUMBER: return number(view, letter->number);
	case TOUCH: return letter->touch_id ? number(view, letter->touch_id) : "";
	case LEAD: return letter->lead_id ? number(view, letter->lead_id) : "";
	case CODE: return letter->code;
	case URL: return letter->url;
	case CAMPAIGN: return letter->campaign;
	case STEP: return letter->step;
	case TEMPLATE: return letter->template;
	case JOB: return view->of->name;
	case DROP: return view->of->drop_on;
	case NAME: return view->address.name;
	case ORGANISATION: return view->address.organisation;
	case STREET: return view->street;
	case STREET2: return view->street2;
	case CITY: return view->address.city;
	case REGION: return view->address.region;
	case POSTAL_CODE: return view->address.postal_code;
	case COUNTRY: return view->address.country;
	case TITLE: return text_of(letter->content, "to.title");
	default: return view->of->sample ? "SAMPLE" : "";
	}
}

int letter_view_line(const char *source)
{
	char *end;
	long n = strncmp(source, "line", 4) == 0 && source[4] >= '1' && source[4] <= '9' ? strtol(source + 4, &end, 10) : 0;
	return n >= 1 && n <= POST_LINES && !*end ? (int)n : 0;
}

const char *letter_view_text(struct letter_view *view, const char *source)
{
	int line = letter_view_line(source);
	for (size_t i = 0; i < sizeof own / sizeof *own; i++)
		if (strcmp(own[i].name, source) == 0)
			return own_text(view, own[i].what);
	if (!line)
		return text_of(view->letter->content, source);
	const struct post_lines *lines = letter_view_lines(view);
	return (size_t)line <= lines->count ? lines->line[line - 1] : "";
}

size_t letter_view_lost(struct letter_view *view)
{
	int printed = view->of->settings->lines;
	size_t has = printed && printed < POST_LINES ? letter_view_lines(view)->count : 0;
	return has > (size_t)printed ? has : 0;
}

bool letter_view_knows(const char *source)
{
	static const char *const said[] = {"subject", "salutation", "closing", "sender", "signature", "reference", "date", "language", "enclosure", "text", "text1", "text2", "text3", "text4",
					   "text5"};
	bool known = letter_view_line(source) > 0;
	for (size_t i = 0; i < sizeof own / sizeof *own; i++)
		known |= strcmp(own[i].name, source) == 0;
	for (size_t i = 0; i < sizeof said / sizeof *said; i++)
		known |= strcmp(said[i], source) == 0;
	return known;
}

static void hash_key(const GString *key, char text[OUT_HASH_TEXT])
{
	unsigned char hash[crypto_hash_sha256_BYTES];
	*text = 0;
	if (!key->len)
		return;
	crypto_hash_sha256(hash, (const unsigned char *)key->str, key->len);
	out_hash_text(hash, text);
}

void letter_keys(const struct post_address *address, const char *sender_country, char house[OUT_HASH_TEXT], char person[OUT_HASH_TEXT])
{
	GString *key = g_string_new(NULL);
	post_household_key(address, sender_country, key);
	hash_key(key, house);
	post_person_key(address, sender_country, key);
	hash_key(key, person);
	g_string_free(key, TRUE);
}
