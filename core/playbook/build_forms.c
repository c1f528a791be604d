/* Forms: what a page of ours asks, and of whom that fills it in we then know more. `ask` names fields of the lead in order; a question
 * says one of them in words of its own. A box of `consent` is worth what its words say, so they must be there. */
#include "playbook/build.h"

#include "base/buf.h"
#include "base/hash.h"

#include <string.h>

enum { QUESTIONS_MOST = 40, WORDING_MOST = 2000, LONGEST_MOST = 10000, SHORT = 200 };

struct asked {
	struct form_question items[QUESTIONS_MOST];
	size_t count;
};

/* ---- questions ---- */

static bool is_asked(const struct asked *asked, int slot)
{
	for (size_t i = 0; i < asked->count; i++)
		if (asked->items[i].slot == slot)
			return true;
	return false;
}

static int slot_to_ask(struct build *b, struct place at, const char *name)
{
	const struct schema *schema = &b->playbook->schema;
	if (schema_lead_slot(schema, str_of(name)) < 0 && schema_account_slot(schema, str_of(name)) >= 0) {
		build_error(b, at, "\"%s\" is a field of companies. A form asks people about themselves: name fields of leads.", name);
		return -1;
	}
	int slot = build_slot(b, at, name, false);
	if (slot >= 0 && schema->lead[slot].computed) {
		build_error(b, at, "%s is worked out by Nurture. A form cannot ask for it.", name);
		return -1;
	}
	if (slot == LEAD_EXTERNAL_ID) {
		build_error(b, at, "external_id says who a lead is elsewhere. A form cannot ask for it.");
		return -1;
	}
	return slot;
}

static void add_question(struct build *b, struct place at, struct asked *asked, struct form_question question)
{
	if (question.slot < 0)
		return;
	if (is_asked(asked, question.slot))
		build_error(b, at, "%s is asked twice.", b->playbook->schema.lead[question.slot].name);
	else if (asked->count == QUESTIONS_MOST)
		build_error(b, at, "a form asks at most %d questions; nobody answers more.", QUESTIONS_MOST);
	else
		asked->items[asked->count++] = question;
}

static void add_field(struct build *b, struct place at, struct asked *asked, const char *name)
{
	int slot = slot_to_ask(b, at, name);
	if (slot >= 0)
		add_question(b, at, asked, (struct form_question){.slot = slot, .ask = b->playbook->schema.lead[slot].label});
}

static void add_phrase(struct build *b, struct asked *asked, const struct phrase *phrase)
{
	const char *sets = detail_text(phrase, "sets"), *ask = detail_text(phrase, "ask");
	struct form_question question = {.slot = slot_to_ask(b, phrase->at, sets ? sets : phrase->name)};
	if (question.slot < 0)
		return;
	const struct field *field = &b->playbook->schema.lead[question.slot];
	question.ask = ask ? ask : field->label;
	question.needed = detail_yes(phrase, "needed");
	if (detail_of(phrase, "next") || detail_of(phrase, "creates"))
		build_error(b, phrase->at, "next and creates belong to questions of a script. A form asks all of its own.");
	question.longest = detail_int(b, phrase, "longest", 1, LONGEST_MOST, 0);
	if (question.longest && field->type != FIELD_TEXT)
		build_error(b, phrase->at, "longest = counts the letters of a text, and %s is none.", field->name);
	add_question(b, phrase->at, asked, question);
}

static void read_ask(struct build *b, const struct phrase *phrase, struct asked *asked)
{
	const struct detail *d = detail_of(phrase, "ask");
	if (d && d->kind == DETAIL_TEXT)
		add_field(b, phrase->at, asked, d->text.p);
	else if (d && d->kind != DETAIL_TABLE)
		build_error(b, phrase->at, "ask is a list of fields and questions: ask = { \"email\", \"company\" }; %s cannot stand there.",
			    build_show_detail(b, d));
	for (size_t i = 0; d && d->kind == DETAIL_TABLE && i < d->table->part_count; i++) {
		const struct detail *part = &d->table->parts[i];
		if (part->kind == DETAIL_TEXT)
			add_field(b, phrase->at, asked, part->text.p);
		else if (part->kind == DETAIL_PHRASE && strcmp(part->phrase->word->name, "question") == 0)
			add_phrase(b, asked, part->phrase);
		else
			build_error(b, phrase->at, "ask lists names of fields and questions; %s is neither.", build_show_detail(b, part));
	}
	for (size_t i = 0; d && d->kind == DETAIL_TABLE && i < d->table->property_count; i++)
		build_error(b, phrase->at, "ask is a list: %s = … cannot stand in it.", d->table->properties[i].key);
}

static void read_needed(struct build *b, const struct phrase *phrase, struct asked *asked)
{
	size_t n = 0;
	const struct str *names = detail_texts(b, phrase, "needed", &n);
	for (size_t i = 0; i < n; i++) {
		int slot = build_slot(b, phrase->at, names[i].p, false);
		if (slot >= 0 && !is_asked(asked, slot))
			build_error(b, phrase->at, "%s is needed and not asked. Add it to ask = { … }.", names[i].p);
		for (size_t k = 0; k < asked->count; k++)
			asked->items[k].needed |= asked->items[k].slot == slot;
	}
	for (size_t k = 0; k < asked->count; k++)
		asked->items[k].needed |= asked->items[k].slot == LEAD_EMAIL; /* how else do we know who it is? */
}

/* ---- consent ---- */

