/* Models: rules over facts, points that fade, sums within bounds. Called by settle.c and explain.c.
 *
 * A rule's points are rounded to whole numbers each by itself, so that the lines of a receipt add up to the score (decision 6).
 * All events of a rule fade with the same half-life, so their sum S does too, and the next moment at which the rounded value
 * falls is H · log2(S / (rounded - ½)) from now: exact wake-ups without trying. A rule that fails leaves its model as it was. */
#include "turn/inside.h"

#include <math.h>
#include <stdio.h>

static const double MOST_POINTS = 1e9;

/* What a rule's events are counted from: its first `on`, which `each` and `fades` speak of. */
static const struct condition *counting_on(const struct condition *when)
{
	if (!when)
		return NULL;
	if (when->kind == CONDITION_ON)
		return when->on.negated ? NULL : when;
	for (size_t i = 0; when->kind == CONDITION_ALL && i < when->group.count; i++)
		if (when->group.items[i]->kind == CONDITION_ON && !when->group.items[i]->on.negated)
			return when->group.items[i];
	return NULL;
}

/* The case that the field's choice is; -1 = otherwise. */
static int chosen(const struct turn *turn, const struct rule *rule)
{
	const struct value *v = &turn->facts->lead.fields[rule->choose.slot];
	for (size_t i = 0; v->type == VALUE_TEXT && i < rule->choose.count; i++)
		if (str_same(v->text, rule->choose.cases[i].choice))
			return (int)i;
	return -1;
}

/* Nothing and no are 0 points: `if … then return 5 end`, `return x == 1 and 5`. false: the function failed, or gave no points. */
static bool function_points(struct turn *turn, const struct rule *rule, double *out)
{
	struct script_result result = {0};
	*out = 0;
	if (turn_call(turn, rule->function, rule->at, &result) < 0)
		return false;
	if (result.answer == SCRIPT_NOTHING || result.answer == SCRIPT_FALSE)
		return true;
	*out = result.number;
	if (result.answer == SCRIPT_NUMBER && fabs(*out) <= RULE_POINTS_MOST)
		return true;
	turn_note_error(turn, rule->at, NULL, result.answer == SCRIPT_NUMBER ? "the function gave more than 1,000,000 points, or less than -1,000,000"
			: result.answer == SCRIPT_TRUE ? "the function gave yes, where points are asked for"
						       : "the function gave go, wait or leave, where points are asked for");
	return false;
}

/* Points of one event, before counting. false: the function failed. */
static bool base_points(struct turn *turn, const struct rule *rule, int *choice, double *out)
{
	if (rule->points_kind == POINTS_FUNCTION)
		return function_points(turn, rule, out);
	*choice = rule->points_kind == POINTS_CHOOSE ? chosen(turn, rule) : -1;
	*out = *choice >= 0 ? rule->choose.cases[*choice].points : rule->points_kind == POINTS_CHOOSE ? rule->choose.otherwise : rule->points;
	return true;
}

/* The sum of a rule's events, newest first. */
struct tally {
	struct turn *turn;
	const struct rule *rule;
	double half_life;      /* microseconds; 0 = does not fade */
	double sum;            /* in units of the rule's points */
	size_t count;
	moment_t oldest;       /* of those counted */
	int last_day;
	const struct str **subjects;
	size_t subject_count, subject_room;
};

static double weight(const struct tally *t, moment_t at)
{
	return t->half_life > 0 ? exp2(-(double)(t->turn->now - at) / t->half_life) : 1;
}

static void count_units(struct tally *t, moment_t at, double units)
{
	t->sum += units * weight(t, at);
	t->count++;
	if (at < t->oldest)
		t->oldest = at;
}

static bool new_subject(struct tally *t, const struct str *subject)
{
	for (size_t i = 0; i < t->subject_count; i++)
		if (str_same(*t->subjects[i], *subject))
			return false;
	*(const struct str **)arena_push(t->turn->arena, &t->subjects, t->subject_count, &t->subject_room, sizeof *t->subjects) = subject;
	t->subject_count++;
	return true;
}

