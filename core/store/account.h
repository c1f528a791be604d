/* Accounts: whose a lead is. Inside the room; the account's own turn is declared in batch.h. */
#ifndef NURTURE_STORE_ACCOUNT_H
#define NURTURE_STORE_ACCOUNT_H

#include "store/batch.h"
#include "store/op.h"

/* In a save: makes the accounts that are missing and puts the leads into them. For leads that have none, or whose address or company
 * changed. */
void account_send(struct op *op, const struct batch_save *save);

#endif
