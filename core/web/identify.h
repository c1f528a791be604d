/* The word by which a page says who reads it: made for the site's own server, told by its pages. */
#ifndef NURTURE_WEB_IDENTIFY_H
#define NURTURE_WEB_IDENTIFY_H

#include "web/context.h"

/* What a page tells as `identify` (may be NULL, may be anything): the lead that is meant, and when the word was given (real time); 0 where it is no word of
 * ours or too old. */
int64_t web_identify_read(const struct web *web, json_t *json, moment_t *said_at);

#endif
