/* A lead gets another address: what was said of the old one. For intake_group.c and bulk.c; inside the room only.
 *
 *   confirmed     the old mailbox was; of the new one nobody has shown anything yet: the permission is a plain one from now on
 *   withdrawn     stays, for it is the lead's
 *   suppressed    the old address by a person, a file or a complaint: so is the new one, for it is the same person. Not for what came back from the old
 *                 mailbox: that is why people bring new ones. Hashes of who was erased count as the address would
 *
 * Who calls holds the locks of these leads' shards alone, since before anything was looked at (intake_consents.sql). */
#ifndef NURTURE_STORE_NEW_ADDRESS_H
#define NURTURE_STORE_NEW_ADDRESS_H

#include "store/op.h"

struct new_address {
	struct str email; /* normalised */
	int64_t lead_id;  /* whose it will be; nothing happens where it is already */
};
void new_address_send(struct op *op, const struct new_address *all, size_t count, moment_t now, int tag);

#endif
