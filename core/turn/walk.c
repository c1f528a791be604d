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
	turn_count_pass(turn, seat, step, false);
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

const struct action *turn_contact_of(const struct seat *seat, const struct step *step)
{
	for (size_t i = 0; i < step->action_count; i++) {
		const struct action *action = &step->actions[i];
		bool waits = action->kind == ACTION_CONTACT || (action->kind == ACTION_HANDOFF && step->answer_count);
		if (waits && turn_is_drawn(seat, step, action))
			return action;
	}
	return NULL;
}

static size_t the_contact(const struct seat *seat, const struct step *step)
{
	const struct action *contact = turn_contact_of(seat, step);
	return contact ? (size_t)(contact - step->actions) : step->action_count;
}

size_t turn_behind_contact(const struct seat *seat, const struct step *step)
{
	size_t at = the_contact(seat, step);
	return at < step->action_count ? at + 1 : at;
}

void turn_stay_at(struct seat *seat, int part)
{
	seat->e.rounds = (seat->e.rounds & ROUNDS_MASK) | part << TURN_PART_SHIFT;
}

static int part_of(const struct seat *seat)
{
	return seat->e.rounds >> TURN_PART_SHIFT;
}

void turn_again(struct seat *seat, moment_t due_at)
{
	turn_stay_at(seat, PART_CONTACT);
	seat->e.touch_id = 0;
	seat->e.due_at = due_at;
}

void turn_wait_for_sales(struct seat *seat, moment_t due_at)
{
	turn_stay_at(seat, PART_SALES);
	seat->e.due_at = due_at ? due_at : MOMENT_NEVER;
}

