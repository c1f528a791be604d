/* Conditions: yes or no, and until when. Asked for segments, rules, enter, leave, goal and when.
 *
 * Every answer carries `until`: the earliest moment at which time alone may change it, given that nothing happens. The turn's
 * wake-up is the smallest of these, so no lead is looked at without need and none is looked at too late. An event counts in a
 * window while at > now - length; it counts at all from its own moment on (a future-dated one wakes the turn by itself, turn.c).
 * A function that fails makes the answer "failed", unless the other parts decide without it. */
#include "turn/inside.h"

static const struct verdict NO = {false, false, MOMENT_NEVER};
static const struct verdict YES = {true, false, MOMENT_NEVER};

/* ---- on ---- */

enum { MATCHED = sizeof ((struct turn *)0)->matched / sizeof(moment_t) };

/* How many events fit, at most `most`; the moments of the newest MATCHED of them, newest first, into turn->matched. */
static size_t collect(struct turn *turn, const struct condition_on *on, moment_t from, size_t most)
{
	const struct history *history = &turn->facts->history;
	struct event_list list = turn_events(turn, on);
	size_t n = 0;
	for (size_t i = list.count; i-- > 0 && n < most;) {
		const struct history_event *event = &history->events[list.items[i]];
		if (event->at > turn->now)
			continue;
		if (event->at <= from || event->at <= turn->since)
			return n;
		if (turn_fits(turn, on, event))
			turn->matched[n++] = event->at;
	}
	for (size_t i = 0; i < history->fold_count && n < most; i++) {
		const struct history_fold *fold = &history->folds[i];
		if (fold->last <= from || fold->last <= turn->since || fold->last > turn->now || !turn_match_fold(turn, on, fold))
			continue;
		size_t count = fold->first > from && fold->first > turn->since ? (size_t)fold->count : 1;
		for (; count > 0 && n < MATCHED && n < most; count--)
			turn->matched[n++] = fold->last;
		n += count < most - n ? count : most - n;
	}
	return n;
}

/* The number of events lies within the bounds. Of n events in a window of w, newest first, event k leaves at matched[k] + w. */
static struct verdict enough(struct turn *turn, const struct condition_on *on)
{
	size_t least = on->at_least > 0 ? (size_t)on->at_least : 0;
	bool bounded = on->at_most >= 0;
	size_t most = bounded ? (size_t)on->at_most : 0;
	size_t need = bounded && most + 1 > least ? most + 1 : least;
	int64_t window = on->within.count ? duration_micros(on->within) : 0;
	moment_t from = window ? turn->now - window : INT64_MIN;
	size_t n = collect(turn, on, from, need);
	struct verdict v = {n >= least && (!bounded || n <= most), false, MOMENT_NEVER};
	if (window && v.holds && least > 0 && least <= MATCHED)
		v.until = turn->matched[least - 1] + window;
	else if (window && bounded && n > most && most < MATCHED)
		v.until = turn->matched[most] + window;
	return v;
}

/* none "verb" { within = … }: no such event, and the whole window lies inside the lead's life (decision 7), or inside what is counted. */
static struct verdict none_such(struct turn *turn, const struct condition_on *on)
{
	struct verdict v = enough(turn, on);
	v.holds = !v.holds;
	if (!on->within.count)
		return v;
	moment_t life = turn->facts->lead.created_at > turn->since ? turn->facts->lead.created_at : turn->since;
	moment_t old_enough = life + duration_micros(on->within);
	if (turn->now >= old_enough)
		return v;
	if (v.holds || v.until < old_enough)
		v.until = old_enough;
	v.holds = false;
	return v;
}

/* ---- groups ---- */

/* One holding part keeps the whole until its own end; if none holds, the first that may begin changes it. */
static struct verdict any_of(struct turn *turn, const struct condition *c)
{
	struct verdict v = NO;
	moment_t longest = 0;
	for (size_t i = 0; i < c->group.count; i++) {
		struct verdict part = turn_holds(turn, c->group.items[i]);
		v.holds |= part.holds;
		v.failed |= part.failed;
		if (part.holds && part.until > longest)
			longest = part.until;
		if (part.until < v.until)
			v.until = part.until;
		if (part.holds && part.until == MOMENT_NEVER)
			break;
	}
	if (v.holds)
		return (struct verdict){true, false, longest};
	return v;
}

static struct verdict all_of(struct turn *turn, const struct condition *c)
{
	struct verdict v = YES;
	bool refused = false;
	moment_t longest = 0;
	for (size_t i = 0; i < c->group.count; i++) {
		struct verdict part = turn_holds(turn, c->group.items[i]);
		if (!part.holds && !part.failed) {
			refused = true;
			if (part.until > longest)
				longest = part.until;
			if (part.until == MOMENT_NEVER)
				break;
		}
		v.failed |= part.failed;
		if (part.until < v.until)
			v.until = part.until;
	}
	if (refused)
		return (struct verdict){false, false, longest};
	v.holds = !v.failed;
	return v;
}

static struct verdict none_of(struct turn *turn, const struct condition *c)
{
	struct verdict v = any_of(turn, c);
	v.holds = !v.holds && !v.failed;
	return v;
}

/* ---- what stands in the facts ---- */

static struct verdict as_it_is(bool holds)
{
	return holds ? YES : NO;
}

/* A moment that is not known does not come (rule 6). */
static struct verdict has_come(struct turn *turn, const struct date_moment *moment)
{
	moment_t at = turn_moment(turn, moment);
	return at <= turn->now ? YES : (struct verdict){false, false, at};
}

static bool fields_hold(const struct condition *c, const struct value *fields)
{
	static const struct value empty = {0};
	for (size_t i = 0; i < c->fields.count; i++)
		if (!turn_test(&c->fields.tests[i].test, fields ? &fields[c->fields.tests[i].slot] : &empty))
			return false;
	return true;
}

