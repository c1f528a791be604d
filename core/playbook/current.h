/* The playbook that a worker goes by: replaced when a newer activation loads, kept when it does not. */
#ifndef NURTURE_PLAYBOOK_CURRENT_H
#define NURTURE_PLAYBOOK_CURRENT_H

#include "playbook/edition.h"

struct playbook_current;

/* site is borrowed for the life of the object. who: stands in the log ("engine"). */
struct playbook_current *playbook_current_new(const struct playbook_site *site, const char *who);
void playbook_current_free(struct playbook_current *current); /* takes NULL */
/* Loads the files of an activation if its number is another than the last one offered. A revision with errors is logged once and leaves the
 * one before in place. true when the playbook was replaced: what is borrowed from the old one
 * lives until the next replacement, but is not to be mixed with the new one (compare schemas). */
bool playbook_current_offer(struct playbook_current *current, int64_t activation, const struct playbook_files *files);
int64_t playbook_current_activation(const struct playbook_current *current); /* the last one offered; 0 = none */
/* The edition in force, borrowed: take a reference to keep it longer than the next offer. NULL = none yet. */
struct edition *playbook_current_edition(const struct playbook_current *current);
struct playbook *playbook_current_get(const struct playbook_current *current); /* NULL = none yet */
const char *playbook_current_error(const struct playbook_current *current); /* NULL = the last one offered is in force */
/* What a publish of the one in force would refuse by now, one "FILE:LINE: …" a line; NULL = nothing. Borrowed, until the next offer. */
const char *playbook_current_judged(const struct playbook_current *current);
const struct schema *playbook_current_schema(const struct playbook_current *current); /* the standard one when there is none */

#endif
