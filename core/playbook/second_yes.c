/* Which forms have a campaign with the mail that asks for a second yes, where one is due: by the law of a country, or as somebody had left before. Their
 * pages of thanks say so. Others with a box lose each such yes without a word, and are noted. Called when campaigns are read. */
#include "playbook/build.h"

#include <string.h>

enum entry { ENTRY_OPEN, ENTRY_FITS, ENTRY_OTHERS }; /* asks for no form; for this one; for other ones only */

static bool names_form(const struct condition_on *on, const char *form)
{
	for (size_t i = 0; i < on->subject_count; i++)
		if (str_glob(on->subjects[i], str_of(form)))
			return true;
	return on->subject_count == 0;
}

static enum entry entry_of(const struct condition *c, const char *form)
{
	enum entry found = ENTRY_OPEN;
	if (c->kind == CONDITION_ON && !c->on.negated && str_is(c->on.verb, "form.submit"))
		return names_form(&c->on, form) ? ENTRY_FITS : ENTRY_OTHERS;
	for (size_t i = 0; (c->kind == CONDITION_ANY || c->kind == CONDITION_ALL) && i < c->group.count; i++) {
		enum entry part = entry_of(c->group.items[i], form);
		if (part == ENTRY_FITS)
			return part;
		found = part == ENTRY_OTHERS ? part : found;
	}
	return found;
}

static bool asks_by_mail(const struct campaign *campaign)
{
	for (size_t s = 0; s < campaign->step_count; s++)
		for (size_t i = 0; i < campaign->steps[s].action_count; i++) {
			const struct action *a = &campaign->steps[s].actions[i];
			if (a->kind == ACTION_CONTACT && strcmp(a->purpose, "confirm") == 0)
				return true;
		}
	return false;
}

static bool is_asked_for(const struct playbook *p, const struct form *form)
{
	for (size_t i = 0; i < p->campaign_count; i++) {
		const struct campaign *c = &p->campaigns[i];
		if (asks_by_mail(c) && (!c->enter || entry_of(c->enter, form->name) != ENTRY_OTHERS))
			return true;
	}
	return false;
}

static bool has_mail(const struct playbook_site *site)
{
	for (size_t i = 0; site && i < site->channel_count; i++)
		if (strcmp(site->channels[i].kind, "email") == 0)
			return true;
	return !site;
}

/* A yes for mail is asked for once more of whoever had left before, wherever they are; others only where the law of some country wants it. */
static bool may_need(const struct playbook *p, const char *channel)
{
	bool need = strcmp(channel, "email") == 0;
	for (size_t i = 0; i < p->consent_count; i++) {
		const struct consent_rule *rule = &p->consents[i];
		if (strcmp(rule->channel, channel) != 0)
			continue;
		need |= rule->standard == NEED_DOUBLE_OPT_IN || rule->unknown == NEED_DOUBLE_OPT_IN;
		for (size_t k = 0; k < rule->country_count; k++)
			need |= rule->countries[k].need == NEED_DOUBLE_OPT_IN;
	}
	return need;
}

void build_check_second_yes(struct build *b)
{
	const struct playbook *p = b->playbook;
	struct form *forms = (struct form *)p->forms;
	for (size_t i = 0; i < p->form_count; i++) {
		bool needed = false;
		forms[i].asks_again = is_asked_for(p, &forms[i]);
		for (size_t k = 0; k < forms[i].consent_count; k++)
			needed |= may_need(p, forms[i].consents[k].channel);
		if (needed && !forms[i].asks_again && has_mail(b->site) && !b->problems->errors)
			build_note(b, forms[i].at, "form \"%s\": no campaign has a mail for whose yes needs a second one, so it never counts. Name the form in "
				   "enter = on \"form.submit\" { subject = … } of a campaign with email \"…\" { purpose = \"confirm\" }.", forms[i].name);
	}
}
