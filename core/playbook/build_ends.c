/* How the contact of a step ends, and where the walk goes then: answers = { … }, retry, choose. Every end that can happen has a way
 * (PLAYBOOK decisions 25, 26); turn/ends.c goes it. Called by build_steps.c when the parts of the step are read. Messages 14, 34, 41. */
#include "playbook/build_steps.h"
#include "playbook/calls.h"

/* ---- ways ---- */

static bool read_way(struct build *b, struct place at, const struct detail *d, struct way *out)
{
	const struct phrase *act = d->kind == DETAIL_PHRASE ? d->phrase : NULL;
	if (d->kind == DETAIL_TEXT || (act && strcmp(act->word->name, "go") == 0)) {
		*out = (struct way){.kind = WAY_GO, .target = build_step_index(b, at, b->campaign, act ? act->name : d->text.p)};
		return true;
	}
	if (act && strcmp(act->word->name, "leave") == 0) {
		*out = (struct way){.kind = WAY_LEAVE, .reason = act->name};
		return true;
	}
	return false;
}

const struct ways *build_ways(struct build *b, const struct phrase *choose)
{
	const struct details *d = &choose->details;
	struct ways *out = arena_alloc(b->arena, sizeof *out);
	struct way_case *cases = arena_array(b->arena, d->property_count + 1, sizeof *cases);
	*out = (struct ways){.slot = build_choose(b, choose, false, "step"), .at = choose->at, .cases = cases};
	for (size_t i = 0; i < d->property_count; i++) {
		struct way way = {.target = -1};
		if (!read_way(b, choose->at, &d->properties[i], &way)) {
			build_error(b, choose->at, "%s = %s: a step's name in quotes, or leave \"why\".", d->properties[i].key,
				    build_show_detail(b, &d->properties[i]));
		} else if (strcmp(d->properties[i].key, "otherwise") == 0) {
			out->otherwise = way;
			out->has_otherwise = true;
		} else {
			cases[out->count++] = (struct way_case){str_of(d->properties[i].key), way};
		}
	}
	if (out->slot >= 0 && !out->has_otherwise)
		build_note(b, choose->at, "choose \"%s\" says nothing about an empty %s: who has none is held there until it is filled. If not meant, add otherwise = ….",
			   b->playbook->schema.lead[out->slot].name, b->playbook->schema.lead[out->slot].name);
	return out;
}

const struct retry *build_retry(struct build *b, const struct phrase *phrase)
{
	struct retry *out = arena_alloc(b->arena, sizeof *out);
	const char *otherwise = detail_text(phrase, "otherwise");
	*out = (struct retry){.at = phrase->at, .times = detail_int(b, phrase, "times", 1, 1000, 0), .every = detail_length(phrase, "every"),
			      .other_time = detail_yes(phrase, "other_time"), .otherwise = {.target = -1}};
	if (!detail_of(phrase, "times") || !out->every.count)
		build_error(b, phrase->at, "retry says how often and when: retry { times = 3, every = \"1 day\" }.");
	if (otherwise && !b->campaign)
		build_error(b, phrase->at, "otherwise = is a step's name, and a disposition is of no campaign. Say it in answers.");
	else if (otherwise)
		out->otherwise = (struct way){.kind = WAY_GO, .target = build_step_index(b, phrase->at, b->campaign, otherwise)};
	return out;
}

/* ---- the ends of a contact ---- */

enum { ENDS_MOST = 300 };
struct ends {
	const char *thing;             /* "this call" */
	const char *names[ENDS_MOST];  /* the first `shown` are told in message 14 */
	size_t shown, count;
};

static void add_end(struct ends *ends, const char *name)
{
	if (ends->count < ENDS_MOST)
		ends->names[ends->count++] = name;
}

/* What stands behind the shown ones may be said too. */
static void ends_of(const struct build *b, const struct step *step, const struct action *contact, struct ends *ends)
{
	static const struct { const char *kind, *thing; } things[] = {{"call", "this call"}, {"letter", "this letter"}, {"email", "this mail"}};
	*ends = (struct ends){.thing = contact->kind == ACTION_HANDOFF ? "this handoff" : "this contact"};
	for (size_t i = 0; i < sizeof things / sizeof *things && contact->kind == ACTION_CONTACT; i++)
		if (strcmp(contact->channel_kind, things[i].kind) == 0)
			ends->thing = things[i].thing;
	ends->shown = ends->count = playbook_ends(b->playbook, step, ends->names, ENDS_MOST - 2);
	add_end(ends, "otherwise");
	for (size_t i = 0; i < step->action_count; i++)
		if (step->actions[i].kind == ACTION_CONTACT && strcmp(step->actions[i].channel_kind, "call") == 0)
			add_end(ends, "reached");
}

/* Message 14. */
static bool end_exists(struct build *b, struct place at, const struct ends *ends, const char *key)
{
	for (size_t i = 0; i < ends->count; i++)
		if (strcmp(ends->names[i], key) == 0)
			return true;
	build_error(b, at, "\"%s\" is not a way %s can end. It ends with: %s.%s", key, ends->thing, build_join(b, ends->names, ends->shown),
		    build_near(b, key, ends->names, ends->count));
	return false;
}

/* ---- answers ---- */

