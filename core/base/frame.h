/* A frame: one message between two processes of ours over a stream socket, a JSON object (the head) and bytes (the body).
 *
 *   4 bytes "nuF1" · 4 bytes length of the head · 4 bytes length of the body (both big-endian) · head · body
 *
 * Called by web and delivery for requests of plugins' routes. Both ends are the same program under the same user; even so lengths are checked, and what
 * is no frame ends the connection. */
#ifndef NURTURE_BASE_FRAME_H
#define NURTURE_BASE_FRAME_H

#include "base/error.h"
#include "base/str.h"

#include <jansson.h>

struct evbuffer; /* libevent's */

enum { FRAME_HEAD_MOST = 1 << 20, FRAME_BODY_MOST = 17 << 20 };

struct frame {
	json_t *head; /* an object */
	char *body;   /* malloc'd, ended by a NUL that is not counted */
	size_t length;
};

/* Takes head. -1 when it cannot be said: not UTF-8, or more than may be. Nothing is put then. */
int frame_put(struct evbuffer *out, json_t *head, struct str body) MUST_USE;
/* 1: a whole frame came, and *frame is the caller's (frame_fini); 0: not yet; -1: what comes is none. */
int frame_take(struct evbuffer *in, struct frame *frame) MUST_USE;
void frame_fini(struct frame *frame);

#endif
