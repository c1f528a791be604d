/* Finding what a playbook declares, by its name. Needs only the plain structs. */
#include "playbook/playbook.h"

const struct campaign *playbook_campaign(const struct playbook *playbook, struct str name)
{
	for (size_t i = 0; i < playbook->campaign_count; i++)
		if (str_is(name, playbook->campaigns[i].name))
			return &playbook->campaigns[i];
	return NULL;
}

const struct step *campaign_step(const struct campaign *campaign, struct str name)
{
	for (size_t i = 0; i < campaign->step_count; i++)
		if (str_is(name, campaign->steps[i].name))
			return &campaign->steps[i];
	for (size_t i = 0; i < campaign->step_count; i++)
		for (size_t k = 0; k < campaign->steps[i].was_count; k++)
			if (str_is(name, campaign->steps[i].was[k]))
				return &campaign->steps[i];
	return NULL;
}

const struct asset *playbook_asset(const struct playbook *playbook, struct str name)
{
	for (size_t i = 0; i < playbook->asset_count; i++)
		if (str_is(name, playbook->assets[i].name))
			return &playbook->assets[i];
	return NULL;
}

const struct form *playbook_form(const struct playbook *playbook, struct str name)
{
	for (size_t i = 0; i < playbook->form_count; i++)
		if (str_is(name, playbook->forms[i].name))
			return &playbook->forms[i];
	return NULL;
}

int playbook_model(const struct playbook *playbook, struct str name)
{
	for (size_t i = 0; i < playbook->model_count; i++)
		if (str_is(name, playbook->models[i].name))
			return (int)i;
	return -1;
}

const struct person_entry *playbook_person(const struct playbook *playbook, struct str name)
{
	for (size_t i = 0; i < playbook->people_count; i++)
		if (str_is(name, playbook->people[i].name))
			return &playbook->people[i];
	return NULL;
}

const struct verb_data *playbook_verb_data(const struct playbook *playbook, struct str verb)
{
	for (size_t i = 0; i < playbook->verb_count; i++)
		if (str_is(verb, playbook->verbs[i].name))
			return &playbook->verb_data[i];
	return NULL;
}
