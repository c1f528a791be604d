/* Campaigns and what holds for a whole walk; the steps are read in build_steps.c. Order: high priority first, then by
 * name, as turn walks them. Messages 26, 38, 47 of PLAYBOOK section 4. */
#include "playbook/build_steps.h"

#include <stdio.h>
#include <stdlib.h>

static int priority_of(const struct phrase *phrase)
{
	const char *text = detail_text(phrase, "priority");
	return text && strcmp(text, "high") == 0 ? 1 : text && strcmp(text, "low") == 0 ? -1 : 0;
}

static int by_priority(const void *pa, const void *pb)
{
	const struct declaration *a = pa, *b = pb;
	int order = priority_of(b->phrase) - priority_of(a->phrase);
	return order ? order : strcmp(a->phrase->name, b->phrase->name);
}

/* Before anything names a campaign by its index. */
void build_order_campaigns(struct build *b)
{
	struct declared *d = &b->declared[DECLARED_CAMPAIGN];
	if (d->count)
		qsort(d->items, d->count, sizeof *d->items, by_priority);
	for (size_t i = 0; i < d->count; i++)
		d->names[i] = d->items[i].phrase->name;
}

/* Message 26. */
static void read_holdout(struct build *b, const struct phrase *phrase, struct campaign *out)
{
	const struct detail *d = detail_of(phrase, "holdout");
	double share = 0;
	if (!d)
		return;
	if (d->kind == DETAIL_TEXT && str_ends(d->text, STR("%")) &&
	    str_to_double((struct str){d->text.p, d->text.n - 1}, &share) && share >= 0 && share < 100) {
		out->holdout = share / 100;
	} else if (d->kind == DETAIL_NUMBER && d->number >= 0 && d->number < 1) {
		out->holdout = d->number;
	} else if (d->kind == DETAIL_NUMBER && d->number >= 1) {
		char words[32];
		snprintf(words, sizeof words, "%g", d->number);
		build_error(b, phrase->at, "holdout = %g would leave everybody out. %s per cent is \"%g%%\".",
			    d->number, d->number == 10 ? "Ten" : words, d->number);
	} else if (d->kind != DETAIL_BROKEN) {
		build_error(b, phrase->at, "holdout = %s is no share. Ten per cent is \"10%%\".",
			    build_show_detail(b, d));
	}
}

/* Message 38. */
static void read_enter(struct build *b, const struct phrase *phrase, struct campaign *out)
{
	const struct detail *d = detail_of(phrase, "enter");
	if (!d)
		build_error(b, phrase->at, "nobody would ever enter. Say enter = …, or enter = \"by hand\".");
	else if (d->kind == DETAIL_TEXT && !str_is(d->text, "by hand"))
		build_error(b, phrase->at, "enter = %s: it is a condition, or \"by hand\".", build_show_detail(b, d));
	else if (d->kind == DETAIL_FUNCTION || (d->kind == DETAIL_PHRASE && (d->phrase->word->roles & ROLE_CONDITION)))
		out->enter = build_condition(b, d, phrase->at);
	else if (d->kind != DETAIL_TEXT && d->kind != DETAIL_BROKEN)
		build_error(
			b, phrase->at,
			"enter is a condition, or \"by hand\"; %s is neither. Several are joined by any { … } or all { … }.",
			build_show_detail(b, d));
}

static void read_again(struct build *b, const struct phrase *phrase, struct campaign *out)
{
	const char *text = detail_text(phrase, "again");
	struct error error = {0};
	if (!text || strcmp(text, "never") == 0)
		return;
	if (strcmp(text, "always") == 0) {
		out->again = AGAIN_ALWAYS;
	} else if (strncmp(text, "after ", 6) == 0) {
		out->again = AGAIN_AFTER;
		if (duration_parse(str_of(text + 6), &out->again_after, &error) < 0)
			build_error(b, phrase->at, "%s", error.message);
	} else {
		build_error(b, phrase->at, "again = \"%s\": it is \"never\", \"always\" or \"after 90 days\".", text);
	}
}

static void read_at_goal(struct build *b, const struct phrase *phrase, struct campaign *out)
{
	const char *text = detail_text(phrase, "at_goal");
	out->at_goal_step = -1;
	if (!text)
		return;
	if (!detail_of(phrase, "goal"))
		build_error(b, phrase->at, "at_goal needs goal = ….");
	if (strcmp(text, "leave") == 0) {
		out->at_goal = AT_GOAL_LEAVE;
		return;
	}
	out->at_goal = AT_GOAL_STEP;
	out->at_goal_step = build_step_index(b, phrase->at, phrase, text);
}

static void read_once_per(struct build *b, const struct phrase *phrase, struct campaign *out)
{
	const char *text = detail_text(phrase, "once_per");
	out->once_per_account = text && strcmp(text, "account") == 0;
	if (text && !out->once_per_account)
		build_error(b, phrase->at, "once_per = \"%s\": of a campaign it is \"account\".", text);
}

