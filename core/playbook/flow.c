/* Where leads can go in a campaign: every step must be reached, no circle may go round without a pause, leads that
 * sales has must not go on unnoticed (messages 32, 33, 40, 46). Works on the steps that were built; called only when
 * they are without error. Circles of several campaigns: circles.c.
 *
 * An edge leads from a step to each step that may come next: when false → otherwise or the step below; contact held →
 * answers, otherwise or the step's own go; done → go, or the step below; `every` comes back to itself; a wait that is over →
 * otherwise or the step below, and only that way of a wait_for is a pause; so is the word of sales about a handoff. */
#include "playbook/flow.h"

#include "playbook/calls.h"

#include "base/buf.h"

static void add_edge(struct edges *edges, int to, bool later)
{
	for (size_t i = 0; i < edges->count; i++) {
		if (edges->to[i] != to)
			continue;
		edges->later[i] &= later;
		return;
	}
	if (to < 0)
		return;
	*(int *)arena_push(edges->arena, &edges->to, edges->count, &edges->room, sizeof *edges->to) = to;
	*(bool *)arena_push(edges->arena, &edges->later, edges->count, &edges->later_room, sizeof *edges->later) = later;
	edges->count++;
}

static void edge(struct edges *edges, int to)
{
	add_edge(edges, to, false);
}

static const struct action *act_of(const struct step *step, enum action_kind kind)
{
	for (size_t i = 0; i < step->action_count; i++)
		if (step->actions[i].kind == kind)
			return &step->actions[i];
	return NULL;
}

/* The step below, or the end of the walk. */
static void add_below(const struct flow *f, struct edges *edges, size_t i, bool later)
{
	if (i + 1 < f->campaign->step_count)
		add_edge(edges, (int)i + 1, later);
	else
		edges->ends = true;
}

static void below(const struct flow *f, struct edges *edges, size_t i)
{
	add_below(f, edges, i, false);
}

static void function_edges(struct flow *f, struct edges *edges, const struct action *action, size_t step, bool *waits)
{
	size_t at = 0;
	for (const struct use *use; (use = scripts_next_use(f->b->scripts, action->function, &at));) {
		for (size_t k = 0; use->kind == USE_GO && k < f->campaign->step_count; k++)
			if (str_is(use->name, f->campaign->steps[k].name))
				edge(edges, (int)k);
		*waits |= use->kind == USE_WAIT;
	}
	(void)step;
}

static void way_edge(const struct flow *f, const struct way *way, struct edges *edges, size_t i)
{
	if (way->kind == WAY_GO)
		edge(edges, way->target);
	else if (way->kind == WAY_LEAVE)
		edges->ends = true;
	else
		below(f, edges, i);
}

static void choose_edges(const struct flow *f, const struct ways *ways, struct edges *edges, size_t i)
{
	for (size_t c = 0; c < ways->count; c++)
		way_edge(f, &ways->cases[c].way, edges, i);
	if (ways->has_otherwise)
		way_edge(f, &ways->otherwise, edges, i);
}

/* Answers that a person gives after a time, or that time itself gives: a circle through them goes round only as often as sales says so. */
static bool is_word_of_sales(const struct step *step, const struct answer *answer)
{
	return act_of(step, ACTION_HANDOFF) && (strcmp(answer->key, "returned") == 0 || strcmp(answer->key, "accepted") == 0 || strcmp(answer->key, "late") == 0);
}

static void answer_edges(const struct flow *f, const struct answer *answer, struct edges *edges, size_t i)
{
	switch (answer->kind) {
	case ANSWER_GO:
		add_edge(edges, answer->target, is_word_of_sales(&f->campaign->steps[i], answer));
		break;
	case ANSWER_LEAVE:
		edges->ends = true;
		break;
	case ANSWER_RETRY:
		way_edge(f, &answer->retry->otherwise, edges, i);
		break;
	case ANSWER_CHOOSE:
		choose_edges(f, answer->ways, edges, i);
		break;
	}
}

/* Of a contact or a handoff: how it ended, and what nothing is said about. */
static void contact_edges(struct flow *f, const struct step *step, struct edges *edges, size_t i)
{
	bool all = false;
	for (size_t a = 0; a < step->answer_count; a++) {
		answer_edges(f, &step->answers[a], edges, i);
		all |= strcmp(step->answers[a].key, "otherwise") == 0;
	}
	if (!all && step->otherwise >= 0)
		edge(edges, step->otherwise);
}

