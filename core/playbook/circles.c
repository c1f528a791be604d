/* Campaigns that send leads to each other for ever (message 43): by a step that enrolls, or because one lets in who leaves the other
 * (enter = on "campaign.leave", again = "always"). Only what happens without a pause counts: with one it is a long campaign in two parts.
 * An `enter` that asks for more than that event is not judged: what it asks may end the circle, and turns have a brake (turn/campaign.c). */
#include "playbook/flow.h"

#include "base/buf.h"

struct circles {
	struct build *b;
	struct flow *flows;   /* of each campaign */
	unsigned char *state; /* 0 not seen, 1 on the path, 2 in no circle */
	size_t *path, depth;
	bool *told;           /* how the path came to each campaign: by what is told of the one before, not by a step of it */
};

static bool follow(struct circles *c, size_t at, bool told);

/* ---- what a campaign does before anything pauses ---- */

static bool waits(const struct flow *f, size_t i)
{
	const struct step *step = &f->campaign->steps[i];
	return f->pauses[i] || (step->timing == TIMING_DAY && step->day > 1);
}

/* Follows those that step `i` of campaign `at` and the steps behind it enroll. *ends: a lead can come to the end. */
static bool walk(struct circles *c, size_t at, size_t i, bool *seen, bool *ends)
{
	const struct flow *f = &c->flows[at];
	const struct step *step = &f->campaign->steps[i];
	if (seen[i] || waits(f, i))
		return false;
	seen[i] = true;
	*ends |= f->edges[i].ends;
	for (size_t a = 0; a < step->action_count; a++)
		if (step->actions[a].kind == ACTION_ENROLL && follow(c, (size_t)step->actions[a].target, false))
			return true;
	for (size_t k = 0; k < f->edges[i].count; k++)
		if (!f->edges[i].later[k] && walk(c, at, (size_t)f->edges[i].to[k], seen, ends))
			return true;
	return false;
}

/* ---- whom a campaign lets in ---- */

static bool is_named(const struct condition_on *on, struct str name)
{
	bool fits = on->subject_count == 0;
	for (size_t i = 0; i < on->subject_count; i++)
		fits |= str_same(on->subjects[i], name) || str_glob(on->subjects[i], name);
	return fits && (!on->campaign.n || str_same(on->campaign, name));
}

/* Whoever leaves that campaign, whatever the reason and however often. */
static bool lets_in(const struct condition *enter, const char *name)
{
	if (!enter)
		return false;
	if (enter->kind == CONDITION_ON) {
		const struct condition_on *on = &enter->on;
		return !on->negated && str_is(on->verb, "campaign.leave") && is_named(on, str_of(name)) && !on->reason.n && !on->step.n && !on->data_count && !on->value &&
		       on->at_least <= 1 && on->at_most < 0;
	}
	for (size_t i = 0; enter->kind == CONDITION_ANY && i < enter->group.count; i++)
		if (lets_in(enter->group.items[i], name))
			return true;
	return enter->kind == CONDITION_ALL && enter->group.count == 1 && lets_in(enter->group.items[0], name);
}

/* ---- the circle ---- */

static void say(const struct circles *c, size_t from, bool told)
{
	const struct campaign *campaigns = c->b->playbook->campaigns, *first = &campaigns[c->path[from]], *last = &campaigns[c->path[c->depth - 1]];
	struct buf text = {0};
	for (size_t i = from; i < c->depth; i++) {
		const struct campaign *campaign = &campaigns[c->path[i]];
		told |= i > from && c->told[c->path[i]];
		buf_printf(&text, "\"%s\" (%s:%d) → ", campaign->name, campaign->at.file, campaign->at.line);
	}
	if (told || c->depth - from > 2)
		build_judge(c->b, first->at,
			    "leads go round without a pause, from campaign to campaign: %s\"%s\". Put a wait into one of them%s.", text.p,
			    first->name, told ? ", or give one again = \"after 1 day\"" : "");
	else if (first == last)
		build_judge(c->b, first->at, "campaign \"%s\" enrolls its leads in itself without a pause.", first->name);
	else
		build_judge(c->b, first->at, "campaigns \"%s\" and \"%s\" enroll each other without a pause.", first->name, last->name);
	buf_fini(&text);
}

static bool follow_told(struct circles *c, size_t at)
{
	const struct playbook *playbook = c->b->playbook;
	for (size_t i = 0; i < playbook->campaign_count; i++) {
		const struct campaign *next = &playbook->campaigns[i];
		if (next->again == AGAIN_ALWAYS && lets_in(next->enter, playbook->campaigns[at].name) && follow(c, i, true))
			return true;
	}
	return false;
}

static bool follow(struct circles *c, size_t at, bool told)
{
	const struct campaign *campaign = &c->b->playbook->campaigns[at];
	bool ends = false;
	if (c->state[at] == 2 || campaign->step_count == 0)
		return false;
	if (c->state[at] == 1) {
		size_t from = 0;
		while (c->path[from] != at)
			from++;
		say(c, from, told);
		return true;
	}
	c->state[at] = 1;
	c->told[at] = told;
	c->path[c->depth++] = at;
	bool found = walk(c, at, 0, arena_array(c->b->arena, campaign->step_count + 1, sizeof(bool)), &ends) || (ends && follow_told(c, at));
	c->depth--;
	c->state[at] = 2;
	return found;
}

void build_check_circles(struct build *b)
{
	size_t n = b->playbook->campaign_count;
	struct circles c = {.b = b,
			    .flows = arena_array(b->arena, n + 1, sizeof *c.flows),
			    .state = arena_array(b->arena, n + 1, 1),
			    .path = arena_array(b->arena, n + 2, sizeof(size_t)),
			    .told = arena_array(b->arena, n + 1, sizeof(bool))};
	if (b->problems->errors)
		return;
	for (size_t i = 0; i < n; i++)
		c.flows[i] = flow_of(b, &b->playbook->campaigns[i]);
	for (size_t i = 0; i < n; i++)
		if (follow(&c, i, false))
			return;
}
