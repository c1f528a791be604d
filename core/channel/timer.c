/* Timers of a plugin: loop timers that the channel remembers, so that none fires once the plugin is closed, whatever it forgot. */
#include "base/mem.h"
#include "channel/parts.h"

#include <stdlib.h>

struct nurture_timer {
	LIST_ENTRY(nurture_timer) entry;
	struct channel *channel; /* NULL once the channel is closed */
	struct loop_timer *timer;
};

struct nurture_timer *channel_timer_new(struct nurture_host_data *data, nurture_timer_fn *fn, void *arg)
{
	struct channel *channel = (struct channel *)data;
	channel_must_be_on_loop(channel, "timer_new");
	struct nurture_timer *timer = mem_alloc(sizeof *timer);
	*timer = (struct nurture_timer){.channel = channel, .timer = loop_timer_new(channel->loop, fn, arg)};
	LIST_INSERT_HEAD(&channel->timers, timer, entry);
	return timer;
}

void channel_timer_set(struct nurture_timer *timer, int64_t in_us)
{
	if (!timer->channel)
		return;
	channel_must_be_on_loop(timer->channel, "timer_set");
	loop_timer_set(timer->timer, in_us);
}

void channel_timer_free(struct nurture_timer *timer)
{
	if (!timer)
		return;
	if (timer->channel) {
		channel_must_be_on_loop(timer->channel, "timer_free");
		LIST_REMOVE(timer, entry);
		loop_timer_free(timer->timer);
	}
	free(timer);
}

size_t channel_timers_end(struct channel *channel)
{
	size_t count = 0;
	for (struct nurture_timer *timer; (timer = LIST_FIRST(&channel->timers)); count++) {
		LIST_REMOVE(timer, entry);
		loop_timer_free(timer->timer);
		timer->channel = NULL; /* its memory is the plugin's to give back */
	}
	return count;
}
