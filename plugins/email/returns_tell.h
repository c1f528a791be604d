/* From what was read (returns_came.h) to what the host is told (plugin.h, nurture_return). Whoever reads messages calls it: the mailbox, a provider's webhook. */
#ifndef NURTURE_EMAIL_RETURNS_TELL_H
#define NURTURE_EMAIL_RETURNS_TELL_H

#include "returns_came.h"

#include <nurture/plugin.h>

struct desk;

/* false: there is nothing to be told (CAME_NOTHING). Else fn comes as plugin.h says. came may go after the call. */
bool came_tell(const struct nurture_host *host, const struct came *came, uint32_t soft_most, uint32_t soft_days, nurture_returned_fn *fn, void *arg);

/* The host has recorded it: what the channel learns for its own sake. sent_to is the host's (nurture_returned_fn): who wrote it may have named anybody. Takes
 * a desk of NULL. */
void came_recorded(struct desk *desk, const struct came *came, const char *sent_to);

#endif
