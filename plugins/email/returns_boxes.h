/* All mailboxes of a channel: bounces and answers may come to more than one. */
#ifndef NURTURE_EMAIL_RETURNS_BOXES_H
#define NURTURE_EMAIL_RETURNS_BOXES_H

#include "returns_settings.h"

#include <nurture/plugin.h>

struct desk;
struct returns_boxes;

/* Borrows settings and desk, whose status tells how the mailboxes stand. */
struct returns_boxes *returns_boxes_new(const struct nurture_host *host, const struct returns_settings *settings, struct desk *desk);
void returns_boxes_drain(struct returns_boxes *boxes); /* reads nothing new; what is in hand is finished */
void returns_boxes_free(struct returns_boxes *boxes);  /* takes NULL */

#endif
