/* Leads that are merged: nothing is decided about them. Called by round.c before a turn; says what the store does instead (store/batch.h, save_move).
 * Verbs that tell of merging come from the store alone, never from outside. */
#include "engine/parts.h"

#include <jansson.h>

static const struct event *newest(const struct lead_facts *facts, const char *verb)
{
	for (size_t i = facts->event_count; i-- > 0;)
		if (str_is(facts->events[i].verb, verb))
			return &facts->events[i];
	return NULL;
}

static int64_t number(const struct event *event, const char *key)
{
	json_t *data = json_loadb(event->data.p, event->data.n, 0, NULL);
	int64_t n = json_integer_value(json_object_get(data, key));
	json_decref(data);
	return n;
}

static void take(struct save_lead *out, enum save_move move, const struct event *event)
{
	out->move = move;
	out->merge_id = number(event, "merge");
	out->winner = number(event, "into");
}

bool engine_moves(const struct batch_lead *before, struct save_lead *out)
{
	const struct lead_facts *facts = &before->facts;
	const struct event *event;
	*out = (struct save_lead){.before = before, .wake_at = MOMENT_NEVER, .account_id = facts->lead.account_id};
	if (facts->lead.erased || newest(facts, "lead.erase"))
		return false; /* merged or not: the turn has it forgotten */
	if (facts->lead.merged_into && (event = newest(facts, "lead.unmerge")))
		take(out, MOVE_UNMERGE, event);
	else if (facts->lead.merged_into)
		out->move = MOVE_FORWARD;
	else if ((event = newest(facts, "lead.merge")))
		take(out, MOVE_MERGE, event);
	else if (newest(facts, "lead.unmerged"))
		out->move = MOVE_REBUILD;
	if (out->move == MOVE_REBUILD || out->move == MOVE_MERGE) /* it may be itself in the end */
		out->wake_at = before->wake_at;
	return out->move != MOVE_NONE;
}
