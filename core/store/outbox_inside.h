/* What the files behind outbox.h share. Inside the room only. */
#ifndef NURTURE_STORE_OUTBOX_INSIDE_H
#define NURTURE_STORE_OUTBOX_INSIDE_H

#include "store/event_write.h"
#include "store/fence.h"
#include "store/outbox.h"

/* The first statement of every move: the lease of the channel is `owner`'s. */
static inline void outbox_fence(struct op *op, const char *channel, const char *owner)
{
	fence_send(op, arena_printf(op->arena, "channel:%s", channel), 0, owner);
}

/* outcome.c: is it over for the lead's turn, which is told so (touch.over); and what reports and conditions ask for (email.send and
 * the like). Each takes one id. */
bool outbox_is_over(enum touch_state state);
void outbox_tell_over(struct event_list *events, struct op *op, const struct outcome *outcome, moment_t now);
void outbox_tell_kind(struct event_list *events, struct op *op, const struct outcome *outcome, moment_t now);

#endif
