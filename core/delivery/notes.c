/* What the plugin tells of itself, and its notes: the newest of each is written, at most once a second, or at once where something waits for it. Written only
 * while the channel is ours, which the store asks again: another process's notes are never overwritten by one that lost the channel. Who drains writes once
 * more, and then gives the channel back, so that the next process begins with what this one has used. */
#include "base/log.h"
#include "base/mem.h"
#include "delivery/parts.h"

#include <stdlib.h>

static const int64_t write_us = MOMENT_SECOND;

struct notes_wait {
	TAILQ_ENTRY(notes_wait) entry;
	nurture_kept_fn *fn;
	void *arg;
	bool sent; /* notes that are as new are on their way */
};

static void drop(char **slot)
{
	free(*slot);
	*slot = NULL;
}

/* ---- who waits ---- */

/* Those whose notes were on their way, or all. Not inside a call of the plugin. */
static void answer(struct delivery *d, bool kept, bool all)
{
	struct notes_waits now = TAILQ_HEAD_INITIALIZER(now);
	struct notes_wait *wait, *next;
	for (wait = TAILQ_FIRST(&d->standing.waits); wait; wait = next) {
		next = TAILQ_NEXT(wait, entry);
		if (!wait->sent && !all)
			continue;
		TAILQ_REMOVE(&d->standing.waits, wait, entry);
		TAILQ_INSERT_TAIL(&now, wait, entry);
	}
	while ((wait = TAILQ_FIRST(&now))) {
		TAILQ_REMOVE(&now, wait, entry);
		if (d->channel && !d->stopping)
			wait->fn(wait->arg, kept);
		free(wait);
	}
}

static bool somebody_waits(const struct delivery *d)
{
	const struct notes_wait *wait;
	TAILQ_FOREACH(wait, &d->standing.waits, entry)
		if (!wait->sent)
			return true;
	return false;
}

/* ---- writing ---- */

/* What was not written is written later, unless there is something newer. */
static void restore(char **slot, char **sent)
{
	if (*slot)
		return;
	*slot = *sent;
	*sent = NULL;
}

static void write_both(struct delivery *d);

/* Whoever gives the channel back has its newest notes written first, unless they cannot be. */
static void go_on(struct delivery *d, bool failed)
{
	struct standing *s = &d->standing;
	void (*last)(struct delivery *) = s->last;
	if (last && !failed && (s->told || s->notes)) {
		write_both(d);
		return;
	}
	s->last = NULL;
	if (last)
		last(d);
	standing_pump(d);
}

static void on_put(void *arg, const struct error *error)
{
	struct delivery *d = arg;
	struct standing *s = &d->standing;
	bool lost = error && error->code == ERROR_DENIED;
	s->writing = false;
	if (error && !d->stopping) {
		delivery_trouble(d, "standing", error);
		if (!lost) {
			restore(&s->told, &s->sent_told);
			restore(&s->notes, &s->sent_notes);
		}
		loop_timer_set(s->timer, write_us);
	}
	drop(&s->sent_told);
	drop(&s->sent_notes);
	answer(d, !error, false);
	if (!d->stopping && (!error || s->last))
		go_on(d, error != NULL);
}

static void write_both(struct delivery *d)
{
	struct standing *s = &d->standing;
	struct notes_wait *wait;
	s->next = mono_now() + write_us;
	s->writing = true;
	s->sent_told = s->told;
	s->sent_notes = s->notes;
	s->told = s->notes = NULL;
	TAILQ_FOREACH(wait, &s->waits, entry)
		wait->sent = true;
	store_standing_put(d->writes, d->worker->owner, d->name, d->plugin->channel->kind, d->plugin->name, str_of(s->sent_told ? s->sent_told : ""),
			   str_of(s->sent_notes ? s->sent_notes : ""), on_put, d);
}

static void on_not_ours(void *arg)
{
	struct delivery *d = arg;
	if (!d->stopping && !d->held)
		answer(d, false, true);
}

void notes_put(struct delivery *d)
{
	struct standing *s = &d->standing;
	mono_t now = mono_now();
	if (s->writing || (!s->told && !s->notes))
		return;
	if (!d->held) {
		drop(&s->told);
		drop(&s->notes);
		loop_later(d->worker->loop, on_not_ours, d);
		return;
	}
	if (now < s->next && d->state != DELIVERY_DRAINS && !somebody_waits(d)) {
		if (!loop_timer_is_set(s->timer))
			loop_timer_set(s->timer, s->next - now);
		return;
	}
	write_both(d);
}

void notes_last(struct delivery *d, void (*then)(struct delivery *))
{
	struct standing *s = &d->standing;
	if (!d->held || (!s->writing && !s->told && !s->notes)) {
		then(d);
		return;
	}
	s->last = then;
	notes_put(d);
}

/* ---- what the plugin says ---- */

static void take(struct delivery *d, char **slot, struct str text)
{
	free(*slot);
	*slot = mem_dup_n(text.p, text.n);
	notes_put(d);
}

void notes_tell(void *arg, struct str standing)
{
	struct delivery *d = arg;
	take(d, &d->standing.told, standing);
}

void notes_keep(void *arg, struct str notes)
{
	struct delivery *d = arg;
	take(d, &d->standing.notes, notes);
}

/* They were no notes. */
static void on_refused(void *arg)
{
	struct delivery *d = arg;
	if (!d->stopping)
		answer(d, false, false);
}

void notes_keep_then(void *arg, struct str notes, nurture_kept_fn *fn, void *fn_arg)
{
	struct delivery *d = arg;
	struct notes_wait *wait = mem_alloc(sizeof *wait);
	*wait = (struct notes_wait){.fn = fn, .arg = fn_arg, .sent = !notes.n};
	TAILQ_INSERT_TAIL(&d->standing.waits, wait, entry);
	if (notes.n)
		take(d, &d->standing.notes, notes);
	else
		loop_later(d->worker->loop, on_refused, d);
}

bool notes_are_out(const struct delivery *d)
{
	return d->standing.writing || d->standing.told || d->standing.notes;
}

void notes_fini(struct delivery *d)
{
	answer(d, false, true);
	drop(&d->standing.told);
	drop(&d->standing.notes);
	drop(&d->standing.sent_told);
	drop(&d->standing.sent_notes);
}
