/* Replays a lead up to a moment: fields told again, events cut off, then settled and asked rule by rule. Always holds: what is dated after the moment
 * is looked at by nothing here, so later events and changed fields cannot move a figure. */
#include "turn/replay.h"

#include "turn/inside.h"

static void find_one(struct str wanted, struct str verb, moment_t at, bool machine, moment_t range[2], moment_t *found, bool *before)
{
	if (machine || !str_same(wanted, verb))
		return;
	if (at < range[0])
		*before = true;
	else if (at < range[1] && at < *found)
		*found = at;
}

moment_t turn_replay_find(const struct past_lead *lead, struct str verb, moment_t from, moment_t to, bool *before)
{
	moment_t found = MOMENT_NEVER, range[2] = {from, to};
	bool earlier = false;
	for (size_t i = 0; i < lead->event_count; i++)
		find_one(verb, lead->events[i].verb, lead->events[i].at, lead->events[i].machine, range, &found, &earlier);
	for (size_t i = 0; !lead->event_count && i < lead->history.count; i++)
		find_one(verb, lead->history.events[i].verb, lead->history.events[i].at, lead->history.events[i].machine, range, &found, &earlier);
	if (before)
		*before = earlier;
	return found;
}

moment_t turn_replay_since(const struct past_lead *lead)
{
	moment_t since = lead->created_at;
	if (lead->told_count && lead->told[0].at < since)
		since = lead->told[0].at;
	return since;
}

/* ---- what was known ---- */

/* The name it has today if it had it then, else the newest it had; one with which it came to be it has always had. */
static void take_names(struct turn *turn, const struct past_lead *lead, bool email)
{
	const struct past_name *best = NULL;
	for (size_t i = 0; i < lead->name_count; i++) {
		const struct past_name *name = &lead->names[i];
		if (name->is_email != email || (name->since > turn->now && name->since > lead->created_at))
			continue;
		if (!best || name->is_now || (!best->is_now && name->since > best->since))
			best = name;
	}
	if (best)
		turn->facts->lead.fields[email ? LEAD_EMAIL : LEAD_EXTERNAL_ID] = (struct value){.type = VALUE_TEXT, .text = best->value};
}

static void take_told(struct turn *turn, const struct past_lead *lead, bool first_word)
{
	moment_t until = first_word && lead->told_count && lead->told[0].at > turn->now ? lead->told[0].at : turn->now;
	for (size_t i = 0; i < lead->told_count && lead->told[i].at <= until; i++)
		turn_tell(turn, &lead->told[i]);
}

/* The events before `at`, as a history would have held them: of many the older ones folded. */
static struct history cut(const struct past_lead *lead, moment_t at, struct arena *arena)
{
	struct history history = lead->history;
	if (lead->event_count) {
		history = (struct history){0};
		for (size_t i = 0; i < lead->event_count && lead->events[i].at < at; i++) {
			struct event event = lead->events[i];
			if (history_keeps(&event))
				(void)history_add(&history, &event, arena);
		}
		return history;
	}
	while (history.count && history.events[history.count - 1].at >= at)
		history.count--;
	history.held_count = 0;
	history.seen_at = 0;
	history.seen_by = 0;
	return history;
}

/* By its own words only: what a band or a step set has an event of its own, too. */
static enum stage stage_then(const struct history *history)
{
	enum stage stage = STAGE_INQUIRY;
	for (size_t i = history->count; i-- > 0;)
		if (str_is(history->events[i].verb, "stage.change") && stage_from(history->events[i].subject, &stage))
			return stage;
	moment_t last = INT64_MIN;
	for (size_t i = 0; i < history->fold_count; i++)
		if (str_is(history->folds[i].verb, "stage.change") && history->folds[i].last > last && stage_from(history->folds[i].subject, &stage))
			last = history->folds[i].last;
	return stage;
}

static size_t consents_then(const struct past_lead *lead, moment_t at, struct arena *arena, const struct consent **out)
{
	struct consent *list = arena_array(arena, lead->consent_count + 1, sizeof *list);
	size_t n = 0;
	for (size_t i = 0; i < lead->consent_count; i++)
		if (lead->consents[i].at < at)
			list[n++] = lead->consents[i];
	*out = list;
	return n;
}

/* ---- what follows ---- */

static void write_out(struct turn *turn, int model, struct replay_score *out)
{
	const struct playbook *playbook = turn->playbook;
	const struct model *asked = &playbook->models[model];
	struct str *grades = arena_array(turn->arena, playbook->grades_count + 1, sizeof *grades);
	int *bands = arena_array(turn->arena, playbook->grades_count + 1, sizeof *bands);
	struct replay_rule *rules = arena_array(turn->arena, asked->rule_count + 1, sizeof *rules);
	for (size_t i = 0; i < playbook->grades_count; i++) {
		grades[i] = turn->standings[i].grade;
		bands[i] = turn->standings[i].band;
	}
	for (size_t i = 0; i < asked->rule_count; i++) {
		turn_doing_rule(turn, asked, &asked->rules[i]);
		struct rule_score score = turn_rule(turn, &asked->rules[i]);
		rules[i] = (struct replay_rule){score.points, score.units, score.chosen};
	}
	*out = (struct replay_score){.points = turn->points, .scored = turn->scored, .grades = grades, .bands = bands, .rules = rules,
				     .errors = turn->out->errors, .error_count = turn->out->error_count};
}

int turn_replay(struct playbook *playbook, int model, const struct past_lead *lead, moment_t at, bool first_word, struct arena *arena,
		struct replay_score *out, struct error *error)
{
	struct turn turn;
	struct turn_changes changes;
	moment_t since = turn_replay_since(lead);
	if (model < 0 || (size_t)model >= playbook->model_count)
		return error_set(error, ERROR_INVALID, "model", "there is no such model.");
	struct turn_facts facts = {.now = at, .account = lead->account, .twin = lead->twin, .history = cut(lead, at, arena)};
	facts.lead = (struct lead){.id = lead->id, .created_at = since < at ? since : at,
				   .fields = arena_array(arena, playbook->schema.lead_count + 1, sizeof(struct value))};
	facts.consent_count = consents_then(lead, at, arena, &facts.consents);
	turn_open(&turn, playbook, &facts, arena, &changes);
	turn.quiet = true;
	take_names(&turn, lead, true);
	take_names(&turn, lead, false);
	take_told(&turn, lead, first_word);
	facts.lead.stage = stage_then(&facts.history);
	turn.zone = turn_zone(playbook, &facts);
	turn.counts_errors = true;
	turn_scrub(&turn);
	turn_settle(&turn);
	write_out(&turn, model, out);
	return 0;
}
