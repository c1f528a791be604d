/* people { … }: how many people of the account fit. Who fits is asked of each of them in its own turn, so what stands inside is a condition on
 * one lead, kept once as a part of the playbook under a key made of its words; how they are counted stands beside it. Called for every
 * people { … } of rules, segments and campaigns; says no to what would ask the account about itself. */
#include "playbook/build.h"

#include "model/account.h"

#include <math.h>

static const char *const counting[] = {"at_least", "at_most", "different", "same"};

static bool is_counting(const char *key)
{
	for (size_t i = 0; i < sizeof counting / sizeof *counting; i++)
		if (strcmp(key, counting[i]) == 0)
			return true;
	return false;
}

/* ---- who may ask what ---- */

static const char *place_of(const struct build *b)
{
	return b->in_people ? "what stands in people { … } is asked of each person" : "this model is of companies";
}

bool build_ask_account(struct build *b, struct place at, bool *asked, const char *what)
{
	if (!b->of_account && !b->in_people) {
		*asked = true;
		return true;
	}
	build_error(b, at, "%s is of the company, and %s. %s", what, place_of(b),
		    b->in_people ? "Write it beside people { … }, not in it." : "One model of accounts cannot ask another.");
	return false;
}

bool build_may_ask(struct build *b, const struct phrase *phrase)
{
	static const char *const companies[] = {"people", "account", "any", "all", "none"};
	const char *word = phrase->word->name;
	if (b->in_people && strcmp(word, "people") == 0) {
		build_error(b, phrase->at, "people { … } cannot stand in people { … }: what stands inside is asked of each person. Write two of them side by side.");
		return false;
	}
	if (b->in_people && strcmp(word, "account") == 0) {
		build_error(b, phrase->at, "account { … } cannot stand in people { … }: all of them have the same company. Write it beside people { … }.");
		return false;
	}
	if (!b->of_account || b->in_people)
		return true;
	for (size_t i = 0; i < sizeof companies / sizeof *companies; i++)
		if (strcmp(word, companies[i]) == 0 && !phrase->name)
			return true;
	build_error(b, phrase->at, "%s is asked of a lead, and this model is of companies: it asks people { … } and account { … }. Write people { %s }.",
		    build_show(b, phrase),
		    strcmp(word, "lead") == 0 && phrase->details.property_count
			    ? arena_printf(b->arena, "%s = …", phrase->details.properties[0].key) : build_show(b, phrase));
	return false;
}

/* ---- who fits ---- */

/* The phrase without how it is counted. */
static struct phrase who_of(struct build *b, const struct phrase *phrase)
{
	struct phrase who = *phrase;
	who.details.properties = arena_array(b->arena, phrase->details.property_count + 1, sizeof *who.details.properties);
	who.details.property_count = 0;
	for (size_t i = 0; i < phrase->details.property_count; i++)
		if (!is_counting(phrase->details.properties[i].key))
			who.details.properties[who.details.property_count++] = phrase->details.properties[i];
	return who;
}

/* `role = "executive"` is lead { role = "executive" }. */
static const struct condition *fields_of(struct build *b, const struct phrase *who)
{
	struct phrase *fields = arena_alloc(b->arena, sizeof *fields);
	*fields = *who;
	fields->word = vocabulary_find(STR("lead"));
	fields->details.part_count = 0;
	return who->details.property_count ? build_condition(b, &(struct detail){.kind = DETAIL_PHRASE, .phrase = fields}, who->at) : NULL;
}

static const struct condition *read_who(struct build *b, const struct phrase *who)
{
	b->in_people = true;
	const struct condition *fields = fields_of(b, who), *rest = build_conditions(b, who);
	b->in_people = false;
	if (!fields || !rest)
		return fields ? fields : rest;
	const struct condition **both = arena_array(b->arena, 2, sizeof *both);
	struct condition *all = arena_alloc(b->arena, sizeof *all);
	both[0] = fields;
	both[1] = rest;
	*all = (struct condition){.kind = CONDITION_ALL, .at = who->at, .group = {both, 2}};
	return all;
}

static int need_part(struct build *b, const struct phrase *phrase)
{
	struct phrase who = who_of(b, phrase);
	const char *key = build_phrase_key(b, &who, PART_KEY);
	struct playbook *playbook = b->playbook;
	const struct condition *condition = read_who(b, &who); /* read each time: what is wrong in it is told where it stands */
	for (size_t i = 0; i < playbook->part_count; i++)
		if (strcmp(playbook->parts[i].key, key) == 0)
			return (int)i;
	struct people_part *part = arena_push(b->arena, &b->parts, playbook->part_count, &b->part_room, sizeof *part);
	*part = (struct people_part){.key = key, .at = phrase->at, .who = condition};
	playbook->parts = b->parts;
	return (int)playbook->part_count++;
}

