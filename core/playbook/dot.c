/* Draws what flow.c checks: the ways between the steps of one campaign (dot.h). Nodes are s0, s1 … for the steps, "in" and "out"; texts are
 * quoted, so no name can break out of the drawing. Functions say their way only at run time: a dashed arrow to a small round node says so. */
#include "playbook/dot.h"

#include "playbook/calls.h"
#include "playbook/say.h"

struct drawing {
	const struct playbook *playbook;
	const struct campaign *campaign;
	struct buf *out;
	bool out_drawn;
};

/* Inside quotes: Graphviz knows \" and \\ there, and a line's end as \n. */
static void put_quoted(struct buf *out, struct str text)
{
	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];
		if (c == '"' || c == '\\')
			buf_putc(out, '\\');
		buf_putc(out, c < 0x20 ? ' ' : (char)c);
	}
}

static void put_line(struct buf *out, const struct buf *line)
{
	buf_puts(out, "\\n");
	put_quoted(out, buf_str(line));
}

/* ---- boxes ---- */

static bool is_way(const struct action *action)
{
	return action->kind == ACTION_GO || action->kind == ACTION_LEAVE || action->kind == ACTION_CHOOSE;
}

static void draw_step(const struct drawing *d, size_t i)
{
	const struct step *step = &d->campaign->steps[i];
	struct buf line = {0};
	buf_printf(d->out, "  s%zu [label=\"", i);
	put_quoted(d->out, str_of(step->name));
	say_timing(d->playbook, step, &line);
	put_line(d->out, &line);
	if (step->when) {
		buf_clear(&line);
		buf_puts(&line, "if ");
		say_condition(d->playbook, step->when, &line);
		put_line(d->out, &line);
	}
	for (size_t a = 0; a < step->action_count; a++) {
		if (is_way(&step->actions[a]) || step->actions[a].way)
			continue;
		buf_clear(&line);
		say_action(d->playbook, d->campaign, &step->actions[a], &line);
		put_line(d->out, &line);
	}
	buf_puts(d->out, "\"");
	buf_puts(d->out, step->off ? ", style=\"rounded,dashed\"];\n" : "];\n");
	buf_fini(&line);
}

/* ---- arrows ---- */

/* to: the index of a step; as many as there are steps, or more, or -1 = out. */
static void arrow(struct drawing *d, size_t from, int to, struct str label, struct str more)
{
	buf_printf(d->out, "  s%zu -> ", from);
	if (to >= 0 && (size_t)to < d->campaign->step_count)
		buf_printf(d->out, "s%d", to);
	else
		buf_puts(d->out, "out");
	d->out_drawn |= to < 0 || (size_t)to >= d->campaign->step_count;
	if (label.n || more.n) {
		buf_puts(d->out, " [label=\"");
		put_quoted(d->out, label);
		buf_puts(d->out, label.n && more.n ? ": " : "");
		put_quoted(d->out, more);
		buf_puts(d->out, "\"]");
	}
	buf_puts(d->out, ";\n");
}

static const struct str nothing = {"", 0};

static void draw_way(struct drawing *d, size_t from, const struct way *way, struct str label)
{
	int to = way->kind == WAY_GO ? way->target : way->kind == WAY_ON ? (int)from + 1 : -1;
	arrow(d, from, to, label, str_of(way->kind == WAY_LEAVE && way->reason ? way->reason : ""));
}

static void draw_ways(struct drawing *d, size_t from, const struct ways *ways)
{
	for (size_t i = 0; i < ways->count; i++)
		draw_way(d, from, &ways->cases[i].way, ways->cases[i].choice);
	if (ways->has_otherwise)
		draw_way(d, from, &ways->otherwise, STR("otherwise"));
}

