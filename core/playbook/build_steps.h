/* The steps of a campaign: what build_campaigns.c, build_steps.c, build_timing.c and build_acts.c share. */
#ifndef NURTURE_PLAYBOOK_BUILD_STEPS_H
#define NURTURE_PLAYBOOK_BUILD_STEPS_H

#include "playbook/build.h"

void build_steps(struct build *b, const struct phrase *campaign, struct campaign *out);
/* Index of a step, or -1 with message 34. */
int build_step_index(struct build *b, struct place at, const struct phrase *campaign, const char *name);
/* When a step is due (build_timing.c). */
void build_timing(struct build *b, const struct phrase *phrase, struct step *out);
enum late build_late(struct build *b, const struct phrase *phrase); /* late = of a step or campaign */
/* What can be said of it only when all steps of the campaign are read. */
void build_timing_checks(struct build *b, const struct campaign *campaign);
/* build_ends.c: answers = { … }, once the parts are read; and, when all steps are, what is not said in them. */
void build_answers(struct build *b, const struct phrase *phrase, struct step *out);
void build_note_answers(struct build *b, const struct phrase *phrase, const struct step *step, const struct step *below);
const struct ways *build_ways(struct build *b, const struct phrase *choose); /* choose "field" { choice = "step" } */
/* split { … } of this step into out, with its ways behind it: room for all of its parts and one more. How many were written. */
size_t build_split(struct build *b, const struct phrase *step, const struct phrase *phrase, struct action *out);
/* One part of a step; false with a message when it cannot be. */
bool build_act(struct build *b, const struct detail *part, struct action *out);

#endif
