/* The gate: the one place that decides whether a touch may go out. Asked when a touch is planned and again before it is sent; a
 * table of questions in a fixed order, the first "no" is the answer. Hours and caps come last: they only postpone. Touches to
 * ourselves (purpose "internal": alerts) are asked for their channel alone. */
#include "turn/inside.h"

#include <stdio.h>

struct question {
	const char *rule;
	bool internal_too;
	bool before_sending; /* asked only then */
	/* true: may not go out, reason filled */
	bool (*refuses)(const struct playbook *playbook, const struct turn_facts *facts, const struct touch *touch, char *reason, size_t size);
};

static bool no_channel(const struct playbook *playbook, const struct turn_facts *facts, const struct touch *touch, char *reason, size_t size)
{
	(void)facts;
	if (playbook_channel_of(playbook, touch->kind))
		return false;
	snprintf(reason, size, "no channel");
	return true;
}

static bool same_reason(const struct suppression *s, const char *reason)
{
	return reason ? str_is(s->reason, reason) : s->reason.n == 0;
}

/* The playbook's own `suppress` that wrote this line may say when it ends: a condition over what happened since. */
static const struct condition *ends_of(const struct playbook *playbook, const struct suppression *s)
{
	for (size_t c = 0; c < playbook->campaign_count; c++) {
		const struct campaign *campaign = &playbook->campaigns[c];
		for (size_t i = 0; i < campaign->step_count; i++) {
			const struct step *step = &campaign->steps[i];
			for (size_t a = 0; a < step->action_count; a++) {
				const struct action *action = &step->actions[a];
				if (action->kind == ACTION_SUPPRESS && action->ends && str_is(s->channel, action->name) &&
				    same_reason(s, action->reason))
					return action->ends;
			}
		}
	}
	return NULL;
}

static bool has_ended(const struct playbook *playbook, const struct turn_facts *facts, const struct suppression *s)
{
	const struct condition *ends = ends_of(playbook, s);
	if (!ends)
		return false;
	struct arena *arena = arena_new();
	struct turn_facts copy = *facts;
	struct turn_changes unused = {0};
	struct turn turn;
	turn_open(&turn, (struct playbook *)playbook, &copy, arena, &unused); /* reads only: it neither applies nor settles */
	turn.since = s->at;
	bool ended = turn_holds(&turn, ends).holds;
	arena_free(arena);
	return ended;
}

/* The one mail that may go to who has left and asks for something in a form: is it meant? */
static bool asks_back(const struct turn_facts *facts, const struct touch *touch)
{
	return str_is(touch->purpose, "confirm") && str_is(touch->kind, "email") &&
	       (turn_asked(facts, touch->kind, touch->purpose) || turn_asked(facts, touch->kind, STR("marketing")));
}

static bool suppressed(const struct playbook *playbook, const struct turn_facts *facts, const struct touch *touch, char *reason, size_t size)
{
	for (size_t i = 0; i < facts->suppression_count; i++) {
		const struct suppression *s = &facts->suppressions[i];
		if (!str_is(s->channel, "*") && !str_same(s->channel, touch->kind) && !str_same(s->channel, touch->channel))
			continue;
		if (has_ended(playbook, facts, s) || (s->asked && asks_back(facts, touch)))
			continue;
		snprintf(reason, size, "suppressed: %.*s", STR_ARG(s->reason));
		return true;
	}
	return false;
}

static bool not_allowed(const struct playbook *playbook, const struct turn_facts *facts, const struct touch *touch, char *reason, size_t size)
{
	if (turn_withdrew(facts, touch->kind, touch->purpose) && asks_back(facts, touch))
		return false;
	return !turn_allowed(playbook, facts, touch->kind, touch->purpose, reason, size);
}

/* The mail that asks for a second yes: only while one is waited for, else its link leads to a page that says there is nothing to confirm. */
static bool nothing_to_confirm(const struct playbook *playbook, const struct turn_facts *facts, const struct touch *touch, char *reason, size_t size)
{
	(void)playbook;
	if (!str_is(touch->purpose, "confirm") || turn_unconfirmed(facts))
		return false;
	snprintf(reason, size, "nothing to confirm");
	return true;
}

static bool not_wanted(const struct playbook *playbook, const struct turn_facts *facts, const struct touch *touch, char *reason, size_t size)
{
	const char *topic = turn_unwanted_topic(playbook, facts, touch);
	if (topic)
		snprintf(reason, size, "topic \"%s\" is not wanted", topic);
	return topic != NULL;
}

