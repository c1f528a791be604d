/* Runs the playbook's own tests through the same turn as production. */
#ifndef NURTURE_TURN_STORY_H
#define NURTURE_TURN_STORY_H

#include "turn/turn.h"

struct story_result {
	size_t passed, failed;
};
/* Failures go to problems as errors, message 54. */
struct story_result turn_stories(struct playbook *playbook, struct problems *problems);

#endif
