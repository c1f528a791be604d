/* How a delivery ended → what is written of it; and what the end says of the channel.
 *
 * Put off: again when the plugin says, else after a minute, five, fifteen … in domain time, for about five days, then it is over. Channel down: the touch
 * goes back as it was, no attempt is spent, and the channel is tried again with one touch at a time after a pause. Of what no message can be made a person must mend
 * the template: it is due at infinity, until the next publish (turns.c). */
#include "base/log.h"
#include "delivery/parts.h"
#include "playbook/template.h"

#include <stdio.h>

static const int retry_minutes[] = {1, 5, 15, 60, 120, 240, 480, 720, 1440, 1440, 1440, 1440};
enum { ATTEMPTS_MAX = sizeof retry_minutes / sizeof *retry_minutes };
static const int chosen_most = 60; /* attempts of a plugin that says when, and ends it itself before */
const int delivery_attempts_most = ATTEMPTS_MAX;
static const int64_t back_off_first = 5 * MOMENT_SECOND, back_off_most = 5 * MOMENT_MINUTE, put_off_most = 5 * MOMENT_DAY;

moment_t delivery_retry_at(moment_t now, int attempt, moment_t until)
{
	bool chosen = until > now;
	if (attempt > (chosen ? chosen_most : ATTEMPTS_MAX))
		return 0;
	if (chosen)
		return until < now + put_off_most ? until : now + put_off_most;
	return now + retry_minutes[attempt < 1 ? 0 : attempt - 1] * MOMENT_MINUTE;
}

static void count(struct delivery *d, enum touch_state state)
{
	static const struct { enum touch_state state; enum metric metric; } figures[] = {
		{TOUCH_SENT, METRIC_TOUCHES_SENT},         {TOUCH_QUEUED, METRIC_TOUCHES_SENT},     {TOUCH_DEFERRED, METRIC_TOUCHES_DEFERRED},
		{TOUCH_REJECTED, METRIC_TOUCHES_REJECTED}, {TOUCH_IN_DOUBT, METRIC_TOUCHES_IN_DOUBT}, {TOUCH_HELD, METRIC_TOUCHES_HELD},
	};
	for (size_t i = 0; i < sizeof figures / sizeof *figures; i++)
		if (figures[i].state == state)
			metrics_add(d->worker->metrics, figures[i].metric, 1);
}

void delivery_end(struct item *item, enum touch_state state, moment_t due_at, bool attempt_spent, const char *reason)
{
	const struct touch *t = &item->claim->touch;
	snprintf(item->reason, sizeof item->reason, "%s", reason);
	item->outcome = (struct outcome){
		.touch_id = t->id, .lead_id = t->lead_id, .attempt = item->claim->attempt, .claimed_at = item->haul->claims->now, .state = state, .reason = str_of(item->reason),
		.remote_id = str_of(item->remote_id), .rejected_as = str_of(item->rejected_as), .due_at = due_at, .campaign = t->campaign, .step = t->step, .kind = t->kind,
		.template_name = t->template_name, .channel = t->channel, .attempt_spent = attempt_spent};
	if (due_at != MOMENT_NEVER)
		count(item->delivery, state);
	group_record(item);
}

void delivery_park(struct item *item, const char *where, struct str why, struct arena *arena)
{
	struct delivery *d = item->delivery;
	const char *reason = arena_printf(arena, "%s%s%.*s", where, *where ? ": " : "", STR_ARG(why));
	log_error("touch.template", log_int("touch", item->claim->touch.id), log_int("lead", item->claim->touch.lead_id), log_str("where", where),
		  log_slice("message", why));
	metrics_add(d->worker->metrics, METRIC_SCRIPT_ERRORS, 1);
	metrics_add(d->worker->metrics, METRIC_TOUCHES_HELD, 1);
	delivery_end(item, TOUCH_DEFERRED, MOMENT_NEVER, false, reason);
}

/* The plugin could make nothing of what the template gave. */
static void nothing_to_send(struct item *item, const struct channel_result *result)
{
	const struct touch *t = &item->claim->touch;
	struct arena *arena = arena_new();
	delivery_park(item, playbook_template_place(item->haul->edition->playbook, t->kind, t->template_name, result->field, arena), result->reason, arena);
	arena_free(arena);
}

/* Again later, if there is a later. */
static void put_off(struct item *item, moment_t until, const char *reason)
{
	const struct touch *t = &item->claim->touch;
	moment_t at = delivery_retry_at(delivery_now(item->delivery), item->claim->attempt, until);
	char given_up[CHANNEL_REASON_MAX + 1];
	snprintf(given_up, sizeof given_up, "given up after %d attempts: %s", item->claim->attempt, reason);
	if (!at || (t->expires_at && at >= t->expires_at))
		delivery_end(item, TOUCH_EXPIRED, 0, true, at ? reason : given_up);
	else
		delivery_end(item, TOUCH_DEFERRED, at, true, reason);
}

