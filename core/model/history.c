/* The history of one lead in memory: events in order of time, the oldest folded into counts. Turns call it through apply.c;
 * jobs call it to build a history again from table event. It never asks for the time. Always holds: events are sorted by
 * `at`, at most HISTORY_EXACT of them; every folded event is older than (or as old as) every exact one. */
#include "model/history.h"

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