static bool read_answer(struct build *b, const struct phrase *phrase, const struct detail *d, struct answer *out)
{
	const struct phrase *act = d->kind == DETAIL_PHRASE ? d->phrase : NULL;
	struct way way = {.target = -1};
	*out = (struct answer){.key = d->key, .kind = ANSWER_GO, .target = -1};
	if (read_way(b, phrase->at, d, &way)) {
		out->kind = way.kind == WAY_LEAVE ? ANSWER_LEAVE : ANSWER_GO;
		out->target = way.target;
		out->reason = way.reason;
	} else if (act && strcmp(act->word->name, "retry") == 0) {
		out->kind = ANSWER_RETRY;
		out->retry = build_retry(b, act);
	} else if (act && strcmp(act->word->name, "choose") == 0) {
		out->kind = ANSWER_CHOOSE;
		out->ways = build_ways(b, act);
	} else {
		build_error(b, phrase->at, "answers: %s = %s: a step's name in quotes, retry { … }, choose \"field\" { … } or leave \"why\".", d->key,
			    build_show_detail(b, d));
		return false;
	}
	return true;
}

static bool names(const struct step *step, const char *key)
{
	for (size_t i = 0; i < step->answer_count; i++)
		if (strcmp(step->answers[i].key, key) == 0)
			return true;
	return false;
}

/* Message 41, of the results of a script (decision 26). */
static void check_results(struct build *b, const struct phrase *phrase, const struct step *step, const struct call_script *script)
{
	if (!script || names(step, "otherwise") || names(step, "reached") || step_always_goes(step))
		return;
	for (size_t i = 0; i < script->result_count; i++)
		if (!names(step, script->results[i].name)) {
			build_error(b, phrase->at, "answers says nothing about \"%s\". Add it, or otherwise = ….", script->results[i].name);
			return;
		}
}

/* Decision 26: wrong numbers, calls that are late and those that can never be made go one way when nothing is said about them. */
static void note_unnamed(struct build *b, const struct phrase *phrase, const struct step *step, const struct action *contact, const struct step *below)
{
	const char *unnamed[ENDS_MOST];
	size_t n = 0;
	if (!contact->script || names(step, "otherwise") || step->otherwise >= 0 || step_always_goes(step))
		return;
	for (size_t i = 0; i < b->playbook->disposition_count; i++) {
		const struct disposition *d = &b->playbook->dispositions[i];
		if (d->means == MEANS_WRONG && !d->retry && !names(step, d->name) && n < ENDS_MOST - 2)
			unnamed[n++] = d->name;
	}
	if (contact->within.count && !names(step, "late"))
		unnamed[n++] = "late";
	if (!names(step, "held"))
		unnamed[n++] = "held";
	if (n)
		build_note(b, phrase->at, "answers says nothing about %s: these leads %s%s%s. If not meant, add otherwise = ….", build_join(b, unnamed, n),
			   below ? "go on to \"" : "leave, their walk is over", below ? below->name : "", below ? "\"" : "");
}

/* A late call has a moment at which it is late. */
static void check_late(struct build *b, const struct phrase *phrase, const struct step *step, const struct action *contact)
{
	if (contact->script && names(step, "late") && !contact->within.count)
		build_error(b, phrase->at, "late can never happen: say how long there is for the call: call \"%s\" { within = \"2 business days\" }.",
			    contact->name);
}

/* A part that may wait or go cannot stand between a contact and where its end goes. */
static void check_behind(struct build *b, const struct phrase *phrase, const struct step *step)
{
	size_t contacts = 0;
	bool split = false; /* its ways are one contact */
	for (size_t i = 0; i < step->action_count; i++) {
		enum action_kind kind = step->actions[i].kind;
		bool contact = kind == ACTION_CONTACT || kind == ACTION_HANDOFF;
		contacts += contact && !(step->actions[i].way && split);
		split |= contact && step->actions[i].way;
		if (kind == ACTION_FUNCTION && contacts)
			build_error(b, phrase->at, "a function behind a contact cannot stand beside answers: give it a step of its own.");
	}
	if (contacts > 1)
		build_error(b, phrase->at, "answers cannot tell the end of the contact from that of the handoff. Give each its own step.");
}

void build_answers(struct build *b, const struct phrase *phrase, struct step *out)
{
	const struct detail *d = detail_of(phrase, "answers");
	const struct action *contact = playbook_contact(out);
	struct ends ends;
	if (!d)
		return;
	struct answer *answers = arena_array(b->arena, d->table->property_count + 1, sizeof *answers);
	out->answers = answers;
	if (!contact) {
		build_error(b, phrase->at, "answers tell how a contact ended, and this step makes none.");
		return;
	}
	if (d->table->part_count)
		build_error(b, phrase->at, "answers take how it ended = where to go: answers = { held = \"write\" }.");
	ends_of(b, out, contact, &ends);
	for (size_t i = 0; i < d->table->property_count; i++)
		if (end_exists(b, phrase->at, &ends, d->table->properties[i].key) &&
		    read_answer(b, phrase, &d->table->properties[i], &answers[out->answer_count]))
			out->answer_count++;
	for (size_t i = 0; i < out->action_count; i++)
		if (out->actions[i].kind == ACTION_CONTACT && (&out->actions[i] == contact || out->actions[i].way)) {
			check_results(b, phrase, out, out->actions[i].script);
			check_late(b, phrase, out, &out->actions[i]);
		}
	check_behind(b, phrase, out);
}

void build_note_answers(struct build *b, const struct phrase *phrase, const struct step *step, const struct step *below)
{
	const struct action *contact = step->answer_count ? playbook_contact(step) : NULL;
	if (contact && contact->script && !contact->script->result_count && !names(step, "reached"))
		build_note(b, phrase->at, "script \"%s\" has no result: every call that reaches somebody ends as \"reached\", and answers says nothing about that. Add result \"…\" {} to it.",
			   contact->script->name);
	if (contact)
		note_unnamed(b, phrase, step, contact, below);
}
