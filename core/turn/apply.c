/* What is new goes into the facts: events into the history, lead.update into fields, ended contacts to the walks that wait for
 * them. First thing of a turn. An update that does not fit today's schema is left out and noted, never fatal: it was right when it
 * was taken in. Events are applied in order of receipt; in the history each lands where its own moment belongs. */
#include "turn/inside.h"

#include <stdio.h>

/* How far a stage is up: a lead that came back from sales begins again; disqualified is left only by name. */
static int height(enum stage stage)
{
	static const int heights[STAGE_COUNT] = {
		[STAGE_INQUIRY] = 0,  [STAGE_ENGAGED] = 1,     [STAGE_RECYCLED] = 1, [STAGE_QUALIFIED] = 2,
		[STAGE_ACCEPTED] = 3, [STAGE_OPPORTUNITY] = 4, [STAGE_CUSTOMER] = 5, [STAGE_DISQUALIFIED] = 9};
	return heights[stage];
}

bool turn_set_stage(struct turn *turn, enum stage stage, bool upwards)
{
	struct lead *lead = &turn->facts->lead;
	enum stage old = lead->stage;
	if (stage == old || (upwards && height(stage) <= height(old)))
		return false;
	lead->stage = stage;
	turn->out->lead_changed = true;
	turn->stirred = true;
	turn_note_event(turn, "stage.change", str_of(stage_name(stage)), turn_text(turn->arena, "{\"from\": \"%s\"}", stage_name(old)));
	return true;
}

void turn_set_field(struct turn *turn, int slot, struct value value)
{
	struct value *field = &turn->facts->lead.fields[slot];
	if (value_same(field, &value))
		return;
	*field = value;
	turn->slot_changed[slot] = true;
	turn->out->lead_changed = true;
	turn->stirred = true;
	turn->zone = turn_zone(turn->playbook, turn->facts);
}

static void note_refused(struct turn *turn, const char *field, const char *message)
{
	struct str text = turn_text(turn->arena, "%s: %s", field, message);
	turn_note_error(turn, (struct place){"lead.update", 0}, NULL, text.p);
}

static bool is_stage(const char *name)
{
	return strcmp(name, "stage") == 0;
}

static void set_one(struct turn *turn, const char *name, const json_t *json)
{
	const struct schema *schema = &turn->playbook->schema;
	enum stage stage;
	struct value value = {0};
	struct error error = {0};
	if (is_stage(name) && json_is_string(json) && stage_from(str_of(json_string_value(json)), &stage)) {
		(void)turn_set_stage(turn, stage, false);
		return;
	}
	int slot = schema_lead_slot(schema, str_of(name));
	if (slot < 0)
		note_refused(turn, name, "there is no such field any more");
	else if (value_refuse_computed(&schema->lead[slot], &error) < 0 || value_from_json(&schema->lead[slot], json, turn->arena, &value, &error) < 0)
		note_refused(turn, name, error.message);
	else
		turn_set_field(turn, slot, value);
}

static bool is_empty(const struct turn *turn, const char *name)
{
	int slot = schema_lead_slot(&turn->playbook->schema, str_of(name));
	return slot < 0 || turn->facts->lead.fields[slot].type == VALUE_EMPTY;
}

void turn_tell(struct turn *turn, const struct event *event)
{
	if (event->data.n == 0)
		return;
	json_t *data = json_loadb(event->data.p, event->data.n, 0, NULL);
	const char *name = NULL;
	json_t *value = NULL;
	json_object_foreach(json_object_get(data, "set"), name, value)
		if (!event->merged || (!is_stage(name) && is_empty(turn, name)))
			set_one(turn, name, value);
	json_object_foreach(json_object_get(data, "fill"), name, value)
		if (is_empty(turn, name))
			set_one(turn, name, value);
	if (str_is(event->verb, "lead.create"))
		json_object_foreach(json_object_get(data, "new"), name, value)
			set_one(turn, name, value);
	json_decref(data);
}

