/* Who is in which campaign: enter, again, existing, leave, goal, holdout. Called by turn.c in rounds, until nothing stirs.
 *
 * Entering is becoming (decision 10): a condition that was "no" when the lead was last looked at and is "yes" now, or an `on` in
 * it that a new event made true (again). Leaving asks only whether it is so now. A goal counts once, if it came true after
 * entry (decision 4), also when the walk is over by then: of who is held out it is watched as long. A holdout enters, never walks, and is
 * compared: the same leads for ever, by hash of lead and campaign (with once_per = "account": of account and campaign). */
#include "turn/inside.h"

#include <stdio.h>

static const struct campaign *campaigns(const struct turn *turn)
{
	return turn->playbook->campaigns;
}

static struct seat *new_seat(struct turn *turn, struct enrollment e)
{
	struct seat *seat = arena_alloc(turn->arena, sizeof *seat);
	*seat = (struct seat){.e = e, .campaign = playbook_campaign(turn->playbook, e.campaign), .out = -1};
	*(struct seat **)arena_push(turn->arena, &turn->seats, turn->seat_count, &turn->seat_room, sizeof seat) = seat;
	turn->seat_count++;
	return seat;
}

void turn_seats(struct turn *turn)
{
	for (size_t i = 0; i < turn->facts->enrollment_count; i++) {
		struct seat *seat = new_seat(turn, turn->facts->enrollments[i]);
		seat->hears_sales = seat->e.rounds >> TURN_PART_SHIFT == PART_SALES;
	}
}

static bool is_in(const struct seat *seat)
{
	return seat->e.state != ENROLLMENT_ENDED;
}

static struct seat *seat_in(const struct turn *turn, const struct campaign *campaign)
{
	for (size_t i = 0; i < turn->seat_count; i++)
		if (turn->seats[i]->campaign == campaign && is_in(turn->seats[i]))
			return turn->seats[i];
	return NULL;
}

/* When it ended last; 0 = was never in. */
static moment_t ended_last(const struct turn *turn, const struct campaign *campaign)
{
	moment_t last = 0;
	for (size_t i = 0; i < turn->seat_count; i++)
		if (turn->seats[i]->campaign == campaign && !is_in(turn->seats[i]) && turn->seats[i]->e.ended_at > last)
			last = turn->seats[i]->e.ended_at;
	return last;
}

/* ---- looking ---- */

static void doing(struct turn *turn, const struct campaign *campaign)
{
	turn_doing(turn, &campaign->at, "campaign", campaign->name, NULL, NULL);
}

/* A function may look at the event: it is asked without one, then for each new one. *by_event: only an event made it true. */
static struct verdict look(struct turn *turn, const struct condition *c, bool *by_event)
{
	const struct turn_facts *facts = turn->facts;
	struct verdict v = turn_holds(turn, c);
	*by_event = false;
	if (v.holds || !turn_asks_function(c))
		return v;
	for (size_t i = 0; i < facts->event_count && !v.holds; i++) {
		if (facts->events[i].machine || facts->events[i].at > turn->now || turn->rounds_done)
			continue;
		turn->event = &facts->events[i];
		v = turn_holds(turn, c);
		*by_event = v.holds;
	}
	turn->event = NULL;
	return v;
}

static bool held_before(struct turn *turn, const struct campaign *campaign)
{
	const struct history *history = &turn->facts->history;
	if (!turn->seen || !campaign->enter || campaign->enter->kind == CONDITION_ON)
		return false;
	doing(turn, campaign);
	if (turn->new_words && !campaign->off)
		return turn_holds(turn, campaign->enter).holds;
	for (size_t i = 0; i < history->held_count; i++)
		if (str_is(history->held[i], campaign->name))
			return true;
	return false;
}

/* For the next turn: what holds now. */
void turn_remember_held(struct turn *turn)
{
	struct str *held = arena_array(turn->arena, turn->playbook->campaign_count + 1, sizeof *held);
	size_t n = 0;
	for (size_t i = 0; i < turn->playbook->campaign_count && n < HISTORY_HELD; i++)
		if (turn->entering[i])
			held[n++] = str_of(campaigns(turn)[i].name);
	turn->facts->history.held = held;
	turn->facts->history.held_count = n;
}

/* Whose goal is watched: who is in, and of who is out the newest walk. Held out or not, and however it ended: so that both are watched equally long. */
static bool is_watched(const struct turn *turn, const struct seat *seat)
{
	if (!seat->campaign || !seat->campaign->goal || seat->campaign->off || seat->e.goal_at)
		return false;
	return is_in(seat) || !seat_in(turn, seat->campaign);
}

