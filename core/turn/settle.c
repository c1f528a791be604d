/* Brings everything that follows from the facts up to date: scores, grades, stage, segments. They may ask about each other, so it
 * goes round until nothing changes (four times at most; once is enough when no rule asks what rules decide). Then tells what became
 * different: events of ours for grades and segments, names of segments into the lead. Reporting the scores is for the end
 * of the turn, against what was stored. */
#include "turn/inside.h"

enum { SETTLE_ROUNDS = 4 };

static void name_segments(struct turn *turn)
{
	const struct playbook *playbook = turn->playbook;
	struct str *names = arena_array(turn->arena, playbook->segment_count + 1, sizeof *names);
	size_t n = 0;
	for (size_t i = 0; i < playbook->segment_count; i++) {
		if (!turn->member[i])
			continue;
		struct str name = str_of(playbook->segments[i].name);
		size_t k = n++;
		for (; k > 0 && str_compare(names[k - 1], name) > 0; k--)
			names[k] = names[k - 1];
		names[k] = name;
	}
	struct lead *lead = &turn->facts->lead;
	bool same = n == lead->segment_count;
	for (size_t i = 0; same && i < n; i++)
		same = str_same(names[i], lead->segments[i]);
	if (same)
		return;
	lead->segments = names;
	lead->segment_count = n;
	turn->out->lead_changed = true;
}

static void tell_grade(struct turn *turn, size_t table, const struct standing *old)
{
	const struct grades *grades = &turn->playbook->grades[table];
	const struct standing *new = &turn->standings[table];
	if (str_same(old->grade, new->grade) && old->band == new->band)
		return;
	const char *band = new->band >= 0 ? grades->bands[new->band].name : "";
	turn_note_event(turn, "grade.change", new->grade.n ? new->grade : str_of(band),
			turn_text(turn->arena, "{\"grades\": \"%s\", \"from\": \"%.*s\", \"band\": \"%s\"}", grades->name, STR_ARG(old->grade), band));
}

static void tell_segments(struct turn *turn, const bool *old)
{
	for (size_t i = 0; i < turn->playbook->segment_count; i++)
		if (old[i] != turn->member[i])
			turn_note_event(turn, turn->member[i] ? "segment.enter" : "segment.leave", str_of(turn->playbook->segments[i].name),
					(struct str){"", 0});
}

/* Does it look at what follows from the facts, so that it must be asked again when that changed? Functions say so when they were called. */
static bool asks_derived(const struct condition *c)
{
	if (!c || c->kind == CONDITION_ON || c->kind == CONDITION_LEAD || c->kind == CONDITION_ACCOUNT || c->kind == CONDITION_WITHDREW ||
	    c->kind == CONDITION_ALLOWED || c->kind == CONDITION_ASKED || c->kind == CONDITION_MOMENT || c->kind == CONDITION_FUNCTION)
		return false;
	if (c->kind != CONDITION_ANY && c->kind != CONDITION_ALL && c->kind != CONDITION_NONE)
		return true;
	for (size_t i = 0; i < c->group.count; i++)
		if (asks_derived(c->group.items[i]))
			return true;
	return false;
}

static bool rules_ask_derived(const struct playbook *playbook)
{
	for (size_t m = 0; m < playbook->model_count; m++)
		for (size_t r = 0; r < playbook->models[m].rule_count; r++)
			if (asks_derived(playbook->models[m].rules[r].when))
				return true;
	return false;
}

bool turn_settle(struct turn *turn)
{
	const struct playbook *playbook = turn->playbook;
	struct standing *standings = arena_array(turn->arena, playbook->grades_count + 1, sizeof *standings);
	bool *member = arena_array(turn->arena, playbook->segment_count + 1, sizeof *member);
	if (playbook->grades_count)
		memcpy(standings, turn->standings, playbook->grades_count * sizeof *standings);
	if (playbook->segment_count)
		memcpy(member, turn->member, playbook->segment_count * sizeof *member);
	moment_t wake = turn->wake;
	bool settled = false;
	for (int i = 0; i < SETTLE_ROUNDS && !settled; i++) {
		turn->wake = wake; /* only what the last round says counts */
		turn->asked_derived = false;
		bool changed = turn_score(turn), again = turn->asked_derived;
		changed |= turn_grade(turn);
		changed |= turn_segments(turn);
		settled = !changed || !(again || rules_ask_derived(playbook));
	}
	turn->stirred = false;
	for (size_t i = 0; i < playbook->grades_count; i++)
		tell_grade(turn, i, &standings[i]);
	tell_segments(turn, member);
	name_segments(turn);
	return settled;
}