static void read_priority(struct build *b, const struct phrase *phrase, struct campaign *out)
{
	const char *text = detail_text(phrase, "priority");
	out->priority = priority_of(phrase);
	if (text && strcmp(text, "high") != 0 && strcmp(text, "normal") != 0 && strcmp(text, "low") != 0)
		build_error(b, phrase->at, "priority = \"%s\": it is \"high\", \"normal\" or \"low\".", text);
}

static bool asks_withdrew(const struct condition *c, const char *channel)
{
	if (!c)
		return false;
	if (c->kind == CONDITION_WITHDREW)
		return str_is(c->channel, channel);
	if (c->kind == CONDITION_FUNCTION)
		return true; /* who knows */
	for (size_t i = 0; (c->kind == CONDITION_ANY || c->kind == CONDITION_ALL) && i < c->group.count; i++)
		if (asks_withdrew(c->group.items[i], channel))
			return true;
	return false;
}

/* Message 47, of the channel that is used most. */
static void note_withdrawal(struct build *b, const struct phrase *phrase, const struct campaign *campaign)
{
	static const struct {
		const char *kind, *thing;
	} kinds[] = {{"email", "mail"}, {"call", "calls"}, {"letter", "letters"}};
	for (size_t k = 0; k < 3; k++) {
		bool used = false;
		for (size_t s = 0; s < campaign->step_count; s++)
			for (size_t i = 0; i < campaign->steps[s].action_count; i++) {
				const struct action *a = &campaign->steps[s].actions[i];
				used |= a->kind == ACTION_CONTACT && strcmp(a->channel_kind, kinds[k].kind) == 0 &&
					strcmp(a->purpose, "marketing") == 0;
			}
		if (!used)
			continue;
		if (!asks_withdrew(campaign->leave, kinds[k].kind))
			build_note(
				b, phrase->at,
				"leave has no withdrew \"%s\". The gate stops the %s, but the leads stay in the campaign.",
				kinds[k].kind, kinds[k].thing);
		return;
	}
}

static void read_campaign(struct build *b, const struct phrase *phrase, struct campaign *out)
{
	size_t before = b->problems->errors;
	b->campaign = phrase;
	read_enter(b, phrase, out);
	read_again(b, phrase, out);
	out->existing = detail_yes(phrase, "existing");
	if (out->existing && detail_text(phrase, "enter"))
		build_error(b, phrase->at, "existing = true lets in those for whom enter is true already, and here it is \"by hand\".");
	out->leave = build_condition_property(b, phrase, "leave");
	out->goal = build_condition_property(b, phrase, "goal");
	read_at_goal(b, phrase, out);
	read_holdout(b, phrase, out);
	read_priority(b, phrase, out);
	read_once_per(b, phrase, out);
	out->late = build_late(b, phrase);
	build_steps(b, phrase, out);
	if (b->problems->errors == before) {
		build_check_flow(b, out, phrase);
		note_withdrawal(b, phrase, out);
	}
	b->campaign = NULL;
}

/* The law wants a sender's address in every marketing mail (CAN-SPAM and its like). */
static void note_postal_address(struct build *b)
{
	const struct playbook *p = b->playbook;
	if (!b->site || b->site->postal_address || p->postal_address || !b->declared[DECLARED_PLAYBOOK].count)
		return;
	for (size_t c = 0; c < p->campaign_count; c++)
		for (size_t s = 0; s < p->campaigns[c].step_count; s++)
			for (size_t i = 0; i < p->campaigns[c].steps[s].action_count; i++) {
				const struct action *a = &p->campaigns[c].steps[s].actions[i];
				if (a->kind != ACTION_CONTACT || strcmp(a->channel_kind, "email") != 0 ||
				    strcmp(a->purpose, "marketing") != 0)
					continue;
				build_note(
					b, b->declared[DECLARED_PLAYBOOK].items[0].phrase->at,
					"no postal address is said, here or in nurture.conf, and marketing mail must carry one: postal_address = \"…\".");
				return;
			}
}

void build_campaigns(struct build *b)
{
	const struct declared *d = &b->declared[DECLARED_CAMPAIGN];
	struct campaign *campaigns = arena_array(b->arena, d->count + 1, sizeof *campaigns);
	b->playbook->campaigns = campaigns;
	b->playbook->campaign_count = d->count;
	for (size_t i = 0; i < d->count; i++) {
		const struct phrase *phrase = d->items[i].phrase;
		const char *outer = build_enter(b, phrase);
		campaigns[i] = (struct campaign){.name = phrase->name,
						 .title = detail_text(phrase, "title"),
						 .at = phrase->at,
						 .at_goal_step = -1,
						 .fingerprint = build_phrase_key(b, phrase, HASH_HEX - 1)};
		if (!campaigns[i].title)
			campaigns[i].title = phrase->name;
		if (d->items[i].sound)
			read_campaign(b, phrase, &campaigns[i]);
		build_leave(b, outer);
	}
	note_postal_address(b);
}