/* The first look of a turn, before anything is applied: what held when the lead was last looked at. */
void turn_look(struct turn *turn)
{
	for (size_t i = 0; i < turn->playbook->campaign_count; i++)
		turn->entering[i] = held_before(turn, &campaigns(turn)[i]);
	for (size_t i = 0; i < turn->seat_count; i++) {
		struct seat *seat = turn->seats[i];
		if (!is_watched(turn, seat))
			continue;
		doing(turn, seat->campaign);
		seat->goal_held = turn_holds(turn, seat->campaign->goal).holds;
	}
}

/* ---- leaving ---- */

void turn_end(struct turn *turn, struct seat *seat, struct str reason, struct str cause, const struct place *at)
{
	turn_cancel(turn, seat, (struct str){"", 0}, "the enrollment ended");
	turn_note_log(turn, seat, "leave", cause, at);
	seat->e.state = ENROLLMENT_ENDED;
	seat->e.ended_at = turn->now;
	seat->e.paused_at = 0;
	seat->e.due_at = MOMENT_NEVER;
	seat->e.touch_id = 0;
	seat->e.reason = reason;
	turn_note_event(turn, "campaign.leave", seat->e.campaign,
			turn_text(turn->arena, "{\"campaign\": \"%.*s\", \"reason\": %.*s}", STR_ARG(seat->e.campaign),
				  STR_ARG(turn_json(turn->arena, reason))));
}

/* Its step failed, or is not there: nothing is sent (the gate refuses what is planned for it, except what a channel has in hand with
 * permission), nothing is skipped; looked at again after the next publish. When that changes nothing, it is said no second time.
 * What it waited for it goes on waiting for. */
void turn_hold(struct turn *turn, struct seat *seat, struct str reason, const struct place *at)
{
	if (!seat->tried || !str_same(seat->held_at, seat->e.step) || !str_same(seat->held_for, reason))
		turn_note_log(turn, seat, "error", reason, at);
	seat->e.state = ENROLLMENT_HELD;
	if (seat->e.due_at <= turn->now)
		seat->e.due_at = MOMENT_NEVER;
	seat->e.reason = reason;
}

/* Whether it should leave cannot be asked: it stays where it is, and nothing is sent. */
static void stand_still(struct turn *turn, struct seat *seat)
{
	seat->barred = true;
	if (seat->e.state == ENROLLMENT_ACTIVE)
		turn_hold(turn, seat, STR("the campaign is switched off: three workers died in it"), &seat->campaign->at);
}

/* Its campaign was finished by somebody who does not want to wait for the walks. */
static bool let_out(struct turn *turn, struct seat *seat)
{
	const struct campaign_pause *pause = is_in(seat) ? turn_pause_of(turn->facts, seat->e.campaign) : NULL;
	if (!pause || !pause->let_out)
		return false;
	turn_end(turn, seat, STR("finished by hand"), STR("the campaign was finished by hand"), seat->campaign ? &seat->campaign->at : NULL);
	return true;
}

void turn_leaves(struct turn *turn)
{
	for (size_t i = 0; i < turn->seat_count; i++) {
		struct seat *seat = turn->seats[i];
		if (let_out(turn, seat) || !is_in(seat) || !seat->campaign)
			continue;
		doing(turn, seat->campaign);
		if (turn_is_off(turn, seat->campaign->off, &seat->campaign->at)) {
			stand_still(turn, seat);
			continue;
		}
		if (!seat->campaign->leave)
			continue;
		struct verdict v = turn_holds(turn, seat->campaign->leave);
		turn_note_wake(turn, v.until);
		seat->barred = v.failed;
		if (v.failed && seat->e.state == ENROLLMENT_ACTIVE)
			turn_hold(turn, seat, STR("the leave condition failed"), &seat->campaign->leave->at);
		else if (v.holds)
			turn_end(turn, seat, STR("leave"), STR("the leave condition is true"), &seat->campaign->leave->at);
	}
}

/* ---- goals ---- */

