/* When a step that was just come to falls due. Called by walk.c on arrival; the answer stands in the enrollment until then.
 *
 * day(n): the n-th calendar day of the walk in the lead's zone, at the time of day of the entry; day 1 and a day that has passed: at
 * once; the second time round it does not wait (decisions 11, 12). So that a late evening's download does not push day 3 to
 * the fourth day, a contact whose channel has closed by that time, but was open earlier that day, falls due at that opening.
 * wait: from the end of the step before (13). every: k lengths from the first arrival, so that months do not creep (42).
 * wait_for: its time is over so long after coming to the step; what it waits for is asked in await.c. */
#include "turn/inside.h"

enum { ROUNDS_MAX = 1200 };

static const struct action *contact_of(const struct step *step)
{
	for (size_t i = 0; i < step->action_count; i++)
		if (step->actions[i].kind == ACTION_CONTACT)
			return &step->actions[i];
	return NULL;
}

static moment_t midnight(moment_t moment, const char *zone)
{
	struct calendar_local local;
	calendar_local(moment, zone, &local);
	local.hour = local.minute = local.second = local.micros = 0;
	return calendar_moment(&local, zone);
}

/* Still that day, if the channel opens on it at all. */
static moment_t within_hours(struct turn *turn, const struct step *step, moment_t due)
{
	const struct action *contact = contact_of(step);
	if (!contact || contact->any_hours)
		return due;
	const char *channel = playbook_channel_of(turn->playbook, str_of(contact->channel_kind));
	const struct hours *hours = turn_hours(turn->playbook, str_of(contact->channel_kind), str_of(channel ? channel : ""));
	if (!hours)
		return due;
	const struct calendar_hours *open = turn_open_hours(hours, turn->facts);
	const char *zone = hours->zone ? hours->zone : turn->zone;
	moment_t day = midnight(due, turn->zone), next_day = calendar_add_days(day, 1, turn->zone);
	if (calendar_next_open(open, due, zone) < next_day)
		return due;
	moment_t first = calendar_next_open(open, day, zone);
	return first < next_day ? first : due;
}

static moment_t day_due(struct turn *turn, const struct seat *seat, const struct step *step)
{
	if (step->day <= 1 || turn_pass(seat, step) > 1)
		return turn->now;
	return within_hours(turn, step, calendar_add_days(seat->e.entered_at, step->day - 1, turn->zone));
}

/* Dates that passed while the walk was elsewhere count as come round: no two at once. */
static moment_t every_due(struct turn *turn, struct seat *seat, const struct step *step)
{
	struct duration d = step->wait;
	moment_t due = MOMENT_NEVER;
	for (int tries = 0; tries < ROUNDS_MAX; tries++) {
		int64_t count = (int64_t)step->wait.count * (seat->e.rounds + 1);
		if (count > INT32_MAX)
			return MOMENT_NEVER;
		d.count = (int32_t)count;
		due = turn_later(turn, seat->e.step_since, d);
		if (due > seat->e.over_at)
			break;
		seat->e.rounds++;
	}
	return due;
}

moment_t turn_due(struct turn *turn, struct seat *seat, const struct step *step)
{
	switch (step->timing) {
	case TIMING_DAY:
		return day_due(turn, seat, step);
	case TIMING_WAIT:
		return turn_later(turn, seat->e.over_at, step->wait);
	case TIMING_WAIT_FOR:
		return turn_later(turn, seat->e.step_since, step->wait);
	case TIMING_EVERY:
		return every_due(turn, seat, step);
	case TIMING_DATE:
		return turn_moment(turn, step->date);
	case TIMING_NONE:
		break;
	}
	return turn->now;
}
