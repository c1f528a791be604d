/* The channel's life: opening, delivering, permission, deadlines, draining, closing. What the plugin calls is in host.c. */
#include "channel/channel.h"

#include "base/log.h"
#include "base/mem.h"
#include "channel/parts.h"

#include <stdlib.h>

enum { DEADLINE_TICK_US = 1000000 };
static const int64_t standard_deadline = 15 * MOMENT_MINUTE, standard_grace = MOMENT_MINUTE;

const char *channel_outcome_name(enum nurture_outcome outcome)
{
	static const char *const names[] = {
		[NURTURE_SENT] = "sent", [NURTURE_QUEUED] = "queued", [NURTURE_DEFERRED] = "deferred", [NURTURE_REJECTED] = "rejected",
		[NURTURE_CHANNEL_DOWN] = "channel_down", [NURTURE_UNKNOWN] = "unknown", [NURTURE_CANCELLED] = "cancelled",
	};
	return outcome >= NURTURE_SENT && outcome <= NURTURE_CANCELLED ? names[outcome] : "garbage";
}

static void on_deadlines(void *arg);

/* The plugin is closed, or never opened. Returns how many timers it left behind. */
static size_t dispose(struct channel *channel)
{
	size_t left = channel_timers_end(channel);
	if (left)
		log_error("channel.timers_left", log_str("channel", channel->name), log_int("timers", left),
			  log_str("message", "the plugin was closed and left timers behind: they were stopped"));
	channel_host_fini(channel);
	loop_timer_free(channel->deadlines);
	tickets_fini(&channel->tickets);
	tickets_fini(&channel->requests);
	free(channel->name);
	free(channel);
	return left;
}

struct channel *channel_open(struct loop *loop, const struct nurture_plugin *plugin, const struct channel_options *options,
			     const struct channel_calls *calls, void *arg, struct error *error)
{
	struct nurture_problem problem = {.size = sizeof problem};
	struct channel *channel = mem_alloc(sizeof *channel);
	*channel = (struct channel){
		.loop = loop, .plugin = plugin, .name = mem_dup(options->name), .calls = calls, .arg = arg,
		.deadline_us = options->deadline_us ? options->deadline_us : standard_deadline,
		.grace_us = options->grace_us ? options->grace_us : standard_grace,
	};
	channel->deadlines = loop_timer_new(loop, on_deadlines, channel);
	channel_host_init(channel);
	channel->kept = options->kept;
	int opened = plugin->channel->open(&channel->host, options->settings, options->data_dir, &channel->self, &problem);
	channel->kept = NULL;
	if (opened == 0)
		return channel;
	problem.where[sizeof problem.where - 1] = problem.message[sizeof problem.message - 1] = 0;
	error_set(error, ERROR_INVALID, *problem.where ? problem.where : options->name, "%s",
		  *problem.message ? problem.message : "the plugin did not open and did not say why.");
	channel_queries_end(channel);
	channel_looks_end(channel);
	channel_words_end(channel);
	channel->closing = true;
	dispose(channel);
	return NULL;
}

void channel_deliver(struct channel *channel, struct nurture_touch *touch, void *cookie)
{
	touch->size = sizeof *touch;
	touch->handle = tickets_take(&channel->tickets, cookie);
	struct ticket *ticket = tickets_get(&channel->tickets, touch->handle);
	ticket->cancel_at = mono_now() + channel->deadline_us;
	ticket->end_at = ticket->cancel_at + channel->grace_us;
	if (!loop_timer_is_set(channel->deadlines))
		loop_timer_set(channel->deadlines, channel->deadline_us < DEADLINE_TICK_US ? channel->deadline_us : DEADLINE_TICK_US);
	channel->plugin->channel->deliver(channel->self, touch);
}

bool channel_limits(struct channel *channel)
{
	const struct nurture_channel *plugin = channel->plugin->channel;
	return NURTURE_HAS(plugin, turns) && plugin->turns && plugin->turns(channel->self, NULL, 0);
}

void channel_turns(struct channel *channel, struct nurture_turn *turns, size_t count)
{
	channel->plugin->channel->turns(channel->self, turns, count);
	for (size_t i = 0; i < count; i++) {
		turns[i].wait = turns[i].wait > 0 ? turns[i].wait : 0;
		turns[i].until = turns[i].until > 0 ? turns[i].until : 0;
	}
}

void channel_permitted(struct channel *channel, struct nurture_handle handle, bool allowed)
{
	struct ticket *ticket = tickets_get(&channel->tickets, handle);
	if (!ticket || ticket->permission != PERMISSION_ASKED)
		return;
	ticket->permission = allowed ? PERMISSION_GIVEN : PERMISSION_REFUSED;
	ticket->permit_fn(ticket->permit_arg, handle, allowed);
}

