/* What a publish does to those who are inside campaigns: step by step how many stand there, where they will stand, what they get next by each playbook, and
 * who would be left on a step that is gone. Called by preview.c; asks nobody itself: rows are those of the query enrolled_steps. */
#ifndef NURTURE_JOBS_PREVIEW_ENROLLED_H
#define NURTURE_JOBS_PREVIEW_ENROLLED_H

#include "playbook/playbook.h"

#include <jansson.h>

/* Puts into result, where anybody is inside a campaign that changed, "inside": [{campaign, gone?, leads, steps: [{step, leads, to (null: the step is gone), moved, next?, before?}]}],
 * "inside_leads"; where anybody would be stranded "stranded": leads and "stranded_text": publish's own words; "parked": who stands on steps that the active revision
 * had no more either. next, before: {step, channel, template, due}. */
void preview_enrolled(const struct playbook *before, const struct playbook *after, const json_t *rows, json_t *result);

#endif
