/* Which segments the lead is in, asked in order of rank so that one segment may ask about another. A segment whose function fails
 * keeps the lead as it was. Called by settle.c, which tells what changed. */
#include "turn/inside.h"

bool turn_segments(struct turn *turn)
{
	const struct playbook *playbook = turn->playbook;
	bool changed = false;
	for (size_t i = 0; i < playbook->segment_count; i++) {
		turn_doing(turn, "segment", playbook->segments[i].name, NULL, NULL);
		struct verdict v = turn_holds(turn, playbook->segments[i].who);
		turn_note_wake(turn, v.until);
		if (v.failed || v.holds == turn->member[i])
			continue;
		turn->member[i] = v.holds;
		changed = true;
	}
	return changed;
}
