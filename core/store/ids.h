/* Ids that are known before their rows are written: blocks of 65,536 from the sequence, used up by one store. Inside the room only.
 *
 * An operation asks in a segment and takes from the next one on: nobody else sends in between. */
#ifndef NURTURE_STORE_IDS_H
#define NURTURE_STORE_IDS_H

#include "store/op.h"

enum { TAG_IDS = 1001, IDS_BLOCK = 65536 };

/* true = so many are there; else a block is asked for, and they are there when this segment is answered. */
bool ids_ask(struct op *op, size_t count);
void ids_rows(struct op *op, const PGresult *rows); /* in rows(), for TAG_IDS */
int64_t ids_take(struct op *op, int shard);         /* the next one, with its shard */

#endif
