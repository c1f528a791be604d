/* What two playbooks make of the same leads, counted: from which grade to which, who comes into and out of segments, whose stage is set, where rules fail,
 * and a few leads named for each kind of move. Pure; called by preview.c lead by lead. Memory does not grow with the number of leads. */
#ifndef NURTURE_JOBS_PREVIEW_TALLY_H
#define NURTURE_JOBS_PREVIEW_TALLY_H

#include "turn/stand.h"

struct preview_tally;

/* Models, grades, bands and segments of both are held together by their names. Both playbooks live until preview_tally_free. */
struct preview_tally *preview_tally_new(const struct playbook *before, const struct playbook *after);
/* The same for accounts: of models and grades only those that are over accounts are counted, and nothing else. */
struct preview_tally *preview_tally_new_of_accounts(const struct playbook *before, const struct playbook *after);
void preview_tally_free(struct preview_tally *tally); /* takes NULL */

/* Counts one lead. stage: the one that is stored. enrollments: those it is or was in. true: it would make an example: call preview_tally_example next. */
bool preview_tally_add(struct preview_tally *tally, const struct turn_facts *facts, const struct turn_stand *before, const struct turn_stand *after);
/* The same for an account; only points, scored and grades of the stands are looked at. */
bool preview_tally_add_account(struct preview_tally *tally, const struct turn_stand *before, const struct turn_stand *after);
void preview_tally_example_account(struct preview_tally *tally, int64_t account_id, struct str name, const struct turn_stand *before, const struct turn_stand *after);
/* The lead added last, with receipts in both stands. */
void preview_tally_example(struct preview_tally *tally, const struct lead *lead, const struct turn_stand *before, const struct turn_stand *after);

/* Leads that stand otherwise after than before in any way that is counted here, fail newly, or would begin a campaign. */
int64_t preview_tally_moved(const struct preview_tally *tally);
/* {"leads", "moved", "models": [{model, changed, up, down, mean_before?, mean_after?}], "grades": [{grades, moved, moves: [{from, to, leads}], bands: [{from, to,
 * leads}]}], "segments": [{segment, before, after, enter, leave}], "stages": [{stage, leads}], "campaigns": [{campaign, where, asks, leads, existing}], "errors": [{where,
 * context, message, leads, first}], "examples": [{lead, email?, grades: […], bands: […], segments: {enter, leave}, stage?, models: [{model, before, after, rules:
 * [{rule, where, before, after, because}]}]}]}: only what moved; examples of the largest moves first. Of accounts: {"accounts", "moved", "models", "grades", "examples":
 * [{account, name?, grades, models}]}, with "accounts" where leads have "leads". New reference. */
json_t *preview_tally_json(const struct preview_tally *tally);

#endif
