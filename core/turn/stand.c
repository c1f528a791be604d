/* A turn's settling without its turn. What a publish would change is known before only if this does what turn.c does then: scrub, settle, the stages
 * of bands that the lead comes into, and once more when one was set. Always holds: the facts given stay as they were; the turn is quiet, so that
 * no event of ours goes into the history, which is the caller's. */
#include "turn/stand.h"

#include "turn/inside.h"

static void *copy_of(struct arena *arena, const void *items, size_t count, size_t size)
{
	void *copy = arena_array(arena, count + 1, size);
	if (count)
		memcpy(copy, items, count * size);
	return copy;
}

static bool enter_bands(struct turn *turn)
{
	enum stage before = turn->facts->lead.stage;
	for (size_t i = 0; i < turn->playbook->grades_count; i++)
		turn_enter_band(turn, &turn->playbook->grades[i], &turn->standings[i]);
	return turn->facts->lead.stage != before;
}

static const bool *who_enters(struct turn *turn)
{
	const struct playbook *playbook = turn->playbook;
	bool *enters = arena_array(turn->arena, playbook->campaign_count + 1, sizeof *enters);
	bool counted = turn->counts_errors;
	turn->counts_errors = false; /* of campaigns, their steps and logs tell */
	for (size_t i = 0; i < playbook->campaign_count; i++) {
		const struct campaign *campaign = &playbook->campaigns[i];
		if (!campaign->enter || campaign->off || campaign->enter->kind == CONDITION_ON)
			continue;
		turn_doing(turn, &campaign->at, "campaign", campaign->name, NULL, NULL);
		enters[i] = turn_holds(turn, campaign->enter).holds && !(campaign->leave && turn_holds(turn, campaign->leave).holds);
	}
	turn->counts_errors = counted;
	return enters;
}

static void write_out(struct turn *turn, struct turn_stand *out)
{
	const struct playbook *playbook = turn->playbook;
	struct turn_stand_grade *grades = arena_array(turn->arena, playbook->grades_count + 1, sizeof *grades);
	for (size_t i = 0; i < playbook->grades_count; i++)
		grades[i] = (struct turn_stand_grade){turn->standings[i].grade, turn->standings[i].band};
	*out = (struct turn_stand){.points = turn->points, .scored = turn->scored, .grades = grades, .member = turn->member, .enters = who_enters(turn),
		.stage = turn->facts->lead.stage, .adds = {"", 0}};
	if (turn->facts->lead.account_id && !turn->facts->without_account)
		out->adds = turn_member_packed(turn);
	out->errors = turn->out->errors;
	out->error_count = turn->out->error_count;
}

int turn_stand(struct playbook *playbook, const struct turn_facts *facts, bool with_receipts, struct arena *arena, struct turn_stand *out,
	       struct error *error)
{
	struct turn turn;
	struct turn_changes changes;
	struct turn_facts copy = *facts;
	if (!facts->lead.fields)
		return error_set(error, ERROR_INVALID, "lead", "lead %lld came without its fields", (long long)facts->lead.id);
	copy.lead.fields = copy_of(arena, facts->lead.fields, playbook->schema.lead_count, sizeof *copy.lead.fields);
	turn_open(&turn, playbook, &copy, arena, &changes);
	turn.quiet = turn.counts_errors = true;
	turn_scrub(&turn);
	turn_settle(&turn);
	if (enter_bands(&turn))
		turn_settle(&turn);
	write_out(&turn, out);
	if (with_receipts)
		out->receipts = turn_receipts(&turn);
	return 0;
}
