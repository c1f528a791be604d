/* Campaigns with once_per = "account": of the people of one account one is in it at a time, the first. Called by campaign.c.
 *
 * Two colleagues may have their turns at the same moment, in two shards, and neither sees the other. So a turn decides by what it was given (facts->claims), says
 * that it entered for its account (out->claims), and the store saves it only if nobody was faster; else nothing of it is saved, and it is decided again, knowing
 * who was. `again` holds for the account: it counts from the end of the last of them. Who belongs to no account stands for nobody but itself; who goes to another one in the
 * middle of its walk has no place in the old one any more, and in the new one where it is free. */
#include "turn/inside.h"

static const struct campaign_claim *claim_of(const struct turn *turn, const struct campaign *campaign)
{
	for (size_t i = 0; i < turn->facts->claim_count; i++)
		if (str_is(turn->facts->claims[i].campaign, campaign->name))
			return &turn->facts->claims[i];
	return NULL;
}

/* What this turn itself did with a walk that holds the claim is not in the facts. */
static bool is_ours(const struct turn *turn, const struct campaign_claim *claim)
{
	return claim->lead_id == turn->facts->lead.id;
}

const char *turn_taken(const struct turn *turn, const struct campaign *campaign)
{
	const struct campaign_claim *claim = campaign->once_per_account ? claim_of(turn, campaign) : NULL;
	if (!claim || claim->gone || is_ours(turn, claim))
		return NULL;
	if (!claim->ended_at)
		return arena_printf(turn->arena, "lead %lld of the same account is in it: one at a time", (long long)claim->lead_id);
	if (campaign->again == AGAIN_ALWAYS || (campaign->again == AGAIN_AFTER && turn_later(turn, claim->ended_at, campaign->again_after) <= turn->now))
		return NULL;
	return arena_printf(turn->arena, "lead %lld of the same account was in it, and again does not let another in", (long long)claim->lead_id);
}

static struct turn_claim *new_claim(struct turn *turn, const struct campaign *campaign)
{
	struct turn_changes *out = turn->out;
	for (size_t i = 0; i < out->claim_count; i++)
		if (str_is(out->claims[i].campaign, campaign->name))
			return &out->claims[i];
	struct turn_claim *claim = arena_push(turn->arena, &out->claims, out->claim_count, &turn->claim_room, sizeof *claim);
	*claim = (struct turn_claim){.campaign = str_of(campaign->name), .enrollment = -1};
	out->claim_count++;
	return claim;
}

void turn_claim(struct turn *turn, struct seat *seat)
{
	if (!seat->campaign->once_per_account)
		return;
	const struct campaign_claim *before = claim_of(turn, seat->campaign);
	struct turn_claim *claim = new_claim(turn, seat->campaign);
	claim->enrollment = turn_seat_out(turn, seat);
	claim->instead = before ? before->enrollment_id : 0;
}

/* Who was in when the campaign was not yet for one of an account, or had no account then. */
void turn_claims(struct turn *turn)
{
	for (size_t i = 0; turn->facts->account && i < turn->seat_count; i++) {
		struct seat *seat = turn->seats[i];
		if (!seat->campaign || !seat->campaign->once_per_account || seat->e.state == ENROLLMENT_ENDED || !seat->e.id)
			continue;
		const struct campaign_claim *claim = claim_of(turn, seat->campaign);
		if (claim && !claim->gone)
			continue;
		turn_claim(turn, seat);
		new_claim(turn, seat->campaign)->late = true;
	}
}
