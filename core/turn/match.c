/* Does one event fit one `on`? Asked by condition.c and score.c for each event of its verb. Rule 6 of the grammar: what a
 * machine did never fits; "*" fits only what the lead did (decision 8). It counts nothing and knows no windows. */
#include "turn/inside.h"

static bool by_lead(struct turn *turn, struct str verb)
{
	for (size_t i = 0; i < turn->side_count; i++)
		if (turn->sides[i].verb.p == verb.p && turn->sides[i].verb.n == verb.n)
			return turn->sides[i].by_lead;
	bool by_lead = playbook_verb_by_lead(turn->playbook, verb);
	if (turn->side_count < sizeof turn->sides / sizeof *turn->sides)
		turn->sides[turn->side_count++] = (struct verb_side){verb, by_lead};
	return by_lead;
}

static bool verb_fits(struct turn *turn, const struct condition_on *on, struct str verb)
{
	return on->any_verb ? by_lead(turn, verb) : str_same(on->verb, verb);
}

static bool one_of(const struct str *names, size_t count, const char *name)
{
	if (count == 0)
		return true;
	for (size_t i = 0; name && i < count; i++)
		if (str_glob(names[i], str_of(name)))
			return true;
	return false;
}

static bool subject_fits(struct turn *turn, const struct condition_on *on, struct str subject)
{
	bool fits = on->subject_count == 0;
	for (size_t i = 0; !fits && i < on->subject_count; i++)
		fits = str_same(on->subjects[i], subject) || str_glob(on->subjects[i], subject);
	if (!fits || (!on->kind_count && !on->topic_count && !on->buying_stage_count))
		return fits;
	const struct asset *asset = playbook_asset(turn->playbook, subject);
	return asset && one_of(on->kinds, on->kind_count, asset->kind) && one_of(on->topics, on->topic_count, asset->topic) &&
	       one_of(on->buying_stages, on->buying_stage_count, asset->buying_stage);
}

static bool text_fits(struct str wanted, const char *key, const struct history_event *event, struct arena *arena)
{
	return wanted.n == 0 || str_glob(wanted, turn_data_text(event->data, key, arena));
}

static bool data_fits(struct turn *turn, const struct condition_on *on, const struct history_event *event)
{
	if (!on->data_count && !on->step.n && !on->campaign.n && !on->reason.n)
		return true;
	for (size_t i = 0; i < on->data_count; i++) {
		struct value value = {0};
		(void)turn_data(event->data, on->data[i].key, turn->arena, &value);
		if (!turn_test(&on->data[i].test, &value))
			return false;
	}
	return text_fits(on->step, "step", event, turn->arena) && text_fits(on->campaign, "campaign", event, turn->arena) &&
	       text_fits(on->reason, "reason", event, turn->arena);
}

bool turn_fits(struct turn *turn, const struct condition_on *on, const struct history_event *event)
{
	if (!subject_fits(turn, on, event->subject))
		return false;
	if (on->value) {
		struct value value = {.type = event->has_value ? VALUE_NUMBER : VALUE_EMPTY, .number = event->value};
		if (!turn_test(on->value, &value))
			return false;
	}
	return data_fits(turn, on, event);
}

bool turn_match(struct turn *turn, const struct condition_on *on, const struct history_event *event)
{
	return !event->machine && verb_fits(turn, on, event->verb) && turn_fits(turn, on, event);
}

/* Folded events have lost their values and data, so an `on` that asks for these does not count them. */
bool turn_match_fold(struct turn *turn, const struct condition_on *on, const struct history_fold *fold)
{
	if (on->value || on->data_count || on->step.n || on->campaign.n || on->reason.n)
		return false;
	return verb_fits(turn, on, fold->verb) && subject_fits(turn, on, fold->subject);
}
