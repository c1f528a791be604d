/* split { … }: one of several acts, drawn once for each lead (turn/split.c). Its ways stand behind it among the actions of the step, so that
 * whoever asks what a step may do finds them there; each carries its name (action.way). Called by build_steps.c. */
#include "playbook/build_steps.h"

#include <math.h>

enum { WAYS_MOST = 20 };

static const char *name_of(const struct phrase *phrase)
{
	return phrase->name && *phrase->name ? phrase->name : phrase->word->name;
}

/* What is drawn, and compared in reports, is known by its name. */
static void check_names(struct build *b, const struct phrase *split, const struct action *ways, size_t count)
{
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < i; k++)
			if (strcmp(ways[i].way, ways[k].way) == 0 && strcmp(ways[i].way, "set") == 0)
				build_error(b, split->at, "two acts of this split are set: who got which could never be told. Put each into a step of its own: split { go \"a\", go \"b\" }.");
			else if (strcmp(ways[i].way, ways[k].way) == 0)
				build_error(b, split->at, "two acts of this split are called \"%s\": who got which could never be told. Give each its own name.", ways[i].way);
}

static bool read_way(struct build *b, const struct detail *part, struct action *out)
{
	static const char *const alone[] = {"split", "choose"};
	for (size_t i = 0; i < sizeof alone / sizeof *alone; i++)
		if (strcmp(part->phrase->word->name, alone[i]) == 0) {
			build_error(b, part->phrase->at, "%s cannot stand inside split: give it a step of its own, and go \"step\" to it.", alone[i]);
			return false;
		}
	if (!build_act(b, part, out))
		return false;
	out->way = name_of(part->phrase);
	return true;
}

/* Shares of one: even ones, or as weights says. */
static void read_weights(struct build *b, const struct phrase *phrase, double *shares, size_t count)
{
	const struct detail *d = detail_of(phrase, "weights");
	const struct details *list = d ? d->table : NULL;
	double sum = 0;
	for (size_t i = 0; i < count; i++) {
		const struct detail *weight = list && i < list->part_count ? &list->parts[i] : NULL;
		if (weight && (weight->kind != DETAIL_NUMBER || !isfinite(weight->number) || weight->number <= 0 || weight->number > 1e6))
			build_error(b, phrase->at, "weights: %s is no weight. A weight is a number above 0, like weights = { 30, 70 }.", build_show_detail(b, weight));
		shares[i] = weight && weight->kind == DETAIL_NUMBER && weight->number > 0 ? weight->number : 1;
		sum += shares[i];
	}
	for (size_t i = 0; i < count; i++)
		shares[i] /= sum;
	if (list && (list->part_count != count || list->property_count))
		build_error(b, phrase->at, "weights has %zu number%s for %zu acts: one for each, in their order.", list->part_count, list->part_count == 1 ? "" : "s", count);
}

/* A share of the leads; 0 = none is said, or no share. */
static double read_first(struct build *b, const struct phrase *phrase)
{
	const struct detail *d = detail_of(phrase, "first");
	double share = 0;
	if (!d)
		return 0;
	if (d->kind == DETAIL_TEXT && str_ends(d->text, STR("%")) && str_to_double((struct str){d->text.p, d->text.n - 1}, &share) && share > 0 && share < 100)
		return share / 100;
	if (d->kind == DETAIL_NUMBER && d->number > 0 && d->number < 1)
		return d->number;
	if (d->kind != DETAIL_BROKEN)
		build_error(b, phrase->at, "first = %s is no share of the leads. A fifth of them is \"20%%\".", build_show_detail(b, d));
	return 0;
}

/* What the lead did counts when it answers this contact: a click in another mail says nothing of this one. */
static void of_this_step(struct build *b, const struct phrase *step, struct condition *winner)
{
	static const char *const verbs[] = {"email.", "letter.", "call."};
	if (winner->kind != CONDITION_ON || winner->on.step.n || winner->on.campaign.n)
		return;
	for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
		if (str_starts(winner->on.verb, str_of(verbs[i]))) {
			winner->on.campaign = str_of(b->campaign->name);
			winner->on.step = str_of(step->name);
		}
}

static void read_test(struct build *b, const struct phrase *step, const struct phrase *phrase, const struct action *ways, struct split *out)
{
	out->first = read_first(b, phrase);
	out->winner = build_condition_property(b, phrase, "winner");
	out->after = detail_length(phrase, "after");
	bool contact = false;
	for (size_t i = 0; i < out->count; i++)
		contact |= ways[i].kind == ACTION_CONTACT;
	if (out->winner && contact)
		of_this_step(b, step, (struct condition *)(uintptr_t)out->winner);
	if (detail_of(phrase, "first") && !detail_of(phrase, "winner"))
		build_error(b, phrase->at, "first = … tries the acts on some leads, and nothing says what wins. Add winner = on \"email.click\".");
	if (detail_of(phrase, "after") && !detail_of(phrase, "winner"))
		build_error(b, phrase->at, "after = … is when the winner is named, and nothing says what wins. Add winner = on \"email.click\".");
	if (detail_of(phrase, "first") && detail_of(phrase, "winner") && !detail_of(phrase, "after"))
		build_error(b, phrase->at, "first needs after = \"24 hours\": how long the other leads wait for the winner.");
	if (out->winner && !out->after.count)
		out->after = (struct duration){.count = 1, .unit = DURATION_DAYS};
}

size_t build_split(struct build *b, const struct phrase *step, const struct phrase *phrase, struct action *out)
{
	struct split *split = arena_alloc(b->arena, sizeof *split);
	double *shares = arena_array(b->arena, phrase->details.part_count + 1, sizeof *shares);
	*split = (struct split){.at = phrase->at, .shares = shares, .words = build_phrase_key(b, phrase, SPLIT_WORDS)};
	out[0] = (struct action){.kind = ACTION_SPLIT, .at = phrase->at, .name = "", .target = -1, .split = split};
	for (size_t i = 0; i < phrase->details.part_count; i++)
		if (read_way(b, &phrase->details.parts[i], &out[1 + split->count]))
			split->count++;
	if (phrase->details.part_count < 2)
		build_error(b, phrase->at, "split is one of several acts, and here %s. split { email \"a\", email \"b\" }.", phrase->details.part_count ? "is one" : "is none");
	if (phrase->details.part_count > WAYS_MOST)
		build_error(b, phrase->at, "split has %zu acts; at most %d.", phrase->details.part_count, WAYS_MOST);
	if (split->count == phrase->details.part_count)
		read_weights(b, phrase, shares, split->count);
	check_names(b, phrase, out + 1, split->count);
	read_test(b, step, phrase, out + 1, split);
	return 1 + split->count;
}