/* ---- how they are counted ---- */

/* A whole number from `low`; `otherwise` when it is not given. */
static int read_count(struct build *b, const struct phrase *phrase, const char *key, int low, int otherwise)
{
	const struct detail *d = detail_of(phrase, key);
	if (!d)
		return otherwise;
	if (d->kind == DETAIL_NUMBER && d->number == 0 && low == 1)
		build_error(b, phrase->at, "at_least = 0 is always true. Write at_least = 1; or at_most = 0 where there may be nobody.");
	else if (d->kind == DETAIL_NUMBER && d->number == floor(d->number) && d->number >= low && d->number <= 1000000)
		return (int)d->number;
	else if (d->kind != DETAIL_BROKEN)
		build_error(b, phrase->at, "%s = %s is no number of people.", key, build_show_detail(b, d));
	return otherwise;
}

static bool is_by_role(struct build *b, const struct phrase *phrase, const char *key)
{
	const struct detail *d = detail_of(phrase, key);
	if (d && d->kind != DETAIL_BROKEN && !(d->kind == DETAIL_TEXT && str_is(d->text, "role")))
		build_error(b, phrase->at, "%s = %s: people are told apart by their role alone. Write %s = \"role\".", key, build_show_detail(b, d), key);
	return d != NULL;
}

static void read_counting(struct build *b, const struct phrase *phrase, struct condition_people *out)
{
	bool different = is_by_role(b, phrase, "different"), same = is_by_role(b, phrase, "same");
	out->at_most = read_count(b, phrase, "at_most", 0, -1);
	out->at_least = read_count(b, phrase, "at_least", 1, out->at_most >= 0 ? 0 : 1);
	out->by = different ? PEOPLE_DIFFERENT_ROLES : same ? PEOPLE_SAME_ROLE : PEOPLE_ALL;
	if (different && same)
		build_error(b, phrase->at, "different = \"role\" and same = \"role\" can never both hold.");
	else if (same && b->of_account)
		build_error(b, phrase->at, "same = \"role\" means the role of the lead that asks, and here a company asks. Write role = \"executive\".");
	if (different && out->at_least >= ROLE_SLOTS)
		build_error(b, phrase->at, "at_least = %d with different = \"role\" can never hold: there are %d roles.", out->at_least, ROLE_SLOTS - 1);
	if (out->at_most >= 0 && out->at_least > out->at_most)
		build_error(b, phrase->at, "at_least = %d and at_most = %d can never both hold.", out->at_least, out->at_most);
}

static void note_asked(struct build *b, struct condition_people asked)
{
	struct playbook *playbook = b->playbook;
	for (size_t i = 0; i < playbook->ask_count; i++)
		if (memcmp(&playbook->asks[i], &asked, sizeof asked) == 0)
			return;
	*(struct condition_people *)arena_push(b->arena, &b->asks, playbook->ask_count, &b->ask_room, sizeof asked) = asked;
	playbook->asks = b->asks;
	playbook->ask_count++;
}

const struct condition *build_people(struct build *b, const struct phrase *phrase)
{
	struct condition *c = arena_alloc(b->arena, sizeof *c);
	*c = (struct condition){.kind = CONDITION_PEOPLE, .at = phrase->at};
	if (!phrase->details.part_count && !phrase->details.property_count) {
		build_error(b, phrase->at, "there is nothing in the braces of people { }.");
		return NULL;
	}
	read_counting(b, phrase, &c->people);
	c->people.part = need_part(b, phrase);
	if (!b->of_account)
		note_asked(b, c->people);
	return c;
}

/* ---- in order ---- */

/* Conditions hold indexes of parts, so these stay where they are; their order by key is what the keys of a lead are written in. */
void build_people_sort(struct build *b)
{
	struct playbook *playbook = b->playbook;
	int *order = arena_array(b->arena, playbook->part_count + 1, sizeof *order);
	for (size_t i = 0; i < playbook->part_count; i++) {
		size_t k = i;
		for (; k > 0 && strcmp(playbook->parts[order[k - 1]].key, playbook->parts[i].key) > 0; k--)
			order[k] = order[k - 1];
		order[k] = (int)i;
	}
	playbook->part_order = order;
}