/* A limit of the plugin's: it goes back as it was, due later. What expires meanwhile expires by itself. */
static void not_its_turn(struct item *item, moment_t until, const char *reason)
{
	moment_t now = delivery_now(item->delivery), soonest = now + MOMENT_SECOND / 10, latest = now + put_off_most;
	moment_t at = until < soonest ? soonest : until > latest ? latest : until;
	delivery_end(item, TOUCH_PLANNED, at, false, reason);
}

static void channel_is_down(struct delivery *d, const char *reason)
{
	mono_t now = mono_now();
	if (d->faulted || standing_waits(d) || (d->down && now < d->down_until))
		return; /* others of the same breath */
	d->back_off = !d->down ? back_off_first : d->back_off * 2 > back_off_most ? back_off_most : d->back_off * 2;
	d->down = true;
	d->down_until = now + d->back_off;
	metrics_add(d->worker->metrics, METRIC_CHANNEL_DOWN, 1);
	log_warn("channel.down", log_str("channel", d->name), log_str("reason", reason), log_int("again_in_ms", d->back_off / 1000));
	delivery_tell(d, "down", reason);
}

static void channel_is_up(struct delivery *d)
{
	bool was = d->down;
	d->down = false;
	d->back_off = 0;
	if (was)
		standing_say(d);
}

static void in_doubt(struct item *item, const char *reason)
{
	bool resend = strcmp(item->delivery->worker->channel->in_doubt, "resend") == 0;
	moment_t at = resend ? delivery_retry_at(delivery_now(item->delivery), item->claim->attempt, 0) : 0;
	log_warn("touch.in_doubt", log_int("touch", item->claim->touch.id), log_str("reason", reason), log_int("resend", at != 0));
	delivery_end(item, at ? TOUCH_DEFERRED : TOUCH_IN_DOUBT, at, true, reason);
	item->outcome.doubt = true; /* group_record has not looked yet: it sends later in the loop turn */
}

/* The touch comes back unsent: because we asked for it, or because the plugin would not. */
static void came_back(struct item *item, const char *reason)
{
	struct delivery *d = item->delivery;
	if (item->permit == PERMIT_FAILED || item->permit == PERMIT_ANEW || d->state != DELIVERY_RUNS || !d->held || standing_waits(d))
		delivery_end(item, TOUCH_PLANNED, item->claim->touch.due_at, false, reason);
	else
		put_off(item, 0, reason);
}

void delivery_result(struct item *item, const struct channel_result *result)
{
	struct delivery *d = item->delivery;
	char reason[CHANNEL_REASON_MAX + 1];
	if (d->stopping) {
		item_free(item); /* nothing can be recorded any more: recovery puts it right */
		return;
	}
	if (item->permit == PERMIT_DENIED && result->outcome != NURTURE_SENT) {
		item_free(item); /* the store has cancelled it and written why */
		delivery_pump(d);
		return;
	}
	snprintf(reason, sizeof reason, "%.*s", STR_ARG(result->reason));
	snprintf(item->remote_id, sizeof item->remote_id, "%.*s", STR_ARG(result->remote_id));
	snprintf(item->rejected_as, sizeof item->rejected_as, "%.*s", STR_ARG(result->kind));
	if (result->outcome != NURTURE_CHANNEL_DOWN && result->outcome != NURTURE_CANCELLED && !result->untried && !result->broken)
		channel_is_up(d);
	switch (result->outcome) {
	case NURTURE_SENT:
		delivery_end(item, TOUCH_SENT, 0, true, reason);
		answers_note(item);
		return;
	case NURTURE_QUEUED:
		delivery_end(item, TOUCH_QUEUED, 0, true, reason);
		answers_note(item);
		return;
	case NURTURE_DEFERRED:
		if (result->untried) {
			not_its_turn(item, result->until, reason);
			return;
		}
		if (result->broken) {
			nothing_to_send(item, result);
			return;
		}
		put_off(item, result->until, reason);
		answers_note(item);
		return;
	case NURTURE_REJECTED:
		delivery_end(item, TOUCH_REJECTED, 0, true, reason);
		answers_note(item);
		return;
	case NURTURE_CHANNEL_DOWN:
		channel_is_down(d, reason);
		delivery_end(item, TOUCH_PLANNED, item->claim->touch.due_at, false, reason);
		return;
	case NURTURE_CANCELLED:
		came_back(item, reason);
		return;
	case NURTURE_UNKNOWN:
		break;
	}
	in_doubt(item, reason);
}
