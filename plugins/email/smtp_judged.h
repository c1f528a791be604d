/* What is done with a letter when the server has answered: ended, tried again later, by another relay, or the channel is held. Called by smtp_transaction.c. */
#ifndef NURTURE_EMAIL_SMTP_JUDGED_H
#define NURTURE_EMAIL_SMTP_JUDGED_H

#include "smtp_pool.h"
#include "smtp_reply.h"
#include "smtp_verdict.h"

/* The letter is on no connection any more. */
void smtp_judged(struct pool *pool, struct letter *letter, enum smtp_stage stage, const struct smtp_reply *reply);
/* A message to `address`, proven, came back: when several say that the sender is broken (sender.h), the channel is held. */
void smtp_came_back(struct fleet *fleet, const char *address, const char *code, const char *reason);
/* Again later, if there is a later: after `retries` it is rejected with this last reason. */
void smtp_put_off(struct pool *pool, struct letter *letter, enum smtp_fault fault, int wait_s, const char *why);

#endif
