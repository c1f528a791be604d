/* From a lead and a template to a message: see message.h. */
#include "turn/message.h"

#include "base/reply_code.h"

#include <string.h>

/* ---- to whom ---- */

static struct str field_text(const struct lead *lead, int slot)
{
	const struct value *v = &lead->fields[slot];
	return v->type == VALUE_TEXT ? v->text : (struct str){"", 0};
}

static struct str full_name(const struct lead *lead, struct arena *arena)
{
	struct str first = field_text(lead, LEAD_FIRST_NAME), last = field_text(lead, LEAD_LAST_NAME);
	return str_of(arena_printf(arena, "%.*s%s%.*s", STR_ARG(first), first.n && last.n ? " " : "", STR_ARG(last)));
}

/* A postal address, one line a part. Whether a post can do with what is there the channel knows. */
static struct str postal(const struct lead *lead, struct arena *arena)
{
	struct str name = full_name(lead, arena), company = field_text(lead, LEAD_COMPANY), street = field_text(lead, LEAD_ADDRESS);
	struct str code = field_text(lead, LEAD_POSTAL_CODE), city = field_text(lead, LEAD_CITY), country = field_text(lead, LEAD_COUNTRY);
	if (!street.n)
		return (struct str){"", 0};
	return str_of(arena_printf(arena, "%.*s\n%.*s%s%.*s\n%.*s%s%.*s\n%.*s", STR_ARG(name), STR_ARG(company), company.n ? "\n" : "",
				   STR_ARG(street), STR_ARG(code), code.n ? " " : "", STR_ARG(city), STR_ARG(country)));
}

/* The address's parts, each by itself, behind what the template says: posts of other countries put them otherwise. */
static void add_parts(const struct lead *lead, const struct account *account, struct arena *arena, struct template_fields *fields)
{
	static const struct { const char *name; int slot; } parts[] = {
		{"to.organisation", LEAD_COMPANY}, {"to.street", LEAD_ADDRESS}, {"to.city", LEAD_CITY}, {"to.region", LEAD_REGION},
		{"to.postal_code", LEAD_POSTAL_CODE}, {"to.country", LEAD_COUNTRY}, {"to.title", LEAD_TITLE}};
	enum { PARTS = sizeof parts / sizeof *parts };
	struct template_field *all = arena_array(arena, fields->count + PARTS + 2, sizeof *all);
	if (fields->count)
		memcpy(all, fields->items, fields->count * sizeof *all);
	all[fields->count++] = (struct template_field){"to.name", full_name(lead, arena)};
	for (size_t i = 0; i < PARTS; i++)
		all[fields->count++] = (struct template_field){parts[i].name, arena_str(arena, field_text(lead, parts[i].slot))};
	const struct value *domain = account ? &account->fields[ACCOUNT_DOMAIN] : NULL;
	all[fields->count++] = (struct template_field){"to.domain", arena_str(arena, domain && domain->type == VALUE_TEXT ? domain->text : (struct str){"", 0})};
	fields->items = all;
}

static bool to_lead(const struct lead *lead, struct str kind, struct arena *arena, struct message *out)
{
	out->name = full_name(lead, arena);
	if (str_is(kind, "email"))
		out->address = field_text(lead, LEAD_EMAIL);
	else if (str_is(kind, "letter"))
		out->address = postal(lead, arena);
	else
		out->address = field_text(lead, LEAD_PHONE);
	return out->address.n > 0;
}

static bool to_person(const struct playbook *playbook, struct str name, struct str kind, struct message *out)
{
	const struct person_entry *person = playbook_person(playbook, name);
	const char *address = !person ? NULL : str_is(kind, "email") ? person->email : person->phone;
	if (!address)
		return false;
	out->address = str_of(address);
	out->name = str_of(person->title ? person->title : person->name);
	return true;
}

bool turn_message_to(const struct message_ask *ask, struct arena *arena, struct message *out)
{
	return ask->person.n ? to_person(ask->playbook, ask->person, ask->touch->kind, out) : to_lead(ask->lead, ask->touch->kind, arena, out);
}

/* ---- what it says ---- */

struct writing {
	const struct message_ask *ask;
	const struct message *message;
	struct links links;
};

