/* The order of a turn. The engine, stories and simulations call turn_run; it owns no memory but the arena's, asks nobody for the time,
 * and does the same for the same facts always.
 *
 *   look back   what held when the lead was last looked at (after a publish: by the new playbook's words, so that publishing lets
 *               nobody in whom only the new words would; decision 10)
 *   apply       events into history, fields, ended contacts
 *   rounds      scrub (quality) · settle (scores, grades, stage, segments) · leave · goal · enter · walk, again while a walk stirred something
 *   write down  what changed, and the earliest moment at which time alone changes more */
#include "turn/inside.h"

static int band_named(const struct grades *grades, struct str name)
{
	for (size_t i = 0; name.n && i < grades->band_count; i++)
		if (str_is(name, grades->bands[i].name))
			return (int)i;
	return -1;
}

/* An account that nobody has scored yet is told as one without people: what most are told when they have been scored. So whoever comes first need not look again. */
static struct account_summary account_scores(struct turn *turn)
{
	const struct turn_facts *facts = turn->facts;
	struct account_summary told = {0};
	if (facts->account && facts->account->summary)
		told = *facts->account->summary;
	if (!told.score_count && (facts->account || facts->joins) && playbook_asks_accounts(turn->playbook))
		told.scores = turn_account_unscored(turn->playbook, facts->account, turn->arena, &told.score_count);
	return told;
}

static void take_scores(struct turn *turn)
{
	const struct playbook *playbook = turn->playbook;
	const struct account_summary told = account_scores(turn), *summary = &told;
	turn->account_scores = told.scores;
	turn->account_score_count = told.score_count;
	for (size_t i = 0; i < playbook->model_count; i++) {
		struct str name = str_of(playbook->models[i].name);
		const struct score *score = playbook->models[i].of_account ? turn_account_stored(summary, name, false) : turn_stored(turn->facts, name, false);
		turn->scored[i] = score != NULL;
		turn->points[i] = score ? score->points : 0;
	}
	for (size_t i = 0; i < playbook->grades_count; i++) {
		struct str name = str_of(playbook->grades[i].name);
		const struct score *score = playbook->grades[i].of_account ? turn_account_stored(summary, name, true) : turn_stored(turn->facts, name, true);
		int band = score ? band_named(&playbook->grades[i], score->band) : -1;
		turn->standings[i] = (struct standing){score ? score->grade : (struct str){"", 0}, band, band};
	}
}

static void take_segments(struct turn *turn)
{
	const struct lead *lead = &turn->facts->lead;
	for (size_t i = 0; i < turn->playbook->segment_count; i++)
		for (size_t k = 0; k < lead->segment_count && !turn->member[i]; k++)
			turn->member[i] = str_is(lead->segments[k], turn->playbook->segments[i].name);
}

/* When the lead was last looked at. A history built again does not know: then its newest event. */
static moment_t last_look(const struct turn_facts *facts)
{
	const struct history *history = &facts->history;
	moment_t seen = history->seen_at;
	for (size_t i = history->count; !seen && i-- > 0;)
		if (history->events[i].at <= facts->now)
			seen = history->events[i].at;
	return seen < facts->now ? seen : facts->now;
}

static uint64_t words_of(const struct playbook *playbook)
{
	char head[17] = {0};
	memcpy(head, playbook->revision, 16);
	return strtoull(head, NULL, 16);
}