void turn_ended_as(struct turn *turn, struct seat *seat, struct str key)
{
	turn_seat_out(turn, seat);
	turn_own_pass(turn, seat)->ended = key;
	turn_stay_at(seat, PART_ENDED);
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

static bool is_parked(const struct over *over)
{
	return str_is(over->outcome, "held") && (str_is(over->reason, GATE_PARKED) || str_is(over->reason, GATE_PAUSED));
}

/* Goes on behind a contact. Passes are counted so that the contact that is planned anew is another one. */
static enum act_end act_after(struct turn *turn, struct seat *seat, const struct step *step, int part)
{
	if (part == PART_ENDED && turn_contact_of(seat, step)) {
		struct step_pass *pass = turn_own_pass(turn, seat);
		struct str key = pass->ended.n ? pass->ended : STR("sent");
		pass->ended = (struct str){"", 0};
		return turn_go_end(turn, seat, step, key);
	}
	if (part == PART_CONTACT) {
		turn_count_pass(turn, seat, step, true);
		return turn_act(turn, seat, step, the_contact(seat, step));
	}
	return turn_act(turn, seat, step, part == PART_ENDED ? step->action_count : (size_t)part - 1);
}

static void note_over(struct turn *turn, struct seat *seat, const struct step *step, const struct over *over)
{
	const struct place *at = step ? &step->at : NULL;
	const char *what = is_made(over) || !over->outcome.n ? "over" : arena_dup_n(turn->arena, over->outcome.p, over->outcome.n);
	turn_note_log(turn, seat, what, over->reason.n ? over->reason : over->outcome, at)->touch_id = over->touch_id;
	seat->e.touch_id = 0;
	seat->e.over_at = over->at < turn->now ? over->at : turn->now;
	if (is_made(over))
		turn_note_contact(turn, seat, seat->e.over_at, step && step->answer_count ? over->touch_id : 0);
}

static void contact_ended(struct turn *turn, struct seat *seat, const struct step *step, const struct over *over)
{
	note_over(turn, seat, step, over);
	turn_step_over(turn, seat, step, is_parked(over) ? act_after(turn, seat, step, PART_CONTACT) : turn_go_end(turn, seat, step, turn_end_key(turn, seat, step, over)));
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
	if ((part == 0 || part == PART_CONTACT) && turn_comes_late(turn, seat, step))
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

/* ---- handoffs that are waited for ---- */

/* A handoff that was made in this very turn is seen by nobody yet: no word of the turn is about it, however it is dated. */
static const struct sales_word *sales_word(const struct turn *turn, const struct seat *seat)
{
	for (size_t i = 0; seat->hears_sales && i < turn->sales_count; i++)
		if (turn->sales_words[i].at >= seat->e.step_since && (!turn->sales_words[i].campaign.n || str_same(turn->sales_words[i].campaign, seat->e.campaign)))
			return &turn->sales_words[i];
	return NULL;
}

static bool hear_sales(struct turn *turn, struct seat *seat, const struct step *step)
{
	const struct sales_word *word = sales_word(turn, seat);
	if (!word && seat->e.due_at > turn->now)
		return false;
	turn_seat_out(turn, seat);
	turn_stay_at(seat, 0);
	seat->hears_sales = false;
	seat->e.over_at = word ? word->at : turn->now;
	if (!word)
		turn_note_sales(turn, STR("late"), seat->e.campaign);
	if (!word)
		turn_note_event(turn, "handoff.late", str_of(""), turn_text(turn->arena, "{\"campaign\": \"%.*s\", \"step\": \"%s\"}", STR_ARG(seat->e.campaign), step->name));
	turn_step_over(turn, seat, step, turn_go_end(turn, seat, step, !word ? STR("late") : word->accepted ? STR("accepted") : STR("returned")));
	return true;
}

/* Who entered during a pause is as late as that. */
static void start(struct turn *turn, struct seat *seat)
{
	moment_t due = seat->e.due_at;
	turn_arrive(turn, seat, 0, turn->now);
	if (seat->e.due_at == turn->now && due < turn->now)
		seat->e.due_at = due;
}

/* One move; false when there is nothing to do now. */
static bool move(struct turn *turn, struct seat *seat)
{
	struct over over;
	if (seat->e.step.n == 0) {
		if (seat->campaign->step_count == 0)
			turn_end(turn, seat, STR("finished"), STR("there are no steps"), &seat->campaign->at);
		else
			start(turn, seat);
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
		if (!turn_is_over(turn, seat, &over))
			return false;
		contact_ended(turn, seat, step, &over);
		return true;
	}
	if (part_of(seat) == PART_SALES && turn_contact_of(seat, step))
		return hear_sales(turn, seat, step);
	int part = part_of(seat);
	if (step->timing == TIMING_WAIT_FOR && part == 0)
		return turn_await(turn, seat, step);
	if (step->timing == TIMING_DATE && (part == 0 || part == PART_SPREAD) && !turn_follow_date(turn, seat, step, part))
		return true;
	if (seat->e.due_at > turn->now)
		return false;
	turn_fall_due(turn, seat, step);
	return true;
}

/* After the next publish, when somebody asks for a rescore, by the resume of the one lead, or when the field was filled by which it has to choose; not
 * while its leave condition fails, nor while it is paused. */
static bool tries_again(struct turn *turn, struct seat *seat)
{
	if (seat->barred || turn_is_paused(turn, seat))
		return false;
	return turn->facts->rescore || turn->new_words || seat->paused_from || turn_can_choose(turn, seat);
}

static void try_again(struct turn *turn, struct seat *seat)
{
	seat->tried = true;
	seat->held_at = seat->e.step;
	seat->held_for = seat->e.reason;
	seat->e.state = ENROLLMENT_ACTIVE;
	seat->e.reason = (struct str){"", 0};
	if (!seat->e.touch_id && seat->e.due_at == MOMENT_NEVER && part_of(seat) != PART_SALES)
		seat->e.due_at = turn->now;
}

/* Its contact ended while it is held or paused: the news comes once, so where to go on is kept until it is tried again, even when its step is gone. */
static void keep_news(struct turn *turn, struct seat *seat)
{
	struct over over;
	const struct step *step = seat->campaign ? step_at(seat) : NULL;
	if (!seat->e.touch_id || !turn_is_over(turn, seat, &over))
		return;
	note_over(turn, seat, step, &over);
	if (is_parked(&over))
		turn_stay_at(seat, PART_CONTACT);
	else
		turn_ended_as(turn, seat, step ? turn_end_key(turn, seat, step, &over) : is_made(&over) ? STR("sent") : STR("held"));
}

/* The same of what sales say. */
static void keep_sales(struct turn *turn, struct seat *seat)
{
	const struct sales_word *word = part_of(seat) == PART_SALES ? sales_word(turn, seat) : NULL;
	if (!word)
		return;
	seat->hears_sales = false;
	turn_ended_as(turn, seat, word->accepted ? STR("accepted") : STR("returned"));
	seat->e.due_at = MOMENT_NEVER; /* tried again at once */
}

/* Said before what it did then, and only when it is not held there again. */
static void note_going_on(struct turn *turn, struct seat *seat, size_t first)
{
	if (seat->e.state == ENROLLMENT_HELD && str_same(seat->e.reason, seat->held_for))
		return;
	struct turn_log *log = turn_note_log(turn, seat, "goes on", turn_text(turn->arena, "it was held: %.*s", STR_ARG(seat->held_for)), NULL), mine = *log;
	mine.step = seat->held_at;
	memmove(&turn->out->logs[first + 1], &turn->out->logs[first], (turn->out->log_count - 1 - first) * sizeof mine);
	turn->out->logs[first] = mine;
}

/* A circle that check cannot see (a function chooses its ways), or a straight line that is too long for one turn. */
static const char too_many[] = "more than 100 steps at once, without a pause: it goes round, or a wait must part it";
_Static_assert(TURN_MOVES == 100, "too_many says so");

static void walk(struct turn *turn, struct seat *seat)
{
	size_t first = turn->out->log_count;
	if (!seat->campaign) {
		if (seat->e.state == ENROLLMENT_ACTIVE)
			turn_hold(turn, seat, STR("the campaign is not in the playbook"), NULL);
		return;
	}
	if (seat->e.state == ENROLLMENT_HELD && seat->moves == 0 && !seat->tried)
		try_again(turn, seat);
	while (seat->e.state == ENROLLMENT_ACTIVE && move(turn, seat)) {
		if (seat->moves > TURN_MOVES) {
			turn_note_error(turn, seat->campaign->at, NULL, too_many);
			turn_hold(turn, seat, str_of(too_many), &seat->campaign->at);
		}
	}
	if (seat->tried && seat->e.state == ENROLLMENT_ACTIVE)
		turn_seat_out(turn, seat);
	if (seat->tried && !seat->said) {
		note_going_on(turn, seat, first);
		seat->said = true;
	}
	if (seat->e.state == ENROLLMENT_ACTIVE)
		turn_note_wake(turn, seat->e.touch_id ? turn_late_at(turn, seat) : seat->e.due_at);
}

/* Paused: what it waits for goes on, so that who is resumed before that finds it so; what is over waits since then. */
static void stand_by(struct turn *turn, struct seat *seat)
{
	if (!seat->e.touch_id && seat->e.due_at == MOMENT_NEVER && part_of(seat) != PART_SALES)
		seat->e.due_at = seat->e.over_at;
	turn_note_wake(turn, seat->e.touch_id ? turn_late_at(turn, seat) : seat->e.due_at);
}

void turn_walk(struct turn *turn, struct seat *seat)
{
	bool paused = turn_is_paused(turn, seat) && seat->e.state == ENROLLMENT_ACTIVE;
	(void)turn_comes_back(turn, seat, seat->e.state == ENROLLMENT_HELD || paused);
	if (seat->e.state == ENROLLMENT_HELD || paused) {
		keep_news(turn, seat);
		keep_sales(turn, seat);
	}
	if (paused && !seat->e.holdout)
		stand_by(turn, seat);
	if (paused || seat->e.state == ENROLLMENT_ENDED || (seat->e.state == ENROLLMENT_HELD && !tries_again(turn, seat)) || seat->e.holdout)
		return;
	walk(turn, seat);
	if (turn_comes_back(turn, seat, seat->e.state == ENROLLMENT_HELD) && seat->e.state == ENROLLMENT_ACTIVE) /* told with this very turn */
		walk(turn, seat);
	if (seat->e.state == ENROLLMENT_HELD) /* what came with this very turn */
		keep_news(turn, seat);
}
