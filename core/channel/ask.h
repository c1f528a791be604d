/* Asking a plugin something without letting it into our process: a child loads it, answers into a pipe and ends. For describe.c and templates.c. */
#ifndef NURTURE_CHANNEL_ASK_H
#define NURTURE_CHANNEL_ASK_H

#include "base/error.h"

#include <jansson.h>

/* Runs in the child: a new reference, or NULL with *error. It loads the plugin, calls channel_ask_plainly, and only then the plugin's functions. */
typedef json_t *channel_answer_fn(const void *question, struct error *error);
/* In the child, once the plugin's file is loaded: goes on as that user, for good. Where there is no such user (a command on a machine that never
 * serves) nothing changes. */
int channel_ask_plainly(const char *user, struct error *error) MUST_USE;
/* How long a child may take: ASK_SECONDS where a worker waits for it; ASK_START_SECONDS where a start or a command does (a busy machine is no broken plugin);
 * ASK_COMMAND_SECONDS where a person asked for work that takes its time (a key is
 * made, name servers are asked). */
enum { ASK_SECONDS = 10, ASK_START_SECONDS = 30, ASK_COMMAND_SECONDS = 120 };
/* What it answered, a new reference; NULL with an error, also when the child crashed or hung (path is named). Blocking, at most a little longer than `seconds`. */
json_t *channel_ask(const char *path, channel_answer_fn *fn, const void *question, unsigned seconds, struct error *error) MUST_USE;

#endif
