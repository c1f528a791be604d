/* What the channel calls upwards: permissions and ends of touches, capacity, and the plugin's own events. (Its news: news.c.)
 *
 * Events go through the same intake as those of the web, and are kept and tried again while the database is away. */
#include "base/log.h"
#include "base/mem.h"
#include "delivery/parts.h"

#include <stdlib.h>

static const int64_t again_us = MOMENT_SECOND;

static moment_t call_now(void *arg)
{
	return delivery_now(arg);
}

static void call_permit(void *arg, void *cookie, struct nurture_handle handle)
{
	struct item *item = cookie;
	(void)arg;
	item->handle = handle;
	group_ask(item);
}

static void call_over(void *arg, void *cookie, const struct channel_result *result)
{
	fault_look(arg, result);
	group_forget(cookie);
	delivery_result(cookie, result);
}

static void call_capacity(void *arg, uint32_t touches)
{
	struct delivery *d = arg;
	d->capacity = touches;
	delivery_pump(d);
}

/* Its connections are made when it first asks. */
static void call_query(void *arg, const struct nurture_query *query, nurture_query_fn *fn, void *fn_arg)
{
	struct delivery *d = arg;
	if (!d->asked)
		d->asked = plugin_store_new(d->worker->loop, d->worker->conninfo, d->plugin->name);
	plugin_store_ask(d->asked, query, fn, fn_arg);
}

static void call_late(void *arg)
{
	struct delivery *d = arg;
	metrics_add(d->worker->metrics, METRIC_LATE_COMPLETIONS, 1);
}

/* ---- events ---- */

static void told_free(struct told *told)
{
	told->delivery->told_count--;
	arena_free(told->arena);
	free(told);
}

static void on_taken(void *arg, const struct error *error)
{
	struct told *told = arg;
	struct delivery *d = told->delivery;
	if (error && !d->stopping && (error->code == ERROR_UNAVAILABLE || error->code == ERROR_SYSTEM)) {
		TAILQ_INSERT_TAIL(&d->tolds, told, entry);
		loop_timer_set(d->retry_timer, again_us);
		return;
	}
	if (error)
		log_error("channel.event.refused", log_str("channel", d->name), log_int("lead", told->event.lead_id),
			  log_slice("verb", told->event.verb), log_str("message", error->message));
	told_free(told);
	if (d->state == DELIVERY_DRAINS)
		delivery_pump(d); /* it waits for this */
}

static void take(struct told *told)
{
	struct delivery *d = told->delivery;
	told->intake = (struct intake){.events = &told->event, .event_count = 1, .now = delivery_now(d), .fn = on_taken, .arg = told};
	store_intake(d->writes, &told->intake);
}

static void call_event(void *arg, int64_t lead_id, struct str verb, struct str subject, double value, struct str data, struct str key)
{
	struct told *told = mem_alloc(sizeof *told);
	struct arena *arena = arena_new();
	*told = (struct told){.delivery = arg, .arena = arena};
	told->delivery->told_count++;
	told->event = (struct intake_event){
		.lead_id = lead_id, .verb = arena_str(arena, verb), .subject = arena_str(arena, subject), .data = arena_str(arena, data),
		.key = arena_str(arena, key), .value = value, .has_value = value != 0, .at = delivery_now(arg)};
	take(told);
}

void calls_retry(struct delivery *d)
{
	struct tolds again = TAILQ_HEAD_INITIALIZER(again);
	struct told *told;
	TAILQ_CONCAT(&again, &d->tolds, entry);
	while ((told = TAILQ_FIRST(&again))) {
		TAILQ_REMOVE(&again, told, entry);
		take(told);
	}
}

void calls_fini(struct delivery *d)
{
	struct told *told;
	while ((told = TAILQ_FIRST(&d->tolds))) {
		TAILQ_REMOVE(&d->tolds, told, entry);
		log_error("channel.event.lost", log_str("channel", d->name), log_int("lead", told->event.lead_id),
			  log_slice("verb", told->event.verb));
		told_free(told);
	}
}

const struct channel_calls delivery_calls = {
	.now = call_now, .permit = call_permit, .over = call_over, .news = news_take, .event = call_event, .capacity = call_capacity,
	.forgotten = forget_answered, .returned = returns_take, .hold = standing_hold, .tell = standing_tell, .keep = standing_keep, .replied = door_replied,
	.query = call_query, .late = call_late};
