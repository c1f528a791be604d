/* Bodies that come packed. */
#ifndef NURTURE_WEB_GZIP_H
#define NURTURE_WEB_GZIP_H

#include "base/buf.h"
#include "web/context.h"

/* The request's body as it was meant: unpacked into `room` when Content-Encoding says gzip (RFC 9110 section 8.4.1.3), else as it came;
 * valid as long as both. -1: not gzip, cut, something behind its end, or more than `most` bytes (ERROR_LIMIT): of a
 * bomb no more is ever unpacked. The caller frees room. */
int web_body(struct web_request *req, size_t most, struct buf *room, struct str *body, struct error *error) MUST_USE;
/* The same of any text. */
int web_gunzip(struct str packed, size_t most, struct buf *out, struct error *error) MUST_USE;

#endif
