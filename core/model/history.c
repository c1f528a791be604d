/* The history of one lead in memory: events in order of time, the oldest folded into counts. Turns call it through apply.c;
 * store to build a history again from table event (rebuild.c). It never asks for the time. Always holds: events are sorted by
 * `at`, at most HISTORY_EXACT of them; every folded event is older than (or as old as) every exact one. */
#include "model/history.h"

#include <jansson.h>
#include <math.h>

static const double SUM_MOST = 1e300;

static struct history_fold *find_fold(const struct history *history, struct str verb, struct str subject)
{
	for (size_t i = 0; i < history->fold_count; i++)
		if (str_same(history->folds[i].verb, verb) && str_same(history->folds[i].subject, subject))
			return &history->folds[i];
	return NULL;
}

static void merge_fold(struct history_fold *into, const struct history_fold *from)
{
	into->count += from->count;
	into->sum = fmin(fmax(into->sum + from->sum, -SUM_MOST), SUM_MOST); /* stays finite, or it could not be read again */
	if (from->first < into->first)
		into->first = from->first;
	if (from->last > into->last)
		into->last = from->last;
}

static size_t folds_of(const struct history *history, struct str verb)
{
	size_t n = 0;
	for (size_t i = 0; i < history->fold_count; i++)
		n += str_same(history->folds[i].verb, verb);
	return n;
}

/* All folds of one verb become one, of subject "". */
static void gather(struct history *history, struct str verb)
{
	struct history_fold *one = NULL;
	size_t kept = 0;
	for (size_t i = 0; i < history->fold_count; i++) {
		struct history_fold fold = history->folds[i];
		if (!str_same(fold.verb, verb)) {
			history->folds[kept++] = fold;
		} else if (one) {
			merge_fold(one, &fold);
		} else {
			one = &history->folds[kept];
			fold.subject = (struct str){"", 0};
			history->folds[kept++] = fold;
		}
	}
	history->fold_count = kept;
}

/* Makes room among the folds by gathering the verb that has most of them. */
static void make_room(struct history *history)
{
	struct str most = {"", 0};
	size_t best = 1;
	for (size_t i = 0; i < history->fold_count; i++) {
		size_t n = folds_of(history, history->folds[i].verb);
		if (n > best) {
			best = n;
			most = history->folds[i].verb;
		}
	}
	if (best > 1)
		gather(history, most);
}

static bool is_gathered(const struct history *history, struct str verb)
{
	return history->fold_count >= HISTORY_FOLDS / 2 && find_fold(history, verb, STR("")) != NULL;
}

static void fold(struct history *history, const struct history_event *event, struct arena *arena)
{
	if (event->machine)
		return;
	struct history_fold new = {.verb = event->verb, .subject = event->subject, .count = 1, .sum = event->has_value ? event->value : 0,
				   .first = event->at, .last = event->at};
	struct history_fold *old = find_fold(history, event->verb, event->subject);
	if (!old && is_gathered(history, event->verb))
		old = find_fold(history, event->verb, STR(""));
	if (old) {
		merge_fold(old, &new);
		return;
	}
	if (history->fold_count >= HISTORY_FOLDS)
		make_room(history);
	if (history->fold_count >= HISTORY_FOLDS_MOST)
		return;
	struct history_fold *last = arena_push(arena, &history->folds, history->fold_count, &history->fold_room, sizeof *history->folds);
	*last = new;
	history->fold_count++;
}

static bool has_id(const struct history *history, int64_t id)
{
	for (size_t i = history->count; id && i-- > 0;)
		if (history->events[i].id == id)
			return true;
	return false;
}

static struct history_event from_event(const struct event *event)
{
	struct history_event new = {.id = event->id, .at = event->at, .verb = event->verb, .subject = event->subject,
				    .value = event->has_value ? event->value : 0, .has_value = event->has_value, .machine = event->machine};
	if (new.verb.n > HISTORY_TEXT)
		new.verb.n = HISTORY_TEXT;
	if (new.subject.n > HISTORY_TEXT)
		new.subject.n = HISTORY_TEXT;
	if (event->data.n <= HISTORY_DATA)
		new.data = event->data;
	return new;
}

bool history_add(struct history *history, const struct event *event, struct arena *arena)
{
	if (has_id(history, event->id))
		return false;
	struct history_event new = from_event(event);
	if (history->count == HISTORY_EXACT) {
		if (new.at < history->events[0].at) {
			fold(history, &new, arena);
			return true;
		}
		fold(history, &history->events[0], arena);
		memmove(history->events, history->events + 1, --history->count * sizeof new);
	}
	(void)arena_push(arena, &history->events, history->count, &history->room, sizeof new);
	size_t at = history->count++;
	while (at > 0 && history->events[at - 1].at > new.at)
		at--;
	memmove(history->events + at + 1, history->events + at, (history->count - 1 - at) * sizeof new);
	history->events[at] = new;
	return true;
}

bool history_keeps(struct event *event)
{
	if (str_is(event->verb, "lead.update") || str_is(event->verb, "lead.create") || str_is(event->verb, "lead.merged"))
		event->data = (struct str){"", 0};
	return !str_is(event->verb, "touch.over") && !str_is(event->verb, "email.open") && !str_is(event->verb, "lead.merge") &&
	       !str_is(event->verb, "lead.unmerge") && !str_is(event->verb, "lead.unmerged") && !str_is(event->verb, "email.click_withdrawn");
}

const struct history_event *history_find(const struct history *history, int64_t id)
{
	size_t i = history->count;
	while (id && i > 0 && history->events[i - 1].id != id)
		i--;
	return id && i ? &history->events[i - 1] : NULL;
}

bool history_take_back(struct history *history, int64_t id)
{
	const struct history_event *event = history_find(history, id);
	if (!event)
		return false;
	size_t i = (size_t)(event - history->events);
	memmove(history->events + i, history->events + i + 1, (history->count - i - 1) * sizeof *history->events);
	history->count--;
	return true;
}

/* ---- comparing ---- */

static bool same_data(struct str a, struct str b)
{
	if (str_same(a, b))
		return true;
	json_t *x = json_loadb(a.p, a.n, 0, NULL), *y = json_loadb(b.p, b.n, 0, NULL);
	bool same = x && y && json_equal(x, y);
	json_decref(x);
	json_decref(y);
	return same;
}

static bool same_event(const struct history_event *a, const struct history_event *b)
{
	return a->id == b->id && a->at == b->at && str_same(a->verb, b->verb) && str_same(a->subject, b->subject) && a->has_value == b->has_value &&
	       !(a->value < b->value || a->value > b->value) && a->machine == b->machine && same_data(a->data, b->data);
}

/* The event of that id among those of its moment. */
static bool has_event(const struct history *history, const struct history_event *event, size_t near)
{
	for (size_t i = near; i < history->count && history->events[i].at == event->at; i++)
		if (history->events[i].id == event->id)
			return same_event(&history->events[i], event);
	for (size_t i = near; i-- > 0 && history->events[i].at == event->at;)
		if (history->events[i].id == event->id)
			return same_event(&history->events[i], event);
	return false;
}

bool history_same(const struct history *a, const struct history *b)
{
	if (a->count != b->count || a->fold_count != b->fold_count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (!has_event(b, &a->events[i], i))
			return false;
	for (size_t i = 0; i < a->fold_count; i++) {
		const struct history_fold *x = &a->folds[i], *y = find_fold(b, x->verb, x->subject);
		if (!y || x->count != y->count || x->first != y->first || x->last != y->last || fabs(x->sum - y->sum) > 1e-6 * fmax(1, fabs(x->sum)))
			return false;
	}
	return true;
}