void turn_open(struct turn *turn, struct playbook *playbook, struct turn_facts *facts, struct arena *arena, struct turn_changes *out)
{
	memset(turn, 0, offsetof(struct turn, matched));
	*out = (struct turn_changes){.wake_at = MOMENT_NEVER};
	turn->playbook = playbook;
	turn->facts = facts;
	turn->arena = arena;
	turn->out = out;
	turn->now = facts->now;
	turn->since = INT64_MIN;
	turn->wake = MOMENT_NEVER;
	turn->seen = last_look(facts);
	turn->words = words_of(playbook);
	turn->new_words = turn->seen && (facts->history.seen_by != turn->words || !facts->history.seen_at);
	turn->zone = turn_zone(playbook, facts);
	turn->points = arena_array(arena, playbook->model_count + 1, sizeof *turn->points);
	turn->scored = arena_array(arena, playbook->model_count + playbook->segment_count + 2 * playbook->campaign_count + playbook->schema.lead_count + 1,
				   sizeof *turn->scored);
	turn->member = turn->scored + playbook->model_count;
	turn->entering = turn->member + playbook->segment_count;
	turn->by_hand = turn->entering + playbook->campaign_count;
	turn->slot_changed = turn->by_hand + playbook->campaign_count;
	turn->standings = arena_array(arena, playbook->grades_count + 1, sizeof *turn->standings);
	take_scores(turn);
	take_segments(turn);
}

static void *copy_of(struct turn *turn, const void *items, size_t size)
{
	return arena_dup_n(turn->arena, items, size);
}

static bool bands_set_stages(const struct playbook *playbook)
{
	for (size_t i = 0; i < playbook->grades_count; i++)
		for (size_t k = 0; k < playbook->grades[i].band_count; k++)
			if (playbook->grades[i].bands[k].stage >= 0)
				return true;
	return false;
}

/* Nothing that the settling at the last look saw has changed since by time alone. (Functions are not shown the time.) */
static bool stands_still(const struct turn *turn)
{
	const struct history *history = &turn->facts->history;
	for (size_t i = history->count; i-- > 0 && history->events[i].at > turn->seen;)
		if (history->events[i].at <= turn->facts->now)
			return false;
	return turn->wake > turn->facts->now;
}

/* A band that new words alone put the lead into, then and now, sets its stage before the look: it is so by publishing, nothing became. */
static void enter_bands_quietly(struct turn *turn)
{
	const struct playbook *playbook = turn->playbook;
	size_t sizes[] = {playbook->model_count * sizeof *turn->points, playbook->model_count * sizeof *turn->scored,
			  playbook->grades_count * sizeof *turn->standings};
	int *points = copy_of(turn, turn->points, sizes[0]);
	bool *scored = copy_of(turn, turn->scored, sizes[1]);
	struct standing *then = copy_of(turn, turn->standings, sizes[2]);
	turn->now = turn->facts->now;
	if (!stands_still(turn)) {
		(void)turn_score(turn);
		(void)turn_grade(turn);
	}
	for (size_t i = 0; i < playbook->grades_count; i++)
		if (turn->standings[i].band == then[i].band)
			turn_enter_band(turn, &playbook->grades[i], &then[i]);
	memcpy(turn->points, points, sizes[0]);
	memcpy(turn->scored, scored, sizes[1]);
	memcpy(turn->standings, then, sizes[2]);
	turn->now = turn->seen;
}

static void look_back(struct turn *turn)
{
	if (turn->seen)
		turn->now = turn->seen;
	turn->quiet = true;
	if (turn->new_words) {
		turn_scrub(turn);
		turn->settled = turn_settle(turn) && !turn->failed && stands_still(turn);
		if (bands_set_stages(turn->playbook))
			enter_bands_quietly(turn);
	}
	turn_look(turn);
	turn->quiet = false;
	turn->now = turn->facts->now;
}

/* Campaigns of high priority walk first, so that theirs are the places under the caps. */
static void walk_all(struct turn *turn)
{
	for (size_t c = 0; c <= turn->playbook->campaign_count; c++) {
		const struct campaign *campaign = c < turn->playbook->campaign_count ? &turn->playbook->campaigns[c] : NULL;
		for (size_t i = 0; i < turn->seat_count; i++)
			if (turn->seats[i]->campaign == campaign)
				turn_walk(turn, turn->seats[i]);
	}
}

/* What this round saw is not new to the next. */
static void forget_fresh(struct turn *turn)
{
	turn->fresh_count -= turn->fresh_seen;
	if (turn->fresh_count)
		memmove(turn->fresh, turn->fresh + turn->fresh_seen, turn->fresh_count * sizeof *turn->fresh);
	turn->fresh_seen = 0;
}

