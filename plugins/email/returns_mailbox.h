/* The mailbox where bounces and answers come to: read again and again by a thread of its own, told to the host on the loop, and only when the host has
 * committed what follows from a message is it moved away. A kill in between loses nothing (it is read again) and doubles nothing (the host knows its key).
 *
 *   thread:  connect ─► list ─► read some ─┐                ┌─► settle each ─► … ─► good-bye ─► sleep
 *   loop:                                  └─► host.returned ┘
 */
#ifndef NURTURE_EMAIL_RETURNS_MAILBOX_H
#define NURTURE_EMAIL_RETURNS_MAILBOX_H

#include "returns_settings.h"

#include <nurture/plugin.h>

struct desk;
struct returns_mailbox;

/* Borrows settings for its life, and the desk, which hears of complaints and of what was refused for the sender, when they are proven. */
struct returns_mailbox *returns_mailbox_new(const struct nurture_host *host, const struct returns_settings *returns, const struct box_settings *settings,
					    struct desk *desk);
/* Reads nothing new; what is in hand is finished. */
void returns_mailbox_drain(struct returns_mailbox *mailbox); /* takes NULL */
/* Ends the thread: at once, but for a server's name that is just being looked up. */
void returns_mailbox_free(struct returns_mailbox *mailbox); /* takes NULL */
/* Adds to what `nurture status` shows (plugin.h, tell): a line, and a trouble where there is one. */
void returns_mailbox_stand(const struct returns_mailbox *mailbox, json_t *lines, json_t *troubles, json_t *figures);

#endif
