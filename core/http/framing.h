/* What the header fields mean together: where the body ends, whether the connection lives on. Called by head_parse only. */
#ifndef NURTURE_HTTP_FRAMING_H
#define NURTURE_HTTP_FRAMING_H

#include "http/head.h"

/* Reads Host, Content-Length, Transfer-Encoding, Connection, Expect, and refuses what could be read in two ways. */
enum head_result framing_check(struct head *head, struct head_fault *fault);

extern const char framing_packed[]; /* what is said of a body that nobody here unpacks */

#endif
