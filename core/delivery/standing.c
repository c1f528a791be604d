/* Whether the channel waits for a person: one stopped it (`nurture channel stop`), or its plugin asked for one (plugin.h, hold). Both stand in the database
 * until somebody resumes it; each poll brings them. Nothing is claimed then, and what is in hand without permission goes back as it was, no attempt
 * spent. */
#include "base/log.h"
#include "base/mem.h"
#include "delivery/parts.h"

#include <stdio.h>
#include <stdlib.h>

static const int64_t write_us = MOMENT_SECOND;

bool standing_waits(const struct delivery *d)
{
	return d->stopped_by || d->held_why;
}

/* Faults are a matter of this process: they go before. */
void standing_say(struct delivery *d)
{
	if (d->faulted || !d->channel)
		return;
	if (d->stopped_by)
		delivery_tell(d, "stopped", d->stopped_by);
	else if (d->held_why)
		delivery_tell(d, "held", d->held_why);
	else if (!d->down)
		delivery_tell(d, "up", NULL);
}

static void on_take_back(void *arg)
{
	struct delivery *d = arg;
	struct item *item;
	if (d->stopping || !standing_waits(d))
		return;
	while ((item = TAILQ_FIRST(&d->unprepared))) {
		TAILQ_REMOVE(&d->unprepared, item, entry);
		delivery_prepare(item); /* puts it back */
	}
	if (d->channel)
		channel_cancel_all(d->channel);
}

/* true: it changed. */
static bool set(char **slot, const char *value)
{
	if (*slot && value && strcmp(*slot, value) == 0)
		return false;
	if (!*slot && !value)
		return false;
	free(*slot);
	*slot = value ? mem_dup(value) : NULL;
	return true;
}

static void changed(struct delivery *d, bool waited)
{
	bool waits = standing_waits(d);
	if (waits)
		loop_later(d->worker->loop, on_take_back, d); /* not inside a call of the plugin */
	if (waits != waited)
		log_write(waits ? LOG_LEVEL_WARN : LOG_LEVEL_INFO, waits ? "channel.waits" : "channel.resumed",
			  (const struct log_field[]){log_str("channel", d->name), log_str("stopped_by", d->stopped_by ? d->stopped_by : ""),
						     log_str("held", d->held_why ? d->held_why : ""), {0}});
	if (waited && !waits)
		d->more = true; /* perhaps */
	standing_say(d);
}

void standing_polled(struct delivery *d, const struct poll *poll)
{
	bool waited = standing_waits(d), other = set(&d->stopped_by, poll->stopped_by);
	if (!d->standing.hold && d->polls >= d->believed)
		other |= set(&d->held_why, poll->held);
	if (other)
		changed(d, waited);
}

static void drop(char **slot)
{
	free(*slot);
	*slot = NULL;
}

/* ---- held by the plugin ---- */

static void on_held(void *arg, const struct error *error)
{
	struct delivery *d = arg;
	struct standing *s = &d->standing;
	s->holding = false;
	if (error && !d->stopping) {
		delivery_trouble(d, "hold", error);
		loop_timer_set(s->timer, write_us);
		return;
	}
	drop(&s->hold);
	d->believed = d->polls + 1; /* the next that begins has seen it */
	standing_pump(d);
}

static void write_hold(struct delivery *d)
{
	struct standing *s = &d->standing;
	if (!s->hold || s->holding)
		return;
	s->holding = true;
	store_standing_hold(d->writes, d->name, d->plugin->channel->kind, d->plugin->name, s->hold, on_held, d);
}

void standing_hold(void *arg, struct str reason)
{
	struct delivery *d = arg;
	struct standing *s = &d->standing;
	bool waited = standing_waits(d);
	if (d->stopping || d->held_why || s->hold)
		return; /* of the same breath */
	s->hold = mem_dup_n(reason.n ? reason.p : "its plugin did not say why", reason.n ? reason.n : strlen("its plugin did not say why"));
	set(&d->held_why, s->hold);
	metrics_add(d->worker->metrics, METRIC_CHANNEL_HOLDS, 1);
	log_error("channel.held", log_str("channel", d->name), log_str("reason", d->held_why));
	changed(d, waited);
	write_hold(d);
}

static void on_timer(void *arg)
{
	struct delivery *d = arg;
	if (d->stopping)
		return;
	write_hold(d);
	standing_pump(d);
}

void standing_pump(struct delivery *d)
{
	if (d->stopping)
		return;
	notes_put(d);
	if (d->state == DELIVERY_DRAINS)
		delivery_pump(d);
}

bool standing_is_out(const struct delivery *d)
{
	return d->standing.holding || notes_are_out(d);
}

void standing_init(struct delivery *d)
{
	TAILQ_INIT(&d->standing.waits);
	d->standing.timer = loop_timer_new(d->worker->loop, on_timer, d);
}

void standing_fini(struct delivery *d)
{
	loop_timer_free(d->standing.timer);
	json_decref(d->standing.kept);
	notes_fini(d);
	drop(&d->standing.hold);
	free(d->stopped_by);
	free(d->held_why);
}
