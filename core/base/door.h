/* Where the process that holds a channel is asked for its plugin's routes: a unix socket at data_dir/delivery/CHANNEL.door.
 *
 * Whoever opens the channel on this machine puts a socket of its own there, by rename, so that it takes the place of the one before in one step: new requests
 * go to the newest, those that are on their way end where they began. delivery opens doors, web knocks. Paths may be longer than a socket's name can be. */
#ifndef NURTURE_BASE_DOOR_H
#define NURTURE_BASE_DOOR_H

#include "base/error.h"

/* A listening socket in the place of what was there; mode 0600, not blocking, close-on-exec. -1 with an error. */
int door_open(const char *data_dir, const char *channel, const char *owner, struct error *error) MUST_USE;
/* A connection, or one that is about to stand (not blocking), or -1 with errno: ENOENT = nobody on this machine has opened the channel; ECONNREFUSED = who did
 * is gone; EAGAIN = too many knock. */
int door_knock(const char *data_dir, const char *channel);

#endif