static bool check_box(struct build *b, struct place at, const struct detail *box)
{
	static const char *const tracking[] = {"track_open", "track_click"};
	if (!build_channel_or(b, at, box->key, tracking, sizeof tracking / sizeof *tracking))
		return false;
	if (box->kind == DETAIL_TEXT && str_trim(box->text).n && box->text.n <= WORDING_MOST)
		return true;
	build_error(b, at, "%s = must be the words beside the box, at most %d letters, like \"Yes, write to me about security.\" They are kept as evidence.",
		    box->key, WORDING_MOST);
	return false;
}

static void read_consents(struct build *b, const struct phrase *phrase, struct form *out)
{
	const struct detail *d = detail_of(phrase, "consent");
	if (!d)
		return;
	struct form_consent *boxes = arena_array(b->arena, d->table->property_count + 1, sizeof *boxes);
	struct buf all = {0};
	if (d->table->part_count)
		build_error(b, phrase->at, "consent says which channel a box allows: consent = { email = \"Yes, write to me.\" }.");
	for (size_t i = 0; i < d->table->property_count; i++) {
		const struct detail *box = &d->table->properties[i];
		if (!check_box(b, phrase->at, box))
			continue;
		boxes[out->consent_count++] = (struct form_consent){box->key, box->text.p};
		buf_printf(&all, "%s\n%s\n", box->key, box->text.p);
	}
	out->consents = boxes;
	out->wording = (uint32_t)hash_stable(buf_str(&all));
	buf_fini(&all);
}

/* ---- fields that nobody is asked for ---- */

const char *const form_utm[FORM_UTM + 1] = {"utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", NULL};

static int utm_of(const struct detail *d)
{
	for (int i = 0; d->kind == DETAIL_TEXT && i < FORM_UTM; i++)
		if (str_is(d->text, form_utm[i]))
			return i;
	return -1;
}

static void read_presets(struct build *b, const struct phrase *phrase, const struct asked *asked, struct form *out)
{
	const struct detail *d = detail_of(phrase, "preset");
	if (!d)
		return;
	struct form_preset *presets = arena_array(b->arena, d->table->property_count + 1, sizeof *presets);
	if (d->table->part_count)
		build_error(b, phrase->at, "preset says which field is filled by what: preset = { source = \"utm_source\" }.");
	for (size_t i = 0; i < d->table->property_count; i++) {
		const struct detail *from = &d->table->properties[i];
		int slot = slot_to_ask(b, phrase->at, from->key), utm = utm_of(from);
		if (utm < 0)
			build_error(b, phrase->at, "preset: %s = is filled by utm_source, utm_medium, utm_campaign, utm_term or utm_content of the page's address; %s is none of them.",
				    from->key, build_show_detail(b, from));
		if (slot >= 0 && is_asked(asked, slot))
			build_error(b, phrase->at, "%s is asked and preset. Leave one of the two out.", from->key);
		else if (slot >= 0 && utm >= 0)
			presets[out->preset_count++] = (struct form_preset){slot, utm};
	}
	out->presets = presets;
}

/* ---- the form ---- */

static void check_short(struct build *b, const struct phrase *phrase, const char *key, size_t most)
{
	const char *text = detail_text(phrase, key);
	if (text && strlen(text) > most)
		build_error(b, phrase->at, "%s is longer than %zu bytes.", key, most);
}

static void read_form(struct build *b, const struct phrase *phrase, struct form *out)
{
	struct asked asked = {.count = 0};
	const char *gives = detail_text(phrase, "gives");
	*out = (struct form){.name = phrase->name,
			     .title = detail_text(phrase, "title"),
			     .intro = detail_text(phrase, "intro"),
			     .button = detail_text(phrase, "button"),
			     .at = phrase->at};
	if (!out->title)
		out->title = phrase->name;
	check_short(b, phrase, "title", SHORT);
	check_short(b, phrase, "button", SHORT);
	check_short(b, phrase, "intro", WORDING_MOST);
	check_short(b, phrase, "thanks", WORDING_MOST);
	build_form_thanks(b, phrase, out);
	size_t before = b->problems->errors;
	read_ask(b, phrase, &asked);
	if (b->problems->errors == before && !is_asked(&asked, LEAD_EMAIL))
		build_error(b, phrase->at, "a form asks for email, or nobody knows whose answers these are: ask = { \"email\", … }.");
	read_needed(b, phrase, &asked);
	struct form_question *questions = arena_array(b->arena, asked.count + 1, sizeof *questions);
	memcpy(questions, asked.items, asked.count * sizeof *questions);
	out->questions = questions;
	out->question_count = asked.count;
	out->ask_at_most = detail_int(b, phrase, "ask_at_most", 1, QUESTIONS_MOST, 0);
	read_consents(b, phrase, out);
	read_presets(b, phrase, &asked, out);
	int asset = gives ? build_need(b, phrase->at, DECLARED_ASSET, gives) : -1;
	if (asset >= 0 && b->playbook->asset_count == b->declared[DECLARED_ASSET].count)
		out->gives = &b->playbook->assets[asset];
	if (out->gives && !out->gives->file && !out->gives->url)
		build_error(b, phrase->at, "asset \"%s\" has neither file nor url: there is nothing to give.", gives);
	if (gives && out->goes)
		build_error(b, phrase->at, "gives = \"%s\" has its link on our own page of thanks, and thanks = \"%s\" shows none. Name a page of templates/page/.", gives, out->goes);
}

void build_forms(struct build *b)
{
	const struct declared *d = &b->declared[DECLARED_FORM];
	struct form *forms = arena_array(b->arena, d->count + 1, sizeof *forms);
	for (size_t i = 0; i < d->count; i++) {
		const char *outer = build_enter(b, d->items[i].phrase);
		if (d->items[i].sound)
			read_form(b, d->items[i].phrase, &forms[b->playbook->form_count++]);
		build_leave(b, outer);
	}
	b->playbook->forms = forms;
}
