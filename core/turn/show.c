/* One message, to be looked at: see show.h. */
#include "turn/show.h"

#include "turn/simulate_read.h"
#include "turn/trial.h"

#include <stdlib.h>
#include <string.h>

enum { SHOWN_TOUCH = 1 };

/* ---- what is asked ---- */

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void every_template(const struct playbook *playbook, struct str kind, struct names *names)
{
	const char *items[1000];
	size_t n = playbook_template_names(playbook, kind, items, sizeof items / sizeof *items);
	qsort(items, n, sizeof *items, compare_names);
	for (size_t i = 0; i < n; i++)
		simulate_name(names, items[i]);
}

static int read_template(struct reading *r, json_t *json, struct show_ask *out)
{
	const char *name = json_string_value(json_object_get(json, "template")), *kind = json_string_value(json_object_get(json, "kind"));
	struct names names = simulate_names(r);
	if (!name)
		return error_set(r->error, ERROR_INVALID, "template", "which template? \"template\" is its name.");
	out->kind = kind && strcmp(kind, "letter") == 0 ? STR("letter") : STR("email");
	out->template_name = str_of(name);
	if (playbook_has_template(r->playbook, out->kind, out->template_name))
		return 0;
	every_template(r->playbook, out->kind, &names);
	return simulate_unknown(r, "template", "there is no template", out->template_name, &names);
}

static int read_data(struct reading *r, json_t *json, struct show_ask *out)
{
	json_t *data = json_object_get(json, "data");
	if (data && !json_is_object(data))
		return error_set(r->error, ERROR_INVALID, "data", "data are {name: value}.");
	char *text = data ? json_dumps(data, JSON_COMPACT) : NULL;
	out->data = text ? str_of(arena_dup(r->arena, text)) : (struct str){"", 0};
	free(text);
	return 0;
}

int turn_show_read(struct playbook *playbook, json_t *json, struct arena *arena, struct show_ask *out, struct error *error)
{
	*out = (struct show_ask){.data = {"", 0}};
	struct reading r = {playbook, arena, &out->lead, error};
	if (read_template(&r, json, out) || simulate_lead(&r, json))
		return -1;
	return read_data(&r, json, out);
}

/* ---- the touch ---- */

static const struct action *using(const struct step *step, const struct show_ask *ask)
{
	for (size_t i = 0; i < step->action_count; i++) {
		const struct action *a = &step->actions[i];
		bool contact = a->kind == ACTION_CONTACT && str_is(ask->kind, a->channel_kind);
		if ((contact || a->kind == ACTION_ALERT) && str_is(ask->template_name, a->name))
			return a;
	}
	return NULL;
}

static struct touch touch_of(const struct playbook *playbook, const struct show_ask *ask, int64_t lead_id, struct arena *arena)
{
	struct touch touch = {.id = SHOWN_TOUCH, .lead_id = lead_id, .channel = ask->kind, .kind = ask->kind, .template_name = ask->template_name,
			      .purpose = STR("marketing"), .campaign = {"", 0}, .step = {"", 0}, .data = ask->data, .where = {"", 0}, .reason = {"", 0},
			      .planned_at = ask->lead.now, .due_at = ask->lead.now};
	for (size_t c = 0; c < playbook->campaign_count; c++)
		for (size_t s = 0; s < playbook->campaigns[c].step_count; s++) {
			const struct step *step = &playbook->campaigns[c].steps[s];
			const struct action *action = using(step, ask);
			if (!action)
				continue;
			touch.campaign = str_of(playbook->campaigns[c].name);
			touch.step = str_of(step->name);
			touch.purpose = str_of(action->purpose ? action->purpose : "marketing");
			if (action->offer && !touch.data.n)
				touch.data = str_of(arena_printf(arena, "{\"offer\": \"%s\"}", action->offer->name));
			return touch;
		}
	return touch;
}

/* ---- the lead ---- */

/* Somebody of the given fields, after the turn that takes a new lead in: its scores stand. */
static int invent(struct trial *trial, struct playbook *playbook, const struct show_ask *ask, struct arena *arena, struct turn_facts *facts, struct error *error)
{
	const struct simulate_ask *lead = &ask->lead;
	turn_trial_init(trial, playbook, arena, 1, lead->now);
	for (size_t i = 0; i < lead->field_count; i++)
		trial->lead.fields[lead->fields[i].slot] = lead->fields[i].value;
	trial->has_account = lead->account_field_count > 0;
	trial->lead.account_id = trial->has_account ? trial->account.id : 0;
	for (size_t i = 0; i < lead->account_field_count; i++)
		trial->account.fields[lead->account_fields[i].slot] = lead->account_fields[i].value;
	return turn_trial_turn(trial, false, error) || turn_trial_facts(trial, facts, error) ? -1 : 0;
}

/* Nobody has this key: what it signs opens nothing, and is marked besides. */
static const struct token_keys *keys_of_nobody(struct arena *arena)
{
	struct token_key *key = arena_alloc(arena, sizeof *key);
	struct token_keys *keys = arena_alloc(arena, sizeof *keys);
	*key = (struct token_key){.id = 1};
	token_key_random(key->secret);
	*keys = (struct token_keys){key, 1};
	return keys;
}

int turn_show(struct playbook *playbook, const struct show_ask *ask, struct arena *arena, struct shown *out, struct error *error)
{
	struct trial trial;
	struct turn_facts facts;
	if (ask->lead.known ? turn_facts_read(&facts, ask->lead.known, ask->lead.now, arena, error) : invent(&trial, playbook, ask, arena, &facts, error))
		return -1;
	out->touch = touch_of(playbook, ask, facts.lead.id, arena);
	out->message = (struct message){0};
	struct message_ask message = {
		.playbook = playbook, .lead = &facts.lead, .account = facts.account, .scores = facts.scores, .score_count = facts.score_count,
		.touch = &out->touch, .person = {"", 0}, .now = ask->lead.now, .keys = keys_of_nobody(arena), .preview = true,
		.public_url = ask->public_url, .postal_address = ask->postal_address};
	turn_message_follow(&message, &facts);
	if (!turn_message_to(&message, arena, &out->message))
		return str_is(ask->kind, "email") ? error_set(error, ERROR_INVALID, "email", "the lead has no e-mail address.")
						  : error_set(error, ERROR_INVALID, "address", "the lead has no postal address: a letter needs address and city at least.");
	return turn_message_write(&message, arena, &out->message, error);
}
