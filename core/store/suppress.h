/* Lists of those who must not be contacted. Called by jobs (imports of lists) and cli. Whom the gate finds here is not contacted by that channel,
 * however it came to be a lead. Lists: store_query `suppressions_page`. */
#ifndef NURTURE_STORE_SUPPRESS_H
#define NURTURE_STORE_SUPPRESS_H

#include "base/arena.h"
#include "store/store.h"

struct suppress {
	const char *kind;         /* email, domain, phone, address */
	const struct str *values; /* normalised as leads' are; of kind address see suppress_address */
	size_t count;
	const char *channel;      /* kind of channel, or "*" */
	const char *reason;
	moment_t now;
	bool told;                /* leaves a row in the audit, with the salted hash of the (one) value */
	const char *actor;        /* for it; NULL = the name of the connection */
	int64_t added, cancelled; /* answers: new rows; open touches that were stopped, in the same transaction */
	store_done_fn *fn;
	void *arg;
};
/* Everything it points to lives until fn. What is on the list already stays as it was. */
void store_suppress(struct store *store, struct suppress *suppress);
/* Takes one off the list, as it is kept or as it was written (lists from before have numbers without country code). ERROR_NOT_FOUND; ERROR_DENIED for other
 * kinds: what channels learnt of a lead, and who was erased, stay. */
void store_suppress_drop(struct store *store, const char *kind, const char *value, const char *written, const char *channel, const char *actor, store_done_fn *fn, void *arg);

/* Columns of a postal address as one text for `values`; the database makes its key of them. */
char *suppress_address(struct arena *arena, struct str address, struct str postal_code, struct str city);

#endif