/* Settling takes most of a turn's time. When very many leads look again by new words, nearly all of them were settled a moment ago, by the look
 * back, and neither they nor time has moved since: their next moment stands, too. */
static void settle(struct turn *turn)
{
	if (!turn->settled || turn->stirred) {
		turn->wake = MOMENT_NEVER;
		turn_scrub(turn);
		(void)turn_settle(turn);
	}
	turn->settled = false;
}

static void round_once(struct turn *turn)
{
	settle(turn);
	turn->fresh_seen = turn->fresh_count;
	turn_leaves(turn);
	turn_taken_back(turn);
	turn_goals(turn);
	turn_splits(turn);
	turn_enters(turn);
	forget_fresh(turn);
	turn->rounds_done = true;
	walk_all(turn);
	turn_never(turn);
}

static void note_future(struct turn *turn)
{
	const struct history *history = &turn->facts->history;
	for (size_t i = history->count; i-- > 0 && history->events[i].at > turn->now;)
		turn_note_wake(turn, history->events[i].at);
}

static void write_down(struct turn *turn)
{
	struct turn_changes *out = turn->out;
	turn_report_scores(turn);
	for (size_t i = 0; i < turn->seat_count; i++)
		if (turn->seats[i]->out >= 0)
			out->enrollments[turn->seats[i]->out].enrollment = turn->seats[i]->e;
	int *slots = arena_array(turn->arena, turn->playbook->schema.lead_count + 1, sizeof *slots);
	for (size_t i = 0; i < turn->playbook->schema.lead_count; i++)
		if (turn->slot_changed[i])
			slots[out->slot_count++] = (int)i;
	out->slots = slots;
	if (!turn->seen || (turn->new_words && out->enrollment_count))
		out->history_changed = true;
	if (out->history_changed) {
		turn->facts->history.seen_at = turn->now;
		turn->facts->history.seen_by = turn->words;
		turn_remember_held(turn);
	}
	note_future(turn);
	turn_member(turn);
	out->wake_at = turn->wake;
}

/* Conditions that our own events make true, which make events … This turn ends all the same, with what it has; a person must look. */
static void note_restless(struct turn *turn)
{
	turn_doing(turn, NULL, NULL, NULL, NULL, NULL);
	turn_note_error(turn, (struct place){"turn", 0}, NULL,
			"campaigns, segments and stages of this lead change each other without a pause. Give one of them a wait, or another condition.");
}

/* Of who asked to be forgotten nothing is decided any more. What came late is forgotten as well. */
static bool is_to_be_erased(const struct turn_facts *facts)
{
	bool asked = facts->lead.erased;
	for (size_t i = 0; i < facts->event_count && !asked; i++)
		asked = str_is(facts->events[i].verb, "lead.erase");
	return asked;
}

int turn_run(struct playbook *playbook, struct turn_facts *facts, struct arena *arena, struct turn_changes *out, struct error *error)
{
	struct turn turn;
	if (!facts->lead.fields)
		return error_set(error, ERROR_INVALID, "lead", "lead %lld came without its fields", (long long)facts->lead.id);
	if (is_to_be_erased(facts)) {
		*out = (struct turn_changes){.erase = true, .wake_at = MOMENT_NEVER};
		return 0;
	}
	turn_open(&turn, playbook, facts, arena, out);
	turn_seats(&turn);
	turn_claims(&turn);
	look_back(&turn);
	turn_doing(&turn, NULL, NULL, NULL, NULL, NULL);
	turn_apply(&turn);
	for (int i = 0; i < TURN_ROUNDS; i++) {
		round_once(&turn);
		if (!turn.stirred)
			break;
	}
	if (turn.stirred)
		note_restless(&turn);
	turn_doing(&turn, NULL, NULL, NULL, NULL, NULL);
	write_down(&turn);
	return 0;
}
