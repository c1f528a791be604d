/* Which of two campaigns a frequency cap lets through: the one of higher `priority`, also when the other was first. A contact that is only planned keeps no place
 * against one that matters more: it is put off to when the cap lets it through behind that one. What a channel has in hand, or was made, stays. Called by contact.c
 * when the gate puts a contact off. */
#include "turn/inside.h"

#include <stdlib.h>

static int priority_of(const struct turn *turn, const struct touch *touch)
{
	const struct campaign *campaign = playbook_campaign(turn->playbook, touch->campaign);
	return campaign ? campaign->priority : 0;
}

/* Whose contact it is: a walk that waits for it. */
static struct seat *seat_of(const struct turn *turn, const struct touch *touch, size_t index, size_t old)
{
	for (size_t i = 0; i < turn->seat_count; i++) {
		struct seat *seat = turn->seats[i];
		bool waits = touch->id ? seat->e.touch_id == touch->id : index >= old && seat->e.touch_id == -1 - (int64_t)(index - old);
		if (seat->campaign && seat->e.state != ENROLLMENT_ENDED && seat->e.touch_id && waits)
			return seat;
	}
	return NULL;
}

static const struct action *action_of(const struct seat *seat)
{
	const struct step *step = campaign_step(seat->campaign, seat->e.step);
	return step ? turn_contact_of(seat, step) : NULL;
}

static int by_due(const void *a, const void *b)
{
	const struct lower *x = a, *y = b;
	return x->due_at != y->due_at ? (x->due_at < y->due_at ? -1 : 1) : (x->index > y->index) - (x->index < y->index);
}

static void find_lower(struct turn *turn, const struct touch *high, struct aside *out)
{
	size_t count = turn->facts->touch_count, old = count - turn->out->planned_count;
	*out = (struct aside){.items = arena_array(turn->arena, count + 1, sizeof *out->items)};
	for (size_t i = 0; i < count; i++) {
		struct touch *touch = &turn->touches[i];
		if (touch->state != TOUCH_PLANNED || str_is(touch->purpose, "internal") || priority_of(turn, touch) >= priority_of(turn, high))
			continue;
		struct seat *seat = seat_of(turn, touch, i, old);
		const struct action *action = seat ? action_of(seat) : NULL;
		if (action && action->kind == ACTION_CONTACT)
			out->items[out->count++] = (struct lower){i, touch->due_at, seat, action};
	}
	if (out->count)
		qsort(out->items, out->count, sizeof *out->items, by_due);
}

static void set_states(struct turn *turn, const struct aside *aside, enum touch_state state)
{
	for (size_t i = 0; i < aside->count; i++)
		turn->touches[aside->items[i].index].state = state;
}

struct gate_answer turn_go_before(struct turn *turn, const struct action *action, struct touch *touch, struct gate_answer later, struct aside *aside)
{
	struct touch sooner = *touch;
	find_lower(turn, touch, aside);
	sooner.due_at = turn->now;
	set_states(turn, aside, TOUCH_CANCELLED);
	struct gate_answer answer = aside->count ? turn_ask_gate(turn, action, &sooner) : later;
	if (answer.verdict != GATE_HOLD && answer.at < later.at) {
		*touch = sooner;
		return answer;
	}
	set_states(turn, aside, TOUCH_PLANNED);
	aside->count = 0;
	return later;
}

/* Its own time goes on from the new moment, but for what must be said before a date. */
static moment_t expiry_of(const struct turn *turn, const struct lower *lower, const struct touch *touch)
{
	const struct step *step = campaign_step(lower->seat->campaign, lower->seat->e.step);
	moment_t within = lower->action->within.count ? turn_later(turn, touch->due_at, lower->action->within) : 0;
	if (step && step->date && step->date->before && touch->expires_at)
		return within && within < touch->expires_at ? within : touch->expires_at;
	return within ? within : touch->expires_at;
}

static void write_later(struct turn *turn, const struct touch *touch, size_t index)
{
	struct turn_changes *out = turn->out;
	size_t old = turn->facts->touch_count - out->planned_count, i = 0;
	if (index >= old) {
		out->planned[index - old].touch.due_at = touch->due_at;
		out->planned[index - old].touch.expires_at = touch->expires_at;
		return;
	}
	while (i < out->later_count && out->later[i].touch_id != touch->id)
		i++;
	if (i == out->later_count)
		(void)arena_push(turn->arena, &out->later, out->later_count++, &turn->later_room, sizeof *out->later);
	out->later[i] = (struct turn_later){touch->id, touch->due_at, touch->expires_at};
}

void turn_give_way(struct turn *turn, const struct seat *high, const struct aside *aside)
{
	for (size_t i = 0; i < aside->count; i++) {
		const struct lower *lower = &aside->items[i];
		struct touch *touch = &turn->touches[lower->index];
		touch->state = TOUCH_PLANNED;
		struct gate_answer answer = turn_ask_gate(turn, lower->action, touch);
		touch->due_at = answer.verdict == GATE_LATER ? answer.at : lower->due_at;
		if (touch->due_at <= lower->due_at)
			continue;
		touch->expires_at = expiry_of(turn, lower, touch);
		write_later(turn, touch, lower->index);
		struct turn_log *log = turn_note_log(turn, lower->seat, "later", turn_text(turn->arena, "%s \"%.*s\" gives way to campaign \"%.*s\", step \"%.*s\": %s", lower->action->channel_kind,
				STR_ARG(touch->template_name), STR_ARG(high->e.campaign), STR_ARG(high->e.step), answer.reason), &lower->action->at);
		log->touch_id = touch->id;
		turn_note_wake(turn, touch->expires_at ? touch->expires_at : MOMENT_NEVER);
	}
}
