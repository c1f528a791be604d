/* Permissions and outcomes in groups, many in one transaction: a small group costs the database almost as much as a large one.
 *
 * For a permission a connection waits. What is asked while a group is on its way, and as long again, goes with the next one: under load one commit
 * serves many connections of the plugin, and without load nothing waits. When nearly as many wait as the group before had, it goes at once: connections that
 * were answered together ask together, and then all of them wait.
 *
 * For an outcome nothing waits, so it may wait itself: until OUTCOMES_MANY are there, or OUTCOMES_WAIT is over, or nothing else is to do. If this
 * process is killed the next one finds what waits here in its notes (answers.c); where it does not, that is in doubt, so both are small.
 *
 * An outcome is kept until it is recorded: when the database is away the group is tried again every second.
 * When a group fails on data, its outcomes go one by one, so that one bad text does not keep the others. */
#include "base/log.h"
#include "base/mem.h"
#include "delivery/parts.h"

static const int64_t again_us = MOMENT_SECOND, rest_most_us = 5 * 1000, outcomes_wait_us = 50 * 1000, seen_holds_us = 10 * MOMENT_SECOND;
enum { OUTCOMES_MANY = 250 };

/* ---- the pace ---- */

static void pace_want(struct pace *pace)
{
	mono_t now = mono_now();
	if (!loop_timer_is_set(pace->timer))
		loop_timer_set(pace->timer, pace->next > now ? pace->next - now : 0);
}

/* ---- permissions ---- */

static void want_asking(struct delivery *d)
{
	struct asking *a = &d->asking;
	if (a->waiting_count * 4 >= a->before * 3)
		loop_timer_set(a->pace.timer, 0);
	else
		pace_want(&a->pace);
}

static void answer(struct delivery *d, const enum permission *words, const struct error *error)
{
	static const enum permit_state states[] = {[PERMISSION_NO] = PERMIT_DENIED, [PERMISSION_YES] = PERMIT_GIVEN, [PERMISSION_AGAIN] = PERMIT_ANEW};
	struct asking *a = &d->asking;
	for (size_t i = 0; i < a->count; i++) {
		struct item *item = channel_cookie(d->channel, a->handles[i]);
		if (!item)
			continue; /* over meanwhile */
		item->permit = error ? PERMIT_FAILED : states[words[i]];
		channel_permitted(d->channel, a->handles[i], item->permit == PERMIT_GIVEN);
	}
}

static void rest(struct delivery *d)
{
	struct pace *pace = &d->asking.pace;
	mono_t now = mono_now(), took = now - pace->begun;
	pace->next = now + (took < rest_most_us ? took : rest_most_us);
	if (d->asking.waiting_count)
		want_asking(d);
}

static void on_permit(void *arg, const enum permission *words, size_t count, const struct error *error)
{
	struct delivery *d = arg;
	(void)count;
	if (d->stopping)
		return;
	if (error)
		delivery_trouble(d, "permit", error);
	answer(d, words, error);
	d->asking.before = d->asking.count;
	d->asking.count = 0;
	rest(d);
}

/* What the gate has seen holds for ten seconds: then each lead is looked at again, with the names that it has by then. */
static const char *seen_by(const struct haul *haul)
{
	return mono_now() - haul->begun < seen_holds_us ? haul->claims->seen : NULL;
}

static void flush_asking(struct delivery *d)
{
	struct asking *a = &d->asking;
	struct item *item;
	const struct haul *oldest = NULL;
	while (a->count < CHANNEL_CAPACITY_MAX && (item = TAILQ_FIRST(&a->waiting))) {
		group_forget(item);
		if (!oldest || item->haul->begun < oldest->begun)
			oldest = item->haul;
		a->handles[a->count] = item->handle;
		a->touches[a->count++] = item->claim->touch.id;
	}
	a->pace.begun = mono_now();
	if (a->count)
		store_permit(d->asks, d->worker->owner, d->name, d->worker->owner, seen_by(oldest), a->touches, a->count, delivery_now(d), on_permit, d);
}

static void on_asking_timer(void *arg)
{
	struct delivery *d = arg;
	if (!d->stopping && !d->asking.count)
		flush_asking(d);
}

void group_ask(struct item *item)
{
	struct delivery *d = item->delivery;
	TAILQ_INSERT_TAIL(&d->asking.waiting, item, entry);
	item->asking = true;
	d->asking.waiting_count++;
	if (!d->asking.count)
		want_asking(d);
}