/* Where the step itself goes when it is done. */
static void own_edges(const struct flow *f, const struct step *step, struct edges *edges, size_t i)
{
	for (size_t a = 0; a < step->action_count; a++) {
		const struct action *action = &step->actions[a];
		if (action->kind == ACTION_GO)
			edge(edges, action->target);
		else if (action->kind == ACTION_CHOOSE)
			choose_edges(f, action->ways, edges, i);
		else if (action->kind == ACTION_LEAVE)
			edges->ends = true;
	}
	if (step_always_goes(step))
		return;
	if (step->timing == TIMING_EVERY && !step->times)
		edge(edges, (int)i);
	else
		below(f, edges, i);
}

static void find_edges(struct flow *f, size_t i)
{
	const struct step *step = &f->campaign->steps[i];
	struct edges *edges = &f->edges[i];
	bool waits = false;
	edges->arena = f->b->arena;
	if (step->timing == TIMING_WAIT_FOR && step->otherwise >= 0) /* what it waits for may be true already: only this way takes time */
		add_edge(edges, step->otherwise, true);
	else if (step->timing == TIMING_WAIT_FOR)
		add_below(f, edges, i, true);
	if (step->date && step->otherwise >= 0)
		edge(edges, step->otherwise);
	else if (step->date)
		below(f, edges, i);
	if (step->when && step->otherwise >= 0)
		edge(edges, step->otherwise);
	else if (step->when)
		below(f, edges, i);
	if (act_of(step, ACTION_CONTACT) || act_of(step, ACTION_HANDOFF))
		contact_edges(f, step, edges, i);
	for (size_t a = 0; a < step->action_count; a++)
		if (step->actions[a].kind == ACTION_FUNCTION)
			function_edges(f, edges, &step->actions[a], i, &waits);
	if (act_of(step, ACTION_FUNCTION) && step->otherwise >= 0)
		edge(edges, step->otherwise);
	own_edges(f, step, edges, i);
	f->pauses[i] = step->timing == TIMING_WAIT || step->timing == TIMING_EVERY || waits;
}

/* ---- message 32 ---- */

static void reach(struct flow *f, int at)
{
	if (f->reached[at])
		return;
	f->reached[at] = true;
	for (size_t i = 0; i < f->edges[at].count; i++)
		reach(f, f->edges[at].to[i]);
}

static void say_unreached(struct flow *f, size_t i)
{
	const struct step *step = &f->campaign->steps[i], *above = step - 1;
	const struct action *go = act_of(above, ACTION_GO);
	struct build *b = f->b;
	const char *why =
		go && go->way ? "the split above sends all leads elsewhere"
		: go ? arena_printf(b->arena, "the step above goes to \"%s\"", f->campaign->steps[go->target].name)
		: act_of(above, ACTION_LEAVE) ? "the step above ends with leave"
		: act_of(above, ACTION_CHOOSE) ? "the step above chooses others"
		: !f->reached[i - 1]          ? "the step above is not reached either"
					      : "the step above comes back to itself";
	const char *outer = b->context;
	b->context = arena_printf(b->arena, "campaign \"%s\"", f->campaign->name);
	build_error(
		b, step->at,
		"nobody can reach step \"%s\": %s, and nothing names \"%s\". Delete it, or go \"%s\" from somewhere.",
		step->name, why, step->name, step->name);
	build_leave(b, outer);
}

/* ---- message 33 ---- */

struct circle {
	unsigned char *state;
	size_t *path, depth;
};

static void say_circle(struct flow *f, const struct circle *c, size_t from)
{
	struct buf text = {0};
	const struct step *steps = f->campaign->steps;
	int day = 0;
	for (size_t i = from; i < c->depth; i++) {
		buf_printf(&text, "\"%s\" → ", steps[c->path[i]].name);
		if (steps[c->path[i]].timing == TIMING_DAY)
			day = steps[c->path[i]].day;
	}
	build_error(
		f->b, steps[c->path[from]].at,
		"goes round without a pause: %s\"%s\". Put a wait or every into one of them (day(%d) only waits the first time round).",
		text.p, steps[c->path[from]].name, day ? day : 4);
	buf_fini(&text);
}

static bool find_circle(struct flow *f, struct circle *c, size_t at)
{
	if (f->pauses[at] || c->state[at] == 2)
		return false;
	if (c->state[at] == 1) {
		size_t from = 0;
		while (c->path[from] != at)
			from++;
		say_circle(f, c, from);
		return true;
	}
	c->state[at] = 1;
	c->path[c->depth++] = at;
	for (size_t i = 0; i < f->edges[at].count; i++)
		if (!f->edges[at].later[i] && find_circle(f, c, (size_t)f->edges[at].to[i]))
			return true;
	c->depth--;
	c->state[at] = 2;
	return false;
}

