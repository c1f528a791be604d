/* Goes through every condition that a turn without events asks: of rules, segments, and campaigns' enter, leave and goal. Steps are not looked
 * at: whoever stands on one has a turn of its own, with all facts. */
#include "turn/wants.h"

struct gathering {
	bool *lead, *account;
	size_t lead_count, account_count;
	struct lead_wants *out;
};

static void want_all(bool *slots, size_t count)
{
	for (size_t i = 0; i < count; i++)
		slots[i] = true;
}

static void want_function(struct gathering *g)
{
	want_all(g->lead, g->lead_count);
	want_all(g->account, g->account_count);
	g->out->accounts = true;
}

static void want(struct gathering *g, const struct condition *c)
{
	if (!c)
		return;
	switch (c->kind) {
	case CONDITION_ANY:
	case CONDITION_ALL:
	case CONDITION_NONE:
		for (size_t i = 0; i < c->group.count; i++)
			want(g, c->group.items[i]);
		break;
	case CONDITION_LEAD:
		for (size_t i = 0; i < c->fields.count; i++)
			g->lead[c->fields.tests[i].slot] = true;
		break;
	case CONDITION_ACCOUNT:
		for (size_t i = 0; i < c->fields.count; i++)
			g->account[c->fields.tests[i].slot] = true;
		g->out->accounts = true;
		break;
	case CONDITION_ALLOWED:
	case CONDITION_WITHDREW:
	case CONDITION_ASKED:
		g->out->suppressions = true;
		g->out->consents = true;
		break;
	case CONDITION_PEOPLE: /* who fits is asked below */
		g->out->accounts = true;
		break;
	case CONDITION_MOMENT:
		if (c->moment->of == DATE_OF_LEAD)
			g->lead[c->moment->slot] = true;
		if (c->moment->of == DATE_OF_ACCOUNT)
			g->account[c->moment->slot] = g->out->accounts = true;
		break;
	case CONDITION_FUNCTION:
		want_function(g);
		break;
	default: /* what follows from the above, and from the history */
		break;
	}
}

/* What a lead adds to its account is looked at whenever somebody may ask the account. */
static void want_people(struct gathering *g, const struct playbook *playbook)
{
	g->out->accounts |= playbook->part_count || playbook->has_account_models;
	g->lead[LEAD_ROLE] |= g->out->accounts;
	for (size_t i = 0; i < playbook->part_count; i++)
		want(g, playbook->parts[i].who);
}

static void want_models(struct gathering *g, const struct playbook *playbook)
{
	for (size_t m = 0; m < playbook->model_count; m++) {
		if (playbook->models[m].of_account) /* asks of leads by people { … } alone */
			continue;
		for (size_t r = 0; r < playbook->models[m].rule_count; r++) {
			const struct rule *rule = &playbook->models[m].rules[r];
			want(g, rule->when);
			if (rule->points_kind == POINTS_FUNCTION)
				want_function(g);
			if (rule->points_kind == POINTS_CHOOSE)
				g->lead[rule->choose.slot] = true;
		}
	}
}

void turn_wants(const struct playbook *playbook, struct arena *arena, struct lead_wants *out)
{
	static const enum lead_slot always[] = {LEAD_EMAIL, LEAD_FIRST_NAME, LEAD_LAST_NAME, LEAD_COMPANY, LEAD_PHONE, LEAD_COUNTRY, LEAD_TIME_ZONE, LEAD_QUALITY};
	struct gathering g = {.lead_count = playbook->schema.lead_count, .account_count = playbook->schema.account_count, .out = out};
	g.lead = arena_array(arena, g.lead_count + 1, sizeof *g.lead);
	g.account = arena_array(arena, g.account_count + 1, sizeof *g.account);
	*out = (struct lead_wants){.lead = g.lead, .account = g.account, .history = true, .scores = true};
	for (size_t i = 0; i < sizeof always / sizeof *always; i++)
		g.lead[always[i]] = true;
	want_people(&g, playbook);
	want_models(&g, playbook);
	for (size_t i = 0; i < playbook->segment_count; i++)
		want(&g, playbook->segments[i].who);
	for (size_t i = 0; i < playbook->campaign_count; i++) {
		want(&g, playbook->campaigns[i].enter);
		want(&g, playbook->campaigns[i].leave);
		want(&g, playbook->campaigns[i].goal);
	}
}
