/* Before the plugin sees a touch: is it too late, does the gate (on fresh facts) let it pass, where does it go, what does it
 * say. What fails here is never sent: it is held with the reason, postponed or expired. */
#include "base/log.h"
#include "delivery/links.h"
#include "delivery/parts.h"
#include "playbook/template.h"

enum { FIELDS_MAX = 64 };

/* Who gets it. */
struct recipient {
	struct str address, name;
};

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

/* A postal address, one line a part. */
static struct str postal(const struct lead *lead, struct arena *arena)
{
	struct str name = full_name(lead, arena), company = field_text(lead, LEAD_COMPANY), street = field_text(lead, LEAD_ADDRESS);
	struct str code = field_text(lead, LEAD_POSTAL_CODE), city = field_text(lead, LEAD_CITY), country = field_text(lead, LEAD_COUNTRY);
	if (!street.n || !city.n)
		return (struct str){"", 0};
	return str_of(arena_printf(arena, "%.*s\n%.*s%s%.*s\n%.*s%s%.*s\n%.*s", STR_ARG(name), STR_ARG(company), company.n ? "\n" : "",
				   STR_ARG(street), STR_ARG(code), code.n ? " " : "", STR_ARG(city), STR_ARG(country)));
}

static bool lead_recipient(const struct lead *lead, struct str kind, struct arena *arena, struct recipient *out)
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

static bool person_recipient(const struct playbook *playbook, struct str name, struct str kind, struct recipient *out)
{
	const struct person_entry *person = playbook_person(playbook, name);
	const char *address = !person ? NULL : str_is(kind, "email") ? person->email : person->phone;
	if (!address)
		return false;
	*out = (struct recipient){.address = str_of(address), .name = str_of(person->title ? person->title : person->name)};
	return true;
}

static int score_of(void *arg, int model)
{
	const struct item *item = arg;
	const struct lead_facts *facts = &item->claim->facts->facts;
	const char *name = item->haul->edition->playbook->models[model].name;
	for (size_t i = 0; i < facts->score_count; i++)
		if (!facts->scores[i].is_grade && str_is(facts->scores[i].name, name))
			return facts->scores[i].points;
	return 0;
}

/* The lead's own link; none for colleagues, nor where nobody can have subscribed yet. */
static const char *unsubscribe_url(const struct item *item, struct arena *arena)
{
	const struct touch *touch = &item->claim->touch;
	char text[TOKEN_TEXT];
	if (item->claim->recipient.n || str_is(touch->purpose, "confirm"))
		return NULL;
	token_write(&item->delivery->link_keys, &(struct token){.purpose = TOKEN_UNSUBSCRIBE, .touch_id = touch->id, .lead_id = touch->lead_id}, text);
	return arena_printf(arena, "%s/u/%s", item->delivery->worker->config->public_url, text);
}

/* Links of a template to pages of ours. They are the lead's own: colleagues get none. */
static const char *signed_page(void *arg, enum template_page kind, const struct asset *asset)
{
	static const struct { enum token_purpose purpose; const char *path; } links[] = {
		[PAGE_CONFIRM] = {TOKEN_CONFIRM, "y"}, [PAGE_REFER] = {TOKEN_REFER, "r"}, [PAGE_ASSET] = {TOKEN_DOWNLOAD, "d"}};
	const struct item *item = arg;
	const struct touch *touch = &item->claim->touch;
	struct token token = {.purpose = links[kind].purpose, .touch_id = touch->id, .lead_id = touch->lead_id, .link = asset ? asset_number(asset) : 0};
	char text[TOKEN_TEXT];
	if (item->claim->recipient.n)
		return NULL;
	token_write(&item->delivery->link_keys, &token, text);
	return arena_printf(item->delivery->scratch, "%s/%s/%s", item->delivery->worker->config->public_url, links[kind].path, text);
}

/* What consent lets us record of a touch. */
struct tracking {
	bool opens, clicks;
};

static int render(struct item *item, const char *url, const char *sender, struct tracking tracking, struct arena *arena, struct template_fields *out,
		  struct error *error)
{
	const struct claim *claim = item->claim;
	struct links links = {.keys = &item->delivery->link_keys, .public_url = item->delivery->worker->config->public_url, .arena = arena};
	const struct lead_facts *facts = &claim->facts->facts;
	struct template_input input = {
		.view = {.lead = &facts->lead, .account = facts->account, .now = delivery_now(item->delivery), .score = score_of, .arg = item},
		.touch = &claim->touch, .unsubscribe_url = url, .postal_address = sender, .public_url = item->delivery->worker->config->public_url,
		.scores = facts->scores, .score_count = facts->score_count, .link = tracking.clicks ? links_put : NULL, .link_arg = &links,
		.page = signed_page, .pixel_url = tracking.opens ? links_pixel(&links, &claim->touch) : NULL};
	if (playbook_render(item->haul->edition->playbook, claim->touch.kind, claim->touch.template_name, &input, arena, out, error))
		return -1;
	links_finish(&links, &claim->touch, out);
	return 0;
}

