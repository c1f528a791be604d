/* What a publish would change of accounts: their scores and grades by both playbooks, with what each of their people would add by the new one. Called by preview.c,
 * which walks over the leads. Memory: in each walk a row for each account to which some lead would add something else than it does. */
#ifndef NURTURE_JOBS_PREVIEW_ACCOUNTS_H
#define NURTURE_JOBS_PREVIEW_ACCOUNTS_H

#include "store/store.h"
#include "turn/stand.h"

#include <jansson.h>

struct preview_accounts;

/* Both playbooks live until preview_accounts_free. slots: before's fields of accounts in the schema that is read; NULL = the same. */
struct preview_accounts *preview_accounts_new(const struct playbook *before, const struct playbook *after, const int *slots);
void preview_accounts_free(struct preview_accounts *accounts); /* takes NULL */

/* By the new playbook leads ask their account or its people: then a first walk finds out what all of them would add, and further ones what they make of it, until
 * nobody adds anything else than in the walk before (as the engine goes on until nothing moves), at most preview_accounts_most. */
enum { PREVIEW_STEPS = 16 };
bool preview_accounts_looks_twice(const struct preview_accounts *accounts);
/* The walk is over, and what was found out is what the next one begins with. */
void preview_accounts_step(struct preview_accounts *accounts);
size_t preview_accounts_steps(const struct preview_accounts *accounts); /* how many walks are over */
/* After so many the next one is the last: as many as people stand behind people in the new playbook, which has no circle (check refuses it). On a server that works leads change between two
 * walks, and waiting for two that agree would never end. At most PREVIEW_STEPS. */
size_t preview_accounts_most(const struct preview_accounts *accounts);
/* After a walk: everybody adds what the walk before had found, or the chain is at its end. */
bool preview_accounts_settled(const struct preview_accounts *accounts);
/* One lead: facts as they are stored, and what it would add (turn_stand.adds). */
void preview_accounts_add(struct preview_accounts *accounts, const struct turn_facts *facts, struct str adds);
/* This lead's account as it would be after that walk, from 0; its facts' `applied` is then what the lead added in it. In the arena. */
struct account *preview_accounts_then(const struct preview_accounts *accounts, size_t step, const struct account *account, struct arena *arena);

/* After the walks over leads: all accounts. Blocks. */
int preview_accounts_count(struct preview_accounts *accounts, struct loop *loop, struct store *store, const struct schema *schema, struct error *error) MUST_USE;
/* preview_tally_json of accounts; NULL when neither playbook has a model of accounts. New reference. */
json_t *preview_accounts_json(const struct preview_accounts *accounts);

#endif
