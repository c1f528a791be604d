/* Steps: when due, when =, what is done, where next (PLAYBOOK grammar, rule 3). The order of the parts is checked here,
 * each part is read in build_timing.c or build_acts.c, how its contact ends in build_ends.c. Messages 21, 34, 35, 36. */
#include "playbook/build_steps.h"

enum { PARTS_MOST = 100 };

static const struct phrase *step_phrase(const struct phrase *campaign, size_t i)
{
	return campaign->details.parts[i].phrase;
}

int build_step_index(struct build *b, struct place at, const struct phrase *campaign, const char *name)
{
	size_t n = campaign->details.part_count;
	for (size_t i = 0; i < n; i++)
		if (strcmp(step_phrase(campaign, i)->name, name) == 0)
			return (int)i;
	const char **names = arena_array(b->arena, n + 1, sizeof *names);
	for (size_t i = 0; i < n; i++)
		names[i] = step_phrase(campaign, i)->name;
	build_error(b, at, "goes to \"%s\", which does not exist.%s", name, build_near(b, name, names, n));
	return -1;
}

/* ---- what is done ---- */

/* Message 35. A split counts as one: only one of its ways is gone. */
static void check_contacts(struct build *b, const struct phrase *phrase, const struct step *step)
{
	const char *shown[8];
	size_t n = 0;
	bool split = false;
	for (size_t i = 0; i < step->action_count; i++) {
		if (step->actions[i].kind != ACTION_CONTACT || n == 8 || (step->actions[i].way && split))
			continue;
		split |= step->actions[i].way != NULL;
		shown[n++] = step->actions[i].way ? "split { … }" : arena_printf(b->arena, "%s \"%s\"", step->actions[i].channel_kind, step->actions[i].name);
	}
	if (n > 1)
		build_error(b, phrase->at, "makes %zu contacts (%s). A step makes one: give each its own step.", n,
			    build_join(b, shown, n));
}

/* Message 36: a stage that is set before something else is done is nearly always meant as a question. */
static void check_stage(struct build *b, const struct phrase *phrase, const struct step *step)
{
	if (step->action_count < 2 || step->actions[0].kind != ACTION_STAGE)
		return;
	const char *next = NULL;
	bool goes = step->actions[1].kind == ACTION_GO || step->actions[1].kind == ACTION_LEAVE || step->actions[1].kind == ACTION_CHOOSE;
	for (size_t i = 0; i < phrase->details.part_count && !next; i++) {
		const struct detail *part = &phrase->details.parts[i];
		if (part->kind == DETAIL_PHRASE && (part->phrase->word->roles & ROLE_ACT) &&
		    strcmp(part->phrase->word->name, "stage") != 0)
			next = part->phrase->word->name;
	}
	build_error(
		b, step->actions[0].at,
		"stage \"%s\" sets the stage here. If you are asking, write when = stage \"%s\"; if you are setting, %s%s.",
		stage_name(step->actions[0].stage), stage_name(step->actions[0].stage), goes ? "give it a step of its own" : "put it after ", goes ? "" : next ? next : "the others");
}

/* Of a split that goes somewhere, nothing but its ways may stand behind. */
static bool is_last(const struct step *step, size_t at)
{
	size_t behind = at + 1;
	while (step->actions[at].way && behind < step->action_count && step->actions[behind].way)
		behind++;
	return behind >= step->action_count;
}

static void check_last(struct build *b, const struct phrase *phrase, const struct step *step)
{
	for (size_t i = 0; i + 1 < step->action_count; i++) {
		const struct action *a = &step->actions[i];
		if ((a->kind == ACTION_GO || a->kind == ACTION_LEAVE || a->kind == ACTION_CHOOSE) && !is_last(step, i))
			build_error(b, phrase->at, "%s \"%s\" stands last in a step: what follows it is never done.",
				    a->kind == ACTION_GO ? "go" : a->kind == ACTION_LEAVE ? "leave" : "choose", a->name);
	}
}

/* What a lead drew is kept by step. */
static void check_splits(struct build *b, const struct phrase *phrase, const struct step *step)
{
	size_t splits = 0;
	for (size_t i = 0; i < step->action_count; i++)
		splits += step->actions[i].kind == ACTION_SPLIT;
	if (splits > 1)
		build_error(b, phrase->at, "splits twice. A step splits once: give each its own step.");
}

/* With the ways of its splits. */
static size_t actions_of(const struct phrase *phrase)
{
	size_t n = phrase->details.part_count;
	for (size_t i = 0; i < phrase->details.part_count; i++)
		if (phrase->details.parts[i].kind == DETAIL_PHRASE && strcmp(phrase->details.parts[i].phrase->word->name, "split") == 0)
			n += phrase->details.parts[i].phrase->details.part_count;
	return n;
}

