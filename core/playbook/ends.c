/* The ways in which the contact of a step can end: what its answers may name (build_ends.c), and what a simulation may be told. */
#include "playbook/calls.h"

struct names {
	const char **items;
	size_t count, room;
};

static void add(struct names *names, const char *name)
{
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

size_t playbook_ends(const struct playbook *playbook, const struct action *contact, const char **ends, size_t room)
{
	struct names names = {ends, 0, room};
	if (contact->kind == ACTION_HANDOFF) {
		add(&names, "accepted");
		add(&names, "returned");
	} else if (strcmp(contact->channel_kind, "call") == 0) {
		ends_of_call(playbook, contact->script, &names);
	} else {
		add(&names, strcmp(contact->channel_kind, "letter") == 0 ? "undeliverable" : "bounced");
	}
	add(&names, "late");
	add(&names, "held");
	return names.count;
}
