/* Campaigns made by hand: acts, steps, lists of them. For the tests of walking and of entering. */
#ifndef NURTURE_TESTS_TURN_CAMPAIGN_H
#define NURTURE_TESTS_TURN_CAMPAIGN_H

#include "unit/turn_hand.h"

UNUSED_OK static struct action email(const char *template)
{
	return (struct action){.kind = ACTION_CONTACT, .at = {"c.lua", 9}, .name = template, .channel_kind = "email", .purpose = "marketing", .target = -1};
}

UNUSED_OK static struct action call_by(const char *script)
{
	return (struct action){.kind = ACTION_CONTACT, .at = {"c.lua", 9}, .name = script, .channel_kind = "call", .purpose = "marketing", .target = -1};
}

UNUSED_OK static struct action go_to(int step)
{
	return (struct action){.kind = ACTION_GO, .at = {"c.lua", 9}, .target = step};
}

UNUSED_OK static struct action leave_with(const char *reason)
{
	return (struct action){.kind = ACTION_LEAVE, .at = {"c.lua", 9}, .name = reason};
}

UNUSED_OK static struct step step_of(struct step step, const struct action *actions, size_t count)
{
	step.at = (struct place){"c.lua", 8};
	step.actions = actions;
	step.action_count = count;
	if (step.otherwise == 0)
		step.otherwise = -1;
	return step;
}
#define STEP(step_name, timing_, acts, ...) step_of((struct step){.name = step_name, .timing = timing_, __VA_ARGS__}, acts)
#define ACTS(...) HAND_LIST(struct action, __VA_ARGS__)

UNUSED_OK static struct playbook with_campaigns(const struct campaign *campaigns, size_t count)
{
	struct playbook p = hand_start();
	p.campaigns = campaigns;
	p.campaign_count = count;
	return p;
}

UNUSED_OK static struct playbook with_campaign(struct campaign campaign, const struct step *steps, size_t count)
{
	campaign.name = campaign.name ? campaign.name : "c";
	campaign.at = (struct place){"c.lua", 1};
	campaign.steps = steps;
	campaign.step_count = count;
	return with_campaigns(HAND_LIST(struct campaign, campaign));
}
#define STEPS(...) HAND_LIST(struct step, __VA_ARGS__)

UNUSED_OK static const struct action *act_list(struct action a)
{
	return (struct action *)arena_dup_n(hand_arena, &a, sizeof a);
}
#define ONE(a) act_list(a), 1

#endif