static bool segment_says_never(const struct playbook *playbook, const struct turn_facts *facts, const struct touch *touch, char *reason, size_t size)
{
	(void)touch;
	for (size_t i = 0; i < playbook->segment_count; i++) {
		const struct segment *segment = &playbook->segments[i];
		for (size_t k = 0; segment->never_contact && k < facts->lead.segment_count; k++)
			if (str_is(facts->lead.segments[k], segment->name)) {
				snprintf(reason, size, "segment \"%s\" is never contacted", segment->name);
				return true;
			}
	}
	return false;
}

static bool no_address(const struct playbook *playbook, const struct turn_facts *facts, const struct touch *touch, char *reason, size_t size)
{
	static const struct { const char *kind; int slot; const char *lacks; } needs[] = {
		{"email", LEAD_EMAIL, "no address"}, {"call", LEAD_PHONE, "no telephone number"}, {"letter", LEAD_ADDRESS, "no postal address"}};
	(void)playbook;
	for (size_t i = 0; i < sizeof needs / sizeof *needs; i++) {
		const struct value *v = &facts->lead.fields[needs[i].slot];
		if (str_is(touch->kind, needs[i].kind) && (v->type != VALUE_TEXT || v->text.n == 0)) {
			snprintf(reason, size, "%s", needs[i].lacks);
			return true;
		}
	}
	return false;
}

static bool held_out(const struct playbook *playbook, const struct turn_facts *facts, const struct touch *touch, char *reason, size_t size)
{
	(void)playbook;
	for (size_t i = 0; touch->enrollment_id && i < facts->enrollment_count; i++)
		if (facts->enrollments[i].id == touch->enrollment_id && facts->enrollments[i].holdout) {
			snprintf(reason, size, "holdout");
			return true;
		}
	return false;
}

/* Parked or paused, or its step failed since: the contact stands in the plan and goes if the enrollment goes on before it is due. */
static bool parked(const struct playbook *playbook, const struct turn_facts *facts, const struct touch *touch, char *reason, size_t size)
{
	(void)playbook;
	for (size_t i = 0; touch->enrollment_id && i < facts->enrollment_count; i++)
		if (facts->enrollments[i].id == touch->enrollment_id && (facts->enrollments[i].state == ENROLLMENT_HELD || facts->enrollments[i].paused_at)) {
			snprintf(reason, size, facts->enrollments[i].paused_at ? GATE_PAUSED : GATE_PARKED);
			return true;
		}
	const struct campaign_pause *pause = touch->enrollment_id ? turn_pause_of(facts, touch->campaign) : NULL;
	if (!pause || pause->resumed_at)
		return false;
	snprintf(reason, size, GATE_PAUSED);
	return true;
}

static const struct question questions[] = {
	{"channel", true, false, no_channel},         {"suppression", false, false, suppressed}, {"consent", false, false, not_allowed},
	{"consent", false, false, nothing_to_confirm}, {"topic", false, false, not_wanted},
	{"segment", false, false, segment_says_never}, {"address", false, false, no_address},     {"holdout", false, false, held_out},
	{"enrollment", false, true, parked},
};

/* What was promised at planning stands for a quarter of an hour after it fell due. */
static bool promised(const struct turn_facts *facts, const struct touch *touch)
{
	moment_t promised_at = touch->due_at > touch->planned_at ? touch->due_at : touch->planned_at;
	return facts->now <= promised_at + GATE_PROMISE;
}

struct gate_answer turn_gate(const struct playbook *playbook, const struct turn_facts *facts, const struct touch *touch, bool before_sending)
{
	struct gate_answer answer = {.verdict = GATE_PASS, .rule = ""};
	bool internal = str_is(touch->purpose, "internal");
	moment_t from = touch->due_at > facts->now ? touch->due_at : facts->now;
	for (size_t i = 0; i < sizeof questions / sizeof *questions; i++) {
		if ((internal && !questions[i].internal_too) || (questions[i].before_sending && !before_sending))
			continue;
		if (questions[i].refuses(playbook, facts, touch, answer.reason, sizeof answer.reason)) {
			answer.verdict = GATE_HOLD;
			answer.rule = questions[i].rule;
			return answer;
		}
	}
	answer.at = from;
	if (internal)
		return answer;
	if (before_sending && promised(facts, touch)) {
		answer.at = turn_as_often(facts, touch, from); /* what the lead has asked for since is honoured at once */
		answer.rule = answer.at > from ? "frequency" : "";
	} else
		answer.at = turn_pace(playbook, facts, touch, from, &answer.rule);
	if (answer.at > from) {
		answer.verdict = answer.at == MOMENT_NEVER ? GATE_HOLD : GATE_LATER;
		snprintf(answer.reason, sizeof answer.reason, "%.*s: %s", STR_ARG(touch->kind),
			 answer.at == MOMENT_NEVER ? "never open" : strcmp(answer.rule, "cap") == 0 ? "frequency cap"
			 : strcmp(answer.rule, "frequency") == 0 ? "not so often is wanted" : "closed");
	}
	return answer;
}
