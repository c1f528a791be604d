/* The first statement of every transaction that acts by a lease (DESIGN section 5). Inside the room only. */
#ifndef NURTURE_STORE_FENCE_H
#define NURTURE_STORE_FENCE_H

#include "store/op.h"

enum { TAG_FENCE = 1000 };

/* Locks the lease's row against take-over until the transaction ends. In segment 0, before everything else. */
void fence_send(struct op *op, const char *role, int shard, const char *owner);
/* The same for who writes down what it decided on facts that it read in that epoch; 0 = any. */
void fence_send_epoch(struct op *op, const char *role, int shard, const char *owner, int64_t epoch);
/* In rows(), for TAG_FENCE: the operation fails with ERROR_DENIED when the lease is not `owner`'s any more. */
void fence_rows(struct op *op, const PGresult *rows);

#endif