/* Also what tells of a contact for reports and conditions says so, if a walk may wait for it: it names the touch and the outcome. */
static void contact_over(struct turn *turn, const struct event *event)
{
	struct over over = {.at = event->at < turn->now ? event->at : turn->now};
	over.answer = turn_data_text(event->data, "answer", turn->arena);
	if (over.answer.n) { /* also of a call that was taken back meanwhile, and was made all the same */
		turn_tell(turn, event);
		turn_heard_never(turn, over.answer);
	}
	if (!turn_data_id(event->data, STR("touch"), &over.touch_id))
		return;
	over.outcome = turn_data_text(event->data, "outcome", turn->arena);
	if (!over.outcome.n)
		return;
	over.reason = turn_data_text(event->data, "reason", turn->arena);
	over.kind = turn_data_text(event->data, "kind", turn->arena);
	struct over *new = arena_push(turn->arena, &turn->overs, turn->over_count, &turn->over_room, sizeof *new);
	*new = over;
	turn->over_count++;
}

/* Said of a call that was the agent's no longer: it changes nothing else. */
static void said_never(struct turn *turn, const struct event *event)
{
	turn_heard_never(turn, turn_data_text(event->data, "answer", turn->arena));
}

static void by_hand(struct turn *turn, const struct event *event)
{
	struct str name = turn_data_text(event->data, "campaign", turn->arena);
	const struct campaign *campaign = playbook_campaign(turn->playbook, name.n ? name : event->subject);
	if (campaign)
		turn->by_hand[campaign - turn->playbook->campaigns] = true;
	else
		turn_note_error(turn, (struct place){"campaign.enter", 0}, NULL,
				turn_text(turn->arena, "there is no campaign \"%.*s\"", STR_ARG(name.n ? name : event->subject)).p);
}

/* For the walks that wait for it (walk.c). */
static void handoff_over(struct turn *turn, const struct event *event)
{
	struct sales_word *word = arena_push(turn->arena, &turn->sales_words, turn->sales_count, &turn->sales_room, sizeof *word);
	*word = (struct sales_word){.accepted = str_is(event->verb, "handoff.accept"), .campaign = turn_data_text(event->data, "campaign", turn->arena),
				    .at = event->at < turn->now ? event->at : turn->now};
	turn->sales_count++;
	turn_note_sales(turn, word->accepted ? STR("accepted") : STR("returned"), word->campaign);
}

/* Sales' word on where the lead stands, and what it means. */
static void sales_said(struct turn *turn, const struct event *event)
{
	if (str_is(event->verb, "handoff.accept"))
		handoff_over(turn, event);
	static const struct { const char *verb; enum stage stage; } means[] = {
		{"handoff.accept", STAGE_ACCEPTED}, {"opportunity.open", STAGE_OPPORTUNITY}, {"opportunity.won", STAGE_CUSTOMER}};
	for (size_t i = 0; i < sizeof means / sizeof *means; i++)
		if (str_is(event->verb, means[i].verb))
			(void)turn_set_stage(turn, means[i].stage, true);
}

/* Another lead is this one: what is not known here is known from there, and the stage is the higher one. */
static void merged(struct turn *turn, const struct event *event)
{
	const struct schema *schema = &turn->playbook->schema;
	json_t *value, *data = json_loadb(event->data.p, event->data.n, 0, NULL);
	const char *name;
	enum stage stage;
	json_object_foreach(json_object_get(data, "fill"), name, value) {
		int slot = schema_lead_slot(schema, str_of(name));
		if (slot >= 0 && turn->facts->lead.fields[slot].type == VALUE_EMPTY)
			set_one(turn, name, value);
	}
	if (stage_from(str_of(json_string_value(json_object_get(data, "stage"))), &stage))
		(void)turn_set_stage(turn, stage, true);
	json_decref(data);
}

/* A click was a machine's, as what came after it showed. Also where the click is as new as that. */
static void take_click_back(struct turn *turn, const struct event *event)
{
	int64_t id = 0;
	const struct history_event *click = turn_data_id(event->data, STR("event"), &id) ? history_find(&turn->facts->history, id) : NULL;
	if (!click)
		return;
	if (!turn->took_back)
		turn_take_back_begins(turn, click->at);
	(void)history_take_back(&turn->facts->history, id);
	for (size_t i = 0; i < turn->fresh_count; i++)
		if (turn->fresh[i].id == id)
			turn->fresh[i].machine = true;
	turn_events_changed(turn);
	turn->out->history_changed = true;
	turn->stirred = turn->took_back = true;
}

