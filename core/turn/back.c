/* A contact that was made and comes back: a mail that bounces an hour after its server took it, a letter that nobody could deliver. Its step was over when it was handed
 * over, and the walk has gone on: it is called back, if answers speak of it (bounced, undeliverable, otherwise), and no contact of the walk was made since. What is
 * planned by then is taken back; what is on the wire stays, and so does the walk. Called by walk.c.
 *
 * Which contact a pass made last is kept in it (contact_id) where the step has answers. Who is held or paused goes the way when it is tried again, or resumed. */
#include "turn/inside.h"

static bool is_made_last(const struct seat *seat, const struct step_pass *pass)
{
	for (size_t i = 0; i < seat->e.pass_count; i++)
		if (seat->e.passes[i].contact_at > pass->contact_at)
			return false;
	return true;
}

/* The one that came back; NULL = none of this walk's, or it has made another one since. */
static const struct over *came_back(const struct turn *turn, const struct seat *seat, size_t *pass)
{
	for (size_t i = 0; i < turn->over_count; i++) {
		const struct over *over = &turn->overs[i];
		if (!str_is(over->outcome, "rejected") || over->touch_id == seat->e.touch_id)
			continue;
		for (size_t k = 0; k < seat->e.pass_count; k++)
			if (seat->e.passes[k].contact_id == over->touch_id && is_made_last(seat, &seat->e.passes[k])) {
				*pass = k;
				return over;
			}
	}
	return NULL;
}

static bool is_spoken_of(const struct step *step, struct str key)
{
	for (size_t i = 0; i < step->answer_count; i++)
		if (str_is(key, step->answers[i].key) || strcmp(step->answers[i].key, "otherwise") == 0)
			return true;
	return false;
}

/* Once: from now on it is a contact that was not made. */
static void forget(struct turn *turn, struct seat *seat, size_t pass)
{
	struct step_pass *passes = (struct step_pass *)arena_dup_n(turn->arena, (const char *)seat->e.passes, seat->e.pass_count * sizeof *passes);
	passes[pass].contact_id = 0;
	seat->e.passes = passes;
	turn_seat_out(turn, seat);
}

static void stand_there_again(struct turn *turn, struct seat *seat, const struct step *step, const struct over *over)
{
	seat->e.step = str_of(step->name);
	seat->e.touch_id = 0;
	seat->e.rounds &= ROUNDS_MASK;
	seat->e.over_at = over->at;
	turn_note_log(turn, seat, "rejected", over->reason.n ? over->reason : STR("it came back"), &step->at)->touch_id = over->touch_id;
}

bool turn_comes_back(struct turn *turn, struct seat *seat, bool waits)
{
	size_t pass = 0;
	const struct over *over = seat->campaign && seat->e.state != ENROLLMENT_ENDED && !seat->e.holdout ? came_back(turn, seat, &pass) : NULL;
	const struct step *step = over ? campaign_step(seat->campaign, seat->e.passes[pass].step) : NULL;
	struct str key = step ? turn_end_key(turn, seat, step, over) : (struct str){"", 0};
	if (!step || !is_spoken_of(step, key))
		return false;
	forget(turn, seat, pass);
	if (seat->e.touch_id && !turn_take_back(turn, seat->e.touch_id, "the contact before came back"))
		return false;
	stand_there_again(turn, seat, step, over);
	if (waits) {
		turn_ended_as(turn, seat, key);
		seat->e.due_at = MOMENT_NEVER; /* tried again at once */
	} else {
		turn_step_over(turn, seat, step, turn_go_end(turn, seat, step, key));
	}
	return true;
}
