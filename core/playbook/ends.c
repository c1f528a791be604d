/* The ways in which the contact of a step can end: what its answers may name (build_ends.c), and what a simulation may be told. */
#include "playbook/calls.h"

struct names {
	const char **items;
	size_t count, room;
};

static void add(struct names *names, const char *name)
{
	for (size_t i = 0; i < names->count; i++)
		if (strcmp(names->items[i], name) == 0)
			return;
	if (names->count < names->room)
		names->items[names->count++] = name;
}

static void ends_of_call(const struct playbook *playbook, const struct call_script *script, struct names *names)
{
	for (size_t i = 0; script && i < script->result_count; i++)
		add(names, script->results[i].name);
	if (!script || script->result_count == 0)
		add(names, "reached");
	add(names, "nobody");
	for (size_t i = 0; i < playbook->disposition_count; i++)
		add(names, playbook->dispositions[i].name);
}

const struct action *playbook_contact(const struct step *step)
{
	for (size_t i = 0; i < step->action_count; i++)
		if (step->actions[i].kind == ACTION_CONTACT || step->actions[i].kind == ACTION_HANDOFF)
			return &step->actions[i];
	return NULL;
}

static void ends_of(const struct playbook *playbook, const struct action *contact, struct names *names)
{
	if (contact->kind == ACTION_HANDOFF) {
		add(names, "accepted");
		add(names, "returned");
	} else if (strcmp(contact->channel_kind, "call") == 0) {
		ends_of_call(playbook, contact->script, names);
	} else {
		add(names, strcmp(contact->channel_kind, "letter") == 0 ? "undeliverable" : "bounced");
	}
}

static bool goes(const struct action *action)
{
	return action->kind == ACTION_GO || action->kind == ACTION_LEAVE || action->kind == ACTION_CHOOSE;
}

bool step_always_goes(const struct step *step)
{
	bool found = false, all = true;
	for (size_t i = 0; i < step->action_count; i++) {
		found |= goes(&step->actions[i]);
		all &= !step->actions[i].way || goes(&step->actions[i]);
	}
	return found && all;
}

size_t playbook_ends(const struct playbook *playbook, const struct step *step, const char **ends, size_t room)
{
	struct names names = {ends, 0, room};
	const struct action *contact = playbook_contact(step);
	if (!contact)
		return 0;
	for (size_t i = 0; i < step->action_count; i++)
		if (&step->actions[i] == contact || (contact->way && step->actions[i].way && (step->actions[i].kind == ACTION_CONTACT || step->actions[i].kind == ACTION_HANDOFF)))
			ends_of(playbook, &step->actions[i], &names);
	add(&names, "late");
	add(&names, "held");
	return names.count;
}