static void read_parts(struct build *b, const struct phrase *phrase, struct step *out)
{
	size_t n = phrase->details.part_count;
	if (actions_of(phrase) > PARTS_MOST) {
		build_error(b, phrase->at, "does %zu things. A step does at most %d: make several steps of it.", actions_of(phrase), PARTS_MOST);
		return;
	}
	struct action *actions = arena_array(b->arena, actions_of(phrase) + 1, sizeof *actions);
	out->actions = actions;
	for (size_t i = 0; i < n; i++) {
		const struct detail *part = &phrase->details.parts[i];
		bool timing = part->kind == DETAIL_PHRASE && (part->phrase->word->roles & ROLE_TIMING);
		if (timing && out->timing != TIMING_NONE)
			build_error(b, phrase->at, "%s is the second timing of this step. A step has one.",
				    build_show(b, part->phrase));
		else if (timing && i > 0)
			build_error(b, phrase->at, "%s stands first in a step: when it is due, then what is done.",
				    build_show(b, part->phrase));
		else if (timing)
			build_timing(b, part->phrase, out);
		else if (part->kind == DETAIL_PHRASE && strcmp(part->phrase->word->name, "split") == 0)
			out->action_count += build_split(b, phrase, part->phrase, &actions[out->action_count]);
		else if (build_act(b, part, &actions[out->action_count]))
			out->action_count++;
	}
	check_contacts(b, phrase, out);
	check_stage(b, phrase, out);
	check_last(b, phrase, out);
	check_splits(b, phrase, out);
}

/* ---- where next ---- */

static bool has_action(const struct step *step, enum action_kind kind)
{
	for (size_t i = 0; i < step->action_count; i++)
		if (step->actions[i].kind == kind)
			return true;
	return false;
}

static void read_otherwise(struct build *b, const struct phrase *phrase, struct step *out)
{
	const char *otherwise = detail_text(phrase, "otherwise");
	out->otherwise = -1;
	for (size_t i = 0; !otherwise && i < out->action_count; i++)
		if (out->actions[i].offer)
			build_error(b, out->actions[i].at, "the offer can run out and nothing is said about it. Add otherwise = \"step\".");
	if (!otherwise)
		return;
	out->otherwise = build_step_index(b, phrase->at, b->campaign, otherwise);
	if (!out->when && !has_action(out, ACTION_CONTACT) && !(has_action(out, ACTION_HANDOFF) && out->answer_count) &&
	    !has_action(out, ACTION_FUNCTION) && out->timing != TIMING_WAIT_FOR &&
	    !(out->date && out->date->of != DATE_OF_ASSET))
		build_error(b, phrase->at,
			    "otherwise = \"%s\" is never used: there is no when = and no contact that could be held.",
			    otherwise);
}

static void read_was(struct build *b, const struct phrase *phrase, struct step *out)
{
	size_t n = 0;
	const struct str *texts = detail_texts(b, phrase, "was", &n);
	const char **was = arena_array(b->arena, n + 1, sizeof *was);
	for (size_t i = 0; i < n; i++) {
		was[out->was_count++] = texts[i].p;
		for (size_t k = 0; k < b->campaign->details.part_count; k++)
			if (strcmp(step_phrase(b->campaign, k)->name, texts[i].p) == 0)
				build_error(
					b, phrase->at,
					"was = \"%s\": there is a step of this name still. Enrollments stand on it.",
					texts[i].p);
	}
	out->was = was;
}

/* An old name goes over to one step: leads stand on it. */
static void check_was(struct build *b, const struct step *steps, const struct step *second, const char *was)
{
	for (const struct step *first = steps; first < second; first++)
		for (size_t i = 0; i < first->was_count; i++)
			if (strcmp(first->was[i], was) == 0)
				build_error(b, second->at, "was = \"%s\": step \"%s\" on line %d takes it over already.", was,
					    first->name, first->at.line);
}

static void read_step(struct build *b, const struct phrase *phrase, struct step *out)
{
	const char *outer = build_enter(b, phrase);
	*out = (struct step){.name = phrase->name, .at = phrase->at, .otherwise = -1, .since = SINCE_CONTACT};
	build_check_name(b, phrase, false);
	out->when = build_condition_property(b, phrase, "when");
	read_parts(b, phrase, out);
	build_answers(b, phrase, out);
	read_otherwise(b, phrase, out);
	read_was(b, phrase, out);
	out->late = build_late(b, phrase);
	if (out->timing == TIMING_NONE && !out->when && !phrase->details.part_count)
		build_error(b, phrase->at, "does nothing and waits for nothing.");
	build_leave(b, outer);
}

/* Message 21. */
static bool names_are_unique(struct build *b, const struct phrase *campaign)
{
	bool good = true;
	for (size_t i = 0; i < campaign->details.part_count; i++) {
		const struct phrase *second = step_phrase(campaign, i);
		for (size_t k = 0; k < i; k++) {
			const struct phrase *first = step_phrase(campaign, k);
			if (strcmp(first->name, second->name) != 0)
				continue;
			build_error(
				b, second->at,
				"two steps are called \"%s\" (lines %d and %d). Enrollments stand on step names, so each needs its own.",
				second->name, first->at.line, second->at.line);
			good = false;
			break;
		}
	}
	return good;
}

void build_steps(struct build *b, const struct phrase *campaign, struct campaign *out)
{
	size_t n = campaign->details.part_count;
	struct step *steps = arena_array(b->arena, n + 1, sizeof *steps);
	out->steps = steps;
	if (n == 0)
		build_error(b, campaign->at, "a campaign needs a step.");
	if (!names_are_unique(b, campaign))
		return;
	for (size_t i = 0; i < n; i++)
		read_step(b, step_phrase(campaign, i), &steps[out->step_count++]);
	for (size_t i = 0; i < n; i++) {
		const char *outer = build_enter(b, step_phrase(campaign, i));
		build_note_answers(b, step_phrase(campaign, i), &steps[i], i + 1 < n ? &steps[i + 1] : NULL);
		build_leave(b, outer);
	}
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < steps[i].was_count; k++)
			check_was(b, steps, &steps[i], steps[i].was[k]);
	build_timing_checks(b, out);
}
