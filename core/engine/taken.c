/* Leads that entered a campaign for their account and came too late (once_per = "account"; core/turn/claim.c): a colleague's turn was committed first. Nothing of
 * the part that they were saved with is written. They are set aside, the others are saved again, and they are loaded again with what is known by then. The same holds for a turn that puts off a contact which a channel took
 * into its hand meanwhile (core/turn/give_way.c). A lead whose very
 * first turn found its account is in none until that turn is saved; so what the save told is kept here until then. Lost with the process, it is found again;
 * so it is let go, too, of a lead whose turn does not come any more (erased, merged, parked, in other hands), and of some hundreds the oldest. */
#include "engine/parts.h"

enum { KEPT_MOST = 500 };
static const int64_t KEPT_FOR = 5 * 60 * MOMENT_SECOND;

static bool is_aside(const struct round *round, int64_t lead_id)
{
	for (size_t i = 0; i < round->aside_count; i++)
		if (round->aside[i] == lead_id)
			return true;
	return false;
}

static bool knows_account(const struct round *round, int64_t lead_id)
{
	for (size_t i = 0; i < round->batch->count; i++)
		if (round->batch->leads[i].facts.lead.id == lead_id)
			return round->batch->leads[i].facts.lead.account_id != 0;
	return false;
}

static void add(struct engine *engine, int64_t lead_id, const struct campaign_claim *claim, mono_t since)
{
	if (!engine->taken.arena)
		engine->taken.arena = arena_new();
	struct taken *taken = arena_push(engine->taken.arena, &engine->taken.items, engine->taken.count, &engine->taken.room, sizeof *taken);
	*taken = (struct taken){.lead_id = lead_id, .since = since, .claim = *claim};
	taken->claim.campaign = arena_str(engine->taken.arena, claim->campaign);
	engine->taken.count++;
}

/* What is left without those that are `gone` gets memory of its own, which goes when there is nothing. */
static void let_go(struct engine *engine)
{
	struct arena *arena = engine->taken.arena;
	const struct taken *items = engine->taken.items;
	size_t count = engine->taken.count, gone = 0;
	for (size_t i = 0; i < count; i++)
		gone += items[i].gone;
	if (!gone)
		return;
	engine->taken.arena = NULL;
	taken_fini(engine);
	for (size_t i = 0; i < count; i++)
		if (!items[i].gone)
			add(engine, items[i].lead_id, &items[i].claim, items[i].since);
	arena_free(arena);
}

static void keep(struct engine *engine, int64_t lead_id, const struct campaign_claim *claim)
{
	mono_t now = mono_now();
	size_t surplus = engine->taken.count < KEPT_MOST ? 0 : KEPT_MOST / 2; /* the oldest come first */
	for (size_t i = 0; i < engine->taken.count; i++) {
		struct taken *taken = &engine->taken.items[i];
		taken->gone = i < surplus || !(engine->held >> lead_shard(taken->lead_id) & 1) || now - taken->since >= KEPT_FOR;
	}
	let_go(engine);
	add(engine, lead_id, claim, now);
}

void taken_note(struct round *round, int64_t lead_id, const struct campaign_claim *claim)
{
	if (!is_aside(round, lead_id) && round->aside_count < BATCH_LEADS)
		round->aside[round->aside_count++] = lead_id;
	if (claim && claim->enrollment_id && !knows_account(round, lead_id))
		keep(round->engine, lead_id, claim);
}

void taken_add(const struct engine *engine, struct turn_facts *facts, struct arena *arena)
{
	struct campaign_claim *all = NULL;
	for (size_t i = 0; i < engine->taken.count; i++) {
		if (engine->taken.items[i].lead_id != facts->lead.id || facts->lead.account_id)
			continue;
		if (!all)
			all = arena_array(arena, engine->taken.count, sizeof *all);
		all[facts->claim_count++] = engine->taken.items[i].claim;
		all[facts->claim_count - 1].campaign = arena_str(arena, all[facts->claim_count - 1].campaign);
		facts->claims = all;
	}
}

/* To the end of the part, which is not saved then. */
size_t taken_set_aside(struct round *round)
{
	struct save_lead *saves = round->saves + round->saving_from;
	size_t kept = 0;
	for (size_t i = 0; i < round->saving_count; i++) {
		struct save_lead one = saves[i];
		if (is_aside(round, one.before->facts.lead.id))
			continue;
		saves[i] = saves[kept];
		saves[kept++] = one;
	}
	round->again = true;
	round->aside_count = 0;
	return kept;
}

static bool is_saved(const struct round *round, int64_t lead_id)
{
	for (size_t i = round->saving_from; i < round->saving_from + round->saving_count; i++)
		if (round->saves[i].before->facts.lead.id == lead_id)
			return true;
	return false;
}

void taken_forget(struct round *round)
{
	struct engine *engine = round->engine;
	for (size_t i = 0; i < engine->taken.count; i++)
		engine->taken.items[i].gone = is_saved(round, engine->taken.items[i].lead_id);
	let_go(engine);
}

void taken_fini(struct engine *engine)
{
	arena_free(engine->taken.arena);
	engine->taken.arena = NULL;
	engine->taken.items = NULL;
	engine->taken.count = engine->taken.room = 0;
}
