/* Listening sockets: bound once by the master (who may be root), inherited by every generation of web workers. */
#ifndef NURTURE_SERVER_LISTEN_H
#define NURTURE_SERVER_LISTEN_H

#include "base/error.h"

#include <stddef.h>

/* address: "127.0.0.1:8080", "[::1]:8080" or "unix:/path" (checked by config). Not blocking, close-on-exec. -1 with an error. */
int listen_open(const char *address, struct error *error) MUST_USE;
/* The address as bound: port 0 became a real one. */
void listen_name(int fd, const char *address, char *out, size_t room);

#endif