static void reach(struct turn *turn, struct seat *seat)
{
	const struct campaign *campaign = seat->campaign;
	seat->e.goal_at = turn->now;
	turn_note_log(turn, seat, "goal", STR("the goal became true"), &campaign->goal->at);
	turn_note_event(turn, "campaign.goal", seat->e.campaign,
			turn_text(turn->arena, "{\"campaign\": \"%.*s\"}", STR_ARG(seat->e.campaign)));
	if (!is_in(seat))
		return;
	if (campaign->at_goal == AT_GOAL_LEAVE) {
		turn_end(turn, seat, STR("goal"), STR("at_goal = \"leave\""), &campaign->at);
	} else if (campaign->at_goal == AT_GOAL_STEP && !seat->e.holdout && seat->e.state == ENROLLMENT_ACTIVE) {
		turn_cancel(turn, seat, (struct str){"", 0}, "the goal was reached");
		turn_arrive(turn, seat, campaign->at_goal_step, turn->now);
	}
}

void turn_goals(struct turn *turn)
{
	for (size_t i = 0; i < turn->seat_count; i++) {
		struct seat *seat = turn->seats[i];
		if (!is_watched(turn, seat))
			continue;
		doing(turn, seat->campaign);
		bool by_event;
		struct verdict v = look(turn, seat->campaign->goal, &by_event);
		turn_note_wake(turn, v.until);
		if (v.holds && (!seat->goal_held || by_event || turn_fires(turn, seat->campaign->goal, seat->e.entered_at)))
			reach(turn, seat);
		seat->goal_held = v.holds && !by_event;
	}
}

/* ---- entering ---- */

bool turn_held_out(const struct campaign *campaign, int64_t lead_id, int64_t account_id)
{
	if (campaign->holdout <= 0)
		return false;
	char key[256];
	bool by_account = campaign->once_per_account && account_id;
	int n = snprintf(key, sizeof key, "%s%lld:%s", by_account ? "account " : "", (long long)(by_account ? account_id : lead_id), campaign->name);
	struct str text = {key, n < (int)sizeof key ? (size_t)n : sizeof key - 1};
	return (double)hash_stable(text) / 18446744073709551616.0 < campaign->holdout;
}

static void begin(struct turn *turn, const struct campaign *campaign, struct str cause, const struct place *at)
{
	moment_t now = turn->now;
	struct seat *seat = new_seat(turn, (struct enrollment){
		.lead_id = turn->facts->lead.id, .campaign = str_of(campaign->name), .step = {"", 0}, .state = ENROLLMENT_ACTIVE, .entered_at = now,
		.step_since = now, .over_at = now, .due_at = now, .reason = {"", 0}});
	seat->campaign = campaign;
	moment_t fired = campaign->enter ? turn_fired_at(turn, campaign->enter, INT64_MIN) : INT64_MIN;
	seat->began_at = fired > 0 ? fired : 0;
	seat->e.holdout = turn_held_out(campaign, turn->facts->lead.id, turn->facts->lead.account_id);
	turn_claim(turn, seat);
	if (seat->e.holdout)
		seat->e.due_at = MOMENT_NEVER;
	seat->goal_held = campaign->goal && turn_holds(turn, campaign->goal).holds;
	turn->starts++;
	turn_note_log(turn, seat, "enter", seat->e.holdout ? turn_text(turn->arena, "%.*s; held out", STR_ARG(cause)) : cause, at);
	turn_note_event(turn, "campaign.enter", seat->e.campaign, turn_text(turn->arena, "{\"campaign\": \"%s\"}", campaign->name));
}

static void not_entered(struct turn *turn, const struct campaign *campaign, const char *why, const struct place *at)
{
	struct turn_log *log = turn_note_log(turn, NULL, "not entered", str_of(why), at);
	log->campaign = str_of(campaign->name);
}

/* `again`, counted from the end (decision 33). */
static bool may_again(const struct turn *turn, const struct campaign *campaign)
{
	moment_t ended = ended_last(turn, campaign);
	if (!ended || campaign->again == AGAIN_ALWAYS)
		return true;
	return campaign->again == AGAIN_AFTER && turn_later(turn, ended, campaign->again_after) <= turn->now;
}

/* Campaigns that let each other's leads in, by what we tell of them (campaign.leave, campaign.goal), would go round for ever, with a mail each time: check refuses
 * those that surely do (playbook/circles.c), and not those whose conditions may end it. Nobody enters the same one oftener in a day, whatever lets them in.
 *
 * The history has only the newest events one by one. Where these are all of less than a day (a circle of five campaigns fills them with ten a round), it is the rate that counts: as many enters for
 * their time as 24 are for a day. From a few on, as one enter among 200 clicks of ten minutes is no circle. */
enum { ENTERS_A_DAY = 24, ENTERS_FEW = 4 };