static int score_of(void *arg, int model)
{
	const struct message_ask *ask = ((const struct writing *)arg)->ask;
	const char *name = ask->playbook->models[model].name;
	for (size_t i = 0; i < ask->score_count; i++)
		if (!ask->scores[i].is_grade && str_is(ask->scores[i].name, name))
			return ask->scores[i].points;
	return 0;
}

static const char *own_link(const struct writing *w, enum token_purpose purpose, const char *path, uint32_t number)
{
	const struct touch *touch = w->ask->touch;
	char text[TOKEN_TEXT];
	links_token(&w->links, &(struct token){.purpose = purpose, .touch_id = touch->id, .lead_id = touch->lead_id, .link = number}, text);
	return arena_printf(w->links.arena, "%s/%s/%s", w->links.public_url, path, text);
}

/* Links of a template to pages of ours. They are the lead's own: colleagues get none. */
static const char *signed_page(void *arg, enum template_page kind, const struct asset *asset)
{
	static const struct { enum token_purpose purpose; const char *path; } pages[] = {
		[PAGE_CONFIRM] = {TOKEN_CONFIRM, "y"}, [PAGE_REFER] = {TOKEN_REFER, "r"}, [PAGE_ASSET] = {TOKEN_DOWNLOAD, "d"}};
	const struct writing *w = arg;
	if (kind == PAGE_REPLY || kind == PAGE_REPLY_CODE)
		return kind == PAGE_REPLY ? w->message->reply_url : w->message->reply_code;
	return w->ask->person.n ? NULL : own_link(w, pages[kind].purpose, pages[kind].path, asset ? asset_number(asset) : 0);
}

/* By what the lead answers a letter. One that is only looked at has a code of nobody's. */
static void give_reply(const struct message_ask *ask, struct arena *arena, struct message *out)
{
	char code[REPLY_CODE_TEXT] = REPLY_CODE_SAMPLE;
	if (ask->person.n || !str_is(ask->touch->kind, "letter") || (!ask->preview && !reply_code_write(ask->keys, ask->touch->id, code)))
		return;
	out->reply_code = arena_dup(arena, code);
	out->reply_url = arena_printf(arena, "%s/r/%s", ask->public_url, code);
}

int turn_message_write(const struct message_ask *ask, struct arena *arena, struct message *out, struct error *error)
{
	const struct touch *touch = ask->touch;
	struct writing w = {.ask = ask, .message = out, .links = {.keys = ask->keys, .preview = ask->preview, .public_url = ask->public_url, .arena = arena}};
	bool unsubscribes = !ask->person.n && !str_is(touch->purpose, "confirm");
	out->unsubscribe_url = unsubscribes ? own_link(&w, TOKEN_UNSUBSCRIBE, "u", 0) : NULL;
	out->postal_address = ask->postal_address ? ask->postal_address : ask->playbook->postal_address;
	give_reply(ask, arena, out);
	struct template_input input = {
		.view = {.lead = ask->lead, .account = ask->account, .now = ask->now, .score = score_of, .arg = &w},
		.touch = touch, .unsubscribe_url = out->unsubscribe_url, .postal_address = out->postal_address, .public_url = ask->public_url,
		.scores = ask->scores, .score_count = ask->score_count, .link = ask->clicks ? links_put : NULL, .link_arg = &w.links,
		.page = signed_page, .pixel_url = ask->opens ? links_pixel(&w.links, touch) : NULL};
	if (playbook_render(ask->playbook, touch->kind, touch->template_name, &input, arena, &out->fields, error))
		return -1;
	links_finish(&w.links, touch, &out->fields);
	if (str_is(touch->kind, "letter") && !ask->person.n)
		add_parts(ask->lead, ask->account, arena, &out->fields);
	return 0;
}

void turn_message_follow(struct message_ask *ask, const struct turn_facts *facts)
{
	bool follows = str_is(ask->touch->kind, "email") && !str_is(ask->touch->purpose, "confirm");
	ask->opens = follows && turn_tracks(ask->playbook, facts, STR("track_open"));
	ask->clicks = follows && turn_tracks(ask->playbook, facts, STR("track_click"));
}