static void check_circles(struct flow *f)
{
	struct circle c = {.state = arena_array(f->b->arena, f->campaign->step_count + 1, 1),
			   .path = arena_array(f->b->arena, f->campaign->step_count + 1, sizeof(size_t))};
	for (size_t i = 0; i < f->campaign->step_count; i++)
		if (find_circle(f, &c, i))
			return;
}

/* ---- message 40 ---- */

static bool is_branch(const struct ways *ways, size_t target)
{
	bool found = ways->has_otherwise && ways->otherwise.kind == WAY_GO && (size_t)ways->otherwise.target == target;
	for (size_t c = 0; c < ways->count; c++)
		found |= ways->cases[c].way.kind == WAY_GO && (size_t)ways->cases[c].way.target == target;
	return found;
}

static bool falls_through(const struct step *step)
{
	return !step_always_goes(step) && !(step->timing == TIMING_EVERY && !step->times);
}

/* Branches of choose stand one below the other, and each but the last says where it goes (decision 16). */
static void check_branches(struct flow *f, size_t at)
{
	const struct campaign *c = f->campaign;
	const struct action *choose = act_of(&c->steps[at], ACTION_CHOOSE);
	for (size_t i = at + 2; choose && i < c->step_count; i++) {
		const struct step *above = &c->steps[i - 1];
		if (!is_branch(choose->ways, i) || !f->reached[i - 1] || !falls_through(above))
			continue;
		const char *outer = f->b->context;
		f->b->context = arena_printf(f->b->arena, "campaign \"%s\"", c->name);
		build_error(f->b, above->at, "step \"%s\" is a branch of \"%s\", but leads also fall into it from \"%s\" above. End \"%s\" with go or leave.",
			    c->steps[i].name, c->steps[at].name, above->name, above->name);
		build_leave(f->b, outer);
	}
}

/* ---- message 46 ---- */

static bool asks_accepted(const struct condition *c)
{
	if (!c)
		return false;
	if (c->kind == CONDITION_STAGE)
		return c->stages & (1u << STAGE_ACCEPTED);
	if (c->kind == CONDITION_FUNCTION)
		return true;
	for (size_t i = 0; (c->kind == CONDITION_ANY) && i < c->group.count; i++)
		if (asks_accepted(c->group.items[i]))
			return true;
	return false;
}

static bool names_end(const struct step *step, const char *key)
{
	for (size_t i = 0; i < step->answer_count; i++)
		if (strcmp(step->answers[i].key, key) == 0)
			return true;
	return false;
}

static void note_handoffs(struct flow *f)
{
	for (size_t i = 0; i < f->campaign->step_count && !asks_accepted(f->campaign->leave); i++) {
		const struct step *step = &f->campaign->steps[i];
		const struct action *go = act_of(step, ACTION_GO);
		int next = go ? go->target : (int)i + 1;
		if (!act_of(step, ACTION_HANDOFF) || act_of(step, ACTION_LEAVE) || act_of(step, ACTION_CHOOSE) || names_end(step, "accepted") || names_end(step, "otherwise") || act_of(step, ACTION_FUNCTION) ||
		    (size_t)next >= f->campaign->step_count)
			continue;
		build_note(
			f->b, step->at,
			"leads handed over at \"%s\" stay in this campaign and go on to \"%s\". If not meant, add leave \"with sales\".",
			step->name, f->campaign->steps[next].name);
	}
}

struct flow flow_of(struct build *b, const struct campaign *campaign)
{
	size_t n = campaign->step_count;
	struct flow f = {.b = b,
			 .campaign = campaign,
			 .edges = arena_array(b->arena, n + 1, sizeof *f.edges),
			 .pauses = arena_array(b->arena, n + 1, sizeof(bool)),
			 .reached = arena_array(b->arena, n + 1, sizeof(bool))};
	for (size_t i = 0; i < n; i++)
		find_edges(&f, i);
	return f;
}

void build_check_flow(struct build *b, struct campaign *campaign, const struct phrase *phrase)
{
	struct flow f = flow_of(b, campaign);
	(void)phrase;
	if (!campaign->step_count)
		return;
	reach(&f, 0);
	if (campaign->at_goal == AT_GOAL_STEP)
		reach(&f, campaign->at_goal_step);
	for (size_t i = 1; i < campaign->step_count; i++)
		if (!f.reached[i])
			say_unreached(&f, i);
	check_circles(&f);
	for (size_t i = 0; i < campaign->step_count; i++)
		check_branches(&f, i);
	note_handoffs(&f);
}
