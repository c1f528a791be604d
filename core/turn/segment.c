/* Which segments the lead is in, asked in order of rank so that one segment may ask about another. A segment whose function fails
 * keeps the lead as it was. Called by settle.c, which tells what changed. */
#include "turn/inside.h"

bool turn_segments(struct turn *turn)
{
	const struct playbook *playbook = turn->playbook;
	bool changed = false;
	for (size_t i = 0; i < playbook->segment_count; i++) {
		const struct segment *segment = &playbook->segments[i];
		turn_doing(turn, &segment->at, "segment", segment->name, NULL, NULL);
		if (turn_is_off(turn, segment->off, &segment->at))
			continue;
		struct verdict v = turn_holds(turn, segment->who);
		turn_note_wake(turn, v.until);
		if (v.failed || v.holds == turn->member[i])
			continue;
		turn->member[i] = v.holds;
		changed = true;
	}
	return changed;
}