static bool new_day(struct tally *t, moment_t at)
{
	struct calendar_local local;
	calendar_local(at, t->turn->zone, &local);
	int day = (local.year * 16 + local.month) * 32 + local.day;
	bool is_new = day != t->last_day;
	t->last_day = day;
	return is_new;
}

static void count_event(struct tally *t, const struct history_event *event)
{
	switch (t->rule->each) {
	case EACH_ONCE:
		if (t->count == 0)
			count_units(t, event->at, 1);
		break;
	case EACH_TIME:
		count_units(t, event->at, 1);
		break;
	case EACH_SUBJECT:
		if (new_subject(t, &event->subject))
			count_units(t, event->at, 1);
		break;
	case EACH_DAY:
		if (new_day(t, event->at))
			count_units(t, event->at, 1);
		break;
	case EACH_VALUE:
	case EACH_PERSON:
		break;
	}
}

/* How often each_value fits into the total; bounded, so that no total, however large, gives a difference that is no number. */
static double full_units(const struct tally *t, double total)
{
	return fmax(-MOST_POINTS, fmin(MOST_POINTS, floor(total / t->rule->each_value)));
}

/* EACH_VALUE: one for each full each_value of the running total, counted when it became full. Oldest first. */
static void count_value(struct tally *t, moment_t at, double value, double *total)
{
	double before = full_units(t, *total);
	*total += value;
	double units = full_units(t, *total) - before;
	if (units != 0)
		count_units(t, at, units);
}

static void count_values(struct tally *t, const struct condition_on *on, moment_t from)
{
	const struct history *history = &t->turn->facts->history;
	struct event_list list = turn_events(t->turn, on);
	double total = 0;
	for (size_t i = 0; i < history->fold_count; i++)
		if (history->folds[i].last > from && turn_match_fold(t->turn, on, &history->folds[i]))
			count_value(t, history->folds[i].last, history->folds[i].sum, &total);
	for (size_t i = 0; i < list.count && history->events[list.items[i]].at <= t->turn->now; i++) {
		const struct history_event *event = &history->events[list.items[i]];
		if (event->at > from && turn_fits(t->turn, on, event))
			count_value(t, event->at, event->value, &total);
	}
}

/* Older events, of which only counts are left: each at the moment of the last. */
static void count_folds(struct tally *t, const struct condition_on *on, moment_t from)
{
	const struct history *history = &t->turn->facts->history;
	for (size_t i = 0; i < history->fold_count; i++) {
		const struct history_fold *fold = &history->folds[i];
		if (fold->last <= from || !turn_match_fold(t->turn, on, fold))
			continue;
		if (t->rule->each == EACH_TIME)
			count_units(t, fold->last, (double)(fold->first > from ? fold->count : 1));
		else if (t->rule->each == EACH_SUBJECT ? new_subject(t, &fold->subject) : t->rule->each == EACH_DAY ? new_day(t, fold->last) : t->count == 0)
			count_units(t, fold->last, 1);
	}
}

static void count_events(struct tally *t, const struct condition_on *on)
{
	const struct history_event *events = t->turn->facts->history.events;
	moment_t from = on->within.count ? t->turn->now - duration_micros(on->within) : INT64_MIN;
	if (t->rule->each == EACH_VALUE) {
		count_values(t, on, from);
		return;
	}
	struct event_list list = turn_events(t->turn, on);
	for (size_t i = list.count; i-- > 0 && events[list.items[i]].at > from;) {
		const struct history_event *event = &events[list.items[i]];
		if (event->at <= t->turn->now && turn_fits(t->turn, on, event))
			count_event(t, event);
		if (t->rule->each == EACH_ONCE && t->count)
			return;
	}
	count_folds(t, on, from);
}

