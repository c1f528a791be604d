/* Asking a plugin something without letting it into our process: a child loads it, answers into a pipe and ends. For describe.c and templates.c. */
#ifndef NURTURE_CHANNEL_ASK_H
#define NURTURE_CHANNEL_ASK_H

#include "base/error.h"

#include <jansson.h>

/* Runs in the child: a new reference, or NULL with *error. */
typedef json_t *channel_answer_fn(const void *question, struct error *error);
/* What it answered, a new reference; NULL with an error, also when the child crashed or hung (path is named). Blocking, at most some ten seconds. */
json_t *channel_ask(const char *path, channel_answer_fn *fn, const void *question, struct error *error) MUST_USE;

#endif
