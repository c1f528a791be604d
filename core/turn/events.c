/* The lead's history by verb, so that a rule looks only at events that it may count. Asked by condition.c, score.c and explain.c through turn_events.
 *
 * Made when it is first asked, and again after the history changed; whoever adds to the history says so (turn_events_changed). Events of machines stand
 * in no list: they fit nothing (rule 6 of the grammar). Lists are in order of time, oldest first. */
#include "turn/inside.h"

enum { NO_GROUP = 255 };

/* Texts of one history are kept once, so the same verb is mostly the same pointer. */
static size_t group_of(struct turn *turn, struct str verb)
{
	size_t i = 0;
	while (i < turn->group_count && !(turn->groups[i].verb.p == verb.p && turn->groups[i].verb.n == verb.n))
		i++;
	if (i < turn->group_count)
		return i;
	for (i = 0; i < turn->group_count && !str_same(turn->groups[i].verb, verb);)
		i++;
	if (i == turn->group_count)
		turn->groups[turn->group_count++] = (struct verb_group){.verb = verb, .by_lead = playbook_verb_by_lead(turn->playbook, verb)};
	return i;
}

static void sort_by_verb(struct turn *turn)
{
	const struct history *history = &turn->facts->history;
	uint8_t group[HISTORY_EXACT];
	memset(group, NO_GROUP, sizeof group);
	turn->group_count = turn->by_lead_count = 0;
	for (size_t i = 0; i < history->count; i++) {
		if (history->events[i].machine)
			continue;
		group[i] = (uint8_t)group_of(turn, history->events[i].verb);
		turn->groups[group[i]].count++;
		if (turn->groups[group[i]].by_lead)
			turn->by_lead[turn->by_lead_count++] = (uint8_t)i;
	}
	for (size_t i = 0, from = 0; i < turn->group_count; i++) {
		turn->groups[i].items = turn->by_verb + from;
		from += turn->groups[i].count;
		turn->groups[i].count = 0;
	}
	for (size_t i = 0; i < history->count; i++)
		if (group[i] != NO_GROUP)
			turn->groups[group[i]].items[turn->groups[group[i]].count++] = (uint8_t)i;
	turn->sorted = true;
}

struct event_list turn_events(struct turn *turn, const struct condition_on *on)
{
	if (!turn->sorted)
		sort_by_verb(turn);
	if (on->any_verb)
		return (struct event_list){turn->by_lead, turn->by_lead_count};
	for (size_t i = 0; i < turn->group_count; i++)
		if (str_same(turn->groups[i].verb, on->verb))
			return (struct event_list){turn->groups[i].items, turn->groups[i].count};
	return (struct event_list){NULL, 0};
}

void turn_events_changed(struct turn *turn)
{
	turn->sorted = false;
}