void group_forget(struct item *item)
{
	struct asking *a = &item->delivery->asking;
	if (!item->asking)
		return;
	TAILQ_REMOVE(&a->waiting, item, entry);
	a->waiting_count--;
	item->asking = false;
}

/* ---- outcomes ---- */

static void flush_recording(struct delivery *d);

static void put_back(struct recording *r)
{
	for (size_t i = r->count; i > 0; i--)
		TAILQ_INSERT_HEAD(&r->waiting, r->items[i - 1], entry);
	r->waiting_count += r->count;
	r->count = 0;
}

/* The next group goes: at once when it is large or one was long ago, else when the time is over. */
static void want_recording(struct delivery *d)
{
	struct recording *r = &d->recording;
	if (r->waiting_count >= OUTCOMES_MANY)
		loop_timer_set(r->pace.timer, 0);
	else if (r->waiting_count)
		pace_want(&r->pace);
}

static void recorded(struct delivery *d, const bool *moved)
{
	struct recording *r = &d->recording;
	for (size_t i = 0; i < r->count; i++) {
		if (!moved[i])
			log_warn("touch.moved_by_others", log_str("channel", d->name), log_int("touch", r->items[i]->claim->touch.id),
				 log_str("outcome", touch_state_name(r->items[i]->outcome.state)));
		else
			hard_look(r->items[i]);
		item_free(r->items[i]);
	}
	r->count = 0;
	news_pump(d);
}

/* A group that cannot be written because of what it says. */
static void cut(struct delivery *d, const struct error *error)
{
	struct recording *r = &d->recording;
	if (r->count > 1) {
		r->one_by_one = r->count;
		put_back(r);
		return;
	}
	log_error("touch.outcome.refused", log_str("channel", d->name), log_int("touch", r->items[0]->claim->touch.id),
		  log_str("outcome", touch_state_name(r->items[0]->outcome.state)), log_str("message", error->message));
	item_free(r->items[0]);
	r->count = 0;
}

static void on_recorded(void *arg, const bool *moved, size_t count, const struct error *error)
{
	struct delivery *d = arg;
	struct recording *r = &d->recording;
	(void)count;
	if (d->stopping) {
		put_back(r); /* freed with the rest */
		return;
	}
	if (!error) {
		recorded(d, moved);
	} else if (error->code == ERROR_INVALID || error->code == ERROR_CONFLICT || error->code == ERROR_LIMIT) {
		cut(d, error);
	} else {
		delivery_trouble(d, "outcomes", error);
		put_back(r);
		loop_timer_set(d->retry_timer, again_us);
		return;
	}
	r->pace.next = mono_now() + (d->worker->time_scale == 1.0 ? outcomes_wait_us : rest_most_us); /* scaled time waits for outcomes */
	if (r->one_by_one)
		flush_recording(d);
	else
		want_recording(d);
	delivery_pump(d);
}

static void flush_recording(struct delivery *d)
{
	struct recording *r = &d->recording;
	size_t most = r->one_by_one ? 1 : CHANNEL_CAPACITY_MAX;
	struct item *item;
	while (r->count < most && (item = TAILQ_FIRST(&r->waiting))) {
		TAILQ_REMOVE(&r->waiting, item, entry);
		r->waiting_count--;
		r->outcomes[r->count] = item->outcome;
		r->items[r->count++] = item;
	}
	if (r->one_by_one)
		r->one_by_one--;
	if (r->count)
		store_outcomes(d->writes, d->worker->owner, r->outcomes, r->count, delivery_now(d), on_recorded, d);
}

static void on_recording_timer(void *arg)
{
	struct delivery *d = arg;
	if (!d->stopping && !d->recording.count && !loop_timer_is_set(d->retry_timer))
		flush_recording(d);
}

void group_record(struct item *item)
{
	struct delivery *d = item->delivery;
	group_forget(item);
	TAILQ_INSERT_TAIL(&d->recording.waiting, item, entry);
	d->recording.waiting_count++;
	if (!d->recording.count)
		want_recording(d);
}

/* ---- both ---- */

void groups_init(struct delivery *d)
{
	TAILQ_INIT(&d->asking.waiting);
	TAILQ_INIT(&d->recording.waiting);
	d->asking.pace.timer = loop_timer_new(d->worker->loop, on_asking_timer, d);
	d->recording.pace.timer = loop_timer_new(d->worker->loop, on_recording_timer, d);
}

void groups_fini(struct delivery *d)
{
	loop_timer_free(d->asking.pace.timer);
	loop_timer_free(d->recording.pace.timer);
}

void groups_retry(struct delivery *d)
{
	if (!d->stopping && !d->recording.count)
		flush_recording(d);
}
