/* wait_for: what it waits for is asked in each turn of a lead that stands on it. Called by walk.c, which goes on from there.
 *
 * What happened counts from the end of the campaign's last contact with the lead, from the entry while there was none, or from where
 * since = says (decision 15); and only up to the end of the time, however late the turn comes: after an outage the same
 * leads go the same ways. */
#include "turn/inside.h"

static moment_t counted_from(const struct seat *seat, const struct step *step)
{
	if (step->since == SINCE_STEP)
		return seat->e.step_since;
	moment_t contact = turn_contact_at(seat, step->since >= 0 ? &seat->campaign->steps[step->since] : NULL);
	return contact ? contact : seat->began_at ? seat->began_at : seat->e.entered_at;
}

/* A function may look at the event: it is asked without one, then for each new one that counts. */
struct verdict turn_ask(struct turn *turn, const struct condition *c)
{
	struct verdict v = turn_holds(turn, c);
	if (v.holds || !turn_asks_function(c))
		return v;
	for (size_t i = 0; i < turn->facts->event_count && !v.holds; i++) {
		const struct event *event = &turn->facts->events[i];
		if (event->machine || event->at > turn->now || event->at <= turn->since)
			continue;
		turn->event = event;
		v = turn_holds(turn, c);
	}
	turn->event = NULL;
	return v;
}

static struct verdict awaited(struct turn *turn, const struct seat *seat, const struct step *step)
{
	moment_t now = turn->now, since = turn->since;
	turn->since = counted_from(seat, step);
	if (seat->e.due_at < now)
		turn->now = seat->e.due_at;
	struct verdict v = turn_ask(turn, step->awaits);
	turn->now = now;
	turn->since = since;
	if (!v.holds)
		turn_note_wake(turn, v.until);
	return v;
}

/* The time of a wait_for was over before what it waits for came true. */
static void give_up(struct turn *turn, struct seat *seat, const struct step *step)
{
	turn_seat_out(turn, seat);
	seat->e.over_at = turn->now;
	turn_otherwise(turn, seat, step, STR("it did not come true in time"), &step->awaits->at);
}

/* In the very turn in which it comes true, or at the end of its time. */
bool turn_await(struct turn *turn, struct seat *seat, const struct step *step)
{
	struct verdict v = awaited(turn, seat, step);
	if (v.failed)
		turn_hold(turn, seat, STR("wait_for failed"), &step->awaits->at);
	else if (v.holds)
		turn_fall_due(turn, seat, step);
	else if (seat->e.due_at <= turn->now)
		give_up(turn, seat, step);
	else
		return false;
	return !v.failed;
}
