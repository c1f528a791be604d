/* split: one of several acts, drawn once for each lead and kept in its pass of the step (way); a lead that enters again keeps what it drew, and so does one
 * inside when a publish leaves that way in the split, whatever its weights are then. Called by act.c; the ways stand behind the split among the step's actions.
 *
 *   winner = … makes it a test. It begins with the first draw (out->splits → table split_test) and is decided by the jobs worker (report/winner.h):
 *   facts->splits tells. Until then: with first = … only that share of the leads draws, the others wait; without, all draw. Then: all others get the winner, or,
 *   where first ended without one, the first act. Who has `winner` since the draw is noted in its pass, also after its walk is over. */
#include "turn/inside.h"

static const int64_t SLACK = 2 * MOMENT_MINUTE, PATIENCE = 10 * MOMENT_MINUTE, WATCHED = 90 * MOMENT_DAY;

static const struct action *split_in(const struct step *step)
{
	for (size_t i = 0; i < step->action_count; i++)
		if (step->actions[i].kind == ACTION_SPLIT)
			return &step->actions[i];
	return NULL;
}

static const struct action *way_named(const struct action *split, struct str name)
{
	for (size_t i = 0; name.n && i < split->split->count; i++)
		if (str_is(name, split[1 + i].way))
			return &split[1 + i];
	return NULL;
}

static struct str drawn(const struct seat *seat, const struct step *step)
{
	for (size_t i = 0; i < seat->e.pass_count; i++)
		if (turn_is_pass_of(step, &seat->e.passes[i]) && seat->e.passes[i].way.n)
			return seat->e.passes[i].way;
	return (struct str){"", 0};
}

bool turn_is_drawn(const struct seat *seat, const struct step *step, const struct action *action)
{
	return !action->way || str_is(drawn(seat, step), action->way);
}

/* 0 … below 1, the same for ever; what: two questions about a lead do not hang together. */
static double lot(const struct turn *turn, const struct seat *seat, const struct step *step, const char *what)
{
	struct str key = turn_text(turn->arena, "%lld:%s:%s:%s", (long long)turn->facts->lead.id, seat->campaign->name, step->name, what);
	return (double)hash_stable(key) / 18446744073709551616.0;
}

/* What it drew when it was in this campaign before. */
static const struct action *drawn_before(const struct turn *turn, const struct seat *seat, const struct step *step, const struct action *split)
{
	for (size_t i = 0; i < turn->seat_count; i++) {
		const struct action *way = turn->seats[i] != seat && turn->seats[i]->campaign == seat->campaign ? way_named(split, drawn(turn->seats[i], step)) : NULL;
		if (way)
			return way;
	}
	return NULL;
}

static const struct split_test *test_of(const struct turn *turn, const struct campaign *campaign, const struct step *step, const struct split *split)
{
	for (size_t i = 0; i < turn->facts->split_count; i++) {
		const struct split_test *test = &turn->facts->splits[i];
		if (str_is(test->campaign, campaign->name) && str_is(test->step, step->name) && str_is(test->words, split->words))
			return test;
	}
	return NULL;
}

static void give(struct turn *turn, struct seat *seat, const struct action *way, enum luck luck, const char *what)
{
	struct step_pass *pass = turn_own_pass(turn, seat);
	turn_seat_out(turn, seat);
	pass->way = str_of(way->way);
	pass->drawn_at = turn->now;
	pass->luck = luck;
	turn_note_log(turn, seat, what, pass->way, &way->at);
}

static const struct action *draw(const struct turn *turn, const struct seat *seat, const struct step *step, const struct action *split)
{
	double at = lot(turn, seat, step, "way");
	size_t i = 0;
	while (i + 1 < split->split->count && at >= split->split->shares[i])
		at -= split->split->shares[i++];
	return &split[1 + i];
}

/* The test begins with its first draw: the store keeps the first. */
static void begin(struct turn *turn, const struct seat *seat, const struct step *step, const struct action *split)
{
	struct turn_split *out = arena_push(turn->arena, &turn->out->splits, turn->out->split_count, &turn->split_room, sizeof *out);
	struct buf ways = {0};
	for (size_t i = 0; i < split->split->count; i++) {
		buf_puts(&ways, i ? "," : "[");
		buf_put_json(&ways, str_of(split[1 + i].way));
	}
	buf_putc(&ways, ']');
	*out = (struct turn_split){.campaign = str_of(seat->campaign->name), .step = str_of(step->name), .words = str_of(split->split->words),
				   .ways = str_of(arena_dup_n(turn->arena, ways.p, ways.n)), .first = split->split->first,
				   .look_at = turn_later(turn, turn->now, split->split->after)};
	turn->out->split_count++;
	buf_fini(&ways);
}

