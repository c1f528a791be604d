/* Permission by law: what the consent rules of the playbook ask for a channel, purpose and country, and what the lead gave. Asked
 * by the gate and by the conditions `allowed`, `withdrew` and `asked`. Of the lead's words that speak of the channel and purpose (or of
 * all, "*") the one recorded last counts, as for the permission before sending (store/permit.sql). A withdrawal always holds, whatever the
 * rule asks. Who comes back by a form is asked by mail first: nobody has shown yet that the mailbox is theirs, so nothing but that mail goes. */
#include "turn/inside.h"

#include "model/preference.h"

#include <stdio.h>

static bool speaks_of(struct str said, struct str asked)
{
	return str_is(said, "*") || str_same(said, asked);
}

static const struct consent *newest_words(const struct turn_facts *facts, struct str channel, struct str purpose)
{
	const struct consent *newest = NULL;
	for (size_t i = 0; i < facts->consent_count; i++) {
		const struct consent *c = &facts->consents[i];
		if (c->state == CONSENT_ASKED || !speaks_of(c->channel, channel) || !speaks_of(c->purpose, purpose))
			continue;
		if (!newest || c->id > newest->id)
			newest = c;
	}
	return newest;
}

static enum consent_state newest_word(const struct turn_facts *facts, struct str channel, struct str purpose)
{
	const struct consent *newest = newest_words(facts, channel, purpose);
	return newest ? newest->state : CONSENT_NONE;
}

bool turn_withdrew(const struct turn_facts *facts, struct str channel, struct str purpose)
{
	return newest_word(facts, channel, purpose) == CONSENT_WITHDRAWN;
}

/* Against the withdrawal that stands, or since who it was was erased. */
bool turn_asked(const struct turn_facts *facts, struct str channel, struct str purpose)
{
	const struct consent *newest = newest_words(facts, channel, purpose);
	for (size_t i = 0; newest && newest->state == CONSENT_WITHDRAWN && i < facts->consent_count; i++) {
		const struct consent *c = &facts->consents[i];
		if (c->state == CONSENT_ASKED && str_same(c->channel, channel) && c->id >= newest->id)
			return true;
	}
	for (size_t i = 0; newest && newest->state == CONSENT_GRANTED && i < facts->suppression_count; i++)
		if (facts->suppressions[i].asked)
			return true;
	return false;
}

static bool awaits(const struct turn_facts *facts, const struct consent *c)
{
	if (c->state == CONSENT_ASKED)
		return turn_asked(facts, c->channel, c->purpose);
	if (c->state != CONSENT_GRANTED || preference_is(c->purpose))
		return false;
	for (size_t i = 0; i < facts->consent_count; i++) {
		const struct consent *later = &facts->consents[i];
		if (later->id <= c->id || later->state == CONSENT_ASKED)
			continue;
		bool same = str_same(later->channel, c->channel) && str_same(later->purpose, c->purpose);
		if (same || (later->state == CONSENT_WITHDRAWN && speaks_of(later->channel, c->channel) && speaks_of(later->purpose, c->purpose)))
			return false;
	}
	return true;
}

bool turn_unconfirmed(const struct turn_facts *facts)
{
	for (size_t i = 0; i < facts->consent_count; i++)
		if (awaits(facts, &facts->consents[i]))
			return true;
	return false;
}

static const struct consent_rule *rule_of(const struct playbook *playbook, struct str channel, struct str purpose)
{
	for (size_t i = 0; i < playbook->consent_count; i++) {
		const struct consent_rule *rule = &playbook->consents[i];
		if (str_is(channel, rule->channel) && (!rule->purpose || str_is(purpose, rule->purpose)))
			return rule;
	}
	return NULL;
}

static struct str country_of(const struct turn_facts *facts)
{
	const struct value *v = &facts->lead.fields[LEAD_COUNTRY];
	return v->type == VALUE_TEXT ? v->text : (struct str){"", 0};
}

static enum consent_need need_of(const struct consent_rule *rule, struct str country)
{
	if (country.n == 0)
		return rule->unknown;
	for (size_t i = 0; i < rule->country_count; i++)
		if (str_is(country, rule->countries[i].country))
			return rule->countries[i].need;
	return rule->standard;
}

/* "email: DE asks for double opt-in" */
static void say_need(enum consent_need need, struct str channel, struct str country, char *reason, size_t size)
{
	const char *what = need == NEED_OPT_IN ? "opt-in" : "double opt-in";
	if (country.n)
		snprintf(reason, size, "%.*s: %.*s asks for %s", STR_ARG(channel), STR_ARG(country), what);
	else
		snprintf(reason, size, "%.*s: an unknown country asks for %s", STR_ARG(channel), what);
}

bool turn_allowed(const struct playbook *playbook, const struct turn_facts *facts, struct str channel, struct str purpose, char *reason,
		  size_t size)
{
	enum consent_state said = newest_word(facts, channel, purpose);
	if (said == CONSENT_WITHDRAWN) {
		if (reason)
			snprintf(reason, size, "%.*s: consent was withdrawn", STR_ARG(channel));
		return false;
	}
	const struct consent_rule *rule = rule_of(playbook, channel, purpose);
	if (!rule)
		return true;
	struct str country = country_of(facts);
	enum consent_need need = need_of(rule, country);
	bool enough = need == NEED_OPT_OUT || said == CONSENT_CONFIRMED || (need == NEED_OPT_IN && said == CONSENT_GRANTED);
	if (!enough && reason)
		say_need(need, channel, country, reason, size);
	return enough;
}

bool turn_tracks(const struct playbook *playbook, const struct turn_facts *facts, struct str channel)
{
	return turn_allowed(playbook, facts, channel, STR("marketing"), NULL, 0);
}
