/* Whether the contact that a walk waits for is over: as the event tells it, as its row has it, or because its time is over now. Called by
 * walk.c. What is on the wire ends as it ends, also when its time was over before. */
#include "turn/inside.h"

static const struct over *over_by_event(const struct turn *turn, const struct seat *seat)
{
	for (size_t i = 0; i < turn->over_count; i++)
		if (turn->overs[i].touch_id == seat->e.touch_id)
			return &turn->overs[i];
	return NULL;
}

/* When its time is over: what somebody has in hand by then, a call that is spoken, is given the time that it takes. 0 = never. */
static moment_t deadline(const struct touch *touch)
{
	return touch->expires_at && touch->offered_until > touch->expires_at ? touch->offered_until : touch->expires_at;
}

/* `within` of a contact: told at the moment, also when its channel says nothing. What is on the wire ends as it ends. */
static bool is_late(const struct turn *turn, const struct touch *touch)
{
	moment_t at = deadline(touch);
	return touch->id && at && at <= turn->now && touch_is_open(touch->state) && !str_is(touch->purpose, "internal");
}

static bool take_back_late(struct turn *turn, const struct touch *touch, struct over *out)
{
	*out = (struct over){touch->id, STR("expired"), STR(TURN_LATE), touch->expires_at, {"", 0}, {"", 0}};
	return turn_take_back(turn, touch->id, TURN_LATE);
}

static const struct touch *touch_of(const struct turn *turn, const struct seat *seat)
{
	if (seat->e.touch_id < 0)
		return &turn->out->planned[-1 - seat->e.touch_id].touch;
	for (size_t i = 0; i < turn->facts->touch_count; i++)
		if (turn->facts->touches[i].id == seat->e.touch_id)
			return &turn->facts->touches[i];
	return NULL;
}

moment_t turn_late_at(const struct turn *turn, const struct seat *seat)
{
	const struct touch *touch = touch_of(turn, seat);
	return touch && touch->expires_at && touch_is_open(touch->state) ? deadline(touch) : MOMENT_NEVER;
}

/* The touch's own row may tell it before the event comes, or it was taken back in this very turn. */
static bool over_by_row(struct turn *turn, const struct seat *seat, struct over *out)
{
	const struct touch *touch = touch_of(turn, seat);
	if (touch && is_late(turn, touch))
		return take_back_late(turn, touch, out);
	if (!touch || touch_is_open(touch->state))
		return false;
	if (touch->state == TOUCH_SENT && str_is(touch->kind, "call")) /* how it ended only the event tells: it is on its way */
		return false;
	*out = (struct over){touch->id, str_of(touch_state_name(touch->state)), touch->reason, touch->over_at ? touch->over_at : turn->now, {"", 0}, {"", 0}};
	return true;
}

bool turn_is_over(struct turn *turn, const struct seat *seat, struct over *out)
{
	const struct over *told = over_by_event(turn, seat);
	if (!told)
		return over_by_row(turn, seat, out);
	*out = *told;
	return true;
}
