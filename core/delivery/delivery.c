/* The worker of one channel: its lease, polling, the playbook, up and down, draining. The touches themselves are in
 * claim.c, prepare.c, outcome.c and groups.c.
 *
 * The lease may be lost and taken again (the database was away for longer than it lasts). What is in hand goes on; permissions are refused
 * by the store until the lease is back, and outcomes are kept until they are recorded. If another process took the channel while we were not
 * heard of, it has put our touches back or in doubt, and our outcomes find nothing to change.
 *
 * Who drains gives the channel back at once, and waits out the slow answers: it says that it lives, so the next one leaves them to it. */
#include "delivery/delivery.h"

#include "base/log.h"
#include "base/mem.h"
#include "channel/plugin.h"
#include "channel/try.h"
#include "delivery/parts.h"
#include "playbook/site.h"
#include "store/lease.h"
#include "store/revision.h"

#include <stdio.h>
#include <stdlib.h>

static const int64_t poll_us = 100000, poll_scaled_us = 10000;

moment_t delivery_now(const struct delivery *d)
{
	return clock_domain(&d->clock, real_now());
}

void delivery_trouble(struct delivery *d, const char *what, const struct error *error)
{
	if (error->code == ERROR_UNAVAILABLE)
		metrics_add(d->worker->metrics, METRIC_DATABASE_LOST, 1);
	log_warn("delivery.trouble", log_str("channel", d->name), log_str("what", what), log_str("code", error_code_name(error->code)),
		 log_str("where", error->where), log_str("message", error->message));
}

static void on_told(void *arg, const struct error *error)
{
	struct delivery *d = arg;
	if (error)
		d->state_told[0] = 0; /* told again at the next change */
}

void delivery_tell(struct delivery *d, const char *state, const char *reason)
{
	if (strcmp(d->state_told, state) == 0)
		return;
	snprintf(d->state_told, sizeof d->state_told, "%s", state);
	log_write(strcmp(state, "up") ? LOG_LEVEL_WARN : LOG_LEVEL_INFO, "channel.state",
		  (const struct log_field[]){log_str("channel", d->name), log_str("state", state), log_str("reason", reason ? reason : ""), {0}});
	store_channel_state(d->writes, d->name, d->plugin->channel->kind, d->plugin->name, state, reason, on_told, d);
}

/* ---- lease ---- */

static void on_lease(void *arg, uint64_t shards, int owners, const struct error *error)
{
	struct delivery *d = arg;
	(void)owners;
	d->leasing = false;
	if (d->stopping)
		return;
	/* without it: look every second, for a channel should not stand still longer than it must */
	loop_timer_set(d->lease_timer, !error && (shards & 1) ? LEASE_RENEW_SECONDS * MOMENT_SECOND : MOMENT_SECOND);
	if (error) {
		delivery_trouble(d, "lease", error);
		return;
	}
	bool held = shards & 1;
	if (held == d->held || d->state == DELIVERY_DRAINS)
		return;
	d->held = held;
	log_info(held ? "channel.lease.taken" : "channel.lease.lost", log_str("channel", d->name));
	d->state = held ? DELIVERY_PREPARES : DELIVERY_WAITS;
	if (held)
		delivery_open(d);
}

/* The channel is given back, and something is in hand still: as long as we say that we live, nobody puts it in doubt. */
static void on_present(void *arg, const struct error *error)
{
	struct delivery *d = arg;
	d->leasing = false;
	if (error)
		delivery_trouble(d, "presence", error);
	if (!d->stopping && !d->released)
		loop_timer_set(d->lease_timer, LEASE_RENEW_SECONDS * MOMENT_SECOND);
}

static void on_lease_timer(void *arg)
{
	struct delivery *d = arg;
	if (d->leasing || d->released)
		return;
	d->leasing = true;
	if (d->state == DELIVERY_DRAINS) {
		store_lease_present(d->writes, d->role, d->worker->owner, on_present, d);
		return;
	}
	store_lease_tick(d->writes, d->role, d->worker->owner, 1, on_lease, d);
}

/* ---- the playbook ---- */

static void on_revision(void *arg, const struct store_revision *revision, const struct error *error)
{
	struct delivery *d = arg;
	d->loading_edition = false;
	if (error)
		delivery_trouble(d, "revision", error);
	else if (revision->activation && playbook_current_offer(d->current, revision->activation, &revision->files))
		turns_unpark(d);
	delivery_pump(d);
}

