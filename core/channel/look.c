/* The plugin asks how a queued touch stands, or what a decoy would be told: passed upwards. An answer comes later, and never once the channel closes. */
#include "base/log.h"
#include "base/mem.h"
#include "channel/parts.h"

#include <stdlib.h>

struct asked_look {
	LIST_ENTRY(asked_look) entry;
	struct channel *channel; /* NULL: it has closed, and nobody is told */
	int64_t touch_id;
	nurture_look_fn *fn;
	void *arg;
};

static void on_look(void *arg, const struct nurture_look *look)
{
	struct asked_look *asked = arg;
	if (asked->channel) {
		LIST_REMOVE(asked, entry);
		asked->fn(asked->arg, look);
	}
	free(asked);
}

static void on_nobody(void *arg)
{
	const struct asked_look *asked = arg;
	on_look(arg, &(struct nurture_look){.size = sizeof(struct nurture_look), .touch_id = asked->touch_id, .standing = NURTURE_LOOK_LATER,
					    .reason = "there is nobody to ask", .address = "", .name = ""});
}

static struct asked_look *asked_new(struct channel *channel, int64_t touch_id, nurture_look_fn *fn, void *arg)
{
	struct asked_look *asked = mem_alloc(sizeof *asked);
	*asked = (struct asked_look){.channel = channel, .touch_id = touch_id, .fn = fn, .arg = arg};
	LIST_INSERT_HEAD(&channel->looks, asked, entry);
	return asked;
}

void channel_look(struct nurture_host_data *data, int64_t touch_id, nurture_look_fn *fn, void *arg)
{
	struct channel *channel = (struct channel *)data;
	channel_must_be_on_loop(channel, "look");
	if (channel->closing || !fn)
		return;
	struct asked_look *asked = asked_new(channel, touch_id, fn, arg);
	if (channel->calls->look)
		channel->calls->look(channel->arg, touch_id, on_look, asked);
	else
		loop_later(channel->loop, on_nobody, asked);
}

void channel_look_again(struct nurture_host_data *data, int64_t touch_id, int64_t since, nurture_look_fn *fn, void *arg)
{
	struct channel *channel = (struct channel *)data;
	channel_must_be_on_loop(channel, "look_again");
	if (channel->closing || !fn)
		return;
	struct asked_look *asked = asked_new(channel, touch_id, fn, arg);
	if (channel->calls->look_again)
		channel->calls->look_again(channel->arg, touch_id, since, on_look, asked);
	else
		loop_later(channel->loop, on_nobody, asked);
}

void channel_compose(struct nurture_host_data *data, const char *template_name, const json_t *fields, nurture_look_fn *fn, void *arg)
{
	struct channel *channel = (struct channel *)data;
	channel_must_be_on_loop(channel, "compose");
	if (channel->closing || !fn)
		return;
	struct asked_look *asked = asked_new(channel, 0, fn, arg);
	char *text = json_is_object(fields) ? json_dumps(fields, JSON_COMPACT) : NULL;
	if (channel->calls->compose && template_name && text)
		channel->calls->compose(channel->arg, str_of(template_name), str_of(text), on_look, asked);
	else
		loop_later(channel->loop, on_nobody, asked);
	free(text);
}

void channel_looks_end(struct channel *channel)
{
	for (struct asked_look *asked; (asked = LIST_FIRST(&channel->looks));) {
		LIST_REMOVE(asked, entry);
		asked->channel = NULL;
	}
}
