/* What somebody who reaches a lead now should see: who it is, why now, what it did, what is to be asked. Pure. Called by delivery for the channels' plugins
 * (nurture_look.sheet says which keys there are). */
#ifndef NURTURE_TURN_SHEET_H
#define NURTURE_TURN_SHEET_H

#include "turn/turn.h"

#include <jansson.h>

/* New reference; NULL with an error. revision: of the playbook, "" = not known. */
json_t *turn_sheet(struct playbook *playbook, struct turn_facts *facts, const struct touch *touch, const char *revision, struct arena *arena, struct error *error) MUST_USE;

#endif