void delivery_load_edition(struct delivery *d)
{
	if (d->loading_edition || d->stopping)
		return;
	d->loading_edition = true;
	store_revision_active(d->reads, on_revision, d);
}

/* ---- polling ---- */

static void set_poll_timer(struct delivery *d)
{
	loop_timer_set(d->poll_timer, d->worker->time_scale == 1.0 ? poll_us : poll_scaled_us);
}

static void give_way(struct delivery *d);

static void on_poll(void *arg, const struct poll *poll, const struct error *error)
{
	struct delivery *d = arg;
	d->polling = false;
	if (d->stopping)
		return;
	set_poll_timer(d);
	if (error) {
		delivery_trouble(d, "poll", error);
		if (error->code == ERROR_CONFLICT)
			give_way(d);
		return;
	}
	d->clock = poll->clock;
	d->clock_known = true;
	delivery_look(d);
	hauls_flush(d);
	forget_look(d);
	standing_polled(d, poll);
	pauses_polled(d, poll);
	if (poll->activation && poll->activation != playbook_current_activation(d->current))
		delivery_load_edition(d);
	d->more |= poll->due <= delivery_now(d);
	if (poll->free && !d->held)
		on_lease_timer(d);
	delivery_pump(d);
}

static void on_poll_timer(void *arg)
{
	struct delivery *d = arg;
	if (d->polling || d->state == DELIVERY_DRAINS)
		return;
	d->polling = true;
	d->polls++;
	store_poll_touches(d->reads, d->name, on_poll, d);
}

/* ---- draining ---- */

static void on_released(void *arg, const struct error *error)
{
	struct delivery *d = arg;
	if (error) /* it runs out by itself */
		log_warn("lease.release", log_str("channel", d->name), log_str("message", error->message));
	d->gave_way = !d->drained;
	if (!d->stopping && d->drained)
		d->drained(d->drained_arg);
}

static void finish_drain(struct delivery *d)
{
	if (d->claiming || d->items || d->released || d->told_count || d->return_count || hard_is_out(d) || news_is_out(d) || standing_is_out(d))
		return;
	door_shut(d);
	if (door_is_busy(d)) /* web waits ten seconds at most */
		return;
	d->released = true;
	door_end(d);
	channel_close(d->channel);
	d->channel = NULL;
	store_lease_release(d->writes, d->role, d->worker->owner, ~UINT64_C(0), on_released, d);
}

static void on_finish_drain(void *arg)
{
	finish_drain(arg);
}

void delivery_pump(struct delivery *d)
{
	if (d->stopping)
		return;
	if (d->state == DELIVERY_DRAINS) {
		loop_later(d->worker->loop, on_finish_drain, d); /* not inside a callback of the plugin */
		return;
	}
	delivery_unclaim(d); /* also without the lease: whoever has it leaves to us what stands under our token */
	if (d->state != DELIVERY_RUNS || d->claiming || !d->clock_known || turns_pump(d))
		return;
	if (d->more)
		delivery_claim(d);
}

/* ---- the role ---- */

static void on_open_timer(void *arg)
{
	delivery_open(arg);
}

static void on_retry_timer(void *arg)
{
	groups_retry(arg);
	calls_retry(arg);
	news_retry(arg);
	turns_retry(arg);
}

static void on_news_timer(void *arg)
{
	news_pump(arg);
}

static void make_timers(struct delivery *d)
{
	d->lease_timer = loop_timer_new(d->worker->loop, on_lease_timer, d);
	d->poll_timer = loop_timer_new(d->worker->loop, on_poll_timer, d);
	d->open_timer = loop_timer_new(d->worker->loop, on_open_timer, d);
	d->retry_timer = loop_timer_new(d->worker->loop, on_retry_timer, d);
	d->news_timer = loop_timer_new(d->worker->loop, on_news_timer, d);
	d->prepare_timer = loop_timer_new(d->worker->loop, delivery_prepare_some, d);
	loop_timer_set(d->lease_timer, 0);
	loop_timer_set(d->poll_timer, 0);
}

