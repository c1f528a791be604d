/* What the files behind outbox.h share. Inside the room only. */
#ifndef NURTURE_STORE_OUTBOX_INSIDE_H
#define NURTURE_STORE_OUTBOX_INSIDE_H

#include "store/fence.h"

/* The first statement of every move: the lease of the channel is `owner`'s. */
static inline void outbox_fence(struct op *op, const char *channel, const char *owner)
{
	fence_send(op, arena_printf(op->arena, "channel:%s", channel), 0, owner);
}

#endif
