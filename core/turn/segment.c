/* Which segments the lead is in, asked in order of rank so that one segment may ask about another. A segment whose function fails
 * keeps the lead as it was. Called by settle.c, which tells what changed. */
#include "turn/inside.h"

bool turn_segments(struct turn *turn)
{
	const struct playbook *playbook = turn->playbook;
	bool changed = false;
	for (size_t i = 0; i < playbook->segment_count; i++) {
		turn->context = NULL;
		size_t errors = turn->out->error_count;
		struct verdict v = turn_holds(turn, playbook->segments[i].who);
		for (; errors < turn->out->error_count; errors++)
			turn->out->errors[errors].context = arena_printf(turn->arena, "segment \"%s\"", playbook->segments[i].name);
		turn_note_wake(turn, v.until);
		if (v.failed || v.holds == turn->member[i])
			continue;
		turn->member[i] = v.holds;
		changed = true;
	}
	return changed;
}