void *channel_cookie(struct channel *channel, struct nurture_handle handle)
{
	struct ticket *ticket = tickets_get(&channel->tickets, handle);
	return ticket ? ticket->cookie : NULL;
}

void *channel_self(struct channel *channel)
{
	return channel->self;
}

void channel_end(struct channel *channel, struct nurture_handle handle, const struct channel_result *result)
{
	struct ticket *ticket = tickets_get(&channel->tickets, handle);
	void *cookie = ticket->cookie;
	tickets_give_back(&channel->tickets, handle);
	channel->calls->over(channel->arg, cookie, result);
}

void channel_count_late(struct channel *channel, const char *what)
{
	channel->late++;
	log_warn("channel.late", log_str("channel", channel->name), log_str("what", what), log_int("so_far", channel->late));
	if (channel->calls->late)
		channel->calls->late(channel->arg);
}

/* The plugin stayed mute: what can have happened follows from the permission. */
static void end_without_plugin(struct channel *channel, struct nurture_handle handle, enum permission permission, const char *why)
{
	bool may_have_gone = permission == PERMISSION_GIVEN;
	log_error("channel.mute", log_str("channel", channel->name), log_str("why", why), log_int("in_doubt", may_have_gone));
	channel_end(channel, handle, &(struct channel_result){
		.outcome = may_have_gone ? NURTURE_UNKNOWN : NURTURE_CANCELLED, .reason = str_of(why), .mute = true});
}

static void cancel(struct channel *channel, struct nurture_handle handle, struct ticket *ticket)
{
	ticket->cancelled = true;
	channel->plugin->channel->cancel(channel->self, handle);
}

static void on_deadlines(void *arg)
{
	struct channel *channel = arg;
	struct nurture_handle handle;
	mono_t now = mono_now(), next = now + DEADLINE_TICK_US;
	for (uint32_t at = 0; tickets_next(&channel->tickets, &at, &handle);) {
		struct ticket *ticket = tickets_get(&channel->tickets, handle);
		if (now >= ticket->end_at) {
			end_without_plugin(channel, handle, ticket->permission, "the plugin did not finish in time");
			continue;
		}
		if (now >= ticket->cancel_at && !ticket->cancelled)
			cancel(channel, handle, ticket);
		ticket = tickets_get(&channel->tickets, handle); /* cancel may have ended it, and moved the slots */
		if (ticket && (ticket->cancelled ? ticket->end_at : ticket->cancel_at) < next)
			next = ticket->cancelled ? ticket->end_at : ticket->cancel_at;
	}
	if (channel->tickets.live)
		loop_timer_set(channel->deadlines, next - now);
}

void channel_cancel_all(struct channel *channel)
{
	struct nurture_handle handle;
	for (uint32_t at = 0; tickets_next(&channel->tickets, &at, &handle);) {
		struct ticket *ticket = tickets_get(&channel->tickets, handle);
		if (ticket->permission != PERMISSION_GIVEN && !ticket->cancelled)
			cancel(channel, handle, ticket);
	}
}

bool channel_forgets(const struct nurture_plugin *plugin)
{
	return NURTURE_HAS(plugin->channel, forget) && plugin->channel->forget;
}

void channel_forget(struct channel *channel, struct nurture_forget *forget)
{
	forget->size = sizeof *forget;
	channel->plugin->channel->forget(channel->self, forget);
}

bool channel_parts(const struct nurture_plugin *plugin)
{
	return channel_forgets(plugin) && NURTURE_HAS(plugin->channel, part) && plugin->channel->part;
}

void channel_part(struct channel *channel, struct nurture_forget *forget)
{
	forget->size = sizeof *forget;
	channel->plugin->channel->part(channel->self, forget);
}

void channel_pauses(struct channel *channel, const char *const *campaigns)
{
	const struct nurture_channel *plugin = channel->plugin->channel;
	if (NURTURE_HAS(plugin, pauses) && plugin->pauses && !channel->draining)
		plugin->pauses(channel->self, campaigns);
}

void channel_drain(struct channel *channel)
{
	if (channel->draining)
		return;
	channel->draining = true;
	channel->plugin->channel->drain(channel->self);
}

uint32_t channel_in_hand(const struct channel *channel)
{
	return channel->tickets.live;
}

uint64_t channel_late(const struct channel *channel)
{
	return channel->late;
}

size_t channel_close(struct channel *channel)
{
	struct nurture_handle handle;
	if (!channel)
		return 0;
	for (uint32_t at = 0; tickets_next(&channel->tickets, &at, &handle);)
		end_without_plugin(channel, handle, tickets_get(&channel->tickets, handle)->permission, "the channel was closed");
	channel_requests_end(channel);
	channel_queries_end(channel);
	channel_looks_end(channel);
	channel_words_end(channel);
	channel->closing = true;
	channel->plugin->channel->close(channel->self);
	return dispose(channel);
}
