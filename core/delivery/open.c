/* From the lease to running: link keys, the plugin's notes, recovery of what an earlier process left, the plugin's open. Each step begins the
 * next; a step that fails is tried again from the beginning after a while. The plugin is opened once in a process. As long as processes that
 * gave the channel back have touches in hand, recovery looks again. */
#include "base/log.h"
#include "base/mem.h"
#include "delivery/delivery.h"
#include "delivery/parts.h"

#include <stdatomic.h>
#include <stdlib.h>

static const int64_t again_us = 5 * MOMENT_SECOND;

static void again(struct delivery *d)
{
	loop_timer_set(d->open_timer, again_us);
}

static bool still_wanted(const struct delivery *d)
{
	return !d->stopping && d->state == DELIVERY_PREPARES;
}

/* Running, and others had something in hand when we began: they end it, or die with it. */
static bool looks_again(const struct delivery *d)
{
	return !d->stopping && d->state == DELIVERY_RUNS && d->held;
}

static void recover(struct delivery *d);

/* A reload asks: what does not open now need not open in the next generation. */
static void say_works(struct delivery *d, int works)
{
	if (d->worker->works)
		atomic_store(d->worker->works, works);
}

static void open_plugin(struct delivery *d)
{
	struct error error = {0};
	if (!d->channel) {
		struct channel_options options = {.name = d->name, .settings = d->worker->channel->settings, .data_dir = d->worker->config->data_dir,
						  .kept = d->standing.kept, .deadline_us = d->worker->channel->patience * MOMENT_SECOND,
						  .grace_us = d->worker->channel->patience < 60 ? d->worker->channel->patience * MOMENT_SECOND : 0};
		worker_note(d->worker, "plugin %s opens", d->plugin->name);
		d->channel = channel_open(d->worker->loop, d->plugin, &options, &delivery_calls, d, &error);
		worker_note(d->worker, "%s", "");
	}
	if (!d->channel) {
		log_error("channel.open", log_str("channel", d->name), log_str("where", error.where), log_str("message", error.message));
		delivery_tell(d, "down", error.message);
		news_fini(d);
		say_works(d, -1);
		again(d);
		return;
	}
	say_works(d, 1);
	door_begin(d);
	d->state = DELIVERY_RUNS;
	d->more = true;
	json_decref(d->standing.kept);
	d->standing.kept = NULL;
	standing_say(d);
	delivery_pump(d);
}

static void on_recovered(void *arg, int returned, int in_doubt, int left, const struct error *error)
{
	struct delivery *d = arg;
	if (!still_wanted(d) && !looks_again(d))
		return;
	if (error) {
		delivery_trouble(d, "recover", error);
		again(d);
		return;
	}
	if (returned || in_doubt)
		log_warn("channel.recovered", log_str("channel", d->name), log_int("put_back", returned), log_int("in_doubt", in_doubt));
	metrics_add(d->worker->metrics, METRIC_TOUCHES_IN_DOUBT, in_doubt);
	d->careful += (uint32_t)returned;
	if (left)
		again(d);
	if (d->state == DELIVERY_PREPARES)
		open_plugin(d);
}

/* Before the plugin is opened, it is known whether the channel waits, and what the plugin kept. */
static void on_standing(void *arg, const json_t *notes, const struct error *error)
{
	struct delivery *d = arg;
	if (!still_wanted(d))
		return;
	if (error) {
		delivery_trouble(d, "standing", error);
		again(d);
		return;
	}
	json_decref(d->standing.kept);
	d->standing.kept = json_deep_copy(notes);
	recover(d);
}

static void on_keys(void *arg, const struct token_keys *keys, const struct error *error)
{
	struct delivery *d = arg;
	if (!still_wanted(d))
		return;
	if (error) {
		delivery_trouble(d, "keys", error);
		again(d);
		return;
	}
	free(d->keys);
	d->keys = mem_array(keys->count, sizeof *d->keys);
	memcpy(d->keys, keys->keys, keys->count * sizeof *d->keys);
	d->link_keys = (struct token_keys){.keys = d->keys, .count = keys->count};
	store_standing(d->writes, d->name, on_standing, d);
}

/* What dead ones knew is recorded, as far as this machine has it; the rest of what they had in hand is judged by what the database knows. */
static void on_answers(void *arg, const struct error *error)
{
	struct delivery *d = arg;
	if (!still_wanted(d) && !looks_again(d))
		return;
	if (error) {
		delivery_trouble(d, "answers", error);
		again(d);
		return;
	}
	bool resend = strcmp(d->worker->channel->in_doubt, "resend") == 0;
	store_recover(d->writes, d->worker->owner, d->name, d->worker->owner, resend, delivery_now(d), on_recovered, d);
}

static void record_left(struct delivery *d, store_done_fn *fn)
{
	struct delivery_left left = {.data_dir = d->worker->config->data_dir, .channel = d->name, .living = d->worker->owner, .now = delivery_now(d)};
	delivery_record_left(d->writes, &left, fn, d);
}

static void recover(struct delivery *d)
{
	record_left(d, on_answers);
}

static void on_looked(void *arg, const struct error *error)
{
	struct delivery *d = arg;
	d->looking = false;
	if (!error || d->stopping)
		return;
	d->looked = false; /* with the next poll */
	delivery_trouble(d, "answers", error);
}

/* What another process of the channel, on another machine, would otherwise put in doubt, or has put in doubt. */
void delivery_look(struct delivery *d)
{
	if (d->looked || d->looking)
		return;
	d->looked = d->looking = true;
	record_left(d, on_looked);
}

void delivery_open(struct delivery *d)
{
	if (looks_again(d)) {
		recover(d);
		return;
	}
	if (!still_wanted(d))
		return;
	if (!d->clock_known || d->looking) { /* the first poll brings it, and begins to look */
		loop_timer_set(d->open_timer, 20000);
		return;
	}
	store_link_keys(d->writes, on_keys, d);
}
