/* What a playbook's rules look at: what must be read of very many leads so that scores, grades, segments and stages come out as in a turn. */
#ifndef NURTURE_TURN_WANTS_H
#define NURTURE_TURN_WANTS_H

#include "model/facts.h"
#include "playbook/playbook.h"

/* Fields that models, segments, grades and the conditions of campaigns name, and those that quality and the lead's zone come from. A function
 * may look at any field. Arrays live in the arena. */
void turn_wants(const struct playbook *playbook, struct arena *arena, struct lead_wants *out);

#endif
