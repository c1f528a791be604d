/* One enrollment's walk through the steps of its campaign, as far as it goes in this turn. Called by turn.c for each seat.
 *
 *            ┌────────────── go, otherwise, next, every ──────────────┐
 *            ▼                                                        │
 *   come to a step ──► waits until due ──► when? ──► acts ──► contact planned ──► waits for touch.over
 *                                           │ no       │ function: wait           │
 *                                           ▼          ▼                          ▼
 *                                      otherwise   due again later        the rest of the step, next
 *
 * A step that fails holds the enrollment where it stands (state held): never skipped, never sent; a rescore (the next publish)
 * tries it again from the part that failed. `rounds` carries two things: how often an `every` came round (low 20 bits), and, while
 * a function made the step wait or a part failed, which part is next (bits above): its number + 1, or one of the PARTs, which can be said
 * also while the step is not there. */
#include "turn/inside.h"

static const struct step *step_at(const struct seat *seat)
{
	return campaign_step(seat->campaign, seat->e.step);
}

static void come_to(struct turn *turn, struct seat *seat, const struct step *step, moment_t over_at)
{
	turn_seat_out(turn, seat);
	seat->moves++;
	seat->e.over_at = over_at;
	seat->e.touch_id = 0;
	seat->e.step = str_of(step->name);
	turn_count_pass(turn, seat, step);
	seat->e.due_at = turn_due(turn, seat, step);
}

void turn_arrive(struct turn *turn, struct seat *seat, int step, moment_t over_at)
{
	seat->e.step_since = turn->now;
	seat->e.rounds = 0;
	come_to(turn, seat, &seat->campaign->steps[step], over_at);
}

static int index_of(const struct seat *seat, const struct step *step)
{
	return (int)(step - seat->campaign->steps);
}

/* After the last act: `every` comes back to itself, else the step below; after the last step the walk is over. */
static void go_on(struct turn *turn, struct seat *seat, const struct step *step)
{
	if (step->timing == TIMING_EVERY) {
		seat->e.rounds = (seat->e.rounds & ROUNDS_MASK) + 1;
		if (step->times == 0 || seat->e.rounds < step->times) {
			come_to(turn, seat, step, seat->e.over_at);
			return;
		}
	}
	int next = index_of(seat, step) + 1;
	if ((size_t)next < seat->campaign->step_count)
		turn_arrive(turn, seat, next, seat->e.over_at);
	else
		turn_end(turn, seat, STR("finished"), STR("the last step is over"), &step->at);
}

/* ---- contacts that ended ---- */

static const struct over *over_by_event(const struct turn *turn, const struct seat *seat)
{
	for (size_t i = 0; i < turn->over_count; i++)
		if (turn->overs[i].touch_id == seat->e.touch_id)
			return &turn->overs[i];
	return NULL;
}

/* The touch's own row may tell it before the event comes, or it was taken back in this very turn. */
static bool over_by_row(const struct turn *turn, const struct seat *seat, struct over *out)
{
	const struct touch *touch = NULL;
	if (seat->e.touch_id < 0)
		touch = &turn->out->planned[-1 - seat->e.touch_id].touch;
	for (size_t i = 0; !touch && i < turn->facts->touch_count; i++)
		if (turn->facts->touches[i].id == seat->e.touch_id)
			touch = &turn->facts->touches[i];
	if (!touch || touch_is_open(touch->state))
		return false;
	*out = (struct over){touch->id, str_of(touch_state_name(touch->state)), touch->reason, touch->over_at ? touch->over_at : turn->now};
	return true;
}

static bool is_over(const struct turn *turn, const struct seat *seat, struct over *out)
{
	const struct over *told = over_by_event(turn, seat);
	if (!told)
		return over_by_row(turn, seat, out);
	*out = *told;
	return true;
}

static size_t after_contact(const struct step *step)
{
	for (size_t i = 0; i < step->action_count; i++)
		if (step->actions[i].kind == ACTION_CONTACT)
			return i + 1;
	return step->action_count;
}

