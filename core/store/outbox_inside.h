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

/* outcome.c: is it over for the lead's turn. */
bool outbox_is_over(enum touch_state state);
/* One event, and one id: what reports and conditions ask for (kind: email.send and the like), which says to the lead's turn, too, that the touch is
 * over (over). Where there is no such event: touch.over, or nothing. */
void outbox_tell(struct event_list *events, struct op *op, const struct outcome *outcome, bool over, bool kind, moment_t now);

#endif