static bool is_too_often(const struct history *history, int entered, moment_t now)
{
	moment_t oldest = history->count == HISTORY_EXACT ? history->events[0].at : INT64_MIN;
	bool shorter = oldest > now - MOMENT_DAY;
	return entered >= ENTERS_A_DAY || (shorter && entered >= ENTERS_FEW && entered * MOMENT_DAY >= ENTERS_A_DAY * (now - oldest));
}

static bool comes_too_often(struct turn *turn, const struct campaign *campaign, const struct place *at)
{
	const struct history *history = &turn->facts->history;
	int entered = 0;
	for (size_t i = 0; i < history->count; i++)
		entered += history->events[i].at > turn->now - MOMENT_DAY && str_is(history->events[i].verb, "campaign.enter") && str_is(history->events[i].subject, campaign->name);
	if (!is_too_often(history, entered, turn->now))
		return false;
	turn_note_error(turn, *at, NULL, "a lead entered as often as 24 times within a day, and does not enter again until that is over. Do campaigns let it into each other? Give one of them again = \"after 1 day\".");
	return true;
}

static bool is_finished(const struct turn *turn, const struct campaign *campaign)
{
	const struct campaign_pause *pause = turn_pause_of(turn->facts, str_of(campaign->name));
	return pause && pause->finished_at;
}

void turn_enroll(struct turn *turn, const struct campaign *campaign, struct str cause, const struct place *at)
{
	const char *taken = NULL;
	if (seat_in(turn, campaign))
		return;
	if (campaign->off)
		not_entered(turn, campaign, "it is switched off: three workers died in it", at);
	else if (is_finished(turn, campaign))
		not_entered(turn, campaign, "it is finished", at);
	else if (!may_again(turn, campaign))
		not_entered(turn, campaign, "it was in before, and again does not let it in", at);
	else if (comes_too_often(turn, campaign, at))
		not_entered(turn, campaign, "it was entered too often within a day", at);
	else if ((taken = turn_taken(turn, campaign)) != NULL)
		not_entered(turn, campaign, taken, at);
	else if (campaign->leave && turn_holds(turn, campaign->leave).holds)
		not_entered(turn, campaign, "the leave condition is true already", at);
	else if (turn->starts >= TURN_STARTS)
		not_entered(turn, campaign, "too many campaigns began in one turn", at);
	else
		begin(turn, campaign, cause, at);
}

static struct str why_entered(const struct turn *turn)
{
	for (size_t i = turn->fresh_seen; i-- > 0;)
		if (turn->fresh[i].id)
			return turn_text(turn->arena, turn->fresh[i].subject.n ? "%.*s %.*s" : "%.*s%.*s", STR_ARG(turn->fresh[i].verb),
					 STR_ARG(turn->fresh[i].subject));
	return STR("the condition became true");
}

static bool comes_in(struct turn *turn, const struct campaign *campaign, bool before)
{
	if (turn_fires(turn, campaign->enter, INT64_MIN))
		return true;
	if (!before && campaign->enter->kind != CONDITION_ON)
		return true;
	return (turn->facts->rescore || turn->new_words) && campaign->existing && !ended_last(turn, campaign);
}

static void enter(struct turn *turn, const struct campaign *campaign, bool *before)
{
	doing(turn, campaign);
	bool by_event, held = *before;
	if (turn_is_off(turn, campaign->off, &campaign->at))
		return;
	struct verdict v = look(turn, campaign->enter, &by_event);
	turn_note_wake(turn, v.until);
	if (v.failed)
		return;
	if (campaign->enter->kind != CONDITION_ON)
		*before = v.holds && !by_event;
	if (*before != held && campaign->enter->kind != CONDITION_ON)
		turn->out->history_changed = true; /* the next turn looks back to this one */
	if (v.holds && !seat_in(turn, campaign) && (by_event || comes_in(turn, campaign, held)))
		turn_enroll(turn, campaign, why_entered(turn), &campaign->enter->at);
}

void turn_enters(struct turn *turn)
{
	for (size_t i = 0; i < turn->playbook->campaign_count; i++) {
		const struct campaign *campaign = &campaigns(turn)[i];
		if (turn->by_hand[i]) {
			turn->by_hand[i] = false;
			turn_enroll(turn, campaign, STR("by hand"), &campaign->at);
		}
		if (campaign->enter && (campaign->again != AGAIN_NEVER || !ended_last(turn, campaign)))
			enter(turn, campaign, &turn->entering[i]);
	}
}
