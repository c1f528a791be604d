/* Pauses: of a whole campaign (facts), or of one enrollment (its own row). Who is paused does not walk and keeps its place; leave and goal act all the
 * same, and who enters a paused campaign stands before its first step. What fell due meanwhile is overdue (late.c). Called by
 * apply.c for what people ask for by hand, by walk.c and the gate. */
#include "turn/inside.h"

const struct campaign_pause *turn_pause_of(const struct turn_facts *facts, struct str campaign)
{
	for (size_t i = 0; i < facts->pause_count; i++)
		if (str_same(facts->pauses[i].campaign, campaign))
			return &facts->pauses[i];
	return NULL;
}

bool turn_is_paused(const struct turn *turn, const struct seat *seat)
{
	const struct campaign_pause *pause = turn_pause_of(turn->facts, seat->e.campaign);
	return seat->e.paused_at || (pause && !pause->resumed_at);
}

bool turn_fell_in_pause(const struct turn *turn, const struct seat *seat, moment_t due)
{
	const struct campaign_pause *pause = turn_pause_of(turn->facts, seat->e.campaign);
	return (seat->paused_from && due >= seat->paused_from) || (pause && due >= pause->paused_at && due < pause->resumed_at);
}

/* ---- by hand ---- */

static struct seat *named_seat(struct turn *turn, const struct event *event)
{
	struct str name = turn_data_text(event->data, "campaign", turn->arena);
	for (size_t i = 0; i < turn->seat_count; i++)
		if (str_same(turn->seats[i]->e.campaign, name) && turn->seats[i]->e.state != ENROLLMENT_ENDED)
			return turn->seats[i];
	return NULL;
}

void turn_pause(struct turn *turn, const struct event *event)
{
	struct seat *seat = named_seat(turn, event);
	if (!seat || seat->e.paused_at)
		return;
	turn_note_log(turn, seat, "paused", STR("by hand"), NULL);
	seat->e.paused_at = turn->now;
}

void turn_resume(struct turn *turn, const struct event *event)
{
	struct seat *seat = named_seat(turn, event);
	if (!seat || !seat->e.paused_at)
		return;
	turn_note_log(turn, seat, "resumed", STR("by hand"), NULL);
	seat->paused_from = seat->e.paused_at;
	seat->e.paused_at = 0;
}

void turn_remove(struct turn *turn, const struct event *event)
{
	struct seat *seat = named_seat(turn, event);
	if (seat)
		turn_end(turn, seat, STR("by hand"), STR("by hand"), NULL);
}