static void draw_answer(struct drawing *d, size_t from, const struct answer *answer)
{
	struct str key = str_of(answer->key);
	if (answer->kind == ANSWER_CHOOSE) {
		draw_ways(d, from, answer->ways);
	} else if (answer->kind == ANSWER_RETRY) {
		arrow(d, from, (int)from, key, STR("again"));
		draw_way(d, from, &answer->retry->otherwise, STR("tried in vain"));
	} else {
		arrow(d, from, answer->kind == ANSWER_GO ? answer->target : -1, key, str_of(answer->kind == ANSWER_LEAVE && answer->reason ? answer->reason : ""));
	}
}

/* What stands last in the step; else it comes back to itself, or goes on below. */
static void draw_own_way(struct drawing *d, size_t i)
{
	const struct step *step = &d->campaign->steps[i];
	const struct split *split = NULL;
	for (size_t a = 0, way = 0; a < step->action_count; a++) {
		const struct action *action = &step->actions[a];
		if (action->kind == ACTION_SPLIT)
			split = action->split;
		char share[24] = "";
		if (action->way && split)
			snprintf(share, sizeof share, "%.4g%%", split->shares[way++] * 100);
		if (action->kind == ACTION_GO)
			arrow(d, i, action->target, str_of(share), nothing);
		else if (action->kind == ACTION_LEAVE)
			arrow(d, i, -1, str_of(share), str_of(action->name ? action->name : ""));
		else if (action->kind == ACTION_CHOOSE)
			draw_ways(d, i, action->ways);
	}
	if (step_always_goes(step))
		return;
	if (step->timing == TIMING_EVERY)
		arrow(d, i, (int)i, STR("again"), nothing);
	if (step->timing != TIMING_EVERY || step->times)
		arrow(d, i, (int)i + 1, nothing, nothing);
}

static void draw_ways_of(struct drawing *d, size_t i)
{
	const struct step *step = &d->campaign->steps[i];
	draw_own_way(d, i);
	for (size_t a = 0; a < step->answer_count; a++)
		draw_answer(d, i, &step->answers[a]);
	if (step->otherwise >= 0)
		arrow(d, i, step->otherwise, STR("otherwise"), nothing);
	else if (step->when)
		arrow(d, i, (int)i + 1, STR("no"), nothing);
	for (size_t a = 0; a < step->action_count; a++)
		if (step->actions[a].kind == ACTION_FUNCTION)
			buf_printf(d->out, "  s%zu -> f%zu [style=dashed];\n  f%zu [label=\"a function\\nmay go on\\nelsewhere\", shape=ellipse, style=dashed];\n", i, i, i);
}

static void draw_begin(const struct drawing *d)
{
	struct buf line = {0};
	const struct campaign *campaign = d->campaign;
	buf_puts(d->out, "  in [shape=ellipse, label=\"");
	if (campaign->enter)
		say_condition(d->playbook, campaign->enter, &line);
	else
		buf_puts(&line, "by hand");
	put_quoted(d->out, buf_str(&line));
	buf_puts(d->out, "\"];\n");
	if (campaign->step_count)
		buf_puts(d->out, "  in -> s0;\n");
	buf_fini(&line);
	if (campaign->goal && campaign->at_goal == AT_GOAL_STEP)
		buf_printf(d->out, "  goal [shape=ellipse, label=\"at the goal, from anywhere\"];\n  goal -> s%d;\n", campaign->at_goal_step);
}

void playbook_dot(const struct playbook *playbook, const struct campaign *campaign, struct buf *out)
{
	struct drawing d = {.playbook = playbook, .campaign = campaign, .out = out};
	buf_puts(out, "digraph \"");
	put_quoted(out, str_of(campaign->name));
	buf_puts(out, "\" {\n  label=\"");
	put_quoted(out, str_of(campaign->title ? campaign->title : campaign->name));
	buf_puts(out, "\";\n  labelloc=t;\n  node [shape=box, style=rounded];\n");
	draw_begin(&d);
	for (size_t i = 0; i < campaign->step_count; i++)
		draw_step(&d, i);
	for (size_t i = 0; i < campaign->step_count; i++)
		draw_ways_of(&d, i);
	if (d.out_drawn)
		buf_puts(out, "  out [shape=doublecircle, label=\"\", width=0.2];\n");
	buf_puts(out, "}\n");
}
