/* Accounts: whose a lead is. Inside the room; the accounts' own turns stand in accounts.h. */
#ifndef NURTURE_STORE_ACCOUNT_H
#define NURTURE_STORE_ACCOUNT_H

#include "store/batch.h"
#include "store/op.h"

/* Whether these fields (the standard ones of a lead) say of which company it is. */
bool account_is_said(const struct value *fields);
/* In a save: makes the accounts that are missing and puts the leads into them. For leads that have none, or whose address or company
 * changed. */
void account_send(struct op *op, const struct batch_save *save);
/* What they add to their accounts (account_member), and the words to the accounts. After account_send, in the same transaction. */
void account_send_members(struct op *op, const struct batch_save *save);

#endif
