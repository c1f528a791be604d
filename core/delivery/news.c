/* News of the plugin: what became later of touches that are over for the channel (queued, in doubt, sent). Many in one transaction; kept until
 * they are recorded; in their order for each touch, behind its outcome.
 *
 * What dies with the process is told again by the plugin, which hears when its news is recorded (plugin.h, news_then). */
#include "base/log.h"
#include "base/mem.h"
#include "delivery/parts.h"

#include <stdio.h>
#include <stdlib.h>

static const int64_t again_us = MOMENT_SECOND;
static const int64_t gather_us = 50 * 1000; /* nobody waits for it, and a transaction costs as much for one as for many */

struct report {
	TAILQ_ENTRY(report) entry;
	struct news news;
	nurture_news_fn *fn; /* NULL = nobody waits */
	void *fn_arg;
	char reason[CHANNEL_REASON_MAX + 1], remote_id[CHANNEL_REASON_MAX + 1], answer[CHANNEL_REASON_MAX + 1], rejected_as[32];
	char *said; /* NULL = nothing */
};

static void free_report(struct report *report)
{
	free(report->said);
	free(report);
}

static void flush(struct delivery *d);
static void gather(struct delivery *d);

/* ---- what it means ---- */

static enum touch_state state_of(enum nurture_outcome outcome)
{
	static const enum touch_state states[] = {
		[NURTURE_SENT] = TOUCH_SENT, [NURTURE_QUEUED] = TOUCH_QUEUED, [NURTURE_DEFERRED] = TOUCH_DEFERRED, [NURTURE_REJECTED] = TOUCH_REJECTED,
		[NURTURE_CHANNEL_DOWN] = TOUCH_DEFERRED, [NURTURE_UNKNOWN] = TOUCH_IN_DOUBT, [NURTURE_CANCELLED] = TOUCH_DEFERRED,
	};
	return states[outcome];
}

static void read_news(const struct delivery *d, const struct channel_result *result, struct news *out)
{
	out->state = state_of(result->outcome);
	out->attempt = (int)result->attempt;
	if (out->state == TOUCH_IN_DOUBT && strcmp(d->worker->channel->in_doubt, "resend") == 0) {
		out->state = TOUCH_DEFERRED;
		out->doubt = true;
	}
	if (out->state == TOUCH_DEFERRED)
		out->due_at = delivery_retry_at(delivery_now(d), out->attempt ? out->attempt : 1, result->until);
	if (out->state == TOUCH_DEFERRED && !out->due_at) /* the store says that it was the last */
		out->due_at = delivery_now(d);
}

static void count(const struct delivery *d, enum touch_state state)
{
	if (state == TOUCH_REJECTED)
		metrics_add(d->worker->metrics, METRIC_TOUCHES_REJECTED, 1);
	else if (state == TOUCH_IN_DOUBT)
		metrics_add(d->worker->metrics, METRIC_TOUCHES_IN_DOUBT, 1);
	else if (state == TOUCH_DEFERRED)
		metrics_add(d->worker->metrics, METRIC_TOUCHES_DEFERRED, 1);
}

/* ---- groups ---- */

static void over(struct delivery *d, struct report *report, bool recorded)
{
	if (recorded)
		count(d, report->news.state);
	else
		log_error("channel.news.refused", log_str("channel", d->name), log_int("touch", report->news.touch_id),
			  log_str("outcome", touch_state_name(report->news.state)),
			  log_str("message", "there is no such touch of this channel, or its state cannot become this"));
	if (report->fn)
		report->fn(report->fn_arg, report->news.touch_id, recorded);
	free_report(report);
}

static void all_over(struct delivery *d, const bool *recorded)
{
	struct telling *t = &d->telling;
	struct report *reports[NEWS_GROUP];
	size_t count = t->count;
	memcpy(reports, t->reports, sizeof reports);
	t->count = 0; /* the plugin may tell more from inside */
	for (size_t i = 0; i < count; i++)
		over(d, reports[i], recorded && recorded[i]);
}

static void put_back(struct telling *t)
{
	for (size_t i = t->count; i > 0; i--)
		TAILQ_INSERT_HEAD(&t->waiting, t->reports[i - 1], entry);
	t->count = 0;
}