static double bound(const struct rule *rule, double sum)
{
	double max = fabs(rule->max);
	return !rule->has_max ? sum : sum > max ? max : sum < -max ? -max : sum;
}

/* When the rounded value of a fading sum is next one less. */
static moment_t next_fall(const struct turn *turn, double sum, int rounded, double half_life)
{
	double size = fabs(sum), edge = abs(rounded) - 0.5;
	if (rounded == 0 || half_life <= 0 || size <= edge)
		return rounded == 0 ? MOMENT_NEVER : turn->now + 1000;
	double wait = fmax(half_life * log2(size / edge), 1000); /* never a turn a microsecond, whatever doubles say */
	return wait < 1e18 ? turn->now + (moment_t)ceil(wait) + 1 : MOMENT_NEVER;
}

static int rounded_points(double points)
{
	if (points > MOST_POINTS)
		points = MOST_POINTS;
	if (points < -MOST_POINTS)
		points = -MOST_POINTS;
	return (int)llround(points);
}

static void tally_up(struct turn *turn, const struct rule *rule, double each, struct rule_score *score)
{
	struct tally t = {.turn = turn, .rule = rule, .half_life = rule->fades.count ? (double)duration_micros(rule->fades) : 0, .oldest = MOMENT_NEVER,
			  .last_day = -1};
	const struct condition_on *on = &score->on->on;
	count_events(&t, on);
	double sum = t.sum * each;
	score->points = rounded_points(bound(rule, sum));
	score->count = t.count;
	score->units = rule->has_max && fabs(sum) > fabs(rule->max) ? t.sum * fabs(rule->max / sum) : t.sum;
	if (on->within.count && t.count && t.oldest + duration_micros(on->within) < score->until)
		score->until = t.oldest + duration_micros(on->within);
	moment_t fall = t.half_life > 0 ? next_fall(turn, sum, score->points, t.half_life) : MOMENT_NEVER;
	if (fall < score->until)
		score->until = fall;
}

struct rule_score turn_rule(struct turn *turn, const struct rule *rule)
{
	struct rule_score score = {.until = MOMENT_NEVER, .chosen = -2};
	double each = 0;
	if (turn_is_off(turn, rule->off, &rule->at)) {
		score.failed = true;
		return score;
	}
	if (rule->when) {
		struct verdict v = turn_holds(turn, rule->when);
		score.until = v.until;
		score.failed = v.failed;
		if (!v.holds)
			return score;
	}
	score.chosen = -1;
	if (!base_points(turn, rule, &score.chosen, &each)) {
		score.failed = true;
		return score;
	}
	score.units = 1;
	score.on = counting_on(rule->when);
	if (score.on && (rule->each != EACH_ONCE || rule->fades.count))
		tally_up(turn, rule, each, &score);
	else
		score.points = rounded_points(bound(rule, each));
	return score;
}

/* false: a rule failed, and the model stays as it was. */
static bool score_model(struct turn *turn, const struct model *model, int *points)
{
	int64_t sum = 0;
	bool whole = true;
	for (size_t i = 0; i < model->rule_count; i++) {
		const struct rule *rule = &model->rules[i];
		turn_doing_rule(turn, model, rule);
		struct rule_score score = turn_rule(turn, rule);
		turn_note_wake(turn, score.until);
		sum += score.points;
		whole &= !score.failed;
	}
	*points = sum < model->from ? model->from : sum > model->to ? model->to : (int)sum;
	return whole;
}

bool turn_score(struct turn *turn)
{
	bool changed = false;
	for (size_t i = 0; i < turn->playbook->model_count; i++) {
		int points = 0;
		if (turn->playbook->models[i].of_account) /* its own turn decides it */
			continue;
		if (!score_model(turn, &turn->playbook->models[i], &points))
			continue;
		changed |= !turn->scored[i] || turn->points[i] != points;
		turn->scored[i] = true;
		turn->points[i] = points;
	}
	return changed;
}