static int try_to_open(struct worker *worker, const struct nurture_plugin *plugin, struct error *error)
{
	struct channel_options options = {.name = worker->channel->name, .settings = worker->channel->settings, .data_dir = worker->config->data_dir};
	return channel_try(plugin, &options, error);
}

static void *delivery_start(struct worker *worker, struct error *error)
{
	fault_limit_memory(worker->channel->memory);
	char *path = channel_plugin_path(worker->config->plugin_dir, worker->channel->plugin, error);
	const struct nurture_plugin *plugin = path ? channel_plugin_load(path, error) : NULL;
	free(path);
	if (!plugin || (worker->trial && try_to_open(worker, plugin, error)))
		return NULL;
	struct delivery *d = mem_alloc(sizeof *d);
	*d = (struct delivery){.worker = worker, .name = worker->channel->name, .plugin = plugin, .capacity = 1, .arena = arena_new(), .scratch = arena_new()};
	d->role = arena_printf(d->arena, "channel:%s", d->name);
	d->current = playbook_current_new(playbook_site_of(worker->config, d->arena), d->role);
	d->reads = store_new(worker->loop, worker->conninfo, "delivery.reads");
	d->asks = store_new(worker->loop, worker->conninfo, "delivery.asks");
	d->writes = store_new(worker->loop, worker->conninfo, "delivery.writes");
	groups_init(d);
	standing_init(d);
	hard_init(d);
	TAILQ_INIT(&d->in_hand);
	TAILQ_INIT(&d->unprepared);
	news_init(d);
	TAILQ_INIT(&d->tolds);
	answers_open(d);
	make_timers(d);
	return d;
}

static void on_given_back(void *arg, const struct error *error)
{
	const struct delivery *d = arg;
	if (error) /* it runs out by itself */
		log_warn("lease.release", log_str("channel", d->name), log_str("message", error->message));
}

static void give_back(struct delivery *d)
{
	d->held = false;
	store_lease_release(d->writes, d->role, d->worker->owner, 1, on_given_back, d); /* and so does the channel itself; we stay present */
	standing_pump(d);
	delivery_pump(d);
}

/* Also of its own, where the database is newer than this program: the channel goes to who knows it. */
static void give_way(struct delivery *d)
{
	if (d->state == DELIVERY_DRAINS)
		return;
	d->state = DELIVERY_DRAINS;
	loop_timer_stop(d->poll_timer);
	loop_timer_stop(d->open_timer);
	if (d->channel) {
		channel_drain(d->channel);
		channel_cancel_all(d->channel); /* what has no permission goes back at once, for the next generation */
	}
	notes_last(d, give_back);
}

static void delivery_drain(void *self, worker_drained_fn *fn, void *arg)
{
	struct delivery *d = self;
	d->drained = fn;
	d->drained_arg = arg;
	if (d->gave_way)
		loop_later(d->worker->loop, fn, arg);
	give_way(d);
}

static void free_items(struct items *items)
{
	struct item *item;
	while ((item = TAILQ_FIRST(items))) {
		TAILQ_REMOVE(items, item, entry);
		item_free(item);
	}
}

static void delivery_stop(void *self)
{
	struct delivery *d = self;
	d->stopping = true;
	/* Touches still in the plugin's hands end now, without a record: recovery of the next process puts them right. */
	door_end(d);
	channel_close(d->channel);
	plugin_store_free(d->asked);
	look_again_fini(d);
	look_fini(d);
	store_free(d->reads);
	store_free(d->asks);
	store_free(d->writes);
	free_items(&d->unprepared);
	free_items(&d->recording.waiting);
	answers_close(d);
	groups_fini(d);
	calls_fini(d);
	offers_fini(d);
	pauses_fini(d);
	news_fini(d);
	standing_fini(d);
	turns_fini(d);
	hard_fini(d);
	playbook_current_free(d->current);
	loop_timer_free(d->lease_timer);
	loop_timer_free(d->poll_timer);
	loop_timer_free(d->open_timer);
	loop_timer_free(d->retry_timer);
	loop_timer_free(d->prepare_timer);
	loop_timer_free(d->news_timer);
	free(d->keys);
	arena_free(d->scratch);
	arena_free(d->arena);
	free(d);
}

const struct worker_role delivery_role = {
	.name = "delivery", .start = delivery_start, .drain = delivery_drain, .stop = delivery_stop};