static size_t the_contact(const struct step *step)
{
	size_t after = after_contact(step);
	return after > 0 && step->actions[after - 1].kind == ACTION_CONTACT ? after - 1 : after;
}

void turn_step_over(struct turn *turn, struct seat *seat, const struct step *step, enum act_end end)
{
	if (end == ACT_DONE)
		go_on(turn, seat, step);
}

static bool is_made(const struct over *over)
{
	return str_is(over->outcome, "sent") || str_is(over->outcome, "in_doubt");
}

static int part_after(const struct over *over)
{
	if (str_is(over->outcome, "held") && str_is(over->reason, GATE_PARKED))
		return PART_CONTACT;
	return is_made(over) ? PART_MADE : PART_UNMADE;
}

/* Goes on behind a contact. Passes are counted so that the contact that is planned anew is another one. */
static enum act_end act_after(struct turn *turn, struct seat *seat, const struct step *step, int part)
{
	if (part == PART_UNMADE)
		return turn_act_held(turn, seat, step);
	if (part == PART_CONTACT) {
		turn_count_pass(turn, seat, step);
		return turn_act(turn, seat, step, the_contact(step));
	}
	return turn_act(turn, seat, step, part == PART_MADE ? after_contact(step) : (size_t)part - 1);
}

static void note_over(struct turn *turn, struct seat *seat, const struct over *over, const struct place *at)
{
	const char *what = is_made(over) || !over->outcome.n ? "over" : arena_dup_n(turn->arena, over->outcome.p, over->outcome.n);
	turn_note_log(turn, seat, what, over->reason.n ? over->reason : over->outcome, at)->touch_id = over->touch_id;
	seat->e.touch_id = 0;
	seat->e.over_at = over->at < turn->now ? over->at : turn->now;
	if (is_made(over))
		turn_note_contact(turn, seat, seat->e.over_at);
}

static void contact_ended(struct turn *turn, struct seat *seat, const struct step *step, const struct over *over)
{
	note_over(turn, seat, over, &step->at);
	turn_step_over(turn, seat, step, act_after(turn, seat, step, part_after(over)));
}

/* ---- steps that fall due ---- */

void turn_otherwise(struct turn *turn, struct seat *seat, const struct step *step, struct str why, const struct place *at)
{
	turn_note_log(turn, seat, "otherwise", why, at);
	if (step->otherwise >= 0)
		turn_arrive(turn, seat, step->otherwise, seat->e.over_at);
	else
		go_on(turn, seat, step);
}

void turn_fall_due(struct turn *turn, struct seat *seat, const struct step *step)
{
	int part = seat->e.rounds >> TURN_PART_SHIFT;
	if (part == 0 && turn_comes_late(turn, seat, step))
		return;
	part = part == PART_SPREAD ? 0 : part;
	seat->e.rounds &= ROUNDS_MASK;
	seat->e.over_at = turn->now;
	turn_seat_out(turn, seat);
	if (part == 0 && step->when) {
		struct verdict v = turn_holds(turn, step->when);
		if (v.failed) {
			turn_hold(turn, seat, STR("when failed"), &step->when->at);
			return;
		}
		if (!v.holds) {
			turn_otherwise(turn, seat, step, STR("when is not true"), &step->when->at);
			return;
		}
	}
	turn_step_over(turn, seat, step, part ? act_after(turn, seat, step, part) : turn_act(turn, seat, step, 0));
}

