/* One story of the playbook while it is told: shared by story.c (what happens) and story_why.c (what went wrong). */
#ifndef NURTURE_TURN_TELLING_H
#define NURTURE_TURN_TELLING_H

#include "playbook/story.h"
#include "turn/trial.h"

#include "base/buf.h"

struct telling {
	struct playbook *playbook;
	struct arena *arena;
	struct trial trial;
	const char *zone;
	moment_t start;
	bool expected;          /* the line before was an expect: what happens next opens a new window */
	/* what the last window had seen already */
	bool *touch_told; size_t told_count;
	size_t handoffs_told, logs_told;
};

int telling_day(const struct telling *telling); /* 1 = the story's first */
/* A touch that ended in this window, in that state. */
bool telling_ended(const struct telling *telling, size_t touch, enum touch_state state);
/* "Why: …" for an expectation that failed. */
void telling_why(struct telling *telling, const struct expectation *expectation, struct buf *out);

#endif