static void on_recorded(void *arg, const bool *recorded, size_t count, const struct error *error)
{
	struct delivery *d = arg;
	struct telling *t = &d->telling;
	(void)count;
	if (d->stopping) {
		put_back(t);
		return;
	}
	bool full = t->count == NEWS_GROUP, data = error && (error->code == ERROR_INVALID || error->code == ERROR_CONFLICT || error->code == ERROR_LIMIT);
	if (error && (!data || t->count > 1)) {
		delivery_trouble(d, "news", error);
		t->one_by_one = data ? t->count : t->one_by_one;
		put_back(t);
		if (!data) {
			t->paused = true;
			loop_timer_set(d->retry_timer, again_us);
			return;
		}
	} else {
		if (error)
			log_error("channel.news.failed", log_str("channel", d->name), log_str("message", error->message));
		all_over(d, recorded);
	}
	if (full || t->one_by_one)
		flush(d);
	else
		gather(d);
	delivery_pump(d);
}

/* Its outcome is not recorded yet, or other news of it goes first. */
static bool must_wait(const struct delivery *d, int64_t touch_id)
{
	const struct item *item;
	for (size_t i = 0; i < d->telling.count; i++)
		if (d->telling.news[i].touch_id == touch_id)
			return true;
	TAILQ_FOREACH(item, &d->in_hand, among)
		if (item->claim->touch.id == touch_id)
			return true;
	return false;
}

static void flush(struct delivery *d)
{
	struct telling *t = &d->telling;
	struct report *report, *next;
	size_t most = t->one_by_one ? 1 : NEWS_GROUP;
	if (t->count || t->paused)
		return;
	for (report = TAILQ_FIRST(&t->waiting); report && t->count < most; report = next) {
		next = TAILQ_NEXT(report, entry);
		if (must_wait(d, report->news.touch_id))
			continue;
		TAILQ_REMOVE(&t->waiting, report, entry);
		t->news[t->count] = report->news;
		t->reports[t->count++] = report;
	}
	if (!t->count)
		return;
	t->one_by_one -= t->one_by_one > 0;
	store_news(d->writes, d->name, t->news, t->count, delivery_attempts_most, delivery_now(d), on_recorded, d);
}

static void gather(struct delivery *d)
{
	if (!TAILQ_EMPTY(&d->telling.waiting) && !loop_timer_is_set(d->news_timer))
		loop_timer_set(d->news_timer, gather_us);
}

static void on_later(void *arg)
{
	struct delivery *d = arg;
	d->telling.scheduled = false;
	if (!d->stopping)
		flush(d);
}

void news_pump(struct delivery *d)
{
	if (TAILQ_EMPTY(&d->telling.waiting) || d->telling.scheduled)
		return;
	d->telling.scheduled = true;
	loop_later(d->worker->loop, on_later, d);
}

void news_retry(struct delivery *d)
{
	d->telling.paused = false;
	news_pump(d);
}

/* ---- coming in ---- */

void news_take(void *arg, int64_t touch_id, const struct channel_result *result, nurture_news_fn *fn, void *fn_arg)
{
	struct delivery *d = arg;
	struct report *report = mem_alloc(sizeof *report);
	*report = (struct report){.fn = fn, .fn_arg = fn_arg, .news = {.touch_id = touch_id}};
	read_news(d, result, &report->news);
	snprintf(report->reason, sizeof report->reason, "%.*s", STR_ARG(result->reason));
	snprintf(report->remote_id, sizeof report->remote_id, "%.*s", STR_ARG(result->remote_id));
	report->news.reason = str_of(report->reason);
	report->news.remote_id = str_of(report->remote_id);
	snprintf(report->answer, sizeof report->answer, "%.*s", STR_ARG(result->answer));
	report->news.answer = str_of(report->answer);
	snprintf(report->rejected_as, sizeof report->rejected_as, "%.*s", STR_ARG(result->kind));
	report->news.rejected_as = str_of(report->rejected_as);
	report->said = result->said.n ? mem_dup_n(result->said.p, result->said.n) : NULL;
	report->news.said = report->said ? (struct str){report->said, result->said.n} : (struct str){"", 0};
	TAILQ_INSERT_TAIL(&d->telling.waiting, report, entry);
	gather(d);
}

void news_init(struct delivery *d)
{
	TAILQ_INIT(&d->telling.waiting);
}

bool news_is_out(const struct delivery *d)
{
	return d->telling.count || !TAILQ_EMPTY(&d->telling.waiting);
}

void news_fini(struct delivery *d)
{
	struct report *report;
	put_back(&d->telling);
	while ((report = TAILQ_FIRST(&d->telling.waiting))) {
		TAILQ_REMOVE(&d->telling.waiting, report, entry);
		log_warn("channel.news.not_recorded", log_str("channel", d->name), log_int("touch", report->news.touch_id),
			 log_str("outcome", touch_state_name(report->news.state)));
		free_report(report);
	}
}