/* One move; false when there is nothing to do now. */
static bool move(struct turn *turn, struct seat *seat)
{
	struct over over;
	if (seat->e.step.n == 0) {
		if (seat->campaign->step_count == 0)
			turn_end(turn, seat, STR("finished"), STR("there are no steps"), &seat->campaign->at);
		else
			turn_arrive(turn, seat, 0, turn->now);
		return true;
	}
	const struct step *step = step_at(seat);
	if (!step) {
		turn_hold(turn, seat, turn_text(turn->arena, "step \"%.*s\" is gone", STR_ARG(seat->e.step)), &seat->campaign->at);
		return false;
	}
	turn_doing(turn, &step->at, "campaign", seat->campaign->name, "step", step->name);
	if (turn_is_off(turn, step->off, &step->at)) {
		turn_hold(turn, seat, STR("the step is switched off: three workers died in it"), &step->at);
		return false;
	}
	if (!str_is(seat->e.step, step->name)) {
		turn_seat_out(turn, seat);
		seat->e.step = str_of(step->name);
	}
	if (seat->e.touch_id) {
		if (!is_over(turn, seat, &over))
			return false;
		contact_ended(turn, seat, step, &over);
		return true;
	}
	int part = seat->e.rounds >> TURN_PART_SHIFT;
	if (step->timing == TIMING_WAIT_FOR && part == 0)
		return turn_await(turn, seat, step);
	if (step->timing == TIMING_DATE && (part == 0 || part == PART_SPREAD) && !turn_follow_date(turn, seat, step, part))
		return true;
	if (seat->e.due_at > turn->now)
		return false;
	turn_fall_due(turn, seat, step);
	return true;
}

/* After the next publish, or when somebody asks for a rescore; not while its leave condition fails. */
static bool tries_again(const struct turn *turn, const struct seat *seat)
{
	return (turn->facts->rescore || turn->new_words) && !seat->barred;
}

static void try_again(struct turn *turn, struct seat *seat)
{
	seat->tried = true;
	seat->held_at = seat->e.step;
	seat->held_for = seat->e.reason;
	seat->e.state = ENROLLMENT_ACTIVE;
	seat->e.reason = (struct str){"", 0};
	if (!seat->e.touch_id && seat->e.due_at == MOMENT_NEVER)
		seat->e.due_at = turn->now;
}

/* Its contact ended while it is held: the news comes once, so where to go on is kept until it is tried again, even when its step is gone. */
static void keep_news(struct turn *turn, struct seat *seat)
{
	struct over over;
	const struct step *step = seat->campaign ? step_at(seat) : NULL;
	if (!seat->e.touch_id || !is_over(turn, seat, &over))
		return;
	note_over(turn, seat, &over, step ? &step->at : NULL);
	seat->e.rounds = (seat->e.rounds & ROUNDS_MASK) | part_after(&over) << TURN_PART_SHIFT;
}

static void walk(struct turn *turn, struct seat *seat)
{
	if (!seat->campaign) {
		if (seat->e.state == ENROLLMENT_ACTIVE)
			turn_hold(turn, seat, STR("the campaign is not in the playbook"), NULL);
		return;
	}
	if (seat->e.state == ENROLLMENT_HELD && seat->moves == 0 && !seat->tried)
		try_again(turn, seat);
	while (seat->e.state == ENROLLMENT_ACTIVE && move(turn, seat)) {
		if (seat->moves > TURN_MOVES) {
			turn_note_error(turn, seat->campaign->at, NULL, "goes round without a pause");
			turn_hold(turn, seat, STR("goes round without a pause"), &seat->campaign->at);
		}
	}
	if (seat->e.state == ENROLLMENT_ACTIVE && seat->tried)
		turn_seat_out(turn, seat);
	if (seat->e.state == ENROLLMENT_ACTIVE && !seat->e.touch_id)
		turn_note_wake(turn, seat->e.due_at);
}

void turn_walk(struct turn *turn, struct seat *seat)
{
	if (seat->e.state == ENROLLMENT_HELD)
		keep_news(turn, seat);
	if (seat->e.state == ENROLLMENT_ENDED || (seat->e.state == ENROLLMENT_HELD && !tries_again(turn, seat)) || seat->e.holdout)
		return;
	walk(turn, seat);
	if (seat->e.state == ENROLLMENT_HELD) /* what came with this very turn */
		keep_news(turn, seat);
}