static const char *text_or_null(struct str s, struct arena *arena)
{
	return s.n ? arena_dup_n(arena, s.p, s.n) : NULL;
}

static void hand_over(struct item *item, const struct recipient *to, const char *url, const char *sender,
		      const struct template_fields *rendered, struct arena *arena)
{
	const struct touch *t = &item->claim->touch;
	struct nurture_field fields[FIELDS_MAX];
	size_t count = rendered->count < FIELDS_MAX ? rendered->count : FIELDS_MAX;
	for (size_t i = 0; i < count; i++)
		fields[i] = (struct nurture_field){rendered->items[i].name, rendered->items[i].value.p, rendered->items[i].value.n};
	struct nurture_touch touch = {
		.touch_id = t->id, .lead_id = t->lead_id, .kind = arena_dup_n(arena, t->kind.p, t->kind.n),
		.template_name = arena_dup_n(arena, t->template_name.p, t->template_name.n), .campaign = text_or_null(t->campaign, arena),
		.step = text_or_null(t->step, arena), .address = arena_dup_n(arena, to->address.p, to->address.n),
		.name = arena_dup_n(arena, to->name.p, to->name.n), .purpose = arena_dup_n(arena, t->purpose.p, t->purpose.n),
		.attempt = (uint32_t)item->claim->attempt, .now = delivery_now(item->delivery), .expires_at = t->expires_at,
		.fields = fields, .field_count = count, .unsubscribe_url = url, .postal_address = sender};
	channel_deliver(item->delivery->channel, &touch, item);
}

/* Mails that ask for a confirmation are followed by nobody. */
static struct tracking tracking_of(const struct playbook *playbook, const struct turn_facts *facts, const struct touch *touch)
{
	if (!str_is(touch->kind, "email") || str_is(touch->purpose, "confirm"))
		return (struct tracking){0};
	return (struct tracking){.opens = turn_tracks(playbook, facts, STR("track_open")), .clicks = turn_tracks(playbook, facts, STR("track_click"))};
}

/* Ends the item when the gate does not let it pass. It is asked as of the moment of the claim, as it depended on that moment what was read. Touches to
 * colleagues are not the gate's business. */
static bool passes(struct item *item, struct arena *arena, struct tracking *tracking)
{
	const struct claim *claim = item->claim;
	struct turn_facts facts;
	struct error error = {0};
	if (claim->recipient.n)
		return true;
	if (turn_facts_read(&facts, &claim->facts->facts, item->haul->claims->now, arena, &error)) {
		delivery_end(item, TOUCH_HELD, 0, true, error.message);
		return false;
	}
	struct gate_answer answer = turn_gate(item->haul->edition->playbook, &facts, &claim->touch, true);
	*tracking = tracking_of(item->haul->edition->playbook, &facts, &claim->touch);
	if (answer.verdict == GATE_PASS)
		return true;
	if (answer.verdict == GATE_LATER)
		delivery_end(item, TOUCH_PLANNED, answer.at, false, answer.reason);
	else
		delivery_end(item, TOUCH_HELD, 0, false, answer.reason);
	return false;
}

static void prepare(struct item *item)
{
	struct delivery *d = item->delivery;
	struct arena *arena = d->scratch;
	const struct claim *claim = item->claim;
	const struct touch *t = &claim->touch;
	const struct playbook *playbook = item->haul->edition->playbook;
	struct recipient to = {0};
	struct tracking tracking = {0};
	struct template_fields rendered = {0};
	struct error error = {0};
	arena_reset(arena);
	if (d->stopping || d->state != DELIVERY_RUNS || d->faulted) {
		delivery_end(item, TOUCH_PLANNED, t->due_at, false, "");
		return;
	}
	if (t->expires_at && delivery_now(d) >= t->expires_at) {
		delivery_end(item, TOUCH_EXPIRED, 0, false, "its time was over before it could go out");
		return;
	}
	if (!passes(item, arena, &tracking))
		return;
	if (!(claim->recipient.n ? person_recipient(playbook, claim->recipient, t->kind, &to)
				 : lead_recipient(&claim->facts->facts.lead, t->kind, arena, &to))) {
		delivery_end(item, TOUCH_HELD, 0, false, "no address");
		return;
	}
	const char *url = unsubscribe_url(item, arena);
	const char *sender = d->worker->config->postal_address ? d->worker->config->postal_address : playbook->postal_address;
	if (render(item, url, sender, tracking, arena, &rendered, &error)) {
		log_error("touch.template", log_int("touch", t->id), log_str("where", error.where), log_str("message", error.message));
		metrics_add(d->worker->metrics, METRIC_SCRIPT_ERRORS, 1);
		delivery_end(item, TOUCH_HELD, 0, false, arena_printf(arena, "%s: %s", error.where, error.message));
		return;
	}
	hand_over(item, &to, url, sender, &rendered, arena);
}

void delivery_prepare(struct item *item)
{
	struct worker *worker = item->delivery->worker;
	worker_note(worker, "touch %lld", (long long)item->claim->touch.id);
	prepare(item); /* may free it */
	worker_note(worker, "%s", "");
}
