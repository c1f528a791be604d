/* A click that the lead's turn had counted was a machine's, as what came after it showed. What it alone had brought about is corrected as far as that goes without a second
 * contact. apply.c calls turn_take_back_begins() before the first such click leaves the history, and turn.c turn_taken_back() when the scores have followed.
 *
 *   a goal that is not true without it    is not reached any more: reports do not count it, and it is watched again
 *   a walk that ended by that goal        stays ended, as its contacts are cancelled: its reason says why, so that reports count it apart
 *   a wait_for that it had answered       the walk stays where it came to, as what went out by it cannot be called back: the trace says so
 *
 * Of an answer only that word hangs on what is found here. It is found as of the last contact before the click, and without showing a function the event: of a wait_for with since = "step", since
 * another step, or with a function that looks at the event the trace may say nothing, or name the wrong step.
 *
 * A goal or an answer that stands without the click is left alone, and so is one that was there long before it. */
#include "turn/inside.h"

/* So long before the click another one of the same run may have come: they are told one by one, and a run takes two minutes at most. */
static const moment_t ONE_RUN = 5 * 60 * MOMENT_SECOND;

static bool holds_since(struct turn *turn, const struct condition *c, moment_t since)
{
	moment_t all = turn->since;
	bool quiet = turn->quiet;
	turn->since = since;
	turn->quiet = true; /* an error is said where the condition decides something */
	struct verdict v = turn_holds(turn, c);
	turn->quiet = quiet;
	turn->since = all;
	return v.holds || v.failed;
}

static bool goal_holds(struct turn *turn, const struct seat *seat)
{
	turn_doing(turn, &seat->campaign->goal->at, "campaign", seat->campaign->name, NULL, NULL);
	return holds_since(turn, seat->campaign->goal, seat->e.entered_at);
}

static bool is_answered(struct turn *turn, const struct seat *seat, const struct step *step)
{
	turn_doing(turn, &step->awaits->at, "campaign", seat->campaign->name, "step", step->name);
	return holds_since(turn, step->awaits, seat->doubted_since);
}

/* The last contact before the click, as the walk has gone on since and may have made one more. */
static moment_t contact_before(const struct seat *seat, moment_t clicked_at)
{
	moment_t last = seat->e.entered_at;
	for (size_t i = 0; i < seat->e.pass_count; i++) {
		moment_t contact = seat->e.passes[i].contact_at;
		last = contact > last && contact < clicked_at ? contact : last;
	}
	return last;
}

static bool was_entered(const struct seat *seat, const struct step *step)
{
	for (size_t i = 0; i < seat->e.pass_count; i++)
		if (str_is(seat->e.passes[i].step, step->name))
			return true;
	return false;
}

/* The wait_for that the walk may have left because of the click: it was entered and left, and what it waits for is true. Which step was the last is not kept. */
static const struct step *answered_step(struct turn *turn, const struct seat *seat, moment_t since)
{
	for (size_t i = 0; seat->e.step_since >= since && i < seat->campaign->step_count; i++) {
		const struct step *step = &seat->campaign->steps[i];
		if (step->awaits && !step->off && !str_is(seat->e.step, step->name) && was_entered(seat, step) && is_answered(turn, seat, step))
			return step;
	}
	return NULL;
}

void turn_take_back_begins(struct turn *turn, moment_t clicked_at)
{
	moment_t since = clicked_at - ONE_RUN;
	for (size_t i = 0; i < turn->seat_count; i++) {
		struct seat *seat = turn->seats[i];
		if (!seat->campaign || seat->campaign->off)
			continue;
		seat->goal_doubted = seat->campaign->goal && seat->e.goal_at && seat->e.goal_at >= since && goal_holds(turn, seat);
		seat->doubted_since = contact_before(seat, clicked_at);
		seat->answer_doubted = answered_step(turn, seat, since);
	}
}

static void take_goal_back(struct turn *turn, struct seat *seat)
{
	bool by_goal = seat->e.state == ENROLLMENT_ENDED && str_is(seat->e.reason, "goal");
	turn_note_log(turn, seat, "goal taken back", STR("a click that had made it true was a machine's"), &seat->campaign->goal->at);
	seat->e.goal_at = 0;
	seat->goal_held = false;
	if (by_goal)
		seat->e.reason = STR("goal, by a machine's click");
}

void turn_taken_back(struct turn *turn)
{
	for (size_t i = 0; i < turn->seat_count; i++) {
		struct seat *seat = turn->seats[i];
		const struct step *step = seat->answer_doubted;
		if (seat->goal_doubted && !goal_holds(turn, seat))
			take_goal_back(turn, seat);
		if (step && !is_answered(turn, seat, step))
			turn_note_log(turn, seat, "answer taken back", STR("it was a machine's click: what had gone on by it stays"), &step->awaits->at)->step = str_of(step->name);
		seat->goal_doubted = false;
		seat->answer_doubted = NULL;
	}
}
