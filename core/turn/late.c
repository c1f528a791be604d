/* What becomes of a step whose moment is over, because the lead came late to it or nobody turned: late = of the step, else of the campaign, else
 * decision 14: a before is skipped (nobody wants "tomorrow" after the webinar), everything else is done now. Called by walk.c when a
 * step falls due. An hour is no lateness; of a shorter before, all of its length. */
#include "turn/inside.h"

static const int64_t SLACK = MOMENT_HOUR, SPREAD = MOMENT_DAY;

static int64_t slack_of(const struct step *step)
{
	int64_t length = step->date && step->date->before ? duration_micros(step->date->length) : SLACK;
	return length < SLACK ? length : SLACK;
}

static bool makes_contact(const struct step *step)
{
	for (size_t i = 0; i < step->action_count; i++)
		if (step->actions[i].kind == ACTION_CONTACT)
			return true;
	return false;
}

/* Nothing that piled up floods out: what a pause made late is not said any more, unless late = says how. Steps without a contact are done. */
static enum late by_default(const struct seat *seat, const struct step *step)
{
	if (makes_contact(step) && seat->behind)
		return LATE_SKIP;
	return step->date && step->date->before ? LATE_SKIP : LATE_NOW;
}

/* What comes behind a step that a pause made late is late because of it, too. */
static enum late lateness(const struct turn *turn, struct seat *seat, const struct step *step)
{
	if (turn->now - seat->e.due_at <= slack_of(step))
		return LATE_NOW;
	seat->behind |= turn_fell_in_pause(turn, seat, seat->e.due_at);
	if (step->late != LATE_DEFAULT || seat->campaign->late != LATE_DEFAULT)
		return step->late != LATE_DEFAULT ? step->late : seat->campaign->late;
	return by_default(seat, step);
}

static moment_t own_moment(struct turn *turn, const struct seat *seat, const struct step *step)
{
	struct str key = turn_text(turn->arena, "%lld:%s:%s", (long long)turn->facts->lead.id, seat->campaign->name, step->name);
	return turn->now + 1 + (moment_t)((double)hash_stable(key) / 18446744073709551616.0 * (double)SPREAD);
}

/* Its moment is over: as if the step were not there, only its own go or leave holds. */
static void skip(struct turn *turn, struct seat *seat, const struct step *step)
{
	turn_note_log(turn, seat, "skipped", STR("its moment was over"), &step->at);
	seat->e.rounds &= ROUNDS_MASK;
	seat->e.over_at = turn->now;
	turn_step_over(turn, seat, step, turn_act_away(turn, seat, step));
}

bool turn_comes_late(struct turn *turn, struct seat *seat, const struct step *step)
{
	enum late late = lateness(turn, seat, step);
	if (late == LATE_SPREAD) {
		turn_note_log(turn, seat, "later", STR("its moment was over: spread over a day"), &step->at);
		seat->e.due_at = own_moment(turn, seat, step);
		if (seat->e.rounds >> TURN_PART_SHIFT == 0)
			seat->e.rounds |= PART_SPREAD << TURN_PART_SHIFT;
	} else if (late == LATE_SKIP) {
		skip(turn, seat, step);
	}
	return late != LATE_NOW;
}