struct meaning {
	const char *verb;
	void (*apply)(struct turn *turn, const struct event *event);
};
static const struct meaning meanings[] = {
	{"lead.update", turn_tell},  {"lead.create", turn_tell},     {"touch.over", contact_over},
	{"campaign.enter", by_hand}, {"campaign.pause", turn_pause}, {"campaign.resume", turn_resume}, {"campaign.remove", turn_remove}, {"handoff.accept", sales_said}, {"handoff.return", handoff_over}, {"opportunity.open", sales_said},
	{"opportunity.won", sales_said}, {"lead.merged", merged},    {"email.send", contact_over},
	{"email.bounce", contact_over}, {"letter.drop", contact_over}, {"letter.return", contact_over}, {"call.end", contact_over}, {"call.never", said_never},
	{"email.click_withdrawn", take_click_back},
};

static const struct meaning *meaning_of(struct str verb)
{
	for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++)
		if (str_is(verb, meanings[i].verb))
			return &meanings[i];
	return NULL;
}

static void add_fresh(struct turn *turn, const struct event *event)
{
	struct history_event *fresh = arena_push(turn->arena, &turn->fresh, turn->fresh_count, &turn->fresh_room, sizeof *fresh);
	*fresh = (struct history_event){.id = event->id, .at = event->at, .verb = event->verb, .subject = event->subject, .value = event->value,
					.has_value = event->has_value, .machine = event->machine, .data = event->data};
	turn->fresh_count++;
}

/* Events kept for the future whose moment has come since the last turn are as good as new. */
static void ripen(struct turn *turn)
{
	const struct history *history = &turn->facts->history;
	for (size_t i = history->count; i-- > 0 && history->events[i].at > turn->seen;) {
		if (history->events[i].at > turn->now)
			continue;
		struct history_event *fresh = arena_push(turn->arena, &turn->fresh, turn->fresh_count, &turn->fresh_room, sizeof *fresh);
		*fresh = history->events[i];
		turn->fresh_count++;
		turn->out->history_changed = true;
	}
}

static void apply_one(struct turn *turn, const struct event *event)
{
	const struct meaning *meaning = meaning_of(event->verb);
	struct event kept = *event;
	if ((event->merged || !str_is(event->verb, "campaign.enter")) && history_keeps(&kept)) { /* by hand: the walk tells it when it begins */
		if (!history_add(&turn->facts->history, &kept, turn->arena))
			return;
		turn_events_changed(turn);
		turn->out->history_changed = true;
		turn->stirred = true;
		if (event->at <= turn->now && !event->merged)
			add_fresh(turn, event);
	}
	if (meaning && (!event->merged || meaning->apply == take_click_back))
		meaning->apply(turn, event);
}

/* A number without its country code is of the lead's country; where that is not known, of the playbook's. */
static void spell_phone(struct turn *turn)
{
	const struct value *phone = &turn->facts->lead.fields[LEAD_PHONE], *country = &turn->facts->lead.fields[LEAD_COUNTRY];
	char number[PHONE_MAX];
	bool changed = turn->slot_changed[LEAD_PHONE] || turn->slot_changed[LEAD_COUNTRY];
	struct str where = country->type == VALUE_TEXT ? country->text : str_of(turn->playbook->country);
	if (!changed || !turn->facts->e164 || phone->type != VALUE_TEXT || !where.n || phone_is_e164(phone->text))
		return;
	if (turn->facts->e164(phone->text, where, number))
		turn_set_field(turn, LEAD_PHONE, (struct value){.type = VALUE_TEXT, .text = str_of(arena_dup(turn->arena, number))});
}

void turn_apply(struct turn *turn)
{
	ripen(turn);
	for (size_t i = 0; i < turn->facts->event_count; i++)
		apply_one(turn, &turn->facts->events[i]);
	spell_phone(turn);
}
