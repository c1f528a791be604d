/* Erasing people (GDPR, article 17): the person goes, what was counted stays.
 *
 *   asked    store_erase, one transaction: nothing goes out any more (suppression of the lead, open touches cancelled), the audit says so, and
 *            an inbox row `lead.erase` asks the lead's own turn; also those of all leads that were merged into it
 *   done     in the save of that turn: SQL function lead_erase (migrations). Killed in between, the row is still there.
 *   late     what comes in afterwards (an answer of a mail server, an event that was on its way) makes the empty lead's turn erase again
 *
 * Addresses and numbers stay suppressed by keyed hash. Whoever comes back (an import, a form) is a new lead, to whom nothing goes out until it
 * has itself given a permission that is younger than the erasure; an import's permission never counts as one (permit.sql, facts.sql). */
#ifndef NURTURE_STORE_ERASE_H
#define NURTURE_STORE_ERASE_H

#include "store/admin.h"

enum { ERASE_MOST = 500 /* leads of one call */ };
/* bulk: in lane 2 (a purge). id of fn: how many leads were asked to go, merged ones among them; 0 = all were erased before, or there are none. */
/* by: who asks, for the audit; NULL = the connection's name. */
void store_erase(struct store *store, const int64_t *leads, size_t count, bool bulk, const char *by, moment_t now, store_id_fn *fn, void *arg);

#endif
