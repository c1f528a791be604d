/* People whom the plugin must forget, and merges that were taken back (plugin.h, forget and part): rows of table channel_forget, taken when they are due and handed over one by one; a row goes
 * when the plugin has said that it is done. What dies with the process, or is not answered in time, comes again. */
#include "base/log.h"
#include "delivery/parts.h"

#include <stdio.h>

static const int64_t look_us = 2 * MOMENT_SECOND, patience_us = 60 * MOMENT_SECOND;

static void on_written(void *arg, const struct error *error)
{
	struct delivery *d = arg;
	if (error && !d->stopping) /* the row is there still, and comes again */
		delivery_trouble(d, "forget", error);
}

static void answer(struct delivery *d, int64_t id, const char *reason)
{
	if (reason)
		log_warn("channel.forget", log_str("channel", d->name), log_int("id", id), log_str("reason", reason));
	store_forget_over(d->writes, d->name, id, reason, on_written, d);
}

static bool take_out(struct forgetting *f, int64_t id)
{
	for (size_t i = 0; i < f->count; i++)
		if (f->ids[i] == id) {
			f->ids[i] = f->ids[--f->count];
			return true;
		}
	return false;
}

void forget_answered(void *arg, int64_t id, bool done, struct str reason)
{
	struct delivery *d = arg;
	char text[CHANNEL_REASON_MAX + 1];
	if (d->stopping || !take_out(&d->forgetting, id))
		return; /* late: it comes again, and is done then */
	snprintf(text, sizeof text, "%.*s", STR_ARG(reason));
	answer(d, id, done ? NULL : *text ? text : "the plugin did not say why");
	if (done && !d->forgetting.count)
		d->forgetting.look_at = 0;
}

static void on_rows(void *arg, const struct store_forget *rows, size_t count, const struct error *error)
{
	struct delivery *d = arg;
	struct forgetting *f = &d->forgetting;
	f->asking = false;
	if (error && !d->stopping)
		delivery_trouble(d, "forget", error);
	if (error || d->stopping || d->state != DELIVERY_RUNS || !d->channel)
		return;
	f->give_up_at = mono_now() + patience_us;
	for (size_t i = 0; i < count; i++)
		f->ids[f->count++] = rows[i].id;
	for (size_t i = 0; i < count; i++) {
		struct nurture_forget forget = {.id = rows[i].id, .lead_id = rows[i].lead_id, .into = rows[i].into, .now = delivery_now(d)};
		worker_note(d->worker, "plugin %s forgets", d->plugin->name);
		if (!rows[i].apart)
			channel_forget(d->channel, &forget);
		else if (channel_parts(d->plugin))
			channel_part(d->channel, &forget);
		else /* it moves nothing */
			forget_answered(d, forget.id, true, STR(""));
		worker_note(d->worker, "%s", "");
	}
}

/* What is not answered is not waited for any longer. */
static void give_up(struct delivery *d)
{
	struct forgetting *f = &d->forgetting;
	while (f->count)
		answer(d, f->ids[--f->count], "the plugin did not answer in time");
}

static void on_said(void *arg, const struct error *error)
{
	struct delivery *d = arg;
	d->forgetting.asking = false;
	d->forgetting.said = !error;
	if (error && !d->stopping)
		delivery_trouble(d, "forget", error);
}

void forget_look(struct delivery *d)
{
	struct forgetting *f = &d->forgetting;
	mono_t now = mono_now();
	if (d->state != DELIVERY_RUNS || !d->held || !d->channel || f->asking)
		return;
	if (!f->said) {
		struct store_forget_wish wish = {.forgets = channel_forgets(d->plugin), .parts = channel_parts(d->plugin)};
		f->asking = true;
		store_forget_wanted(d->writes, d->name, d->plugin->channel->kind, d->plugin->name, wish, on_said, d);
		return;
	}
	if (!channel_forgets(d->plugin))
		return;
	if (f->count && now >= f->give_up_at)
		give_up(d);
	if (f->count || now < f->look_at)
		return;
	f->asking = true;
	f->look_at = now + look_us;
	store_forget_take(d->writes, d->name, on_rows, d);
}
