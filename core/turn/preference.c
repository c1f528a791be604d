/* What the lead chose on its page of preferences, as the gate asks for it: topics it does not want, and how often. Marketing by e-mail alone;
 * a mail of another purpose neither counts nor waits. What was chosen stands in the ledger of consents (model/preference.h) and holds from the
 * moment it is written: the gate asks again before each mail is sent, whatever was planned before. */
#include "model/preference.h"
#include "playbook/template.h"
#include "turn/inside.h"

static bool is_marketing_mail(const struct touch *touch)
{
	return str_is(touch->kind, "email") && str_is(touch->purpose, "marketing");
}

static bool took_back(const struct turn_facts *facts, struct str purpose)
{
	const struct consent *newest = NULL;
	for (size_t i = 0; i < facts->consent_count; i++) {
		const struct consent *c = &facts->consents[i];
		if (str_is(c->channel, "email") && str_same(c->purpose, purpose) && c->state != CONSENT_ASKED && (!newest || c->id > newest->id))
			newest = c;
	}
	return newest && newest->state == CONSENT_WITHDRAWN;
}

static bool took_any_topic_back(const struct turn_facts *facts)
{
	for (size_t i = 0; i < facts->consent_count; i++)
		if (facts->consents[i].state == CONSENT_WITHDRAWN && str_starts(facts->consents[i].purpose, STR(PREFERENCE_TOPIC)))
			return true;
	return false;
}

const char *turn_unwanted_topic(const struct playbook *playbook, const struct turn_facts *facts, const struct touch *touch)
{
	char purpose[PREFERENCE_PURPOSE];
	if (!is_marketing_mail(touch) || !took_any_topic_back(facts))
		return NULL;
	const char *topic = playbook_template_topic(playbook, touch->kind, touch->template_name);
	return topic && took_back(facts, preference_of_topic(topic, purpose)) ? topic : NULL;
}

static int64_t wanted_every(const struct turn_facts *facts)
{
	int64_t longest = 0;
	for (int i = 0; i < PREFERENCE_FREQUENCIES; i++)
		if (preference_frequencies[i].every > longest && took_back(facts, str_of(preference_frequencies[i].purpose)))
			longest = preference_frequencies[i].every;
	return longest;
}

/* Where another mail stands in the lead's time; 0 = it does not count. Of one that is about to be sent only those count that went before it: what is
 * planned behind it waits in its turn. */
static moment_t counted_at(const struct touch *other, const struct touch *asked)
{
	bool sent = other->state == TOUCH_SENT;
	bool may_wait = other->state == TOUCH_PLANNED || other->state == TOUCH_CLAIMED || other->state == TOUCH_DEFERRED;
	if (other == asked || (other->id && other->id == asked->id) || !is_marketing_mail(other) || (!sent && !touch_is_open(other->state)))
		return 0;
	if (asked->state == TOUCH_CLAIMED && may_wait && (other->due_at > asked->due_at || (other->due_at == asked->due_at && other->id > asked->id)))
		return 0;
	return sent && other->over_at > other->due_at ? other->over_at : other->due_at;
}

moment_t turn_as_often(const struct turn_facts *facts, const struct touch *touch, moment_t t)
{
	int64_t every = is_marketing_mail(touch) ? wanted_every(facts) : 0;
	if (!every)
		return t;
	moment_t at = t;
	for (size_t tries = 0; tries <= facts->touch_count; tries++) {
		moment_t before = at;
		for (size_t i = 0; i < facts->touch_count; i++) {
			moment_t other = counted_at(&facts->touches[i], touch);
			if (other && other > at - every && other < at + every)
				at = other + every;
		}
		if (at == before)
			break;
	}
	return at;
}