/* One of those who wait for the winner. */
static enum act_end await_winner(struct turn *turn, struct seat *seat, const struct step *step, const struct action *split, const struct split_test *test)
{
	moment_t until = test ? test->look_at : turn_later(turn, seat->e.step_since, split->split->after);
	if (!test && until <= turn->now) { /* nobody was there to try it on */
		give(turn, seat, &split[1], LUCK_GIVEN, "no winner");
		return ACT_DONE;
	}
	if (until > turn->now)
		turn_note_log(turn, seat, "waits", STR("for the winner of the split"), &split->at);
	turn_stay_at(seat, (int)(split - step->actions) + 1);
	seat->e.due_at = until > turn->now ? until + SLACK : turn->now + PATIENCE;
	return ACT_WAITS;
}

static enum act_end take_part(struct turn *turn, struct seat *seat, const struct step *step, const struct action *split)
{
	const struct split_test *test = test_of(turn, seat->campaign, step, split->split);
	if (test && test->decided_at) {
		const struct action *winner = way_named(split, test->winner);
		give(turn, seat, winner ? winner : &split[1], LUCK_GIVEN, winner ? "winner" : "no winner");
		return ACT_DONE;
	}
	if (split->split->first > 0 && lot(turn, seat, step, "first") >= split->split->first)
		return await_winner(turn, seat, step, split, test);
	give(turn, seat, draw(turn, seat, step, split), LUCK_DRAWN, "split");
	if (!test)
		begin(turn, seat, step, split);
	return ACT_DONE;
}

static const struct action *asked_way(const struct turn *turn, const struct seat *seat, const struct step *step, const struct action *split)
{
	for (size_t i = 0; i < turn->facts->way_count; i++) {
		const struct split_asked *asked = &turn->facts->ways[i];
		if (strcmp(asked->campaign, seat->campaign->name) == 0 && str_is(asked->step, step->name))
			return way_named(split, asked->way);
	}
	return NULL;
}

enum act_end turn_split(struct turn *turn, struct seat *seat, const struct step *step, const struct action *split)
{
	const struct action *before = drawn_before(turn, seat, step, split), *asked = asked_way(turn, seat, step, split);
	if (way_named(split, drawn(seat, step)))
		return ACT_DONE;
	if (asked)
		give(turn, seat, asked, LUCK_GIVEN, "as you said");
	else if (before)
		give(turn, seat, before, LUCK_GIVEN, "as before");
	else if (split->split->winner)
		return take_part(turn, seat, step, split);
	else
		give(turn, seat, draw(turn, seat, step, split), LUCK_DRAWN, "split");
	return ACT_DONE;
}

/* ---- who has what wins ---- */

static bool is_watched(const struct turn *turn, const struct step_pass *pass, const struct campaign *campaign, const struct step *step, const struct action *split)
{
	const struct split_test *test = test_of(turn, campaign, step, split->split);
	return (pass->luck == LUCK_DRAWN || (pass->luck == LUCK_WON && turn->took_back)) && turn->now - pass->drawn_at <= WATCHED && way_named(split, pass->way) && !(test && test->decided_at);
}

static void note_luck(struct turn *turn, struct seat *seat, const struct step *step, size_t pass, enum luck luck, const struct action *split)
{
	struct step_pass *all = (struct step_pass *)arena_dup_n(turn->arena, (const char *)seat->e.passes, seat->e.pass_count * sizeof *all);
	all[pass].luck = luck;
	seat->e.passes = all;
	turn_seat_out(turn, seat);
	turn_note_log(turn, seat, luck == LUCK_WON ? "won" : "not won", all[pass].way, &split->split->winner->at)->step = str_of(step->name);
}

/* Who has won stays so, but where a click was taken back: then it is asked again. */
static void watch(struct turn *turn, struct seat *seat, const struct step *step, const struct action *split)
{
	for (size_t i = 0; i < seat->e.pass_count; i++) {
		const struct step_pass *pass = &seat->e.passes[i];
		if (!turn_is_pass_of(step, pass) || !is_watched(turn, pass, seat->campaign, step, split))
			continue;
		moment_t since = turn->since;
		turn->since = pass->drawn_at;
		turn_doing(turn, &step->at, "campaign", seat->campaign->name, "step", step->name);
		struct verdict v = turn_ask(turn, split->split->winner);
		turn->since = since;
		if (!v.holds)
			turn_note_wake(turn, v.until);
		if (!v.failed && v.holds != (pass->luck == LUCK_WON))
			note_luck(turn, seat, step, i, v.holds ? LUCK_WON : LUCK_DRAWN, split);
	}
}

void turn_splits(struct turn *turn)
{
	for (size_t i = 0; i < turn->seat_count; i++) {
		struct seat *seat = turn->seats[i];
		for (size_t k = 0; seat->campaign && !seat->campaign->off && seat->e.pass_count && k < seat->campaign->step_count; k++) {
			const struct step *step = &seat->campaign->steps[k];
			const struct action *split = step->off ? NULL : split_in(step);
			if (split && split->split->winner)
				watch(turn, seat, step, split);
		}
	}
}