static bool scores_hold(const struct turn *turn, const struct condition *c)
{
	for (size_t i = 0; i < c->scores.count; i++) {
		int model = c->scores.tests[i].model;
		struct value value = {.type = turn->scored[model] ? VALUE_NUMBER : VALUE_EMPTY, .number = turn->points[model]};
		if (!turn_test(&c->scores.tests[i].test, &value))
			return false;
	}
	return true;
}

static bool grade_holds(const struct turn *turn, const struct condition *c)
{
	struct str grade = turn->standings[c->grade.table].grade;
	for (size_t i = 0; grade.n && i < c->grade.count; i++)
		if (str_same(grade, c->grade.grades[i]))
			return true;
	return false;
}

/* ---- functions ---- */

static int score_of(void *arg, int model)
{
	const struct turn *turn = arg;
	return turn->points[model];
}

int turn_call(struct turn *turn, int handle, struct place at, struct script_result *out)
{
	static const struct event no_event = {.verb = {"", 0}, .subject = {"", 0}, .data = {"", 0}}; /* empty is "no", never an error (rule 6) */
	struct playbook_view view = {.lead = &turn->facts->lead, .account = turn->facts->account, .event = turn->event ? turn->event : &no_event, .now = turn->now,
				     .score = score_of, .arg = turn};
	struct error error = {0};
	int bad = playbook_call(turn->playbook, handle, &view, out, &error);
	turn->asked_derived |= out->derived;
	if (!bad)
		return 0;
	turn_note_error(turn, at, error.where, error.message);
	return -1;
}

static struct verdict function_holds(struct turn *turn, const struct condition *c)
{
	struct script_result result = {0};
	if (turn_call(turn, c->function, c->at, &result) < 0)
		return (struct verdict){false, true, MOMENT_NEVER};
	if (result.answer == SCRIPT_TRUE || result.answer == SCRIPT_FALSE || result.answer == SCRIPT_NOTHING)
		return as_it_is(result.answer == SCRIPT_TRUE);
	turn_note_error(turn, c->at, NULL, result.answer == SCRIPT_NUMBER ? "the function gave a number, where yes or no is asked for"
									  : "the function gave go, wait or leave, where yes or no is asked for");
	return (struct verdict){false, true, MOMENT_NEVER};
}

struct verdict turn_holds(struct turn *turn, const struct condition *c)
{
	const struct turn_facts *facts = turn->facts;
	switch (c->kind) {
	case CONDITION_ON:
		return c->on.negated ? none_such(turn, &c->on) : enough(turn, &c->on);
	case CONDITION_ANY:
		return any_of(turn, c);
	case CONDITION_ALL:
		return all_of(turn, c);
	case CONDITION_NONE:
		return none_of(turn, c);
	case CONDITION_LEAD:
		return as_it_is(fields_hold(c, facts->lead.fields));
	case CONDITION_ACCOUNT:
		return as_it_is(fields_hold(c, facts->account ? facts->account->fields : NULL));
	case CONDITION_SCORE:
		return as_it_is(scores_hold(turn, c));
	case CONDITION_GRADE:
		return as_it_is(grade_holds(turn, c));
	case CONDITION_BAND:
		return as_it_is(turn->standings[c->band.table].band == c->band.band);
	case CONDITION_SEGMENT:
		return as_it_is(turn->member[c->segment]);
	case CONDITION_STAGE:
		return as_it_is(c->stages >> facts->lead.stage & 1);
	case CONDITION_WITHDREW:
		return as_it_is(turn_withdrew(facts, c->channel, STR("marketing")));
	case CONDITION_ASKED:
		return as_it_is(turn_asked(facts, c->channel, STR("marketing")));
	case CONDITION_ALLOWED:
		return as_it_is(turn_allowed(turn->playbook, facts, c->channel, STR("marketing"), NULL, 0));
	case CONDITION_PEOPLE:
		return turn_people_hold(turn, c);
	case CONDITION_MOMENT:
		return has_come(turn, c->moment);
	case CONDITION_FUNCTION:
		return function_holds(turn, c);
	}
	return NO;
}

/* ---- what became so ---- */

static moment_t fresh_at(struct turn *turn, const struct condition_on *on, moment_t after)
{
	moment_t last = INT64_MIN;
	for (size_t i = 0; i < turn->fresh_seen; i++)
		if (turn->fresh[i].at >= after && turn->fresh[i].at > last && turn_match(turn, on, &turn->fresh[i]))
			last = turn->fresh[i].at;
	return last;
}

moment_t turn_fired_at(struct turn *turn, const struct condition *c, moment_t after)
{
	moment_t last = INT64_MIN;
	if (c->kind == CONDITION_ON)
		return c->on.negated ? INT64_MIN : fresh_at(turn, &c->on, after);
	if (c->kind != CONDITION_ANY && c->kind != CONDITION_ALL)
		return INT64_MIN;
	for (size_t i = 0; i < c->group.count; i++) {
		moment_t part = turn_fired_at(turn, c->group.items[i], after);
		if (part > last && turn_holds(turn, c->group.items[i]).holds)
			last = part;
	}
	return last;
}

bool turn_fires(struct turn *turn, const struct condition *c, moment_t after)
{
	return turn_fired_at(turn, c, after) != INT64_MIN;
}

bool turn_asks_function(const struct condition *c)
{
	if (c->kind == CONDITION_FUNCTION)
		return true;
	if (c->kind != CONDITION_ANY && c->kind != CONDITION_ALL && c->kind != CONDITION_NONE)
		return false;
	for (size_t i = 0; i < c->group.count; i++)
		if (turn_asks_function(c->group.items[i]))
			return true;
	return false;
}
