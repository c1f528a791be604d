/* The permissions of a group of an import's rows (bulk.c). Inside the room only. */
#ifndef NURTURE_STORE_BULK_CONSENT_H
#define NURTURE_STORE_BULK_CONSENT_H

#include "store/bulk.h"
#include "store/event_write.h"

/* Before anything is written: from here on no withdrawal of a person commits beside it. `alone`: shards, as bits, that are to be held so because addresses change. */
void bulk_consent_lock(struct op *op, const struct bulk *bulk, uint64_t alone);
/* Withdrawals, then grants that none stands against. true: touches may have been stopped; their rows come with tag_stopped. */
bool bulk_consent_send(struct op *op, const struct bulk *bulk, int tag, int tag_stopped);
/* What the turns must know of these touches: gathered, and written when so many ids are there. */
struct bulk_overs {
	struct over_touch *items;
	size_t count, room;
};
void bulk_consent_overs(struct op *op, const PGresult *rows, struct bulk_overs *overs);
void bulk_consent_tell(struct op *op, const struct bulk *bulk, const struct bulk_overs *overs, int tag);

#endif
